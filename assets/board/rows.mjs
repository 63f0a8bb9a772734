/* The rows of the chain: made once for a series, written into with each of its frames. */
import {ROW_MARKS, rowMarks} from '../lib/frame.mjs';
import {flash} from '../page/dom.mjs';
import {rescale} from './cells.mjs';
import {centreRow} from './sight.mjs';
import {fitWidths, growWidths} from './widths.mjs';
import {rowElements, writeCells} from './written.mjs';

const SIDES = ['call', 'put'];

/* Everything a frame says of a strike. steps: strikes away from the ATM strike. */
function fill(row, frame, index, centre) {
    for (const side of SIDES) {
        const columns = frame[side];
        for (const field in columns) row[`${side}_${field}`] = columns[field][index];
    }
    for (const field in frame.row) row[field] = frame.row[field][index];
    row.place = rowMarks(frame, frame.strikes[index]);
    row.steps = centre < 0 ? 0 : Math.abs(index - centre);
    return row;
}

/* The rows of a frame with other strikes or columns than before. centred: the money comes into sight. */
export function openRows(api, frame, {centred}) {
    rescale(frame, {fresh: true});
    const centre = frame.strikes.indexOf(frame.atm_strike);
    const rowOf = (strike, index) => fill({id: String(strike), strike}, frame, index, centre);
    api.setGridOption('rowData', frame.strikes.map(rowOf));
    requestAnimationFrame(() => writeCells(api)); // a cell that was kept may show what AG Grid wrote into it long ago
    if (!centred) return;
    centreRow(frame);
    requestAnimationFrame(() => centreRow()); // the first layout of an empty grid has no height yet
}

/* Classes alone: a row drawn anew would lose the focus, and the text selected in it. */
function mark({data: {id, place}}) {
    const marks = place.split(' ');
    for (const row of rowElements(id)) for (const name of ROW_MARKS) row.classList.toggle(name, marks.includes(name));
}

/* A side that no source has confirmed for too long, as the feed says, fades: far strikes, or a stuck feed. */
function fade(frame) {
    for (const row of rowElements()) {
        const index = frame.strikes.indexOf(Number(row.getAttribute('row-id')));
        for (const side of SIDES) row.classList.toggle(`old-${side}`, index >= 0 && frame[side].old[index]);
    }
}

/* Writes into the rows, and from them into the cells on screen: flat in memory and cheapest (docs/decisions/0005, 0034). */
export function updateRows(api, frame) {
    const moved = [];
    const centre = frame.strikes.indexOf(frame.atm_strike);
    frame.strikes.forEach((strike, index) => {
        const node = api.getRowNode(String(strike));
        if (!node) return;
        const {place} = node.data;
        fill(node.data, frame, index, centre);
        if (place !== node.data.place) moved.push(node);
    });
    const anew = rescale(frame);
    if (anew.includes('call_gamma')) fitWidths(api, {fresh: true, frame});
    if (moved.length) {
        api.onFilterChanged(); // the strike window moves with the ATM
        moved.forEach(mark);
    }
    growWidths(api, frame);
    fade(frame);
    flash(writeCells(api, {anew}));
}
