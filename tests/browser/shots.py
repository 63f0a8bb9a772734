"""`make shots`: current screenshots of the demo board into docs/images/. Look at them before you commit them."""

from __future__ import annotations

import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

from harness.board import BoardProcess
from harness.process import eventually
from harness.screen import CHROMIUM_ARGUMENTS, Screen
from tests.browser.wall_screen import WallScreen

IMAGES = Path(__file__).parents[2] / "docs" / "images"
# name -> (width, height, query)
SHOTS = {
    "board-1440-dark": (1440, 900, "?theme=dark"),
    "board-1440-light": (1440, 900, "?theme=light"),
    "board-3840-dark": (3840, 2160, "?theme=dark"),
    "board-3840-light": (3840, 2160, "?theme=light"),
    "board-390-dark": (390, 844, "?theme=dark"),
}
# The same for the screens nobody touches; last, when the way of the spots has begun.
WALL_SHOTS = {
    "wall-board-1920-dark": (1920, 1080, "/wall?scene=board"),
    "wall-chain-1920-dark": (1920, 1080, "/wall?scene=chain:NIFTY:next"),
    "wall-chain-1080-dark": (1080, 1920, "/wall?scene=chain:BANKNIFTY:near"),
    "wall-charts-3840-light": (3840, 2160, "/wall?scene=charts:NIFTY:next&theme=light"),
    "wall-desk-1440-light": (1440, 900, "/board?theme=light"),
}
SETTLE_MS = 6_000  # a few ticks and the toast gone


def main() -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    with BoardProcess("--demo") as board, sync_playwright() as playwright:
        eventually(board.is_well, within_s=60, what="the demo is well")
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM_ARGUMENTS)
        for name, (width, height, query) in SHOTS.items():
            page = browser.new_page(viewport={"width": width, "height": height})
            Screen(page, board.url).open(query)
            page.wait_for_timeout(SETTLE_MS)
            page.screenshot(path=IMAGES / f"{name}.png")
            page.close()
            print(f"docs/images/{name}.png")
        for name, (width, height, path) in WALL_SHOTS.items():
            page = browser.new_page(viewport={"width": width, "height": height})
            WallScreen(page, board.url).open(path=path)
            page.wait_for_timeout(SETTLE_MS)
            page.screenshot(path=IMAGES / f"{name}.png")
            page.close()
            print(f"docs/images/{name}.png")
        browser.close()


if __name__ == "__main__":
    main()
