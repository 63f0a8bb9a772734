/* From clicks to one wish. The newest wish wins; only the server turns a wish into a selection that exists. */
(() => {
    const fromAddress = (search) => {
        const query = new URLSearchParams(search);
        return {underlying: query.get('underlying') || '', expiry: query.get('expiry')};
    };
    const pair = ({underlying, expiry}) => `${underlying}|${expiry}`;
    const toAddress = ({underlying, expiry}) =>
        '?' + new URLSearchParams({underlying, expiry, ...window.chainboard.viewQuery()}).toString();
    let shown = null; // the selection whose address stands in the bar
    window.chainboard = window.chainboard || {};
    /* The view (strikes, charts, preset) changed: same selection, same history entry. */
    window.chainboard.rewriteAddress = () => {
        if (shown) window.history.replaceState({chainboard: true}, '', toAddress(shown));
    };

    // Back and forward: our own listener instead of dcc.Location, which pushes history entries of its own.
    window.addEventListener('popstate', () =>
        dash_clientside.set_props('address', {data: {search: window.location.search, moved: Date.now()}})
    );

    const clientside = (window.dash_clientside = window.dash_clientside || {});
    clientside.chainboard = Object.assign(clientside.chainboard || {}, {
        formIntent(underlying, stock, _clicks, address, _retries, selection, intent, remembered) {
            const number = ((intent && intent.number) || 0) + 1;
            const wish = (name, expiry, how) => ({underlying: name, expiry: expiry || null, number, how});
            if (!intent) {
                const asked = fromAddress(window.location.search);
                return wish(asked.underlying, asked.expiry, 'link');
            }
            // What we are heading for: the answered selection, or the wish still under way.
            const answered = selection && selection.number === intent.number;
            const heading = answered ? selection.underlying : intent.underlying;
            for (const {prop_id: source, value} of dash_clientside.callback_context.triggered) {
                if (source === 'lookup-retry.n_intervals') return {...intent, number};
                if (source === 'address.data' && address) {
                    if (address.refresh && selection) return wish(selection.underlying, selection.expiry, 'refresh');
                    const asked = fromAddress(address.search);
                    if (selection && answered && pair(selection) === pair(asked)) continue;
                    return wish(asked.underlying, asked.expiry, 'link');
                }
                if (source === 'underlying.value' && value && value !== heading)
                    return wish(value, (remembered || {})[value], 'choice');
                if (source === 'stock.value' && value) return wish(value, (remembered || {})[value], 'choice');
                if (source.endsWith('.n_clicks') && value > 0) {
                    const button = JSON.parse(source.slice(0, -'.n_clicks'.length));
                    // A button of an underlying that is being left: the click came too late and means nothing.
                    if (button.underlying === heading) return wish(button.underlying, button.expiry, 'choice');
                }
            }
            return dash_clientside.no_update;
        },

        /* A selection was made: put it into the address and remember the expiry of its underlying. */
        rememberSelection(selection, remembered) {
            if (!selection) return dash_clientside.no_update;
            const fresh = !window.history.state || !window.history.state.chainboard;
            const moved = pair(fromAddress(window.location.search)) !== pair(selection);
            const method = moved && !fresh && selection.how === 'choice' ? 'pushState' : 'replaceState';
            shown = selection;
            window.history[method]({chainboard: true}, '', toAddress(selection));
            document.title = `${selection.underlying} · Chainboard`;
            const chosen = document.querySelector('.expiry.chosen');
            if (chosen) chosen.scrollIntoView({block: 'nearest', inline: 'nearest'});
            return {...remembered, [selection.underlying]: selection.expiry};
        },
    });
})();
