/* What of the board is on screen: columns and their order, strikes, charts, theme, unit of OI. A link that says anything of it
   says all of it (address.js); a plain address opens what this viewer chose last, kept in localStorage. */
(() => {
    const board = (window.chainboard = window.chainboard || {});
    const {address} = board;
    const KEPT = 'chainboard-view';
    const NARROW = ['oi', 'ltp']; // what a phone shows until its viewer chooses
    const asked = window.location.search;
    const kept = () => window.localStorage.getItem(KEPT) || '';

    let choices = null; // what Python offers: presets, columns, charts, windows
    const view = (board.view = {...address.DEFAULTS});
    const paintTheme = () => (document.documentElement.dataset.theme = view.theme);
    view.theme = address.theme(address.hasView(asked) ? asked : kept());
    paintTheme();

    board.viewQuery = () => address.write(view);

    /* A choice is shown, remembered in this browser, and in the address. Opening a link is no choice. */
    function choose(change) {
        const own = {...address.read(kept(), choices).view, ...change};
        window.localStorage.setItem(KEPT, new URLSearchParams(address.write(own)).toString());
        Object.assign(view, change);
        if (board.rewriteAddress) board.rewriteAddress();
    }

    /* --- strikes: a filter, so rows come and go without new row data --- */
    const functions = (window.dashAgGridFunctions = window.dashAgGridFunctions || {});
    functions.strikesLimited = () => view.strikes > 0;
    functions.strikeInside = (node) => node.data.steps <= view.strikes;

    /* --- columns: one list of fields, outermost first, mirrored around the strike --- */
    let prepared = null;
    board.prepareColumns = (api) => {
        if (prepared === api || !choices) return;
        prepared = api;
        api.addEventListener('columnMoved', (event) => {
            if (event.finished && event.source === 'uiColumnMoved') takeOrder(api, event.column);
        });
        board.keepInSight(api);
        board.keepOwnWidths(api);
        board.keepHintsFresh(api);
        fit(api, {fresh: true});
        centreColumns(api);
    };

    function wanted() {
        if (view.columns) return view.columns;
        if (view.preset) return choices.presets[view.preset];
        return window.innerWidth < 700 ? NARROW : Object.values(choices.presets)[0];
    }

    /* Columns stay on their side and mirror each other, whatever was dragged where. */
    function arrange(api) {
        const shown = wanted();
        const legs = shown.filter((field) => choices.legs.includes(field));
        const outward = [...choices.legs.filter((field) => !legs.includes(field)), ...legs];
        const state = [
            ...outward.map((field) => ({colId: `call_${field}`, hide: !shown.includes(field)})),
            ...choices.middle.map((field) => ({colId: field, hide: field !== 'strike' && !shown.includes(field)})),
            ...outward.reverse().map((field) => ({colId: `put_${field}`, hide: !shown.includes(field)})),
        ];
        const now = api.getColumnState();
        const same = state.every(
            ({colId, hide}, place) => now[place].colId === colId && Boolean(now[place].hide) === hide,
        );
        if (!same) api.applyColumnState({state, applyOrder: true});
    }

    /* The order a viewer dragged one side into is the order of both. A group dragged as a whole goes back. */
    function takeOrder(api, moved) {
        const side = moved && moved.getColId().match(/^(call|put)_/);
        if (side) {
            const ids = api.getAllDisplayedColumns().map((column) => column.getColId());
            const fields = ids.filter((id) => id.startsWith(side[0])).map((id) => id.slice(side[0].length));
            if (side[1] === 'put') fields.reverse();
            const before = wanted();
            const columns = [...fields, ...before.filter((field) => choices.middle.includes(field))];
            if (columns.join() !== before.join()) choose({columns});
        }
        fit(api);
    }

    function fit(api, {fresh = false} = {}) {
        if (!choices) return;
        if (api) {
            arrange(api);
            board.fitWidths(api, {fresh});
        }
        showChoices(wanted());
    }

    board.refit = fit;

    /* More columns than there is room for: what stands beside the strike is seen first. */
    const centreColumns = (api) =>
        requestAnimationFrame(() => api.isDestroyed() || api.ensureColumnVisible('strike', 'middle'));
    board.centreColumns = () => board.grid() && centreColumns(board.grid());

    function showChoices(shown) {
        for (const button of document.querySelectorAll('[data-preset]')) {
            const chosen = !view.columns && choices.presets[button.dataset.preset] === shown;
            button.classList.toggle('chosen', chosen);
            button.setAttribute('aria-pressed', String(chosen));
        }
        const tick = (entry, on) => entry.setAttribute('aria-checked', String(on));
        for (const entry of document.querySelectorAll('[data-column]'))
            tick(entry, shown.includes(entry.dataset.column));
        for (const entry of document.querySelectorAll('[data-chart]')) tick(entry, chartShown(entry.dataset.chart));
        for (const entry of document.querySelectorAll('[data-oi-unit]'))
            tick(entry, view.oiUnit === entry.dataset.oiUnit);
        const select = document.getElementById('strike-window');
        if (select) select.value = String(view.strikes);
    }

    function showColumns(change) {
        choose(change);
        fit(board.grid(), {fresh: true});
    }

    function choosePreset(preset) {
        showColumns({preset, columns: null});
        board.centreColumns();
    }

    /* A column switched on stands where it was declared, before the first shown one that is nearer to the strike. */
    function chooseColumn(field) {
        const columns = wanted().filter((one) => one !== field);
        if (!wanted().includes(field)) {
            const rank = (one) => choices.columns.indexOf(one);
            const nearer = columns.findIndex((one) => rank(one) > rank(field));
            columns.splice(nearer < 0 ? columns.length : nearer, 0, field);
        }
        showColumns({columns});
    }

    function resetColumns() {
        board.forgetOwnWidths();
        choosePreset(null);
    }

    function chooseStrikes(strikes) {
        choose({strikes});
        const api = board.grid();
        if (api) api.onFilterChanged();
        if (board.centre) board.centre();
        board.showFigures();
        board.drawCharts(board.shownFrame(), {now: true});
    }

    /* OI, volume and quote quantities in units or in lots: the numbers stay, what is written changes. */
    function chooseUnit(oiUnit) {
        choose({oiUnit});
        const api = board.grid();
        if (api) api.refreshCells({force: true});
        fit(api, {fresh: true});
        board.showFigures();
        board.drawCharts(board.shownFrame(), {now: true});
    }
    board.switchUnit = () => chooseUnit(view.oiUnit === 'lots' ? 'units' : 'lots');

    board.switchTheme = () => {
        choose({theme: view.theme === 'light' ? 'dark' : 'light'});
        paintTheme();
    };

    /* --- charts --- */
    // A screen with room for all charts shows all of them until the viewer picks.
    const chartShown = (key) =>
        view.charts ? view.charts.includes(key) : window.innerWidth >= 2400 || choices.first_charts.includes(key);
    function arrangeCharts() {
        const all = [...document.querySelectorAll('.chart')];
        for (const chart of all) chart.hidden = !chartShown(chart.dataset.key);
        const box = document.querySelector('.charts');
        if (box) box.dataset.count = all.filter((chart) => !chart.hidden).length;
        window.dispatchEvent(new Event('resize'));
        board.drawCharts(board.shownFrame && board.shownFrame(), {now: true});
    }
    function chooseChart(key) {
        const all = [...document.querySelectorAll('.chart')].map((chart) => chart.dataset.key);
        choose({charts: all.filter((one) => chartShown(one) !== (one === key))});
        arrangeCharts();
        fit(board.grid());
    }

    /* --- events --- */
    document.addEventListener('click', (event) => {
        const button = event.target.closest('button');
        for (const menu of document.querySelectorAll('details[open]'))
            if (!menu.contains(event.target) || (button && button.dataset.export)) menu.open = false;
        if (!button) return;
        if (button.dataset.preset) choosePreset(button.dataset.preset);
        if (button.dataset.column) chooseColumn(button.dataset.column);
        if (button.dataset.columnsReset) resetColumns();
        if (button.dataset.oiUnit) board.switchUnit();
        if (button.dataset.chart) chooseChart(button.dataset.chart);
        if (button.dataset.export && board.shownFrame()) board.exports[button.dataset.export]();
    });
    document.addEventListener('change', (event) => {
        if (event.target.id === 'strike-window') chooseStrikes(Number(event.target.value));
    });
    window.addEventListener('resize', (event) => {
        if (!event.isTrusted || !choices) return; // our own, for the charts
        fit(board.grid(), {fresh: true});
        if (!view.charts) arrangeCharts();
    });

    const clientside = (window.dash_clientside = window.dash_clientside || {});
    clientside.chainboard = Object.assign(clientside.chainboard || {}, {
        /* Once, when the page stands and what can be chosen is known. */
        openView(offered) {
            choices = offered;
            const link = address.read(asked, choices);
            board.linkProblem = address.sentence(link.problems);
            Object.assign(view, address.hasView(asked) ? link.view : address.read(kept(), choices).view);
            paintTheme();
            arrangeCharts();
            board.openPanel();
            fit(null);
            const api = board.grid();
            if (api) board.prepareColumns(api);
            return dash_clientside.no_update;
        },
    });
})();
