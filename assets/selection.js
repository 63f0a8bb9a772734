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

    /* An expiry passes while its button stands: in a replay within minutes. */
    window.chainboard.markExpired = () => {
        const now = window.chainboard.market_s();
        for (const button of document.querySelectorAll('#expiries button[data-cutoff]')) {
            const remark = button.querySelector('small');
            if (Number(button.dataset.cutoff) <= now && remark.textContent !== 'expired')
                remark.textContent = 'expired';
        }
    };

    /* What of the link could not be shown, after what the server had to say about its underlying and expiry. Once. */
    function tellLinkProblem({notice}) {
        const problem = window.chainboard.linkProblem;
        if (!problem) return;
        window.chainboard.linkProblem = '';
        const children = [notice, problem].filter(Boolean).join(' ');
        setTimeout(() => dash_clientside.set_props('toast', {header: 'Link', children, is_open: true}));
    }

    // Back and forward: our own listener instead of dcc.Location, which pushes history entries of its own.
    window.addEventListener('popstate', () =>
        dash_clientside.set_props('address', {data: {search: window.location.search, moved: Date.now()}}),
    );

    let newest = 0; // number of the newest wish

    function nextWish(underlying, stock, clicked, address, selection, intent, remembered) {
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
            // A button of an underlying that is being left: the click came too late and means nothing.
            if (source === 'expiry-clicked.data' && clicked && clicked.underlying === heading)
                return wish(clicked.underlying, clicked.expiry, 'choice');
        }
        return dash_clientside.no_update;
    }

    document.addEventListener('click', (event) => {
        const button = event.target.closest('button[data-expiry]');
        if (!button) return;
        const {underlying, expiry} = button.dataset;
        dash_clientside.set_props('expiry-clicked', {data: {underlying, expiry, at: performance.now()}});
    });

    /* More expiries or figures than there is room for: an ordinary wheel moves them too. */
    document.addEventListener(
        'wheel',
        (event) => {
            const strip = event.target.closest('#expiries, .figures');
            if (!strip || strip.scrollWidth <= strip.clientWidth || Math.abs(event.deltaX) > Math.abs(event.deltaY))
                return;
            strip.scrollLeft += event.deltaY;
            event.preventDefault();
        },
        {passive: false},
    );

    const clientside = (window.dash_clientside = window.dash_clientside || {});
    clientside.chainboard = Object.assign(clientside.chainboard || {}, {
        formIntent(underlying, stock, clicked, address, _retries, selection, intent, remembered) {
            const wish = nextWish(underlying, stock, clicked, address, selection, intent, remembered);
            if (wish !== dash_clientside.no_update) newest = wish.number;
            return wish;
        },

        /* A wish was answered: show it in dropdowns and address, have its frame fetched, remember its expiry. */
        showSelection(selection, remembered) {
            if (!selection) return dash_clientside.no_update;
            const fresh = !window.history.state || !window.history.state.chainboard;
            const moved = pair(fromAddress(window.location.search)) !== pair(selection);
            const method = moved && !fresh && selection.how === 'choice' ? 'pushState' : 'replaceState';
            shown = selection;
            window.history[method]({chainboard: true}, '', toAddress(selection));
            if (selection.number >= newest) {
                dash_clientside.set_props('underlying', {value: selection.index});
                dash_clientside.set_props('stock', {value: null});
                dash_clientside.set_props('exchange', {value: selection.exchange});
            }
            tellLinkProblem(selection);
            window.chainboard.awaitSeries(selection);
            dash_clientside.set_props('selection-changed', {data: selection.number});
            document.title = `${selection.underlying} · Chainboard`;
            const chosen = document.querySelector('.expiry.chosen');
            if (chosen) chosen.scrollIntoView({block: 'nearest', inline: 'center'});
            return {...remembered, [selection.underlying]: selection.expiry};
        },
    });
})();
