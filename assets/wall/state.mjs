/* What the numbers are, in words, on every panel and across the screen. Ages are counted by this browser's own clock,
   so a dead server, a cut cable and a screen waking from sleep are noticed without anybody telling. */
import {known} from '../lib/format.mjs';
import {CALM, clause, inWords, NOT_LIVE_S, shout, stateOf} from '../lib/state.mjs';
import {age, moment, sinceWhen, time} from '../lib/time.mjs';
import {element, silenceLimit_ms, write} from '../page/dom.mjs';
import {bandWords, clockWords, isPast, momentOn, showTitle} from './past.mjs';
import {sceneOn} from './stage.mjs';

const OLD_S = 10;
const started = Date.now();
const link = {answeredAt: 0, ahead_s: 0, status: null, refusal: 0, replay: false};

const now_s = () => Date.now() / 1000 + link.ahead_s;
/* The moment against which numbers have an age: now, or the recorded one on screen. */
const shown_s = () => (isPast() ? momentOn(sceneOn()) : now_s());
const ageOf = ({asOf}) => (known(asOf) ? shown_s() - asOf : null);

/* The build of the page that the server would serve now; '' before its first answer. */
export const servedBuild = () => link.status?.build || '';

export function noteAnswer(status) {
    Object.assign(link, {answeredAt: Date.now(), ahead_s: status.server_ts - Date.now() / 1000, status, refusal: 0});
    // A silent feed does not say whether it plays a recording.
    if (known(status.recorded_ts)) link.replay = true;
    else if (!['stale', 'offline'].includes(status.state)) link.replay = status.state === 'replay';
}
/* An error page, or not our server: as good as silence. */
export const noteRefusal = (code) => {
    link.refusal = code;
};

/* The time of the market on screen: of a recording its own, and never today's in its place. */
function clockText(scene) {
    if (isPast()) return clockWords(scene);
    if (!link.replay) return `${time(now_s())} IST`;
    const docs = scene?.doc ? scene.doc.tiles || [scene.doc] : [];
    const times = docs.map(({market_ts}) => market_ts).filter(known);
    return times.length ? `Replay ${moment(Math.max(...times))}` : 'Replay';
}
function silence() {
    if (link.refusal === 401) return 'the board asks for its password: reload this page and type it';
    return link.refusal ? `the board's server answers ${link.refusal}` : "no answer from the board's server";
}

/* The state of the scene on screen. A scene may be silent for twice as long as the server. */
function stateOfScene(scene) {
    const answered = link.answeredAt || started;
    const own = Math.max(scene?.answeredAt || 0, scene?.shownAt || 0, started);
    return stateOf({
        silent_ms: Math.max(Date.now() - answered, (Date.now() - own) / 2),
        limit_ms: silenceLimit_ms(),
        offline: {message: silence(), since_ts: answered / 1000 + link.ahead_s},
        status: scene?.status,
        as_of_ts: scene?.kind === 'board' ? null : (scene?.doc?.as_of_ts ?? null),
        now_s: now_s(),
    });
}
export const stateNow = () => stateOfScene(sceneOn()).state;

/* One time is enough: where the words give one already, or the recording has its own, only how long it has lasted. */
function bandText({state, message, since_ts}) {
    if (state === 'recorded') return `${shout(state)} · ${bandWords(sceneOn())}`;
    const isDated = / IST/.test(message) || link.replay;
    const lasted = known(since_ts) && state !== 'replay' ? age(now_s() - since_ts) : '';
    const since = isDated ? ` · for ${lasted}` : ` · since ${sinceWhen(since_ts ?? 0, now_s())} (${lasted})`;
    const ofPast = isPast() ? ` · recorded ${clockWords(sceneOn())}` : '';
    return `${shout(state)} · ${clause(message)}${lasted && since}${ofPast}`;
}

function showAge(panel, overall) {
    panel.ageNode ||= panel.element.querySelector('.age');
    if (!panel.ageNode) return;
    const old_s = ageOf(panel);
    write(panel.ageNode, old_s === null ? '' : age(old_s));
    panel.ageNode.classList.toggle('old', old_s !== null && old_s > OLD_S && overall === 'live');
}

/* A tile may be stale alone, while the others are live. */
function showTile(panel, overall) {
    const {element: node, tile} = panel;
    const problem = node.querySelector('.panel-problem');
    const waiting = tile && tile.spot === undefined ? `${tile.underlying}: ${tile.problem || 'no numbers yet'}` : '';
    problem.hidden = !waiting;
    write(problem, waiting);
    let own = tile && !waiting && CALM.includes(overall) ? tile.state : '';
    if (own === 'live') own = ageOf(panel) > NOT_LIVE_S ? 'stale' : '';
    node.dataset.state = own;
    const band = node.querySelector('.panel-band');
    band.hidden = !own;
    if (own === 'stale') write(band, `STALE · nothing new for ${age(ageOf(panel))}`);
    else if (own) write(band, bandText({...tile, state: own}));
}

function showProblem(scene) {
    const place = scene.element.querySelector('.scene-problem');
    const isLacking = !scene.doc || scene.refused;
    const problem = scene.status
        ? scene.status.problem || 'Waiting for the first prices …'
        : 'Waiting for the board’s server …';
    place.hidden = !isLacking;
    write(place, isLacking ? problem : '');
    scene.element.classList.toggle('is-waiting', isLacking);
}

export function showState() {
    const clock = element('wall-clock');
    if (document.querySelector('.stage :is(.refusal, .builder)')) return write(clock, `${time(now_s())} IST`);
    const scene = sceneOn();
    const told = stateOfScene(scene);
    const {state} = told;
    if (document.body.dataset.state !== state) document.body.dataset.state = state;
    document.body.dataset.night = link.status?.night ? 'yes' : '';
    write(element('wall-state'), inWords(state));
    write(clock, clockText(scene));
    if (isPast()) showTitle(scene);
    const band = element('wall-band');
    if (band) {
        band.hidden = CALM.includes(state);
        write(band, band.hidden ? '' : bandText(told));
    }
    if (!scene) return;
    for (const panel of scene.panels) {
        showAge(panel, state);
        if (scene.kind === 'board') showTile(panel, state);
    }
    showProblem(scene);
}
