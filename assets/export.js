/* What is saved or copied: the table as on screen or the whole chain, always with what it is, of when, and in which unit.
   Values are numbers as `/api/chain` gives them (IV a fraction), OI and other quantities in the unit on screen. */
(() => {
    const board = (window.chainboard = window.chainboard || {});
    const QUANTITIES = /(^|_)(oi|oi_change|prev_oi|volume|bid_qty|ask_qty)$/;
    const IST = new Intl.DateTimeFormat('sv-SE', {timeZone: 'Asia/Kolkata', dateStyle: 'short', timeStyle: 'medium'});
    const ist = (epoch_s) => (board.known(epoch_s) ? `${IST.format(epoch_s * 1000).replace(' ', 'T')}+05:30` : null);

    /* --- what it is: the same facts in every format --- */
    function facts(chain, unit) {
        return {
            source: 'Chainboard',
            mark: [chain.demo && 'DEMO', board.isRecorded(chain) && 'REPLAY'].filter(Boolean).join(' ') || null,
            series: chain.key || `${chain.underlying}|${chain.expiry}`,
            underlying: chain.underlying,
            symbol: chain.symbol,
            exchange: chain.exchange,
            expiry: chain.expiry,
            state: document.body.dataset.state || chain.state,
            as_of_ist: ist(chain.as_of_ts),
            as_of_ts: chain.as_of_ts,
            market_time_ist: ist(chain.market_ts),
            market_ts: chain.market_ts,
            recorded_ist: ist(chain.recorded_ts),
            spot: chain.spot,
            forward: chain.forward,
            forward_source: chain.forward_source,
            atm_strike: chain.atm_strike,
            lot_size: chain.lot_size,
            oi_unit: unit,
            units:
                `prices in rupees; OI, volume and quote quantities in ${unit}; iv and itm_probability as fractions of 1; ` +
                'theta per calendar day, vega per vol point, gamma per index point; times in epoch seconds (UTC); unknown is empty',
        };
    }

    /* --- the table as on screen --- */
    const inUnit = (id, value) =>
        value !== null && value !== undefined && QUANTITIES.test(id) ? board.quantity(value) : (value ?? null);
    function onScreen() {
        const api = board.grid();
        const ids = api.getAllDisplayedColumns().map((column) => column.getColId());
        const rows = [];
        api.forEachNodeAfterFilterAndSort(({data}) =>
            rows.push(Object.fromEntries(ids.map((id) => [id, inUnit(id, data[id])]))),
        );
        return {ids, rows};
    }

    /* --- formats --- */
    const field = (value, comma) => {
        const text = value === null || value === undefined ? '' : String(value);
        return new RegExp(`["\\n\\r${comma}]`).test(text) ? `"${text.replaceAll('"', '""')}"` : text;
    };
    const lined = (ids, rows, comma) =>
        [ids, ...rows.map((row) => ids.map((id) => row[id]))]
            .map((line) => line.map((value) => field(value, comma)).join(comma))
            .join('\n') + '\n';
    /* One `# key: value` a line before the header; pandas skips them with comment='#'. */
    const csv = (about, ids, rows) =>
        Object.entries(about)
            .filter(([, value]) => value !== null && value !== undefined)
            .map(([key, value]) => `# ${key}: ${value}\n`)
            .join('') + lined(ids, rows, ',');

    const fileName = (ending) =>
        `${(board.shownFrame()?.key || 'chain').replace('|', '_').replace(':', '-')}.${ending}`;
    function save(text, type, name) {
        const url = URL.createObjectURL(new Blob([text], {type}));
        Object.assign(document.createElement('a'), {href: url, download: name}).click();
        setTimeout(() => URL.revokeObjectURL(url), 1000);
    }

    function exportCsv() {
        const {ids, rows} = onScreen();
        save(csv(facts(board.shownFrame(), board.view.oiUnit), ids, rows), 'text/csv', fileName('csv'));
    }
    function exportJson() {
        const {strikes, call, put, row, ...header} = board.shownFrame();
        const body = {...header, ...facts(header, board.view.oiUnit), rows: onScreen().rows};
        save(JSON.stringify(body, null, 1), 'application/json', fileName('json'));
    }

    /* The whole chain comes from the API in one answer, so its numbers and its facts are of one moment. */
    const flat = ({call, put, ...rest}) => ({
        ...Object.fromEntries(Object.entries(call).map(([name, value]) => [`call_${name}`, value])),
        ...rest,
        ...Object.fromEntries(Object.entries(put).map(([name, value]) => [`put_${name}`, value])),
    });
    async function exportWhole(format) {
        const {underlying, expiry} = board.shownFrame();
        const answer = await fetch(`/api/chain?${new URLSearchParams({underlying, expiry})}`);
        const chain = await answer.json();
        if (!answer.ok) return say('Export', chain.error.message);
        const about = facts(chain, 'units');
        const rows = chain.rows.map(flat);
        if (format === 'csv')
            save(csv(about, Object.keys(rows[0] || {strike: 0}), rows), 'text/csv', fileName('whole.csv'));
        else save(JSON.stringify({...chain, ...about}, null, 1), 'application/json', fileName('whole.json'));
    }

    /* --- copy: a line that says what it is, headings, rows; tabs between, as spreadsheets take them --- */
    function table() {
        const {ids, rows} = onScreen();
        const {mark, underlying, expiry, as_of_ist, spot, oi_unit} = facts(board.shownFrame(), board.view.oiUnit);
        const about = [mark, underlying, expiry, as_of_ist, `spot ${spot}`, `OI in ${oi_unit}`]
            .filter(Boolean)
            .join(' · ');
        return `${about}\n${lined(ids, rows, '\t')}`;
    }
    const say = (header, children) => dash_clientside.set_props('toast', {header, children, is_open: true});

    /* Plain http beyond this computer has no clipboard API; the old command works there from a click or a key. */
    function copyByCommand(text) {
        const before = document.activeElement;
        const area = Object.assign(document.createElement('textarea'), {value: text, readOnly: true});
        area.style.cssText = 'position:fixed;opacity:0';
        document.body.append(area);
        area.select();
        const done = document.execCommand('copy');
        area.remove();
        if (before) before.focus({preventScroll: true});
        return done;
    }
    /* Refused altogether: the text stands selected in a window, to be copied by hand. */
    function offerText(text) {
        const dialog = document.getElementById('copy-by-hand');
        const area = dialog.querySelector('textarea');
        area.value = text;
        dialog.showModal();
        area.select();
    }
    board.copyTable = async () => {
        if (!board.shownFrame()) return;
        const text = table();
        try {
            await navigator.clipboard.writeText(text);
        } catch (refused) {
            if (!copyByCommand(text)) return offerText(text);
        }
        say('Copied', `${text.split('\n').length - 3} rows, with headings.`);
    };

    board.exports = {
        csv: exportCsv,
        json: exportJson,
        'whole-csv': () => exportWhole('csv'),
        'whole-json': () => exportWhole('json'),
        copy: board.copyTable,
    };
})();
