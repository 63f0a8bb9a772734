/* What stays in sight: the strike while the table scrolls sideways, and the row of the money. */
import {element, write} from '../page/dom.mjs';
import {grid, root} from './grid.mjs';
import {shownFrame} from './shown.mjs';
import {text} from './view.mjs';

const QUIET_MS = 5000; // nobody has touched the table for so long: it follows the money
const AWAY_MS = 60000; // the same for a viewer who scrolled away from it, or left the focus in the table
const touched = {at: -Infinity, away: false};
const seen = {top: 0, height: 0}; // of the rows, in px: noted when it changes, so that a frame reads no layout

/* --- sideways: the strike column stops at the edge it would leave by --- */
export function placeStrike() {
    const table = root()?.querySelector('.ag-center-cols-viewport');
    const column = grid()?.getColumn('strike');
    if (!table || !column) return;
    const left = column.getLeft();
    const first = table.scrollLeft;
    const last = first + table.clientWidth - column.getActualWidth();
    const shift = Math.round(Math.min(Math.max(left, first), last) - left);
    root().style.setProperty('--strike-shift', `${shift}px`);
    root().toggleAttribute('data-strike-shifted', shift !== 0);
}
export function keepInSight(api) {
    for (const event of ['bodyScroll', 'columnResized', 'displayedColumnsChanged', 'gridSizeChanged'])
        api.addEventListener(event, placeStrike);
    const measure = () => {
        seen.height = root().querySelector('.ag-body-viewport').clientHeight;
    };
    measure();
    api.addEventListener('gridSizeChanged', measure);
    api.addEventListener('bodyScroll', ({direction, top}) => {
        if (direction !== 'vertical') return;
        seen.top = top;
        noteScroll();
    });
}
/* More columns than there is room for: what stands beside the strike is seen first. */
export const centreColumns = () => requestAnimationFrame(() => grid()?.ensureColumnVisible('strike', 'middle'));

/* --- up and down: the money --- */
/* The row of the ATM strike of now in the middle. */
export function centreRow(frame = shownFrame()) {
    const api = frame && grid();
    if (!api) return;
    const node = api.getRowNode(String(frame.atm_strike)) || api.getDisplayedRowAtIndex(frame.strikes.length >> 1);
    if (node) api.ensureNodeVisible(node, 'middle');
}

/* On which side of what is shown the money is: 1 below, -1 above, 0 in sight or unknown. */
function wayToMoney() {
    const frame = shownFrame();
    const node = frame && grid()?.getRowNode(String(frame.atm_strike));
    if (!node?.displayed || !seen.height) return 0;
    if (node.rowTop < seen.top - 1) return -1;
    return node.rowTop + node.rowHeight > seen.top + seen.height + 1 ? 1 : 0;
}
function showWayBack(way) {
    const button = element('back-to-atm');
    write(button, way ? `${way > 0 ? '↓' : '↑'} ATM ${text('strike_plain', shownFrame().atm_strike)}` : '');
    button.hidden = !way;
}
function noteScroll() {
    const way = wayToMoney();
    if (performance.now() - touched.at < 1000) touched.away = way !== 0;
    showWayBack(way);
}

export function backToMoney() {
    touched.away = false;
    centreRow();
    centreColumns();
    showWayBack(0);
}

/* With each frame: when the money has left the screen and nobody is at the table, the table goes after it. */
export function followMoney() {
    const way = wayToMoney();
    showWayBack(way);
    if (!way) {
        touched.away = false;
        return;
    }
    const selected = document.getSelection();
    const isUsed =
        root().contains(document.activeElement) || (!selected.isCollapsed && root().contains(selected.anchorNode));
    if (performance.now() - touched.at >= (touched.away || isUsed ? AWAY_MS : QUIET_MS)) backToMoney();
}

export function start() {
    const note = (event) => {
        const isPressed = event.type !== 'pointermove' || event.buttons; // dragging the scroll bar
        if (isPressed && root()?.contains(event.target)) touched.at = performance.now();
    };
    for (const kind of ['wheel', 'touchmove', 'pointerdown', 'pointermove', 'keydown'])
        document.addEventListener(kind, note, {passive: true, capture: true});
    document.addEventListener('click', ({target}) => target.closest('#back-to-atm') && backToMoney());
}
