/* How cells of the chain look, as AG Grid asks for it by name (layouts/chain_grid.py). */
import {gammaDigits as digitsFor, known, share} from '../lib/format.mjs';
import {sideAndField} from '../lib/frame.mjs';
import {shownFrame} from './shown.mjs';
import {gammaDigits, setGammaDigits, text, view} from './view.mjs';

const largest = {oi: 0, volume: 0}; // of each bar column over the whole chain

const coloured = (up, down) => ({color: up ? 'var(--up)' : down ? 'var(--down)' : 'var(--muted)'});

export const gridFunctions = {
    chainText: text,
    chainBar(side, field, value) {
        // Bars grow outward from the strike: calls towards the left, puts towards the right.
        const towards = side === 'call' ? 'to left' : 'to right';
        const shade = field === 'oi' ? 'bar' : 'faint';
        const until = `${share(value, largest[field]).toFixed(1)}%`;
        return {backgroundImage: `linear-gradient(${towards}, var(--${side}-${shade}) ${until}, transparent 0)`};
    },
    chainDirection: (value) => coloured(value > 0, value < 0),
    chainBuildUp: (value) => coloured(value === 'long_build_up' || value === 'short_covering', true),
    chainSpread(value) {
        const frame = shownFrame();
        const ticks = known(value) && frame ? Math.round(value / frame.tick_size) : 0;
        return {color: ticks >= 10 ? 'var(--down)' : ticks >= 4 ? 'var(--here)' : 'var(--muted)'};
    },
    chainRowClass: ({data}) => data.place,
    strikesLimited: () => view.strikes > 0,
    strikeInside: ({data}) => data.steps <= view.strikes,
};

const BARS = Object.keys(largest);
const LOOKS = {
    signed: gridFunctions.chainDirection,
    signed_compact: gridFunctions.chainDirection,
    signed_percent: gridFunctions.chainDirection,
    build_up: gridFunctions.chainBuildUp,
    spread: gridFunctions.chainSpread,
};
/* What AG Grid is asked to give a cell of a column when it makes it, to be given again with another value. */
export function styleOf(id, style, value) {
    const [side, field] = sideAndField(id);
    return side && BARS.includes(field) ? gridFunctions.chainBar(side, field, value) : LOOKS[style]?.(value);
}

/* Sets the scale of bars and gammas by a frame; gives the columns that have to be written anew for it. */
export function rescale(frame, {fresh = false} = {}) {
    const changed = [];
    for (const field of Object.keys(largest)) {
        const most = Math.max(1, frame.scale[field]);
        // Re-drawing every bar is only worth it when the scale moved visibly.
        if (!fresh && largest[field] && Math.abs(most / largest[field] - 1) <= 0.02) continue;
        largest[field] = most;
        changed.push(`call_${field}`, `put_${field}`);
    }
    const digits = digitsFor(frame.scale.gamma);
    // Two decimals too many are left: a column whose digits come and go is hard to read.
    if (fresh || digits > gammaDigits() || gammaDigits() - digits >= 2) {
        setGammaDigits(digits);
        changed.push('call_gamma', 'put_gamma');
    }
    return changed;
}
