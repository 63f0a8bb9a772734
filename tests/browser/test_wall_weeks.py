"""Weeks without a touch: what breaks comes back by itself, and the page reloads only when it must."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from urllib.request import urlopen

import psutil
import pytest
from playwright.sync_api import BrowserContext, expect

from dashboard.market.session import SILENCE_LIMIT_S, FeedState
from harness.board import BoardProcess
from harness.process import ChildProcess, eventually
from tests.browser.wall_screen import WallScreen
from tests.browser.wall_stand_in import StandIn

AWAY_S = float(os.environ.get("AWAY_S", "8"))  # how long the killed server stays away; `make soak-wall`: a minute
BAND_MS = 1000 * SILENCE_LIMIT_S + 3_000  # a wall notices silence after the limit, with its next beat
BACK_MS = 10_000
SEVERAL = "?scene=chain:NIFTY:near&scene=board&scene=charts:BANKNIFTY:near&dwell=3600"


class WebProcess(ChildProcess):
    """One more web server on a running board's cache, to be killed and started at will."""

    def __init__(self, board: BoardProcess, port: int) -> None:
        command = [sys.executable, "-m", "dashboard.web", "--port", str(port)]
        super().__init__(command, board.child("dashboard.data.feed").environ())
        self.url = f"http://127.0.0.1:{port}"

    def is_ready(self) -> bool:
        try:
            with urlopen(f"{self.url}/frames/board", timeout=2) as answer:
                return bool(answer.status in (200, 204))
        except OSError:
            return False

    def kill_all(self) -> None:
        """SIGKILL, workers included: nobody says goodbye."""
        family = self.family()
        for process in family:
            process.kill()
        self.outcome(10)
        psutil.wait_procs(family, timeout=5)


@pytest.fixture
def web(demo: BoardProcess, free_port: int) -> Iterator[WebProcess]:
    with WebProcess(demo, free_port) as process:
        yield process


@pytest.fixture
def market() -> Iterator[StandIn]:
    stand_in = StandIn()
    stand_in.publish()
    with stand_in.served():
        yield stand_in


def live(wall: WallScreen, timeout_ms: float = BACK_MS) -> None:
    expect(wall.page.locator("#wall-state")).to_have_text("live", timeout=timeout_ms)
    expect(wall.band).to_be_hidden()


def survive_a_killed_server(wall: WallScreen, web: WebProcess, away_s: float) -> None:
    """The same page and scene before and after; the band in between."""
    scene, spot = wall.caption, wall.bound("spot").inner_text()
    web.kill_all()
    died = time.monotonic()
    expect(wall.band).to_contain_text("OFFLINE · no answer from the board's server · since", timeout=BAND_MS)
    assert wall.dimmed()
    assert wall.bound("spot").inner_text(), "the last numbers stay"
    eventually(lambda: time.monotonic() - died >= away_s, within_s=away_s + 1, what="the server has been away")
    web.start().wait_until_ready()
    live(wall)
    assert wall.caption == scene
    assert wall.loads == 1, "nobody reloaded"
    expect(wall.bound("spot")).not_to_have_text(spot, timeout=BACK_MS)


def test_a_killed_server_is_noticed_and_its_return_too(context: BrowserContext, web: WebProcess):
    wall = WallScreen(context.new_page(), web.url).open(SEVERAL)
    wall.page.keyboard.press("ArrowRight")
    expect(wall.scene).to_have_attribute("data-kind", "board")
    wall.wait_painted()
    survive_a_killed_server(wall, web, AWAY_S)
    assert wall.problems == []


def test_a_cut_network_comes_back_without_a_reload(context: BrowserContext, market: StandIn):
    wall = WallScreen(context.new_page(), market.url).open(SEVERAL)
    context.set_offline(True)
    expect(wall.band).to_contain_text("OFFLINE", timeout=BAND_MS)
    context.set_offline(False)
    live(wall, 5_000)
    assert wall.loads == 1


def test_a_server_that_hangs_is_as_good_as_dead_and_recovers(context: BrowserContext, market: StandIn):
    wall = WallScreen(context.new_page(), market.url).open(SEVERAL)
    held = []
    wall.page.route("**/frames/**", lambda route: held.append(route))
    expect(wall.band).to_contain_text("OFFLINE", timeout=BAND_MS)
    wall.page.unroute("**/frames/**")
    live(wall)


