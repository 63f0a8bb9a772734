/* Asks for the scenes' numbers: of the one on screen once a second, of those waiting for their turn now and then. */
import {apply} from './apply.mjs';
import {sourceOf} from './past.mjs';
import {attempt, stage} from './stage.mjs';
import {noteAnswer, noteRefusal, showState} from './state.mjs';

const ASK_MS = 1000;
const KEEP_WARM_MS = 10000; // scenes waiting for their turn: their series stay leased, their numbers at hand
const PATIENCE_MS = 4000;

async function ask(scene) {
    Object.assign(scene, {asking: true, askedAt: Date.now()});
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), PATIENCE_MS);
    try {
        const have = scene.have ? `&have=${encodeURIComponent(scene.have)}` : '';
        const answer = await fetch(sourceOf(scene) + have, {cache: 'no-store', signal: patience.signal});
        const told = answer.headers.get('Chainboard-Status');
        if (!told) return noteRefusal(answer.status);
        take(scene, JSON.parse(told), answer.status === 200 ? await answer.json() : null);
    } catch {
        // No server, no network, or too slow. The band says so; the next beat asks again.
    } finally {
        clearTimeout(timer);
        scene.asking = false;
    }
}

function take(scene, status, doc) {
    Object.assign(scene, {status, answeredAt: Date.now(), refused: Boolean(status.refused)});
    noteAnswer(status);
    const isApplied = !doc || attempt(() => apply(scene, doc));
    if (doc && isApplied) scene.have = doc.have || `${doc.key}@${doc.version}`;
    if (isApplied) stage.appliedAt = Date.now();
    showState();
}

/* next: the number of the scene that is about to follow, -1 for none. */
export function askDue(next) {
    stage.scenes.forEach((scene, number) => {
        const every_ms = number === stage.on || number === next ? ASK_MS : KEEP_WARM_MS;
        if (!scene.asking && Date.now() - scene.askedAt >= every_ms) ask(scene);
    });
}
