"""What a page does when its modules, or the permission to see it, do not come."""

from __future__ import annotations

import re
from urllib.parse import quote

from playwright.sync_api import BrowserContext, Route

from harness.board import BoardProcess
from tests.browser.wall_screen import WallScreen


def test_a_page_whose_modules_did_not_all_arrive_is_loaded_anew(context: BrowserContext, demo: BoardProcess):
    refused: list[str] = []
    page = context.new_page()
    wall = WallScreen(page, demo.url)

    def refuse_at_first(route: Route) -> None:
        if wall.loads:
            route.continue_()
        else:
            refused.append(route.request.url)
            route.fulfill(status=404, body="of another release")

    page.route(re.compile(r"/modules/\w+/wall/main\.mjs$"), refuse_at_first)
    wall.open("?scene=chain:NIFTY:near")
    assert refused
    assert wall.loads == 2
    assert page.evaluate("document.documentElement.dataset.started") == "yes"


def test_a_viewer_whose_session_has_ended_is_sent_to_the_password_and_back(context: BrowserContext, demo: BoardProcess):
    page = context.new_page()
    page.goto(f"{demo.url}/?underlying=SENSEX&theme=light")
    page.wait_for_function("() => document.body.dataset.series", timeout=30_000)
    here = page.evaluate("location.pathname + location.search")
    page.route("**/_dash-*", lambda route: route.fulfill(status=401, body="{}"))
    page.wait_for_url(re.compile(r"/password\?next="), timeout=30_000)
    assert quote(here, safe="").replace("%20", "+") in page.url
