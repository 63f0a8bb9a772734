/* The chart column: its width, folding it away, one chart large. Kept per browser. */
import {element} from '../page/dom.mjs';
import {fit} from './columns.mjs';
import {redraw} from './figures.mjs';

const KEPT = {width: 'chainboard-charts-width', folded: 'chainboard-charts-folded'};
const [LEAST, MOST, STEP] = [15, 75, 2]; // % of the page
const page = () => document.querySelector('.board');
const isHandle = ({target}) => target.id === 'charts-handle';

/* Everything that depends on the room: the chain's columns, each chart's size. */
function settle() {
    window.dispatchEvent(new Event('resize')); // Plotly follows it
    fit({fresh: true});
    redraw({now: true});
}

/* --- width and folding ----------------------------------------------------------------------------------------------- */
const width = () => 100 * (element('charts').getBoundingClientRect().width / page().getBoundingClientRect().width);
function setWidth(percent) {
    if (percent === null) {
        page().style.removeProperty('--charts-width');
        window.localStorage.removeItem(KEPT.width);
    } else {
        const kept = Math.min(MOST, Math.max(LEAST, percent)).toFixed(1);
        page().style.setProperty('--charts-width', `${kept}%`);
        window.localStorage.setItem(KEPT.width, kept);
    }
    describe();
}
function describe() {
    const values = {min: LEAST, max: MOST, now: Math.round(width())};
    for (const name in values) element('charts-handle').setAttribute(`aria-value${name}`, values[name]);
}
function fold(isFolded) {
    page().dataset.folded = isFolded ? 'yes' : '';
    window.localStorage.setItem(KEPT.folded, isFolded ? 'yes' : '');
    const button = element('charts-fold');
    const words = isFolded ? 'Show the charts' : 'Fold the charts away';
    button.textContent = isFolded ? '‹' : '›';
    button.title = words;
    button.setAttribute('aria-label', words);
    button.setAttribute('aria-expanded', String(!isFolded));
    settle();
}

/* Once the page stands: as this browser left it. */
export function openPanel() {
    const kept = parseFloat(window.localStorage.getItem(KEPT.width));
    if (kept) setWidth(kept);
    if (window.localStorage.getItem(KEPT.folded)) fold(true);
    describe();
}

/* --- one chart large ------------------------------------------------------------------------------------------------- */
const largeChart = () => document.querySelector('.chart.is-max');
/* Makes a chart large, or small again where it is large already; key null: whichever is large. */
function maximise(key) {
    const now = largeChart();
    const isOther = key && now?.dataset.key !== key;
    const next = isOther ? document.querySelector(`.charts .chart[data-key="${key}"]`) : null;
    for (const chart of [now, next].filter(Boolean)) {
        chart.classList.toggle('is-max', chart === next);
        chart.querySelector('[data-maximise]').setAttribute('aria-pressed', String(chart === next));
    }
    if (now || next) settle();
}

function onKey(event) {
    if (event.key === 'Escape' && largeChart() && !document.querySelector('details[open]')) maximise(null);
    if (!isHandle(event)) return;
    const wider = {ArrowLeft: STEP, ArrowRight: -STEP}[event.key];
    if (wider) setWidth(width() + wider);
    else if (event.key === 'Home') setWidth(null);
    else return;
    event.preventDefault();
    settle();
}

function letDrag() {
    let isDragging = false;
    document.addEventListener('pointerdown', (event) => {
        if (!isHandle(event) || event.button) return;
        isDragging = true;
        event.target.setPointerCapture(event.pointerId);
        event.preventDefault();
        event.target.focus();
    });
    document.addEventListener('pointermove', ({clientX}) => {
        if (!isDragging) return;
        const box = page().getBoundingClientRect();
        setWidth((100 * (box.right - clientX)) / box.width);
    });
    for (const end of ['pointerup', 'pointercancel'])
        document.addEventListener(end, () => {
            if (isDragging) settle();
            isDragging = false;
        });
}

export function start() {
    letDrag();
    document.addEventListener('keydown', onKey);
    document.addEventListener('dblclick', (event) => {
        if (!isHandle(event)) return;
        setWidth(null);
        settle();
    });
    document.addEventListener('click', ({target}) => {
        const button = target.closest('button');
        if (button?.id === 'charts-fold') fold(page().dataset.folded !== 'yes');
        if (button?.dataset.maximise) maximise(button.dataset.maximise);
    });
}
