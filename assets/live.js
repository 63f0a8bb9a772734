/* Applies frames and states to the page. All numbers come from the server; this file only places them. */
(() => {
    const board = (window.chainboard = window.chainboard || {});
    const GRID = 'chain-grid';
    const GAMMA_DIGITS = 4; // significant ones of the largest gamma of a chain
    const shown = {key: null, version: 0, frame: null, waitingFor: null, label: null};

    const element = (id) => document.getElementById(id);
    /* A number of the frame by its path; `window.…` is that of the chosen strike window, as the feed computed it. */
    const at = (frame, path) => {
        const [first, ...rest] = path.split('.');
        const start = first === 'window' ? (frame.window_metrics || {})[board.view.strikes] : frame[first];
        return rest.reduce((value, key) => (value ? value[key] : undefined), start);
    };
    const grid = () => {
        try {
            const api = window.dash_ag_grid && window.dash_ag_grid.getApi(GRID);
            return api && !api.isDestroyed() ? api : null;
        } catch (notReady) {
            return null; // the grid's script arrives after the page; the next frame finds it
        }
    };

    /* --- chain ------------------------------------------------------------------------------------------- */
    const place = (frame, strike) => {
        const centre = board.known(frame.forward) ? frame.forward : frame.spot;
        const side = !board.known(centre) ? '' : strike < centre ? 'itm-call' : 'itm-put';
        const {call_wall, put_wall} = frame.metrics;
        const marks = [
            side,
            strike === frame.atm_strike && 'atm',
            strike === call_wall && 'call-wall',
            strike === put_wall && 'put-wall',
        ];
        return marks.filter(Boolean).join(' ');
    };

    const where = (frame, strike, index) => {
        const centre = frame.strikes.indexOf(frame.atm_strike);
        return {place: place(frame, strike), steps: centre < 0 ? 0 : Math.abs(index - centre)};
    };

    function fill(row, frame, index) {
        for (const side of ['call', 'put']) {
            const columns = frame[side];
            for (const field in columns) row[`${side}_${field}`] = columns[field][index];
        }
        for (const field in frame.row) row[field] = frame.row[field][index];
        return row;
    }

    const rows = (frame) =>
        frame.strikes.map((strike, index) =>
            fill({id: String(strike), strike, ...where(frame, strike, index)}, frame, index),
        );

    function rescale(frame) {
        let grown = false;
        for (const field of ['oi', 'volume']) {
            const most = Math.max(1, ...frame.call[field], ...frame.put[field]);
            // Re-drawing every bar is only worth it when the scale moved visibly.
            if (!board.largest[field] || Math.abs(most / board.largest[field] - 1) > 0.02) {
                board.largest[field] = most;
                grown = true;
            }
        }
        return grown;
    }

    /* One number of decimals for the whole column, so that digits stand below each other. It changes rarely. */
    function rescaleGamma(frame) {
        const most = Math.max(0, ...frame.call.gamma, ...frame.put.gamma);
        const digits = most > 0 ? Math.min(9, Math.max(3, GAMMA_DIGITS - 1 - Math.floor(Math.log10(most)))) : 5;
        if (Math.abs(digits - (board.largest.gammaDigits || 0)) < 2 && board.largest.gammaDigits >= digits)
            return false;
        board.largest.gammaDigits = digits;
        return true;
    }

    /* A side that no source has confirmed for too long, as the feed says, fades: far strikes, or a stuck feed. */
    function fade(frame) {
        for (const row of document.querySelectorAll(`#${GRID} .ag-row[row-id]`)) {
            const index = frame.strikes.indexOf(Number(row.getAttribute('row-id')));
            for (const side of ['call', 'put']) {
                row.classList.toggle(`old-${side}`, index >= 0 && frame[side].old[index]);
            }
        }
    }

    function openSeries(api, frame) {
        board.largest.oi = board.largest.volume = board.largest.gammaDigits = 0;
        rescale(frame);
        rescaleGamma(frame);
        api.setGridOption('rowData', rows(frame));
        const middle = () => {
            const {atm_strike} = shown.key === frame.key ? shown.frame : frame; // the money of now, not of the opening
            const node = api.getRowNode(String(atm_strike)) || api.getDisplayedRowAtIndex(frame.strikes.length >> 1);
            if (node) api.ensureNodeVisible(node, 'middle');
        };
        board.centre = middle;
        middle();
        requestAnimationFrame(middle); // the first layout of an empty grid has no height yet
    }

    /* Classes alone: a row drawn anew would lose the focus, and the text selected in it. */
    const PLACES = ['itm-call', 'itm-put', 'atm', 'call-wall', 'put-wall'];
    function mark({data: {id, place: now}}) {
        for (const row of document.querySelectorAll(`#${GRID} .ag-row[row-id="${id}"]`))
            for (const name of PLACES) row.classList.toggle(name, now.split(' ').includes(name));
    }

    /* Write into the rows and let the grid compare: flat in memory and cheapest (docs/decisions/0005). */
    function updateSeries(api, frame) {
        const changed = [];
        const moved = [];
        frame.strikes.forEach((strike, index) => {
            const node = api.getRowNode(String(strike));
            if (!node) return;
            const row = node.data;
            for (const column of ['call_ltp', 'put_ltp']) {
                const [before, now] = [row[column], frame[column.slice(0, -4)].ltp[index]];
                if (board.known(before) && board.known(now) && before !== now)
                    changed.push([row.id, column, now > before]);
            }
            const {place: now, steps} = where(frame, strike, index);
            if (now !== row.place) moved.push(node);
            Object.assign(row, {place: now, steps});
            fill(row, frame, index);
        });
        api.refreshCells();
        if (rescale(frame)) {
            const bars = ['call_oi', 'put_oi', 'call_volume', 'put_volume'];
            api.refreshCells({columns: bars, force: true});
        }
        if (rescaleGamma(frame)) {
            api.refreshCells({columns: ['call_gamma', 'put_gamma'], force: true});
            board.fitWidths(api, {fresh: true, frame});
        }
        if (moved.length) {
            api.onFilterChanged(); // the strike window moves with the ATM
            moved.forEach(mark);
        }
        board.growWidths(api, frame);
        fade(frame);
        board.flash(
            changed.map(([id, column, up]) => [
                document.querySelector(`#${GRID} [row-id="${id}"] [col-id="${column}"]`),
                up,
            ]),
        );
    }

    const sameRows = (frame) =>
        shown.frame &&
        shown.key === frame.key &&
        shown.frame.strikes.length === frame.strikes.length &&
        shown.frame.strikes.every((strike, index) => strike === frame.strikes[index]);

    function showFrame(frame) {
        const api = grid();
        if (!api) return false;
        board.lotSize = frame.lot_size;
        const fresh = shown.key !== frame.key;
        // Everything in one task, so that no moment shows two versions; charts first, while no layout is pending.
        board.drawCharts(frame);
        painted(() => (sameRows(frame) ? updateSeries(api, frame) : openSeries(api, frame)));
        board.prepareColumns(api);
        if (fresh) board.fitWidths(api, {fresh, frame});
        Object.assign(shown, {key: frame.key, version: frame.version, frame, waitingFor: null, label: labelText()});
        showFigures(frame);
        message('');
        document.body.dataset.series = frame.key;
        for (const part of versioned()) part.dataset.version = frame.version;
        board.followMoney();
        board.markExpired();
        if (fresh) board.seriesOpened();
        return true;
    }

    /* The grid's cells are React's, which would put them off to a later painting than the rest of the page. */
    const painted = (change) => window.ReactDOM.flushSync(change);
    const labelText = () => element('selection-label')?.textContent;
    /* The parts of the page that name the version they show; each chart does so by itself. */
    const versioned = () => [document.body, element(GRID), document.querySelector('.figures')].filter(Boolean);

    function showFigures(frame) {
        for (const span of document.querySelectorAll('[data-bind]')) {
            const value = frame ? at(frame, span.dataset.bind) : null;
            const text = board.format(span.dataset.format, value);
            if (span.textContent !== text) span.textContent = text;
            if (span.dataset.format.startsWith('change'))
                span.style.color = value > 0 ? 'var(--up)' : value < 0 ? 'var(--down)' : '';
        }
    }

    /* Another series was chosen: nothing of the old one may stand under the new label. */
    board.awaitSeries = (selection) => {
        if (selection.key === shown.key || (shown.waitingFor && shown.waitingFor.key === selection.key)) return;
        empty();
        shown.waitingFor = selection;
        board.showState();
        setTimeout(() => {
            if (shown.waitingFor === selection) message(`Loading ${selection.underlying} ${selection.expiry} …`);
        }, 250);
    };

    function empty() {
        Object.assign(shown, {key: null, version: 0, frame: null, label: null});
        delete document.body.dataset.series;
        for (const part of versioned()) delete part.dataset.version;
        const api = grid();
        if (api) painted(() => api.setGridOption('rowData', []));
        showFigures(null);
        board.emptyCharts();
        board.seriesLeft();
        dash_clientside.set_props('seen', {data: null}); // or the server would think that its frame still stands here
    }

    /* Dash writes the label before it says what was chosen: what stands under it goes in the same painting. */
    function watchLabel() {
        const label = element('selection-label');
        if (!label) return setTimeout(watchLabel, 50);
        new MutationObserver(() => shown.frame && labelText() !== shown.label && empty()).observe(label, {
            childList: true,
            characterData: true,
            subtree: true,
        });
    }
    watchLabel();

    function message(text) {
        const place = element('chain-message');
        if (place && place.textContent !== text) place.textContent = text;
    }

    /* --- what Dash calls --------------------------------------------------------------------------------- */
    const clientside = (window.dash_clientside = window.dash_clientside || {});
    clientside.chainboard = Object.assign(clientside.chainboard || {}, {
        applyFrame(text, selection) {
            if (!selection) return dash_clientside.no_update;
            if (!text) return dash_clientside.no_update;
            const frame = JSON.parse(text);
            if (frame.key !== selection.key) return dash_clientside.no_update; // foreign: of an earlier choice
            if (frame.key === shown.key && frame.version < shown.version) return dash_clientside.no_update; // older
            if (!showFrame(frame)) return {};
            return {key: frame.key, version: frame.version};
        },

        applyStatus(text) {
            if (!text) return dash_clientside.no_update;
            const status = JSON.parse(text);
            if (shown.waitingFor && status.waiting) message(status.waiting);
            if (shown.directory && status.directory !== shown.directory) board.refreshSelection();
            shown.directory = status.directory;
            board.answered(status);
            return status.state;
        },
    });

    board.showFigures = () => showFigures(shown.frame);
    board.refreshSelection = () => dash_clientside.set_props('address', {data: {refresh: true, moved: Date.now()}});
    board.grid = grid;
    board.shownFrame = () => shown.frame;
    board.seriesWanted = () => (shown.waitingFor || shown).key;
    document.addEventListener('visibilitychange', () => board.drawCharts(shown.frame, {now: true}));

    /* --- buttons that only concern this browser ------------------------------------------------------------ */
    function toggleTheme() {
        board.switchTheme();
        board.drawCharts(shown.frame, {now: true});
    }
    document.addEventListener('click', (event) => {
        const button = event.target.closest('button');
        if (!button) return;
        if (button.id === 'theme-toggle') toggleTheme();
    });
})();
