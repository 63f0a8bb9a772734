/* How numbers look: Indian counting, no sign on what rounds to zero, a dot for what is not known. Computes no market number. */
const UNKNOWN = '·';
export const known = (value) => value !== null && value !== undefined && !Number.isNaN(value);

const made = {}; // a formatter is dear to make
/* A writer of numbers with so many decimals. What rounds to zero has no sign: a delta of -0.001 is 0.00. */
export const decimals = (digits) => {
    made[digits] ||= new Intl.NumberFormat('en-IN', {minimumFractionDigits: digits, maximumFractionDigits: digits});
    return (value) => {
        const text = made[digits].format(value);
        return text[0] === '-' && !/[1-9]/.test(text) ? text.slice(1) : text;
    };
};
const whole = decimals(0);
const one = decimals(1);
const two = decimals(2);
const signed = (write) => (value) => {
    const text = write(value);
    return value > 0 && /[1-9]/.test(text) ? `+${text}` : text;
};
const signedWhole = signed(whole);
const signedOne = signed(one);
const signedTwo = signed(two);

/* Quantities come in units; lot: the lot size for a viewer who reads lots, else 0. */
export const quantity = (value, lot) => (known(value) && lot ? value / lot : value);

/* Indian counting: lakh (1e5) and crore (1e7). */
const compact = (value) => {
    const size = Math.abs(value);
    if (size < 1000) return whole(value);
    if (size < 1e5) return `${(value / 1e3).toFixed(1)}k`;
    if (size < 1e7) return `${(value / 1e5).toFixed(2)}L`;
    return `${(value / 1e7).toFixed(size < 1e9 ? 2 : 1)}cr`;
};
const signedCompact = signed(compact);
const strike = (value) => (Number.isInteger(value) ? String(value) : value.toFixed(2));
const timeLeft = (years) => {
    if (years <= 0) return 'expired';
    const minutes = Math.floor(years * 525600);
    const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60), minutes % 60];
    return days > 0 ? `${days} d ${hours} h left` : `${hours} h ${rest} m left`;
};
const BUILD_UPS = {long_build_up: 'LB', short_build_up: 'SB', short_covering: 'SC', long_unwinding: 'LU'};

const FORMATS = {
    text: String,
    reason: String,
    price: two,
    number: two,
    spread: two,
    ratio: two,
    delta: two,
    signed: signedTwo,
    change: signedTwo,
    change_pct: (value) => `(${signedTwo(value)}%)`,
    basis: (value) => `basis ${signedTwo(value)}`,
    signed_percent: (value) => `${signedOne(value)}%`,
    signed_two_percent: (value) => `${signedTwo(value)} %`,
    signed_whole: signedWhole,
    percent: (value) => (value * 100).toFixed(1),
    whole_percent: (value) => `${whole(value)} %`,
    plus_minus: (value) => `±${two(value)}`,
    plus_minus_percent: (value) => `±${two(value)} %`,
    expected: (value) => `±${value.toFixed(2)}% move`,
    of_implied: (value) => `of ±${two(value)} %`,
    at: (value) => `at ${strike(value)}`,
    by_volume: (value) => `vol ${two(value)}`,
    in_window: (value, {strikes}) => `±${strikes}: ${two(value)}`,
    coverage: ([have, of]) => `${have} of ${of} strikes`,
    strike: (value) => (Number.isInteger(value) ? whole(value) : two(value)),
    strike_plain: strike,
    from_spot: (value) => `${signedWhole(value)} from spot`,
    compact: (value, {lot}) => compact(quantity(value, lot)),
    signed_compact: (value, {lot}) => signedCompact(quantity(value, lot)),
    crore: (value) => `${signedWhole(value)} cr`,
    zero_gamma: (value) => `zero γ ${whole(value)}`,
    gamma: (value, {gammaDigits}) => decimals(gammaDigits || 5)(value),
    time_left: timeLeft,
    day: (value) => new Date(value).toLocaleDateString('en-GB', {day: '2-digit', month: 'short', timeZone: 'UTC'}),
    build_up: (value) => BUILD_UPS[value] || '',
};
// Blank rather than a dot: what does not exist by choice (no window, nothing to excuse) or says nothing (no build-up).
const SILENT = ['build_up', 'in_window', 'reason'];

/* A value in one of the styles that the layouts name. view: {lot, strikes, gammaDigits} of the viewer, where it matters. */
export const format = (style, value, view = {}) =>
    known(value) ? FORMATS[style](value, view) : SILENT.includes(style) ? '' : UNKNOWN;

const GAMMA_DIGITS = 4; // significant ones of the largest gamma of a chain
/* The decimals of a whole column of gammas, so that digits stand below each other. */
export const gammaDigits = (most) =>
    most > 0 ? Math.min(9, Math.max(3, GAMMA_DIGITS - 1 - Math.floor(Math.log10(most)))) : 5;

/* Which way a value has gone, as the stylesheet names it. */
export const direction = (value) => (value > 0 ? 'up' : value < 0 ? 'down' : 'flat');

/* How much of the largest a value is, in %. */
export const share = (value, most) => (known(value) && most > 0 ? Math.min(100, (100 * value) / most) : 0);
