/* For screen readers: names where a component of the board sets none. */
import {element} from '../page/dom.mjs';
import {onceThere} from '../page/spoken.mjs';

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
    const [grid, label] = [document.querySelector('#chain-grid .ag-root'), element('selection-label')];
    if (grid && label) grid.setAttribute('aria-label', `Option chain ${label.textContent.replaceAll(' |', '')}`);
}

export function start() {
    new MutationObserver(nameGrid).observe(document.body, {attributeFilter: ['data-series']});
    // Only the selection bar is watched: its dropdowns are made anew with their options.
    onceThere('.selection-bar', (bar) => {
        nameDropdowns();
        const parts = {childList: true, subtree: true, attributeFilter: ['tabindex']};
        new MutationObserver(nameDropdowns).observe(bar, parts);
    });
}
