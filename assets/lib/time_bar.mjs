/* The arithmetic of the time bar: stretches of a day, and steps in it. All moments are epoch seconds. */
import {iso} from './time.mjs';

/* The moment that a link names, as epoch seconds; null for now, NaN where the text is no moment. */
export function momentOf(search) {
    const text = new URLSearchParams(search).get('at');
    if (!text) return null;
    if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
    const isZoned = /(Z|[+-]\d\d:?\d\d)$/.test(text);
    return Date.parse(isZoned ? text : `${text}+05:30`) / 1000;
}

/* The moment as links carry it: IST, without an offset. */
export const linkMoment = (at) => (at === null ? null : iso(at).slice(0, 19));

/* First and last moment of the stretches; null without any. */
export const spanOf = (segments) =>
    segments.length ? {from_ts: segments[0].from_ts, to_ts: segments.at(-1).to_ts} : null;

/* The stretches as a CSS gradient over their span, `missing` transparent. */
export function ribbon(segments, colour) {
    const span = spanOf(segments);
    if (!span || span.to_ts <= span.from_ts) return 'none';
    const place = (ts) => `${((100 * (ts - span.from_ts)) / (span.to_ts - span.from_ts)).toFixed(2)}%`;
    const stops = segments.map(({from_ts, to_ts, kind}) => {
        const painted = kind === 'missing' ? 'transparent' : colour;
        return `${painted} ${place(from_ts)} ${place(to_ts)}`;
    });
    return `linear-gradient(to right, ${stops.join(', ')})`;
}

/* A moment within the span. */
export const within = (at, {from_ts, to_ts}) => Math.min(Math.max(at, from_ts), to_ts);

/* The next moment of playing: over a missing stretch to its end, and to the first record; null at the end of the day. */
export function played(at, seconds, segments) {
    const span = spanOf(segments);
    if (!span) return null;
    const next = Math.max(at + seconds, span.from_ts);
    const gap = segments.find(({kind, from_ts, to_ts}) => kind === 'missing' && from_ts <= next && next < to_ts);
    const moved = gap ? gap.to_ts : next;
    return moved <= span.to_ts ? moved : null;
}

/* Where playing stands when the day has ended: on its last record, or where it is, when that is later. */
export const ended = (at, segments) => Math.max(at, spanOf(segments)?.to_ts ?? at);
