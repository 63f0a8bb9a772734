"""How long a trade takes from the FYERS wire to the text of its cell in Chromium, against the poll it has to wait for.

A trade is forced at the sandbox; the page watches one cell with a MutationObserver. Both clocks are this machine's. The
floor is what design alone costs: half a publish period and half a poll period on average, both in full at worst.
"""

from __future__ import annotations

import shutil
import statistics
import time

from benchmarks._table import percentile, print_table
from dashboard.settings import Settings

TRADES = 60
WATCH = """strike => {
    const at = `#chain-grid .ag-row[row-id="${strike}"] [col-id="call_ltp"]`;
    window.seenAt = {};
    const look = () => {
        const text = document.querySelector(at)?.textContent;
        if (text && !(text in window.seenAt)) window.seenAt[text] = Date.now() / 1000;
    };
    const all = {subtree: true, childList: true, characterData: true};
    new MutationObserver(look).observe(document.querySelector('#chain-grid'), all);
    look();
}"""


def run(args: list[str]) -> None:
    """Print the table. args: optionally the number of trades."""
    from playwright.sync_api import sync_playwright

    from harness.board import BoardProcess
    from harness.process import eventually
    from harness.screen import CHROMIUM_ARGUMENTS, Screen

    trades = int(args[0]) if args else TRADES
    settings = Settings()
    with BoardProcess("--demo") as board, sync_playwright() as playwright:
        eventually(board.is_well, within_s=60, what="the demo is well")
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM_ARGUMENTS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        screen = Screen(page, board.url).open()
        row = next(row for row in screen.rows() if "atm" in row["place"])
        page.evaluate(WATCH, row["id"])
        waited = []
        for number in range(trades):
            # A price the market will not find by itself, different each time, held until it has been seen.
            ltp = round(row["call_ltp"] + 500 + number * 0.05, 2)
            sent = time.time()
            board.sandbox("trade", {"symbol": row["call_symbol"], "ltp": ltp, "hold_s": 4})
            text = f"{ltp:,.2f}"
            page.wait_for_function("text => window.seenAt[text]", arg=text, timeout=8_000)
            waited.append((page.evaluate("text => window.seenAt[text]", text) - sent) * 1000)
            page.wait_for_timeout((137 * number) % 1000)  # spread over the phase of both clocks
        browser.close()
    goal = settings.publish_ms + settings.interval_ms + 150
    rows = [
        (name, f"{value:.0f}", f"{value / goal:.2f}")
        for name, value in (
            ("median", statistics.median(waited)),
            ("p95", percentile(waited, 95)),
            ("max", max(waited)),
        )
    ]
    print_table(
        f"latency: trade on the wire -> text in the cell, {trades} trades, ms (goal p95 <= {goal} ms)",
        ("", "ms", "of goal"),
        rows,
    )
