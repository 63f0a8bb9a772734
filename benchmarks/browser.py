"""What the board costs a browser: main thread per update beside an empty Dash page, and heap after 1,500 updates.

The update path is the product's own (write into rowNode.data, one refreshCells); the other ways AG Grid offers are
driven with the same changes, because decision 0005 stands on that comparison.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from typing import Any

from benchmarks._table import print_table
from benchmarks.web import Server, market_frames, publishing
from dashboard.data.cache.store import open_store
from dashboard.settings import default_cache_url
from harness.screen import CHROMIUM_ARGUMENTS, MODULES

SECONDS = 20
UPDATES = 1_500

# Applies `count` frames, each with about a third of the numbers changed, as fast as the page paints them.
DRIVE = """async count => {
    const frame = structuredClone(window.chainboard.shownFrame());
    const selection = {key: frame.key, underlying: frame.underlying, expiry: frame.expiry};
    for (let number = 0; number < count; number++) {
        frame.version += 1;
        const by = 1 + 0.001 * (number % 7 - 3);
        const moved = (value, row) => (value === null || (row + number) % 3 ? value : value * by);
        for (const side of ['call', 'put'])
            for (const field of ['ltp', 'volume', 'oi', 'oi_change', 'iv', 'ltp_change'])
                frame[side][field] = frame[side][field].map(moved);
        dash_clientside.chainboard.applyAnswer(JSON.stringify({numbers: frame}), selection);
        if (number % 5 === 0) await new Promise(requestAnimationFrame);
    }
}"""

# The same changes through one of AG Grid's own ways.
DRIVE_GRID = """async ([how, count]) => {
    const api = dash_ag_grid.getApi('chain-grid');
    const fields = ['ltp', 'volume', 'oi', 'oi_change', 'iv', 'ltp_change'];
    for (let number = 0; number < count; number++) {
        const changed = [];
        api.forEachNode((node, row) => {
            if ((row + number) % 3) return;
            const data = how === 'mutate' ? node.data : {...node.data};
            for (const side of ['call', 'put'])
                for (const field of fields) {
                    const name = `${side}_${field}`;
                    const value = node.data[name] === null ? null : node.data[name] * (1 + 0.001 * (number % 7 - 3));
                    if (how === 'setDataValue') node.setDataValue(name, value); else data[name] = value;
                }
            if (how === 'updateData') node.updateData(data);
            if (how === 'applyTransaction') changed.push(data);
        });
        if (how === 'applyTransaction') api.applyTransaction({update: changed});
        if (how === 'mutate') api.refreshCells();
        if (number % 5 === 0) await new Promise(requestAnimationFrame);
    }
}"""
PARTS = ("TaskDuration", "ScriptDuration", "RecalcStyleDuration", "LayoutDuration")
WAYS = ("mutate", "updateData", "applyTransaction", "setDataValue")


def run(args: list[str]) -> None:
    """Print three tables. args: optionally the seconds of the first measurement."""
    from playwright.sync_api import sync_playwright

    seconds = float(args[0]) if args else SECONDS
    shared_memory = default_cache_url().removeprefix("disk://").rpartition("/")[0]
    with (
        tempfile.TemporaryDirectory(dir=shared_memory, prefix="chainboard-bench-") as folder,
        publishing(open_store(f"disk://{folder}", owner=True), frames=market_frames()),
        sync_playwright() as playwright,
    ):
        servers = {variant: Server(variant, f"disk://{folder}") for variant in ("empty", "naive", "ours")}
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM_ARGUMENTS)
        try:
            _main_thread(browser, servers, seconds)
            _heap(browser, servers["ours"])
        finally:
            browser.close()
            for server in servers.values():
                server.stop()


def _page(browser: Any, server: Server, query: str = "") -> tuple[Any, Any]:
    """A page at 1440 x 900 and its DevTools session, once it stands."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.add_init_script(MODULES)
    page.goto(f"http://127.0.0.1:{server.port}/{query}")
    page.wait_for_timeout(8_000)
    tools = page.context.new_cdp_session(page)
    tools.send("Performance.enable", {"timeDomain": "threadTicks"})
    return page, tools


def _metrics(tools: Any) -> dict[str, float]:
    return {entry["name"]: entry["value"] for entry in tools.send("Performance.getMetrics")["metrics"]}


def _main_thread(browser: Any, servers: dict[str, Server], seconds: float) -> None:
    cases = (
        ("empty Dash page", "empty", ""),
        ("naive: go.Figure x 3 + rowData", "naive", ""),
        ("board, no chart", "ours", "?charts=none"),
        ("board, four charts", "ours", ""),
    )
    spent: dict[str, list[float]] = {}
    for name, variant, query in cases:
        page, tools = _page(browser, servers[variant], query)
        before, began = _metrics(tools), time.monotonic()
        page.wait_for_timeout(seconds * 1000)
        after, took = _metrics(tools), time.monotonic() - began
        page.close()
        spent[name] = [(after[part] - before[part]) * 1000 / took for part in PARTS]
    floor = spent["empty Dash page"][0]
    print_table(
        f"main thread per update at 1 Hz in ms, {seconds:.0f} s each, 1440 x 900, software raster",
        ("page", "all", "script", "style", "layout", "x empty"),
        [(name, *(f"{part:.0f}" for part in parts), f"{parts[0] / floor:.1f}") for name, parts in spent.items()],
    )


def _heap(browser: Any, server: Server) -> None:
    def settled(tools: Any) -> tuple[float, int]:
        for _ in range(3):
            tools.send("HeapProfiler.collectGarbage")
        found = _metrics(tools)
        return found["JSHeapUsedSize"] / 2**20, int(found["Nodes"])

    rows = []
    paths: list[tuple[str, str, Any, Any]] = [("the board's own path", DRIVE, 100, UPDATES)]
    paths += [(f"grid only: {way}", DRIVE_GRID, [way, 100], [way, UPDATES]) for way in WAYS]
    for name, drive, first, argument in paths:
        page, tools = _page(browser, server)
        page.evaluate(drive, first)  # caches that fill once
        heap, nodes = settled(tools)
        began = time.monotonic()
        page.evaluate(drive, argument)
        took = time.monotonic() - began
        grown, nodes_after = settled(tools)
        page.close()
        rows.append(
            (name, f"{heap:.1f}", f"{grown:.1f}", f"{100 * (grown / heap - 1):+.1f} %", f"{nodes_after - nodes:+d}",
             f"{took / UPDATES * 1000:.1f}")
        )  # fmt: skip
    print()
    print_table(
        f"heap after forced collection, before and after {UPDATES:,} updates of a third of the cells",
        ("update path", "MB before", "MB after", "growth", "DOM nodes", "ms per update"),
        rows,
    )
