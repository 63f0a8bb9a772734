import assert from 'node:assert/strict';
import {test} from 'node:test';
import {csv, facts, flat, lines, rowOf, tabbed} from '../../assets/lib/export.mjs';

const CHAIN = {
    key: 'NIFTY|2026-12-01',
    underlying: 'NIFTY',
    expiry: '2026-12-01',
    demo: true,
    state: 'live',
    as_of_ts: Date.UTC(2026, 10, 23, 10) / 1000,
    market_ts: Date.UTC(2026, 10, 23, 10) / 1000,
    recorded_ts: null,
    spot: 25971.05,
};

test('facts say what a chain is, of when, and in which unit', () => {
    const about = facts(CHAIN, 'lots', 'stale');
    assert.equal(about.mark, 'DEMO');
    assert.equal(about.state, 'stale');
    assert.equal(about.as_of_ist, '2026-11-23T15:30:00+05:30');
    assert.equal(about.recorded_ist, null);
    assert.match(about.units, /in lots; iv .* fractions of 1/);
    assert.equal(facts({...CHAIN, demo: false}, 'units').mark, null);
    assert.equal(facts({...CHAIN, state: 'replay'}, 'units').mark, 'DEMO REPLAY');
    assert.equal(facts({...CHAIN, key: undefined}, 'units').series, CHAIN.key);
});

test('quantities of a row are in the unit on screen; unknown is null', () => {
    const ids = ['call_oi', 'call_oi_change', 'call_ltp', 'strike', 'put_bid_qty', 'put_iv'];
    const data = {call_oi: 650, call_oi_change: -65, call_ltp: 650, strike: 26000, put_bid_qty: undefined};
    const row = {call_oi: 10, call_oi_change: -1, call_ltp: 650, strike: 26000, put_bid_qty: null, put_iv: null};
    assert.deepEqual(rowOf(ids, data, 65), row);
    assert.equal(rowOf(ids, data, 0).call_oi, 650);
});

test('fields that would break a line are quoted', () => {
    const rows = [
        {a: 'x,y', b: 'say "so"'},
        {a: null, b: 0},
    ];
    assert.equal(lines(['a', 'b'], rows, ','), 'a,b\n"x,y","say ""so"""\n,0\n');
    assert.equal(lines(['a'], [{a: 'x\ty'}, {a: 'x,y'}], '\t'), 'a\n"x\ty"\nx,y\n');
});

test('a CSV begins with what is known of it', () => {
    assert.equal(csv({mark: 'DEMO', recorded_ist: null}, ['a'], [{a: 1}]), '# mark: DEMO\na\n1\n');
});

test('the clipboard gets one line about it, headings, and rows', () => {
    const text = tabbed(facts(CHAIN, 'units', 'live'), ['strike', 'call_oi'], [{strike: 26000, call_oi: null}]);
    const about = 'DEMO · NIFTY · 2026-12-01 · 2026-11-23T15:30:00+05:30 · spot 25971.05 · OI in units';
    assert.equal(text, `${about}\nstrike\tcall_oi\n26000\t\n`);
});

test('a row of the API gets the names of columns', () => {
    assert.deepEqual(flat({strike: 1, call: {ltp: 2}, put: {ltp: 3}}), {call_ltp: 2, strike: 1, put_ltp: 3});
});
