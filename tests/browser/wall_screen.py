"""Page object of a wall: what stands on it, how it is laid out, and what it costs."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator, Page

from dashboard.layouts.wall.ids import WallId
from harness.screen import MODULES

FIRST_PAINT_MS = 60_000

# Every piece of text in sight: where it is, how large, whether something cuts it off.
TEXTS = """() => {
    const cutting = element => {
        for (let at = element; at && at !== document.body; at = at.parentElement) {
            const style = getComputedStyle(at);
            if (style.overflowX !== 'visible' || style.overflowY !== 'visible') return at.getBoundingClientRect();
        }
        return {left: 0, top: 0, right: innerWidth, bottom: innerHeight};
    };
    const found = [];
    const walker = document.createTreeWalker(document.querySelector('.wall'), NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const element = node.parentElement;
        if (!node.textContent.trim() || element.closest('style, script, datalist, .visually-hidden')) continue;
        if (!element.checkVisibility({opacityProperty: true, visibilityProperty: true})) continue;
        const range = document.createRange();
        range.selectNodeContents(node);
        const box = range.getBoundingClientRect();
        if (!box.width || !box.height) continue;
        const cut = cutting(element);
        found.push({
            text: node.textContent.trim(), left: box.left, top: box.top, right: box.right, bottom: box.bottom,
            size: parseFloat(getComputedStyle(element).fontSize),
            cut: box.left < cut.left - 1 || box.right > cut.right + 1 || box.top < cut.top - 1
                || box.bottom > cut.bottom + 1,
        });
    }
    return found;
}"""


class WallScreen:
    """One wall in one browser tab."""

    def __init__(self, page: Page, base_url: str) -> None:
        self.page = page
        self.base_url = base_url
        self.problems: list[str] = []
        self.loads = 0
        page.add_init_script(MODULES)
        page.on("load", self._note_load)
        page.on("pageerror", lambda error: self.problems.append(f"page error: {error}"))
        page.on("console", self._note_console)

    def _note_load(self, _page: Page) -> None:
        self.loads += 1

    def _note_console(self, message: Any) -> None:
        # The browser itself reports a request that found no server; that is what the band is for.
        if message.type == "error" and "net::ERR" not in message.text:
            self.problems.append(f"console: {message.text}")

    def open(self, query: str = "", *, path: str = "/wall", painted: bool = True) -> WallScreen:
        self.page.goto(f"{self.base_url}{path}{query}")
        if painted:
            self.wait_painted()
        return self

    def wait_painted(self, timeout_ms: float = FIRST_PAINT_MS) -> None:
        """The scene that is on shows a spot, and its charts (if any) are drawn."""
        self.page.wait_for_function(
            """() => {
                const scene = document.querySelector('.scene.on');
                const plots = scene ? [...scene.querySelectorAll('.wall-chart')] : [];
                return scene && /\\d/.test(scene.querySelector('.spot')?.innerText || '') &&
                    plots.every(plot => plot.querySelector('.js-plotly-plot')?.dataset.version);
            }""",
            timeout=timeout_ms,
        )

    # --- what stands there ----------------------------------------------------------------------------------
    @property
    def scene(self) -> Locator:
        return self.page.locator(".scene.on")

    @property
    def band(self) -> Locator:
        return self.page.locator(f"#{WallId.BAND}")

    @property
    def note(self) -> Locator:
        return self.page.locator(f"#{WallId.NOTE}")

    @property
    def caption(self) -> str:
        return self.scene.get_attribute("data-caption") or ""

    def tile(self, slot: int) -> Locator:
        return self.scene.locator(".tile").nth(slot)

    def bound(self, path: str) -> Locator:
        return self.scene.locator(f'[data-bind="{path}"]').first

    def opacity(self, selector: str) -> float:
        """How much of an element is seen, its ancestors' dimming included."""
        seen: float = self.page.evaluate(
            """selector => {
                let seen = 1;
                for (let at = document.querySelector(selector); at; at = at.parentElement)
                    seen *= Number(getComputedStyle(at).opacity);
                return seen;
            }""",
            selector,
        )
        return seen

    def dimmed(self, spot: str = ".scene.on .spot") -> bool:
        """Whether a spot stands in a weaker ink than the page's own."""
        weaker: bool = self.page.evaluate(
            """spot => {
                const page = getComputedStyle(document.body).color;
                return getComputedStyle(document.querySelector(spot)).color !== page;
            }""",
            spot,
        )
        return weaker

    # --- how it is laid out ---------------------------------------------------------------------------------
    def texts(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.page.evaluate(TEXTS)
        return found

    def faults_of_layout(self, least: float | None = None) -> list[str]:
        """Texts cut off, outside the screen, too small or on one another, and scrollbars; empty when all is well.

        least: px of the smallest type; without it what can be read from four metres.
        """
        size = self.page.viewport_size
        assert size is not None
        width, height = size["width"], size["height"]
        texts = self.texts()
        assert len(texts) > 50, "there is something to read"
        faults = [f"cut off: {one['text']}" for one in texts if one["cut"]]
        faults += [
            f"outside: {one['text']}"
            for one in texts
            if one["left"] < -1 or one["top"] < -1 or one["right"] > width + 1 or one["bottom"] > height + 1
        ]
        least = 0.011 * height if least is None else least
        faults += [f"small ({one['size']:.1f} px): {one['text']}" for one in texts if one["size"] < least - 0.01]
        faults += _overlaps(texts)
        scrolls = self.page.evaluate(
            """() => [...document.querySelectorAll('html, body, .wall *')].filter(at =>
                ['auto', 'scroll'].includes(getComputedStyle(at).overflowY) && at.scrollHeight > at.clientHeight + 1
                && !at.closest('svg')).length + Number(document.documentElement.scrollHeight > innerHeight + 1)
                + Number(document.documentElement.scrollWidth > innerWidth + 1)"""
        )
        return faults + ([f"{scrolls} scrollbars"] if scrolls else [])

    # --- what it costs --------------------------------------------------------------------------------------
    def memory(self) -> tuple[float, int]:
        """JavaScript heap in MB after a forced collection, and the number of DOM nodes."""
        session = self.page.context.new_cdp_session(self.page)
        session.send("Performance.enable")
        for _ in range(3):
            session.send("HeapProfiler.collectGarbage")
        metrics = {found["name"]: found["value"] for found in session.send("Performance.getMetrics")["metrics"]}
        session.detach()
        nodes: int = self.page.evaluate("document.getElementsByTagName('*').length")
        return metrics["JSHeapUsedSize"] / 1e6, nodes


def _overlaps(texts: list[dict[str, Any]]) -> list[str]:
    """Pairs of texts that stand on one another: more than a rim of their line boxes."""
    found = []
    for place, one in enumerate(texts):
        for other in texts[place + 1 :]:
            across = min(one["right"], other["right"]) - max(one["left"], other["left"])
            down = min(one["bottom"], other["bottom"]) - max(one["top"], other["top"])
            least = min(one["bottom"] - one["top"], other["bottom"] - other["top"])
            if across > 1.5 and down > 0.3 * least:
                found.append(f"{one['text']} on {other['text']}")
    return found
