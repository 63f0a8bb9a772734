/* What stays in sight: the strike while the table scrolls sideways, and the row of the money. */
(() => {
    const board = (window.chainboard = window.chainboard || {});
    const root = () => document.getElementById('chain-grid');
    const QUIET_MS = 5000; // nobody has touched the table for so long: it follows the money
    const AWAY_MS = 60000; // the same for a viewer who scrolled away from it, or left the focus in the table

    /* --- sideways: the strike column stops at the edge it would leave by --- */
    board.placeStrike = () => {
        const api = board.grid();
        const view = root() && root().querySelector('.ag-center-cols-viewport');
        const column = api && api.getColumn('strike');
        if (!view || !column) return;
        const left = column.getLeft();
        const first = view.scrollLeft;
        const last = first + view.clientWidth - column.getActualWidth();
        const shift = Math.round(Math.min(Math.max(left, first), last) - left);
        root().style.setProperty('--strike-shift', `${shift}px`);
        root().toggleAttribute('data-strike-shifted', shift !== 0);
    };
    board.keepInSight = (api) => {
        for (const event of ['bodyScroll', 'columnResized', 'displayedColumnsChanged', 'gridSizeChanged'])
            api.addEventListener(event, board.placeStrike);
        const measure = () => (seen.height = root().querySelector('.ag-body-viewport').clientHeight);
        measure();
        api.addEventListener('gridSizeChanged', measure);
        api.addEventListener('bodyScroll', ({direction, top}) => {
            if (direction !== 'vertical') return;
            seen.top = top;
            noteScroll();
        });
    };

    /* --- up and down: the money --- */
    const touched = {at: -Infinity, away: false};
    const seen = {top: 0, height: 0}; // of the rows, in px: noted when it changes, so that a frame reads no layout
    /* On which side of what is shown the money is: 1 below, -1 above, 0 in sight or unknown. */
    function direction() {
        const api = board.grid();
        const frame = board.shownFrame();
        const node = api && frame && api.getRowNode(String(frame.atm_strike));
        if (!node || !node.displayed || !seen.height) return 0;
        if (node.rowTop < seen.top - 1) return -1;
        return node.rowTop + node.rowHeight > seen.top + seen.height + 1 ? 1 : 0;
    }
    function showWayBack(way) {
        const button = document.getElementById('back-to-atm');
        const text = way
            ? `${way > 0 ? '↓' : '↑'} ATM ${board.format('strike_plain', board.shownFrame().atm_strike)}`
            : '';
        if (button.textContent !== text) button.textContent = text;
        button.hidden = !way;
    }
    function noteScroll() {
        const way = direction();
        if (performance.now() - touched.at < 1000) touched.away = way !== 0;
        showWayBack(way);
    }

    board.backToMoney = () => {
        touched.away = false;
        if (board.centre) board.centre();
        board.centreColumns();
        showWayBack(0);
    };

    /* With each frame: when the money has left the screen and nobody is at the table, the table goes after it. */
    board.followMoney = () => {
        const way = direction();
        showWayBack(way);
        if (!way) return void (touched.away = false);
        const selected = document.getSelection();
        const inUse =
            root().contains(document.activeElement) || (!selected.isCollapsed && root().contains(selected.anchorNode));
        const patience = touched.away || inUse ? AWAY_MS : QUIET_MS;
        if (performance.now() - touched.at >= patience) board.backToMoney();
    };

    for (const kind of ['wheel', 'touchmove', 'pointerdown', 'pointermove', 'keydown'])
        document.addEventListener(
            kind,
            (event) => {
                const pressed = kind !== 'pointermove' || event.buttons; // dragging the scroll bar
                if (pressed && root() && root().contains(event.target)) touched.at = performance.now();
            },
            {passive: true, capture: true},
        );
    document.addEventListener('click', (event) => event.target.closest('#back-to-atm') && board.backToMoney());
})();
