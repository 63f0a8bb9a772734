/* Explanations and menus open where there is room for them: measured when they open, never beyond the window's edge. */
const EDGE = 8;
const panelOf = (details) => details.querySelector(':scope > .explanation, :scope > [role="menu"]');

export function place(details) {
    const panel = panelOf(details);
    if (!panel) return;
    const from = details.querySelector('summary').getBoundingClientRect();
    panel.style.maxHeight = '';
    const {width, height} = panel.getBoundingClientRect();
    // Under what opened it, left edges in line; pushed back where the window ends.
    const left = Math.max(EDGE, Math.min(from.left, document.documentElement.clientWidth - width - EDGE));
    const below = window.innerHeight - from.bottom - 2 * EDGE;
    const hasRoom = below >= Math.min(height, 200);
    const top = Math.max(EDGE, hasRoom ? from.bottom + 4 : window.innerHeight - height - EDGE);
    const maxHeight = `${window.innerHeight - top - EDGE}px`;
    Object.assign(panel.style, {left: `${left}px`, top: `${top}px`, maxHeight});
    panel.dataset.placed = 'yes';
}
const placeAll = () => document.querySelectorAll('details[open]').forEach(place);

export function start() {
    const onToggle = ({target}) => {
        if (target.open) place(target);
        else if (panelOf(target)) delete panelOf(target).dataset.placed;
    };
    const onScroll = ({target}) => {
        if (!target.closest?.('details')) placeAll(); // not when the panel itself scrolls
    };
    document.addEventListener('toggle', onToggle, true);
    window.addEventListener('resize', placeAll);
    document.addEventListener('scroll', onScroll, {capture: true, passive: true});
}
