/* What a cell of the chain says on hover: where its number comes from, how old it is, or why it is blank. */
import {decimals, format, known} from './format.mjs';
import {sideAndField} from './frame.mjs';
import {age, time} from './time.mjs';

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
const PRICES = {mid: 'the middle of its quote', ltp: 'its last trade'};
const IV_FROM = {
    own: '',
    'other leg': ' of the other side at this strike',
    smile: ' of the smile between accepted strikes',
};

const ago = (seconds) => `${age(seconds)} ago`;
const priced = (leg) => PRICES[leg('price_source')] || 'its price';
const forward = ({frame}) =>
    known(frame?.forward) ? `the forward ${format('price', frame.forward)} (${frame.forward_source})` : 'the forward';

/* When the exchange last traded it, and when we last saw that this is still so: two times, two lines. */
function traded(leg, {market_s}) {
    const at = leg('trade_ts');
    return known(at) ? `last trade ${time(at)} IST, ${ago(market_s - at)}` : 'time of the last trade not known';
}
function confirmed(leg, {now_s}, what = 'confirmed', from = leg('price_from'), at = leg('tick_ts')) {
    return known(at) ? `${what} ${ago(now_s - at)}${known(from) ? ` by ${from}` : ''}` : `${what} at an unknown time`;
}
const price = (leg, page) => confirmed(leg, page, 'price confirmed');
const quote = (leg, page) => confirmed(leg, page, 'quote confirmed');
const oi = (leg, page) => confirmed(leg, page, 'OI confirmed', leg('oi_from'), leg('oi_ts'));

/* Quantities are exact here, and in both units. */
function exact(value, {frame}) {
    const lots = frame?.lot_size ? `, ${format('number', value / frame.lot_size).replace(/\.00$/, '')} lots` : '';
    return `${decimals(0)(value)} units${lots}`;
}

/* What each column is made of; a column that is not named here shows what the broker sent about the price. */
const SAYS = {
    ltp: (leg, page) => [traded(leg, page), confirmed(leg, page)],
    ltp_change: (leg, page) => ['computed: LTP minus the previous close', traded(leg, page), confirmed(leg, page)],
    ltp_change_percent: (leg, page) => [
        'computed: LTP against the previous close',
        traded(leg, page),
        confirmed(leg, page),
    ],
    bid: (leg, page) => [quote(leg, page)],
    ask: (leg, page) => [quote(leg, page)],
    bid_qty: (leg, page, value) => [exact(value, page), quote(leg, page)],
    ask_qty: (leg, page, value) => [exact(value, page), quote(leg, page)],
    spread: (leg, page) => ['computed: ask minus bid', quote(leg, page)],
    volume: (leg, page, value) => [exact(value, page), confirmed(leg, page)],
    oi: (leg, page, value) => [exact(value, page), oi(leg, page)],
    oi_change: (leg, page, value) => [
        exact(value, page),
        "computed: OI minus that of the previous day's close",
        oi(leg, page),
    ],
    oi_change_percent: (leg, page) => ["computed: OI against that of the previous day's close", oi(leg, page)],
    build_up: (leg, page) => [
        'computed: direction of the price and of OI since the previous close',
        price(leg, page),
        oi(leg, page),
    ],
    intrinsic: (_, page) => [`computed: distance of the strike from ${forward(page)}, at least 0`],
    time_value: (leg, page) => [`computed: ${priced(leg)} minus the intrinsic value`, price(leg, page)],
    break_even: (leg, page) => [`computed: strike and ${priced(leg)}`, price(leg, page)],
    iv: (leg, page) => [
        `computed: Black-76 from ${priced(leg)} and ${forward(page)}`,
        traded(leg, page),
        price(leg, page),
    ],
};
const model = (leg, page) => [
    `computed: Black-76 from ${forward(page)} and the IV${IV_FROM[leg('iv_source')] ?? ' of this strike'}`,
    price(leg, page),
];
const CENTRE = {
    straddle: 'computed: call plus put at this strike',
    strike_pcr: 'computed: put OI / call OI at this strike',
};

function whyBlank(leg, field, frame) {
    const status = leg('iv_status');
    const solved = [...MODEL, ...FROM_PRICE].includes(field) && status !== 'ok';
    return (solved && (frame?.reasons?.[status] || REASONS[status])) || BLANK[field] || 'not known';
}

/* The lines for the cell of a column in a row. page: {frame, now_s, market_s}, market_s being the exchange's clock. */
export function hintLines(data, id, value, page) {
    const [side, field] = sideAndField(id);
    if (!side) {
        const said = known(value) ? CENTRE[field] : BLANK[field] || 'not known';
        return [`strike ${format('strike_plain', data.strike)}`, ...(said ? [said] : [])];
    }
    const leg = (name) => data[`${side}_${name}`];
    const name = leg('symbol') || side;
    if (!known(value)) return [name, whyBlank(leg, field, page.frame)];
    const isModel = MODEL.includes(field);
    const isWall =
        field === 'oi' &&
        String(data.place || '')
            .split(' ')
            .includes(`${side}-wall`);
    return [
        name,
        ...(isWall ? [`${side} wall: the largest ${side} OI of this expiry`] : []),
        ...(SAYS[field] || (isModel ? model : (leg, page) => [confirmed(leg, page)]))(leg, page, value),
        ...(isModel && page.frame?.kind === 'index' ? [SETTLEMENT] : []),
    ];
}
