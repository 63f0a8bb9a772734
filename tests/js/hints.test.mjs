import assert from 'node:assert/strict';
import {test} from 'node:test';
import {hintLines} from '../../assets/lib/hints.mjs';

const NOW = Date.UTC(2026, 10, 23, 10) / 1000; // 15:30 in India
const PAGE = {
    frame: {kind: 'index', forward: 26000.5, forward_source: 'parity', lot_size: 65},
    now_s: NOW,
    market_s: NOW,
};
const ROW = {
    strike: 26000,
    place: 'atm call-wall',
    call_symbol: 'NSE:X26000CE',
    call_trade_ts: NOW - 125,
    call_tick_ts: NOW - 2,
    call_price_from: 'stream',
    call_oi_from: 'chain poll',
    call_oi_ts: NOW - 30,
    call_price_source: 'mid',
    call_iv_source: 'smile',
    call_iv_status: 'ok',
};
const hint = (id, value, change = {}, page = PAGE) => hintLines({...ROW, ...change}, id, value, page);

test('a price says when it was traded and when it was last confirmed', () => {
    const traded = 'last trade 15:27:55 IST, 2 min ago';
    assert.deepEqual(hint('call_ltp', 203.4), ['NSE:X26000CE', traded, 'confirmed 2.0 s ago by stream']);
    const unknown = hint('call_ltp', 203.4, {call_trade_ts: null, call_tick_ts: null});
    assert.deepEqual(unknown.slice(1), ['time of the last trade not known', 'confirmed at an unknown time']);
});

test('quantities are exact and in both units, and a wall is called one', () => {
    const [, wall, exact, confirmed] = hint('call_oi', 6500);
    assert.equal(wall, 'call wall: the largest call OI of this expiry');
    assert.equal(exact, '6,500 units, 100 lots');
    assert.equal(confirmed, 'OI confirmed 30 s ago by chain poll');
    assert.equal(hint('call_volume', 6500, {}, {...PAGE, frame: null})[1], '6,500 units');
});

test('a model number names its inputs, and how the index settles', () => {
    const [, from, price, settlement] = hint('call_delta', 0.5);
    assert.equal(
        from,
        'computed: Black-76 from the forward 26,000.50 (parity) and the IV of the smile between accepted strikes',
    );
    assert.equal(price, 'price confirmed 2.0 s ago by stream');
    assert.match(settlement, /closing value of the index/);
    assert.equal(hint('call_delta', 0.5, {}, {...PAGE, frame: {...PAGE.frame, kind: 'stock'}}).length, 3);
    assert.match(hint('call_iv', 0.13)[1], /Black-76 from the middle of its quote/);
});

test('a blank says why', () => {
    const blank = (id, status) => hint(id, null, {call_iv_status: status})[1];
    assert.equal(blank('call_iv', 'stale'), 'the only price is too old');
    assert.equal(blank('call_delta', 'something new'), 'not known');
    assert.equal(blank('call_ltp', 'stale'), 'never traded');
    assert.equal(blank('call_bid', 'ok'), 'nobody bids');
    const told = {...PAGE, frame: {...PAGE.frame, reasons: {stale: 'as the feed words it'}}};
    assert.equal(hint('call_iv', null, {call_iv_status: 'stale'}, told)[1], 'as the feed words it');
});

test('what belongs to the strike as a whole', () => {
    assert.deepEqual(hint('straddle', 407), ['strike 26000', 'computed: call plus put at this strike']);
    assert.deepEqual(hint('straddle', null), ['strike 26000', 'the call or the put has no price']);
    assert.deepEqual(hint('strike', 26000), ['strike 26000']);
});
