/* A chart as a picture that says what it is: title, unit, legend, moment, and whether it is a demo or a recording. */
import {fileName} from '../lib/frame.mjs';
import {shout} from '../lib/state.mjs';
import {date, moment} from '../lib/time.mjs';
import {chartFigure, chartShown} from '../page/charts.mjs';
import {save} from '../page/dom.mjs';
import {shownFrame} from './shown.mjs';
import {isDemo, replayed} from './status.mjs';

export function chartPicture(key) {
    const plot = document.querySelector(`#chart-${key} .js-plotly-plot`);
    const [frame, shown] = [shownFrame(), chartShown(plot)];
    if (!frame || !shown) return null;
    const box = plot.getBoundingClientRect();
    const [width, height] = [Math.max(640, Math.round(box.width)), Math.max(400, Math.round(box.height) + 70)];
    const {data, layout} = chartFigure(plot, shown, width);
    const style = getComputedStyle(document.body);
    const past = replayed();
    const made = past === null ? moment(frame.as_of_ts) : `REPLAY of ${moment(past)}`;
    const {state} = document.body.dataset;
    const marks = [isDemo() && past === null ? 'DEMO, not a market' : '', state === 'live' ? '' : shout(state)];
    const {title, unit, across} = layout.meta;
    const heading = `<b>${frame.exchange} ${frame.underlying} ${date(frame.expiry_ts)} · ${title}</b>, ${unit}`;
    const under = [made, ...marks.filter((mark) => mark && !made.startsWith(mark)), 'Chainboard'].join(' · ');
    const {size} = layout.font;
    Object.assign(layout, {
        width,
        height,
        paper_bgcolor: style.backgroundColor,
        plot_bgcolor: style.backgroundColor,
        font: {...layout.font, family: style.fontFamily, color: style.getPropertyValue('--ink').trim()},
        title: {
            text: `${heading}<br><span style="font-size:${(0.9 * size).toFixed(1)}px">${under}</span>`,
            x: 0,
            xref: 'container',
            xanchor: 'left',
            pad: {l: 14},
            y: 0.94,
            yref: 'container',
            yanchor: 'top',
            font: {size: 1.2 * size},
        },
        showlegend: true,
        legend: {orientation: 'h', x: 1, xanchor: 'right', y: -0.12, yanchor: 'top'},
        margin: {...layout.margin, t: 82, b: 62},
        xaxis: {...layout.xaxis, title: {text: across, standoff: 4}},
    });
    return {data, layout, width, height, name: fileName(frame.key, `_${key}.png`)};
}

async function savePng(key) {
    const picture = chartPicture(key);
    if (!picture) return;
    const {data, layout, width, height, name} = picture;
    save(await window.Plotly.toImage({data, layout}, {format: 'png', scale: 2, width, height}), name);
}

export function start() {
    document.addEventListener('click', ({target}) => {
        const button = target.closest('button[data-png]');
        if (button) savePng(button.dataset.png);
    });
}
