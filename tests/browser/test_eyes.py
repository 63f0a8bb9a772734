"""For eyes that need more: colours forced by the system, twice the size, no motion, and states that are read out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from dashboard.market.session import FeedState
from harness.screen import Screen
from tests.browser.wall_screen import WallScreen
from tests.browser.wall_stand_in import StandIn

TWICE = [(720, 450), (640, 400)]  # what 1440 x 900 and 1280 x 800 leave at 200 %


@pytest.fixture(scope="module")
def market() -> Iterator[StandIn]:
    stand_in = StandIn()
    stand_in.publish()
    with stand_in.served():
        yield stand_in


def looks(page: Page, selector: str) -> dict[str, str]:
    style: dict[str, str] = page.evaluate(
        """selector => {
            const {backgroundColor, backgroundImage, color, borderBottomColor} =
                getComputedStyle(document.querySelector(selector));
            return {ground: backgroundColor, image: backgroundImage, ink: color, line: borderBottomColor};
        }""",
        selector,
    )
    return style


def test_forced_colours_keep_the_money_the_bars_and_the_state(context: BrowserContext, market: StandIn):
    page = Screen(context.new_page(), market.url).open("?underlying=NIFTY").page
    page.emulate_media(forced_colors="active")
    plain, money = looks(page, ".ag-row:not(.atm) .strike"), looks(page, ".ag-row.atm .strike")
    assert money["ground"] != plain["ground"]
    assert money["ink"] != money["ground"]
    for bar in (".ag-row.itm-call .call.oi", ".ag-row.itm-put .put.oi", ".ag-row .call.volume"):
        found = looks(page, bar)
        assert "gradient" in found["image"], bar
        assert found["ground"] == plain["ground"], bar
        assert found["ink"] != found["ground"], bar
    assert looks(page, ".expiry.chosen")["ground"] != looks(page, ".expiry:not(.chosen)")["ground"]
    expect(page.locator("#status-state")).to_have_text("live")
    chart = looks(page, ".chart")
    assert chart["ground"] == page.evaluate(
        "getComputedStyle(document.documentElement).getPropertyValue('--ground')"
    ) or (chart["ground"] == "rgb(13, 17, 23)"), "a chart keeps its own ground under its own colours"


def test_forced_colours_on_the_wall(context: BrowserContext, market: StandIn):
    page = context.new_page()
    WallScreen(page, market.url).open("?scene=chain:NIFTY:near")
    page.emulate_media(forced_colors="active")
    plain, money = looks(page, ".wall-row:not(.atm) .strike"), looks(page, ".wall-rows .wall-row.atm .strike")
    assert money["ground"] != plain["ground"]
    assert "gradient" in looks(page, ".wall-rows .call.oi")["image"]


@pytest.mark.parametrize(("width", "height"), TWICE)
def test_at_twice_the_size_nothing_is_cut_and_every_column_can_be_reached(
    chromium: Browser, market: StandIn, width: int, height: int
):
    page = chromium.new_page(viewport={"width": width, "height": height}, device_scale_factor=2)
    Screen(page, market.url).open("?underlying=NIFTY")
    assert page.evaluate("document.documentElement.scrollWidth") <= width, "the page itself scrolls one way only"
    parts = (
        ".brand, .status-strip > :not(:empty), .pick, #selection-label, [data-preset], .menu summary, #strike-window"
    )
    boxes: list[dict[str, Any]] = page.locator(parts).evaluate_all(
        """parts => parts.filter(part => part.checkVisibility()).map(part => {
            const {left, top, right, bottom} = part.getBoundingClientRect();
            return {name: part.id || part.textContent.slice(0, 20), left, top, right, bottom};
        })"""
    )
    assert [box["name"] for box in boxes if box["left"] < 0 or box["right"] > width + 1] == []
    overlaps = [
        (one["name"], other["name"])
        for place, one in enumerate(boxes)
        for other in boxes[place + 1 :]
        if min(one["right"], other["right"]) - max(one["left"], other["left"]) > 1
        and min(one["bottom"], other["bottom"]) - max(one["top"], other["top"]) > 1
    ]
    assert overlaps == []
    page.locator("#chain-grid").scroll_into_view_if_needed()
    columns = page.evaluate("dash_ag_grid.getApi('chain-grid').getAllDisplayedColumns().map(one => one.getColId())")
    room = page.locator(".ag-center-cols-viewport").bounding_box()
    assert room is not None
    for column in (columns[0], columns[-1]):
        page.locator(f'.ag-row [col-id="{column}"]').first.scroll_into_view_if_needed()
        box = page.locator(f'.ag-row [col-id="{column}"]').first.bounding_box()
        assert box is not None
        assert box["x"] >= room["x"] - 1
        assert box["x"] + box["width"] <= room["x"] + room["width"] + 1
    page.close()


def test_without_motion_nothing_flashes_or_fades(context: BrowserContext, market: StandIn):
    page = context.new_page()
    page.emulate_media(reduced_motion="reduce")
    WallScreen(page, market.url).open("?scene=board&scene=chain:NIFTY:near&dwell=3600")
    moving = page.evaluate(
        """[...document.querySelectorAll('*')].filter(one => {
            const {transitionDuration, animationName} = getComputedStyle(one);
            return animationName !== 'none' || transitionDuration.split(', ').some(time => parseFloat(time) > 0);
        }).map(one => one.className)"""
    )
    assert moving == []


@pytest.mark.parametrize("path", ["/?underlying=NIFTY", "/wall?scene=chain:NIFTY:near"])
def test_a_state_is_read_out_once_and_not_every_second(context: BrowserContext, market: StandIn, path: str):
    page = context.new_page()
    page.goto(f"{market.url}{path}")
    page.wait_for_function("() => document.body.dataset.state === 'live'")
    page.evaluate(
        """() => {
            window.readOut = [];
            const live = [...document.querySelectorAll('[role="status"], [role="alert"], [aria-live]')];
            for (const place of live) {
                const note = () => place.checkVisibility() && window.readOut.push(place.textContent);
                new MutationObserver(note).observe(place, {childList: true, characterData: true, subtree: true});
            }
        }"""
    )
    page.route("**/*", lambda route: route.abort())
    band = page.locator(".band, .wall-band")
    expect(band).to_contain_text("OFFLINE", timeout=20_000)
    before = band.inner_text()
    expect(band).not_to_have_text(before, timeout=20_000)  # it counts on
    after = band.inner_text()
    expect(band).not_to_have_text(after, timeout=20_000)
    said = [text for text in page.evaluate("window.readOut") if text]
    assert said[0] == "offline"
    assert len(said) == 2, said
    market.state = FeedState.LIVE
