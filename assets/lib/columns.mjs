/* Which columns are shown, and in which order. One list of fields, outermost first, is mirrored around the strike.
   choices: what Python offers (layouts/chain_grid.py): presets, columns, legs, middle. */
const NARROW = ['oi', 'ltp']; // what a phone shows until its viewer chooses
const NARROW_PX = 700;
const WIDE_PX = 2400; // a screen with room for all charts shows all of them until the viewer picks

/* The fields a view shows, outermost first. */
export const shownFields = (view, choices, window_px) => {
    if (view.columns) return view.columns;
    if (view.preset) return choices.presets[view.preset];
    return window_px < NARROW_PX ? NARROW : Object.values(choices.presets)[0];
};

/* The state of all columns, left to right: columns stay on their side and mirror each other, whatever was dragged where. */
export const columnStates = (shown, {legs, middle}) => {
    const chosen = shown.filter((field) => legs.includes(field));
    const outward = [...legs.filter((field) => !chosen.includes(field)), ...chosen];
    const leg = (side) => (field) => ({colId: `${side}_${field}`, hide: !shown.includes(field)});
    return [
        ...outward.map(leg('call')),
        ...middle.map((field) => ({colId: field, hide: field !== 'strike' && !shown.includes(field)})),
        ...outward.reverse().map(leg('put')),
    ];
};

/* The fields in the order into which a viewer dragged one side, given by the ids of all shown columns: that of both. */
export const draggedOrder = (ids, side, before, {middle}) => {
    const fields = ids.filter((id) => id.startsWith(`${side}_`)).map((id) => id.slice(side.length + 1));
    if (side === 'put') fields.reverse();
    return [...fields, ...before.filter((field) => middle.includes(field))];
};

/* A field switched on or off. On, it stands where it was declared, before the first shown one nearer to the strike. */
export const toggled = (shown, field, {columns}) => {
    const left = shown.filter((one) => one !== field);
    if (left.length < shown.length) return left;
    const nearer = left.findIndex((one) => columns.indexOf(one) > columns.indexOf(field));
    left.splice(nearer < 0 ? left.length : nearer, 0, field);
    return left;
};

/* Whether a frame has the numbers of these fields; without a frame there is nothing to wait for. */
export const hasColumns = (frame, fields, {legs}) =>
    !frame || fields.every((field) => (legs.includes(field) ? frame.call : frame.row)[field] !== undefined);

export const isChartShown = (key, view, choices, window_px) =>
    view.charts ? view.charts.includes(key) : window_px >= WIDE_PX || choices.first_charts.includes(key);
