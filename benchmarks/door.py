"""Servers compared: viewers at 1 Hz, and what slow clients and huge bodies cost another viewer.

The same board under each server, one worker, one run: read the ratios. Servers whose package is absent are left out
(`pip install granian uvicorn fastapi`).
"""

from __future__ import annotations

import argparse
import contextlib
import json
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psutil

from benchmarks._door_servers import SERVERS
from benchmarks._table import percentile, print_table
from benchmarks.web import SELECTION, dash_update, load, publishing
from benchmarks.web import Server as Variant
from dashboard.data.cache.store import open_store
from dashboard.settings import default_cache_url
from harness.process import ChildProcess, free_port

VIEWERS = (500, 1_000, 2_000)
SLOW = {
    "one byte": b"G",
    "open headers": b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n",
    "open body": b"POST /_dash-update-component HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    b'Content-Length: 5000\r\n\r\n{"a"',
}
FEW, MANY = 8, 500
WITNESS_S = 3.0  # a witness waits this long for an answer
BODY_BYTES = 300_000_000


@dataclass(frozen=True)
class Witnessed:
    """What one more viewer met, asking with a new connection each time."""

    worst_ms: float
    unanswered: int

    def __str__(self) -> str:
        return f"{self.worst_ms:,.0f}" if not self.unanswered else f"{self.unanswered} unanswered"


class Server(Variant):
    """One of SERVERS in a process of its own."""

    def __init__(self, name: str, cache_url: str, workers: int = 1) -> None:
        self.port = free_port()
        environment = {"CHAINBOARD_CACHE": cache_url, "CHAINBOARD_DEMO": "1"}
        environment |= {"CHAINBOARD_PASSWORD": "", "CHAINBOARD_DATA_DIR": cache_url.removeprefix("disk://") + "-data"}
        command = [sys.executable, "-m", "benchmarks._door_servers", name, str(self.port), str(workers)]
        ChildProcess.__init__(self, command, environment)
        self.start().wait_until_ready()

    def is_ready(self) -> bool:
        with contextlib.suppress(OSError, ValueError):
            self.get("/_dash-dependencies")
            return True
        return False

    def memory_mb(self) -> float:
        total = 0
        for process in self.family():
            with contextlib.suppress(psutil.Error):
                total += process.memory_info().rss
        return total / 2**20


def run(args: list[str]) -> None:
    """Print two tables. args: `--seconds` of each measurement, `--server` (part of a name) to try fewer."""
    parser = argparse.ArgumentParser("python -m benchmarks door --")
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--server", default="")
    arguments = parser.parse_args(args)
    shared_memory = default_cache_url().removeprefix("disk://").rpartition("/")[0]
    names = [name for name in SERVERS if arguments.server in name]
    loads: dict[str, list[str]] = {}
    slow: dict[str, list[str]] = {}
    with (
        tempfile.TemporaryDirectory(dir=shared_memory, prefix="chainboard-bench-") as folder,
        publishing(open_store(f"disk://{folder}", owner=True)),
    ):
        for name in names:
            try:
                loads[name], slow[name] = _figures(name, f"disk://{folder}", arguments.seconds)
            except AssertionError as absent:
                print(f"left out: {str(absent).splitlines()[0]}", file=sys.stderr)
        if "gunicorn gevent, ours" in names:
            two = _load(Server("gunicorn gevent, ours", f"disk://{folder}", workers=2), 2_000, arguments.seconds)
            loads["gunicorn gevent, ours, 2 workers"] = [""] * len(VIEWERS) + [two]
    print_table(
        f"p95 ms at 1 Hz (unanswered after 5 s), {arguments.seconds:.0f} s each, one worker",
        ("server", "CPU ms a request", *(f"{count:,} viewers" for count in VIEWERS)),
        [(name, *figures) for name, figures in loads.items()],
    )
    print_table(
        "\nworst answer to another viewer in ms while clients are slow; memory for a body of 300 MB",
        ("server", *(f"{count} {kind}" for count in (FEW, MANY) for kind in SLOW), "300 MB"),
        [(name, *figures) for name, figures in slow.items()],
    )


