/* From clicks to one wish, which the server turns into a selection that exists (docs/decisions/0006). */
import {readSelection} from './link.mjs';

export const isSame = (one, other) => one.underlying === other.underlying && one.expiry === other.expiry;

/* The next wish, null when nothing was wished. triggered: what has changed, as Dash names it. intent: the last wish.
   selection: the last answer. remembered: underlying -> expiry chosen last. search: the page's own link. */
export function nextWish(triggered, {clicked, address, selection, intent, remembered, search}) {
    const number = (intent?.number || 0) + 1;
    const wish = ({underlying, expiry}, how) => ({underlying, expiry: expiry || null, number, how});
    if (!intent) return wish(readSelection(search), 'link');
    // What we are heading for: the answered selection, or the wish still under way.
    const answered = selection && selection.number === intent.number;
    const heading = answered ? selection.underlying : intent.underlying;
    for (const {prop_id: source, value} of triggered) {
        if (source === 'lookup-retry.n_intervals') return {...intent, number};
        if (source === 'address.data' && address) {
            if (address.refresh && selection) return wish(selection, 'refresh');
            const asked = readSelection(address.search);
            if (answered && isSame(selection, asked)) continue;
            return wish(asked, 'link');
        }
        const named = {underlying: value, expiry: remembered?.[value]};
        if (source === 'underlying.value' && value && value !== heading) return wish(named, 'choice');
        if (source === 'stock.value' && value) return wish(named, 'choice');
        // A button of an underlying that is being left: the click came too late and means nothing.
        if (source === 'expiry-clicked.data' && clicked?.underlying === heading) return wish(clicked, 'choice');
    }
    return null;
}
