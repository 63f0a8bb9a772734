import assert from 'node:assert/strict';
import {test} from 'node:test';
import {contents, figureOf} from '../../assets/lib/chart.mjs';

const STRIKES = [100, 110, 120, 130, 140];
const FRAME = {
    strikes: STRIKES,
    atm_strike: 120,
    spot: 121.5,
    forward: 300,
    call: {oi: [1e5, null, 3e5, 4e5, 5e5]},
    low: {at: 110, iv: 0.2},
};
const OI = {x: 'strikes', y: 'call.oi', divide: 1e5, points: [], byStrike: true, colour: 'call', width: 2, size: 4};
const MARK = {...OI, points: [['low.at', 'low.iv']], divide: 0.01};
const LINES = [
    {at: 'spot', label: 'spot', digits: 2, colour: 'here'},
    {at: 'forward', label: '', digits: 0, colour: 'muted'},
    {at: 'nothing', label: 'none', digits: 0, colour: 'muted'},
];
const META = {traces: [OI, MARK], lines: LINES, ticks: []};
const LOOK = {rem: 13, token: (name) => (name === 'chart-type' ? '' : `<${name}>`)};
const drawing = (meta = META) => ({
    data: meta.traces.map(() => ({type: 'scatter', marker: {}, line: {}})),
    layout: {meta, xaxis: {}, yaxis: {}, font: {}},
});

test('columns are cut to the reach and scaled; unknown stays unknown', () => {
    const {strikes, columns} = contents(META, FRAME, 1);
    assert.deepEqual(strikes, [110, 120, 130]);
    assert.deepEqual(columns[0], {x: [110, 120, 130], y: [null, 3, 4], free: false});
    assert.deepEqual(contents(META, {...FRAME, atm_strike: null}, 1).strikes, STRIKES, 'all without an ATM strike');
});

test('marks and lines outside the strikes on screen are left out', () => {
    const {columns, marks} = contents(META, FRAME, 1);
    assert.deepEqual(columns[1], {x: [110], y: [20], free: true});
    assert.deepEqual(
        marks.map(({text}) => text),
        ['spot 121.50'],
    );
    assert.deepEqual(contents(META, {...FRAME, atm_strike: 140}, 1).columns[1].x, []);
});

test('the axis spans the strikes with ticks at listed ones that do not overlap', () => {
    const many = {...FRAME, strikes: Array.from({length: 41}, (_, step) => 24000 + 50 * step), atm_strike: 25000};
    const bare = {...META, traces: []};
    const {layout} = figureOf(drawing(bare), contents(bare, many, 20), 400, LOOK);
    const {range, tickvals, ticktext} = layout.xaxis;
    assert.deepEqual(range, [24000 - 35, 26000 + 35]);
    assert.ok(tickvals.length >= 2 && tickvals.length <= 8, String(tickvals));
    assert.ok(tickvals.every((strike) => many.strikes.includes(strike)));
    assert.deepEqual(ticktext, tickvals.map(String));
});

test('a figure has the colours of the page and the points of the frame', () => {
    const {data, layout} = figureOf(drawing(), contents(META, FRAME, 2), 400, LOOK);
    assert.equal(data[0].marker.color, '<call>');
    assert.deepEqual(data[0].x, STRIKES);
    assert.equal(layout.shapes.length, 1);
    assert.equal(layout.shapes[0].x0, 121.5);
    assert.equal(layout.annotations[0].text, 'spot 121.50');
    assert.ok(layout.annotations[0].x >= 0 && layout.annotations[0].x <= 1);
    assert.deepEqual(drawing().data[0].marker, {}, 'the skeleton is left as it is');
});

test('labels too close to each other stand side by side within the plot', () => {
    const close = {
        ...META,
        lines: ['a level', 'another'].map((label, step) => ({...LINES[0], label, at: `level${step}`})),
    };
    const shown = contents(close, {...FRAME, level0: 139, level1: 139.5}, 2);
    const {layout} = figureOf(drawing(close), shown, 400, LOOK);
    const [one, other] = layout.annotations.map(({x}) => x);
    assert.ok(other - one > 0.2, `${one} ${other}`);
    assert.ok(other <= 1);
});

test('an axis of its own places takes the ticks that fit', () => {
    const ticks = [
        [7, '1 w'],
        [8, '8 d'],
        [30, '1 m'],
        [365, '1 y'],
    ];
    const own = {...META, ticks, lines: [], traces: [{...OI, x: 'days', y: 'ivs', divide: 1, byStrike: false}]};
    const shown = contents(own, {...FRAME, days: [7, 30, 365], ivs: [0.1, 0.2, null]}, 2);
    const {xaxis} = figureOf(drawing(own), shown, 300, LOOK).layout;
    assert.deepEqual(xaxis.ticktext, ['1 w', '1 m']);
    const empty = contents(own, {...FRAME, days: [], ivs: []}, 2);
    assert.deepEqual(figureOf(drawing(own), empty, 300, LOOK).layout.xaxis.tickvals, []);
});
