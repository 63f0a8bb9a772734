"""A wall of the past: unmistakable, quiet about the market of now, and at the end of its day it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import expect

from dashboard.data.contract import keys
from dashboard.data.history.recorder import Recorder
from dashboard.market.session import IST
from harness.process import eventually
from tests.browser.wall_screen import WallScreen
from tests.browser.wall_stand_in import MARKET, StandIn

SOON_MS = 20_000
YELLOW = "rgb(245, 215, 110)"
BEGAN = datetime(2026, 2, 3, 11, 0, tzinfo=IST).timestamp()
LAST = BEGAN + 660
NIFTY = MARKET["NIFTY"][0]


@pytest.fixture
def market(tmp_path: Path) -> Iterator[StandIn]:
    """The market of now, and a past day: forty seconds, ten minutes without a record, twenty seconds."""
    stand_in = StandIn()
    recorder = Recorder(tmp_path, keep_days=10, demo=True, software="test")
    for seconds in (*range(0, 42, 2), *range(640, 662, 2)):
        stand_in.record(recorder, BEGAN + seconds, moved=-float(seconds))
    recorder.close()
    stand_in.publish()
    with stand_in.served(history=tmp_path):
        yield stand_in


@pytest.mark.parametrize("link", ["?scene=board", "?scene=chain:NIFTY:near", "?scene=charts:NIFTY:near"])
def test_a_recorded_moment_is_unmistakable_and_leases_nothing(wall: WallScreen, market: StandIn, link: str):
    wall.open(f"{link}&at=2026-02-03T11:00:20")
    moment = "Tuesday 3 February 2026, 11:00:20 IST"
    expect(wall.band).to_have_text(f"RECORDED · {moment} · not the market of now", timeout=SOON_MS)
    expect(wall.band).to_have_css("background-color", YELLOW)
    expect(wall.page.locator("#wall-clock")).to_have_text("03-Feb-26 11:00:20 IST")
    expect(wall.page).to_have_title("recorded 03-Feb-26 11:00 · Chainboard wall")
    expect(wall.bound("spot")).to_have_text(f"{NIFTY - 20:,.2f}")
    expect(wall.scene.locator(".age").first).to_have_text("0.0 s")
    assert wall.faults_of_layout() == []
    wall.page.set_viewport_size({"width": 1080, "height": 1920})
    eventually(lambda: not wall.faults_of_layout(), what=wall.faults_of_layout)
    market.publish(moved=300.0)
    wall.page.wait_for_timeout(2_500)
    expect(wall.bound("spot")).to_have_text(f"{NIFTY - 20:,.2f}")
    assert market.store.keys(keys.LEASE_PREFIX) == []
    assert wall.problems == []


def test_it_goes_on_over_what_was_not_recorded_and_stands_at_the_end(wall: WallScreen, market: StandIn):
    moments: list[str] = []
    wall.page.on("request", lambda request: moments.extend(re.findall(r"frames/board.*at=([\d.]+)", request.url)))
    wall.open("?scene=board&scene=chain:NIFTY:near&dwell=3600&at=2026-02-03T11:00:00&play=10")
    expect(wall.band).to_contain_text("not the market of now · playing 10×", timeout=SOON_MS)
    expect(wall.band).to_contain_text("11:11:00 IST · not the market of now · end of the recorded day", timeout=40_000)
    expect(wall.bound("spot")).to_have_text(f"{NIFTY - 660:,.2f}")
    wall.page.keyboard.press("ArrowRight")
    expect(wall.bound("spot")).to_have_text(f"{NIFTY - 660:,.2f}", timeout=SOON_MS)
    expect(wall.page.locator("#wall-clock")).to_have_text("03-Feb-26 11:11:00 IST")
    asked = [float(moment) for moment in moments]
    assert asked == sorted(asked)
    assert not [at for at in asked if BEGAN + 60 < at < BEGAN + 640], "nothing is asked for within the gap"
    assert max(asked) == LAST
    assert wall.problems == []


def test_where_nothing_was_recorded_the_numbers_go(wall: WallScreen, market: StandIn):
    wall.open("?scene=chain:NIFTY:near&scene=board&dwell=3600&at=2026-02-03T11:05:00", painted=False)
    problem = wall.scene.locator(".scene-problem")
    nearest = "Recorded nearest to it: 03-Feb-26 11:00:40 IST and 03-Feb-26 11:10:40 IST."
    expect(problem).to_contain_text(nearest, timeout=SOON_MS)
    expect(wall.band).to_contain_text("RECORDED · Tuesday 3 February 2026, 11:05:00 IST")
    expect(wall.bound("spot")).to_be_hidden()
    expect(wall.page.locator(".wall-vix")).to_be_hidden()
    wall.page.keyboard.press("ArrowRight")
    expect(problem).to_contain_text(nearest, timeout=SOON_MS)


def test_a_server_that_is_gone_is_said_on_a_wall_of_the_past_too(wall: WallScreen, market: StandIn):
    wall.open("?scene=chain:NIFTY:near&at=2026-02-03T11:00:00&play=1")
    expect(wall.band).to_contain_text("playing 1×", timeout=SOON_MS)
    wall.page.route("**/frames/**", lambda route: route.abort())
    expect(wall.band).to_contain_text("OFFLINE · no answer from the board's server", timeout=SOON_MS)
    expect(wall.band).to_contain_text("· recorded 03-Feb-26 11:00:")
    expect(wall.page.locator("#wall-clock")).to_contain_text("03-Feb-26 11:00:")
    wall.page.unroute("**/frames/**")
    expect(wall.band).to_contain_text("RECORDED · Tuesday 3 February 2026, 11:00:", timeout=SOON_MS)
    clock = wall.page.locator("#wall-clock").inner_text()
    assert float(clock.split(":")[2].split()[0]) < 30, "it went on where it was"


def test_a_moment_that_cannot_be_read_is_explained_on_the_wall(wall: WallScreen, market: StandIn):
    wall.open("?scene=board&at=yesterday", painted=False)
    expect(wall.page.locator(".refusal")).to_contain_text("at is a time such as 2026-11-23T11:42:05", timeout=SOON_MS)
    wall.open("?scene=board&play=60", painted=False)
    expect(wall.page.locator(".refusal")).to_contain_text("play goes on from a recorded moment", timeout=SOON_MS)


def test_the_builder_offers_a_moment_and_a_pace(wall: WallScreen, market: StandIn):
    page = wall.open(path="/wall/builder", painted=False).page
    link = page.locator("#builder-link")
    expect(link).to_contain_text("theme=dark", timeout=SOON_MS)
    pace = page.locator('[data-field="play"]')
    expect(pace).to_be_hidden()
    page.locator('[data-field="at"] input').fill("2026-02-03T11:00:00")
    expect(link).to_contain_text("&at=2026-02-03T11:00:00")
    pace.select_option("60")
    expect(link).to_contain_text("&play=60")
