"""Label, header, table and charts show one series and one version, at every painting; and loading is no alarm."""

from __future__ import annotations

import random
from typing import Any

from playwright.sync_api import expect

from harness.process import eventually
from harness.screen import Screen

INDICES = ("NIFTY", "BANKNIFTY", "FINNIFTY", "MIDCPNIFTY", "SENSEX", "BANKEX")

# Looks at every painting: what does not belong together is kept in `window.apart`. A part may be empty, never foreign.
WATCH = """() => {
    const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
    const labelled = () => {
        const [, name, day] = document.getElementById('selection-label').textContent.split(' | ');
        if (!day) return null;
        const [date, month, year] = day.split('-');
        return `${name}|20${year}-${String(MONTHS.indexOf(month) + 1).padStart(2, '0')}-${date}`;
    };
    const told = (node) => node && getComputedStyle(node).visibility !== 'hidden' ? node.textContent : null;
    window.apart = [];
    window.looks = {all: 0, whole: 0, versions: new Set(), series: new Set()};
    const look = () => {
        requestAnimationFrame(look);
        looks.all += 1;
        const wrong = (what, ...facts) => apart.push([Math.round(performance.now()), what, ...facts]);
        const label = labelled();
        const {series, version} = document.body.dataset;
        const header = document.querySelector('.figures').dataset;
        const grid = document.getElementById('chain-grid').dataset;
        const spot = document.querySelector('[data-bind="spot"]').textContent;
        const rows = [...document.querySelectorAll('#chain-grid .ag-center-cols-container .ag-row')];
        if (series && series !== label) wrong('page is not of the label', label, series);
        if (header.version !== version || grid.version !== version)
            wrong('header or table', header.version, grid.version, version);
        if (!series && spot !== '·') wrong('a spot without a series', label, spot);
        if (!series && rows.length) wrong('rows without a series', label, rows.length);
        let drawn = 0;
        const charts = [...document.querySelectorAll('.chart:not([hidden])')];
        for (const chart of charts) {
            const plot = chart.querySelector('.js-plotly-plot');
            const labels = plot ? [...plot.querySelectorAll('.annotation text')] : [];
            const label = labels.find(text => text.textContent.startsWith('spot '));
            if (!plot || told(plot.querySelector('.overplot') || plot) === null) continue;
            if (!plot.dataset.key && !label) continue; // not drawn yet
            drawn += 1;
            if (plot.dataset.key !== series || plot.dataset.version !== version)
                wrong('chart', chart.dataset.key, plot.dataset.key, plot.dataset.version, series, version);
            if (label && told(label) !== null && label.textContent !== `spot ${spot}`)
                wrong('spot of the chart', chart.dataset.key, label.textContent, spot);
        }
        const ltp = series && charts.some(chart => chart.dataset.key === 'ltp') && chainboard.chartPoints('ltp');
        if (ltp) for (const row of rows) {
            const cell = row.querySelector('[col-id="call_ltp"]');
            const place = ltp.traces[0].x.indexOf(Number(row.getAttribute('row-id')));
            if (!cell || place < 0) continue;
            const text = chainboard.text('price', ltp.traces[0].y[place]);
            if (cell.textContent !== text)
                wrong('LTP of table and chart', row.getAttribute('row-id'), cell.textContent, text);
        }
        if (series && rows.length && drawn === charts.length) {
            looks.whole += 1;
            looks.versions.add(version);
            looks.series.add(series);
        }
    };
    requestAnimationFrame(look);
}"""

# Every state and band that was painted since the page opened.
STATES = """
window.painted = {states: [], bands: [], tops: []};
const note = (list, value) => list[list.length - 1] !== value && list.push(value);
const look = () => {
    requestAnimationFrame(look);
    const state = document.getElementById('status-state');
    const band = document.getElementById('status-band');
    const board = document.querySelector('.board');
    if (!state || !band || !board) return;
    note(painted.states, state.textContent);
    note(painted.bands, band.hidden ? '' : band.textContent);
    note(painted.tops, Math.round(board.getBoundingClientRect().top));
};
requestAnimationFrame(look);
"""


def watched(screen: Screen) -> dict[str, Any]:
    found: dict[str, Any] = screen.page.evaluate(
        "() => ({...looks, versions: looks.versions.size, series: looks.series.size, apart: apart.slice(0, 12)})"
    )
    return found


