/* For screen readers, on every page: what is pressed, and each change of state once. */
import {element, write} from './dom.mjs';

const root = document.documentElement;

/* The small pages beside the board have no script: the server reads their theme from this cookie. */
function noteTheme() {
    const light = root.dataset.theme === 'light';
    element('theme-toggle')?.setAttribute('aria-pressed', String(light));
    // biome-ignore lint/suspicious/noDocumentCookie: the cookie store API exists on secure origins only.
    document.cookie = `chainboard-theme=${light ? 'light' : 'dark'}; path=/; max-age=31536000; samesite=lax`;
}

/* The band counts seconds; what is read out is its sentence as it was when the state began. */
const say = (text) => write(element('status-spoken'), text);
const sentence = (band) => (band && !band.hidden ? band.textContent.replace(/^[^·]*· /, '') : '');
function sayState(target) {
    if (target === document.body) return say(sentence(document.querySelector('.band, .wall-band')));
    const name = target.querySelector('h2');
    if (target.dataset.state && name) say(`${name.textContent}: ${target.querySelector('.panel-band').textContent}`);
}
function onStates(changes) {
    const other = changes.filter(({target, oldValue}) => (target.dataset.state || '') !== (oldValue || ''));
    const places = other.map(({target}) => target).filter((one) => one === document.body || one.matches('.panel'));
    new Set(places).forEach(sayState);
}

/* Once: `act` as soon as Dash has laid out what the selector names. */
export function onceThere(selector, act) {
    const built = new MutationObserver(() => {
        const found = document.querySelector(selector);
        if (!found) return;
        built.disconnect();
        act(found);
    });
    built.observe(document.body, {childList: true, subtree: true});
}

export function start() {
    noteTheme();
    new MutationObserver(noteTheme).observe(root, {attributeFilter: ['data-theme']});
    const states = {attributeFilter: ['data-state'], attributeOldValue: true, subtree: true};
    new MutationObserver(onStates).observe(document.body, states);
    onceThere('.selection-bar, .wall', noteTheme);
}
