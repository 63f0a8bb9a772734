/* The numbers of a chart as a table, on demand: the very points it draws, at the moment of asking. For any chart. */
(() => {
    const board = (window.chainboard = window.chainboard || {});
    const WHEN = new Intl.DateTimeFormat('en-GB', {timeZone: 'Asia/Kolkata', dateStyle: 'medium', timeStyle: 'medium'});
    const make = (tag, text = '', attributes = {}) => {
        const node = Object.assign(document.createElement(tag), {textContent: text});
        for (const name in attributes) node.setAttribute(name, attributes[name]);
        return node;
    };

    function dialog() {
        const found = document.getElementById('chart-table');
        if (found) return found;
        const box = make('dialog', '', {
            id: 'chart-table',
            class: 'chart-table',
            'aria-labelledby': 'chart-table-title',
        });
        const head = make('header');
        head.append(
            make('h2', '', {id: 'chart-table-title'}),
            make('button', 'Close', {class: 'quiet', type: 'button'}),
        );
        box.append(
            head,
            make('p'),
            make('div', '', {
                class: 'chart-table-body',
                tabindex: '0',
                role: 'group',
                'aria-labelledby': 'chart-table-title',
            }),
        );
        // The browser closes it on Esc and gives the focus back to the button it came from.
        box.addEventListener('click', (event) => {
            if (event.target === box || event.target.closest('header button')) box.close();
        });
        document.body.append(box);
        return box;
    }

    /* d3's ",.2f" -> a writer of numbers. */
    const writer = (hover) => board.decimals(Number((/\.(\d)f/.exec(hover) || [0, 2])[1]));

    function tableOf(plot, caption) {
        const {across, hover} = plot.layout.meta;
        const write = writer(hover);
        const columns = plot.data.map(({x, y}) => new Map(x.map((place, index) => [place, y[index]])));
        const places = [...new Set(columns.flatMap((column) => [...column.keys()]))]
            .filter(board.known)
            .sort((a, b) => a - b);
        const table = make('table');
        const head = make('tr');
        head.append(...[across, ...plot.data.map(({name}) => name)].map((name) => make('th', name, {scope: 'col'})));
        const body = make('tbody');
        for (const place of places) {
            const row = make('tr');
            row.append(make('th', board.format('strike_plain', Math.round(place * 100) / 100), {scope: 'row'}));
            for (const column of columns) {
                const value = column.get(place);
                row.append(
                    board.known(value)
                        ? make('td', write(value))
                        : make('td', '·', {'aria-label': 'not known', class: 'unknown'}),
                );
            }
            body.append(row);
        }
        table.append(make('caption', caption, {class: 'visually-hidden'}), make('thead'), body);
        table.tHead.append(head);
        return table;
    }

    function show(key) {
        const chart = document.querySelector(`.chart[data-key="${key}"]`);
        const frame = board.shownFrame();
        if (!frame) return;
        board.drawCharts(frame, {now: true, within: chart}); // as new as the chain beside it
        const plot = chart.querySelector('.js-plotly-plot');
        const [title, unit] = [chart.querySelector('h2').textContent, chart.querySelector('small').textContent];
        const lines = (plot.layout.annotations || []).map(({text}) => text).filter(Boolean);
        const box = dialog();
        box.querySelector('h2').textContent =
            `${title}: ${document.getElementById('selection-label').textContent.replaceAll(' |', '')}`;
        box.querySelector('p').textContent = [
            unit,
            ...lines,
            `numbers of ${WHEN.format((frame.market_ts || frame.as_of_ts) * 1000)} IST`,
        ].join(' · ');
        const body = box.querySelector('.chart-table-body');
        body.replaceChildren(
            chart.classList.contains('is-empty')
                ? make('p', chart.querySelector('.chart-empty').textContent)
                : tableOf(plot, `${title}, ${unit}`),
        );
        box.showModal();
        body.scrollTop = 0;
        body.focus();
    }

    document.addEventListener('click', (event) => {
        const button = event.target.closest('button[data-table]');
        if (button) show(button.dataset.table);
    });
})();
