/* What a cell of the chain says on hover: where its number comes from, how old it is, or why it is blank.
   The words are made when they are shown, and again every second while they stand, so an age never stands still. */
(() => {
    const board = (window.chainboard = window.chainboard || {});
    const {known} = board;
    const functions = (window.dashAgGridFunctions = window.dashAgGridFunctions || {});

    const REASONS = {
        no_price: 'no price to solve from: no quote and no recent trade',
        below_intrinsic: 'price below intrinsic value: an old trade',
        near_intrinsic: 'time value too small for the tick: any IV would be noise',
        above_max: 'the price would need more than 200 % volatility, or is above what an option can be worth',
        expired: 'this series has expired',
        stale: 'the only price is too old',
        wide_quote: 'the quote is too wide to be a price',
        settling: 'the last minutes: the outcome is all but known',
    };
    const BLANK = {
        ltp: 'never traded',
        ltp_change: 'never traded today, or no previous close',
        oi: 'open interest has not arrived yet',
        oi_change: "previous day's OI not known",
        bid: 'nobody bids',
        ask: 'nobody offers',
        spread: 'no two-sided quote',
        volume: 'volume has not arrived yet',
        build_up: 'price or OI change not known',
        straddle: 'the call or the put has no price',
        strike_pcr: 'call or put OI not known',
    };
    const MODEL = ['iv', 'delta', 'gamma', 'theta', 'vega', 'itm_probability'];
    const FROM_PRICE = ['intrinsic', 'time_value', 'break_even'];
    const SETTLEMENT =
        'Index options settle on the closing value of the index (an average of the last half-hour until July 2026, ' +
        'a closing auction since): part of it is known before the cutoff, and near it the IV is too low.';

    /* Whether a chain is of a recording: live, the exchange's clock is ours. */
    board.isRecorded = ({state, recorded_ts, as_of_ts, market_ts}) =>
        state === 'replay' || known(recorded_ts) || Math.abs(as_of_ts - market_ts) > 60;
    /* The exchange's clock: ours, or in a replay that of the recording, which goes on with its frames only. */
    board.market_s = () => {
        const frame = board.shownFrame();
        return frame && board.isRecorded(frame) ? frame.market_ts : board.now_s();
    };

    const IST = new Intl.DateTimeFormat('en-GB', {timeZone: 'Asia/Kolkata', timeStyle: 'medium'});
    const clock = (epoch_s) => `${IST.format(epoch_s * 1000)} IST`;
    const age = (seconds) => {
        const s = Math.max(0, seconds);
        return s < 10
            ? `${s.toFixed(1)} s ago`
            : s < 90
              ? `${Math.round(s)} s ago`
              : s < 5400
                ? `${Math.round(s / 60)} min ago`
                : `${(s / 3600).toFixed(1)} h ago`;
    };

    /* One leg of a row under names without its side. */
    const legOf = (data, side) => (name) => data[`${side}_${name}`];

    /* When the exchange last traded it, and when we last saw that this is still so: two times, two lines. */
    function trade(leg) {
        const at = leg('trade_ts');
        return known(at)
            ? `last trade ${clock(at)}, ${age(board.market_s() - at)}`
            : 'time of the last trade not known';
    }
    function confirmed(leg, what = 'confirmed', from = leg('price_from'), at = leg('tick_ts')) {
        if (!known(at)) return `${what} at an unknown time`;
        return `${what} ${age(board.now_s() - at)}${known(from) ? ` by ${from}` : ''}`;
    }
    const oiConfirmed = (leg) => confirmed(leg, 'OI confirmed', leg('oi_from'), leg('oi_ts'));

    const PRICES = {mid: 'the middle of its quote', ltp: 'its last trade'};
    const priced = (leg) => PRICES[leg('price_source')] || 'its price';
    const IV_FROM = {
        own: '',
        'other leg': ' of the other side at this strike',
        smile: ' of the smile between accepted strikes',
    };
    const forward = () => {
        const frame = board.shownFrame();
        return frame && known(frame.forward)
            ? `the forward ${board.format('price', frame.forward)} (${frame.forward_source})`
            : 'the forward';
    };

    /* Quantities are exact here, and in both units. */
    function exact(value) {
        const lots = board.lotSize
            ? `, ${board.format('number', value / board.lotSize).replace(/\.00$/, '')} lots`
            : '';
        return `${board.decimals(0)(value)} units${lots}`;
    }

    /* What each column is made of; a column that is not named here shows what the broker sent about the price. */
    const SAYS = {
        ltp: (leg) => [trade(leg), confirmed(leg)],
        ltp_change: (leg) => ['computed: LTP minus the previous close', trade(leg), confirmed(leg)],
        ltp_change_percent: (leg) => ['computed: LTP against the previous close', trade(leg), confirmed(leg)],
        bid: (leg) => [confirmed(leg, 'quote confirmed')],
        ask: (leg) => [confirmed(leg, 'quote confirmed')],
        bid_qty: (leg, value) => [exact(value), confirmed(leg, 'quote confirmed')],
        ask_qty: (leg, value) => [exact(value), confirmed(leg, 'quote confirmed')],
        spread: (leg) => ['computed: ask minus bid', confirmed(leg, 'quote confirmed')],
        volume: (leg, value) => [exact(value), confirmed(leg)],
        oi: (leg, value) => [exact(value), oiConfirmed(leg)],
        oi_change: (leg, value) => [
            exact(value),
            "computed: OI minus that of the previous day's close",
            oiConfirmed(leg),
        ],
        oi_change_percent: (leg) => ["computed: OI against that of the previous day's close", oiConfirmed(leg)],
        build_up: (leg) => [
            'computed: direction of the price and of OI since the previous close',
            confirmed(leg, 'price confirmed'),
            oiConfirmed(leg),
        ],
        intrinsic: () => [`computed: distance of the strike from ${forward()}, at least 0`],
        time_value: (leg) => [`computed: ${priced(leg)} minus the intrinsic value`, confirmed(leg, 'price confirmed')],
        break_even: (leg) => [`computed: strike and ${priced(leg)}`, confirmed(leg, 'price confirmed')],
        iv: (leg) => [
            `computed: Black-76 from ${priced(leg)} and ${forward()}`,
            trade(leg),
            confirmed(leg, 'price confirmed'),
        ],
    };
    const model = (leg) => [
        `computed: Black-76 from ${forward()} and the IV${IV_FROM[leg('iv_source')] ?? ' of this strike'}`,
        confirmed(leg, 'price confirmed'),
    ];
    const CENTRE = {
        straddle: () => ['computed: call plus put at this strike'],
        strike_pcr: () => ['computed: put OI / call OI at this strike'],
    };

    function why(leg, field, frame) {
        const status = leg('iv_status');
        const solved = [...MODEL, ...FROM_PRICE].includes(field);
        return (
            (solved && status !== 'ok' && ((frame && frame.reasons && frame.reasons[status]) || REASONS[status])) ||
            BLANK[field] ||
            'not known'
        );
    }

    /* The lines for one cell. side is '' for what belongs to the strike as a whole. */
    function lines(data, side, field, value) {
        const frame = board.shownFrame();
        const leg = legOf(data, side);
        if (!side)
            return [
                `strike ${board.format('strike_plain', data.strike)}`,
                ...(known(value) ? (CENTRE[field] || (() => []))() : [BLANK[field] || 'not known']),
            ];
        const name = leg('symbol') || side;
        if (!known(value)) return [name, why(leg, field, frame)];
        const said = (SAYS[field] || (MODEL.includes(field) ? model : (one) => [confirmed(one)]))(leg, value);
        const wall =
            field === 'oi' &&
            String(data.place || '')
                .split(' ')
                .includes(`${side}-wall`);
        return [
            name,
            ...(wall ? [`${side} wall: the largest ${side} OI of this expiry`] : []),
            ...said,
            ...(MODEL.includes(field) && frame && frame.kind === 'index' ? [SETTLEMENT] : []),
        ];
    }
    functions.chainHint = ({data, value}, side, field) => (data ? lines(data, side, field, value).join('\n') : '');

    /* --- while it is shown --- */
    function under(cell) {
        const api = board.grid();
        const node = cell && api && api.getRowNode(cell.closest('.ag-row').getAttribute('row-id'));
        if (!node) return '';
        const id = cell.getAttribute('col-id');
        const [, side, field] = id.match(/^(call|put)_(.*)/) || [null, '', id];
        return functions.chainHint({data: node.data, value: node.data[id]}, side, field);
    }
    function refresh() {
        const shown = document.querySelector('.ag-tooltip:not(.ag-tooltip-hiding)');
        const text = shown && under(document.querySelector('#chain-grid .ag-cell:hover'));
        if (text && shown.textContent !== text) shown.textContent = text;
        return Boolean(shown);
    }
    let ticking = null;
    board.keepHintsFresh = (api) =>
        api.addEventListener('tooltipShow', () => {
            refresh();
            clearInterval(ticking);
            ticking = setInterval(() => refresh() || clearInterval(ticking), 1000);
        });
})();
