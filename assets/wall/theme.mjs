/* The theme of the wall's link, before anything else is there to paint; the scenes bring it once more. */
import {themeOf} from '../lib/link.mjs';

document.documentElement.dataset.theme = themeOf(window.location.search);
