/* Scenes: asking for their numbers, one after another on screen, stepping by keyboard or remote. */
(() => {
    const board = (window.chainboard = window.chainboard || {});
    const wall = (board.wall = board.wall || {scenes: [], on: 0});
    const BEAT_MS = 250;
    const ASK_MS = 1000;
    const KEEP_WARM_MS = 10000; // scenes waiting for their turn: their series stay leased, their numbers at hand
    const AHEAD_MS = 3000;
    const PATIENCE_MS = 4000;
    const DRAW_MS = 2000;
    const turn = {since: Date.now(), dwell_ms: 0, paused: false};
    Object.assign(wall, {appliedAt: 0, faults: 0, turn});
    board.view = board.view || {strikes: 0}; // charts.js: each chart its own reach

    /* --- numbers ------------------------------------------------------------------------------------------- */
    async function ask(scene) {
        scene.asking = true;
        scene.askedAt = Date.now();
        const patience = new AbortController();
        const timer = setTimeout(() => patience.abort(), PATIENCE_MS);
        try {
            const have = scene.have ? `&have=${encodeURIComponent(scene.have)}` : '';
            const answer = await fetch(scene.source + have, {cache: 'no-store', signal: patience.signal});
            const told = answer.headers.get('Chainboard-Status');
            if (!told) {
                wall.link.refusal = answer.status; // an error page, or not our server: as good as silence
                return;
            }
            take(scene, JSON.parse(told), answer.status === 200 ? await answer.json() : null);
        } catch (silence) {
            // No server, no network, or too slow. The band says so; the next beat asks again.
        } finally {
            clearTimeout(timer);
            scene.asking = false;
        }
    }

    function take(scene, status, doc) {
        scene.status = status;
        scene.answeredAt = Date.now();
        wall.answered(status);
        scene.refused = Boolean(status.refused);
        const applied = !doc || attempt(() => wall.apply(scene, doc));
        if (doc && applied) scene.have = doc.have || `${doc.key}@${doc.version}`;
        if (applied) wall.appliedAt = Date.now();
        wall.showState();
    }

    /* A fault of the page is told once and counted; long without a number applied, kiosk.js loads the page anew. */
    function attempt(part) {
        try {
            part();
            return true;
        } catch (fault) {
            if (wall.faults++ === 0) console.error(fault);
            return false;
        }
    }

    /* The one number of the top bar that belongs to no panel. */
    function writeTop(doc) {
        if (!doc || !board.known(doc.vix)) return;
        for (const node of document.querySelectorAll('[data-top]')) {
            const value = doc[node.dataset.top];
            wall.text(node, wall.format('number', value));
            if (node.dataset.top === 'vix_change')
                node.dataset.direction = value > 0 ? 'up' : value < 0 ? 'down' : 'flat';
        }
    }

    wall.apply = (scene, doc) => {
        scene.doc = doc;
        writeTop(scene.kind === 'board' ? doc.tiles[0] : doc);
        if (scene.kind === 'board') {
            scene.panels.forEach((panel, slot) => {
                panel.classList.toggle('empty', !doc.tiles[slot]);
                if (doc.tiles[slot]) wall.writeTile(panel, doc.tiles[slot]);
            });
            return;
        }
        const [panel] = scene.panels;
        wall.write(panel, doc);
        if (scene.kind === 'chain') wall.writeTable(panel, doc);
        else drawDue(scene);
    };

    function askDue() {
        const now = Date.now();
        const leaving = turn.dwell_ms && !turn.paused && now - turn.since > turn.dwell_ms - AHEAD_MS;
        const next = leaving ? (wall.on + 1) % wall.scenes.length : -1;
        wall.scenes.forEach((scene, number) => {
            const every = number === wall.on || number === next ? ASK_MS : KEEP_WARM_MS;
            if (!scene.asking && now - scene.askedAt >= every) ask(scene);
        });
    }
    wall.askNow = () => {
        const scene = wall.scenes[wall.on];
        if (scene) scene.askedAt = 0;
        askDue();
    };

    /* --- turns --------------------------------------------------------------------------------------------- */
    function show(number) {
        const count = wall.scenes.length;
        if (!count) return;
        wall.on = ((number % count) + count) % count;
        turn.since = Date.now();
        wall.scenes.forEach((scene, place) => scene.element.classList.toggle('on', place === wall.on));
        const scene = wall.scenes[wall.on];
        scene.shownAt = Date.now();
        wall.text(document.getElementById('wall-caption'), scene.caption);
        wall.text(
            document.getElementById('wall-dots'),
            count > 1 ? wall.scenes.map((_, place) => (place === wall.on ? '●' : '○')).join(' ') : '',
        );
        drawAgain();
        wall.askNow();
    }
    wall.show = show;

    /* What depends on the room: after a turn, a resize, or when fonts and charts have arrived late. */
    function drawAgain() {
        const scene = wall.scenes[wall.on];
        if (!scene || !scene.doc) return;
        if (scene.kind === 'chain') wall.writeTable(scene.panels[0], scene.doc);
        if (scene.kind === 'charts') {
            Object.assign(scene, {drawn: null, drawnAt: 0});
            drawDue(scene);
        }
    }

    function adopt() {
        const holder = document.querySelector('.stage .scenes');
        if (!holder || holder === wall.holder) return;
        wall.holder = holder;
        wall.scenes = [...holder.children].map((element) => ({
            element,
            ...element.dataset,
            panels: [...element.querySelectorAll('[data-panel]')],
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
        turn.dwell_ms = wall.scenes.length > 1 ? Number(holder.dataset.dwell) * 1000 : 0;
        if (holder.dataset.theme) document.documentElement.dataset.theme = holder.dataset.theme;
        show(0);
    }

    function takeTurns() {
        if (turn.dwell_ms && !turn.paused && Date.now() - turn.since >= turn.dwell_ms) show(wall.on + 1);
    }

    /* All charts of the scene on screen at once, so that they agree; and whatever chart came after its numbers. */
    function drawDue(scene) {
        if (!scene || scene.kind !== 'charts' || !scene.doc || !window.Plotly || scene !== wall.scenes[wall.on]) return;
        const plots = [...scene.element.querySelectorAll('.js-plotly-plot')];
        const fresh = scene.drawn !== scene.doc && Date.now() - scene.drawnAt >= DRAW_MS;
        if (!fresh && plots.every((plot) => plot.dataset.version)) return;
        board.drawCharts(scene.doc, {now: true, within: scene.element});
        Object.assign(scene, {drawn: scene.doc, drawnAt: Date.now()});
    }
    const catchUp = () => drawDue(wall.scenes[wall.on]);

    /* --- keys ---------------------------------------------------------------------------------------------- */
    const KEYS = {
        ArrowRight: 1,
        ArrowDown: 1,
        PageDown: 1,
        MediaTrackNext: 1,
        ArrowLeft: -1,
        ArrowUp: -1,
        PageUp: -1,
        MediaTrackPrevious: -1,
    };
    const PAUSE = [' ', 'Enter', 'MediaPlayPause', 'Pause'];
    document.addEventListener('keydown', (event) => {
        if (event.ctrlKey || event.metaKey || event.altKey || wall.scenes.length < 2 || !wall.note) return;
        const place = () => `${wall.on + 1} of ${wall.scenes.length}`;
        if (event.key in KEYS) {
            show(wall.on + KEYS[event.key]);
            wall.note(`${place()}${turn.paused ? ' · paused' : ''}`);
        } else if (PAUSE.includes(event.key)) {
            turn.paused = !turn.paused;
            turn.since = Date.now();
            document.body.dataset.paused = turn.paused ? 'yes' : '';
            wall.note(turn.paused ? `paused · ${place()}` : 'running');
        } else return;
        event.preventDefault();
    });

    /* --- one beat for everything: a fault in one part stops no other --------------------------------------- */
    const parts = [adopt, askDue, takeTurns, catchUp, () => wall.showState(), () => wall.keep && wall.keep()];
    // Not before all scripts have run: on a slow network they come seconds apart.
    document.addEventListener('DOMContentLoaded', () => setInterval(() => parts.forEach(attempt), BEAT_MS));
    for (const event of ['online', 'pageshow', 'focus']) window.addEventListener(event, () => wall.askNow());
    document.addEventListener('visibilitychange', () => document.hidden || (drawAgain(), wall.askNow()));
    let resized = 0;
    window.addEventListener('resize', () => {
        clearTimeout(resized);
        resized = setTimeout(drawAgain, 150);
    });
    const asked = new URLSearchParams(window.location.search).get('theme');
    document.documentElement.dataset.theme =
        asked === 'light' ? 'light' : asked === 'dark' ? 'dark' : document.documentElement.dataset.theme || 'dark';
})();
