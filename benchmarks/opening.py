"""What opening the board costs a browser that has never been here: requests, bytes, time until the chain stands.

The server is the product's, on this machine, so the time is that of the browser alone; with `--delay` each answer waits
so many milliseconds, as over a line.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
from typing import Any

from benchmarks._table import print_table
from benchmarks.web import Server, publishing
from dashboard.data.cache.store import open_store
from dashboard.settings import default_cache_url
from harness.screen import CHROMIUM_ARGUMENTS

VISITS = 5
STANDS = """() => {
    const ltps = [...document.querySelectorAll('#chain-grid [col-id="call_ltp"].ag-cell')];
    return document.body.dataset.series && ltps.some(cell => /\\d/.test(cell.textContent));
}"""
DRAWN = "() => document.querySelectorAll('.chart .js-plotly-plot[data-version]').length >= 4"


def run(args: list[str]) -> None:
    """Print the table. args: `--delay` of each answer in ms (default 0)."""
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser("python -m benchmarks opening --")
    parser.add_argument("--delay", type=float, default=0.0)
    delay_ms: float = parser.parse_args(args).delay
    shared_memory = default_cache_url().removeprefix("disk://").rpartition("/")[0]
    with (
        tempfile.TemporaryDirectory(dir=shared_memory, prefix="chainboard-bench-") as folder,
        publishing(open_store(f"disk://{folder}", owner=True)),
        sync_playwright() as playwright,
    ):
        server = Server("ours", f"disk://{folder}")
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM_ARGUMENTS)
        try:
            visits = [_visit(browser, server, delay_ms) for _ in range(VISITS)]
        finally:
            browser.close()
            server.stop()
    requests, every, plotly, chain_s, charts_s = (statistics.median(part) for part in zip(*visits, strict=True))
    print_table(
        f"opening the board with an empty cache, median of {VISITS} visits, {delay_ms:.0f} ms of delay",
        ("requests", "kB", "kB of Plotly", "s until the chain", "s until four charts"),
        [(f"{requests:.0f}", f"{every / 1000:,.0f}", f"{plotly / 1000:,.0f}", f"{chain_s:.2f}", f"{charts_s:.2f}")],
    )


def _visit(browser: Any, server: Server, delay_ms: float) -> tuple[float, ...]:
    """Requests, bytes, bytes of Plotly, and the seconds until chain and charts stand, with an empty cache."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    tools = context.new_cdp_session(page)
    tools.send("Network.enable")
    if delay_ms:
        line = {"offline": False, "latency": delay_ms, "downloadThroughput": -1, "uploadThroughput": -1}
        tools.send("Network.emulateNetworkConditions", line)
    addresses: dict[str, str] = {}
    sizes: dict[str, float] = {}
    tools.on("Network.requestWillBeSent", lambda event: addresses.update({event["requestId"]: event["request"]["url"]}))
    tools.on("Network.loadingFinished", lambda event: sizes.update({event["requestId"]: event["encodedDataLength"]}))
    page.goto(f"http://127.0.0.1:{server.port}/", wait_until="commit")
    page.wait_for_function(STANDS, polling=20)
    chain_s = page.evaluate("performance.now() / 1000")
    page.wait_for_function(DRAWN, polling=20)
    charts_s = page.evaluate("performance.now() / 1000")
    plotly = sum(size for request, size in sizes.items() if "plotly" in addresses.get(request, ""))
    context.close()
    return len(sizes), sum(sizes.values()), plotly, chain_s, charts_s
