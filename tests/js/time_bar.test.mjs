import assert from 'node:assert/strict';
import {test} from 'node:test';
import {ended, linkMoment, momentOf, played, ribbon, spanOf, within} from '../../assets/lib/time_bar.mjs';

const SEGMENTS = [
    {from_ts: 1000, to_ts: 1100, kind: 'recorded'},
    {from_ts: 1100, to_ts: 1150, kind: 'missing'},
    {from_ts: 1150, to_ts: 1200, kind: 'recorded'},
];

test('a moment in a link is IST, has an offset, or is seconds', () => {
    const expected = Date.UTC(2026, 10, 23, 6, 12, 5) / 1000;
    for (const at of ['2026-11-23T11:42:05', '2026-11-23T06:12:05Z', '2026-11-23T11:42:05%2B05:30', String(expected)])
        assert.equal(momentOf(`?at=${at}`), expected, at);
    assert.equal(momentOf('?underlying=NIFTY'), null);
    assert.ok(Number.isNaN(momentOf('?at=yesterday')));
});

test('a moment goes into a link and comes back', () => {
    const at = momentOf('?at=2026-11-23T11:42:05');
    assert.equal(linkMoment(at), '2026-11-23T11:42:05');
    assert.equal(linkMoment(null), null);
});

test('the ribbon paints what was recorded and leaves the rest', () => {
    assert.equal(
        ribbon(SEGMENTS, 'red'),
        'linear-gradient(to right, red 0.00% 50.00%, transparent 50.00% 75.00%, red 75.00% 100.00%)',
    );
    assert.equal(ribbon([], 'red'), 'none');
    assert.equal(ribbon([{from_ts: 5, to_ts: 5, kind: 'recorded'}], 'red'), 'none');
});

test('playing goes on, leaps over a gap and ends with the day', () => {
    assert.equal(played(1000, 10, SEGMENTS), 1010);
    assert.equal(played(1095, 10, SEGMENTS), 1150);
    assert.equal(played(1195, 10, SEGMENTS), null);
    assert.equal(played(1000, 10, []), null);
});

test('playing begins with the first record and ends on the last one', () => {
    assert.equal(played(400, 10, SEGMENTS), 1000);
    assert.equal(played(990, 25, SEGMENTS), 1015);
    assert.equal(ended(1195, SEGMENTS), 1200);
    assert.equal(ended(1500, SEGMENTS), 1500);
    assert.equal(ended(400, []), 400);
});

test('a moment is kept within the day', () => {
    const span = spanOf(SEGMENTS);
    assert.deepEqual(span, {from_ts: 1000, to_ts: 1200});
    assert.deepEqual([within(5, span), within(1100, span), within(9999, span)], [1000, 1100, 1200]);
    assert.equal(spanOf([]), null);
});
