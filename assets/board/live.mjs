/* Applies frames and states to the page. All numbers come from the server; this module only places them. */
import {emptyCharts} from '../page/charts.mjs';
import {element, write} from '../page/dom.mjs';
import {prepareColumns} from './columns.mjs';
import {markExpired} from './expiries.mjs';
import {redraw, showFigures} from './figures.mjs';
import {GRID, grid, painted} from './grid.mjs';
import {isOfMoment} from './moment.mjs';
import {openRows, updateRows} from './rows.mjs';
import {awaited, seriesWanted, setAwaited, setShown, shownFrame} from './shown.mjs';
import {followMoney} from './sight.mjs';
import {noteAnswer, seriesLeft, showState} from './status.mjs';
import {setLotSize} from './view.mjs';
import {fitWidths} from './widths.mjs';

const LOADING_AFTER_MS = 250; // a shorter wait is not worth a message
const page = {label: null, directory: null}; // the label over the numbers; the list of underlyings the server had

const labelText = () => element('selection-label')?.textContent;
const message = (words) => write(element('chain-message'), words);
/* The parts of the page that name the version they show; each chart does so by itself. */
const versioned = () => [document.body, element(GRID), document.querySelector('.figures')].filter(Boolean);

const hasSameRows = (frame, other) =>
    other?.key === frame.key &&
    other.strikes.length === frame.strikes.length &&
    other.strikes.every((strike, index) => strike === frame.strikes[index]);

function showFrame(frame) {
    const api = grid();
    if (!api) return false;
    const before = shownFrame();
    const isFresh = before?.key !== frame.key;
    setLotSize(frame.lot_size);
    // Everything in one task, so that no moment shows two versions; charts first, while no layout is pending.
    redraw({frame});
    painted(() => (hasSameRows(frame, before) ? updateRows(api, frame) : openRows(api, frame)));
    prepareColumns(api);
    if (isFresh) fitWidths(api, {fresh: true, frame});
    setShown(frame);
    page.label = labelText();
    showFigures();
    message('');
    document.body.dataset.series = frame.key;
    for (const part of versioned()) part.dataset.version = frame.version;
    followMoney();
    markExpired();
    if (isFresh) showState();
    return true;
}

/* Nothing of the old series may stand under the label of the new one. */
function empty(selection = null) {
    setAwaited(selection);
    page.label = null;
    delete document.body.dataset.series;
    for (const part of versioned()) delete part.dataset.version;
    const api = grid();
    if (api) painted(() => api.setGridOption('rowData', []));
    showFigures();
    emptyCharts();
    seriesLeft();
    window.dash_clientside.set_props('seen', {data: null}); // or the server would think that its frame still stands here
}

/* Another series was chosen. */
export function awaitSeries(selection) {
    if (selection.key === seriesWanted()) return;
    empty(selection);
    showState();
    setTimeout(() => {
        if (awaited() === selection) message(`Loading ${selection.underlying} ${selection.expiry} …`);
    }, LOADING_AFTER_MS);
}

/* --- what Dash calls ------------------------------------------------------------------------------------------------ */
export function applyFrame(text, selection) {
    const {no_update} = window.dash_clientside;
    if (!selection || !text) return no_update;
    const frame = JSON.parse(text);
    if (frame.key !== selection.key) return no_update; // foreign: of an earlier choice
    if (!isOfMoment(frame)) return no_update; // of the moment that is being left
    const before = shownFrame();
    const isLive = frame.state !== 'recorded' && before?.state !== 'recorded';
    if (isLive && before?.key === frame.key && frame.version < before.version) return no_update; // older
    return showFrame(frame) ? {key: frame.key, version: frame.version} : {};
}

export function applyStatus(text) {
    if (!text) return window.dash_clientside.no_update;
    const status = JSON.parse(text);
    if (!isOfMoment(status)) return window.dash_clientside.no_update;
    if (status.gap && shownFrame()) empty({key: status.key}); // nothing of another moment stays
    if (awaited() && status.waiting) message(status.waiting);
    if (page.directory && status.directory !== page.directory)
        window.dash_clientside.set_props('address', {data: {refresh: true, moved: Date.now()}});
    page.directory = status.directory;
    noteAnswer(status);
    return status.state;
}

/* Dash writes the label before it says what was chosen: what stands under it goes in the same painting. */
function watchLabel() {
    const label = element('selection-label');
    if (!label) return setTimeout(watchLabel, 50);
    const watch = new MutationObserver(() => shownFrame() && labelText() !== page.label && empty());
    watch.observe(label, {childList: true, characterData: true, subtree: true});
}

export function start() {
    watchLabel();
    document.addEventListener('visibilitychange', () => redraw({now: true}));
}
