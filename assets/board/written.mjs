/* The cells on screen, written where their value has changed. AG Grid keeps rows, columns, order and focus, and draws a cell when
   it makes one; with each frame it would compare all of them and have React render those that differ (docs/decisions/0034). */
import {known} from '../lib/format.mjs';
import {styleOf} from './cells.mjs';
import {GRID} from './grid.mjs';
import {text} from './view.mjs';

const last = new WeakMap(); // cell -> the value written last

export const rowElements = (id) => document.querySelectorAll(`#${GRID} .ag-row[row-id${id ? `="${id}"` : ''}]`);

/* The text node of a cell, however deep AG Grid has put it. */
function textNode(cell) {
    let node = cell;
    while (node.firstChild) node = node.firstChild;
    return node.nodeType === Node.TEXT_NODE ? node : node.appendChild(document.createTextNode(''));
}

function writeCell(cell, {id, style}, value) {
    const node = textNode(cell);
    const words = text(style, value);
    if (node.data !== words) node.data = words;
    const look = styleOf(id, style, value);
    for (const name in look) if (cell.style[name] !== look[name]) cell.style[name] = look[name];
    last.set(cell, value);
}

const columnsOf = (api) =>
    new Map(
        api.getAllDisplayedColumns().map((column) => {
            const id = column.getColId();
            return [id, {id, style: column.getColDef().context}];
        }),
    );

/* Every cell on screen shows its row's value. anew: ids of columns whose look has changed though their values have not, or true
   for all. Gives the cells of prices that went up or down: [cell, whether up]. */
export function writeCells(api, {anew = []} = {}) {
    const columns = columnsOf(api);
    const ticked = [];
    for (const row of rowElements()) {
        const data = api.getRowNode(row.getAttribute('row-id'))?.data;
        if (!data) continue;
        for (const cell of row.querySelectorAll('.ag-cell')) {
            const column = columns.get(cell.getAttribute('col-id'));
            if (!column) continue; // on its way out
            const {id} = column;
            const value = data[id];
            const isNew = !last.has(cell);
            const before = last.get(cell);
            if (!isNew && before === value && anew !== true && !anew.includes(id)) continue;
            writeCell(cell, column, value);
            const isPrice = id === 'call_ltp' || id === 'put_ltp';
            if (isPrice && !isNew && known(before) && known(value) && before !== value)
                ticked.push([cell, value > before]);
        }
    }
    return ticked;
}
