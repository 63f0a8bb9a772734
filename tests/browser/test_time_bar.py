"""The time bar and `at=`: the page shows a recorded moment, unmistakably, and comes back to now."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from harness.board import BoardProcess
from harness.process import eventually
from harness.screen import Screen

NIFTY = "/api/chain?underlying=NIFTY"
FRAME = "() => chainboard.shownFrame()"
SHOWN_MS = 15_000


@pytest.fixture(scope="module")
def stored(demo: BoardProcess) -> dict[str, Any]:
    """An answer of the API as of a moment some seconds ago."""
    at_ts = demo.get(NIFTY)[1]["version"] / 1000
    eventually(lambda: demo.get(NIFTY)[1]["version"] / 1000 > at_ts + 5.0, what="the market has moved on")

    def recorded() -> dict[str, Any] | None:
        status, found = demo.get(f"{NIFTY}&at={at_ts + 1.0}")
        return found if status == 200 else None

    found = eventually(recorded, what="the moment is recorded")
    assert found is not None
    return found | {"asked_at": at_ts + 1.0}


def shown(page: Page) -> dict[str, Any]:
    frame: dict[str, Any] = page.evaluate(FRAME) or {}
    return frame


def test_a_link_with_a_moment_shows_what_was_stored(screen: Screen, stored: dict[str, Any]):
    screen.open(f"?underlying=NIFTY&at={stored['asked_at']}")
    page = screen.page
    expect(page.locator("#status-state")).to_have_text("recorded", timeout=SHOWN_MS)
    frame = shown(page)
    assert (frame["version"], frame["state"]) == (stored["version"], "recorded")
    assert frame["call"]["ltp"] == [row["call"]["ltp"] for row in stored["rows"]]
    assert frame["metrics"] == stored["metrics"]
    expect(page.locator("#status-band")).to_contain_text("RECORDED")
    assert page.title().startswith("recorded ")
    page.wait_for_timeout(2_500)
    assert shown(page)["version"] == stored["version"], "no live number comes in between"
    assert "at=20" in page.url


def test_the_slider_goes_back_and_live_comes_back(screen: Screen, stored: dict[str, Any]):
    page = screen.open("?underlying=NIFTY").page
    expect(page.locator("#time-slider")).to_be_enabled(timeout=SHOWN_MS)
    page.locator("#time-slider").evaluate(
        "(slider, at) => { slider.value = at; slider.dispatchEvent(new Event('input')); }", int(stored["asked_at"]) + 1
    )
    expect(page.locator("#status-state")).to_have_text("recorded")
    expect(page.locator("#time-label")).to_contain_text("IST")
    eventually(lambda: shown(page).get("state") == "recorded", pause=lambda: page.wait_for_timeout(50))
    past = shown(page)["version"]
    page.locator("#time-live").click()
    eventually(lambda: shown(page).get("version", 0) > past + 1_000, pause=lambda: page.wait_for_timeout(50))
    expect(page.locator("#status-state")).to_have_text("live")
    expect(page.locator("#time-label")).to_have_text("")
    assert "at=" not in page.url


def test_playing_goes_on_by_itself(screen: Screen, stored: dict[str, Any]):
    page = screen.open(f"?underlying=NIFTY&at={stored['asked_at']}").page
    expect(page.locator("#time-play")).to_be_enabled(timeout=SHOWN_MS)
    page.locator("#time-play").click()
    eventually(
        lambda: shown(page).get("version", 0) > stored["version"] + 1_500, pause=lambda: page.wait_for_timeout(50)
    )
    assert shown(page)["state"] == "recorded"
    page.locator("#time-play").click()
    expect(page.locator("#time-play")).to_have_attribute("aria-pressed", "false")


def test_a_moment_that_was_not_recorded_shows_a_sentence_and_no_number(screen: Screen, stored: dict[str, Any]):
    page = screen.open(f"?underlying=NIFTY&at={stored['asked_at'] - 3_600}", painted=False).page
    expect(page.locator("#chain-message")).to_contain_text("recorded", timeout=SHOWN_MS)
    assert shown(page) == {}
    page.locator("#time-live").click()
    expect(page.locator("#status-state")).to_have_text("live", timeout=SHOWN_MS)


def test_a_moment_that_is_none_is_said_and_the_market_is_shown(screen: Screen):
    page = screen.open("?underlying=NIFTY&at=yesterday").page
    expect(page.locator(".toast-note")).to_contain_text("“yesterday” is no moment")
    expect(page.locator("#status-state")).to_have_text("live")


def test_hints_and_exports_of_a_recorded_page_are_of_its_moment(screen: Screen, stored: dict[str, Any]):
    page = screen.open(f"?underlying=NIFTY&at={stored['asked_at']}").page
    expect(page.locator("#status-state")).to_have_text("recorded", timeout=SHOWN_MS)
    strike = str(int(stored["atm_strike"]))
    tick_ts = next(row["call"]["tick_ts"] for row in stored["rows"] if row["strike"] == stored["atm_strike"])
    said = page.evaluate(
        """async strike => {
            await new Promise(done => chainboard.explain(Number(strike), done));
            const {data} = chainboard.grid().getRowNode(strike);
            return dashAgGridFunctions.chainHint({data}, 'call', 'ltp');
        }""",
        strike,
    )
    age_s = stored["asked_at"] - tick_ts
    found = re.search(r"confirmed (\d+(?:\.\d)?) s ago", said)
    assert found, said
    assert float(found[1]) == pytest.approx(age_s, abs=0.6)
    screen.open_menu("export")
    with page.expect_download() as saved:
        page.locator('[data-export="whole-json"]').click()
    whole = json.loads(saved.value.path().read_text())
    assert (whole["mark"], whole["version"]) == ("DEMO RECORDED", stored["version"])
