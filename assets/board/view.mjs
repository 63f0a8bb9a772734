/* What of the board is on screen: columns and their order, strikes, charts, theme, unit of OI. A link that says anything of it
   says all of it; a plain address opens what this viewer chose last, kept in localStorage. And how numbers look in it. */
import {format} from '../lib/format.mjs';
import {DEFAULTS, hasView, readView, sentence, writeLink, writeView} from '../lib/link.mjs';
import {linkMoment} from '../lib/time_bar.mjs';
import {momentShown} from './moment.mjs';
import {asked, firstTheme, KEPT, kept, paintTheme} from './theme.mjs';

export const view = {...DEFAULTS, theme: firstTheme};
const page = {choices: null, selection: null, lotSize: 0, problem: ''};
const numbers = {lot: 0, strikes: 0, gammaDigits: 0};

/* What Python offers: presets, columns, charts, windows; null until the page stands. */
export const choices = () => page.choices;

function adopt(change) {
    Object.assign(view, change);
    numbers.strikes = view.strikes;
    numbers.lot = view.oiUnit === 'lots' ? page.lotSize : 0;
}

/* The view the page opens in, once it is known what can be chosen. */
export function openWith(offered) {
    page.choices = offered;
    const link = readView(asked, offered);
    page.problem = sentence(link.problems);
    adopt(hasView(asked) ? link.view : readView(kept(), offered).view);
    paintTheme(view.theme);
}

/* A choice is shown, remembered in this browser, and in the address. Opening a link is no choice. */
export function choose(change) {
    const own = {...readView(kept(), page.choices).view, ...change};
    window.localStorage.setItem(KEPT, new URLSearchParams(writeView(own)).toString());
    adopt(change);
    if (change.theme) paintTheme(view.theme);
    relink();
}

/* The selection and the view in the address bar. method: of the history. */
export function showLink(selection, method) {
    page.selection = selection;
    window.history[method]({chainboard: true}, '', writeLink(selection, view, linkMoment(momentShown())));
}

/* The same selection, at another moment. */
export function relink() {
    if (page.selection) showLink(page.selection, 'replaceState');
}

/* What of the link could not be shown, once; '' when all could. */
export function takeProblem() {
    const {problem} = page;
    page.problem = '';
    return problem;
}

/* --- numbers ------------------------------------------------------------------------------------------------------- */
/* A value in one of the styles that the layouts name, as this viewer reads it. */
export const text = (style, value) => format(style, value, numbers);
export const lot = () => numbers.lot;
export const gammaDigits = () => numbers.gammaDigits;
export const setGammaDigits = (digits) => {
    numbers.gammaDigits = digits;
};
/* The lot of the series on screen. */
export const setLotSize = (size) => {
    page.lotSize = size;
    adopt({});
};
