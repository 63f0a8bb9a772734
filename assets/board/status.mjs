/* What the numbers are (live, stale, a replay), how old, and the clock; and the connection that brings them. */
import {known} from '../lib/format.mjs';
import {isRecorded} from '../lib/frame.mjs';
import {CALM, clause, inWords, SETTLED, shout, stateOf} from '../lib/state.mjs';
import {age, date, moment, time} from '../lib/time.mjs';
import {element, silenceLimit_ms, write} from '../page/dom.mjs';
import {redraw} from './figures.mjs';
import {seriesWanted, shownFrame} from './shown.mjs';

const ASK_AFTER_MS = 3000; // of silence: whether this viewer's session has ended
const link = {answeredAt: Date.now(), askedAt: 0, ahead_s: 0, status: {state: 'starting', message: ''}};
const series = {openedAt: Date.now(), isSettled: false}; // since when it is chosen; whether its numbers have come since

export const now_s = () => Date.now() / 1000 + link.ahead_s;
/* The exchange's clock: ours, or in a replay that of the recording, which goes on with its frames only. */
export const market_s = () => {
    const frame = shownFrame();
    return frame && isRecorded(frame) ? frame.market_ts : now_s();
};
export const isDemo = () => Boolean(link.status.demo);
/* The recorded moment on screen: that of the numbers, before them that of the feed; null when it is the market itself. */
export function replayed() {
    const ofFeed = link.status.recorded_ts;
    return known(ofFeed) ? shownFrame()?.recorded_ts || ofFeed : null;
}

/* The browser's own clock decides about silence, so a dead server is noticed too. */
function stateNow() {
    const silent_ms = Date.now() - link.answeredAt;
    return stateOf({
        silent_ms,
        limit_ms: silenceLimit_ms(),
        offline: {message: `No answer from the board's server for ${age(silent_ms / 1000)}.`},
        status: link.status,
        awaited_ms: series.isSettled ? Infinity : Date.now() - series.openedAt,
    });
}

export function showState() {
    const label = element('status-state');
    if (!label) return;
    const {state, message} = stateNow();
    const past = replayed();
    const as_of = shownFrame()?.as_of_ts;
    write(label, inWords(state));
    document.body.dataset.state = state;
    write(element('status-age'), as_of && past === null ? age(now_s() - as_of) : '');
    const kind = state === 'recorded' ? state : 'replay';
    const prefix = state === 'recorded' ? '' : 'replay of '; // the state stands beside it
    write(element('status-clock'), past === null ? `${time(now_s())} IST` : prefix + moment(past));
    element('status-clock').classList.toggle('recorded', past !== null);
    showToken();
    write(element('time-recording'), link.status.recording || '');
    showBand(state, message, past);
    showTitle(kind, past);
}

/* Loud where numbers cannot be trusted, calm where all is as it should be but not live. */
function showBand(state, message, past) {
    const band = element('status-band');
    band.hidden = CALM.includes(state);
    const when = moment(past ?? now_s());
    const ofThePast = {
        replay: `recorded ${when} · not the market of today`,
        recorded: `${when} · not the market of now`,
    };
    const replayOf = past === null ? '' : ` · replay of ${when}`;
    write(band, band.hidden ? '' : `${shout(state)} · ${ofThePast[state] ?? clause(message) + replayOf}`);
}

/* A recording names itself on the tab too, where a live board beside it would look the same. */
function showTitle(kind, past) {
    const plain = document.title.replace(/^(replay|recorded) [^·]*· /, '');
    const title = past === null ? plain : `${kind} ${date(past)} ${time(past).slice(0, 5)} · ${plain}`;
    if (document.title !== title) document.title = title;
}

/* How long this login lasts; a demo logs in to its own sandbox by itself and has nothing to count down to. */
function showToken() {
    const expires = !link.status.demo && link.status.token_expires_ts;
    const left_s = expires ? expires - now_s() : Infinity;
    const [hours, minutes] = [Math.floor(left_s / 3600), Math.floor((left_s % 3600) / 60)];
    const place = element('status-token');
    const words = left_s <= 0 ? 'login ended' : `login ${hours ? `${hours} h ` : ''}${minutes} m`;
    write(place, expires ? words : '');
    place.classList.toggle('soon', left_s < 1800);
}

/* The server has answered: what the numbers are, or why there are none. */
export function noteAnswer(status) {
    link.answeredAt = Date.now();
    link.ahead_s = status.server_ts - Date.now() / 1000;
    if (status.key === seriesWanted()) {
        // else it is about the series that is being left
        link.status = status;
        if (SETTLED.includes(status.state)) series.isSettled = true;
    }
    showState();
}
export const seriesLeft = () => Object.assign(series, {openedAt: Date.now(), isSettled: false});

/* Silence may have a reason: after a failed request Dash's interval can stay disabled, and a page nobody touches must wake it;
   and a viewer whose session has ended is sent to the password, and back here afterwards. */
async function endSilence() {
    const now = Date.now();
    if (now - Math.max(link.answeredAt, link.askedAt) < ASK_AFTER_MS) return;
    link.askedAt = now;
    if (now - link.answeredAt >= 2 * silenceLimit_ms()) window.dash_clientside.set_props('tick', {disabled: false});
    const asked = {method: 'HEAD', cache: 'no-store', signal: AbortSignal.timeout(ASK_AFTER_MS)};
    const answer = await fetch('/_dash-dependencies', asked).catch(() => null);
    if (answer?.status !== 401) return;
    const next = window.location.pathname + window.location.search;
    window.location.assign(`/password?${new URLSearchParams({next})}`);
}

/* Each answer shows the state with its numbers. Beside that the clock ticks, on the second: more often would be painted for
   nothing. Charts that came after their numbers, or into sight, are drawn with it. */
function tick() {
    setTimeout(tick, 1000 - ((now_s() * 1000) % 1000));
    redraw(); // it reads the layout, so before anything is written
    showState();
}

export function start() {
    setTimeout(tick, 1000 - ((now_s() * 1000) % 1000));
    setInterval(endSilence, 1000);
}
