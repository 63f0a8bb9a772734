import assert from 'node:assert/strict';
import {test} from 'node:test';
import * as link from '../../assets/lib/link.mjs';

const CHOICES = {
    presets: {OI: ['oi', 'ltp'], Greeks: ['delta']},
    columns: ['oi', 'ltp', 'delta', 'straddle'],
    charts: ['oi', 'ltp', 'gex'],
    windows: [5, 10],
};
const SERIES = {underlying: 'NIFTY', expiry: '2026-12-01'};

test('every view survives its own link', () => {
    const views = [
        {},
        {preset: 'Greeks'},
        {columns: ['ltp', 'straddle'], strikes: 10, theme: 'light', oiUnit: 'lots'},
        {columns: [], charts: []},
        {charts: ['gex', 'oi'], strikes: 5},
    ];
    for (const change of views) {
        const view = {...link.DEFAULTS, ...change};
        const search = link.writeLink(SERIES, view);
        assert.deepEqual(link.readView(search, CHOICES), {view, problems: []});
        assert.deepEqual(link.readSelection(search), SERIES);
        assert.equal(link.themeOf(search), view.theme);
        assert.equal(link.hasView(search), true, 'every link out of the address bar is a whole view');
    }
});

test('what a link does not say is the default', () => {
    assert.deepEqual(link.readView('', CHOICES).view, link.DEFAULTS);
    assert.equal(link.hasView('?underlying=NIFTY&expiry=2026-12-01'), false);
    assert.deepEqual(link.readSelection('?theme=light'), {underlying: '', expiry: null});
});

test('what cannot be shown is left out and named', () => {
    const {view, problems} = link.readView(
        '?preset=Vega&columns=ltp,nope,vega&strikes=7&oi=kilo&theme=pink&x=1',
        CHOICES,
    );
    assert.deepEqual(view, {...link.DEFAULTS, columns: ['ltp']});
    assert.deepEqual(problems, [
        'there is no preset “Vega”',
        'there are no columns “nope”, “vega”',
        'there is no window of strikes “7”',
        'there is no theme “pink”',
        'there is no unit of OI “kilo”',
        'the board does not know “x”',
    ]);
    assert.equal(link.sentence([]), '');
    assert.equal(link.sentence(['one', 'two']), 'Not all of this link can be shown: one; two.');
});

test('nothing known left of a list is no list; long and many names are cut', () => {
    const {view, problems} = link.readView(`?charts=a,b,c,d&columns=${'z'.repeat(50)}`, CHOICES);
    assert.equal(view.charts, null);
    assert.equal(view.columns, null);
    assert.deepEqual(problems, [`there is no column “${'z'.repeat(40)}…”`, 'there are no charts “a”, “b”, “c” …']);
});
