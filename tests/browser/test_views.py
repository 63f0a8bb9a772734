"""A page gets what it shows and what has changed; whatever becomes of answers, it shows the published frame."""

from __future__ import annotations

import random
import statistics
from typing import Any

import pytest

from dashboard.layouts.chain_grid import PRESETS
from dashboard.layouts.charts import CHARTS
from dashboard.layouts.toolbar import WINDOWS
from harness.process import eventually
from harness.screen import Screen

# Everything on screen beside the frame as published, in the page's own formats; null while the versions differ.
DIFFERENCES = """async () => {
    const {shownFrame, grid, text, lot, at, view, chartPoints, rowElements} = chainboard;
    const {underlying, expiry, version} = shownFrame() || {};
    if (!underlying) return null;
    const answer = await fetch(`/frames/chain?${new URLSearchParams({underlying, expiry})}`);
    const whole = await answer.json();
    const frame = shownFrame();
    if (whole.version !== frame?.version || whole.key !== frame.key) return null;
    const differing = [];
    let compared = 0;
    const same = (where, shown, wanted) => {
        compared += 1;
        if (shown !== wanted) differing.push(`${where}: ${shown} instead of ${wanted}`);
    };
    const displayed = grid().getAllDisplayedColumns();
    const columns = new Map(displayed.map(column => [column.getColId(), column.getColDef().context]));
    for (const row of rowElements()) {
        const strike = Number(row.getAttribute('row-id'));
        const index = whole.strikes.indexOf(strike);
        if (!row.offsetParent) continue;
        for (const cell of row.querySelectorAll('.ag-cell')) {
            const id = cell.getAttribute('col-id');
            const [, side, field] = id.match(/^(call|put)_(.*)/) || [];
            const value = id === 'strike' ? strike : side ? whole[side][field][index] : whole.row[id][index];
            same(`${strike} ${id}`, cell.textContent, text(columns.get(id), value));
        }
    }
    for (const span of document.querySelectorAll('[data-bind]')) {
        const {bind, format} = span.dataset;
        same(bind, span.textContent, text(format, at(whole, bind, view.strikes)));
    }
    for (const chart of document.querySelectorAll('.chart:not([hidden])')) {
        const {traces, version} = chartPoints(chart.dataset.key) || {};
        if (!traces) { differing.push(`${chart.dataset.key} is not drawn`); continue; }
        const meta = chart.querySelector('.js-plotly-plot').layout.meta;
        same(`${chart.dataset.key} version`, version, whole.version);
        meta.traces.forEach(({x, y, divide, byStrike, points}, number) => {
            if (points.length || !byStrike) return;
            traces[number].x.forEach((strike, place) => {
                const value = at(whole, y)[whole.strikes.indexOf(strike)];
                const drawn = traces[number].y[place];
                const off = value === null || drawn === null ? value !== drawn : Math.abs(drawn - value / divide);
                compared += 1;
                if (off > 1e-9) differing.push(`${chart.dataset.key} ${y} at ${strike}: ${drawn} for ${value}`);
            });
        });
    }
    return {differing, compared};
}"""


# Between page and server: loses answers, gives earlier ones once more, and keeps some back.
RELAY = """
const real = window.fetch;
window.relay = {lost: 0, doubled: 0, late: 0};
const earlier = [];
let seed = 11;
const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
window.fetch = async (url, options) => {
    const isAnswer = String(url).includes('_dash-update-component') && String(options?.body).includes('"answer.data"');
    if (!isAnswer) return real(url, options);
    const chance = random();
    const headers = {'Content-Type': 'application/json'};
    if (chance < 0.15 && earlier.length) {
        relay.doubled += 1;
        return new Response(earlier[Math.floor(random() * earlier.length)], {headers});
    }
    const answer = await real(url, options);
    if (answer.status !== 200) return answer;
    const body = await answer.text();
    if (chance < 0.3) {
        relay.lost += 1;
        return new Response(null, {status: 204});
    }
    if (chance < 0.45) {
        relay.late += 1;
        await new Promise((done) => setTimeout(done, 600));
    }
    earlier.push(body);
    if (earlier.length > 5) earlier.shift();
    return new Response(body, {headers});
};
"""


