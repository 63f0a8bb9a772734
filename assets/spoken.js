/* For screen readers: names where a component sets none, what is pressed, and each change of state once. */
(() => {
    const root = document.documentElement;
    const named = (id) => document.getElementById(id);

    /* Dash names a dropdown by its value alone, and passes the focus through a hidden field, which keeps Shift-Tab from
       ever leaving it backwards. Here the button itself is the stop, and its own name comes before its value. */
    function nameDropdowns() {
        for (const button of document.querySelectorAll('.dash-dropdown-wrapper > button')) {
            const name = `${button.id}-name`;
            const names = button.getAttribute('aria-labelledby') || '';
            const field = button.previousElementSibling;
            if (field && field.tabIndex >= 0) field.tabIndex = -1;
            if (button.tabIndex < 0) button.tabIndex = 0;
            if (!names.startsWith(name)) button.setAttribute('aria-labelledby', `${name} ${names}`);
            for (const list of button.parentElement.querySelectorAll('[role="dialog"], [role="listbox"]'))
                list.setAttribute('aria-labelledby', name);
        }
    }

    function nameGrid() {
        const [grid, label] = [document.querySelector('#chain-grid .ag-root'), named('selection-label')];
        if (grid && label) grid.setAttribute('aria-label', `Option chain ${label.textContent.replaceAll(' |', '')}`);
    }

    /* The small pages beside the board have no script: the server reads their theme from this cookie. */
    function noteTheme() {
        const light = root.dataset.theme === 'light';
        const button = named('theme-toggle');
        if (button) button.setAttribute('aria-pressed', String(light));
        document.cookie = `chainboard-theme=${light ? 'light' : 'dark'}; path=/; max-age=31536000; samesite=lax`;
    }

    /* The band counts seconds; what is read out is its sentence as it was when the state began. */
    function say(text) {
        const place = named('status-spoken');
        if (place && place.textContent !== text) place.textContent = text;
    }
    const sentence = (band) => (band && !band.hidden ? band.textContent.replace(/^[^·]*· /, '') : '');
    function sayState(target) {
        if (target === document.body) return say(sentence(document.querySelector('.band, .wall-band')));
        const name = target.querySelector('h2');
        if (target.dataset.state && name)
            say(`${name.textContent}: ${target.querySelector('.panel-band').textContent}`);
    }

    new MutationObserver(noteTheme).observe(root, {attributeFilter: ['data-theme']});
    document.addEventListener('DOMContentLoaded', () => {
        noteTheme();
        new MutationObserver((changes) => {
            const other = changes.filter(({target, oldValue}) => (target.dataset.state || '') !== (oldValue || ''));
            const places = other
                .map(({target}) => target)
                .filter((one) => one === document.body || one.matches('.panel'));
            for (const target of new Set(places)) sayState(target);
        }).observe(document.body, {attributeFilter: ['data-state'], attributeOldValue: true, subtree: true});
        new MutationObserver(nameGrid).observe(document.body, {attributeFilter: ['data-series']});
        // Once Dash has built the page, only the selection bar is watched: its dropdowns are made anew with their options.
        const built = new MutationObserver(() => {
            const bar = document.querySelector('.selection-bar');
            if (!bar && !document.querySelector('.wall')) return;
            built.disconnect();
            noteTheme();
            if (!bar) return;
            nameDropdowns();
            new MutationObserver(nameDropdowns).observe(bar, {
                childList: true,
                subtree: true,
                attributeFilter: ['tabindex'],
            });
        });
        built.observe(document.body, {childList: true, subtree: true});
    });
})();
