import assert from 'node:assert/strict';
import {test} from 'node:test';
import {isSame, nextIntent} from '../../assets/lib/intent.mjs';

const SHOWN = {underlying: 'NIFTY', expiry: '2026-12-01', number: 4};
const ANSWERED = {
    intent: {underlying: 'NIFTY', expiry: null, number: 4},
    selection: SHOWN,
    remembered: {TCS: '2026-12-29'},
    search: '',
};
const changed = (prop_id, value) => [{prop_id, value}];

test('the first intent is the link', () => {
    const intent = nextIntent([], {search: '?underlying=SENSEX&expiry=2026-12-03&theme=dark'});
    assert.deepEqual(intent, {underlying: 'SENSEX', expiry: '2026-12-03', number: 1, how: 'link'});
    assert.deepEqual(nextIntent([], {search: ''}), {underlying: '', expiry: null, number: 1, how: 'link'});
});

test('another index or stock opens in the expiry chosen there last', () => {
    const index = nextIntent(changed('underlying.value', 'SENSEX'), ANSWERED);
    assert.deepEqual(index, {underlying: 'SENSEX', expiry: null, number: 5, how: 'choice'});
    assert.equal(nextIntent(changed('stock.value', 'TCS'), ANSWERED).expiry, '2026-12-29');
});

test('what the page wrote back itself is no intent', () => {
    assert.equal(nextIntent(changed('underlying.value', 'NIFTY'), ANSWERED), null);
    assert.equal(nextIntent(changed('stock.value', null), ANSWERED), null);
    assert.equal(
        nextIntent(changed('address.data', {}), {
            ...ANSWERED,
            address: {search: '?underlying=NIFTY&expiry=2026-12-01'},
        }),
        null,
    );
});

test('an expiry counts only for the underlying its button belongs to', () => {
    const clicked = {underlying: 'NIFTY', expiry: '2026-12-08'};
    assert.equal(nextIntent(changed('expiry-clicked.data'), {...ANSWERED, clicked}).expiry, '2026-12-08');
    const heading = {...ANSWERED, clicked, intent: {underlying: 'TCS', number: 5}};
    assert.equal(nextIntent(changed('expiry-clicked.data'), heading), null, 'TCS is on its way');
});

test('back, refresh and retry', () => {
    const back = {...ANSWERED, address: {search: '?underlying=SENSEX'}};
    assert.deepEqual(nextIntent(changed('address.data', {}), back), {
        underlying: 'SENSEX',
        expiry: null,
        number: 5,
        how: 'link',
    });
    const refresh = {...ANSWERED, address: {refresh: true}};
    assert.deepEqual(nextIntent(changed('address.data', {}), refresh), {...SHOWN, number: 5, how: 'refresh'});
    assert.deepEqual(nextIntent(changed('lookup-retry.n_intervals', 3), ANSWERED), {...ANSWERED.intent, number: 5});
});

test('selections are the same by underlying and expiry', () => {
    assert.equal(isSame(SHOWN, {underlying: 'NIFTY', expiry: '2026-12-01', how: 'link'}), true);
    assert.equal(isSame(SHOWN, {underlying: 'NIFTY', expiry: null}), false);
});
