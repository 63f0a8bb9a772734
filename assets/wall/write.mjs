/* Writes numbers into the texts that name them. Nodes are found once per panel and never made or removed. */
import {direction, format, share} from '../lib/format.mjs';
import {at} from '../lib/frame.mjs';
import {write} from '../page/dom.mjs';

export function writeDirection(node, value) {
    if (node.dataset.direction !== direction(value)) node.dataset.direction = direction(value);
}

export function writePanel(panel, doc) {
    const {element} = panel;
    panel.places ||= [...element.querySelectorAll('[data-bind]')].map((node) => ({node, ...node.dataset}));
    panel.gauges ||= [...element.querySelectorAll('[data-gauge]')];
    for (const {node, bind, format: style, signed} of panel.places) {
        const value = at(doc, bind);
        write(node, format(style, value));
        if (signed) writeDirection(node, value);
    }
    for (const bar of panel.gauges) {
        const value = at(doc, bar.dataset.gauge);
        const width = `${Math.max(0, share(value, 100)).toFixed(0)}%`;
        if (bar.style.width !== width) bar.style.width = width;
        bar.classList.toggle('full', value >= 100);
    }
    panel.asOf = doc.as_of_ts;
}