def _figures(name: str, cache_url: str, seconds: float) -> tuple[list[str], list[str]]:
    figures = [_cpu(Server(name, cache_url)), *(_load(Server(name, cache_url), count, seconds) for count in VIEWERS)]
    slow = []
    server = Server(name, cache_url)
    for count in (FEW, MANY):
        for sent in SLOW.values():
            with slow_clients(server.port, count, sent):
                met = witness(server, 3.0)
            slow.append(str(met))
            if met.unanswered:  # the next one shall not suffer for it
                server.stop()
                server = Server(name, cache_url)
    slow.append(_huge_body(server))
    print(f"{name}: {' | '.join([*figures, *slow])}", file=sys.stderr, flush=True)
    return figures, slow


def _cpu(server: Server) -> str:
    """What an answer to the tick costs the server, whatever else the machine is doing."""
    try:
        request = dash_update(server, "answer.data", {"selection": SELECTION})
        load(server, request, 0.5)
        return f"{load(server, request, 2.0).cpu_ms:.2f}"
    finally:
        server.stop()


def _load(server: Server, viewers: int, seconds: float) -> str:
    try:
        body = dash_update(server, "answer.data", {"selection": SELECTION}).body
        command = [sys.executable, "-m", "benchmarks._viewers_at_1hz", str(server.port), str(viewers), str(seconds)]
        told = subprocess.run(command, input=body, capture_output=True, check=True, timeout=seconds + 60)
    finally:
        server.stop()
    found = json.loads(told.stdout)
    if not found["latencies_ms"]:
        return f"all {found['failed']} unanswered"
    p95 = percentile(found["latencies_ms"], 95)
    return f"{p95:,.0f}" + (f" ({found['failed']:,})" if found["failed"] else "")


@contextmanager
def slow_clients(port: int, count: int, sent: bytes) -> Iterator[list[socket.socket]]:
    """Clients that have begun a request and go on never."""
    clients = []
    try:
        for _ in range(count):
            client = socket.create_connection(("127.0.0.1", port), timeout=5)
            clients.append(client)
            client.sendall(sent)
        time.sleep(0.5)
        yield clients
    finally:
        for client in clients:
            client.close()


def witness(server: Server, seconds: float) -> Witnessed:
    """A viewer that asks ten times a second, each time with a new connection."""
    request = dash_update_of_the_board()
    worst, unanswered, until = 0.0, 0, time.monotonic() + seconds
    while time.monotonic() < until:
        began = time.monotonic()
        try:
            with socket.create_connection(("127.0.0.1", server.port), timeout=WITNESS_S) as asking:
                asking.sendall(request.replace(b"PORT", str(server.port).encode()))
                if b" 200 " not in asking.recv(4096).split(b"\r\n")[0]:
                    raise OSError
            worst = max(worst, time.monotonic() - began)
        except OSError:
            unanswered += 1
        time.sleep(0.1)
    return Witnessed(worst * 1000, unanswered)


def dash_update_of_the_board() -> bytes:
    return b"GET /_dash-dependencies HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nConnection: close\r\n\r\n"


def _huge_body(server: Server) -> str:
    """Send 300 MB; gives the status and how far the memory rose."""
    before, peak, stopped = server.memory_mb(), [0.0], threading.Event()

    def watch() -> None:
        while not stopped.wait(0.02):
            peak[0] = max(peak[0], server.memory_mb())

    watching = threading.Thread(target=watch)
    watching.start()
    status = "cut off"
    head = f"POST /_dash-update-component HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {BODY_BYTES}\r\n\r\n".encode()
    try:
        with socket.create_connection(("127.0.0.1", server.port), timeout=20) as asking:
            asking.sendall(head)
            with contextlib.suppress(OSError):
                for _ in range(BODY_BYTES // 1_000_000):
                    asking.sendall(b"x" * 1_000_000)
            status = asking.recv(64).decode("latin-1").split(" ")[1]
    except (OSError, IndexError):
        pass
    stopped.set()
    watching.join()
    server.stop()
    return f"{status}, +{max(0.0, peak[0] - before):,.0f} MB"
