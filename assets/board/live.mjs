/* Applies frames and states to the page. All numbers come from the server; this module only places them. */
import {changed} from '../lib/change.mjs';
import {emptyCharts} from '../page/charts.mjs';
import {element, write} from '../page/dom.mjs';
import {fit, hasWanted, prepareColumns, wantPlots} from './columns.mjs';
import {markExpired} from './expiries.mjs';
import {redraw, showFigures} from './figures.mjs';
import {GRID, grid, painted} from './grid.mjs';
import {isOfMoment} from './moment.mjs';
import {openRows, updateRows} from './rows.mjs';
import {awaited, seriesWanted, setAwaited, setShown, shownFrame} from './shown.mjs';
import {followMoney} from './sight.mjs';
import {noteAnswer, seriesLeft, showState} from './status.mjs';
import {setLotSize} from './view.mjs';

const LOADING_AFTER_MS = 250; // a shorter wait is not worth a message
const page = {label: null, directory: null}; // the label over the numbers; the list of underlyings the server had

const labelText = () => element('selection-label')?.textContent;
const message = (words) => write(element('chain-message'), words);
/* The parts of the page that name the version they show; each chart does so by itself. */
const versioned = () => [document.body, element(GRID), document.querySelector('.figures')].filter(Boolean);

const hasSameStrikes = (frame, other) =>
    other.strikes === frame.strikes ||
    (other.strikes.length === frame.strikes.length &&
        other.strikes.every((strike, index) => strike === frame.strikes[index]));

function showFrame(frame) {
    const api = grid();
    if (!api) return false;
    const before = shownFrame();
    const isFresh = before?.key !== frame.key;
    const isOtherView = isFresh || before.view !== frame.view;
    const hasOtherStrikes = isFresh || !hasSameStrikes(frame, before);
    setLotSize(frame.lot_size);
    // Everything in one task, so that no moment shows two versions; charts first, while no layout is pending.
    redraw({frame});
    painted(() => {
        if (isOtherView || hasOtherStrikes) openRows(api, frame, {centred: hasOtherStrikes && isOtherView});
        else updateRows(api, frame);
    });
    setShown(frame);
    prepareColumns(api);
    if (isOtherView) fit({fresh: true});
    page.label = labelText();
    showFigures();
    message('');
    document.body.dataset.series = frame.key;
    for (const part of versioned()) part.dataset.version = frame.version;
    followMoney();
    markExpired();
    if (isFresh) showState();
    wantPlots();
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

/* --- what the server answers ---------------------------------------------------------------------------------------- */
/* numbers: a frame, or what has changed since one. */
function applyNumbers(numbers, selection) {
    if (numbers.key !== selection?.key) return; // foreign: of an earlier choice
    const before = shownFrame();
    const frame = 'base' in numbers ? changed(before, numbers) : numbers;
    if (!frame) return; // a change of what is not on screen
    if (!isOfMoment(frame)) return; // of the moment that is being left
    const isLive = frame.state !== 'recorded' && before?.state !== 'recorded';
    if (isLive && before?.key === frame.key && frame.version < before.version) return; // older
    if (!before && !hasWanted(frame)) return; // of the view that a page has before it says which
    showFrame(frame);
}

function applyStatus(status) {
    if (!isOfMoment(status)) return;
    if (status.gap && shownFrame()) empty({key: status.key}); // nothing of another moment stays
    if (awaited() && status.waiting) message(status.waiting);
    if (page.directory && status.directory !== page.directory)
        window.dash_clientside.set_props('address', {data: {refresh: true, moved: Date.now()}});
    page.directory = status.directory;
    noteAnswer(status);
}

/* As Dash calls it; what it gives back, the server learns with the next question. */
export function applyAnswer(text, selection) {
    const {status, numbers} = JSON.parse(text);
    if (numbers) applyNumbers(numbers, selection);
    if (status) applyStatus(status);
    const frame = shownFrame();
    return frame && {key: frame.key, view: frame.view, version: frame.version};
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
