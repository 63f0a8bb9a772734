/* How wide a column is: as its widest number of the whole series needs, so that none is ever cut. A column grows at once
   when a number outgrows it and shrinks only with another series, view or window size. A width the viewer dragged stays. */
import {known} from '../lib/format.mjs';
import {sideAndField} from '../lib/frame.mjs';
import {mayBeWider, newColumn, shareRoom} from '../lib/widths.mjs';
import {fontSize} from '../page/dom.mjs';
import {root} from './grid.mjs';
import {shownFrame} from './shown.mjs';
import {placeStrike} from './sight.mjs';
import {lot, text} from './view.mjs';

const KEPT = 'chainboard-widths';
const DIGITS = [...'0123456789'];

/* --- text measured once per character, in the type of its cell --- */
const meters = new Map();
function probe(parent, classes, letters) {
    const element = document.createElement('div');
    element.className = classes;
    element.style.cssText =
        'position:absolute;left:0;visibility:hidden;width:auto;min-width:0;white-space:pre;display:inline-block';
    element.textContent = letters;
    parent.append(element);
    const {width} = element.getBoundingClientRect();
    element.remove();
    return width;
}
function meter(kind, classes) {
    const key = `${kind} ${fontSize()}`;
    if (meters.has(key)) return meters.get(key);
    const parent = root().querySelector(kind === 'head' ? '.ag-header' : '.ag-root') || root();
    const around = probe(parent, classes, '');
    const wide = (letter) => (probe(parent, classes, letter.repeat(10)) - around) / 10;
    // All digits count as the widest of them, so a price needs no more room when only its digits change.
    const digit = Math.max(...DIGITS.map(wide));
    const letters = new Map(DIGITS.map((one) => [one, digit]));
    const width = (written) => {
        let sum = around + 0.2;
        for (const letter of written) {
            if (!letters.has(letter)) letters.set(letter, wide(letter));
            sum += letters.get(letter);
        }
        return Math.ceil(sum);
    };
    meters.set(key, width);
    return width;
}
const SPECIAL = ['ltp', 'strike', 'build_up']; // cells with a type of their own
function cellWidth({cellClass}, written) {
    const special = SPECIAL.find((name) => cellClass.split(' ').includes(name));
    return meter(special || 'plain', `ag-cell ${special || ''}`)(written);
}
const NARROW = 'build_up'; // two letters under a heading that only screen readers need
const headWidth = ({headerName, headerClass}) =>
    headerClass.includes(NARROW) ? 0 : meter('head', 'ag-header-cell')(headerName || '');

/* --- the widest numbers of the series --- */
const widest = new Map(); // column id -> what is known of it
function values(frame, id) {
    const [side, field] = sideAndField(id);
    return side ? frame[side][field] : id === 'strike' ? frame.strikes : frame.row[field];
}
function survey(column, frame) {
    const id = column.getColId();
    const definition = column.getColDef();
    const style = definition.context;
    if (!widest.has(id)) widest.set(id, newColumn(headWidth(definition)));
    const found = widest.get(id);
    for (const value of values(frame, id) || [])
        if (known(value) && mayBeWider(found, value, style, lot()))
            found.need = Math.max(found.need, cellWidth(definition, text(style, value)));
    return found.need;
}

/* --- widths a viewer dragged, in rem, so that they hold on any screen --- */
const own = (() => {
    try {
        const told = JSON.parse(window.localStorage.getItem(KEPT)) || {};
        return Object.fromEntries(Object.entries(told).filter(([, width]) => width > 0 && width < 60));
    } catch {
        return {}; // not ours
    }
})();
export const keepOwnWidths = (api) =>
    api.addEventListener('columnResized', ({finished, source, column}) => {
        if (!finished || source !== 'uiColumnResized' || !column) return;
        own[column.getColId()] = column.getActualWidth() / fontSize();
        window.localStorage.setItem(KEPT, JSON.stringify(own));
        fitWidths(api);
    });
export function forgetOwnWidths() {
    for (const id of Object.keys(own)) delete own[id];
    window.localStorage.removeItem(KEPT);
}

/* --- every shown column as wide as it must be; the room that is left is shared out --- */
export function fitWidths(api, {fresh = false, frame = shownFrame()} = {}) {
    if (fresh) widest.clear();
    const columns = api.getAllDisplayedColumns();
    const rem = fontSize();
    const needs = columns.map((column) => {
        const key = column.getColId();
        const need = frame ? survey(column, frame) : Math.ceil((column.getColDef().width * rem) / 13);
        return {key, need: Math.max(need, (own[key] || 0) * rem), own: key in own};
    });
    const bar = root().querySelector('.ag-body-vertical-scroll');
    const widths = shareRoom(needs, root().clientWidth - (bar ? bar.offsetWidth : 0) - 2);
    if (widths.some(({newWidth}, place) => columns[place].getActualWidth() !== newWidth)) api.setColumnWidths(widths);
    placeStrike();
}

/* With each frame: a number that has outgrown its column widens it before it is painted. */
export function growWidths(api, frame) {
    const isTight = api.getAllDisplayedColumns().some((column) => survey(column, frame) > column.getActualWidth());
    if (isTight) fitWidths(api, {frame});
}
