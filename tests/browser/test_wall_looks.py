"""A wall fits its screen: nothing cut off, nothing too small to read from four metres, no scrollbar."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from dashboard.market.session import FeedState
from tests.browser.wall_screen import WallScreen
from tests.browser.wall_stand_in import StandIn

SIZES = [(1920, 1080), (3840, 2160), (1080, 1920), (1366, 768), (1024, 768)]
LINK = (
    "?scene=board&scene=chain:SENSEX:near&scene=charts:BANKNIFTY:near"
    "&scene=charts:NIFTY:near:oi,iv_smile&dwell=3600&theme={theme}"
)


@pytest.fixture(scope="module")
def market() -> Iterator[StandIn]:
    stand_in = StandIn()
    stand_in.publish()
    with stand_in.served():
        yield stand_in


@pytest.mark.parametrize(("width", "height", "theme"), [*((*size, "dark") for size in SIZES), (1920, 1080, "light")])
def test_every_scene_fits_every_screen(chromium: Browser, market: StandIn, width: int, height: int, theme: str):
    page = chromium.new_page(viewport={"width": width, "height": height})
    wall = WallScreen(page, market.url).open(LINK.format(theme=theme))
    faults = {}
    for scene in range(4):
        wall.wait_painted()
        expect(wall.note).to_be_hidden()
        faults[wall.caption, scene] = wall.faults_of_layout()
        page.keyboard.press("ArrowRight")
    page.close()
    assert {name: found for name, found in faults.items() if found} == {}
    assert wall.problems == []


@pytest.mark.parametrize(("width", "height"), [*SIZES, (1440, 900), (1280, 1024)])
def test_the_six_indices_at_a_desk_fit_too(chromium: Browser, market: StandIn, width: int, height: int):
    page = chromium.new_page(viewport={"width": width, "height": height})
    desk = WallScreen(page, market.url).open(path="/board")
    assert desk.faults_of_layout(least=10) == []
    page.close()


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (3840, 2160)])
def test_the_axes_of_charts_can_be_read_from_across_a_room(chromium: Browser, market: StandIn, width: int, height: int):
    page = chromium.new_page(viewport={"width": width, "height": height})
    WallScreen(page, market.url).open("?scene=charts:NIFTY:near")
    sizes = page.locator(".wall-chart svg text:visible").evaluate_all(
        """texts => texts.filter(text => text.textContent.trim())
            .map(text => parseFloat(getComputedStyle(text).fontSize))"""
    )
    assert len(sizes) > 20
    assert min(sizes) >= 18 * height / 1080
    page.close()


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1080, 1920), (3440, 1440), (1280, 1024)])
def test_a_band_takes_its_room_and_covers_nothing(chromium: Browser, width: int, height: int):
    market = StandIn()
    market.publish()
    market.state = FeedState.LOGIN_NEEDED
    market.speak()
    page = chromium.new_page(viewport={"width": width, "height": height})
    with market.served():
        wall = WallScreen(page, market.url).open("?scene=board&scene=chain:NIFTY:near&dwell=3600")
        for _ in range(2):
            wall.wait_painted()
            expect(wall.band).to_contain_text("LOGIN NEEDED")
            expect(wall.note).to_be_hidden()
            assert wall.faults_of_layout() == []
            page.keyboard.press("ArrowRight")
    page.close()


def test_the_chain_uses_the_height_it_has_with_the_money_in_the_middle(chromium: Browser, market: StandIn):
    for width, height, least in ((1920, 1080, 21), (1080, 1920, 21), (3440, 1440, 21)):
        page = chromium.new_page(viewport={"width": width, "height": height})
        wall = WallScreen(page, market.url).open("?scene=chain:NIFTY:near")
        rows = page.locator(".wall-rows .wall-row")
        assert rows.count() >= least
        assert rows.count() % 2 == 1
        atm = page.locator(".wall-row.atm").bounding_box()
        room = page.locator(".wall-rows").bounding_box()
        assert atm is not None
        assert room is not None
        assert abs(atm["y"] + atm["height"] / 2 - (room["y"] + room["height"] / 2)) < atm["height"] / 2
        assert wall.problems == []
        page.close()


def test_the_page_uses_no_webgl(chromium: Browser, market: StandIn):
    page = chromium.new_page()
    page.add_init_script(
        """const ask = HTMLCanvasElement.prototype.getContext;
        window.contexts = [];
        HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
            window.contexts.push(kind);
            return ask.call(this, kind, ...rest);
        };"""
    )
    WallScreen(page, market.url).open("?scene=charts:NIFTY:near")
    assert [kind for kind in page.evaluate("window.contexts") if "webgl" in kind] == []
    page.close()
