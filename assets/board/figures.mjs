/* The header's numbers and the charts, written from the frame on screen. */
import {direction} from '../lib/format.mjs';
import {at} from '../lib/frame.mjs';
import {drawCharts} from '../page/charts.mjs';
import {write} from '../page/dom.mjs';
import {shownFrame} from './shown.mjs';
import {text, view} from './view.mjs';

const COLOURS = {up: 'var(--up)', down: 'var(--down)', flat: ''};

export function showFigures(frame = shownFrame()) {
    for (const span of document.querySelectorAll('[data-bind]')) {
        const {bind, format} = span.dataset;
        const value = frame ? at(frame, bind, view.strikes) : null;
        write(span, text(format, value));
        if (format.startsWith('change')) span.style.color = COLOURS[direction(value)];
    }
}

/* All charts in sight show the frame. now: from scratch, after a change of view or theme. */
export const redraw = ({now = false, frame = shownFrame(), within} = {}) =>
    drawCharts(frame, {now, within, strikes: view.strikes});

/* After a choice that changes every number's look. */
export function showAnew() {
    showFigures();
    redraw({now: true});
}
