/* How wide a column is: as its widest number of the whole series needs, so that none is ever cut. A column grows at once
   when a number outgrows it and shrinks only with another series, view or window size. A width the viewer dragged stays. */
(() => {
    const board = (window.chainboard = window.chainboard || {});
    const KEPT = 'chainboard-widths';
    const DIGITS = '0123456789';
    const root = () => document.getElementById('chain-grid');
    const rem = () => parseFloat(getComputedStyle(document.documentElement).fontSize);

    /* --- text measured once per character, in the type of its cell --- */
    const meters = new Map();
    function probe(parent, classes, text) {
        const element = document.createElement('div');
        element.className = classes;
        element.style.cssText =
            'position:absolute;left:0;visibility:hidden;width:auto;min-width:0;white-space:pre;display:inline-block';
        element.textContent = text;
        parent.append(element);
        const {width} = element.getBoundingClientRect();
        element.remove();
        return width;
    }
    function meter(kind, classes) {
        const key = `${kind} ${rem()}`;
        if (meters.has(key)) return meters.get(key);
        const parent = root().querySelector(kind === 'head' ? '.ag-header' : '.ag-root') || root();
        const around = probe(parent, classes, '');
        const wide = (text) => (probe(parent, classes, text.repeat(10)) - around) / 10;
        // All digits count as the widest of them, so a price needs no more room when only its digits change.
        const digit = Math.max(...[...DIGITS].map(wide));
        const known = new Map([...DIGITS].map((one) => [one, digit]));
        const width = (text) => {
            let sum = around + 0.2;
            for (const letter of text) {
                if (!known.has(letter)) known.set(letter, wide(letter));
                sum += known.get(letter);
            }
            return Math.ceil(sum);
        };
        meters.set(key, width);
        return width;
    }
    const SPECIAL = ['ltp', 'strike', 'build_up']; // cells with a type of their own
    function cellWidth(definition, text) {
        const special = SPECIAL.find((name) => definition.cellClass.split(' ').includes(name));
        return meter(special || 'plain', `ag-cell ${special || ''}`)(text);
    }
    const NARROW = 'build_up'; // two letters under a heading that only screen readers need
    const headWidth = ({headerName, headerClass}) =>
        headerClass.includes(NARROW) ? 0 : meter('head', 'ag-header-cell')(headerName || '');

    /* --- the widest numbers: only values that may need more room than all before are put into words --- */
    let widest = new Map(); // column id -> {need, most, least, sizes}
    function values(frame, id) {
        const [, side, field] = id.match(/^(call|put)_(.*)/) || [null, null, id];
        return side ? frame[side][field] : id === 'strike' ? frame.strikes : frame.row[field];
    }
    /* With a fixed number of decimals the largest and the least are the widest. Shortened numbers (k, L, cr), strikes and
       words are not so simple: of those the largest of each sign and count of digits counts. */
    const isSimple = (style) => !style.endsWith('compact') && style !== 'strike_plain' && style !== 'build_up';
    function sizeOf(value, style) {
        if (typeof value !== 'number') return value;
        const written = Math.abs(style.endsWith('compact') ? board.quantity(value) : value);
        return (
            Math.sign(value) * (2 + Math.floor(Math.log10(Math.max(1, written)))) + (Number.isInteger(value) ? 0 : 0.5)
        );
    }
    function isWider(found, value, style) {
        if (isSimple(style)) {
            if (value <= found.most && value >= found.least) return false;
            found.most = Math.max(found.most, value);
            found.least = Math.min(found.least, value);
            return true;
        }
        const size = sizeOf(value, style);
        if (found.sizes.has(size) && (typeof value !== 'number' || found.sizes.get(size) >= Math.abs(value)))
            return false;
        found.sizes.set(size, Math.abs(value));
        return true;
    }
    function survey(column, frame) {
        const id = column.getColId();
        const definition = column.getColDef();
        const style = definition.context;
        if (!widest.has(id))
            widest.set(id, {need: headWidth(definition), most: -Infinity, least: Infinity, sizes: new Map()});
        const found = widest.get(id);
        for (const value of values(frame, id) || [])
            if (board.known(value) && isWider(found, value, style))
                found.need = Math.max(found.need, cellWidth(definition, board.format(style, value)));
        return found.need;
    }

    /* --- widths a viewer dragged, in rem, so that they hold on any screen --- */
    const own = (() => {
        try {
            const told = JSON.parse(window.localStorage.getItem(KEPT)) || {};
            return Object.fromEntries(Object.entries(told).filter(([, width]) => width > 0 && width < 60));
        } catch (notOurs) {
            return {};
        }
    })();
    board.keepOwnWidths = (api) =>
        api.addEventListener('columnResized', ({finished, source, column}) => {
            if (!finished || source !== 'uiColumnResized' || !column) return;
            own[column.getColId()] = column.getActualWidth() / rem();
            window.localStorage.setItem(KEPT, JSON.stringify(own));
            board.fitWidths(api);
        });
    board.forgetOwnWidths = () => {
        for (const id of Object.keys(own)) delete own[id];
        window.localStorage.removeItem(KEPT);
    };

    /* --- every shown column as wide as it must be; the room that is left is shared out --- */
    board.fitWidths = (api, {fresh = false, frame = board.shownFrame()} = {}) => {
        if (fresh) widest = new Map();
        const columns = api.getAllDisplayedColumns();
        const needs = columns.map((column) => {
            const need = frame ? survey(column, frame) : Math.ceil((column.getColDef().width * rem()) / 13);
            return {
                key: column.getColId(),
                need: Math.max(need, (own[column.getColId()] || 0) * rem()),
                own: column.getColId() in own,
            };
        });
        const bar = root().querySelector('.ag-body-vertical-scroll');
        const room = root().clientWidth - (bar ? bar.offsetWidth : 0) - 2;
        const sum = (list) => list.reduce((total, {need}) => total + need, 0);
        const free = sum(needs.filter((column) => !column.own));
        const stretch = Math.max(1, (room - sum(needs.filter((column) => column.own))) / free);
        const widths = needs.map(({key, need, own: fixed}) => ({
            key,
            newWidth: Math.floor(fixed ? need : need * stretch),
        }));
        const same = widths.every(({newWidth}, place) => columns[place].getActualWidth() === newWidth);
        if (!same) api.setColumnWidths(widths);
        board.placeStrike();
    };

    /* With each frame: a number that has outgrown its column widens it before it is painted. */
    board.growWidths = (api, frame) => {
        const tight = api.getAllDisplayedColumns().some((column) => survey(column, frame) > column.getActualWidth());
        if (tight) board.fitWidths(api, {frame});
    };
})();
