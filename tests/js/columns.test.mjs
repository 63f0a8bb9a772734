import assert from 'node:assert/strict';
import {test} from 'node:test';
import {columnStates, draggedOrder, isChartShown, shownFields, toggled} from '../../assets/lib/columns.mjs';

const CHOICES = {
    presets: {OI: ['oi', 'iv', 'ltp'], Straddle: ['ltp', 'straddle']},
    columns: ['vega', 'oi', 'iv', 'ltp', 'straddle', 'strike_pcr'],
    legs: ['vega', 'oi', 'iv', 'ltp'],
    middle: ['straddle', 'strike', 'strike_pcr'],
    first_charts: ['oi'],
};
const DEFAULT = {columns: null, preset: null, charts: null};
const shownIds = (states) => states.filter(({hide}) => !hide).map(({colId}) => colId);

test('own columns go before the preset, the preset before the first one', () => {
    assert.deepEqual(shownFields({...DEFAULT, columns: ['iv'], preset: 'OI'}, CHOICES, 1440), ['iv']);
    assert.deepEqual(shownFields({...DEFAULT, columns: []}, CHOICES, 1440), []);
    assert.deepEqual(shownFields({...DEFAULT, preset: 'Straddle'}, CHOICES, 400), ['ltp', 'straddle']);
    assert.deepEqual(shownFields(DEFAULT, CHOICES, 1440), ['oi', 'iv', 'ltp']);
    assert.deepEqual(shownFields(DEFAULT, CHOICES, 699), ['oi', 'ltp']);
});

test('sides mirror each other around the strike, which is always there', () => {
    const states = columnStates(['oi', 'ltp', 'straddle'], CHOICES);
    assert.deepEqual(shownIds(states), ['call_oi', 'call_ltp', 'straddle', 'strike', 'put_ltp', 'put_oi']);
    assert.equal(states.length, 2 * CHOICES.legs.length + CHOICES.middle.length);
    assert.equal(states[0].hide, true, 'what is hidden stands outside');
    assert.deepEqual(shownIds(columnStates([], CHOICES)), ['strike']);
    assert.deepEqual(CHOICES.legs, ['vega', 'oi', 'iv', 'ltp'], 'the list is not turned around');
});

test('a drag of one side orders both', () => {
    const calls = ['call_ltp', 'call_oi', 'straddle', 'strike', 'put_ltp', 'put_oi'];
    assert.deepEqual(draggedOrder(calls, 'call', ['oi', 'ltp', 'straddle'], CHOICES), ['ltp', 'oi', 'straddle']);
    const puts = ['call_oi', 'call_ltp', 'strike', 'put_oi', 'put_ltp'];
    assert.deepEqual(draggedOrder(puts, 'put', ['oi', 'ltp'], CHOICES), ['ltp', 'oi']);
});

test('a column switched on stands where it was declared', () => {
    assert.deepEqual(toggled(['oi', 'ltp'], 'iv', CHOICES), ['oi', 'iv', 'ltp']);
    assert.deepEqual(toggled(['ltp', 'oi'], 'vega', CHOICES), ['vega', 'ltp', 'oi']);
    assert.deepEqual(toggled(['oi'], 'strike_pcr', CHOICES), ['oi', 'strike_pcr']);
    assert.deepEqual(toggled(['oi', 'iv'], 'iv', CHOICES), ['oi']);
    assert.deepEqual(toggled(['oi'], 'oi', CHOICES), []);
});

test('a screen with room for all charts shows all until the viewer picks', () => {
    assert.equal(isChartShown('oi', DEFAULT, CHOICES, 1440), true);
    assert.equal(isChartShown('gex', DEFAULT, CHOICES, 1440), false);
    assert.equal(isChartShown('gex', DEFAULT, CHOICES, 2400), true);
    assert.equal(isChartShown('oi', {charts: ['gex']}, CHOICES, 2400), false);
    assert.equal(isChartShown('oi', {charts: []}, CHOICES, 1440), false);
});
