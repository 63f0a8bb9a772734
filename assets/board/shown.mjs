/* Which series the page shows, its newest frame, and the series that a viewer has chosen and waits for. */
const shown = {frame: null, awaited: null};

export const shownFrame = () => shown.frame;
export const awaited = () => shown.awaited;
export const seriesWanted = () => (shown.awaited || shown.frame)?.key ?? null;

export const setShown = (frame) => Object.assign(shown, {frame, awaited: null});
/* Nothing is shown until the selection's first frame has come; null: of none. */
export const setAwaited = (selection) => Object.assign(shown, {frame: null, awaited: selection});
