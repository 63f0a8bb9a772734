"""Real Chromium on a real board: sandbox, feed and web as `python app.py --demo` starts them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from harness.board import BoardProcess
from harness.process import eventually
from harness.screen import CHANGE_MS, CHROMIUM_ARGUMENTS, Screen
from tests.browser.wall_screen import WallScreen
from tests.browser.wall_stand_in import StandIn

expect.set_options(timeout=CHANGE_MS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.timeout(240))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def demo() -> Iterator[BoardProcess]:
    """One demo board for all tests that leave it as they found it."""
    with BoardProcess("--demo") as board:
        eventually(board.is_well, within_s=60, what="the demo is well")
        yield board


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    yield context
    context.close()


@pytest.fixture
def tab(context: BrowserContext, demo: BoardProcess) -> Iterator[Callable[[], Screen]]:
    """Opens tabs of one browser window on the demo; none may have logged an error by the end of the test."""
    opened: list[Screen] = []

    def new_tab() -> Screen:
        opened.append(Screen(context.new_page(), demo.url))
        return opened[-1]

    yield new_tab
    problems = [problem for screen in opened for problem in screen.problems]
    assert not problems, problems


@pytest.fixture
def screen(tab: Callable[[], Screen]) -> Screen:
    return tab()


@pytest.fixture(scope="module")
def shared(request: pytest.FixtureRequest, chromium: Browser, demo: BoardProcess) -> Iterator[Screen]:
    """One page of the module's SHARED_QUERY for its tests that leave it as they found it: a fresh one costs seconds."""
    context = chromium.new_context(viewport={"width": 1440, "height": 1000})
    screen = Screen(context.new_page(), demo.url).open(request.module.SHARED_QUERY)
    yield screen
    context.close()
    assert screen.problems == []


@pytest.fixture(scope="session")
def symbols(demo: BoardProcess) -> Callable[[str, str], set[str]]:
    """(underlying, expiry) -> broker symbols of that series, as /api/chain gives them."""
    known: dict[tuple[str, str], set[str]] = {}

    def of(underlying: str, expiry: str) -> set[str]:
        if (underlying, expiry) not in known:
            status, chain = demo.get(f"/api/chain?underlying={underlying}&expiry={expiry}")
            assert status == 200, chain
            known[underlying, expiry] = {
                row[side]["symbol"] for row in chain["rows"] for side in ("call", "put") if row[side]
            }
        return known[underlying, expiry]

    return of


@pytest.fixture
def wall(context: BrowserContext, market: StandIn) -> Iterator[WallScreen]:
    """A wall on the stand-in market of the test's module; it may have logged no error by the end of the test."""
    screen = WallScreen(context.new_page(), market.url)
    yield screen
    assert screen.problems == []
