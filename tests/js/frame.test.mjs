import assert from 'node:assert/strict';
import {test} from 'node:test';
import {at, fileName, isRecorded, rowMarks, sideAndField} from '../../assets/lib/frame.mjs';

const METRICS = {pcr_oi: 0.96, call_wall: 26700, put_wall: 26000};
const FRAME = {
    spot: 25990,
    forward: 26010,
    atm_strike: 26000,
    metrics: METRICS,
    window_metrics: {5: {pcr_oi: 1.2}},
    all_expiries: null,
};

test('a number is found by its path', () => {
    assert.equal(at(FRAME, 'spot'), 25990);
    assert.equal(at(FRAME, 'metrics.pcr_oi'), 0.96);
    assert.equal(at(FRAME, 'metrics.nothing'), undefined);
    assert.equal(at(FRAME, 'nothing.at.all'), undefined);
    assert.equal(at(FRAME, 'all_expiries.pcr_oi'), undefined);
});

test('a window is that of the viewer; without one there is none', () => {
    assert.equal(at(FRAME, 'window.pcr_oi', 5), 1.2);
    assert.equal(at(FRAME, 'window.pcr_oi', 10), undefined);
    assert.equal(at(FRAME, 'window.pcr_oi'), undefined);
    assert.equal(at({}, 'window.pcr_oi', 5), undefined);
});

test('a row is marked by the money, the ATM strike and the walls', () => {
    assert.equal(rowMarks(FRAME, 25900), 'itm-call');
    assert.equal(rowMarks(FRAME, 26000), 'itm-call atm put-wall');
    assert.equal(rowMarks(FRAME, 26700), 'itm-put call-wall');
    assert.equal(rowMarks({...FRAME, forward: null}, 26000), 'itm-put atm put-wall'); // from the spot then
    assert.equal(rowMarks({metrics: {}}, 26000), ''); // nothing is known of where the money is
});

test('a chain is of a recording when it says so or its clock is another one', () => {
    const live = {state: 'live', recorded_ts: null, as_of_ts: 1000, market_ts: 999};
    assert.equal(isRecorded(live), false);
    assert.equal(isRecorded({...live, state: 'replay'}), true);
    assert.equal(isRecorded({...live, recorded_ts: 5}), true);
    assert.equal(isRecorded({...live, market_ts: 900}), true);
});

test('ids of columns and keys of series', () => {
    assert.deepEqual(sideAndField('call_oi_change'), ['call', 'oi_change']);
    assert.deepEqual(sideAndField('put_ltp'), ['put', 'ltp']);
    assert.deepEqual(sideAndField('strike_pcr'), ['', 'strike_pcr']);
    assert.equal(fileName('BSE:TCS|2026-12-01', '_oi.png'), 'BSE-TCS_2026-12-01_oi.png');
});
