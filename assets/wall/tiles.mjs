/* A tile's drawings: the spot's way through the session, and the bar between the OI walls. Geometry only. */
import {known} from '../lib/format.mjs';
import {at} from '../lib/frame.mjs';
import {writePanel} from './write.mjs';

const SVG = 'http://www.w3.org/2000/svg';
const [WIDTH, HEIGHT] = [1000, 300];
const EDGE = 13; // % of the bar left free beyond its outermost mark, for the labels

function spark(panel) {
    if (panel.spark) return panel.spark;
    const svg = document.createElementNS(SVG, 'svg');
    svg.setAttribute('viewBox', `0 0 ${WIDTH} ${HEIGHT}`);
    svg.setAttribute('preserveAspectRatio', 'none');
    const parts = {};
    for (const [name, kind] of Object.entries({area: 'polygon', close: 'line', line: 'polyline'})) {
        parts[name] = document.createElementNS(SVG, kind);
        parts[name].setAttribute('class', `spark-${name}`);
        svg.append(parts[name]);
    }
    panel.element.querySelector('.spark-plot').replaceChildren(svg);
    panel.spark = parts;
    return parts;
}

function drawSpark(panel, doc) {
    const {line, area, close} = spark(panel);
    const points = [...(doc.trail || [])];
    const newest = points[points.length - 1];
    if (newest && known(doc.spot) && doc.market_ts > newest[0]) points.push([doc.market_ts, doc.spot]);
    if (points.length < 2) {
        for (const part of [line, area]) part.setAttribute('points', '');
        close.setAttribute('visibility', 'hidden');
        return;
    }
    const spots = points.map(([, spot]) => spot);
    const [low, high] = [Math.min(...spots), Math.max(...spots)];
    const tall = Math.max(high - low, high * 1e-5);
    const [from, to] = [points[0][0], points[points.length - 1][0]];
    const x = (ts) => ((ts - from) / Math.max(to - from, 1)) * WIDTH;
    const y = (spot) => HEIGHT - 12 - ((spot - low) / tall) * (HEIGHT - 24);
    const drawn = points.map(([ts, spot]) => `${x(ts).toFixed(1)},${y(spot).toFixed(1)}`).join(' ');
    line.setAttribute('points', drawn);
    area.setAttribute('points', `0,${HEIGHT} ${drawn} ${WIDTH},${HEIGHT}`);
    const told = known(doc.previous_close) && doc.previous_close >= low && doc.previous_close <= high;
    close.setAttribute('visibility', told ? 'visible' : 'hidden');
    if (!told) return;
    const before = y(doc.previous_close);
    for (const [name, value] of Object.entries({x1: 0, x2: WIDTH, y1: before, y2: before}))
        close.setAttribute(name, value);
}

const MARKS = {
    'put-wall': 'metrics.put_wall',
    'call-wall': 'metrics.call_wall',
    pain: 'metrics.max_pain',
    here: 'spot',
};

function drawRange(panel, doc) {
    panel.range ||= panel.element.querySelector('.range');
    const {range} = panel;
    const values = Object.fromEntries(Object.entries(MARKS).map(([name, path]) => [name, at(doc, path)]));
    const told = Object.values(values).filter(known);
    const [low, high] = [Math.min(...told), Math.max(...told)];
    const place = (value) => EDGE + ((value - low) / Math.max(high - low, 1e-9)) * (100 - 2 * EDGE);
    for (const [name, value] of Object.entries(values))
        for (const node of range.getElementsByClassName(name)) {
            node.hidden = !known(value);
            if (!node.hidden) node.style.left = `${place(value).toFixed(2)}%`;
        }
    const [put, call] = [values['put-wall'], values['call-wall']];
    // Labels of walls close to each other stand left and right of their marks.
    const close = known(put) && known(call) && Math.abs(place(put) - place(call)) < 30;
    range.dataset.close = !close ? '' : put <= call ? 'put-first' : 'call-first';
    const [left, right] = put <= call ? [put, call] : [call, put];
    range.style.setProperty('--from', `${known(left) ? place(left).toFixed(2) : 0}%`);
    range.style.setProperty('--to', `${known(right) ? (100 - place(right)).toFixed(2) : 0}%`);
}

export function writeTile(panel, doc) {
    panel.tile = doc;
    if (doc.spot === undefined) return; // not published yet: the panel says why
    writePanel(panel, doc);
    drawSpark(panel, doc);
    drawRange(panel, doc);
    const {element} = panel;
    if (element.tagName === 'A') {
        const target = `/?${new URLSearchParams({underlying: doc.underlying, expiry: doc.expiry})}`;
        if (element.getAttribute('href') !== target) element.setAttribute('href', target);
    }
}
