"""A tick reaches a cell, and nothing else on the page moves."""

from __future__ import annotations

import re
import time
from functools import partial

import pytest
from playwright.sync_api import expect

from harness.board import BoardProcess
from harness.process import eventually
from harness.screen import Screen


@pytest.mark.smoke
def test_the_board_opens_painted_and_says_it_is_a_demo(screen: Screen):
    screen.open()
    expect(screen.page.locator("#status-demo")).to_have_text("DEMO")
    expect(screen.state).to_have_text("live")
    expect(screen.label).to_have_text(re.compile(r"^NSE \| NIFTY \| \d\d-\w{3}-\d\d$"))
    assert screen.series == f"NIFTY|{screen.listed_expiries[0]}"
    assert screen.page.locator("#selection-lot").inner_text() == "lot 65"
    assert re.fullmatch(r"[\d.]+ s", screen.page.locator("#status-age").inner_text())


def test_ltps_move_every_second_without_anything_else_moving(screen: Screen):
    screen.open()
    page = screen.page
    page.evaluate("() => { document.querySelector('.ag-body-viewport').scrollTop += 56 }")
    atm = page.locator("#chain-grid .ag-row.atm").first.get_attribute("row-id")
    screen.cell(atm, "call_oi").click()
    before_scroll = page.evaluate("document.querySelector('.ag-body-viewport').scrollTop")
    seen = [screen.ltp_texts()]
    for _ in range(3):
        page.wait_for_function(
            """before => [...document.querySelectorAll('#chain-grid .ag-row')].some(row => {
                const was = before[row.getAttribute('row-id')];
                return was && row.querySelector('[col-id=call_ltp]').textContent !== was;
            })""",
            arg=seen[-1],
            timeout=20_000,
        )
        seen.append(screen.ltp_texts())
    assert page.evaluate("document.querySelector('.ag-body-viewport').scrollTop") == before_scroll
    focused = page.evaluate("document.querySelector('#chain-grid .ag-cell-focus')?.getAttribute('col-id')")
    assert focused == "call_oi"
    columns = page.evaluate("[...document.querySelectorAll('#chain-grid .ag-header-cell')].map(c => c.offsetWidth)")
    assert all(width > 0 for width in columns)


def test_text_selected_by_the_user_survives_updates(screen: Screen):
    screen.open()
    strike = screen.page.locator("#chain-grid .ag-row.atm").first.get_attribute("row-id")
    screen.page.evaluate(
        """strike => {
            const cell = document.querySelector(`#chain-grid [row-id="${strike}"] [col-id="strike"]`);
            getSelection().selectAllChildren(cell);
        }""",
        strike,
    )
    before = screen.ltp_texts()
    eventually(lambda: screen.ltp_texts() != before, within_s=5, what="an LTP changes")
    assert screen.page.evaluate("getSelection().toString().trim()") == strike
    marked = screen.page.evaluate(
        """strike => {
            const frame = structuredClone(chainboard.shownFrame());
            frame.atm_strike = frame.strikes[frame.strikes.indexOf(Number(strike)) + 2];
            dash_clientside.chainboard.applyAnswer(JSON.stringify({numbers: frame}), {key: frame.key});
            const rows = document.querySelectorAll('#chain-grid .ag-row.atm');
            return [[...new Set([...rows].map(row => row.getAttribute('row-id')))], String(frame.atm_strike)];
        }""",
        strike,
    )
    assert marked[0] == [marked[1]], "the mark has moved on"
    assert screen.page.evaluate("getSelection().toString().trim()") == strike, "also when the money has"


def test_the_atm_row_is_marked_and_in_the_middle(screen: Screen):
    screen.open()
    box = screen.page.locator("#chain-grid .ag-row.atm").first.bounding_box()
    grid = screen.page.locator("#chain-grid").bounding_box()
    assert box is not None
    assert grid is not None
    middle = grid["y"] + grid["height"] / 2
    assert abs(box["y"] + box["height"] / 2 - middle) < grid["height"] / 4


