/* Small steps on any page: finding, writing and marking elements, saving a file, what Python has set. */
export const element = (id) => document.getElementById(id);

/* Writes a text where it is another one. */
export const write = (node, text) => {
    if (node && node.textContent !== text) node.textContent = text;
};

/* Marks cells that went up or down, as pairs of a cell and whether it went up, until the next call: the numbers of an update and
   the end of the flash before it are one painting. Where no update follows, the flash ends by itself. */
const LONGEST_FLASH_MS = 1500;
const FLASHES = ['flash-down', 'flash-up'];
const lit = {cells: [], timer: 0};
function endFlash() {
    for (const cell of lit.cells) cell.classList.remove(...FLASHES);
    lit.cells = [];
}
export function flash(marked) {
    clearTimeout(lit.timer);
    endFlash();
    for (const [cell, up] of marked) {
        if (!cell) continue;
        cell.classList.add(FLASHES[Number(up)]);
        lit.cells.push(cell);
    }
    if (lit.cells.length) lit.timer = setTimeout(endFlash, LONGEST_FLASH_MS);
}

export const save = (href, download) => Object.assign(document.createElement('a'), {href, download}).click();

export const fontSize = () => parseFloat(getComputedStyle(document.documentElement).fontSize);

/* The silence that a page takes for offline, from Python (market/session.py); none before the page stands. */
export const silenceLimit_ms = () => {
    const place = document.querySelector('[data-silence-limit-s]');
    return place ? Number(place.dataset.silenceLimitS) * 1000 : Infinity;
};
