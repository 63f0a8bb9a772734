/* The note at the corner of the page; how long a kind of note stays is Python's (layouts/page.py). */

/* kind: 'confirmed' or 'problem'. */
export function toast(kind, header, children) {
    const duration = Number(document.querySelector('.page').dataset[`${kind}Ms`]);
    window.dash_clientside.set_props('toast', {header, children, is_open: true, duration});
}
