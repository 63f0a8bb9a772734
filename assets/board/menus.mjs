/* Menus, explanations and the link past the header by keyboard: arrows, Home, End, Esc; tabbing out closes. */
import {grid} from './grid.mjs';
import {place} from './popovers.mjs';
import {shownFrame} from './shown.mjs';

const entries = (menu) => [...menu.querySelectorAll('[role^="menuitem"]')].filter((entry) => entry.checkVisibility());
const openOnes = () => document.querySelectorAll('details[open]');

function close(details, {focus = false} = {}) {
    details.open = false;
    if (focus) details.querySelector('summary').focus();
}

/* --- inside a menu --------------------------------------------------------------------------------------------------- */
const STEPS = {ArrowDown: 1, ArrowUp: -1};
const MOVES = [...Object.keys(STEPS), 'Home', 'End'];
function entryAt(list, at, key) {
    if (key === 'Home') return list[0];
    if (key === 'End') return list[list.length - 1];
    return list[(at + STEPS[key] + list.length) % list.length];
}
/* A letter goes to the next entry that begins with it. */
const begun = (list, at, letter) =>
    [...list.slice(at + 1), ...list.slice(0, at + 1)].find((entry) =>
        entry.textContent.trim().toLowerCase().startsWith(letter),
    );

/* One entry is the menu's stop for Tab: the first, then the one gone to. */
function stopAt(entry, menu) {
    for (const other of entries(menu)) other.tabIndex = other === entry ? 0 : -1;
}
function prepare(menu, entry) {
    const list = menu.querySelector('[role="menu"]');
    if (!list) return;
    list.tabIndex = -1; // a browser lets Tab stop at whatever scrolls
    stopAt(entry, menu);
}

function openByKey(event, menu) {
    if (!(event.key in STEPS)) return;
    menu.open = true;
    place(menu); // until it has its place it is not seen, and takes no focus
    event.preventDefault();
    const entry = entries(menu).at(event.key === 'ArrowUp' ? -1 : 0);
    prepare(menu, entry);
    entry?.focus();
}
function moveInMenu(event, menu) {
    const {key} = event;
    const list = entries(menu);
    const at = list.indexOf(document.activeElement);
    let next = null;
    if (MOVES.includes(key)) next = entryAt(list, at < 0 && key === 'ArrowUp' ? 0 : at, key);
    else if (/^[a-z0-9]$/i.test(key)) next = begun(list, at, key.toLowerCase());
    if (!next) return;
    event.preventDefault();
    event.stopPropagation();
    stopAt(next, menu);
    next.focus();
}

function onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'Escape') {
        const inside = document.activeElement.closest('details[open]');
        for (const details of openOnes()) close(details, {focus: details === inside});
        return;
    }
    const menu = event.target.closest('details.menu');
    if (!menu) return;
    if (event.target.matches('summary') && !menu.open) openByKey(event, menu);
    else moveInMenu(event, menu);
}

/* The link past the header leads to the money. */
function skipToMoney(event) {
    const [api, frame] = [grid(), shownFrame()];
    const node = frame && api?.getRowNode(String(frame.atm_strike));
    if (!node) return;
    event.preventDefault();
    api.ensureNodeVisible(node, 'middle');
    api.setFocusedCell(node.rowIndex, 'strike');
}

export function start() {
    document.addEventListener('keydown', onKey, true);
    // Tab goes on to what stands behind the menu; it does not walk through all its entries.
    document.addEventListener('focusout', ({target, relatedTarget}) => {
        const details = target.closest('details[open]');
        if (details && relatedTarget && !details.contains(relatedTarget)) close(details);
    });
    // The event comes a moment after the menu has opened, perhaps after the first arrow key.
    const onToggle = ({target: details}) => {
        const {activeElement} = document;
        if (!details.contains(activeElement) || activeElement.matches('summary')) prepare(details, entries(details)[0]);
    };
    document.addEventListener('toggle', onToggle, true);
    document.addEventListener('click', (event) => {
        const {target} = event;
        for (const details of openOnes())
            if (!details.contains(target) || target.closest('[data-export]')) close(details);
        if (target.closest('.skip')) skipToMoney(event);
    });
}
