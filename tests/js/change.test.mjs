import assert from 'node:assert/strict';
import {test} from 'node:test';
import {changed} from '../../assets/lib/change.mjs';

const FRAME = {
    key: 'NIFTY|2026-12-01',
    view: 'a',
    version: 5,
    spot: 24000,
    metrics: {pcr: 1, atm_iv: 0.1},
    reasons: {pcr: 'No OI.'},
    call: {ltp: [1, 2, 3], oi: [10, 20, 30]},
};
const CHANGE = {
    key: 'NIFTY|2026-12-01',
    view: 'a',
    base: 5,
    version: 7,
    set: {spot: 24001, 'metrics.pcr': 2, reasons: {}},
    gone: ['reasons.pcr'],
    cells: {
        'call.ltp': [
            [0, 2],
            [9, null],
        ],
    },
};

test('a change gives the next frame and leaves the one before as it was', () => {
    const before = structuredClone(FRAME);
    const next = changed(FRAME, CHANGE);
    assert.deepEqual(FRAME, before);
    assert.deepEqual(next, {
        ...FRAME,
        version: 7,
        spot: 24001,
        metrics: {pcr: 2, atm_iv: 0.1},
        reasons: {},
        call: {ltp: [9, 2, null], oi: [10, 20, 30]},
    });
    assert.equal(next.call.oi, FRAME.call.oi);
});

test('a change of another series, view or version is no change of this frame', () => {
    for (const other of [{key: 'SENSEX|2026-12-03'}, {view: 'b'}, {base: 4}, {base: 7}])
        assert.equal(changed(FRAME, {...CHANGE, ...other}), null);
    assert.equal(changed(null, CHANGE), null);
    assert.equal(changed(changed(FRAME, CHANGE), CHANGE), null);
});
