import assert from 'node:assert/strict';
import {test} from 'node:test';
import {direction, format, gammaDigits, known, quantity, share} from '../../assets/lib/format.mjs';

const LOTS = {lot: 65};

test('unknown is a dot, or nothing where silence is the better word; never a zero', () => {
    for (const unknown of [null, undefined, Number.NaN]) {
        assert.equal(known(unknown), false);
        for (const style of ['price', 'compact', 'percent', 'strike', 'time_left', 'coverage'])
            assert.equal(format(style, unknown), '·');
        for (const style of ['build_up', 'in_window', 'reason']) assert.equal(format(style, unknown), '');
    }
    assert.equal(known(0), true);
    assert.equal(format('price', 0), '0.00');
});

test('what rounds to zero has no sign', () => {
    for (const value of [-0.001, -0, 0.001]) {
        assert.equal(format('delta', value), '0.00');
        assert.equal(format('signed', value), '0.00');
        assert.equal(format('signed_two_percent', value), '0.00 %');
    }
    assert.equal(format('signed_percent', -0.04), '0.0%');
    assert.equal(format('from_spot', 0.4), '0 from spot');
});

test('a change carries its sign', () => {
    assert.equal(format('signed', 1.005e3), '+1,005.00');
    assert.equal(format('change', -10.35), '-10.35');
    assert.equal(format('change_pct', 0.04), '(+0.04%)');
    assert.equal(format('crore', 5780.4), '+5,780 cr');
    assert.equal(format('signed_compact', 43_59_000), '+43.59L');
    assert.equal(format('signed_compact', -30_800), '-30.8k');
});

test('whole numbers are grouped as India counts', () => {
    assert.equal(format('price', 1_23_45_678.9), '1,23,45,678.90');
    assert.equal(format('strike', 26000), '26,000');
    assert.equal(format('zero_gamma', 125_868), 'zero γ 1,25,868');
    assert.equal(format('strike_plain', 26000), '26000');
    assert.equal(format('strike_plain', 122.5), '122.50');
    assert.equal(format('strike', 122.5), '122.50');
});

test('quantities are shortened to thousands, lakh and crore', () => {
    const shown = [0, 999, 1000, 99_999, 1e5, 99_99_999, 1e7, 9.99e8, 1e9].map((value) => format('compact', value));
    assert.deepEqual(shown, ['0', '999', '1.0k', '100.0k', '1.00L', '100.00L', '1.00cr', '99.90cr', '100.0cr']);
    assert.equal(format('compact', -2_50_000), '-2.50L');
});

test('a viewer may read quantities in lots, prices stay', () => {
    assert.equal(format('compact', 6_50_000, LOTS), '10.0k');
    assert.equal(format('signed_compact', 650, LOTS), '+10');
    assert.equal(format('price', 650, LOTS), '650.00');
    assert.equal(quantity(650, 65), 10);
    assert.equal(quantity(650, 0), 650);
    assert.equal(quantity(null, 65), null);
});

test('every other style says what it is of', () => {
    const shown = {
        basis: ['basis', 28.78, 'basis +28.78'],
        iv: ['percent', 0.1354, '13.5'],
        expected: ['expected', 1.571, '±1.57% move'],
        wall: ['plus_minus_percent', 1.571, '±1.57 %'],
        implied: ['of_implied', 0.7, 'of ±0.70 %'],
        at: ['at', 26000, 'at 26000'],
        volume: ['by_volume', 0.931, 'vol 0.93'],
        coverage: ['coverage', [118, 121], '118 of 121 strikes'],
        gone: ['time_left', -0.1, 'expired'],
        minutes: ['time_left', 125 / 525600, '2 h 5 m left'],
        days: ['time_left', 7.75 / 365, '7 d 18 h left'],
        day: ['day', '2026-12-01', '01 Dec'],
        built: ['build_up', 'short_covering', 'SC'],
        other: ['build_up', 'something new', ''],
    };
    for (const [name, [style, value, text]] of Object.entries(shown)) assert.equal(format(style, value), text, name);
    assert.equal(format('in_window', 0.5, {strikes: 10}), '±10: 0.50');
});

test('gammas of a chain share their decimals', () => {
    assert.deepEqual([0.5, 0.0123, 0.00087, 1e-12, 0].map(gammaDigits), [4, 5, 7, 9, 5]);
    assert.equal(format('gamma', 0.00087, {gammaDigits: 6}), '0.000870');
    assert.equal(format('gamma', 0.00087), '0.00087');
});

test('directions and shares of what is unknown are flat and empty', () => {
    assert.deepEqual([1, -1, 0, null, undefined].map(direction), ['up', 'down', 'flat', 'flat', 'flat']);
    assert.deepEqual([share(5, 10), share(20, 10), share(null, 10), share(5, 0)], [50, 100, 0, 0]);
});
