/* The page that makes a wall's link. Writes nothing but the link. */
import {element, write} from '../page/dom.mjs';

const TWO = 'oi,iv_smile';
const NAMED = ['chain', 'charts', 'charts2']; // scenes of one underlying
const field = (row, name) => row.querySelector(`[data-field="${name}"]`);
const value = (row, name) => {
    const place = field(row, name);
    return (place.matches('select') ? place : place.querySelector('input')).value.trim();
};

/* The scene of a row as a link names it, '' for none. */
function spelled(row) {
    const [kind, when] = [value(row, 'kind'), value(row, 'when')];
    const name = value(row, 'underlying').toUpperCase().replace(':', '.') || 'NIFTY';
    if (!kind) return '';
    if (kind === 'board') return when === 'near' ? 'board' : `board:${when}`;
    if (kind === 'charts2') return `charts:${name}:${when}:${TWO}`;
    return `${kind}:${name}:${when}`;
}

function show() {
    const form = element('builder-form');
    if (!form) return;
    const rows = [...form.querySelectorAll('.scene-row')];
    for (const row of rows) {
        field(row, 'underlying').hidden = !NAMED.includes(value(row, 'kind'));
        field(row, 'when').hidden = !value(row, 'kind');
    }
    const scenes = rows.map(spelled).filter(Boolean);
    const legible = (scene) => encodeURIComponent(scene).replaceAll('%3A', ':').replaceAll('%2C', ',');
    const parts = scenes.map((scene) => `scene=${legible(scene)}`);
    if (scenes.length > 1) parts.push(`dwell=${value(form, 'dwell') || 30}`);
    parts.push(`theme=${value(form, 'theme')}`);
    const [at, play] = [value(form, 'at'), value(form, 'play')];
    field(form, 'play').closest('label').hidden = !at;
    if (at) parts.push(`at=${legible(at)}`);
    if (at && play) parts.push(`play=${play}`);
    const link = `${window.location.origin}/wall?${parts.join('&')}`;
    write(element('builder-link'), link);
    element('builder-open').setAttribute('href', link);
}

async function copy() {
    const [link, message] = [element('builder-link'), element('builder-message')];
    try {
        await navigator.clipboard.writeText(link.textContent);
        write(message, 'Copied.');
    } catch {
        getSelection().selectAllChildren(link);
        write(message, 'Press Ctrl-C to copy.');
    }
}

export function start() {
    document.addEventListener('input', show);
    document.addEventListener('change', show);
    document.addEventListener('click', ({target}) => target.id === 'builder-copy' && copy());
    setInterval(show, 1000);
}
