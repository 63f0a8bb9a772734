/* Draws any chart from its bindings (layout.meta): columns of the frame to traces, header numbers to lines. */
(() => {
    const board = (window.chainboard = window.chainboard || {});
    const at = (frame, path) => path.split('.').reduce((value, key) => (value ? value[key] : undefined), frame);
    const drawn = new WeakMap(); // plot -> {frame, shown, memory of what can be moved, ours: whether Plotly draws for us}

    const visible = (element) => {
        const box = element.getBoundingClientRect();
        return (
            box.width > 0 &&
            box.bottom > 0 &&
            box.top < window.innerHeight &&
            box.right > 0 &&
            box.left < window.innerWidth
        );
    };

    /* Indices of the strikes a chart shows: the chosen window, else its own reach, around the ATM; all without one. */
    const span = (frame, reach) => {
        reach = board.view.strikes || reach;
        const centre = frame.strikes.indexOf(frame.atm_strike);
        return centre < 0
            ? [0, frame.strikes.length]
            : [Math.max(0, centre - reach), Math.min(frame.strikes.length, centre + reach + 1)];
    };
    const scaled = (values, divide) => values.map((value) => (board.known(value) ? value / divide : null));

    const writers = {}; // a formatter is dear to make
    const written = ({value, digits}) => (writers[digits] ||= board.decimals(digits))(value);

    /* What a chart shows of a frame: {strikes, columns: [{x, y, free}], marks: [{value, label, text, colour}]}. */
    function contents(plot, frame) {
        const meta = plot.layout.meta;
        const [from, to] = span(frame, meta.reach * (plot.closest('.chart.is-max') ? 2 : 1));
        const strikes = frame.strikes.slice(from, to);
        const [first, last] = [strikes[0], strikes[strikes.length - 1]];
        const inside = (strike) => board.known(strike) && strike >= first && strike <= last;
        const columns = meta.traces.map(({x, y, divide, points, byStrike}) => {
            if (points.length) {
                // A mark outside the strikes on screen would float beside the curve.
                const shown = points
                    .map(([px, py]) => [at(frame, px), at(frame, py)])
                    .filter(([strike]) => inside(strike));
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
            .filter(({value}) => inside(value))
            .map((mark) => ({...mark, text: mark.label ? `${mark.label} ${written(mark)}` : ''}));
        return {strikes, columns, marks};
    }

    /* --- a whole drawing ---------------------------------------------------------------------------------- */
    const look = () => {
        const style = getComputedStyle(document.documentElement);
        return {rem: parseFloat(style.fontSize), token: (name) => style.getPropertyValue(`--${name}`).trim()};
    };

    /* The x axis: its range, and as many ticks as there is room for, at listed strikes or at the chart's own places. */
    function xAxis({meta, xaxis}, {strikes, columns}, room_px, digit_px) {
        if (meta.ticks.length) {
            const values = columns.flatMap(({x, y}) => x.filter((value, index) => value > 0 && board.known(y[index])));
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
            return {
                ...xaxis,
                autorange: false,
                range,
                tickvals: ticks.map(([value]) => value),
                ticktext: ticks.map(([, text]) => text),
            };
        }
        const steps = strikes.slice(1).map((strike, index) => strike - strikes[index]);
        const step = steps.length ? Math.min(...steps) : 1;
        const [first, last] = [strikes[0] - 0.7 * step, strikes[strikes.length - 1] + 0.7 * step];
        const texts = strikes.map((strike) => board.format('strike_plain', strike));
        const width = (Math.max(...texts.map((text) => text.length)) + 1.5) * digit_px;
        const every = [1, 2, 4, 5, 10, 20, 40, 50, 100, 200, 500]
            .map((times) => times * step)
            .find((wide) => (wide / (last - first)) * room_px >= width);
        const clear = (strike) => ((strike - first) / (last - first)) * room_px > 0.4 * width; // of the y axis' lowest number
        const ticks = strikes.filter(
            (strike) => clear(strike) && Math.abs(strike / every - Math.round(strike / every)) < 1e-6,
        );
        return {
            ...xaxis,
            autorange: false,
            range: [first, last],
            tickvals: ticks,
            ticktext: ticks.map((strike) => board.format('strike_plain', strike)),
        };
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
        return labels.map(({from, width, text, colour}) => ({
            x:
                Math.min(Math.max(from + width / 2, width / 2 - 2 * digit_px), room_px - width / 2 + 2 * digit_px) /
                room_px,
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
        const step =
            (room_px * (strikes[strikes.length - 1] - strikes[0])) / (strikes.length - 1) / (range[1] - range[0]);
        return step > 0 ? Math.max(4, Math.ceil(step / 2) + 1) : 20;
    };

    /* The figure of what a chart shows, at a width: what Plotly draws on screen and into a PNG. */
    board.chartFigure = (plot, shown, width) => {
        const {rem, token} = look();
        const {meta} = plot.layout;
        const size = (Number(token('chart-type')) || 0.85) * rem; // larger where a screen is read from further away
        const margin = {l: 4.2 * size, r: 0.9 * rem, t: 1.75 * size, b: 2.2 * size};
        const [room, digit] = [width - margin.l - margin.r, 0.64 * size];
        const xaxis = xAxis(plot.layout, shown, room, digit);
        const data = plot.data.map((trace, index) => {
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
        const layout = {
            ...plot.layout,
            margin,
            xaxis,
            shapes,
            hoverdistance: nearest(plot.layout, shown, xaxis.range, room),
            annotations: annotations(shown.marks, token, xaxis.range, room, digit),
            font: {...plot.layout.font, size, color: token('muted')},
            yaxis: {...plot.layout.yaxis, autorange: true, gridcolor: token('hairline')},
            hoverlabel: {bgcolor: token('panel'), bordercolor: token('hairline'), font: {color: token('ink'), size}},
        };
        return {data, layout};
    };

    function drawWhole(plot, frame, shown) {
        if (!drawn.has(plot)) plot.on('plotly_afterplot', () => drawnByItself(plot));
        const state = {frame, shown, memory: null, ours: true};
        drawn.set(plot, state);
        const {data, layout} = board.chartFigure(plot, shown, plot.clientWidth);
        window.Plotly.react(plot, data, layout).then(() => (state.ours = false));
        state.memory = board.chartMoves.remember(plot, shown);
    }

    /* Plotly drew for a reason of its own (another size): from the numbers of our last whole drawing, perhaps old ones. */
    function drawnByItself(plot) {
        const state = drawn.get(plot);
        if (!state || state.ours) return;
        state.ours = true; // once
        queueMicrotask(() => drawn.get(plot) === state && drawWhole(plot, state.frame, contents(plot, state.frame)));
    }

    function draw(plot, frame, whole) {
        const shown = contents(plot, frame);
        const chart = plot.closest('.chart');
        chart.classList.toggle('is-empty', !shown.columns.some(({y}) => y.some(board.known)));
        chart.classList.remove('is-waiting');
        const state = drawn.get(plot);
        Object.assign(plot.dataset, {key: frame.key, version: frame.version});
        // Under the pointer the hover label has to follow, and it reads what Plotly itself has drawn.
        if (
            whole ||
            !state ||
            !state.memory ||
            plot.matches(':hover') ||
            !board.chartMoves.move(plot, state.memory, shown)
        )
            drawWhole(plot, frame, shown);
        else Object.assign(state, {frame, shown, moved: true});
    }

    /* --- for the page ------------------------------------------------------------------------------------- */
    /* All charts in sight show this frame. now: drawn from scratch, after a change of view or theme. */
    board.drawCharts = (frame, {now = false, within = document} = {}) => {
        if (!frame || !window.Plotly || document.hidden) return;
        for (const plot of within.querySelectorAll('.chart .js-plotly-plot')) {
            if (!plot.layout || !plot.layout.meta || !visible(plot)) continue;
            const same = plot.dataset.key === frame.key && plot.dataset.version === String(frame.version);
            if (now || !same) draw(plot, frame, now || plot.dataset.key !== frame.key);
        }
    };

    /* Nothing of another series may be seen. */
    board.emptyCharts = () => {
        for (const chart of document.querySelectorAll('.chart')) {
            chart.classList.add('is-waiting');
            const plot = chart.querySelector('.js-plotly-plot');
            if (plot) for (const name of ['key', 'version']) delete plot.dataset[name];
        }
    };

    /* What a chart shows at this moment: its words, and per trace the points, in the unit of the chart. */
    board.chartPoints = (key) => {
        const plot = document.querySelector(`#chart-${key} .js-plotly-plot`);
        const state = plot && drawn.get(plot);
        if (!state || !plot.dataset.key) return null;
        const {title, unit, across} = plot.layout.meta;
        const traces = plot.data.map(({name}, index) => ({
            name,
            x: state.shown.columns[index].x,
            y: state.shown.columns[index].y,
        }));
        return {
            title,
            unit,
            across,
            version: state.frame.version,
            series: state.frame.key,
            marks: state.shown.marks,
            traces,
        };
    };
    board.chartShown = (plot) => drawn.get(plot)?.shown;

    document.addEventListener('pointerover', ({target}) => {
        const plot = target.closest && target.closest('.js-plotly-plot');
        const state = plot && drawn.get(plot);
        if (state && state.moved) drawWhole(plot, state.frame, state.shown);
    });
})();
