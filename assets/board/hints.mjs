/* The hint of a cell is made when it is shown, and again every second while it stands, so an age never stands still. */
import {hintLines} from '../lib/hints.mjs';
import {write} from '../page/dom.mjs';
import {GRID, grid} from './grid.mjs';
import {shownFrame} from './shown.mjs';
import {market_s, now_s} from './status.mjs';

const hint = (data, id, value) =>
    hintLines(data, id, value, {frame: shownFrame(), now_s: now_s(), market_s: market_s()}).join('\n');

/* As AG Grid asks for it. side is '' for what belongs to the strike as a whole. */
export const chainHint = ({data, value}, side, field) =>
    data ? hint(data, side ? `${side}_${field}` : field, value) : '';

function under(cell) {
    const node = cell && grid()?.getRowNode(cell.closest('.ag-row').getAttribute('row-id'));
    const id = cell?.getAttribute('col-id');
    return node ? hint(node.data, id, node.data[id]) : '';
}
function refresh() {
    const shown = document.querySelector('.ag-tooltip:not(.ag-tooltip-hiding)');
    const words = shown && under(document.querySelector(`#${GRID} .ag-cell:hover`));
    if (words) write(shown, words);
    return Boolean(shown);
}
let ticking = 0;
export const keepHintsFresh = (api) =>
    api.addEventListener('tooltipShow', () => {
        refresh();
        clearInterval(ticking);
        ticking = setInterval(() => refresh() || clearInterval(ticking), 1000);
    });
