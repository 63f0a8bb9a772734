/* What is saved or copied, as text, always with what it is, of when, and in which unit.
   Values are numbers in the units of `/api/chain` (IV a fraction), OI and other quantities in the unit on screen. What is as on screen
   has the decimals of the table, the whole chain has all. */
import {known, quantity} from './format.mjs';
import {isRecorded} from './frame.mjs';
import {iso} from './time.mjs';

const QUANTITIES = /(^|_)(oi|oi_change|prev_oi|volume|bid_qty|ask_qty)$/;

/* What a chain is: the same facts in every format. state: that of the page. */
export const facts = (chain, unit, state) => ({
    source: 'Chainboard',
    mark:
        [chain.demo && 'DEMO', chain.state === 'recorded' ? 'RECORDED' : isRecorded(chain) && 'REPLAY']
            .filter(Boolean)
            .join(' ') || null,
    series: chain.key || `${chain.underlying}|${chain.expiry}`,
    underlying: chain.underlying,
    symbol: chain.symbol,
    exchange: chain.exchange,
    expiry: chain.expiry,
    state: state || chain.state,
    as_of_ist: iso(chain.as_of_ts),
    as_of_ts: chain.as_of_ts,
    market_time_ist: iso(chain.market_ts),
    market_ts: chain.market_ts,
    recorded_ist: iso(chain.recorded_ts),
    spot: chain.spot,
    forward: chain.forward,
    forward_source: chain.forward_source,
    atm_strike: chain.atm_strike,
    lot_size: chain.lot_size,
    oi_unit: unit,
    units:
        `prices in rupees; OI, volume and quote quantities in ${unit}; iv and itm_probability as fractions of 1; ` +
        'theta per calendar day, vega per vol point, gamma per index point; times in epoch seconds (UTC); unknown is empty',
});

/* One row of the table with the named columns, quantities in lots where lot is not 0. */
export const rowOf = (ids, data, lot) =>
    Object.fromEntries(ids.map((id) => [id, (QUANTITIES.test(id) ? quantity(data[id], lot) : data[id]) ?? null]));

/* A row of `/api/chain` under the names of columns. */
export const flat = ({call, put, ...rest}) => {
    const named = (side, leg) =>
        Object.fromEntries(Object.entries(leg).map(([name, value]) => [`${side}_${name}`, value]));
    return {...named('call', call), ...rest, ...named('put', put)};
};

const field = (value, comma) => {
    const text = String(value ?? '');
    return new RegExp(`["\\n\\r${comma}]`).test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};
/* Headings and rows, a line each. */
export const lines = (ids, rows, comma) =>
    [ids, ...rows.map((row) => ids.map((id) => row[id]))]
        .map((line) => `${line.map((value) => field(value, comma)).join(comma)}\n`)
        .join('');

/* One `# key: value` a line before the headings; pandas skips them with comment='#'. */
export const csv = (about, ids, rows) => {
    const told = Object.entries(about).filter(([, value]) => known(value));
    return told.map(([key, value]) => `# ${key}: ${value}\n`).join('') + lines(ids, rows, ',');
};

/* For the clipboard: a line that says what it is, headings, rows; tabs between, as spreadsheets take them. */
export const tabbed = ({mark, underlying, expiry, as_of_ist, spot, oi_unit}, ids, rows) => {
    const about = [mark, underlying, expiry, as_of_ist, `spot ${spot}`, `OI in ${oi_unit}`].filter(Boolean).join(' · ');
    return `${about}\n${lines(ids, rows, '\t')}`;
};
