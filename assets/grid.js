/* How numbers look: formatters for the header and the chain, cell bars, row classes. Computes no market number. */
(() => {
    const UNKNOWN = '·';
    const known = (value) => value !== null && value !== undefined && !Number.isNaN(value);
    const made = {};
    const decimals = (digits) => {
        // What rounds to zero has no sign: a delta of -0.001 is 0.00.
        made[digits] ||= new Intl.NumberFormat('en-IN', {
            minimumFractionDigits: digits,
            maximumFractionDigits: digits,
            signDisplay: 'negative',
        });
        return (value) => made[digits].format(value);
    };
    const whole = decimals(0);
    const two = decimals(2);
    const signed = (format) => (value) => {
        const text = format(value);
        return value > 0 && /[1-9]/.test(text) ? `+${text}` : text;
    };

    /* Quantities come in units; a viewer may read them in lots. The lot is that of the series on screen. */
    const inLots = () =>
        Boolean(window.chainboard.view && window.chainboard.view.oiUnit === 'lots' && window.chainboard.lotSize);
    const quantity = (value) => (known(value) && inLots() ? value / window.chainboard.lotSize : value);

    // Indian counting: lakh (1e5) and crore (1e7).
    const compact = (units) => {
        const value = quantity(units);
        const size = Math.abs(value);
        if (size < 1000) return whole(value);
        if (size < 1e5) return (value / 1e3).toFixed(1) + 'k';
        if (size < 1e7) return (value / 1e5).toFixed(2) + 'L';
        return (value / 1e7).toFixed(size < 1e9 ? 2 : 1) + 'cr';
    };
    const strike = (value) => (Number.isInteger(value) ? String(value) : value.toFixed(2));
    const timeLeft = (years) => {
        if (years <= 0) return 'expired';
        const minutes = Math.floor(years * 525600);
        const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60), minutes % 60];
        return days > 0 ? `${days} d ${hours} h left` : `${hours} h ${rest} m left`;
    };

    const FORMATS = {
        text: String,
        reason: String,
        price: two,
        number: two,
        signed: signed(two),
        change: signed(two),
        change_pct: (value) => `(${signed(two)(value)}%)`,
        basis: (value) => `basis ${signed(two)(value)}`,
        signed_percent: (value) => `${signed(decimals(1))(value)}%`,
        spread: two,
        percent: (value) => (value * 100).toFixed(1),
        expected: (value) => `±${value.toFixed(2)}% move`,
        ratio: two,
        at: (value) => `at ${strike(value)}`,
        by_volume: (value) => `vol ${two(value)}`,
        in_window: (value) => `±${window.chainboard.view.strikes}: ${two(value)}`,
        coverage: ([have, of]) => `${have} of ${of} strikes`,
        strike: (value) => (Number.isInteger(value) ? whole(value) : two(value)),
        strike_plain: strike,
        from_spot: (value) => `${signed(whole)(value)} from spot`,
        compact,
        signed_compact: signed(compact),
        crore: (value) => `${signed(whole)(value)} cr`,
        zero_gamma: (value) => `zero γ ${whole(value)}`,
        delta: two,
        gamma: (value) => decimals(largest.gammaDigits || 5)(value),
        time_left: timeLeft,
        build_up: (value) =>
            ({long_build_up: 'LB', short_build_up: 'SB', short_covering: 'SC', long_unwinding: 'LU'})[value] || '',
    };
    // Blank rather than a dot: what does not exist by choice (no window, nothing to excuse) or says nothing (no build-up).
    const SILENT = ['build_up', 'in_window', 'reason'];
    const format = (style, value) => (known(value) ? FORMATS[style](value) : SILENT.includes(style) ? '' : UNKNOWN);

    // Largest value of each bar column over the whole chain, and the decimals gamma needs; set by live.js with each frame.
    const largest = {};

    /* Marks cells that went up or down. On with the numbers and off together: each change of its own would be a painting. */
    const FLASH_MS = 400;
    const FLASHES = ['flash-down', 'flash-up'];
    function flash(marked) {
        const lit = marked.filter(([cell]) => cell);
        for (const [cell, up] of lit) {
            cell.classList.remove(...FLASHES);
            cell.classList.add(FLASHES[Number(up)]);
        }
        if (lit.length) setTimeout(() => lit.forEach(([cell]) => cell.classList.remove(...FLASHES)), FLASH_MS);
    }

    window.chainboard = Object.assign(window.chainboard || {}, {
        format,
        known,
        largest,
        flash,
        decimals,
        signed,
        quantity,
        inLots,
    });

    const functions = (window.dashAgGridFunctions = window.dashAgGridFunctions || {});
    functions.chainText = format;
    functions.chainBar = (side, field, value) => {
        const share = known(value) && largest[field] > 0 ? Math.min(100, (100 * value) / largest[field]) : 0;
        // Bars grow outward from the strike: calls towards the left, puts towards the right.
        const towards = side === 'call' ? 'to left' : 'to right';
        const shade = field === 'oi' ? 'bar' : 'faint';
        return {
            backgroundImage: `linear-gradient(${towards}, var(--${side}-${shade}) ${share.toFixed(1)}%, transparent 0)`,
        };
    };
    functions.chainDirection = (value) => ({
        color: value > 0 ? 'var(--up)' : value < 0 ? 'var(--down)' : 'var(--muted)',
    });
    functions.chainBuildUp = (value) => ({
        color: value === 'long_build_up' || value === 'short_covering' ? 'var(--up)' : 'var(--down)',
    });
    functions.chainSpread = (value) => {
        const frame = window.chainboard.shownFrame();
        const ticks = known(value) && frame ? Math.round(value / frame.tick_size) : 0;
        return {color: ticks >= 10 ? 'var(--down)' : ticks >= 4 ? 'var(--here)' : 'var(--muted)'};
    };

    functions.chainRowClass = (params) => params.data.place;
})();
