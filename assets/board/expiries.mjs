/* The expiry buttons: clicks, and what passes while its button stands. */
import {market_s} from './status.mjs';

/* An expiry passes while its button stands: in a replay within minutes. */
export function markExpired() {
    const now = market_s();
    for (const button of document.querySelectorAll('#expiries button[data-cutoff]')) {
        const remark = button.querySelector('small');
        if (Number(button.dataset.cutoff) <= now && remark.textContent !== 'expired') remark.textContent = 'expired';
    }
}

/* By so many buttons to the left or right of the chosen one. */
export function step(by) {
    const buttons = [...document.querySelectorAll('#expiries button')];
    const chosen = buttons.findIndex((button) => button.classList.contains('chosen'));
    if (chosen >= 0) buttons[chosen + by]?.click();
}

/* More expiries or figures than there is room for: an ordinary wheel moves them too. */
function scrollSideways(event) {
    const strip = event.target.closest('#expiries, .figures');
    if (!strip || strip.scrollWidth <= strip.clientWidth || Math.abs(event.deltaX) > Math.abs(event.deltaY)) return;
    strip.scrollLeft += event.deltaY;
    event.preventDefault();
}

export function start() {
    document.addEventListener('wheel', scrollSideways, {passive: false});
    document.addEventListener('click', ({target}) => {
        const button = target.closest('button[data-expiry]');
        if (!button) return;
        const {underlying, expiry} = button.dataset;
        window.dash_clientside.set_props('expiry-clicked', {data: {underlying, expiry, at: performance.now()}});
    });
}
