/* What the numbers on a page are. The server decides that; a page adds what only it can see: that nobody answers it, that a
   series just chosen has not come yet, that what stands on screen has grown old. */
const LOADING_MS = 10000; // a series just chosen: so long "nothing new yet" is loading, not a fault
export const NOT_LIVE_S = 30; // no number on screen this old is live, whatever the server said last

export const CALM = ['live', 'starting', 'loading']; // no band
export const SETTLED = ['live', 'closed', 'replay', 'recorded'];

/* {state, message, since_ts}. silent_ms: since the last answer; limit_ms: the silence that means offline, with the words of
   `offline`. status: the server's last answer. awaited_ms: since a series was chosen whose numbers have not come; as_of_ts:
   when the newest number on screen was made, where that matters. */
export function stateOf({silent_ms, limit_ms, offline, status, awaited_ms = Infinity, as_of_ts = null, now_s = 0}) {
    if (silent_ms > limit_ms) return {state: 'offline', ...offline};
    if (!status) return {state: 'starting', message: '', since_ts: null};
    if (status.state === 'stale' && awaited_ms < LOADING_MS) return {state: 'loading', message: '', since_ts: null};
    if (status.state === 'live' && as_of_ts !== null && now_s - as_of_ts > NOT_LIVE_S)
        return {state: 'stale', message: 'no new number has come in', since_ts: as_of_ts};
    return status;
}

export const inWords = (state) => state.replace('_', ' ');
export const shout = (state) => inWords(state).toUpperCase();
/* A sentence as part of a line. */
export const clause = (sentence) => sentence.replace(/\.$/, '');
