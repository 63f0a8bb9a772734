"""axe-core finds nothing on any page, in either theme, in any state, with anything open."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from dashboard.layouts.charts import CHARTS
from dashboard.market.session import FeedState
from harness.screen import Screen
from tests.browser.axe import violations
from tests.browser.wall_screen import WallScreen
from tests.browser.wall_stand_in import StandIn

PASSWORD = "correct horse battery"
THEMES = ("dark", "light")
SCENES = ("board", "chain:NIFTY:near", "charts:NIFTY:near")
NOT_WELL = (FeedState.STALE, FeedState.CLOSED, FeedState.REPLAY, FeedState.LOGIN_NEEDED)


@pytest.fixture(scope="module")
def market() -> Iterator[StandIn]:
    stand_in = StandIn()
    stand_in.publish()
    with stand_in.served():
        yield stand_in


@pytest.fixture(params=THEMES)
def theme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def in_state(market: StandIn, state: FeedState) -> None:
    market.state = state
    market.publish()


def open_board(context: BrowserContext, market: StandIn, theme: str, query: str = "") -> Page:
    page = context.new_page()
    Screen(page, market.url).open(f"?underlying=NIFTY&theme={theme}{query}")
    return page


def test_the_board_with_everything_on_it(context: BrowserContext, market: StandIn, theme: str):
    page = open_board(context, market, theme, "&charts=" + ",".join(chart.key for chart in CHARTS))
    assert violations(page) == []
    page.locator('[data-preset="All"]').click()
    assert violations(page) == []


def test_the_board(context: BrowserContext, market: StandIn, theme: str):
    """One page for all that can be open and all that can be wrong: a fresh one costs seconds and looks no different."""
    page = open_board(context, market, theme)
    found = in_every_state(page, market, (FeedState.STALE, FeedState.CLOSED))
    page.locator(".menu summary", has_text="columns").click()
    found["menu of columns"] = violations(page, ".toolbar")
    page.locator(".figure summary").first.click()
    found["explanation"] = violations(page, ".figures")
    page.keyboard.press("Escape")
    page.locator("#underlying").click()
    expect(page.locator(".dash-dropdown-option").first).to_be_visible()
    # Dash builds its list of labels with radio buttons inside options; nothing of ours can change that markup.
    found["list"] = violations(page, ".topbar", without=("aria-allowed-role", "nested-interactive"))
    page.keyboard.press("Escape")
    page.locator('[data-table="iv_smile"]').click()
    expect(page.locator("#chart-table")).to_be_visible()
    found["table of a chart"] = violations(page, "#chart-table")
    page.keyboard.press("Escape")
    expect(page.locator("#chart-table")).to_be_hidden()
    found["the tools of a chart, which have the focus again"] = violations(page)
    assert {what: faults for what, faults in found.items() if faults} == {}


@pytest.mark.parametrize("scene", SCENES)
def test_the_wall(context: BrowserContext, market: StandIn, theme: str, scene: str):
    page = context.new_page()
    WallScreen(page, market.url).open(f"?scene={scene}&theme={theme}")
    found = {"as it opens": violations(page)} | in_every_state(page, market, NOT_WELL)
    assert {what: faults for what, faults in found.items() if faults} == {}


def in_every_state(page: Page, market: StandIn, states: Sequence[FeedState]) -> dict[str, list[str]]:
    """What axe-core finds on an open page in each state."""
    found = {}
    try:
        for state in states:
            in_state(market, state)
            expect(page.locator("body")).to_have_attribute("data-state", state, timeout=15_000)
            found[state.value] = violations(page)
    finally:
        in_state(market, FeedState.LIVE)
    expect(page.locator("body")).to_have_attribute("data-state", FeedState.LIVE, timeout=15_000)
    return found


@pytest.mark.parametrize("path", ["/board", "/wall/builder", "/wall?scene=nonsense"])
def test_the_other_pages(context: BrowserContext, market: StandIn, theme: str, path: str):
    page = context.new_page()
    page.goto(f"{market.url}{path}{'&' if '?' in path else '?'}theme={theme}")
    page.wait_for_selector(".refusal, .builder, .tile .spot")
    assert violations(page) == []


def test_the_password_page_in_the_theme_chosen_before(context: BrowserContext, theme: str):
    market = StandIn()
    with market.served(password=PASSWORD):
        context.add_cookies([{"name": "chainboard-theme", "value": theme, "url": market.url}])
        page = context.new_page()
        page.goto(f"{market.url}/")
        expect(page.locator("html")).to_have_attribute("data-theme", theme)
        assert violations(page) == []
        page.get_by_label("Password").fill("wrong")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_have_text("That is not the password.")
        expect(page.get_by_label("Password")).to_have_accessible_description("That is not the password.")
        assert violations(page) == []
        page.get_by_label("Password").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_selector(".topbar")