def test_one_series_and_one_version_everywhere_at_every_painting_of_30_fast_changes(screen: Screen):
    screen.open()
    eventually(lambda: screen.chart_series("iv_smile") == screen.series, within_s=8, what="all charts are drawn")
    screen.page.evaluate(WATCH)
    rng = random.Random(20261124)
    chosen = "NIFTY"
    for number in range(30):
        if rng.random() < 0.5:
            chosen = rng.choice([name for name in INDICES if name != chosen])
            screen.choose_index(chosen)
        else:
            screen.page.evaluate(
                """pick => {
                    const all = document.querySelectorAll('#expiries button');
                    all[Math.floor(pick * all.length)]?.click();
                }""",
                rng.random(),
            )
        if number % 5 == 4:  # now and then long enough for all of it to arrive
            eventually(lambda: screen.series, within_s=10, what="a series is on screen")
            screen.page.wait_for_timeout(400)
    eventually(lambda: watched(screen)["whole"] > 0 and screen.series, within_s=15, what="a whole page")
    found = watched(screen)
    assert found["apart"] == []
    assert found["series"] >= 4, found
    assert found["versions"] >= 6, found


def test_header_table_and_charts_follow_each_version_together(screen: Screen):
    screen.open("?charts=oi,ltp,iv_smile,gex")
    eventually(lambda: screen.chart_series("gex") == screen.series, within_s=8, what="all charts are drawn")
    screen.page.evaluate(WATCH)
    eventually(lambda: watched(screen)["versions"] >= 8, within_s=40, what="eight versions are painted")
    assert watched(screen)["apart"] == []


def test_a_load_and_a_choice_raise_no_alarm_and_shift_nothing(screen: Screen):
    screen.page.add_init_script(STATES)
    screen.open()
    screen.page.evaluate("() => { painted.tops.length = 0; }")  # the page itself was put together before
    screen.choose_stock("TCS")  # a series that nobody has watched yet
    eventually(lambda: (screen.series or "").startswith("TCS|"), within_s=20, what="the stock is on screen")
    screen.wait_state("live", timeout_ms=15_000)
    painted = screen.page.evaluate("() => painted")
    # A machine under load may keep the server silent for seconds; that is offline, and no business of this test.
    silent = [band for band in painted["bands"] if band.startswith("OFFLINE · No answer from the board's server")]
    assert set(painted["states"]) - ({"offline"} if silent else set()) <= {"starting", "loading", "live"}, painted
    assert set(painted["bands"]) - set(silent) == {""}, painted
    assert silent or len(painted["tops"]) == 1, painted


def test_what_stays_without_numbers_is_said_after_a_while_and_what_turns_stale_at_once(screen: Screen):
    screen.open()
    screen.wait_state("live")
    words = screen.page.evaluate(
        """() => {
            const shown = document.getElementById('status-state');
            const status = (state) => JSON.stringify({status: {
                key: chainboard.seriesWanted(), state, message: 'Nothing comes.', server_ts: Date.now() / 1000,
            }});
            const words = [];
            const tell = (state) => {
                dash_clientside.chainboard.applyAnswer(status(state));
                words.push([shown.textContent, document.getElementById('status-band').hidden]);
            };
            tell('stale'); // its numbers had come: a real staleness
            chainboard.seriesLeft(); // as after a choice
            tell('stale');
            const now = Date.now;
            Date.now = () => now() + 11000;
            tell('stale');
            Date.now = now;
            return words;
        }"""
    )
    assert words == [["stale", False], ["loading", True], ["stale", False]]


def test_a_series_left_is_asked_for_whole_when_it_comes_back(screen: Screen):
    """In a closed market no newer version comes: what the server thinks we have must be true."""
    screen.open()
    screen.wait_state("live")
    with screen.page.expect_request(
        lambda request: "answer.data" in (request.post_data or "") and "BANKNIFTY" in (request.post_data or "")
    ) as asked:
        screen.choose_index("BANKNIFTY")
    states = {state["id"]: state.get("value") for state in asked.value.post_data_json["state"]}
    assert states["selection"]["underlying"] == "BANKNIFTY"
    assert not states["seen"]


def test_closed_is_calm_and_unmistakable(screen: Screen):
    screen.open()
    screen.wait_state("live")
    looks = screen.page.evaluate(
        """() => {
            const band = document.getElementById('status-band');
            const ground = () => getComputedStyle(band).backgroundColor;
            const seen = {};
            for (const state of ['closed', 'stale', 'offline']) {
                dash_clientside.chainboard.applyAnswer(JSON.stringify({status: {
                    key: chainboard.seriesWanted(), state, server_ts: Date.now() / 1000,
                    message: 'The market is closed; numbers are those of 15:30:00 IST.',
                }}));
                seen[state] = [band.hidden, ground(), band.textContent];
            }
            return seen;
        }"""
    )
    hidden, ground, text = looks["closed"]
    assert not hidden
    assert ground != looks["stale"][1] == looks["offline"][1]
    assert text == "CLOSED · The market is closed; numbers are those of 15:30:00 IST"
    assert text.count("IST") == 1
    expect(screen.state).to_have_text("live", timeout=20_000)
