"""What one update of one viewer costs the web server: the usual Dash page, our callback, and the floor.

The same chain of 101 strikes, published twice a second as the feed does it, in one run on one machine: the absolute
figures belong to the machine, the ratios are what counts. CPU is the server's own, measured by the kernel.
"""

from __future__ import annotations

import argparse
import http.client
import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psutil

from benchmarks._table import print_table
from dashboard.data.cache.store import Store, open_store
from dashboard.data.contract import codec, keys
from dashboard.settings import default_cache_url
from harness.builders import NIFTY_WEEKLY, make_directory, make_frame

STRIKES = 101
CONNECTIONS = 4
ROUNDS = 3
UTILISATION = 0.7  # of a core, leaving room for bursts
BROWSER = {"Accept-Encoding": "gzip, deflate, br, zstd", "Content-Type": "application/json"}
SELECTION = {"underlying": "NIFTY", "expiry": NIFTY_WEEKLY.expiry.isoformat(), "key": NIFTY_WEEKLY.key}


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    body: bytes = b""
    status: int = 200


class Server:
    """One variant in a process of its own, and what it uses."""

    def __init__(self, variant: str, cache_url: str) -> None:
        command = [sys.executable, "-m", "benchmarks._web_servers", variant, cache_url]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline())

    def cpu_s(self) -> float:
        """CPU seconds of the server and its workers so far."""
        family = [psutil.Process(self.process.pid), *psutil.Process(self.process.pid).children(recursive=True)]
        return sum(times.user + times.system for times in (process.cpu_times() for process in family))

    def get(self, path: str) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("GET", path)
        answer = json.loads(connection.getresponse().read())
        connection.close()
        return answer

    def stop(self) -> None:
        self.process.terminate()
        self.process.communicate()


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
            servers = {variant: Server(variant, cache_url) for variant in ("naive", "ours", "bare")}
            try:
                figures = measured(servers, seconds)
            finally:
                for server in servers.values():
                    server.stop()
    _print(figures)


@contextmanager
def publishing(store: Store, every_s: float = 0.5) -> Iterator[None]:
    """A directory, and a chain that changes twice a second (or as told), as the feed leaves them in the cache."""
    store.put(keys.DIRECTORY, codec.encode_directory(make_directory()))
    frames = [make_frame(n=STRIKES, spot=24_000.0 + 3 * step) for step in range(8)]
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
        "ours": (servers["ours"], dash_update(servers["ours"], "frame.data", {"selection": SELECTION})),
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
    while time.monotonic() < until:
        connection.request(request.method, request.path, request.body, BROWSER)
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != request.status or bool(body) != (request.status == 200):
            raise RuntimeError(f"{request.path} answered {answer.status}: {body[:200]!r}")
        sizes.append(len(body))
    connection.close()


def _print(figures: dict[str, Measured]) -> None:
    floor = figures["bare"].cpu_ms
    words = {
        "naive": "go.Figure x 3 + rowData in a callback",
        "ours": "our interval callback",
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
