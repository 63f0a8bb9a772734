/* The theme of the board, before anything else is there to paint: a link that says anything of the view says the theme too,
   a plain address opens in the one this viewer chose last. */
import {hasView, themeOf} from '../lib/link.mjs';

export const KEPT = 'chainboard-view'; // in localStorage: the query string of the view
export const asked = window.location.search; // the link as it was opened
export const kept = () => window.localStorage.getItem(KEPT) || '';
export const paintTheme = (theme) => {
    document.documentElement.dataset.theme = theme;
};
export const firstTheme = themeOf(hasView(asked) ? asked : kept());
paintTheme(firstTheme);
