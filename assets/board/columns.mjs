/* The columns of the table as the view says: which, in which order, how wide. */
import {columnStates, draggedOrder, hasColumns, isChartShown, shownFields} from '../lib/columns.mjs';
import {sideAndField} from '../lib/frame.mjs';
import {element} from '../page/dom.mjs';
import {redraw} from './figures.mjs';
import {grid} from './grid.mjs';
import {keepHintsFresh} from './hints.mjs';
import {shownFrame} from './shown.mjs';
import {centreColumns, keepInSight} from './sight.mjs';
import {choices, choose, view} from './view.mjs';
import {fitWidths, keepOwnWidths} from './widths.mjs';

const OVERDUE_MS = 1000;
export const wanted = () => shownFields(view, choices(), window.innerWidth);
export const chartShown = (key) => isChartShown(key, view, choices(), window.innerWidth);

const prepared = new WeakSet();
/* Once per table, when what can be chosen is known. */
export function prepareColumns(api) {
    if (prepared.has(api) || !choices()) return;
    prepared.add(api);
    api.addEventListener('columnMoved', ({finished, source, column}) => {
        if (finished && source === 'uiColumnMoved') takeOrder(api, column);
    });
    keepInSight(api);
    keepOwnWidths(api);
    keepHintsFresh(api);
    fit({fresh: true, centred: true});
}

function arrange(api) {
    const state = columnStates(wanted(), choices());
    const now = api.getColumnState();
    const isSame = state.every(
        ({colId, hide}, place) => now[place].colId === colId && Boolean(now[place].hide) === hide,
    );
    if (!isSame) api.applyColumnState({state, applyOrder: true});
}

/* The order a viewer dragged one side into is the order of both. A group dragged as a whole goes back. */
function takeOrder(api, moved) {
    const [side] = moved ? sideAndField(moved.getColId()) : [''];
    if (side) {
        const ids = api.getAllDisplayedColumns().map((column) => column.getColId());
        const columns = draggedOrder(ids, side, wanted(), choices());
        if (columns.join() !== wanted().join()) choose({columns});
    }
    fit();
}

const chartsInView = () => {
    const isFolded = document.querySelector('.board')?.dataset.folded === 'yes';
    return isFolded ? [] : choices().charts.filter(chartShown);
};

/* The plots come once, after the first numbers have been painted: they bring Plotly, which keeps a page busy for a second. */
let arePlotsWanted = false;
export function wantPlots() {
    if (arePlotsWanted || !choices() || !chartsInView().length) return;
    arePlotsWanted = true;
    requestAnimationFrame(() => setTimeout(() => window.dash_clientside.set_props('charts-wanted', {data: 1})));
    const drawing = setInterval(() => {
        redraw(); // with the numbers that are there
        if (document.querySelector('.chart .js-plotly-plot[data-version]')) clearInterval(drawing);
    }, 100);
}

/* What the page shows is known to the server, which sends nothing else. */
let announced = '';
export function announce() {
    const data = {columns: wanted().join(), charts: chartsInView().join(), strikes: view.strikes};
    const said = JSON.stringify(data);
    if (said === announced) return;
    announced = said;
    window.dash_clientside.set_props('view', {data});
}

/* Table, menus and buttons as the view says. fresh: widths from scratch. centred: with the strike in the middle where not all
   columns fit. Columns whose numbers are on their way come with them: until then the others stay. */
export function fit({fresh = false, centred = false} = {}) {
    if (!choices()) return;
    announce();
    waiting.centred ||= centred;
    const api = grid();
    if (api) {
        const isTime = hasWanted(shownFrame());
        if (isTime) arrange(api);
        fitWidths(api, {fresh});
        if (isTime && waiting.centred) centreColumns();
        if (isTime) waiting.centred = false;
    }
    showChoices(wanted());
}

/* Whether a frame has the numbers of the columns that this viewer wants, or they are overdue: then it is shown without them. */
const waiting = {fields: '', since: 0, centred: false};
export function hasWanted(frame) {
    const fields = choices() ? wanted() : [];
    if (!choices() || hasColumns(frame, fields, choices())) return true;
    if (waiting.fields !== fields.join()) {
        Object.assign(waiting, {fields: fields.join(), since: Date.now()});
        setTimeout(fit, OVERDUE_MS);
    }
    return Date.now() - waiting.since >= OVERDUE_MS;
}

function showChoices(shown) {
    const tick = (name, isOn, mark = 'aria-checked') => {
        for (const entry of document.querySelectorAll(`[data-${name}]`))
            entry.setAttribute(mark, String(isOn(entry.getAttribute(`data-${name}`))));
    };
    tick('preset', (preset) => !view.columns && choices().presets[preset] === shown, 'aria-pressed');
    for (const button of document.querySelectorAll('[data-preset]'))
        button.classList.toggle('chosen', button.getAttribute('aria-pressed') === 'true');
    tick('column', (field) => shown.includes(field));
    tick('chart', chartShown);
    tick('oi-unit', (unit) => view.oiUnit === unit);
    const select = element('strike-window');
    if (select) select.value = String(view.strikes);
}
