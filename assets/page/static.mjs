/* Fills the containers whose content is plain HTML (layouts/static.py), in the task in which Dash makes them: before they are
   painted, and before anything of ours looks for what is in them. */
export function start() {
    const watch = new MutationObserver(fill);
    function fill() {
        for (const place of document.querySelectorAll('[data-static]:empty')) {
            const template = document.getElementById(`static-${place.dataset.static}`);
            place.append(template.content);
            template.remove();
        }
        if (!document.querySelector('template[id^="static-"]')) watch.disconnect();
    }
    watch.observe(document.body, {childList: true, subtree: true});
    fill();
}
