/* The scenes of this screen, and which of them is on. */
export const stage = {
    scenes: [],
    on: 0,
    appliedAt: 0, // ms: when a number was last written
    faults: 0, // of the page itself
};

export const sceneOn = () => stage.scenes[stage.on];

/* The scenes that Dash has laid out. */
export const scenesIn = (holder) =>
    [...holder.children].map((element) => ({
        element,
        ...element.dataset, // kind, source, caption
        panels: [...element.querySelectorAll('[data-panel]')].map((panel) => ({element: panel, asOf: null})),
        asking: false,
        askedAt: 0,
        answeredAt: 0,
        shownAt: Date.now(),
        doc: null,
        have: '',
        status: null,
        refused: false,
        drawn: null,
        drawnAt: 0,
    }));

/* Runs a part of the page; false when it failed. A fault of the page is told once and counted; long without a number applied,
   kiosk.mjs loads the page anew. */
export function attempt(part) {
    try {
        part();
        return true;
    } catch (fault) {
        if (stage.faults++ === 0) console.error(fault);
        return false;
    }
}
