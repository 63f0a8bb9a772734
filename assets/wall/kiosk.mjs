/* A screen nobody touches: no cursor, no sleep, no burn-in, and a reload only when one is due. Not on /board. */
import {element, write} from '../page/dom.mjs';
import {stage} from './stage.mjs';
import {servedBuild, stateNow} from './state.mjs';

const STILL_MS = 5000;
const NOTE_MS = 2500;
const SHIFT_MS = 60000;
const RING = {x: [0, 1, 1, 0, -1, -1, -1, 0], y: [0, 0, 1, 1, 1, 0, -1, -1]}; // places around the middle, in shifts of 0.15 rem
const UNWELL_MS = 30000;
const SILENT_MS = 600000; // no number applied for so long: the page itself may be the fault
const LONGEST_MS = 6 * 3600000;
const PATIENCE_MS = 5000;
const REMEMBERED = 'chainboard-wall-reload';
const started = Date.now();
const since = (moment_ms) => Date.now() - moment_ms;
const root = () => document.querySelector('.wall');
const isWall = () => root()?.dataset.mode === 'wall' && !document.querySelector('.builder');

/* --- cursor, note, shift --------------------------------------------------------------------------------------------- */
const pointer = {movedAt: Date.now()};
let noteTimer = 0;
export function note(words) {
    const place = element('wall-note');
    if (!place) return;
    write(place, words);
    place.hidden = false;
    clearTimeout(noteTimer);
    noteTimer = setTimeout(() => {
        place.hidden = true;
    }, NOTE_MS);
}

function shift() {
    const place = Math.floor(Date.now() / SHIFT_MS) % RING.x.length;
    const moved = `translate(${0.15 * RING.x[place]}rem, ${0.15 * RING.y[place]}rem)`;
    if (root().style.transform !== moved) root().style.transform = moved;
}

/* --- wake lock: where the browser has it, and again whenever it was taken away --------------------------------------- */
const awake = {lock: null, asking: false};
async function stayAwake() {
    if (awake.lock || awake.asking || document.hidden || !navigator.wakeLock) return;
    awake.asking = true;
    try {
        awake.lock = await navigator.wakeLock.request('screen');
        awake.lock.addEventListener('release', () => {
            awake.lock = null;
        });
    } catch {
        awake.lock = null; // battery saver, or no secure origin: the how-to says what to set instead
    } finally {
        setTimeout(() => {
            awake.asking = false;
        }, UNWELL_MS);
    }
}

/* --- reload: never while all is well in market hours, never in a loop, never onto an error page ---------------------- */
const NEVER = {at: 0, count: 0, build: ''};
const remembered = () => {
    try {
        return JSON.parse(window.sessionStorage.getItem(REMEMBERED)) || NEVER;
    } catch {
        return NEVER; // not ours
    }
};
const remember = (reload) => window.sessionStorage.setItem(REMEMBERED, JSON.stringify(reload));

function isReloadDue() {
    const last = remembered();
    const served = servedBuild();
    const isWell = since(stage.appliedAt) < UNWELL_MS && stateNow() === 'live';
    const isRested = since(last.at) > Math.min(LONGEST_MS, SILENT_MS * 2 ** last.count);
    if (served && served !== root().dataset.build && !isWell) return last.build !== served || isRested;
    return since(Math.max(stage.appliedAt, started)) > SILENT_MS && isRested;
}

let reloading = false;
async function reloadIfDue() {
    if (reloading || !isReloadDue()) return;
    reloading = true;
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), PATIENCE_MS);
    try {
        const page = await fetch(window.location.href, {cache: 'no-store', signal: patience.signal});
        if (!page.ok) return; // our page must be there to load, or the screen would show the browser's own error
        remember({at: Date.now(), count: remembered().count + 1, build: servedBuild()});
        window.location.reload();
    } catch {
        // The server is away: nothing to load. Asked again shortly.
    } finally {
        clearTimeout(timer);
        setTimeout(() => {
            reloading = false;
        }, UNWELL_MS);
    }
}

/* Long enough well: the next trouble starts with the shortest wait again. */
function forgetOldTrouble() {
    const last = remembered();
    if (last.count && since(last.at) > SILENT_MS && since(stage.appliedAt) < UNWELL_MS) remember({...last, count: 0});
}

/* With each beat. */
export function keep() {
    if (!isWall()) return;
    if (since(pointer.movedAt) > STILL_MS) document.body.classList.add('still');
    shift();
    stayAwake();
    forgetOldTrouble();
    reloadIfDue();
}

export function start() {
    const onMove = () => {
        pointer.movedAt = Date.now();
        document.body.classList.remove('still');
    };
    for (const event of ['mousemove', 'mousedown', 'touchstart'])
        document.addEventListener(event, onMove, {passive: true});
}
