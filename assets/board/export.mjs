/* Saves or copies the table as on screen or the whole chain. */
import {csv, facts, flat, rowOf, tabbed} from '../lib/export.mjs';
import {fileName} from '../lib/frame.mjs';
import {element, save} from '../page/dom.mjs';
import {grid} from './grid.mjs';
import {momentShown} from './moment.mjs';
import {shownFrame} from './shown.mjs';
import {toast} from './toast.mjs';
import {lot, view} from './view.mjs';

const factsShown = (frame) => facts(frame, view.oiUnit, document.body.dataset.state);
/* The columns and rows of the table, with the numbers on screen. */
function onScreen() {
    const api = grid();
    const ids = api.getAllDisplayedColumns().map((column) => column.getColId());
    const rows = [];
    api.forEachNodeAfterFilterAndSort(({data}) => rows.push(rowOf(ids, data, lot())));
    return {ids, rows};
}

/* The chain of the page's moment with all its columns and digits, in one answer: its numbers and its facts are of one moment.
   Null, and said, where it does not come. */
async function wholeChain() {
    const {underlying, expiry} = shownFrame();
    const at = momentShown();
    const query = new URLSearchParams({underlying, expiry, ...(at === null ? {} : {at})});
    const answer = await fetch(`/api/chain?${query}`).catch(() => null);
    const chain = await answer?.json().catch(() => null);
    if (answer?.ok && chain) return chain;
    toast('problem', 'Export', chain?.error?.message || 'The server does not answer; nothing was saved.');
    return null;
}

function saveText(text, type, name) {
    const url = URL.createObjectURL(new Blob([text], {type}));
    save(url, name);
    setTimeout(() => URL.revokeObjectURL(url), 1000);
}
const saveCsv = (text, key, ending) => saveText(text, 'text/csv', fileName(key, ending));
const saveJson = (value, key, ending) =>
    saveText(JSON.stringify(value, null, 1), 'application/json', fileName(key, ending));

function exportCsv() {
    const {ids, rows} = onScreen();
    saveCsv(csv(factsShown(shownFrame()), ids, rows), shownFrame().key, '.csv');
}
function exportJson() {
    const {strikes, scale, view, call, put, row, term, ...header} = shownFrame();
    saveJson({...header, ...factsShown(header), rows: onScreen().rows}, header.key, '.json');
}

async function exportWhole(format) {
    const chain = await wholeChain();
    if (!chain) return;
    const {key} = shownFrame();
    const about = facts(chain, 'units', document.body.dataset.state);
    if (format === 'json') return saveJson({...chain, ...about}, key, '.whole.json');
    const rows = chain.rows.map(flat);
    saveCsv(csv(about, Object.keys(rows[0] || {strike: 0}), rows), key, '.whole.csv');
}

/* --- copy ------------------------------------------------------------------------------------------------------------ */
/* Plain http beyond this computer has no clipboard API; the old command works there from a click or a key. */
function copyByCommand(text) {
    const before = document.activeElement;
    const area = Object.assign(document.createElement('textarea'), {value: text, readOnly: true});
    area.style.cssText = 'position:fixed;opacity:0';
    document.body.append(area);
    area.select();
    const isDone = document.execCommand('copy');
    area.remove();
    before?.focus({preventScroll: true});
    return isDone;
}
/* Refused altogether: the text stands selected in a window, to be copied by hand. */
function offerText(text) {
    const dialog = element('copy-by-hand');
    const area = dialog.querySelector('textarea');
    area.value = text;
    dialog.showModal();
    area.select();
}
export async function copyTable() {
    if (!shownFrame()) return;
    const {ids, rows} = onScreen();
    const text = tabbed(factsShown(shownFrame()), ids, rows);
    try {
        await navigator.clipboard.writeText(text);
    } catch {
        if (!copyByCommand(text)) return offerText(text);
    }
    toast('confirmed', 'Copied', `${rows.length} rows, with headings.`);
}

const EXPORTS = {
    csv: exportCsv,
    json: exportJson,
    'whole-csv': () => exportWhole('csv'),
    'whole-json': () => exportWhole('json'),
    copy: copyTable,
};

export function start() {
    document.addEventListener('click', ({target}) => {
        const button = target.closest('button[data-export]');
        if (button && shownFrame()) EXPORTS[button.dataset.export]();
    });
}
