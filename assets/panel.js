/* The chart column: its width, folding it away, one chart large, and a chart as a picture. Kept per browser. */
(() => {
    const board = (window.chainboard = window.chainboard || {});
    const KEPT = {width: 'chainboard-charts-width', folded: 'chainboard-charts-folded'};
    const [LEAST, MOST, STEP] = [15, 75, 2]; // % of the page
    const element = (id) => document.getElementById(id);
    const page = () => document.querySelector('.board');

    /* Everything that depends on the room: the chain's columns, each chart's size. */
    function settle() {
        window.dispatchEvent(new Event('resize')); // Plotly follows it
        if (board.grid()) board.refit(board.grid(), {fresh: true});
        board.drawCharts(board.shownFrame && board.shownFrame(), {now: true});
    }

    /* --- width and folding ---------------------------------------------------------------------------------- */
    const width = () => 100 * (element('charts').getBoundingClientRect().width / page().getBoundingClientRect().width);
    function setWidth(percent) {
        const kept = percent === null ? null : Math.min(MOST, Math.max(LEAST, percent));
        if (kept === null) {
            page().style.removeProperty('--charts-width');
            window.localStorage.removeItem(KEPT.width);
        } else {
            page().style.setProperty('--charts-width', `${kept.toFixed(1)}%`);
            window.localStorage.setItem(KEPT.width, kept.toFixed(1));
        }
        describe();
    }
    function describe() {
        const handle = element('charts-handle');
        const values = {min: LEAST, max: MOST, now: Math.round(width())};
        for (const name in values) handle.setAttribute(`aria-value${name}`, values[name]);
    }
    function fold(folded) {
        page().dataset.folded = folded ? 'yes' : '';
        window.localStorage.setItem(KEPT.folded, folded ? 'yes' : '');
        const button = element('charts-fold');
        const words = folded ? 'Show the charts' : 'Fold the charts away';
        button.textContent = folded ? '‹' : '›';
        button.title = words;
        button.setAttribute('aria-label', words);
        button.setAttribute('aria-expanded', String(!folded));
        settle();
    }

    let dragging = false;
    document.addEventListener('pointerdown', (event) => {
        if (event.target.id !== 'charts-handle' || event.button) return;
        dragging = true;
        event.target.setPointerCapture(event.pointerId);
        event.preventDefault();
        event.target.focus();
    });
    document.addEventListener('pointermove', (event) => {
        if (!dragging) return;
        const box = page().getBoundingClientRect();
        setWidth((100 * (box.right - event.clientX)) / box.width);
    });
    for (const end of ['pointerup', 'pointercancel'])
        document.addEventListener(end, () => {
            if (dragging) settle();
            dragging = false;
        });
    document.addEventListener('dblclick', (event) => {
        if (event.target.id === 'charts-handle') setWidth(null), settle();
    });

    /* --- one chart large ------------------------------------------------------------------------------------ */
    function maximise(key) {
        const now = document.querySelector('.chart.is-max');
        const next =
            key && (!now || now.dataset.key !== key)
                ? document.querySelector(`.charts .chart[data-key="${key}"]`)
                : null;
        for (const chart of [now, next].filter(Boolean)) {
            chart.classList.toggle('is-max', chart === next);
            chart.querySelector('[data-maximise]').setAttribute('aria-pressed', String(chart === next));
        }
        if (now || next) settle();
    }

    document.addEventListener('keydown', (event) => {
        if (
            event.key === 'Escape' &&
            document.querySelector('.chart.is-max') &&
            !document.querySelector('details[open]')
        )
            maximise(null);
        if (event.target.id !== 'charts-handle') return;
        const wider = {ArrowLeft: STEP, ArrowRight: -STEP}[event.key];
        if (wider) setWidth(width() + wider);
        else if (event.key === 'Home') setWidth(null);
        else return;
        event.preventDefault();
        settle();
    });

    /* --- a picture that says what it is ----------------------------------------------------------------------- */
    /* Title, unit, legend, moment, and whether it is a demo or a recording: all that the page says around the chart. */
    board.chartPicture = (key) => {
        const plot = document.querySelector(`#chart-${key} .js-plotly-plot`);
        const [frame, shown] = [board.shownFrame(), plot && board.chartShown(plot)];
        if (!frame || !shown || !plot.dataset.key) return null;
        const box = plot.getBoundingClientRect();
        const [width, height] = [Math.max(640, Math.round(box.width)), Math.max(400, Math.round(box.height) + 70)];
        const {data, layout} = board.chartFigure(plot, shown, width);
        const style = getComputedStyle(document.body);
        const token = (name) => style.getPropertyValue(`--${name}`).trim();
        const past = board.replayed();
        const made = past === null ? board.clock.moment(frame.as_of_ts) : `REPLAY of ${board.clock.moment(past)}`;
        const marks = [
            board.isDemo() && past === null ? 'DEMO, not a market' : '',
            document.body.dataset.state === 'live' ? '' : document.body.dataset.state.replace('_', ' ').toUpperCase(),
        ];
        const {title, unit, across} = layout.meta;
        const heading = `<b>${frame.exchange} ${frame.underlying} ${board.clock.date(frame.expiry_ts)} · ${title}</b>, ${unit}`;
        const under = [made, ...marks.filter((mark) => mark && !made.startsWith(mark)), 'Chainboard'].join(' · ');
        const small = 0.9 * layout.font.size;
        Object.assign(layout, {
            width,
            height,
            paper_bgcolor: style.backgroundColor,
            plot_bgcolor: style.backgroundColor,
            font: {...layout.font, family: style.fontFamily, color: token('ink')},
            title: {
                text: `${heading}<br><span style="font-size:${small.toFixed(1)}px">${under}</span>`,
                x: 0,
                xref: 'container',
                xanchor: 'left',
                pad: {l: 14},
                y: 0.94,
                yref: 'container',
                yanchor: 'top',
                font: {size: 1.2 * layout.font.size},
            },
            showlegend: true,
            legend: {orientation: 'h', x: 1, xanchor: 'right', y: -0.12, yanchor: 'top'},
            margin: {...layout.margin, t: 82, b: 62},
            xaxis: {...layout.xaxis, title: {text: across, standoff: 4}},
        });
        return {data, layout, width, height, name: `${frame.key.replace('|', '_').replace(':', '-')}_${key}.png`};
    };
    async function savePng(key) {
        const picture = board.chartPicture(key);
        if (!picture) return;
        const {data, layout, width, height, name} = picture;
        const href = await window.Plotly.toImage({data, layout}, {format: 'png', scale: 2, width, height});
        Object.assign(document.createElement('a'), {href, download: name}).click();
    }

    document.addEventListener('click', (event) => {
        const button = event.target.closest('button');
        if (!button) return;
        if (button.id === 'charts-fold') fold(page().dataset.folded !== 'yes');
        if (button.dataset.png) savePng(button.dataset.png);
        if (button.dataset.maximise) maximise(button.dataset.maximise);
    });

    /* Once the page stands: as this browser left it. */
    board.openPanel = () => {
        const kept = parseFloat(window.localStorage.getItem(KEPT.width));
        if (kept) setWidth(kept);
        if (window.localStorage.getItem(KEPT.folded)) fold(true);
        describe();
    };
})();
