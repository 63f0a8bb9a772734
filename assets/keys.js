/* Keyboard: / searches an underlying, [ and ] step through the expiries. Arrows move inside the chain (the grid's own). */
(() => {
    const typing = (element) => element.closest('input, textarea, select, [contenteditable]');

    function step(by) {
        const buttons = [...document.querySelectorAll('#expiries button')];
        const chosen = buttons.findIndex((button) => button.classList.contains('chosen'));
        const next = buttons[chosen + by];
        if (chosen >= 0 && next) next.click();
    }

    document.addEventListener('keydown', (event) => {
        if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
        if (event.key === '[') step(-1);
        else if (event.key === ']') step(1);
        else if (event.key === '/') document.getElementById('stock').click();
        else return;
        event.preventDefault();
    });
})();
