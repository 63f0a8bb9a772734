/* The time bar: which moment of the recorded day the page shows. */
import {date, iso, moment, time} from '../lib/time.mjs';
import {momentOf, played, ribbon, spanOf, within} from '../lib/time_bar.mjs';
import {element, write} from '../page/dom.mjs';
import {momentShown, showMoment} from './moment.mjs';
import {seriesWanted} from './shown.mjs';
import {now_s} from './status.mjs';
import {relink} from './view.mjs';

const LOAD_EVERY_MS = 15_000; // what was recorded today grows
const bar = {series: null, day: null, segments: [], loadedAt: 0, player: null};
const today = () => iso(now_s()).slice(0, 10);
const slider = () => element('time-slider');

/* The page goes to a moment; null: to the market of now. */
function go(at) {
    if (at === null) play(false);
    showMoment(at);
    relink();
    paint();
}

/* --- what was recorded ---------------------------------------------------------------------------------------------- */
async function ask(path) {
    const answer = await fetch(path, {cache: 'no-store'}).catch(() => null);
    return answer?.ok ? answer.json() : null;
}

async function loadDays() {
    const found = await ask('/api/days');
    const days = new Set([...(found?.days || []), today()]);
    const choice = element('time-day');
    const written = [...choice.options].map(({value}) => value);
    const sorted = [...days].sort().reverse();
    if (sorted.join() === written.join()) return;
    choice.replaceChildren(...sorted.map((day) => new Option(date(Date.parse(`${day}T12:00+05:30`) / 1000), day)));
    choice.value = bar.day;
}

async function coverageOf(series, day) {
    const [underlying, expiry] = series.split('|');
    const found = await ask(`/api/coverage?${new URLSearchParams({underlying, expiry, day})}`);
    return found?.segments || [];
}

async function loadCoverage() {
    bar.loadedAt = Date.now();
    const {series, day} = bar;
    const segments = await coverageOf(series, day);
    if (series !== bar.series || day !== bar.day) return; // answered too late
    bar.segments = segments;
    paint();
}

/* The series or the day has changed, or the day has grown. */
function follow() {
    const series = seriesWanted();
    const at = momentShown();
    const day = at === null ? today() : iso(at).slice(0, 10);
    if (!series) return;
    const isSame = series === bar.series && day === bar.day;
    if (isSame && (day !== today() || Date.now() - bar.loadedAt < LOAD_EVERY_MS)) return;
    if (!isSame) Object.assign(bar, {series, day, segments: []});
    loadCoverage();
    loadDays();
}

/* --- what is shown -------------------------------------------------------------------------------------------------- */
function paint() {
    if (!slider()) return;
    const at = momentShown();
    const span = spanOf(bar.segments);
    slider().disabled = element('time-play').disabled = !span;
    element('time-live').classList.toggle('chosen', at === null);
    write(element('time-label'), at === null ? '' : moment(at));
    element('time-day').value = bar.day;
    element('time-coverage').style.backgroundImage = ribbon(bar.segments, 'var(--accent)');
    if (!span) return;
    const {from_ts, to_ts} = span;
    Object.assign(slider(), {min: Math.floor(from_ts), max: Math.ceil(to_ts), value: Math.round(at ?? to_ts)});
    slider().setAttribute('aria-valuetext', at === null ? 'now' : moment(at));
    slider().title = `${time(from_ts)} to ${time(to_ts)}`;
}

/* --- playing -------------------------------------------------------------------------------------------------------- */
function play(isOn = bar.player === null) {
    clearInterval(bar.player);
    bar.player = isOn ? setInterval(playOn, 1000) : null;
    write(element('time-play'), isOn ? '⏸' : '▶');
    element('time-play').setAttribute('aria-pressed', String(isOn));
    if (isOn && momentShown() === null && spanOf(bar.segments)) go(spanOf(bar.segments).from_ts);
}

function playOn() {
    const next = played(momentShown(), Number(element('time-speed').value), bar.segments);
    if (next === null) play(false);
    else go(next);
}

/* The end of another day, so that its numbers come with the click. */
async function chooseDay({target}) {
    play(false);
    if (target.value === today()) return go(null);
    const span = spanOf(await coverageOf(bar.series, target.value));
    go(span ? span.to_ts : Date.parse(`${target.value}T15:00+05:30`) / 1000);
}

/* A link's moment is asked of the server once the page stands. */
function announce() {
    if (momentShown() === null) return;
    if (element('chain-grid')) showMoment(momentShown());
    else setTimeout(announce, 50);
}

/* Waits for the page; a board that records nothing has no bar. */
function build() {
    const rail = document.querySelector('.time-rail');
    if (!rail) return element('chain-grid') ? undefined : setTimeout(build, 50);
    const range = document.createElement('input');
    Object.assign(range, {type: 'range', id: 'time-slider', step: 1});
    range.setAttribute('aria-label', 'Recorded moment');
    rail.append(range);
    range.addEventListener('input', () => {
        play(false);
        go(within(Number(range.value), spanOf(bar.segments)));
    });
    element('time-live').addEventListener('click', () => go(null));
    element('time-play').addEventListener('click', () => play());
    element('time-day').addEventListener('change', chooseDay);
    setInterval(follow, 1000);
}

export function start() {
    build();
    announce();
    window.addEventListener('popstate', () => {
        const at = momentOf(window.location.search);
        if (at !== momentShown() && !Number.isNaN(at)) showMoment(at);
    });
}
