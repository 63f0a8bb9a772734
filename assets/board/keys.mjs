/* Keys of the board; `?` lists them (layouts/help_panel.py). Arrows move inside the chain: the grid's own. */
import {element} from '../page/dom.mjs';
import {switchUnit} from './choices.mjs';
import {step} from './expiries.mjs';
import {copyTable} from './export.mjs';
import {backToMoney} from './sight.mjs';

const OFF = 'chainboard-keys-off'; // single keys can be switched off (WCAG 2.1.4); `?` stays, to switch them on again
const isTyping = (target) => target.closest?.('input, textarea, [contenteditable]');
const isInList = (target) => target.closest?.('select, .dash-dropdown-search, .dash-dropdown-content');

const isOff = () => Boolean(window.localStorage.getItem(OFF));
const showSwitch = () => element('keys-switch').setAttribute('aria-checked', String(!isOff()));
function openHelp() {
    showSwitch();
    element('help').showModal();
}
function switchKeys() {
    if (isOff()) window.localStorage.removeItem(OFF);
    else window.localStorage.setItem(OFF, 'yes');
    showSwitch();
}

/* No name of an underlying holds one of these three, so they work inside an open list too. */
const ANYWHERE = {'/': () => element('stock').click(), '[': () => step(-1), ']': () => step(1)};
const KEYS = {...ANYWHERE, a: backToMoney, c: copyTable, u: switchUnit, '?': openHelp};

/* An open list closes first: when it goes it takes the focus back, and would close a list opened meanwhile. */
function withoutList(target, act, tries = 30) {
    if (!document.querySelector('.dash-dropdown-search')) return void setTimeout(act);
    if (tries === 30) target.dispatchEvent(new KeyboardEvent('keydown', {key: 'Escape', bubbles: true}));
    if (tries) requestAnimationFrame(() => withoutList(target, act, tries - 1));
}
let taken = null; // the key that is down, when it was ours
function onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return;
    const {key, target} = event;
    const act = (isInList(target) ? ANYWHERE : isTyping(target) ? {} : KEYS)[key];
    if (!act || (isOff() && key !== '?')) return;
    // Before the list that has the focus: it would take the key for the beginning of a name.
    event.preventDefault();
    event.stopImmediatePropagation();
    taken = key;
    withoutList(target, act);
}
/* A dropdown opens when a key is let go, too. */
function onRelease(event) {
    if (event.key !== taken) return;
    taken = null;
    event.stopImmediatePropagation();
}

export function start() {
    window.addEventListener('keydown', onKey, true);
    window.addEventListener('keyup', onRelease, true);
    document.addEventListener('click', ({target}) => {
        if (target.nodeName === 'DIALOG') target.close(); // beside the panel
        const button = target.closest('button');
        if (!button) return;
        if (button.id === 'help-open') openHelp();
        if (button.id === 'keys-switch') switchKeys();
        if (button.dataset.close) button.closest('dialog').close();
    });
}
