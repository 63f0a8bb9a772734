"""A screen nobody touches: scenes in turn, keys of a remote, no cursor; the board at a desk; the page for links."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.browser.wall_screen import WallScreen
from tests.browser.wall_stand_in import StandIn


@pytest.fixture(scope="module")
def market() -> Iterator[StandIn]:
    stand_in = StandIn()
    stand_in.publish()
    with stand_in.served():
        yield stand_in


def kind(wall: WallScreen) -> str:
    return wall.scene.get_attribute("data-kind") or ""


def test_scenes_take_turns_without_a_reload(wall: WallScreen):
    wall.open("?scene=board&scene=chain:NIFTY:near&dwell=5")
    for expected in ("chain", "board"):
        expect(wall.scene).to_have_attribute("data-kind", expected, timeout=20_000)
        wall.wait_painted(2_000)
    assert wall.loads == 1


def test_keys_step_and_pause_and_say_so(wall: WallScreen):
    wall.open("?scene=board&scene=chain:NIFTY:near&scene=chain:SENSEX:near&dwell=5")
    keyboard = wall.page.keyboard
    keyboard.press("Space")
    expect(wall.note).to_have_text("paused · 1 of 3")
    keyboard.press("ArrowRight")
    expect(wall.note).to_have_text("2 of 3 · paused")
    keyboard.press("ArrowLeft")
    keyboard.press("PageUp")
    expect(wall.scene).to_have_attribute("data-caption", "SENSEX chain · nearest expiry")
    expect(wall.note).to_be_hidden(timeout=20_000)
    wall.page.wait_for_function(
        "since => performance.now() - since > 6000", arg=wall.page.evaluate("performance.now()")
    )
    assert wall.caption.startswith("SENSEX"), "paused means paused"
    keyboard.press("Space")
    expect(wall.scene).to_have_attribute("data-kind", "board", timeout=20_000)


def test_one_scene_alone_stays_and_ignores_the_keys(wall: WallScreen):
    wall.open("?scene=chain:NIFTY:near&dwell=5")
    wall.page.keyboard.press("ArrowRight")
    expect(wall.note).to_be_hidden()
    assert kind(wall) == "chain"
    assert wall.page.evaluate("chainboard.turn.dwell_ms") == 0


def test_the_cursor_hides_and_comes_back(wall: WallScreen):
    wall.open()
    cursor = "getComputedStyle(document.querySelector('.tile .spot')).cursor"
    wall.page.mouse.move(200, 200)
    wall.page.wait_for_function(f"() => {cursor} === 'none'", timeout=20_000)
    wall.page.mouse.move(300, 300)
    assert wall.page.evaluate(cursor) != "none"


def test_the_picture_moves_a_little_now_and_then(context: BrowserContext, market: StandIn):
    page = context.new_page()
    page.clock.install()
    WallScreen(page, market.url).open()
    places = set()
    for _ in range(8):
        page.clock.run_for(60_000)
        places.add(page.evaluate("document.querySelector('.wall').style.transform"))
    assert len(places) >= 7
    page.close()


def test_the_desk_board_opens_a_chain(context: BrowserContext, market: StandIn):
    desk = WallScreen(context.new_page(), market.url).open(path="/board")
    tile = desk.tile(1)
    expect(tile).to_have_attribute("href", "/?underlying=BANKNIFTY&expiry=2026-12-29")
    assert desk.faults_of_layout() == []
    tile.click()
    expect(desk.page.locator("#selection-label")).to_have_text("NSE | BANKNIFTY | 29-Dec-26", timeout=20_000)


def test_the_desk_board_scrolls_on_a_small_screen(chromium: Browser, market: StandIn):
    page = chromium.new_page(viewport={"width": 390, "height": 844})
    desk = WallScreen(page, market.url).open(path="/board")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    desk.tile(5).scroll_into_view_if_needed()
    expect(desk.tile(5)).to_be_in_viewport()
    page.close()


def test_a_link_made_by_the_builder_opens_what_was_chosen(wall: WallScreen):
    wall.open(path="/wall/builder", painted=False)
    row = wall.page.locator(".scene-row")
    row.nth(0).locator('[data-field="kind"]').select_option("chain")
    row.nth(0).locator("input").fill("sensex")
    row.nth(0).locator('[data-field="when"]').select_option("month")
    row.nth(1).locator('[data-field="kind"]').select_option("charts2")
    row.nth(2).locator('[data-field="kind"]').select_option("")
    wall.page.locator('[data-field="theme"]').select_option("light")
    link = wall.page.locator("#builder-link")
    expect(link).to_have_text(
        re.compile(r"/wall\?scene=chain:SENSEX:month&scene=charts:NIFTY:near:oi,iv_smile&dwell=30&theme=light$")
    )
    wall.page.locator("#builder-open").click()
    expect(wall.scene).to_have_attribute("data-caption", "SENSEX chain · nearest monthly expiry", timeout=20_000)
    assert wall.page.evaluate("document.documentElement.dataset.theme") == "light"


def test_what_rounds_to_zero_has_no_sign(wall: WallScreen) -> None:
    wall.open("?scene=board")
    texts = wall.page.evaluate(
        "() => [-0.001, 0.001, -0.1].map(value => chainboard.format('signed_two_percent', value))"
    )
    assert texts == ["0.00 %", "0.00 %", "-0.10 %"]
