/* What a chart shows of a frame, and the figure that Plotly draws of it: bindings (layout.meta) to points, lines and axes. */
import {decimals, format, known} from './format.mjs';
import {at} from './frame.mjs';

/* Indices of the strikes a chart shows: so many around the ATM strike; all without one. */
const span = ({strikes, atm_strike}, reach) => {
    const centre = strikes.indexOf(atm_strike);
    return centre < 0
        ? [0, strikes.length]
        : [Math.max(0, centre - reach), Math.min(strikes.length, centre + reach + 1)];
};
const scaled = (values, divide) => values.map((value) => (known(value) ? value / divide : null));

/* Whether a frame has the columns that a chart draws. */
export const hasNumbers = ({traces}, frame) =>
    traces.every(({y, points}) => points.length > 0 || at(frame, y) !== undefined);

/* What a chart shows of a frame: {strikes, columns: [{x, y, free}], marks: [{value, label, text, colour}]}.
   reach: strikes each side of the ATM strike. */
export function contents(meta, frame, reach) {
    const [from, to] = span(frame, reach);
    const strikes = frame.strikes.slice(from, to);
    const [first, last] = [strikes[0], strikes[strikes.length - 1]];
    const isInside = (strike) => known(strike) && strike >= first && strike <= last;
    const columns = meta.traces.map(({x, y, divide, points, byStrike}) => {
        if (points.length) {
            // A mark outside the strikes on screen would float beside the curve.
            const shown = points
                .map(([px, py]) => [at(frame, px), at(frame, py)])
                .filter(([strike]) => isInside(strike));
            return {
                x: shown.map(([strike]) => strike),
                y: scaled(
                    shown.map(([, value]) => value),
                    divide,
                ),
                free: true,
            };
        }
        const cut = (values) => (byStrike ? (values || []).slice(from, to) : values || []);
        return {x: cut(at(frame, x)), y: scaled(cut(at(frame, y)), divide), free: !byStrike};
    });
    const marks = meta.lines
        .map((line) => ({...line, value: at(frame, line.at)}))
        .filter(({value}) => isInside(value))
        .map((mark) => ({...mark, text: mark.label ? `${mark.label} ${decimals(mark.digits)(mark.value)}` : ''}));
    return {strikes, columns, marks};
}

/* An axis by the chart's own places, at equal ratios: as many of its ticks as there is room for. */
function ownAxis({meta, xaxis}, {columns}, room_px, digit_px) {
    const values = columns.flatMap(({x, y}) => x.filter((value, index) => value > 0 && known(y[index])));
    if (!values.length) return {...xaxis, autorange: false, range: [0, 3], tickvals: [], ticktext: []};
    const range = [Math.log10(Math.min(...values)) - 0.06, Math.log10(Math.max(...values)) + 0.06];
    const place = (value) => ((Math.log10(value) - range[0]) / (range[1] - range[0])) * room_px;
    let taken = -Infinity;
    const ticks = meta.ticks.filter(([value, text]) => {
        const half = (text.length * digit_px) / 2;
        if (place(value) - half < 0 || place(value) > room_px || place(value) - half < taken) return false;
        taken = place(value) + half + 1.5 * digit_px;
        return true;
    });
    const [tickvals, ticktext] = [ticks.map(([value]) => value), ticks.map(([, text]) => text)];
    return {...xaxis, autorange: false, range, tickvals, ticktext};
}

/* An axis by strike: ticks at listed strikes, as many as there is room for. */
function strikeAxis(xaxis, strikes, room_px, digit_px) {
    const steps = strikes.slice(1).map((strike, index) => strike - strikes[index]);
    const step = steps.length ? Math.min(...steps) : 1;
    const [first, last] = [strikes[0] - 0.7 * step, strikes[strikes.length - 1] + 0.7 * step];
    const texts = strikes.map((strike) => format('strike_plain', strike));
    const width = (Math.max(...texts.map((text) => text.length)) + 1.5) * digit_px;
    const every = [1, 2, 4, 5, 10, 20, 40, 50, 100, 200, 500]
        .map((times) => times * step)
        .find((wide) => (wide / (last - first)) * room_px >= width);
    const isClear = (strike) => ((strike - first) / (last - first)) * room_px > 0.4 * width; // of the y axis' lowest number
    const isTick = (strike) => Math.abs(strike / every - Math.round(strike / every)) < 1e-6;
    const tickvals = strikes.filter((strike) => isClear(strike) && isTick(strike));
    const ticktext = tickvals.map((strike) => format('strike_plain', strike));
    return {...xaxis, autorange: false, range: [first, last], tickvals, ticktext};
}

