/* What a viewer chooses of the view: preset, columns, strikes, charts, unit of OI, theme. */
import {toggled} from '../lib/columns.mjs';
import {announce, chartShown, fit, wanted} from './columns.mjs';
import {redraw, showAnew} from './figures.mjs';
import {grid} from './grid.mjs';
import {centreRow} from './sight.mjs';
import {choices, choose, view} from './view.mjs';
import {forgetOwnWidths} from './widths.mjs';
import {writeCells} from './written.mjs';

const allCharts = () => [...document.querySelectorAll('.chart')];

function chooseColumns(change, {centred = false} = {}) {
    choose(change);
    fit({fresh: true, centred});
}
const choosePreset = (preset) => chooseColumns({preset, columns: null}, {centred: true});
function resetColumns() {
    forgetOwnWidths();
    choosePreset(null);
}

function chooseStrikes(strikes) {
    choose({strikes});
    announce();
    grid()?.onFilterChanged();
    centreRow();
    showAnew();
}

/* OI, volume and quote quantities in units or in lots: the numbers stay, what is written changes. */
export function switchUnit() {
    choose({oiUnit: view.oiUnit === 'lots' ? 'units' : 'lots'});
    const api = grid();
    if (api) writeCells(api, {anew: true});
    fit({fresh: true});
    showAnew();
}

function switchTheme() {
    choose({theme: view.theme === 'light' ? 'dark' : 'light'});
    redraw({now: true});
}

export function arrangeCharts() {
    for (const chart of allCharts()) chart.hidden = !chartShown(chart.dataset.key);
    const box = document.querySelector('.charts');
    const count = allCharts().filter((chart) => !chart.hidden).length;
    if (box) box.dataset.count = count;
    const board = document.querySelector('.board'); // a `:has()` in the stylesheet would have all of it styled anew with each drawing
    if (board) board.dataset.charts = count;
    announce();
    window.dispatchEvent(new Event('resize'));
    redraw({now: true});
}
function chooseChart(key) {
    const keys = allCharts().map((chart) => chart.dataset.key);
    choose({charts: keys.filter((one) => chartShown(one) !== (one === key))});
    arrangeCharts();
    fit();
}

export function start() {
    document.addEventListener('click', ({target}) => {
        const button = target.closest('button');
        if (!button) return;
        const {preset, column, columnsReset, oiUnit, chart} = button.dataset;
        if (preset) choosePreset(preset);
        if (column) chooseColumns({columns: toggled(wanted(), column, choices())});
        if (columnsReset) resetColumns();
        if (oiUnit) switchUnit();
        if (chart) chooseChart(chart);
        if (button.id === 'theme-toggle') switchTheme();
    });
    document.addEventListener('change', ({target}) => {
        if (target.id === 'strike-window') chooseStrikes(Number(target.value));
    });
    window.addEventListener('resize', (event) => {
        if (!event.isTrusted || !choices()) return; // our own, for the charts
        fit({fresh: true});
        if (!view.charts) arrangeCharts();
    });
}
