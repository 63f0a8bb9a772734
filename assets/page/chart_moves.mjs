/* Moves what Plotly has drawn while its axes still fit: a fraction of what drawing a chart again costs.
   Bars, lines, marks and vertical lines with their labels; anything else is drawn anew. */
const STEP_PX = 0.5; // less than this is not seen
const SLACK = 0.15; // of the axis left empty: beyond that a drawing from scratch would choose another range
const BAR = /^M(-?[\d.]+),(-?[\d.]+)V-?[\d.]+H(-?[\d.]+)V/;
const DRIFT_PX = 8; // of a label: its place depends on its neighbour and the edge too
const LINE = /^M[^,]+,([^L]+)L[^,]+,(.+)$/;
const px = (value) => value.toFixed(1);

const extent = (columns) => {
    let [low, high] = [Infinity, -Infinity];
    for (const {y} of columns)
        for (const value of y) {
            if (value === null) continue;
            if (value < low) low = value;
            if (value > high) high = value;
        }
    return [low, high];
};
const far = (was, now) => was.some((value, index) => value !== null && Math.abs(value - now[index]) >= STEP_PX);
const places = (axis, values) => values.map((value) => (value === null ? null : axis.c2p(value)));

function trace(layer, {y}) {
    const points = [...layer.querySelectorAll('.points > .point')];
    const bars = layer.classList.contains('bars')
        ? [...points].map((point) => BAR.exec(point.querySelector('path').getAttribute('d') || ''))
        : null;
    const drawn = y.filter((value) => value !== null).length;
    if (bars && points.length !== y.length) return null;
    if (!bars && points.length && points.length !== drawn) return null;
    if (bars && y.some((value, index) => value !== null && !bars[index])) return null;
    return {points, bars, lines: [...layer.querySelectorAll('.lines > .js-line')]};
}

/* What stands on screen right after Plotly has drawn `shown`; null where its drawing is not as expected. */
export function remember(plot, shown) {
    const {xaxis, yaxis} = plot._fullLayout;
    const layers = [...plot.querySelectorAll('.overplot .xy :is(.barlayer, .scatterlayer) > .trace')];
    if (layers.length !== shown.columns.length) return null;
    const traces = shown.columns.map((column, index) => trace(layers[index], column));
    const marks = [...plot.querySelectorAll('.layer-above .shapelayer path')];
    const labels = [...plot.querySelectorAll('.infolayer .annotation')];
    if (traces.includes(null) || marks.length !== shown.marks.length) return null;
    return {
        shown,
        traces,
        marks,
        labels,
        width: xaxis._length,
        height: yaxis._length,
        extent: extent(shown.columns),
        pixels: shown.columns.map(({x, y}) => ({x: places(xaxis, x), y: places(yaxis, y)})),
        markPixels: shown.marks.map(({value}) => xaxis.c2p(value)),
        labelsFrom: shown.marks.map(({value}) => value),
    };
}

/* Whether the axes, the points that exist and the lines that stand are those of the drawing. */
function fits({shown: was, width, height, extent: [low, high]}, shown, {xaxis, yaxis}) {
    if (width !== xaxis._length || height !== yaxis._length) return false;
    if (
        was.columns.some(({x, y}, index) => {
            const now = shown.columns[index];
            return (
                y.length !== now.y.length ||
                y.some((value, place) => (value === null) !== (now.y[place] === null)) ||
                (!now.free && x.some((value, place) => value !== now.x[place]))
            );
        })
    )
        return false;
    if (
        was.marks.length !== shown.marks.length ||
        was.marks.some(({label, text}, index) => {
            const now = shown.marks[index];
            return label !== now.label || text.length !== now.text.length;
        })
    )
        return false;
    const [lowNow, highNow] = extent(shown.columns);
    const [bottom, top] = yaxis.range;
    const slack = SLACK * (top - bottom);
    if (highNow < lowNow) return high < low; // nothing to draw, as before
    return lowNow >= bottom && highNow <= top && Math.abs(lowNow - low) <= slack && Math.abs(highNow - high) <= slack;
}

const path = ({x, y}) => {
    const step = (value, index) => {
        const pen = index && y[index - 1] !== null ? 'L' : 'M';
        return value === null ? '' : `${pen}${px(x[index])},${px(value)}`;
    };
    return y.map(step).join('');
};

function moveTrace({points, bars, lines}, was, now) {
    if (bars) {
        bars.forEach((box, index) => {
            if (!box || now.y[index] === null || Math.abs(now.y[index] - was.y[index]) < STEP_PX) return;
            const [, left, base, right] = box;
            points[index]
                .querySelector('path')
                .setAttribute('d', `M${left},${base}V${px(now.y[index])}H${right}V${base}Z`);
            was.y[index] = now.y[index];
        });
        return;
    }
    if (!far(was.y, now.y) && !far(was.x, now.x)) return;
    for (const [index, line] of lines.entries()) line.setAttribute('d', index ? '' : path(now));
    let place = 0;
    now.y.forEach((value, index) => {
        if (value !== null && points.length)
            points[place++].setAttribute('transform', `translate(${px(now.x[index])},${px(value)})`);
    });
    Object.assign(was, now);
}

function moveMarks(memory, marks, xaxis) {
    marks.forEach(({value}, index) => {
        const now = xaxis.c2p(value);
        if (Math.abs(now - memory.markPixels[index]) < STEP_PX) return;
        memory.markPixels[index] = now;
        const found = LINE.exec(memory.marks[index].getAttribute('d'));
        const at = px(xaxis._offset + now);
        if (found) memory.marks[index].setAttribute('d', `M${at},${found[1]}L${at},${found[2]}`);
    });
    const labelled = marks
        .map((mark, index) => ({...mark, from: memory.labelsFrom[index], now: memory.markPixels[index]}))
        .filter(({label}) => label);
    labelled.forEach(({text, from, now}, index) => {
        const note = memory.labels[index];
        const words = note?.querySelector('text');
        if (!words) return;
        if (words.textContent !== text) words.firstChild.data = text;
        const shift = `translate(${px(now - xaxis.c2p(from))},0)`;
        if (note.getAttribute('transform') !== shift) note.setAttribute('transform', shift);
    });
}

/* True: the drawing shows `shown`. False: it has to be drawn anew. */
export function move(plot, memory, shown) {
    const full = plot._fullLayout;
    if (!memory || !full || !fits(memory, shown, full)) return false;
    const {xaxis, yaxis} = full;
    const drift = shown.marks.map(({value}, index) => Math.abs(xaxis.c2p(value) - xaxis.c2p(memory.labelsFrom[index])));
    if (drift.some((distance) => distance > DRIFT_PX)) return false;
    for (const [index, {x, y}] of shown.columns.entries())
        moveTrace(memory.traces[index], memory.pixels[index], {x: places(xaxis, x), y: places(yaxis, y)});
    moveMarks(memory, shown.marks, xaxis);
    return true;
}
