/* The chain as rows of texts: as many strikes around the money as there is room for. */
(() => {
    const board = (window.chainboard = window.chainboard || {});
    const wall = (board.wall = board.wall || {scenes: [], on: 0});
    const ROW_REM = 1.95;

    function cell(name, column, side) {
        const node = document.createElement('span');
        node.className = `cell ${name}${column && column.wide ? ' wide' : ''}`;
        node.append('');
        return {node, side, column, strike: null, value: null};
    }

    function build(rows, count) {
        const columns = JSON.parse(rows.dataset.columns);
        const parts = Array.from({length: count}, () => {
            const row = document.createElement('div');
            row.className = 'wall-row';
            const calls = columns.map((column) => cell(`call ${column.field}`, column, 'call'));
            const puts = [...columns].reverse().map((column) => cell(`put ${column.field}`, column, 'put'));
            const strike = cell('strike');
            row.append(...[...calls, strike, ...puts].map(({node}) => node));
            return {row, strike, cells: [...calls, ...puts]};
        });
        rows.replaceChildren(...parts.map(({row}) => row));
        rows.parts = parts;
    }

    /* An odd number of rows, so that the money is in the middle; made anew only when the room changes. */
    function fit(rows, strikes) {
        const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
        const room = Math.max(5, Math.floor(rows.clientHeight / (ROW_REM * rem)));
        const count = Math.min(room % 2 ? room : room - 1, strikes);
        if (!rows.parts || rows.parts.length !== count) build(rows, count);
        return count;
    }

    const share = (value, most) => `${board.known(value) ? Math.min(100, (100 * value) / most).toFixed(0) : 0}%`;

    function place(frame, strike) {
        const centre = board.known(frame.forward) ? frame.forward : frame.spot;
        const side = !board.known(centre) ? '' : strike < centre ? ' itm-call' : ' itm-put';
        return `wall-row${side}${strike === frame.atm_strike ? ' atm' : ''}`;
    }

    function writeCell(one, frame, index, strike, most, changed) {
        const {node, side, column} = one;
        const value = frame[side][column.field][index];
        wall.text(node.firstChild, wall.format(column.style, value));
        if (column.field === 'oi') {
            const width = share(value, most);
            if (one.share !== width) node.style.setProperty('--share', (one.share = width));
        }
        if (column.style.startsWith('signed')) node.dataset.direction = value > 0 ? 'up' : value < 0 ? 'down' : 'flat';
        if (
            column.field === 'ltp' &&
            one.strike === strike &&
            board.known(one.value) &&
            board.known(value) &&
            value !== one.value
        )
            changed.push([node, value > one.value]);
        Object.assign(one, {strike, value});
    }

    wall.writeTable = (panel, frame) => {
        const rows = panel.querySelector('.wall-rows');
        if (!rows) return;
        const total = frame.strikes.length;
        const count = fit(rows, total);
        const atm = frame.strikes.indexOf(frame.atm_strike);
        const middle = atm < 0 ? total >> 1 : atm;
        const first = Math.min(Math.max(0, middle - (count >> 1)), total - count);
        const until = first + count;
        const most = Math.max(1, ...frame.call.oi.slice(first, until), ...frame.put.oi.slice(first, until));
        const changed = [];
        rows.parts.forEach(({row, strike: head, cells}, slot) => {
            const index = first + slot;
            const strike = frame.strikes[index];
            const name = place(frame, strike);
            if (row.className !== name) row.className = name;
            wall.text(head.node.firstChild, board.format('strike_plain', strike));
            for (const one of cells) writeCell(one, frame, index, strike, most, changed);
        });
        board.flash(changed);
    };
})();
