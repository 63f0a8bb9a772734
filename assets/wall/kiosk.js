/* A screen nobody touches: no cursor, no sleep, no burn-in, and a reload only when one is due. Not on /board. */
(() => {
    const board = (window.chainboard = window.chainboard || {});
    const wall = (board.wall = board.wall || {scenes: [], on: 0});
    const STILL_MS = 5000;
    const NOTE_MS = 2500;
    const SHIFT_MS = 60000;
    const RING = [
        [0, 0],
        [1, 0],
        [1, 1],
        [0, 1],
        [-1, 1],
        [-1, 0],
        [-1, -1],
        [0, -1],
    ]; // in pixel shifts of 0.15 rem
    const UNWELL_MS = 30000;
    const SILENT_MS = 600000; // no number applied for so long: the page itself may be the fault
    const LONGEST_MS = 6 * 3600000;
    const REMEMBERED = 'chainboard-wall-reload';
    const started = Date.now();
    let movedAt = Date.now();
    let noteTimer = 0;

    const root = () => document.querySelector('.wall');
    const isWall = () => root() && root().dataset.mode === 'wall' && !document.querySelector('.builder');

    /* --- cursor, note, shift ------------------------------------------------------------------------------- */
    for (const event of ['mousemove', 'mousedown', 'touchstart'])
        document.addEventListener(
            event,
            () => {
                movedAt = Date.now();
                document.body.classList.remove('still');
            },
            {passive: true},
        );

    wall.note = (text) => {
        const place = document.getElementById('wall-note');
        if (!place) return;
        wall.text(place, text);
        place.hidden = false;
        clearTimeout(noteTimer);
        noteTimer = setTimeout(() => (place.hidden = true), NOTE_MS);
    };

    function shift() {
        const [x, y] = RING[Math.floor(Date.now() / SHIFT_MS) % RING.length];
        const moved = `translate(${0.15 * x}rem, ${0.15 * y}rem)`;
        if (root().style.transform !== moved) root().style.transform = moved;
    }

    /* --- wake lock: where the browser has it, and again whenever it was taken away -------------------------- */
    let lock = null;
    let asking = false;
    async function stayAwake() {
        if (lock || asking || document.hidden || !navigator.wakeLock) return;
        asking = true;
        try {
            lock = await navigator.wakeLock.request('screen');
            lock.addEventListener('release', () => (lock = null));
        } catch (refused) {
            lock = null; // battery saver, or no secure origin: the how-to says what to set instead
        } finally {
            setTimeout(() => (asking = false), UNWELL_MS);
        }
    }

    /* --- reload: never while all is well in market hours, never in a loop, never onto an error page --------- */
    const remembered = () => {
        try {
            return JSON.parse(window.sessionStorage.getItem(REMEMBERED)) || {at: 0, count: 0, build: ''};
        } catch (notOurs) {
            return {at: 0, count: 0, build: ''};
        }
    };

    function reasonToReload() {
        const last = remembered();
        const served = wall.link.status && wall.link.status.build;
        const well = Date.now() - wall.appliedAt < UNWELL_MS;
        const rested = Date.now() - last.at > Math.min(LONGEST_MS, SILENT_MS * 2 ** last.count);
        if (served && served !== root().dataset.build && !(well && wall.stateNow() === 'live'))
            return last.build !== served || rested ? 'build' : '';
        return Date.now() - Math.max(wall.appliedAt, started) > SILENT_MS && rested ? 'silence' : '';
    }

    let reloading = false;
    async function reloadIfDue() {
        const reason = reloading ? '' : reasonToReload();
        if (!reason) return;
        reloading = true;
        const patience = new AbortController();
        const timer = setTimeout(() => patience.abort(), 5000);
        try {
            const page = await fetch(window.location.href, {cache: 'no-store', signal: patience.signal});
            if (!page.ok) return; // our page must be there to load, or the screen would show the browser's own error
            const last = remembered();
            const build = (wall.link.status && wall.link.status.build) || '';
            window.sessionStorage.setItem(REMEMBERED, JSON.stringify({at: Date.now(), count: last.count + 1, build}));
            window.location.reload();
        } catch (absent) {
            // The server is away: nothing to load. Asked again shortly.
        } finally {
            clearTimeout(timer);
            setTimeout(() => (reloading = false), UNWELL_MS);
        }
    }

    /* Long enough well: the next trouble starts with the shortest wait again. */
    function forgetOldTrouble() {
        const last = remembered();
        if (last.count && Date.now() - last.at > SILENT_MS && Date.now() - wall.appliedAt < UNWELL_MS)
            window.sessionStorage.setItem(REMEMBERED, JSON.stringify({...last, count: 0}));
    }

    wall.keep = () => {
        if (!isWall()) return;
        if (Date.now() - movedAt > STILL_MS) document.body.classList.add('still');
        shift();
        stayAwake();
        forgetOldTrouble();
        reloadIfDue();
    };
})();
