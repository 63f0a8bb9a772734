/* The numbers of a chart as a table, on demand: the very points it draws, at the moment of asking. For any chart. */
import {decimals, known} from '../lib/format.mjs';
import {stamp} from '../lib/time.mjs';
import {element} from '../page/dom.mjs';
import {redraw} from './figures.mjs';
import {shownFrame} from './shown.mjs';
import {text} from './view.mjs';

const make = (tag, words = '', attributes = {}) => {
    const node = Object.assign(document.createElement(tag), {textContent: words});
    for (const name in attributes) node.setAttribute(name, attributes[name]);
    return node;
};

function dialog() {
    const found = element('chart-table');
    if (found) return found;
    const title = 'chart-table-title';
    const box = make('dialog', '', {id: 'chart-table', class: 'chart-table', 'aria-labelledby': title});
    const head = make('header');
    head.append(make('h2', '', {id: title}), make('button', 'Close', {class: 'quiet', type: 'button'}));
    const body = {class: 'chart-table-body', tabindex: '0', role: 'group', 'aria-labelledby': title};
    box.append(head, make('p'), make('div', '', body));
    // The browser closes it on Esc and gives the focus back to the button it came from.
    box.addEventListener('click', ({target}) => {
        if (target === box || target.closest('header button')) box.close();
    });
    document.body.append(box);
    return box;
}

/* d3's ",.2f" -> a writer of numbers. */
const writer = (hover) => decimals(Number((/\.(\d)f/.exec(hover) || [0, 2])[1]));

function tableOf(plot, caption) {
    const {across, hover} = plot.layout.meta;
    const write = writer(hover);
    const columns = plot.data.map(({x, y}) => new Map(x.map((place, index) => [place, y[index]])));
    const places = [...new Set(columns.flatMap((column) => [...column.keys()]))].filter(known).sort((a, b) => a - b);
    const unknown = () => make('td', '·', {'aria-label': 'not known', class: 'unknown'});
    const table = make('table');
    const head = make('tr');
    head.append(...[across, ...plot.data.map(({name}) => name)].map((name) => make('th', name, {scope: 'col'})));
    const body = make('tbody');
    for (const place of places) {
        const row = make('tr');
        const values = columns.map((column) => column.get(place));
        row.append(make('th', text('strike_plain', Math.round(place * 100) / 100), {scope: 'row'}));
        row.append(...values.map((value) => (known(value) ? make('td', write(value)) : unknown())));
        body.append(row);
    }
    table.append(make('caption', caption, {class: 'visually-hidden'}), make('thead'), body);
    table.tHead.append(head);
    return table;
}

function show(key) {
    const chart = document.querySelector(`.chart[data-key="${key}"]`);
    const frame = shownFrame();
    if (!frame) return;
    redraw({now: true, within: chart}); // as new as the chain beside it
    const plot = chart.querySelector('.js-plotly-plot');
    const [title, unit] = [chart.querySelector('h2').textContent, chart.querySelector('small').textContent];
    const lines = (plot.layout.annotations || []).map((note) => note.text).filter(Boolean);
    const when = `numbers of ${stamp(frame.market_ts || frame.as_of_ts)} IST`;
    const isEmpty = chart.classList.contains('is-empty');
    const box = dialog();
    box.querySelector('h2').textContent = `${title}: ${element('selection-label').textContent.replaceAll(' |', '')}`;
    box.querySelector('p').textContent = [unit, ...lines, when].join(' · ');
    const body = box.querySelector('.chart-table-body');
    body.replaceChildren(
        isEmpty ? make('p', chart.querySelector('.chart-empty').textContent) : tableOf(plot, `${title}, ${unit}`),
    );
    box.showModal();
    body.scrollTop = 0;
    body.focus();
}

export function start() {
    document.addEventListener('click', ({target}) => {
        const button = target.closest('button[data-table]');
        if (button) show(button.dataset.table);
    });
}
