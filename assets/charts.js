/* Draws any chart from its bindings (layout.meta): columns of the frame to traces, header numbers to lines. */
(() => {
    const board = (window.chainboard = window.chainboard || {});
    const EVERY_MS = 2000;
    const at = (frame, path) => path.split('.').reduce((value, key) => (value ? value[key] : undefined), frame);
    const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

    /* Of axes and labels, in px: larger where a screen is read from further away. */
    const typeSize = () => Number(token('chart-type')) * parseFloat(getComputedStyle(document.documentElement).fontSize);

    const visible = (element) => {
        const box = element.getBoundingClientRect();
        return box.width > 0 && box.bottom > 0 && box.top < window.innerHeight && box.right > 0 && box.left < window.innerWidth;
    };

    /* Indices of the strikes a chart shows: the chosen window, else its own reach, around the ATM; all without one. */
    const span = (frame, reach) => {
        reach = board.view.strikes || reach;
        const centre = frame.strikes.indexOf(frame.atm_strike);
        return centre < 0 ? [0, frame.strikes.length] : [Math.max(0, centre - reach), centre + reach + 1];
    };

    const scaled = (values, divide) => values.map((value) => (value === null ? null : value / divide));

    function colours(meta) {
        return meta.traces.map(({colour}) => token(colour));
    }

    function lines(frame, meta) {
        const shown = meta.lines.map((line) => ({...line, value: at(frame, line.at)})).filter((line) => board.known(line.value));
        return {
            shapes: shown.map(({value, colour}) => ({
                type: 'line', x0: value, x1: value, y0: 0, y1: 1, yref: 'paper',
                line: {color: token(colour), width: Math.max(1, parseFloat(getComputedStyle(document.documentElement).fontSize) / 13), dash: 'dot'},
            })),
            // Labels stand below each other, the spot on top: levels close together stay readable.
            annotations: shown.filter(({label}) => label).reverse().map(({value, label, colour}, place) => ({
                x: value, y: 1, yref: 'paper', yanchor: place ? 'top' : 'bottom', yshift: place ? -2 - 1.27 * typeSize() * (place - 1) : 0,
                xanchor: place ? 'left' : 'center', showarrow: false,
                text: `${label} ${board.format('number', value)}`, font: {color: token(colour)},
            })),
        };
    }

    function draw(plot, frame) {
        const meta = plot.layout.meta;
        const [from, to] = span(frame, meta.reach);
        const cut = (values, byStrike) => (byStrike ? (values || []).slice(from, to) : values || []);
        const columns = meta.traces.map(({x, y, divide, points, byStrike}) =>
            points.length
                ? {x: points.map(([px]) => at(frame, px)), y: scaled(points.map(([, py]) => at(frame, py) ?? null), divide)}
                : {x: cut(at(frame, x), byStrike), y: scaled(cut(at(frame, y), byStrike), divide)}
        );
        const paint = colours(meta);
        const empty = !columns.some(({y}) => y.some(board.known));
        plot.closest('.chart').classList.toggle('is-empty', empty);
        const type = typeSize();
        const ink = {'font.color': token('muted'), 'font.size': type, 'margin.l': 4 * type, 'margin.b': 2.2 * type, 'margin.t': 1.75 * type, 'yaxis.gridcolor': token('hairline'),
            'hoverlabel.bgcolor': token('panel'), 'hoverlabel.font.color': token('ink')};
        window.Plotly.update(
            plot,
            {x: columns.map(({x}) => x), y: columns.map(({y}) => y), 'marker.color': paint, 'line.color': paint},
            {...lines(frame, meta), ...ink}
        );
    }

    /* Redraw what can be seen, at most every two seconds and always at once after a change of series or theme. */
    board.drawCharts = (frame, {now = false, within = document} = {}) => {
        if (!frame || !window.Plotly || document.hidden) return;
        for (const plot of within.querySelectorAll('.chart .js-plotly-plot')) {
            if (!plot.layout || !plot.layout.meta || !visible(plot)) continue;
            const foreign = plot.dataset.key !== frame.key;
            const due = Date.now() - Number(plot.dataset.drawn || 0) >= EVERY_MS;
            if (plot.dataset.version === String(frame.version) && !now) continue;
            if (!now && !foreign && !due) continue;
            Object.assign(plot.dataset, {key: frame.key, version: frame.version, drawn: Date.now()});
            draw(plot, frame);
        }
    };
})();