def choose_anything(screen: Screen, rng: random.Random) -> None:
    """A preset, a window, a chart or a column, at random."""
    page = screen.page
    kind = rng.choice(["preset", "preset", "window", "chart", "column"])
    if kind == "preset":
        page.locator(f'[data-preset="{rng.choice(PRESETS)}"]').click()
    elif kind == "window":
        page.locator("#strike-window").select_option(str(rng.choice([0, *WINDOWS])))
    elif kind == "chart":
        key = rng.choice(CHARTS).key
        page.evaluate('key => document.querySelector(`button[data-chart="${key}"]`).click()', key)
    else:
        page.evaluate(
            """place => {
                const all = document.querySelectorAll('button[data-column]');
                all[place % all.length].click();
            }""",
            rng.randrange(1_000),
        )


@pytest.mark.timeout(400)
def test_the_page_equals_the_published_frame_through_lost_doubled_and_late_answers(screen: Screen):
    screen.page.add_init_script(RELAY)
    screen.open()
    rng = random.Random(11)
    for _ in range(10):
        for _ in range(5):
            choose_anything(screen, rng)
            screen.page.wait_for_timeout(rng.choice([0, 30, 200]))
        found: dict[str, Any] = eventually(
            lambda: (found := screen.page.evaluate(DIFFERENCES)) and found["differing"] == [] and found,
            within_s=30,
            what=lambda: f"the page equals the frame: {screen.page.evaluate(DIFFERENCES)}",
        )
        assert found["compared"] > 100
    spoiled = screen.page.evaluate("relay")
    assert min(spoiled.values()) > 0, spoiled


def test_what_has_changed_is_a_small_part_of_what_was_sent_whole(screen: Screen):
    screen.open("?preset=All")
    screen.page.evaluate(
        """() => {
            const apply = dash_clientside.chainboard.applyAnswer;
            window.sizes = {whole: [], changes: []};
            dash_clientside.chainboard.applyAnswer = (text, selection) => {
                const {numbers} = JSON.parse(text);
                if (numbers) sizes['base' in numbers ? 'changes' : 'whole'].push(JSON.stringify(numbers).length);
                return apply(text, selection);
            };
        }"""
    )
    screen.choose_preset("OI")
    screen.page.wait_for_function("() => sizes.changes.length >= 5 && sizes.whole.length >= 1", timeout=30_000)
    sizes = screen.page.evaluate("sizes")
    assert len(sizes["whole"]) == 1, sizes
    assert statistics.median(sizes["changes"]) < 0.5 * sizes["whole"][0], sizes


# 300 frames with all the numbers of the table changed, as fast as the page paints them.
UPDATE_300 = """async () => {
    const frame = structuredClone(chainboard.shownFrame());
    for (let number = 0; number < 300; number++) {
        const by = 1 + 0.001 * (number % 7 - 3);
        for (const side of ['call', 'put'])
            for (const field of ['ltp', 'iv', 'oi', 'volume', 'ltp_change'])
                frame[side][field] = frame[side][field].map(value => (value === null ? null : value * by));
        frame.version += 1;
        window.showFrame(JSON.stringify({numbers: frame}), {key: frame.key});
        if (number % 10 === 0) await new Promise(requestAnimationFrame);
    }
}"""


def test_what_a_viewer_has_under_the_hand_survives_300_updates(screen: Screen):
    """Selected text, focus in a cell, the place scrolled to, and the label of a chart under the pointer."""
    screen.open()
    screen.wait_charts()
    screen.stop_frames()
    page = screen.page
    page.evaluate("() => dash_ag_grid.getApi('chain-grid').ensureIndexVisible(3, 'top')")
    row = page.evaluate("() => dash_ag_grid.getApi('chain-grid').getDisplayedRowAtIndex(8).id")
    screen.cell(row, "put_ltp").click()
    label = screen.hover_chart("oi", float(page.evaluate("() => chainboard.shownFrame().atm_strike")))
    page.evaluate(
        """row => getSelection().selectAllChildren(
            document.querySelector(`#chain-grid [row-id="${row}"] [col-id="strike"]`))""",
        row,
    )
    held = """() => {
        const focused = document.activeElement;
        return {
            selected: getSelection().toString().trim(),
            focus: [focused.closest('.ag-row')?.getAttribute('row-id'), focused.getAttribute('col-id')],
            scrolled: document.querySelector('#chain-grid .ag-body-viewport').scrollTop,
        };
    }"""
    before = page.evaluate(held)
    assert before["selected"] == before["focus"][0] == row
    page.evaluate(UPDATE_300)
    assert page.evaluate(held) == before
    after = page.locator("#chart-oi .hoverlayer .legend text").all_text_contents()
    assert len(after) == len(label), "the label of the chart still stands"
    assert after[0] == label[0]
