"""A recording names its own moment wherever the page speaks of time, and says that it is one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from dashboard.market.session import ist
from harness.board import BoardProcess
from harness.process import eventually
from harness.screen import Screen

HEAD = "time_ist,underlying,expiry,strike,call_ltp,call_oi,call_volume,put_ltp,put_oi,put_volume,spot\n"
DAY, EXPIRY = "2026-02-03", "2026-02-10"
SPOT, STEP = 25_700.0, 50


def snapshot(clock: str, spot: float) -> str:
    """Forty strikes around the money, with prices that agree on the spot."""
    rows = []
    for number in range(-20, 21):
        strike = SPOT + STEP * number
        inside, value = spot - strike, 160 * 0.97 ** abs(number)
        call, put = max(inside, 0) + value, max(-inside, 0) + value
        sides = f"{call:.2f},65000,32500,{put:.2f},58500,26000"
        rows.append(f"{DAY} {clock},NIFTY,{EXPIRY},{strike:.0f},{sides},{spot}")
    return "\n".join(rows) + "\n"


@pytest.fixture(scope="module")
def replay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BoardProcess]:
    """A small recorded morning, held at 10:30."""
    path: Path = tmp_path_factory.mktemp("recording") / "day.csv"
    clocks = [("09:00:00", SPOT)] + [(f"{10 + m // 60:02}:{m % 60:02}:00", SPOT + m) for m in range(0, 120, 10)]
    path.write_text(HEAD + "".join(snapshot(clock, spot) for clock, spot in clocks))
    with BoardProcess("--replay", str(path), "--speed", "1") as board:
        eventually(board.is_well, within_s=60, what="the replay is well")
        board.sandbox("replay", {"seek": "10:30:00", "speed": 0})
        yield board


def test_clock_band_title_and_pictures_give_the_moment_of_the_recording(context: BrowserContext, replay: BoardProcess):
    screen = Screen(context.new_page(), replay.url).open()
    screen.wait_state("replay", timeout_ms=15_000)
    clock = screen.page.locator("#status-clock")
    expect(clock).to_have_text(re.compile(r"^replay of \d\d-\w{3}-\d\d 10:30:\d\d IST$"), timeout=15_000)
    day = clock.inner_text().split()[2]
    shown = screen.page.evaluate(
        "() => (({recorded_ts, market_ts}) => recorded_ts ?? market_ts)(chainboard.shownFrame())"
    )
    assert day == f"{ist(shown):%d-%b-%y}"
    expect(screen.band).to_have_text(re.compile(rf"^REPLAY · recorded {day} 10:30:\d\d IST · not the market of today$"))
    expect(screen.page).to_have_title(re.compile(rf"^replay {day} 10:30 · NIFTY · Chainboard$"))
    expect(screen.page.locator("#status-age")).to_have_text("")  # an age by our clock would say nothing
    eventually(lambda: screen.chart_series("oi") == screen.series, within_s=10, what="the chart is drawn")
    title = screen.page.evaluate("() => chainboard.chartPicture('oi').layout.title.text")
    assert f"REPLAY of {day} 10:30:" in title
    assert "DEMO" not in title
    assert screen.problems == []
