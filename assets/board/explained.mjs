/* What stands behind the numbers of a strike (sources, times, what an IV was solved from): asked for when the pointer rests on
   its row, because a page would carry it for 242 options and show it of one. */
import {sideAndField} from '../lib/frame.mjs';
import {momentShown} from './moment.mjs';
import {shownFrame} from './shown.mjs';

const NEW_MS = 900; // an answer is asked for again after so long
const found = {of: '', askedAt: 0, legs: null};

const addressOf = (strike) => {
    const {underlying, expiry} = shownFrame();
    const at = momentShown();
    return `/frames/legs?${new URLSearchParams({underlying, expiry, strike, ...(at === null ? {} : {at})})}`;
};

/* Both sides of a strike under the names of columns, null until they have come. */
export const explained = (strike) => (shownFrame() && found.of === addressOf(strike) ? found.legs : null);

/* Asks for a strike where its answer is missing or old; calls back when a new one has come. */
export async function explain(strike, onAnswer) {
    if (!shownFrame()) return;
    const address = addressOf(strike);
    const isSame = found.of === address;
    if (isSame && Date.now() - found.askedAt < NEW_MS) return;
    Object.assign(found, {of: address, askedAt: Date.now(), legs: isSame ? found.legs : null});
    const answer = await fetch(address, {cache: 'no-store'}).catch(() => null);
    if (!answer?.ok || found.of !== address) return;
    const sides = await answer.json();
    const named = ['call', 'put'].flatMap((side) =>
        Object.entries(sides[side]).map(([field, value]) => [`${side}_${field}`, value]),
    );
    found.legs = Object.fromEntries(named);
    onAnswer();
}

/* Whether the hint of a column needs it: one about the strike as a whole does not. */
export const needsExplaining = (id) => sideAndField(id)[0] !== '';
