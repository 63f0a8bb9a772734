/* What the numbers are, in words, on every panel and across the screen. Ages are counted by this browser's own clock,
   so a dead server, a cut cable and a screen waking from sleep are noticed without anybody telling. */
(() => {
    const board = (window.chainboard = window.chainboard || {});
    const wall = (board.wall = board.wall || {scenes: [], on: 0});
    const SILENT_MS = 3500;
    const OLD_S = 10;
    const NOT_LIVE_S = 30;
    const CALM = ['live', 'starting'];
    const started = Date.now();
    const link = (wall.link = {answeredAt: 0, ahead_s: 0, status: null, refusal: 0, replay: false});

    const now_s = () => Date.now() / 1000 + link.ahead_s;
    const clock = (epoch_s) =>
        new Date(epoch_s * 1000).toLocaleTimeString('en-GB', {timeZone: 'Asia/Kolkata', hour12: false});
    const day = (epoch_s) =>
        new Date(epoch_s * 1000).toLocaleDateString('en-GB', {
            timeZone: 'Asia/Kolkata',
            day: '2-digit',
            month: 'short',
        });
    const year = (epoch_s) =>
        new Date(epoch_s * 1000).toLocaleDateString('en-GB', {timeZone: 'Asia/Kolkata', year: '2-digit'});
    const spoken = (epoch_s) => `${day(epoch_s) === day(now_s()) ? '' : `${day(epoch_s)}, `}${clock(epoch_s)} IST`;
    const lasted = (s) => {
        const age = Math.max(0, s);
        if (age < 10) return `${age.toFixed(1)} s`;
        if (age < 90) return `${Math.round(age)} s`;
        if (age < 5400) return `${Math.round(age / 60)} min`;
        return age < 172800 ? `${(age / 3600).toFixed(1)} h` : `${Math.round(age / 86400)} d`;
    };

    wall.answered = (status) => {
        link.answeredAt = Date.now();
        link.ahead_s = status.server_ts - Date.now() / 1000;
        link.status = status;
        link.refusal = 0;
        if (board.known(status.recorded_ts)) link.replay = true;
        else if (!['stale', 'offline'].includes(status.state)) link.replay = status.state === 'replay'; // a silent feed does not say which
    };

    /* The time of the market on screen: in a replay the recording's own, and never today's in its place. */
    function clockText(scene) {
        if (!link.replay) return `${clock(now_s())} IST`;
        const docs = scene && scene.doc ? scene.doc.tiles || [scene.doc] : [];
        const times = docs.map(({market_ts}) => market_ts).filter(board.known);
        if (!times.length) return 'Replay';
        const newest = Math.max(...times);
        return `Replay ${day(newest).replace(' ', '-')}-${year(newest)} ${clock(newest)} IST`;
    }
    const silence = () =>
        link.refusal === 401
            ? 'the board asks for its password: reload this page and type it'
            : link.refusal
              ? `the board's server answers ${link.refusal}`
              : "no answer from the board's server";

    /* The state of the scene on screen: {state, words, since_ts}. Silence outranks whatever was said last. */
    function stateOf(scene) {
        const heard = Math.max(link.answeredAt, link.answeredAt ? 0 : started);
        const own = Math.max(scene ? scene.answeredAt : 0, scene ? scene.shownAt : 0, started);
        if (Date.now() - heard > SILENT_MS || Date.now() - own > 2 * SILENT_MS)
            return {state: 'offline', words: silence(), since_ts: (link.answeredAt || started) / 1000 + link.ahead_s};
        const told = scene && scene.status;
        if (!told) return {state: 'starting', words: '', since_ts: null};
        const age = scene.kind === 'board' || !scene.doc ? 0 : now_s() - scene.doc.as_of_ts;
        if (told.state === 'live' && age > NOT_LIVE_S)
            return {state: 'stale', words: 'no new number has come in', since_ts: scene.doc.as_of_ts};
        return {state: told.state, words: told.message, since_ts: told.since_ts};
    }

    const shout = (state) => state.replace('_', ' ').toUpperCase();

    /* One time is enough: where the words give one already, or the recording has its own, only how long it has lasted. */
    function bandText({state, words, since_ts}) {
        const dated = / IST/.test(words) || link.replay;
        const age = board.known(since_ts) ? lasted(now_s() - since_ts) : '';
        const since =
            !age || state === 'replay' ? '' : dated ? ` · for ${age}` : ` · since ${spoken(since_ts)} (${age})`;
        return `${shout(state)} · ${words.replace(/\.$/, '')}${since}`;
    }

    function showAge(panel, overall) {
        const place = (panel.ageNode = panel.ageNode || panel.querySelector('.age'));
        if (!place) return;
        const age = board.known(panel.asOf) ? now_s() - panel.asOf : null;
        wall.text(place, age === null ? '' : lasted(age));
        place.classList.toggle('old', age !== null && age > OLD_S && overall === 'live');
    }

    /* A tile may be stale alone, while the others are live. */
    function showTile(panel, overall) {
        const tile = panel.tile;
        const problem = panel.querySelector('.panel-problem');
        const waiting =
            tile && tile.spot === undefined ? `${tile.underlying}: ${tile.problem || 'no numbers yet'}` : '';
        problem.hidden = !waiting;
        wall.text(problem, waiting);
        let own = tile && !waiting && CALM.includes(overall) ? tile.state : '';
        const age = board.known(panel.asOf) ? now_s() - panel.asOf : 0;
        if (own === 'live') own = age > NOT_LIVE_S ? 'stale' : '';
        panel.dataset.state = own;
        const band = panel.querySelector('.panel-band');
        band.hidden = !own;
        if (own)
            wall.text(
                band,
                own === 'stale'
                    ? `STALE · nothing new for ${lasted(age)}`
                    : bandText({state: own, words: tile.message, since_ts: tile.since_ts}),
            );
    }

    function showProblem(scene) {
        const place = scene.element.querySelector('.scene-problem');
        const said = !scene.status
            ? 'Waiting for the board’s server …'
            : scene.status.problem || 'Waiting for the first prices …';
        const lacking = !scene.doc || scene.refused;
        place.hidden = !lacking;
        wall.text(place, lacking ? said : '');
        scene.element.classList.toggle('is-waiting', Boolean(lacking));
    }

    wall.showState = () => {
        if (document.querySelector('.stage :is(.refusal, .builder)'))
            return wall.text(document.getElementById('wall-clock'), `${clock(now_s())} IST`);
        const scene = wall.scenes[wall.on];
        const told = stateOf(scene);
        const {state} = told;
        const loud = !CALM.includes(state);
        if (document.body.dataset.state !== state) document.body.dataset.state = state;
        document.body.dataset.night = link.status && link.status.night ? 'yes' : '';
        wall.text(document.getElementById('wall-state'), state.replace('_', ' '));
        wall.text(document.getElementById('wall-clock'), clockText(scene));
        const band = document.getElementById('wall-band');
        if (band) {
            band.hidden = !loud;
            wall.text(band, loud ? bandText(told) : '');
        }
        if (!scene) return;
        for (const panel of scene.panels) {
            showAge(panel, state);
            if (scene.kind === 'board') showTile(panel, state);
        }
        showProblem(scene);
    };

    wall.now_s = now_s;
    wall.stateNow = () => stateOf(wall.scenes[wall.on]).state;
})();