/* Labels stand above the plot, each over its line, or beside the other where both would overlap; none over what is drawn. */
function annotations(marks, token, range, room_px, digit_px) {
    const labels = marks
        .filter(({label}) => label)
        .map((mark) => {
            const width = (mark.text.length + 1) * digit_px;
            return {...mark, width, from: ((mark.value - range[0]) / (range[1] - range[0])) * room_px - width / 2};
        });
    const [one, other] = [...labels].sort((a, b) => a.from - b.from);
    const overlap = other ? one.from + one.width - other.from : 0;
    if (overlap > 0) {
        one.from -= overlap / 2;
        other.from += overlap / 2;
        const beyond = Math.max(0, other.from + other.width - room_px) + Math.min(0, one.from);
        for (const label of [one, other]) label.from -= beyond;
    }
    const inside = (centre, width) =>
        Math.min(Math.max(centre, width / 2 - 2 * digit_px), room_px - width / 2 + 2 * digit_px);
    return labels.map(({from, width, text, colour}) => ({
        x: inside(from + width / 2, width) / room_px,
        xref: 'paper',
        xanchor: 'center',
        y: 1,
        yref: 'paper',
        yanchor: 'bottom',
        showarrow: false,
        text,
        font: {color: token(colour)},
    }));
}

/* How far the pointer reaches, in px: half a strike, so that a mark shows at its own strikes only. */
const nearest = ({meta}, {strikes}, range, room_px) => {
    if (meta.ticks.length) return 20;
    const step = (room_px * (strikes[strikes.length - 1] - strikes[0])) / (strikes.length - 1) / (range[1] - range[0]);
    return step > 0 ? Math.max(4, Math.ceil(step / 2) + 1) : 20;
};

/* The figure of what a chart shows, at a width: what Plotly draws on screen and into a PNG.
   look: {rem, token} of the page: its type in px, and the value of a token of the stylesheet. */
export function figureOf({data, layout}, shown, width, {rem, token}) {
    const {meta} = layout;
    const size = (Number(token('chart-type')) || 0.85) * rem; // larger where a screen is read from further away
    const margin = {l: 4.2 * size, r: 0.9 * rem, t: 1.75 * size, b: 2.2 * size};
    const [room, digit] = [width - margin.l - margin.r, 0.64 * size];
    const xaxis = meta.ticks.length
        ? ownAxis(layout, shown, room, digit)
        : strikeAxis(layout.xaxis, shown.strikes, room, digit);
    const traces = data.map((trace, index) => {
        const {colour, width: line, size: mark} = meta.traces[index];
        const [color, scale] = [token(colour), rem / 13];
        const {x, y} = shown.columns[index];
        if (trace.type === 'bar') return {...trace, x, y, marker: {...trace.marker, color}};
        return {
            ...trace,
            x,
            y,
            marker: {...trace.marker, color, size: mark * scale},
            line: {...trace.line, color, ...(line ? {width: line * scale} : {})},
        };
    });
    const shapes = shown.marks.map(({value, colour}) => ({
        type: 'line',
        x0: value,
        x1: value,
        y0: 0,
        y1: 1,
        yref: 'paper',
        line: {color: token(colour), width: Math.max(1, rem / 13), dash: 'dot'},
    }));
    return {
        data: traces,
        layout: {
            ...layout,
            margin,
            xaxis,
            shapes,
            hoverdistance: nearest(layout, shown, xaxis.range, room),
            annotations: annotations(shown.marks, token, xaxis.range, room, digit),
            font: {...layout.font, size, color: token('muted')},
            yaxis: {...layout.yaxis, autorange: true, gridcolor: token('hairline')},
            hoverlabel: {bgcolor: token('panel'), bordercolor: token('hairline'), font: {color: token('ink'), size}},
        },
    };
}
