/* Writes a document of the server into its scene. */
import {format, known} from '../lib/format.mjs';
import {drawCharts} from '../page/charts.mjs';
import {write} from '../page/dom.mjs';
import {isPast} from './past.mjs';
import {sceneOn} from './stage.mjs';
import {writeTable} from './table.mjs';
import {writeTile} from './tiles.mjs';
import {writeDirection, writePanel} from './write.mjs';

const DRAW_MS = 2000;

/* The one number of the top bar that belongs to no panel. Live, the last one stays; of a recorded moment there may be none. */
function writeTop(doc) {
    if (!known(doc?.vix) && !isPast()) return;
    for (const node of document.querySelectorAll('[data-top]')) {
        const value = doc?.[node.dataset.top];
        write(node, format('number', value));
        if (node.dataset.top === 'vix_change') writeDirection(node, value);
    }
}

function writeBoard({panels}, {tiles}) {
    panels.forEach((panel, slot) => {
        panel.element.classList.toggle('empty', !tiles[slot]);
        if (tiles[slot]) writeTile(panel, tiles[slot]);
    });
}

export function apply(scene, doc) {
    scene.doc = doc;
    const isBoard = scene.kind === 'board';
    writeTop(isBoard ? doc.tiles.find(({vix}) => known(vix)) : doc);
    if (isBoard) return writeBoard(scene, doc);
    const [panel] = scene.panels;
    writePanel(panel, doc);
    if (scene.kind === 'chain') writeTable(panel, doc);
    else drawDue();
}

/* All charts of the scene on screen at once, so that they agree; and whatever chart came after its numbers. */
export function drawDue() {
    const scene = sceneOn();
    if (scene?.kind !== 'charts' || !scene.doc || !window.Plotly) return;
    const plots = [...scene.element.querySelectorAll('.js-plotly-plot')];
    const isFresh = scene.drawn !== scene.doc && Date.now() - scene.drawnAt >= DRAW_MS;
    if (!isFresh && plots.every((plot) => plot.dataset.version)) return;
    drawCharts(scene.doc, {now: true, within: scene.element});
    Object.assign(scene, {drawn: scene.doc, drawnAt: Date.now()});
}

/* What depends on the room: after a turn, a resize, or when fonts and charts have arrived late. */
export function drawAgain() {
    const scene = sceneOn();
    if (!scene?.doc) return;
    if (scene.kind === 'chain') writeTable(scene.panels[0], scene.doc);
    Object.assign(scene, {drawn: null, drawnAt: 0});
    drawDue();
}
