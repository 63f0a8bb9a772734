/* The chain as rows of texts: as many strikes around the money as there is room for. */
import {format, known, share} from '../lib/format.mjs';
import {rowMarks} from '../lib/frame.mjs';
import {flash, fontSize, write} from '../page/dom.mjs';
import {writeDirection} from './write.mjs';

const ROW_REM = 1.95;

function makeCell(name, column, side) {
    const node = document.createElement('span');
    node.className = `cell ${name}${column?.wide ? ' wide' : ''}`;
    node.append('');
    return {node, side, column, strike: null, value: null};
}

function makeRows(place, count) {
    const columns = JSON.parse(place.dataset.columns);
    const rows = Array.from({length: count}, () => {
        const row = document.createElement('div');
        const calls = columns.map((column) => makeCell(`call ${column.field}`, column, 'call'));
        const puts = [...columns].reverse().map((column) => makeCell(`put ${column.field}`, column, 'put'));
        const head = makeCell('strike');
        row.append(...[...calls, head, ...puts].map(({node}) => node));
        return {row, head, cells: [...calls, ...puts]};
    });
    place.replaceChildren(...rows.map(({row}) => row));
    return rows;
}

/* An odd number of rows, so that the money is in the middle; made anew only when the room changes. */
function fit(panel, strikes) {
    const room = Math.max(5, Math.floor(panel.table.clientHeight / (ROW_REM * fontSize())));
    const count = Math.min(room % 2 ? room : room - 1, strikes);
    if (panel.rows?.length !== count) panel.rows = makeRows(panel.table, count);
    return count;
}

function writeCell(cell, frame, index, strike, most, changed) {
    const {node, side, column} = cell;
    const value = frame[side][column.field][index];
    write(node.firstChild, format(column.style, value));
    if (column.field === 'oi') {
        const width = `${share(value, most).toFixed(0)}%`;
        if (cell.share !== width) node.style.setProperty('--share', width);
        cell.share = width;
    }
    if (column.style.startsWith('signed')) writeDirection(node, value);
    const isSame = cell.strike === strike && known(cell.value) && known(value);
    if (column.field === 'ltp' && isSame && value !== cell.value) changed.push([node, value > cell.value]);
    Object.assign(cell, {strike, value});
}

export function writeTable(panel, frame) {
    panel.table ||= panel.element.querySelector('.wall-rows');
    if (!panel.table) return;
    const total = frame.strikes.length;
    const count = fit(panel, total);
    const atm = frame.strikes.indexOf(frame.atm_strike);
    const middle = atm < 0 ? total >> 1 : atm;
    const first = Math.min(Math.max(0, middle - (count >> 1)), total - count);
    const until = first + count;
    const most = Math.max(1, ...frame.call.oi.slice(first, until), ...frame.put.oi.slice(first, until));
    const changed = [];
    panel.rows.forEach(({row, head, cells}, slot) => {
        const index = first + slot;
        const strike = frame.strikes[index];
        const name = `wall-row ${rowMarks(frame, strike)}`;
        if (row.className !== name) row.className = name;
        write(head.node.firstChild, format('strike_plain', strike));
        for (const cell of cells) writeCell(cell, frame, index, strike, most, changed);
    });
    flash(changed);
}
