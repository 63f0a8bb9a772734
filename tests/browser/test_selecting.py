"""The rules of selecting hold under any order and any speed of clicks and answers."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from harness.board import BoardProcess
from harness.process import eventually
from harness.screen import Screen

INDICES = ("NIFTY", "BANKNIFTY", "FINNIFTY", "MIDCPNIFTY", "SENSEX", "BANKEX")

# Holds back answers of the lookup callback: `window.holdBack = [3000, 0]` delays the first by 3 s, the second not.
HOLD_BACK = """
window.holdBack = [];
const fetched = window.fetch;
window.fetch = async (url, options) => {
    const answer = await fetched(url, options);
    const isCallback = String(url).includes('_dash-update-component');
    const isLookup = isCallback && String(options.body).includes('expiries.children');
    const delay = isLookup ? window.holdBack.shift() || 0 : 0;
    if (delay) await new Promise(done => setTimeout(done, delay));
    return answer;
};
"""


@pytest.fixture
def slow_screen(tab: Callable[[], Screen]) -> Screen:
    screen = tab()
    screen.page.add_init_script(HOLD_BACK)
    return screen


def hold_back(screen: Screen, *delays_ms: int) -> None:
    screen.page.evaluate("delays => { window.holdBack = delays; }", list(delays_ms))


def wait_whole(screen: Screen, underlying: str, symbols, *, within_s: float = 8.0) -> str:
    """Wait until everything on screen agrees on one series of `underlying`; give its expiry."""

    def settled() -> str | None:
        expiry = screen.selection.get("expiry")
        charts = {screen.chart_series("oi"), screen.chart_series("ltp")}
        return expiry if charts == {screen.series} == {f"{underlying}|{expiry}"} else None

    expiry = eventually(settled, within_s=within_s, what=f"label, grid, charts and address agree on {underlying}")
    screen.assert_whole(underlying, expiry, symbols(underlying, expiry))
    day = time.strftime("%d-%b-%y", time.strptime(expiry, "%Y-%m-%d"))
    exchange = "BSE" if underlying in ("SENSEX", "BANKEX") else "NSE"
    assert screen.label.inner_text() == f"{exchange} | {underlying} | {day}"
    return expiry


def test_from_index_to_expiries_to_the_chain_of_the_second_one(screen: Screen, symbols):
    screen.open()
    screen.choose_index("BANKNIFTY")
    expect(screen.label).to_have_text(re.compile("BANKNIFTY"))
    second = screen.expiry_button(1)
    expiry = second.get_attribute("data-expiry")
    second.click()
    screen.wait_series(f"BANKNIFTY|{expiry}")
    screen.wait_painted()
    wait_whole(screen, "BANKNIFTY", symbols)


def test_thirty_rapid_random_clicks_end_in_one_whole_selection(screen: Screen, symbols):
    screen.open()
    rng = random.Random(20261123)
    last = "NIFTY"
    for _ in range(30):
        if rng.random() < 0.5:
            last = rng.choice([name for name in INDICES if name != last])
            screen.choose_index(last)
        else:
            # Straight at the DOM: the button may be gone by the time a patient click would have found it.
            screen.page.evaluate(
                """pick => {
                    const all = document.querySelectorAll('#expiries button');
                    all[Math.floor(pick * all.length)]?.click();
                }""",
                rng.random(),
            )
    wait_whole(screen, last, symbols, within_s=15)


def test_a_late_answer_for_an_earlier_index_is_dropped(slow_screen: Screen, symbols):
    screen = slow_screen.open()
    hold_back(screen, 2_500, 0)
    screen.choose_index("SENSEX")
    screen.choose_index("FINNIFTY")
    wait_whole(screen, "FINNIFTY", symbols)
    screen.page.wait_for_timeout(2_800)  # until the held answer has arrived
    wait_whole(screen, "FINNIFTY", symbols)


def test_an_old_expiry_clicked_while_the_lookup_is_out_means_nothing(slow_screen: Screen, symbols):
    screen = slow_screen.open()
    hold_back(screen, 2_000)
    screen.choose_index("BANKEX")
    screen.expiry_button(2).click()  # still a NIFTY button
    wait_whole(screen, "BANKEX", symbols)


def test_while_a_lookup_takes_seconds_the_old_series_stays_whole_and_live(slow_screen: Screen, symbols):
    screen = slow_screen.open()
    shown = screen.series
    hold_back(screen, 3_000)
    screen.choose_index("SENSEX")
    before = screen.ltp_texts()
    eventually(lambda: screen.ltp_texts() != before, within_s=2.5, what="the shown chain goes on")
    assert screen.series == shown
    wait_whole(screen, "SENSEX", symbols)


def test_switching_back_restores_the_expiry_of_that_index(screen: Screen, symbols):
    screen.open()
    expiry = screen.listed_expiries[2]
    screen.expiry_button(2).click()
    screen.wait_series(f"NIFTY|{expiry}")
    screen.choose_index("SENSEX")
    wait_whole(screen, "SENSEX", symbols)
    screen.choose_index("NIFTY")
    assert wait_whole(screen, "NIFTY", symbols) == expiry


def test_two_tabs_hold_two_series(tab: Callable[[], Screen], symbols):
    one, other = tab().open(), tab().open("?underlying=SENSEX")
    other.expiry_button(1).click()
    second = other.listed_expiries[1]
    other.wait_series(f"SENSEX|{second}")
    one.page.bring_to_front()
    wait_whole(one, "NIFTY", symbols)
    other.page.bring_to_front()
    assert wait_whole(other, "SENSEX", symbols) == second


def test_the_back_button_returns_to_the_last_choice(screen: Screen, symbols):
    screen.open()
    screen.choose_index("BANKNIFTY")
    wait_whole(screen, "BANKNIFTY", symbols)
    screen.choose_index("SENSEX")
    wait_whole(screen, "SENSEX", symbols)
    screen.page.go_back()
    wait_whole(screen, "BANKNIFTY", symbols)
    assert screen.chosen_index == "BANKNIFTY"
    screen.page.go_back()
    wait_whole(screen, "NIFTY", symbols)
    screen.page.go_forward()
    wait_whole(screen, "BANKNIFTY", symbols)


def test_a_link_opens_the_same_view(tab: Callable[[], Screen], symbols):
    first = tab().open("?underlying=NIFTY")
    expiry = first.listed_expiries[3]
    first.expiry_button(3).click()
    first.wait_series(f"NIFTY|{expiry}")
    query = first.page.url.partition("/?")[2]
    second = tab().open(f"?{query}")
    assert wait_whole(second, "NIFTY", symbols) == expiry


@pytest.mark.parametrize("expiry", ["2020-01-07", "someday", "2026-13-45"])
def test_a_link_to_an_expiry_that_does_not_exist_shows_the_nearest_and_says_so(screen: Screen, symbols, expiry: str):
    screen.open(f"?underlying=NIFTY&expiry={expiry}")
    expect(screen.toast).to_contain_text("showing the nearest")
    assert wait_whole(screen, "NIFTY", symbols) == screen.listed_expiries[0]


@pytest.mark.parametrize(
    "query", ["?underlying=NIFTEE", "?underlying=%3Cscript%3E&expiry=1", "?%%%", "?expiry=2026-12-01"]
)
def test_a_malformed_link_opens_a_board_that_works(screen: Screen, symbols, query: str):
    screen.open(query)
    wait_whole(screen, "NIFTY", symbols)
    if "underlying" in query:
        expect(screen.toast).to_contain_text("not a symbol")


def test_a_stock_is_the_other_way_in(screen: Screen, symbols):
    screen.open()
    screen.choose_stock("RELIANCE")
    wait_whole(screen, "RELIANCE", symbols)
    screen.choose_index("NIFTY")
    wait_whole(screen, "NIFTY", symbols)


def test_a_stock_without_options_is_not_offered_and_a_link_to_it_says_so(screen: Screen, demo: BoardProcess, symbols):
    screen.open()
    screen.page.locator("#stock").click()
    options = screen.page.locator(".dash-dropdown-option")
    options.first.wait_for()
    status, listed = demo.get("/api/underlyings")
    assert status == 200
    assert set(options.all_inner_texts()) <= {underlying["name"] for underlying in listed}
    screen.open("?underlying=HONAUT")
    expect(screen.toast).to_contain_text("HONAUT has no options on NSE")
    wait_whole(screen, "NIFTY", symbols)


def test_a_choice_made_is_confirmed_in_a_short_note(screen: Screen):
    screen.open()
    screen.choose_index("BANKNIFTY")
    expect(screen.toast).to_contain_text("BANKNIFTY")
    expect(screen.toast).to_contain_text("lot 30")
