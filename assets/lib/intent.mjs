/* From clicks to one intent, which the server turns into a selection that exists (docs/decisions/0006). */
import {readSelection} from './link.mjs';

export const isSame = (one, other) => one.underlying === other.underlying && one.expiry === other.expiry;

/* The next intent, null when nothing was chosen. triggered: what has changed, as Dash names it. intent: the last one.
   selection: the last answer. remembered: underlying -> expiry chosen last. search: the page's own link. */
export function nextIntent(triggered, {clicked, address, selection, intent, remembered, search}) {
    const number = (intent?.number || 0) + 1;
    const intended = ({underlying, expiry}, how) => ({underlying, expiry: expiry || null, number, how});
    if (!intent) return intended(readSelection(search), 'link');
    // What we are heading for: the answered selection, or the intent still under way.
    const answered = selection && selection.number === intent.number;
    const heading = answered ? selection.underlying : intent.underlying;
    for (const {prop_id: source, value} of triggered) {
        if (source === 'lookup-retry.n_intervals') return {...intent, number};
        if (source === 'address.data' && address) {
            if (address.refresh && selection) return intended(selection, 'refresh');
            const asked = readSelection(address.search);
            if (answered && isSame(selection, asked)) continue;
            return intended(asked, 'link');
        }
        const named = {underlying: value, expiry: remembered?.[value]};
        if (source === 'underlying.value' && value && value !== heading) return intended(named, 'choice');
        if (source === 'stock.value' && value) return intended(named, 'choice');
        // A button of an underlying that is being left: the click came too late and is ignored.
        if (source === 'expiry-clicked.data' && clicked?.underlying === heading) return intended(clicked, 'choice');
    }
    return null;
}
