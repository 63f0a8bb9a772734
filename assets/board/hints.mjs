/* The hint of a cell is made when it is shown, and again every second while it stands, so an age never stands still. */
import {hintLines} from '../lib/hints.mjs';
import {write} from '../page/dom.mjs';
import {explain, explained, needsExplaining} from './explained.mjs';
import {GRID, grid} from './grid.mjs';
import {momentShown} from './moment.mjs';
import {shownFrame} from './shown.mjs';
import {market_s, now_s} from './status.mjs';

const REST_MS = 120; // a pointer on its way elsewhere asks for nothing

function hint(data, id) {
    const behind = explained(data.strike);
    const [side] = id.split('_');
    if (needsExplaining(id) && !behind) return `${data[`${side}_symbol`] || side}\n…`;
    // Of a recorded page the ages are those of its moment.
    const page = {frame: shownFrame(), now_s: momentShown() ?? now_s(), market_s: market_s()};
    return hintLines({...behind, ...data}, id, data[id], page).join('\n');
}

/* As AG Grid asks for it. side is '' for what belongs to the strike as a whole. */
export const chainHint = ({data}, side, field) => (data ? hint(data, side ? `${side}_${field}` : field) : '');

const cellUnder = () => document.querySelector(`#${GRID} .ag-cell:hover`);
const rowOf = (cell) => grid()?.getRowNode(cell.closest('.ag-row')?.getAttribute('row-id'))?.data;

function refresh() {
    const shown = document.querySelector('.ag-tooltip:not(.ag-tooltip-hiding)');
    const cell = shown && cellUnder();
    const data = cell && rowOf(cell);
    if (!data) return Boolean(shown);
    explain(data.strike, refresh);
    write(shown, hint(data, cell.getAttribute('col-id')));
    return true;
}

let resting = 0;
function askAhead({target}) {
    const cell = target.closest?.(`#${GRID} .ag-cell`);
    clearTimeout(resting);
    if (!cell) return;
    resting = setTimeout(() => {
        const data = cell.matches(':hover') && rowOf(cell);
        if (data) explain(data.strike, refresh);
    }, REST_MS);
}

let ticking = 0;
export function keepHintsFresh(api) {
    document.addEventListener('pointerover', askAhead);
    api.addEventListener('tooltipShow', () => {
        refresh();
        clearInterval(ticking);
        ticking = setInterval(() => refresh() || clearInterval(ticking), 1000);
    });
}
