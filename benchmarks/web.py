"""What one update of one viewer costs the web server: the usual Dash page, our callback, and the floor.

The same chain of 101 strikes, published twice a second as the feed does it, in one run on one machine: the absolute
figures belong to the machine, the ratios are what counts. CPU is the server's own, measured by the kernel.
"""

from __future__ import annotations

import argparse
import http.client
import json
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import zstandard

from benchmarks._table import print_table
from dashboard.data.cache.store import Store, open_store
from dashboard.data.contract import codec, keys
from dashboard.settings import default_cache_url
from harness.board import BoardProcess
from harness.builders import NIFTY_WEEKLY, make_directory, make_frame
from harness.process import ChildProcess, eventually

STRIKES = 101
CONNECTIONS = 4
ROUNDS = 3
UTILISATION = 0.7  # of a core, leaving room for bursts
BROWSER = {"Accept-Encoding": "gzip, deflate, br, zstd", "Content-Type": "application/json"}
SEEN = {"key": NIFTY_WEEKLY.key, "view": "", "version": 0}
SELECTION = {"underlying": "NIFTY", "expiry": NIFTY_WEEKLY.expiry.isoformat(), "key": NIFTY_WEEKLY.key}


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    body: bytes = b""
    status: int = 200
    following: bool = False  # each request says which version the answers before it have brought


class Server(ChildProcess):
    """A server in a process of its own that answers once this object is made, and what it uses."""

    def __init__(self, variant: str, cache_url: str) -> None:
        super().__init__([sys.executable, "-m", "benchmarks._web_servers", variant, cache_url])
        self.port = 0
        self.start().wait_until_ready()

    def is_ready(self) -> bool:
        """It has said its port, on a line of its own."""
        said = [line for line in self.output().splitlines(keepends=True) if line.strip().isdigit()]
        self.port = int(said[0]) if said and said[0].endswith("\n") else 0
        return self.port > 0

    def cpu_s(self) -> float:
        """CPU seconds of the server and its workers so far."""
        return sum(times.user + times.system for times in (process.cpu_times() for process in self.family()))

    def get(self, path: str) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("GET", path)
        answer = json.loads(connection.getresponse().read())
        connection.close()
        return answer


@dataclass(frozen=True)
class Measured:
    cpu_ms: float
    per_second: float
    wire_bytes: int


def run(args: list[str]) -> None:
    """Print the table. args: `--seconds` of each of the measurements (default 3)."""
    parser = argparse.ArgumentParser("python -m benchmarks web --")
    parser.add_argument("--seconds", type=float, default=3.0)
    seconds: float = parser.parse_args(args).seconds
    shared_memory = default_cache_url().removeprefix("disk://").rpartition("/")[0]
    with tempfile.TemporaryDirectory(dir=shared_memory, prefix="chainboard-bench-") as folder:
        cache_url = f"disk://{folder}"
        with publishing(open_store(cache_url, owner=True)):
            servers = {variant: Server(variant, cache_url) for variant in ("naive", "published", "ours", "bare")}
            try:
                figures = measured(servers, seconds)
            finally:
                for server in servers.values():
                    server.stop()
    _print(figures)


def market_frames(seconds: float = 15.0) -> list[bytes]:
    """Published frames of a demo's market, one after the other, as if they were of the benchmark's series."""
    frames: dict[int, bytes] = {}
    series = {"key": NIFTY_WEEKLY.key, "expiry": NIFTY_WEEKLY.expiry.isoformat()}
    with BoardProcess("--demo") as board:
        eventually(board.is_well, within_s=60, what="the demo is well")
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            status, frame = board.get("/frames/chain?underlying=NIFTY")
            if status == 200:
                version = frame.pop("version")
                frames[version] = json.dumps(frame | series).encode()
            time.sleep(0.2)
    ordered = list(frames.values())
    return [*ordered, *ordered[-2:0:-1]]  # there and back, so that nothing jumps


@contextmanager
def publishing(store: Store, every_s: float = 0.5, frames: Sequence[bytes] = ()) -> Iterator[None]:
    """A directory, and a chain that changes every `every_s`, as the feed leaves them in the cache.

    frames: published in turn; without any, all numbers of a smooth chain change with each.
    """
    store.put(keys.DIRECTORY, codec.encode_directory(make_directory()))
    frames = frames or [make_frame(n=STRIKES, spot=24_000.0 + 3 * step) for step in range(8)]
    store.put(keys.frame(NIFTY_WEEKLY), frames[0])
    stopped = threading.Event()

    def publish() -> None:
        count = 0
        while not stopped.wait(every_s):
            count += 1
            store.put(keys.frame(NIFTY_WEEKLY), frames[count % len(frames)])
            entry = {"key": NIFTY_WEEKLY.key, "state": "live", "since_ts": 0.0, "as_of_ts": time.time()}
            report = {"heartbeat_ts": time.time(), "state": "live", "demo": True, "series": [entry]}
            store.put(keys.HEALTH, codec.encode_report(report))

    publisher = threading.Thread(target=publish, daemon=True)
    publisher.start()
    try:
        yield
    finally:
        stopped.set()
        publisher.join()


def measured(servers: dict[str, Server], seconds: float) -> dict[str, Measured]:
    requests = {
        "naive": (servers["naive"], dash_update(servers["naive"], "grid.rowData", {})),
        "published": (servers["published"], dash_update(servers["published"], "frame.data", {})),
        "whole": (servers["ours"], dash_update(servers["ours"], "answer.data", {"selection": SELECTION})),
        "ours": (servers["ours"], watching(servers["ours"])),
        "bare": (servers["bare"], Request("GET", "/frame")),
    }
    return in_turns(requests, seconds)


