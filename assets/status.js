/* What the numbers are (live, stale, a replay), how old, and the clock; and the connection that brings them. */
(() => {
    const board = (window.chainboard = window.chainboard || {});
    const SILENT_AFTER_MS = 5000;
    const LOADING_MS = 10000; // a series just chosen: so long "nothing new yet" is loading, not a fault
    const CALM = ['live', 'starting', 'loading']; // no band
    const link = {answeredAt: Date.now(), wokenAt: 0, ahead_s: 0, status: null};
    const SETTLED = ['live', 'closed', 'replay'];
    const series = {openedAt: Date.now(), settled: false}; // since when it is chosen; whether its numbers have come since

    const element = (id) => document.getElementById(id);
    const {time, moment, recorded, age} = board.clock;
    const now_s = () => Date.now() / 1000 + link.ahead_s;
    const write = (place, text) => {
        if (place.textContent !== text) place.textContent = text;
    };

    /* The state in words. The browser's own clock decides about silence, so a dead server is noticed too. */
    function stateNow() {
        const silent = Date.now() - link.answeredAt;
        if (silent > SILENT_AFTER_MS)
            return {state: 'offline', message: `No answer from the board's server for ${age(silent / 1000)}.`};
        const status = link.status || {state: 'starting', message: ''};
        const loading = status.state === 'stale' && !series.settled && Date.now() - series.openedAt < LOADING_MS;
        return loading ? {state: 'loading', message: ''} : status;
    }

    /* The recorded moment on screen: that of the numbers, before them that of the feed; null when it is the market itself. */
    function replayed() {
        const told = (link.status || {}).recorded_ts;
        const frame = board.shownFrame();
        return board.known(told) ? (frame && frame.recorded_ts) || told : null;
    }

    board.showState = () => {
        const {state, message: words} = stateNow();
        const word = state.replace('_', ' ');
        const label = element('status-state');
        if (!label) return;
        write(label, word);
        document.body.dataset.state = state;
        const past = replayed();
        const frame = board.shownFrame();
        const as_of = frame && frame.as_of_ts;
        write(element('status-age'), as_of && past === null ? age(now_s() - as_of) : '');
        write(element('status-clock'), past === null ? `${time(now_s())} IST` : recorded(past));
        element('status-clock').classList.toggle('recorded', past !== null);
        showToken();
        showBand(state, words, past);
        showTitle(past);
    };

    /* Loud where numbers cannot be trusted, calm where all is as it should be but not live. */
    function showBand(state, words, past) {
        const band = element('status-band');
        band.hidden = CALM.includes(state);
        const said = words.replace(/\.$/, '');
        const text =
            state === 'replay'
                ? `REPLAY · recorded ${moment(past ?? now_s())} · not the market of today`
                : `${state.replace('_', ' ').toUpperCase()} · ${said}${past === null ? '' : ` · ${recorded(past)}`}`;
        write(band, band.hidden ? '' : text);
    }

    /* A recording names itself on the tab too, where a live board beside it would look the same. */
    function showTitle(past) {
        const plain = document.title.replace(/^replay [^·]*· /, '');
        const title = past === null ? plain : `replay ${board.clock.date(past)} ${time(past).slice(0, 5)} · ${plain}`;
        if (document.title !== title) document.title = title;
    }

    /* How long this login lasts; a demo logs in to its own sandbox by itself and has nothing to count down to. */
    function showToken() {
        const expires = link.status && !link.status.demo && link.status.token_expires_ts;
        const left = expires ? expires - now_s() : null;
        const place = element('status-token');
        const [hours, minutes] = [Math.floor(left / 3600), Math.floor((left % 3600) / 60)];
        write(
            place,
            left === null ? '' : left <= 0 ? 'login ended' : `login ${hours ? `${hours} h ` : ''}${minutes} m`,
        );
        place.classList.toggle('soon', left !== null && left < 1800);
    }

    /* A viewer whose session has ended is sent to the password, and back here afterwards. */
    const fetched = window.fetch;
    window.fetch = async (...request) => {
        const answer = await fetched(...request);
        if (answer.status === 401) {
            const here = window.location.pathname + window.location.search;
            window.location.assign(`/password?${new URLSearchParams({next: here})}`);
        }
        return answer;
    };

    /* After a failed request the interval can stay disabled; a page nobody touches must wake it itself. */
    function keepTicking() {
        if (Date.now() - Math.max(link.answeredAt, link.wokenAt) < 2 * SILENT_AFTER_MS) return;
        link.wokenAt = Date.now();
        dash_clientside.set_props('tick', {disabled: false});
    }

    board.now_s = now_s;
    board.replayed = replayed;
    board.isDemo = () => Boolean(link.status && link.status.demo);
    board.answered = (status) => {
        link.answeredAt = Date.now();
        link.ahead_s = status.server_ts - Date.now() / 1000;
        if (status.key === board.seriesWanted()) {
            // else it is about the series that is being left
            link.status = status;
            if (SETTLED.includes(status.state)) series.settled = true;
        }
        board.showState();
    };
    board.seriesLeft = () => Object.assign(series, {openedAt: Date.now(), settled: false});
    board.seriesOpened = () => board.showState();

    // Each answer shows the state with its numbers. Beside that the clock ticks, on the second: more often would be painted for nothing.
    const tickClock = () =>
        setTimeout(
            () => {
                tickClock();
                board.showState();
                board.drawCharts(board.shownFrame()); // a chart that came after its numbers, or into sight
            },
            1000 - ((now_s() * 1000) % 1000),
        );
    tickClock();
    setInterval(keepTicking, 1000);
})();
