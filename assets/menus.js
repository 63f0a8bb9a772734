/* Menus, explanations and the link past the header by keyboard: arrows, Home, End, Esc; tabbing out closes. */
(() => {
    const board = (window.chainboard = window.chainboard || {});
    const entries = (menu) =>
        [...menu.querySelectorAll('[role^="menuitem"]')].filter((entry) => entry.checkVisibility());
    const open = () => [...document.querySelectorAll('details[open]')];

    function close(details, {focus = false} = {}) {
        details.open = false;
        if (focus) details.querySelector('summary').focus();
    }

    /* --- inside a menu ------------------------------------------------------------------------------------- */
    const STEPS = {ArrowDown: 1, ArrowUp: -1};
    function target(list, at, key) {
        if (key === 'Home') return list[0];
        if (key === 'End') return list[list.length - 1];
        return list[(at + STEPS[key] + list.length) % list.length];
    }
    /* A letter goes to the next entry that begins with it. */
    const begun = (list, at, letter) =>
        [...list.slice(at + 1), ...list.slice(0, at + 1)].find((entry) =>
            entry.textContent.trim().toLowerCase().startsWith(letter),
        );

    /* One entry is the menu's stop for Tab: the first, then the one gone to. */
    function stopAt(entry, menu) {
        for (const other of entries(menu)) other.tabIndex = other === entry ? 0 : -1;
    }

    function prepare(menu, entry) {
        const list = menu.querySelector('[role="menu"]');
        if (!list) return;
        list.tabIndex = -1; // a browser lets Tab stop at whatever scrolls
        stopAt(entry, menu);
    }

    function inMenu(event, menu) {
        const onSummary = event.target.matches('summary');
        if (onSummary && !menu.open) {
            if (!['ArrowDown', 'ArrowUp'].includes(event.key)) return;
            menu.open = true;
            board.placePopover(menu); // until it has its place it is not seen, and takes no focus
            event.preventDefault();
            const entry = entries(menu).at(event.key === 'ArrowUp' ? -1 : 0);
            prepare(menu, entry);
            entry?.focus();
            return;
        }
        const list = entries(menu);
        const at = list.indexOf(document.activeElement);
        const next = ['ArrowDown', 'ArrowUp', 'Home', 'End'].includes(event.key)
            ? target(list, at < 0 && event.key === 'ArrowUp' ? 0 : at, event.key)
            : /^[a-z0-9]$/i.test(event.key)
              ? begun(list, at, event.key.toLowerCase())
              : null;
        if (!next) return;
        event.preventDefault();
        event.stopPropagation();
        stopAt(next, menu);
        next.focus();
    }

    document.addEventListener(
        'keydown',
        (event) => {
            if (event.ctrlKey || event.metaKey || event.altKey) return;
            if (event.key === 'Escape') {
                const inside = document.activeElement.closest('details[open]');
                for (const details of open()) close(details, {focus: details === inside});
                return;
            }
            const menu = event.target.closest('details.menu');
            if (menu) inMenu(event, menu);
        },
        true,
    );

    /* Tab goes on to what stands behind the menu; it does not walk through all its entries. */
    document.addEventListener('focusout', (event) => {
        const details = event.target.closest('details[open]');
        if (details && event.relatedTarget && !details.contains(event.relatedTarget)) close(details);
    });

    // The event comes a moment after the menu has opened, perhaps after the first arrow key.
    document.addEventListener(
        'toggle',
        ({target: details}) => {
            if (!details.contains(document.activeElement) || document.activeElement.matches('summary'))
                prepare(details, entries(details)[0]);
        },
        true,
    );

    /* --- past the header, to the money --------------------------------------------------------------------- */
    document.addEventListener('click', (event) => {
        if (!event.target.closest('.skip')) return;
        const [api, frame] = [board.grid(), board.shownFrame()];
        const node = api && frame && api.getRowNode(String(frame.atm_strike));
        if (!node) return;
        event.preventDefault();
        api.ensureNodeVisible(node, 'middle');
        api.setFocusedCell(node.rowIndex, 'strike');
    });
})();