def test_a_lost_cache_keeps_the_last_numbers_and_takes_the_next(context: BrowserContext, market: StandIn):
    wall = WallScreen(context.new_page(), market.url).open("?scene=chain:NIFTY:near")
    spot = wall.bound("spot").inner_text()
    market.store.lose_everything()
    market.clock.advance(seconds=6)
    expect(wall.band).to_contain_text("OFFLINE", timeout=BAND_MS)
    assert wall.bound("spot").inner_text() == spot
    market.refill()
    market.publish(moved=11.0)
    live(wall)
    expect(wall.bound("spot")).not_to_have_text(spot)


def test_a_new_login_ends_the_band(context: BrowserContext, market: StandIn):
    wall = WallScreen(context.new_page(), market.url).open("?scene=chain:NIFTY:near")
    market.state = FeedState.LOGIN_NEEDED
    market.publish()
    expect(wall.band).to_contain_text("LOGIN NEEDED", timeout=BAND_MS)
    market.state = FeedState.LIVE
    market.publish(moved=5.0)
    live(wall)


def test_a_password_that_is_asked_for_is_said(context: BrowserContext, market: StandIn):
    wall = WallScreen(context.new_page(), market.url).open("?scene=chain:NIFTY:near")
    wall.page.route("**/frames/**", lambda route: route.fulfill(status=401, body="{}"))
    expect(wall.band).to_contain_text("asks for its password", timeout=BAND_MS)


def test_an_outdated_build_reloads_once_and_never_in_market_hours_while_all_is_well(
    context: BrowserContext, market: StandIn
):
    wall = WallScreen(context.new_page(), market.url).open(SEVERAL)
    outdate = "document.querySelector('.wall').dataset.build = 'last-week'"
    wall.page.evaluate(outdate)
    beats = "since => performance.now() - since > 3000"
    wall.page.wait_for_function(beats, arg=wall.page.evaluate("performance.now()"))
    assert wall.loads == 1, "the market is open and the page is well"
    market.state = FeedState.CLOSED
    market.publish()
    eventually_in(wall, lambda: wall.loads == 2)
    wall.wait_painted()
    assert wall.page.evaluate("document.querySelector('.wall').dataset.build") != "last-week"
    wall.page.evaluate(outdate)  # a server that goes on serving an old page must not cause a loop
    wall.page.wait_for_function(beats, arg=wall.page.evaluate("performance.now()"))
    assert wall.loads == 2
    assert wall.problems == []


def test_long_silence_reloads_when_the_page_can_be_had_and_waits_longer_each_time(
    context: BrowserContext, market: StandIn
):
    page = context.new_page()
    page.clock.install()
    wall = WallScreen(page, market.url).open("?scene=chain:NIFTY:near")
    page.route("**/frames/**", lambda route: route.abort())
    page.clock.run_for(9 * 60_000)
    assert wall.loads == 1
    page.clock.run_for(90_000)
    eventually_in(wall, lambda: wall.loads == 2)
    page.clock.run_for(11 * 60_000)
    assert wall.loads == 2, "twice as long the second time"
    page.unroute("**/frames/**")
    page.clock.run_for(3_000)
    live(wall)


def test_a_page_that_can_no_longer_apply_numbers_is_loaded_anew(context: BrowserContext, market: StandIn):
    page = context.new_page()
    page.clock.install()
    wall = WallScreen(page, market.url).open("?scene=chain:NIFTY:near")
    page.evaluate(
        "() => Object.defineProperty(chainboard.sceneOn().panels[0], 'rows', {get() { throw new Error('broken') }})"
    )
    market.publish(moved=9.0)
    page.clock.run_for(11 * 60_000)
    eventually_in(wall, lambda: wall.loads == 2)
    page.clock.run_for(3_000)
    live(wall)
    assert page.evaluate("chainboard.stage.faults") == 0
    assert [problem for problem in wall.problems if "broken" not in problem] == []
    assert len(wall.problems) == 1, "told once, not four times a second"


def test_silence_alone_never_leads_onto_an_error_page(context: BrowserContext, market: StandIn):
    page = context.new_page()
    page.clock.install()
    wall = WallScreen(page, market.url).open("?scene=chain:NIFTY:near")
    context.set_offline(True)
    page.clock.run_for(30 * 60_000)
    assert wall.loads == 1
    expect(wall.band).to_contain_text("OFFLINE")
    context.set_offline(False)
    page.clock.run_for(3_000)
    live(wall)


def eventually_in(wall: WallScreen, question) -> None:
    """Ask while the page's events come in."""
    eventually(question, 15, pause=lambda: wall.page.wait_for_timeout(50))
