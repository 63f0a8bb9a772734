/* Writes numbers into the texts that name them. Nodes are found once per panel and never made or removed. */
(() => {
    const board = (window.chainboard = window.chainboard || {});
    const wall = (board.wall = board.wall || {scenes: [], on: 0});
    const UNKNOWN = '·';
    const {decimals, signed} = board;
    const whole = decimals(0);
    const two = decimals(2);
    const DAY = {day: '2-digit', month: 'short', timeZone: 'UTC'};

    /* What only a wall shows; all else is a format of grid.js. */
    const FORMATS = {
        whole_percent: (value) => `${whole(value)} %`,
        plus_minus: (value) => `±${two(value)}`,
        plus_minus_percent: (value) => `±${two(value)} %`,
        signed_two_percent: (value) => `${signed(two)(value)} %`,
        of_implied: (value) => `of ±${two(value)} %`,
        signed_whole: signed(whole),
        day: (value) => new Date(value).toLocaleDateString('en-GB', DAY),
    };
    wall.format = (style, value) =>
        !board.known(value) ? UNKNOWN : FORMATS[style] ? FORMATS[style](value) : board.format(style, value);

    wall.at = (doc, path) => path.split('.').reduce((value, key) => (value ? value[key] : undefined), doc);

    wall.text = (node, text) => {
        if (node && node.textContent !== text) node.textContent = text;
    };

    const direction = (value) => (value > 0 ? 'up' : value < 0 ? 'down' : 'flat');

    /* The places of a panel, looked up once; React never changes them again. */
    function places(panel) {
        if (!panel.places)
            panel.places = [...panel.querySelectorAll('[data-bind]')].map((node) => ({node, ...node.dataset}));
        if (!panel.gauges) panel.gauges = [...panel.querySelectorAll('[data-gauge]')];
        return panel.places;
    }

    wall.write = (panel, doc) => {
        for (const {node, bind, format, signed} of places(panel)) {
            const value = wall.at(doc, bind);
            wall.text(node, wall.format(format, value));
            if (signed && node.dataset.direction !== direction(value)) node.dataset.direction = direction(value);
        }
        for (const bar of panel.gauges) {
            const value = wall.at(doc, bar.dataset.gauge);
            const width = `${Math.min(100, Math.max(0, board.known(value) ? value : 0)).toFixed(0)}%`;
            if (bar.style.width !== width) bar.style.width = width;
            bar.classList.toggle('full', value >= 100);
        }
        panel.asOf = doc.as_of_ts;
    };
})();
