/* Scenes one after another on screen, stepped by time, keyboard or remote. */
import {element, write} from '../page/dom.mjs';
import {drawAgain, drawDue} from './apply.mjs';
import {askDue} from './ask.mjs';
import {keep, note} from './kiosk.mjs';
import {openPast, step} from './past.mjs';
import {attempt, sceneOn, scenesIn, stage} from './stage.mjs';
import {showState} from './state.mjs';

const BEAT_MS = 250;
const AHEAD_MS = 3000; // the next scene is asked for before its turn
const RESIZED_MS = 150;
export const turn = {since: Date.now(), dwell_ms: 0, paused: false};

function askNow() {
    if (sceneOn()) sceneOn().askedAt = 0;
    askTurn();
}
function askTurn() {
    const isLeaving = turn.dwell_ms && !turn.paused && Date.now() - turn.since > turn.dwell_ms - AHEAD_MS;
    askDue(isLeaving ? (stage.on + 1) % stage.scenes.length : -1);
}

export function show(number) {
    const count = stage.scenes.length;
    if (!count) return;
    stage.on = ((number % count) + count) % count;
    turn.since = Date.now();
    for (const [place, {element: node}] of stage.scenes.entries()) node.classList.toggle('on', place === stage.on);
    const scene = sceneOn();
    scene.shownAt = Date.now();
    write(element('wall-caption'), scene.caption);
    const dots = stage.scenes.map((_, place) => (place === stage.on ? '●' : '○'));
    write(element('wall-dots'), count > 1 ? dots.join(' ') : '');
    drawAgain();
    askNow();
}

let adopted = null;
function adopt() {
    const holder = document.querySelector('.stage .scenes');
    if (!holder || holder === adopted) return;
    adopted = holder;
    stage.scenes = scenesIn(holder);
    turn.dwell_ms = stage.scenes.length > 1 ? Number(holder.dataset.dwell) * 1000 : 0;
    if (holder.dataset.theme) document.documentElement.dataset.theme = holder.dataset.theme;
    openPast(holder.dataset);
    show(0);
}

/* A recorded day goes on; its numbers are asked for at once. */
function playOn() {
    if (sceneOn() && step(sceneOn())) sceneOn().askedAt = 0;
}

function takeTurns() {
    if (turn.dwell_ms && !turn.paused && Date.now() - turn.since >= turn.dwell_ms) show(stage.on + 1);
}

/* --- keys ------------------------------------------------------------------------------------------------------------ */
const NEXT = ['ArrowRight', 'ArrowDown', 'PageDown', 'MediaTrackNext'];
const PREVIOUS = ['ArrowLeft', 'ArrowUp', 'PageUp', 'MediaTrackPrevious'];
const PAUSE = [' ', 'Enter', 'MediaPlayPause', 'Pause'];
function onKey(event) {
    const {key} = event;
    if (event.ctrlKey || event.metaKey || event.altKey || stage.scenes.length < 2) return;
    const place = () => `${stage.on + 1} of ${stage.scenes.length}`;
    if (PAUSE.includes(key)) {
        Object.assign(turn, {paused: !turn.paused, since: Date.now()});
        document.body.dataset.paused = turn.paused ? 'yes' : '';
        note(turn.paused ? `paused · ${place()}` : 'running');
    } else if (NEXT.includes(key) || PREVIOUS.includes(key)) {
        show(stage.on + (NEXT.includes(key) ? 1 : -1));
        note(`${place()}${turn.paused ? ' · paused' : ''}`);
    } else return;
    event.preventDefault();
}

/* One beat for everything: a fault in one part stops no other. */
const BEAT = [adopt, playOn, askTurn, takeTurns, drawDue, showState, keep];

export function start() {
    document.addEventListener('keydown', onKey);
    for (const event of ['online', 'pageshow', 'focus']) window.addEventListener(event, askNow);
    document.addEventListener('visibilitychange', () => {
        if (document.hidden) return;
        drawAgain();
        askNow();
    });
    let resized = 0;
    window.addEventListener('resize', () => {
        clearTimeout(resized);
        resized = setTimeout(drawAgain, RESIZED_MS);
    });
    setInterval(() => BEAT.forEach(attempt), BEAT_MS);
}
