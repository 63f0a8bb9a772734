"""Wall screens per core at 1 Hz: the interval callback, the frame route screens ask by themselves, and the floor.

The same chain under the server and settings of production, one worker. `docs/decisions` says what was chosen and why.
"""

from __future__ import annotations

import argparse
import tempfile
from urllib.parse import quote

from benchmarks._table import print_table
from benchmarks.web import (
    SELECTION,
    STRIKES,
    UTILISATION,
    Measured,
    Request,
    Server,
    dash_update,
    in_turns,
    publishing,
    watching,
)
from dashboard.data.cache.store import open_store
from dashboard.data.reader.views import view_key
from dashboard.layouts.view import view_of
from dashboard.settings import default_cache_url

WORDS = {
    "callback": "interval callback, new frame",
    "callback_same": "interval callback, nothing new",
    "route": "frame route, new frame",
    "board": "frame route, board of indices",
    "route_same": "frame route, nothing new (204)",
    "floor": "floor: ready bytes, no cache",
}


def run(args: list[str]) -> None:
    """Print the table. args: `--seconds` of each measurement (default 3)."""
    parser = argparse.ArgumentParser("python -m benchmarks viewers --")
    parser.add_argument("--seconds", type=float, default=3.0)
    seconds: float = parser.parse_args(args).seconds
    shared_memory = default_cache_url().removeprefix("disk://").rpartition("/")[0]
    with tempfile.TemporaryDirectory(dir=shared_memory, prefix="chainboard-bench-") as folder:
        store = open_store(f"disk://{folder}", owner=True)
        with publishing(store):
            servers = {variant: Server(variant, f"disk://{folder}") for variant in ("ours", "packed")}
            try:
                figures = _measured(servers, seconds)
            finally:
                for server in servers.values():
                    server.stop()
        with publishing(store, every_s=3_600):  # one frame for the whole time: what an unchanged chain costs
            server = Server("ours", f"disk://{folder}")
            try:
                figures |= _unchanged(server, seconds)
            finally:
                server.stop()
    _print(figures)


def _measured(servers: dict[str, Server], seconds: float) -> dict[str, Measured]:
    ours = servers["ours"]
    requests = {
        "callback": (ours, watching(ours)),
        "route": (ours, Request("GET", "/frames/chain?underlying=NIFTY")),
        "board": (ours, Request("GET", "/frames/board")),
        "floor": (servers["packed"], Request("GET", "/frame")),
    }
    return in_turns(requests, seconds)


def _unchanged(server: Server, seconds: float) -> dict[str, Measured]:
    frame = server.get("/frames/chain?underlying=NIFTY")
    have = quote(f"{frame['key']}@{frame['version']}")
    known = {"key": frame["key"], "view": view_key(view_of(None)), "version": frame["version"]}
    seen = {"selection": SELECTION, "seen": known}
    requests = {
        "callback_same": (server, dash_update(server, "answer.data", seen)),
        "route_same": (server, Request("GET", f"/frames/chain?underlying=NIFTY&have={have}", status=204)),
    }
    return in_turns(requests, seconds)


def _print(figures: dict[str, Measured]) -> None:
    floor = figures["floor"].cpu_ms
    rows = [
        (
            words,
            f"{figures[name].cpu_ms:.2f}",
            f"{figures[name].cpu_ms / floor:.1f}",
            f"{figures[name].wire_bytes:,}",
            f"{1000 * UTILISATION / figures[name].cpu_ms:,.0f}",
        )
        for name, words in WORDS.items()
    ]
    header = ("request, once a second", "CPU ms", "x floor", "bytes", "screens/core")
    print_table(f"Wall screens, one worker at {UTILISATION:.0%} of a core, {STRIKES} strikes", header, rows)
    gain = figures["callback"].cpu_ms / figures["route"].cpu_ms
    print(f"\nThe route serves {gain:.1f} times the screens of the callback.")
