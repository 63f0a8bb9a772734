/* The view in a link: which parameters there are, what they say, and what of it cannot be shown (docs/decisions/0027). */
import {momentOf} from './time_bar.mjs';

const SELECTION = ['underlying', 'expiry'];
const MOMENT = 'at';
const VIEW = ['preset', 'columns', 'strikes', 'charts', 'theme', 'oi'];
export const DEFAULTS = {preset: null, columns: null, strikes: 0, charts: null, theme: 'dark', oiUnit: 'units'};
const NONE = 'none';

const names = (text) => [...new Set(text.split(',').map((name) => name.trim()))].filter(Boolean);
const cut = (text) => (text.length > 40 ? `${text.slice(0, 40)}…` : text);
const quoted = (list) => {
    const first = list.slice(0, 3).map((name) => `“${cut(name)}”`);
    return first.join(', ') + (list.length > 3 ? ' …' : '');
};

/* One value out of a few, null when it is none of them. */
const oneOf = (offered, value, what, problems) => {
    if (offered.includes(value)) return value;
    problems.push(`there is no ${what} ${quoted([value])}`);
    return null;
};

/* Several values; those that are not offered are left out. Null when none is left, so that the default shows. */
const someOf = (offered, text, what, problems) => {
    if (text === NONE || text === '') return [];
    const foreign = names(text).filter((name) => !offered.includes(name));
    if (foreign.length)
        problems.push(`there ${foreign.length > 1 ? `are no ${what}s` : `is no ${what}`} ${quoted(foreign)}`);
    const left = names(text).filter((name) => offered.includes(name));
    return left.length ? left : null;
};

/* How each parameter is read; `choices` is what this board offers (layouts/page.py). */
const READERS = {
    preset: (text, choices, problems) => ({preset: oneOf(Object.keys(choices.presets), text, 'preset', problems)}),
    columns: (text, choices, problems) => ({columns: someOf(choices.columns, text, 'column', problems)}),
    charts: (text, choices, problems) => ({charts: someOf(choices.charts, text, 'chart', problems)}),
    theme: (text, _, problems) => ({theme: oneOf(['dark', 'light'], text, 'theme', problems) || DEFAULTS.theme}),
    oi: (text, _, problems) => ({oiUnit: oneOf(['units', 'lots'], text, 'unit of OI', problems) || DEFAULTS.oiUnit}),
    strikes: (text, choices, problems) => ({
        strikes: Number(oneOf(['0', ...choices.windows.map(String)], text, 'window of strikes', problems) || 0),
    }),
};

/* Whether a link says anything about the view: then it says all of it, and what it leaves out is the default. */
export const hasView = (search) => VIEW.some((name) => new URLSearchParams(search).has(name));

/* The theme alone, needed before anything is painted. */
export const themeOf = (search) => (new URLSearchParams(search).get('theme') === 'light' ? 'light' : 'dark');

/* The view a link gives, and in words what of it cannot be given. */
export function readView(search, choices) {
    const query = new URLSearchParams(search);
    const problems = [];
    const view = {...DEFAULTS};
    for (const name of VIEW)
        if (query.has(name)) Object.assign(view, READERS[name](query.get(name), choices, problems));
    const foreign = [...new Set(query.keys())].filter((name) => ![...SELECTION, ...VIEW, MOMENT].includes(name));
    if (Number.isNaN(momentOf(search))) problems.push(`${quoted([query.get(MOMENT)])} is no moment`);
    if (foreign.length) problems.push(`the board does not know ${quoted(foreign)}`);
    return {view, problems};
}

/* The parameters of a view. The theme is always among them, so every link out of the address bar is a whole view. */
export const writeView = ({preset, columns, strikes, charts, theme, oiUnit}) => ({
    ...(columns ? {columns: columns.join(',') || NONE} : preset ? {preset} : {}),
    ...(strikes ? {strikes: String(strikes)} : {}),
    ...(charts ? {charts: charts.join(',') || NONE} : {}),
    ...(oiUnit === DEFAULTS.oiUnit ? {} : {oi: oiUnit}),
    theme,
});

/* One sentence, empty when everything could be shown. */
export const sentence = (problems) =>
    problems.length ? `Not all of this link can be shown: ${problems.join('; ')}.` : '';

/* The selection of a link; what it does not name is '' and null. */
export function readSelection(search) {
    const query = new URLSearchParams(search);
    return {underlying: query.get('underlying') || '', expiry: query.get('expiry')};
}

/* The query string of a selection in a view. at: the recorded moment on screen, as links carry it; null for now. */
export const writeLink = ({underlying, expiry}, view, at = null) =>
    `?${new URLSearchParams({underlying, expiry, ...(at ? {[MOMENT]: at} : {}), ...writeView(view)})}`;
