/* Which columns, strikes and charts are on screen: presets, chooser, drag order, strike window, export.
   All of it is this viewer's own taste: kept in localStorage, and in the address where a link should carry it. */
(() => {
    const board = (window.chainboard = window.chainboard || {});
    const NARROW = ['call_oi', 'call_ltp', 'strike', 'put_ltp', 'put_oi'];
    const KEPT = {preset: 'chainboard-preset', columns: 'chainboard-columns', order: 'chainboard-order',
        window: 'chainboard-window', charts: 'chainboard-charts'};
    const keep = (what, value) => window.localStorage.setItem(KEPT[what], JSON.stringify(value));
    const kept = (what) => {
        try {
            return JSON.parse(window.localStorage.getItem(KEPT[what]));
        } catch (notOurs) {
            return null;
        }
    };
    const asked = new URLSearchParams(window.location.search);
    const view = {
        presets: null,
        preset: asked.get('preset') || kept('preset'),
        columns: kept('columns'), // chosen one by one: overrides the preset
        strikes: Number(asked.get('strikes') ?? kept('window') ?? 0) || 0, // each side of the ATM; 0 = all
        charts: asked.has('charts') ? asked.get('charts').split(',') : kept('charts'),
    };
    board.view = view;
    /* What of the view belongs into a link: only what differs from the plain board. */
    board.viewQuery = () => ({
        ...(view.strikes ? {strikes: view.strikes} : {}),
        ...(view.charts ? {charts: view.charts.join(',')} : {}),
        ...(view.preset && view.presets && view.preset !== Object.keys(view.presets)[0] ? {preset: view.preset} : {}),
    });
    const linkChanged = () => board.rewriteAddress && board.rewriteAddress();

    /* --- strikes: a filter, so rows come and go without new row data --- */
    const functions = (window.dashAgGridFunctions = window.dashAgGridFunctions || {});
    functions.strikesLimited = () => view.strikes > 0;
    functions.strikeInside = (node) => node.data.steps <= view.strikes;

    /* --- columns --- */
    let prepared = null;
    board.prepareColumns = (api) => {
        if (prepared === api || !view.presets) return;
        prepared = api;
        const order = kept('order');
        if (order) api.applyColumnState({state: order.map((colId) => ({colId})), applyOrder: true});
        api.addEventListener('columnMoved', (event) => {
            if (!event.finished || event.source === 'api') return;
            keep('order', api.getColumnState().map(({colId}) => colId));
            fit(api);
        });
        fit(api);
        centreColumns(api);
    };

    function wanted() {
        if (window.innerWidth < 700) return NARROW;
        return view.columns || [...view.presets[view.preset], 'strike'];
    }

    function fit(api) {
        if (!api || !view.presets) return;
        if (!view.presets[view.preset]) view.preset = Object.keys(view.presets)[0];
        const shown = new Set(wanted());
        const all = api.getColumns();
        api.setColumnsVisible(all.filter((c) => shown.has(c.getColId()) && !c.isVisible()).map((c) => c.getColId()), true);
        api.setColumnsVisible(all.filter((c) => !shown.has(c.getColId()) && c.isVisible()).map((c) => c.getColId()), false);
        const room = all.filter((column) => column.isVisible());
        // Declared widths are for 13 px type; they grow with it, fill the panel, and give a little where it is narrow.
        const scale = parseFloat(getComputedStyle(document.documentElement).fontSize) / 13;
        const widths = room.map((column) => ({key: column.getColId(), newWidth: Math.round(column.getColDef().width * scale)}));
        const needed = widths.reduce((sum, {newWidth}) => sum + newWidth, 0);
        const spare = Math.max(0.94, (document.getElementById('chain-grid').clientWidth - 12) / needed);
        api.setColumnWidths(widths.map(({key, newWidth}) => ({key, newWidth: Math.floor(newWidth * spare)})));
        showChoices(shown);
    }

    /* More columns than there is room for: what stands beside the strike is seen first. */
    const centreColumns = (api) => requestAnimationFrame(() => api.isDestroyed() || api.ensureColumnVisible('strike', 'middle'));

    function showChoices(shown) {
        for (const button of document.querySelectorAll('[data-preset]')) {
            const chosen = !view.columns && button.dataset.preset === view.preset;
            button.classList.toggle('chosen', chosen);
            button.setAttribute('aria-pressed', String(chosen));
        }
        const tick = (entry, on) => entry.setAttribute('aria-checked', String(on));
        for (const entry of document.querySelectorAll('[data-column]')) tick(entry, idsOf(entry).some((id) => shown.has(id)));
        for (const entry of document.querySelectorAll('[data-chart]')) tick(entry, chartShown(entry.dataset.chart));
        const select = document.getElementById('strike-window');
        if (select) select.value = String(view.strikes);
    }

    function choosePreset(name) {
        Object.assign(view, {preset: name, columns: null});
        keep('preset', name);
        window.localStorage.removeItem(KEPT.columns);
        const api = board.grid();
        fit(api);
        if (api) centreColumns(api);
        linkChanged();
    }

    const idsOf = ({dataset: {column, centre}}) => (centre ? [column] : [`call_${column}`, `put_${column}`]);
    function chooseColumn(entry) {
        const columns = new Set(wanted());
        const on = entry.getAttribute('aria-checked') !== 'true';
        for (const id of idsOf(entry)) on ? columns.add(id) : columns.delete(id);
        view.columns = [...columns];
        keep('columns', view.columns);
        fit(board.grid());
    }

    function chooseStrikes(count) {
        view.strikes = count;
        keep('window', count);
        const api = board.grid();
        if (api) api.onFilterChanged();
        if (board.centre) board.centre();
        board.showFigures();
        board.drawCharts(board.shownFrame(), {now: true});
        linkChanged();
    }

    /* --- charts --- */
    // A screen with room for all charts shows all of them until the viewer picks.
    const chartShown = (key) => (view.charts ? view.charts.includes(key) : window.innerWidth >= 2400 || view.firstCharts.includes(key));
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
        view.charts = all.filter((one) => chartShown(one) !== (one === key));
        keep('charts', view.charts);
        arrangeCharts();
        fit(board.grid());
        linkChanged();
    }

    /* --- export: exactly what is on screen --- */
    const fileName = (ending) => `${(board.shownFrame()?.key || 'chain').replace('|', '_').replace(':', '-')}.${ending}`;
    function save(text, type, name) {
        const url = URL.createObjectURL(new Blob([text], {type}));
        Object.assign(document.createElement('a'), {href: url, download: name}).click();
        setTimeout(() => URL.revokeObjectURL(url), 1000);
    }
    function onScreen() {
        const api = board.grid();
        const columns = api.getAllDisplayedColumns().map((column) => ({id: column.getColId(), title: column.getColDef().headerName}));
        const rows = [];
        api.forEachNodeAfterFilterAndSort((node) => rows.push(node.data));
        return {columns, rows};
    }
    function exportCsv() {
        const {columns, rows} = onScreen();
        const api = board.grid();
        const quoted = (text) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
        const cell = (row, id) => api.getCellValue({rowNode: api.getRowNode(row.id), colKey: id, useFormatter: true}) ?? '';
        const lines = [columns.map(({id}) => id), ...rows.map((row) => columns.map(({id}) => cell(row, id)))];
        save(lines.map((line) => line.map((text) => quoted(String(text))).join(',')).join('\n') + '\n', 'text/csv', fileName('csv'));
    }
    function exportJson() {
        const {columns, rows} = onScreen();
        const {strikes, call, put, row, ...header} = board.shownFrame();
        const body = {...header, rows: rows.map((one) => Object.fromEntries(columns.map(({id}) => [id, one[id] ?? null])))};
        save(JSON.stringify(body, null, 1), 'application/json', fileName('json'));
    }
    function exportWhole(format) {
        const {underlying, expiry} = board.shownFrame();
        const query = new URLSearchParams({underlying, expiry, ...(format === 'csv' ? {format} : {})});
        Object.assign(document.createElement('a'), {href: `/api/chain?${query}`, download: fileName(`whole.${format}`)}).click();
    }
    const EXPORTS = {csv: exportCsv, json: exportJson, 'whole-csv': () => exportWhole('csv'), 'whole-json': () => exportWhole('json')};

    /* --- events --- */
    document.addEventListener('click', (event) => {
        const button = event.target.closest('button');
        for (const menu of document.querySelectorAll('details[open]'))
            if (!menu.contains(event.target) || (button && button.dataset.export)) menu.open = false;
        if (!button) return;
        if (button.dataset.preset) choosePreset(button.dataset.preset);
        if (button.dataset.column) chooseColumn(button);
        if (button.dataset.chart) chooseChart(button.dataset.chart);
        if (button.dataset.export && board.shownFrame()) EXPORTS[button.dataset.export]();
    });
    document.addEventListener('change', (event) => {
        if (event.target.id === 'strike-window') chooseStrikes(Number(event.target.value));
    });
    window.addEventListener('resize', (event) => {
        if (!event.isTrusted || !view.presets) return; // our own, for the charts
        fit(board.grid());
        if (!view.charts) arrangeCharts();
    });

    const clientside = (window.dash_clientside = window.dash_clientside || {});
    clientside.chainboard = Object.assign(clientside.chainboard || {}, {
        /* Once, when the page stands: presets and first charts as Python declares them. */
        openView({presets, charts}) {
            Object.assign(view, {presets, firstCharts: charts});
            arrangeCharts();
            const api = board.grid();
            if (api) board.prepareColumns(api);
            return dash_clientside.no_update;
        },
    });
})();
