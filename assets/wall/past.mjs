/* The recorded moment that the wall's link names (`at=`), and how it goes on (`play=`). One moment for all scenes. */
import {date, moment, spelled, time} from '../lib/time.mjs';
import {ended, played} from '../lib/time_bar.mjs';

const STEP_MS = 1000;
const LONGEST_STEP_MS = 2000; // after a sleep of the screen it goes on where it was
const past = {
    at: null,
    speed: 0,
    segments: null,
    isFresh: false,
    isAsking: false,
    isOver: false,
    steppedAt: 0,
    title: '',
};

export const isPast = () => past.at !== null;
/* The address of a scene's numbers, as of the moment. */
export const sourceOf = ({source}) => (isPast() ? `${source}&at=${past.at}` : source);

/* What the link says, from the element that holds the scenes. */
export function openPast({at, play}) {
    if (at === undefined) return;
    Object.assign(past, {at: Number(at), speed: Number(play), steppedAt: Date.now(), title: document.title});
    document.body.dataset.past = 'yes';
    if (past.speed) loadCoverage();
}

/* What was recorded of the day, of any scene. */
async function loadCoverage() {
    if (past.isAsking) return;
    past.isAsking = true;
    const asked = new URLSearchParams(window.location.search);
    asked.set('at', past.at);
    try {
        const answer = await fetch(`/frames/coverage?${asked}`, {cache: 'no-store'});
        if (answer.ok) Object.assign(past, {segments: (await answer.json()).segments, isFresh: true});
    } catch {
        // No server or no network: the next step asks again.
    } finally {
        past.isAsking = false;
    }
}

/* One step, once the scene on screen has answered for the last one; true when the moment has moved. At the end of what was
   recorded that is asked for once more, because a day that is still recorded grows. */
export function step({answeredAt}) {
    const passed_ms = Date.now() - past.steppedAt;
    if (!past.speed || past.isOver || passed_ms < STEP_MS || answeredAt < past.steppedAt) return false;
    past.steppedAt = Date.now();
    const seconds = (past.speed * Math.min(passed_ms, LONGEST_STEP_MS)) / 1000;
    const next = past.segments && played(past.at, seconds, past.segments);
    if (next === null && !past.isFresh) loadCoverage();
    else if (next === null) Object.assign(past, {isOver: true, at: ended(past.at, past.segments)});
    else Object.assign(past, {isFresh: false, at: next});
    return next !== null || past.isOver;
}

/* The moment on screen: that of the answer which brought the numbers, before it that of the link. */
export const momentOn = (scene) => scene?.status?.recorded_ts ?? past.at;
export const clockWords = (scene) => moment(momentOn(scene));
export function bandWords(scene) {
    const playing = past.isOver ? ' · end of the recorded day' : past.speed ? ` · playing ${past.speed}×` : '';
    return `${spelled(momentOn(scene))} · not the market of now${playing}`;
}
export function showTitle(scene) {
    const at = momentOn(scene);
    const title = `recorded ${date(at)} ${time(at).slice(0, 5)} · ${past.title}`;
    if (document.title !== title) document.title = title;
}
