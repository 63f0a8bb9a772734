import assert from 'node:assert/strict';
import {test} from 'node:test';
import {isSame, nextWish} from '../../assets/lib/wish.mjs';

const SHOWN = {underlying: 'NIFTY', expiry: '2026-12-01', number: 4};
const ANSWERED = {
    intent: {underlying: 'NIFTY', expiry: null, number: 4},
    selection: SHOWN,
    remembered: {TCS: '2026-12-29'},
    search: '',
};
const changed = (prop_id, value) => [{prop_id, value}];

test('the first wish is the link', () => {
    const wish = nextWish([], {search: '?underlying=SENSEX&expiry=2026-12-03&theme=dark'});
    assert.deepEqual(wish, {underlying: 'SENSEX', expiry: '2026-12-03', number: 1, how: 'link'});
    assert.deepEqual(nextWish([], {search: ''}), {underlying: '', expiry: null, number: 1, how: 'link'});
});

test('another index or stock opens in the expiry chosen there last', () => {
    const index = nextWish(changed('underlying.value', 'SENSEX'), ANSWERED);
    assert.deepEqual(index, {underlying: 'SENSEX', expiry: null, number: 5, how: 'choice'});
    assert.equal(nextWish(changed('stock.value', 'TCS'), ANSWERED).expiry, '2026-12-29');
});

test('what the page wrote back itself is no wish', () => {
    assert.equal(nextWish(changed('underlying.value', 'NIFTY'), ANSWERED), null);
    assert.equal(nextWish(changed('stock.value', null), ANSWERED), null);
    assert.equal(
        nextWish(changed('address.data', {}), {...ANSWERED, address: {search: '?underlying=NIFTY&expiry=2026-12-01'}}),
        null,
    );
});

test('an expiry counts only for the underlying its button belongs to', () => {
    const clicked = {underlying: 'NIFTY', expiry: '2026-12-08'};
    assert.equal(nextWish(changed('expiry-clicked.data'), {...ANSWERED, clicked}).expiry, '2026-12-08');
    const heading = {...ANSWERED, clicked, intent: {underlying: 'TCS', number: 5}};
    assert.equal(nextWish(changed('expiry-clicked.data'), heading), null, 'TCS is on its way');
});

test('back, refresh and retry', () => {
    const back = {...ANSWERED, address: {search: '?underlying=SENSEX'}};
    assert.deepEqual(nextWish(changed('address.data', {}), back), {
        underlying: 'SENSEX',
        expiry: null,
        number: 5,
        how: 'link',
    });
    const refresh = {...ANSWERED, address: {refresh: true}};
    assert.deepEqual(nextWish(changed('address.data', {}), refresh), {...SHOWN, number: 5, how: 'refresh'});
    assert.deepEqual(nextWish(changed('lookup-retry.n_intervals', 3), ANSWERED), {...ANSWERED.intent, number: 5});
});

test('selections are the same by underlying and expiry', () => {
    assert.equal(isSame(SHOWN, {underlying: 'NIFTY', expiry: '2026-12-01', how: 'link'}), true);
    assert.equal(isSame(SHOWN, {underlying: 'NIFTY', expiry: null}), false);
});
