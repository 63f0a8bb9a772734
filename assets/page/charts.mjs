/* Draws any chart from its bindings (layout.meta), in whole or by moving what Plotly has drawn. */
import {contents, figureOf, hasNumbers} from '../lib/chart.mjs';
import {known} from '../lib/format.mjs';
import {move, remember} from './chart_moves.mjs';
import {fontSize} from './dom.mjs';

const drawn = new WeakMap(); // plot -> {frame, strikes, shown, memory of what can be moved, ours: whether Plotly draws for us}
const PLOT = '.js-plotly-plot';

const isVisible = (plot) => {
    const box = plot.getBoundingClientRect();
    return (
        box.width > 0 && box.bottom > 0 && box.top < window.innerHeight && box.right > 0 && box.left < window.innerWidth
    );
};
const contentsOf = (plot, frame, strikes) => {
    const {meta} = plot.layout;
    return contents(meta, frame, strikes || meta.reach * (plot.closest('.chart.is-max') ? 2 : 1));
};

/* The type and the colours of the page, as `figureOf` takes them, each read once: after a change of the page a reading costs. */
function pageLook() {
    const style = getComputedStyle(document.documentElement);
    const tokens = new Map();
    const token = (name) => {
        if (!tokens.has(name)) tokens.set(name, style.getPropertyValue(`--${name}`).trim());
        return tokens.get(name);
    };
    return {rem: fontSize(), token};
}

/* The figure of what a chart shows, at a width and in the type and colours of the page. */
export const chartFigure = (plot, shown, width) => figureOf(plot, shown, width, pageLook());

/* room: {width, look} of the plot where they are known; reading them lays out what was written before. */
function drawWhole(plot, frame, strikes, shown, {width, look} = {width: plot.clientWidth, look: pageLook()}) {
    if (!drawn.has(plot)) plot.on('plotly_afterplot', () => drawnByItself(plot));
    const state = {frame, strikes, shown, memory: null, ours: true};
    drawn.set(plot, state);
    const {data, layout} = figureOf(plot, shown, width, look);
    window.Plotly.react(plot, data, layout).then(() => {
        state.ours = false;
    });
    state.memory = remember(plot, shown);
}

/* Plotly drew for a reason of its own (another size): from the numbers of our last whole drawing, perhaps old ones. */
function drawnByItself(plot) {
    const state = drawn.get(plot);
    if (!state || state.ours) return;
    state.ours = true; // once
    queueMicrotask(() => {
        const {frame, strikes} = state;
        if (drawn.get(plot) === state) drawWhole(plot, frame, strikes, contentsOf(plot, frame, strikes));
    });
}

function draw(plot, room, frame, strikes, whole) {
    const chart = plot.closest('.chart');
    if (!hasNumbers(plot.layout.meta, frame)) {
        wait(chart, plot); // they are on their way
        return;
    }
    const shown = contentsOf(plot, frame, strikes);
    chart.classList.toggle('is-empty', !shown.columns.some(({y}) => y.some(known)));
    chart.classList.remove('is-waiting');
    const state = drawn.get(plot);
    Object.assign(plot.dataset, {key: frame.key, version: frame.version});
    // Under the pointer the hover label has to follow, and it reads what Plotly itself has drawn.
    if (whole || !state?.memory || plot.matches(':hover') || !move(plot, state.memory, shown))
        drawWhole(plot, frame, strikes, shown, room);
    else Object.assign(state, {frame, shown, moved: true});
}

/* All charts in sight show this frame. now: drawn from scratch, after a change of view or theme. strikes: how many each side
   of the ATM strike, 0 for each chart's own reach. */
export function drawCharts(frame, {now = false, within = document, strikes = 0} = {}) {
    if (!frame || !window.Plotly || document.hidden) return;
    const isOld = ({dataset}) => now || dataset.key !== frame.key || dataset.version !== String(frame.version);
    // Where they are is read before the first is drawn: in between, each reading would lay the whole page out.
    const plots = [...within.querySelectorAll(`.chart:not([hidden]) ${PLOT}`)]
        .filter((plot) => plot.layout?.meta && isOld(plot) && isVisible(plot))
        .map((plot) => ({plot, width: plot.clientWidth}));
    const look = plots.length ? pageLook() : null;
    for (const {plot, width} of plots) draw(plot, {width, look}, frame, strikes, now || plot.dataset.key !== frame.key);
}

/* Nothing of another series may be seen. */
export function emptyCharts() {
    for (const chart of document.querySelectorAll('.chart')) {
        wait(chart, chart.querySelector(PLOT));
    }
}
function wait(chart, plot) {
    chart.classList.add('is-waiting');
    if (plot) for (const name of ['key', 'version']) delete plot.dataset[name];
}

/* What a chart shows, null while it shows nothing. */
export const chartShown = (plot) => (plot?.dataset.key && drawn.get(plot)?.shown) || null;

/* What a chart shows at this moment: its words, and per trace the points, in the unit of the chart. */
export function chartPoints(key) {
    const plot = document.querySelector(`#chart-${key} ${PLOT}`);
    const shown = chartShown(plot);
    if (!shown) return null;
    const {title, unit, across} = plot.layout.meta;
    const {version, key: series} = drawn.get(plot).frame;
    const traces = plot.data.map(({name}, index) => ({name, x: shown.columns[index].x, y: shown.columns[index].y}));
    return {title, unit, across, version, series, marks: shown.marks, traces};
}

export function start() {
    document.addEventListener('pointerover', ({target}) => {
        const plot = target.closest?.(PLOT);
        const state = plot && drawn.get(plot);
        if (state?.moved) drawWhole(plot, state.frame, state.strikes, state.shown);
    });
}