def in_turns(requests: dict[str, tuple[Server, Request]], seconds: float) -> dict[str, Measured]:
    """Medians of several rounds, the variants taking turns, so that a busy moment of the machine hits all alike."""
    for server, request in requests.values():
        load(server, request, 0.5)  # imports, pools, first memo
    rounds: dict[str, list[Measured]] = {name: [] for name in requests}
    for _ in range(ROUNDS):
        for name, (server, request) in requests.items():
            rounds[name].append(load(server, request, seconds))
    return {
        name: Measured(
            statistics.median(found.cpu_ms for found in results),
            statistics.median(found.per_second for found in results),
            results[-1].wire_bytes,
        )
        for name, results in rounds.items()
    }


def dash_update(server: Server, output: str, values: dict[str, Any]) -> Request:
    """The request with which a page asks for this output: each input and state by its id, None unless in `values`."""
    wiring = next(found for found in server.get("/_dash-dependencies") if output in found["output"])
    named = [part.rpartition(".") for part in wiring["output"].strip(".").split("...")]
    outputs = [{"id": identity, "property": prop} for identity, _, prop in named]

    def filled(dependencies: list[dict[str, str]]) -> list[dict[str, Any]]:
        return [dependency | {"value": values.get(dependency["id"])} for dependency in dependencies]

    body = {
        "output": wiring["output"],
        "outputs": outputs if len(outputs) > 1 else outputs[0],
        "inputs": filled(wiring["inputs"]),
        "state": filled(wiring["state"]),
        "changedPropIds": [f"{wiring['inputs'][0]['id']}.{wiring['inputs'][0]['property']}"],
    }
    return Request("POST", "/_dash-update-component", json.dumps(body).encode())


def watching(server: Server) -> Request:
    """The request of a page that has shown an earlier version and gets what has changed since."""
    update = dash_update(server, "answer.data", {"selection": SELECTION, "seen": SEEN})
    return Request(update.method, update.path, update.body, following=True)


class Following:
    """The body of a page's next request: it has the version before the newest, as a page that asks once a second."""

    def __init__(self, request: Request) -> None:
        self._request, self._versions, self._view = request, [0, 0], ""

    def body(self, answer: bytes = b"") -> bytes:
        numbers = self._numbers(answer)
        if numbers and numbers["version"] != self._versions[1]:
            self._versions, self._view = [self._versions[1], numbers["version"]], numbers["view"]
        if not self._request.following:
            return self._request.body
        seen = json.dumps(SEEN | {"version": self._versions[0], "view": self._view})
        return self._request.body.replace(json.dumps(SEEN).encode(), seen.encode())

    def _numbers(self, answer: bytes) -> dict[str, Any] | None:
        if not answer or not self._request.following:
            return None
        text = json.loads(answer)["response"]["answer"]["data"]
        found: dict[str, Any] | None = json.loads(text).get("numbers")
        return found


def load(server: Server, request: Request, seconds: float) -> Measured:
    """Ask as fast as answers come, over a few kept connections. Every answer must be `request.status`."""
    sizes: list[list[int]] = [[] for _ in range(CONNECTIONS)]
    until = time.monotonic() + seconds
    before = server.cpu_s()
    threads = [threading.Thread(target=_viewer, args=(server.port, request, until, mine)) for mine in sizes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    cpu_s = server.cpu_s() - before
    every = [size for mine in sizes for size in mine]
    return Measured(1000 * cpu_s / len(every), len(every) / seconds, round(statistics.mean(every)))


def _viewer(port: int, request: Request, until: float, sizes: list[int]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    following = Following(request)
    asked = following.body()
    while time.monotonic() < until:
        connection.request(request.method, request.path, asked, BROWSER)
        answer = connection.getresponse()
        body = answer.read()
        asked = following.body(_decoded(body, answer.getheader("Content-Encoding")) if request.following else b"")
        if answer.status != request.status or bool(body) != (request.status == 200):
            raise RuntimeError(f"{request.path} answered {answer.status}: {body[:200]!r}")
        sizes.append(len(body))
    connection.close()


def _decoded(body: bytes, encoding: str | None) -> bytes:
    return zstandard.ZstdDecompressor().decompressobj().decompress(body) if encoding == "zstd" else body


def _print(figures: dict[str, Measured]) -> None:
    floor = figures["bare"].cpu_ms
    words = {
        "naive": "go.Figure x 3 + rowData in a callback",
        "published": "the published frame in a callback",
        "whole": "our callback, first answer of a view",
        "ours": "our callback, what has changed",
        "bare": "bare route, same frame",
    }
    rows = [
        (
            words[name],
            f"{found.cpu_ms:.2f}",
            f"{found.cpu_ms / floor:.1f}",
            f"{found.per_second:,.0f}",
            f"{found.wire_bytes:,}",
            f"{1000 * UTILISATION / found.cpu_ms:,.0f}",
        )
        for name, found in figures.items()
    ]
    header = ("variant", "CPU ms/update", "x floor", "updates/s", "bytes", "viewers/core")
    print_table(f"Web server, one worker, {STRIKES} strikes, viewers at 1 Hz", header, rows)
    print(f"\nThe usual way costs {figures['naive'].cpu_ms / figures['ours'].cpu_ms:.0f} times our callback.")
