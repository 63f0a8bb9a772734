/* Small steps on any page: finding, writing and marking elements, saving a file, what Python has set. */
export const element = (id) => document.getElementById(id);

/* Writes a text where it is another one. */
export const write = (node, text) => {
    if (node && node.textContent !== text) node.textContent = text;
};

/* Marks cells that went up or down, as pairs of a cell and whether it went up. On with the numbers and off together: each
   change of its own would be a painting. */
const FLASH_MS = 400;
const FLASHES = ['flash-down', 'flash-up'];
export function flash(marked) {
    const lit = marked.filter(([cell]) => cell);
    for (const [cell, up] of lit) {
        cell.classList.remove(...FLASHES);
        cell.classList.add(FLASHES[Number(up)]);
    }
    if (!lit.length) return;
    setTimeout(() => {
        for (const [cell] of lit) cell.classList.remove(...FLASHES);
    }, FLASH_MS);
}

export const save = (href, download) => Object.assign(document.createElement('a'), {href, download}).click();

export const fontSize = () => parseFloat(getComputedStyle(document.documentElement).fontSize);

/* The silence that a page takes for offline, from Python (market/session.py); none before the page stands. */
export const silenceLimit_ms = () => {
    const place = document.querySelector('[data-silence-limit-s]');
    return place ? Number(place.dataset.silenceLimitS) * 1000 : Infinity;
};
