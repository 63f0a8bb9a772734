/* Explanations and menus open where there is room for them: measured when they open, never beyond the window's edge. */
(() => {
    const EDGE = 8;
    const panelOf = (details) => details.querySelector(':scope > .explanation, :scope > [role="menu"]');

    function place(details) {
        const panel = panelOf(details);
        if (!panel) return;
        const from = details.querySelector('summary').getBoundingClientRect();
        panel.style.maxHeight = '';
        const {width, height} = panel.getBoundingClientRect();
        // Under what opened it, left edges in line; pushed back where the window ends.
        const left = Math.max(EDGE, Math.min(from.left, document.documentElement.clientWidth - width - EDGE));
        const below = window.innerHeight - from.bottom - 2 * EDGE;
        const top = Math.max(
            EDGE,
            below >= Math.min(height, 200) ? from.bottom + 4 : window.innerHeight - height - EDGE,
        );
        Object.assign(panel.style, {
            left: `${left}px`,
            top: `${top}px`,
            maxHeight: `${window.innerHeight - top - EDGE}px`,
        });
        panel.dataset.placed = 'yes';
    }
    (window.chainboard = window.chainboard || {}).placePopover = place;
    const placeAll = () => document.querySelectorAll('details[open]').forEach(place);

    document.addEventListener(
        'toggle',
        (event) => {
            const {target} = event;
            if (target.open) place(target);
            else if (panelOf(target)) delete panelOf(target).dataset.placed;
        },
        true,
    );
    window.addEventListener('resize', placeAll);
    document.addEventListener(
        'scroll',
        (event) => {
            if (!event.target.closest || !event.target.closest('details')) placeAll(); // not when the panel itself scrolls
        },
        {capture: true, passive: true},
    );
})();