def test_a_forced_trade_is_the_text_of_its_cell(screen: Screen, demo: BoardProcess):
    screen.open()
    row = next(row for row in screen.rows() if "atm" in row["place"])
    ltp = round(row["call_ltp"] + 1.35, 2)
    demo.sandbox("trade", {"symbol": row["call_symbol"], "ltp": ltp, "hold_s": 10})
    expect(screen.cell(row["id"], "call_ltp")).to_have_text(f"{ltp:,.2f}", timeout=20_000)


def test_both_charts_draw_the_series_on_screen_with_spot_marked(screen: Screen):
    screen.open()
    for key in ("oi", "ltp"):
        eventually(partial(screen.is_drawn, key), within_s=6, what=f"chart {key} is drawn")
        bars = screen.page.evaluate(
            "id => document.querySelector(`#${id} .js-plotly-plot`).data.map(t => t.y.filter(v => v !== null).length)",
            f"chart-{key}",
        )
        assert min(bars) >= 10
        note = screen.page.locator(f"#chart-{key} .annotation-text").first.text_content() or ""
        assert note.startswith("spot ")


def test_the_theme_changes_and_is_remembered(screen: Screen):
    screen.open()
    ground = "getComputedStyle(document.body).backgroundColor"
    dark = screen.page.evaluate(ground)
    screen.page.locator("#theme-toggle").click()
    light = screen.page.evaluate(ground)
    assert light != dark
    screen.open()
    assert screen.page.evaluate(ground) == light


def test_no_width_scrolls_sideways(screen: Screen):
    screen.page.set_viewport_size({"width": 390, "height": 844})
    screen.open()
    for width, height in ((390, 844), (1024, 768), (1440, 900), (3840, 2160)):
        screen.page.set_viewport_size({"width": width, "height": height})
        screen.wait_grid()
        assert screen.page.evaluate("document.documentElement.scrollWidth") <= width
        shown = screen.page.locator("#chain-grid .ag-header-cell").all_inner_texts()
        assert "Strike" in shown, width
        assert shown.count("LTP") == 2, width


def test_the_toolbar_and_the_first_columns_fit_a_laptop(screen: Screen):
    screen.page.set_viewport_size({"width": 1280, "height": 768})
    screen.open("?underlying=MIDCPNIFTY")  # the longest name of an index
    for width in (1280, 1366, 1440):
        screen.page.set_viewport_size({"width": width, "height": 768})
        screen.wait_grid()
        fits = screen.page.evaluate(
            """() => {
                const right = (selector) => document.querySelector(selector).getBoundingClientRect().right;
                const chain = document.querySelector('#chain-grid .ag-center-cols-viewport');
                return [right('.toolbar > :last-child') <= right('.toolbar'), chain.scrollWidth <= chain.clientWidth];
            }"""
        )
        assert fits == [True, True], width


def test_a_wheel_reaches_expiries_that_do_not_fit(screen: Screen):
    screen.page.set_viewport_size({"width": 1280, "height": 768})
    screen.open()
    last = screen.page.locator("#expiries button").last
    expect(last).not_to_be_in_viewport(ratio=0.9)
    screen.page.locator("#expiries").hover()
    screen.page.mouse.wheel(0, 3_000)
    expect(last).to_be_in_viewport(ratio=0.9)


def test_at_least_21_strikes_at_1440_by_900(screen: Screen):
    screen.open()
    whole = screen.page.evaluate(
        """() => {
            const view = document.querySelector('#chain-grid .ag-body-viewport').getBoundingClientRect();
            return [...document.querySelectorAll('#chain-grid .ag-center-cols-container .ag-row')].filter(row => {
                const box = row.getBoundingClientRect();
                return box.top >= view.top - 1 && box.bottom <= view.bottom + 1;
            }).length;
        }"""
    )
    assert whole >= 21


def test_within_8_s_of_the_processes_being_up_the_chain_is_painted(chromium, demo: BoardProcess):
    started = time.monotonic()
    page = chromium.new_page(viewport={"width": 1440, "height": 900})
    Screen(page, demo.url).open()
    assert time.monotonic() - started < 8
    page.close()
