/* From clicks to one intent, and from its answer to the page. The newest intent wins; only the server turns an intent into a selection
   that exists. */

import {isSame, nextIntent} from '../lib/intent.mjs';
import {readSelection} from '../lib/link.mjs';
import {awaitSeries} from './live.mjs';
import {toast} from './toast.mjs';
import {showLink, takeProblem} from './view.mjs';

const newest = {number: 0}; // of the intents

export function formIntent(_underlying, _stock, clicked, address, _retries, selection, intent, remembered) {
    const {callback_context, no_update} = window.dash_clientside;
    const {search} = window.location;
    const next = nextIntent(callback_context.triggered, {clicked, address, selection, intent, remembered, search});
    if (!next) return no_update;
    newest.number = next.number;
    return next;
}

/* What of the link could not be shown, after what the server had to say about its underlying and expiry. */
function tellProblem({notice}) {
    const problem = takeProblem();
    if (!problem) return;
    const children = [notice, problem].filter(Boolean).join(' ');
    setTimeout(() => toast('problem', 'Link', children));
}

/* An intent was answered: shows it in dropdowns and address, has its frame fetched, remembers its expiry. */
export function showSelection(selection, remembered) {
    const {no_update, set_props} = window.dash_clientside;
    if (!selection) return no_update;
    const isFirst = !window.history.state?.chainboard;
    const isMoved = !isSame(readSelection(window.location.search), selection);
    showLink(selection, isMoved && !isFirst && selection.how === 'choice' ? 'pushState' : 'replaceState');
    if (selection.number >= newest.number) {
        set_props('underlying', {value: selection.index});
        set_props('stock', {value: null});
        set_props('exchange', {value: selection.exchange});
    }
    tellProblem(selection);
    awaitSeries(selection);
    set_props('selection-changed', {data: selection.number});
    document.title = `${selection.underlying} · Chainboard`;
    document.querySelector('.expiry.chosen')?.scrollIntoView({block: 'nearest', inline: 'center'});
    return {...remembered, [selection.underlying]: selection.expiry};
}

export function start() {
    // Back and forward: our own listener instead of dcc.Location, which pushes history entries of its own.
    window.addEventListener('popstate', () =>
        window.dash_clientside.set_props('address', {data: {search: window.location.search, moved: Date.now()}}),
    );
}
