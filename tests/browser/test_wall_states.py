"""Never an old number as if live: what a wall says when something is wrong, or over, or not the market at all."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from dashboard.market.session import FeedState
from tests.browser.wall_screen import WallScreen
from tests.browser.wall_stand_in import StandIn

SOON_MS = 20_000
PANEL = "rgb(19, 25, 34)"  # of the dark theme: no alarm


@pytest.fixture
def market() -> Iterator[StandIn]:
    stand_in = StandIn()
    stand_in.publish()
    with stand_in.served():
        yield stand_in


@pytest.mark.parametrize("link", ["?scene=board", "?scene=chain:NIFTY:near", "?scene=charts:NIFTY:near"])
def test_each_state_is_said_in_words_with_one_time_over_dimmed_data(wall: WallScreen, market: StandIn, link: str):
    wall.open(link)
    for state, words in (
        (FeedState.STALE, "STALE · No new data is coming in"),
        (FeedState.CLOSED, "CLOSED · The market is closed"),
        (FeedState.LOGIN_NEEDED, "LOGIN NEEDED · FYERS asks for a new login"),
    ):
        expect(wall.band).to_be_hidden()
        spot = wall.bound("spot").inner_text()
        market.state = state
        market.publish()
        expect(wall.band).to_contain_text(words, timeout=SOON_MS)
        expect(wall.band).to_contain_text(re.compile(r"numbers are those of 11:05:00 IST · for 60 s$"))
        assert wall.bound("spot").inner_text() == spot, "data is kept"
        assert wall.dimmed()
        assert wall.opacity("#wall-band") == 1
        box, size = wall.band.bounding_box(), wall.page.viewport_size
        assert box is not None
        assert size is not None
        assert box["width"] > 0.98 * size["width"]
        market.state = FeedState.LIVE
        market.publish()
        expect(wall.band).to_be_hidden(timeout=SOON_MS)
        assert not wall.dimmed()


def test_a_closed_market_is_calm_on_the_band_and_on_a_tile(wall: WallScreen, market: StandIn):
    wall.open()
    market.states["BANKEX"] = FeedState.CLOSED
    market.publish()
    tile = wall.tile(5).locator(".panel-band")
    expect(tile).to_contain_text("CLOSED", timeout=SOON_MS)
    expect(tile).to_have_css("background-color", PANEL)
    market.state = FeedState.CLOSED
    market.publish()
    expect(wall.band).to_contain_text("CLOSED", timeout=SOON_MS)
    expect(wall.band).to_have_css("background-color", PANEL)


@pytest.mark.parametrize("link", ["?scene=board", "?scene=chain:NIFTY:near", "?scene=charts:NIFTY:near"])
def test_a_replay_shows_the_time_of_its_recording_and_never_todays(wall: WallScreen, market: StandIn, link: str):
    market.recorded_ts = market.clock() - 293 * 86_400 - 50 * 60  # 10:15 on 03-Feb-26, watched on 23-Nov-26
    market.state = FeedState.REPLAY
    market.publish()
    wall.open(link)
    clock = wall.page.locator("#wall-clock")
    expect(clock).to_have_text("Replay 03-Feb-26 10:15:00 IST", timeout=SOON_MS)
    expect(wall.band).to_have_text("REPLAY · Replaying a recorded session")
    assert "11:05" not in wall.page.locator(".wall").inner_text()
    assert wall.faults_of_layout() == []
    market.state = FeedState.LIVE
    market.recorded_ts = None
    market.publish()
    expect(clock).to_have_text(re.compile(r"^11:05:\d\d IST$"), timeout=SOON_MS)


def test_a_feed_that_no_longer_speaks_is_offline(wall: WallScreen, market: StandIn):
    wall.open("?scene=chain:NIFTY:near")
    market.clock.advance(seconds=14)
    expect(wall.band).to_contain_text(
        "OFFLINE · The feed is not running; numbers are those of 11:05:00 IST", timeout=SOON_MS
    )
    expect(wall.scene.locator(".age").first).to_have_text(re.compile(r"1[4-9] s"))


def test_one_stale_index_is_marked_on_its_own_tile(wall: WallScreen, market: StandIn):
    wall.open()
    market.states["BANKEX"] = FeedState.STALE
    market.clock.advance(seconds=2)
    market.publish()
    expect(wall.tile(5).locator(".panel-band")).to_contain_text("STALE · nothing new for", timeout=SOON_MS)
    expect(wall.band).to_be_hidden()
    expect(wall.tile(0).locator(".panel-band")).to_be_hidden()
    assert wall.dimmed(".tile:nth-child(6) .spot")
    assert not wall.dimmed(".tile:nth-child(1) .spot")


def test_numbers_that_stop_while_the_server_says_live_are_not_believed(wall: WallScreen, market: StandIn):
    wall.open("?scene=chain:NIFTY:near")
    market.clock.advance(seconds=40)
    market.speak()
    expect(wall.band).to_contain_text("STALE · no new number has come in", timeout=SOON_MS)


def test_ages_count_by_the_browsers_own_clock(wall: WallScreen, market: StandIn):
    wall.open("?scene=chain:NIFTY:near")
    wall.page.route("**/frames/**", lambda route: route.abort())
    expect(wall.scene.locator(".age").first).to_have_text(re.compile(r"^[3-9]\.\d s$"), timeout=SOON_MS)
    expect(wall.band).to_contain_text("OFFLINE · no answer from the board's server · since 11:05:0", timeout=SOON_MS)


def test_the_nearest_expiry_rolls_over_by_itself(wall: WallScreen, market: StandIn):
    nearest, following = market.underlyings["NIFTY"].expiries[:2]
    market.clock.advance(seconds=nearest.cutoff_ts - market.clock() - 30)
    market.publish(positions={"NIFTY": 1})
    wall.open("?scene=chain:NIFTY:near&scene=board&dwell=3600")
    expect(wall.scene.locator(".expiry-text")).to_have_text("01 Dec")
    market.clock.advance(seconds=31)
    market.publish(positions={"NIFTY": 1})
    expect(wall.scene.locator(".expiry-text")).to_have_text("08 Dec", timeout=SOON_MS)
    assert market.store.keys(f"lease/NIFTY|{following.date}")
    wall.page.keyboard.press("ArrowRight")
    expect(wall.tile(0).locator(".expiry-text")).to_have_text("08 Dec · 7 d", timeout=SOON_MS)
    expect(wall.band).to_be_hidden()
    assert wall.loads == 1


def test_after_hours_a_closed_market_dims_for_the_night(wall: WallScreen, market: StandIn):
    wall.open()
    market.clock.advance(seconds=10 * 3_600)
    market.state = FeedState.CLOSED
    market.publish()
    wall.page.wait_for_function(
        "() => getComputedStyle(document.querySelector('.night')).opacity > 0.5", timeout=10_000
    )
    market.clock.advance(seconds=12 * 3_600)
    market.state = FeedState.LIVE
    market.publish()
    wall.page.wait_for_function(
        "() => getComputedStyle(document.querySelector('.night')).opacity < 0.01", timeout=10_000
    )


@pytest.mark.parametrize(
    ("link", "words"),
    [
        ("?scene=chian:NIFTY:near", "“chian:NIFTY:near” is not a scene"),
        ("?scene=chain:NIFTY:soon", "near, next, month or a date"),
        ("?dwell=fast", "dwell is seconds"),
    ],
)
def test_a_malformed_link_is_explained_on_the_wall(wall: WallScreen, link: str, words: str):
    wall.open(link, painted=False)
    expect(wall.page.locator(".refusal")).to_contain_text(words, timeout=SOON_MS)
    expect(wall.page.locator(".refusal")).to_contain_text("/wall/builder")


def test_an_underlying_nobody_lists_is_said_and_the_other_scenes_go_on(wall: WallScreen):
    wall.open("?scene=chain:NIFTTY:near&scene=chain:NIFTY:2026-12-02&scene=board&dwell=3600", painted=False)
    problem = wall.scene.locator(".scene-problem")
    expect(problem).to_have_text("NIFTTY is not a symbol that the broker lists.", timeout=20_000)
    wall.page.keyboard.press("ArrowRight")
    expect(problem).to_contain_text("NIFTY 02-Dec-26 is not listed", timeout=SOON_MS)
    wall.page.keyboard.press("ArrowRight")
    wall.wait_painted()


def test_before_the_first_prices_the_wall_says_what_it_waits_for(chromium: Browser):
    market = StandIn()
    market.speak()
    page = chromium.new_page()
    with market.served():
        wall = WallScreen(page, market.url).open("?scene=chain:NIFTY:near&scene=board&dwell=3600", painted=False)
        waits = "Waiting for the first prices of NIFTY 01-Dec-26"
        expect(wall.scene.locator(".scene-problem")).to_contain_text(waits, timeout=20_000)
        page.keyboard.press("ArrowRight")
        expect(wall.tile(0).locator(".panel-problem")).to_contain_text(waits, timeout=SOON_MS)
        market.publish()
        wall.wait_painted()
        expect(wall.tile(0).locator(".panel-problem")).to_be_hidden()
    page.close()
