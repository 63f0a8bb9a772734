"""A whole board under made-up requests and slow clients for MINUTES (half a one in the suite): nothing fails or grows.

MINUTES=10 python -m pytest -s tests/wire/test_fuzz_board.py
"""

from __future__ import annotations

import http.client
import os
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import psutil
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.data.cache.store import open_store
from dashboard.data.reader.live import LiveChains
from dashboard.settings import DEFAULT_UNDERLYINGS
from harness.board import BoardProcess
from harness.feed import nearest
from harness.process import eventually
from tests.fuzz import Asked, an_app, callback_requests, route_requests, rules, wirings
from tests.wire.fault_bench import cache_of
from tests.wire.test_faults_web import memory_mb, workers
from tests.wire.web_attack import SLOW, ask, port_of, slow_clients

MINUTES = float(os.environ.get("MINUTES", "0.5"))
SLOW_CLIENTS = 100
MOST_KEYS = 600  # six indices, leases, and what web processes say of themselves
pytestmark = [pytest.mark.wire, pytest.mark.timeout(MINUTES * 60 + 180)]


class Sender:
    """Sends requests over one kept connection and counts the answers by status; 0 when there was none."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._link = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        self.statuses: Counter[int] = Counter()
        self.failed: list[Asked] = []

    def send(self, asked: Asked) -> None:
        try:
            headers = {"Host": "localhost"} | asked.headers
            self._link.request(asked.method, asked.path, asked.body or None, headers)
            answer = self._link.getresponse()
            answer.read()
            status = answer.status
        except (OSError, http.client.HTTPException, ValueError):  # ValueError: a header that Python does not send
            self._link.close()
            status = 0
        self.statuses[status] += 1
        if status == 500:
            self.failed.append(asked)

    def close(self) -> None:
        self._link.close()


class Indices:
    """Asks once a second how the board says its indices are."""

    def __init__(self, board: BoardProcess) -> None:
        self._board, self._stopped = board, threading.Event()
        self.asked, self.other = 0, Counter[str]()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> Indices:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stopped.wait(1.0):
            status, report = self._board.get("/healthz", timeout_s=10)
            self.asked += 1
            if status != 200:
                self.other[f"/healthz {status}"] += 1
                continue
            told = {entry["key"].partition("|")[0]: entry["state"] for entry in report["series"]}
            for name in DEFAULT_UNDERLYINGS:
                if told.get(name) != "live":
                    self.other[f"{name} {told.get(name)}"] += 1


def test_a_board_that_is_fuzzed_stays_as_it_was(tmp_path: Path) -> None:
    app = an_app()
    listed, found = rules(app), wirings(app)
    with BoardProcess(environment={"CHAINBOARD_CACHE": f"disk://{tmp_path}"}) as board:
        chains = LiveChains(open_store(f"disk://{cache_of(board, tmp_path)}"))
        nearest(chains)
        eventually(board.is_well, within_s=60, what="the board is well")
        port, web, feed = port_of(board.url), board.child("dashboard.web"), board.child("dashboard.data.feed")
        sender = Sender(port)

        @settings(max_examples=200, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(st.data())
        def send_some(data: st.DataObject) -> None:
            sender.send(data.draw(route_requests(listed)))
            sender.send(data.draw(callback_requests(found)))

        eventually(lambda: not _unready(board), within_s=60, what="every index is live")
        send_some()  # imports, pools, first answers of each kind
        before, own = _sizes(web, feed, chains), workers(web)
        until = time.monotonic() + MINUTES * 60
        with Indices(board) as indices:
            while time.monotonic() < until:
                for sent in SLOW.values():
                    with slow_clients(port, SLOW_CLIENTS, sent):
                        send_some()
                        assert ask(port, "/healthz", 5.0)[0] == 200
        after = _sizes(web, feed, chains)
        sender.close()
        print(
            f"\nfuzz: {MINUTES:g} minutes, {sender.statuses.total():,} requests, statuses {dict(sender.statuses)}; "
            f"web {before[0]:.0f} -> {after[0]:.0f} MB, feed {before[1]:.0f} -> {after[1]:.0f} MB, "
            f"keys {before[2]:.0f} -> {after[2]:.0f}; /healthz asked {indices.asked} times, "
            f"not live: {dict(indices.other)}"
        )
        assert sender.failed == []
        assert indices.other == Counter()
        assert workers(web) == own
        assert after[0] - before[0] < 40
        assert after[1] - before[1] < 40
        assert after[2] < MOST_KEYS


def _unready(board: BoardProcess) -> list[Any]:
    report = board.get("/healthz")[1]
    live = {entry["key"].partition("|")[0] for entry in report.get("series", ()) if entry["state"] == "live"}
    return [name for name in DEFAULT_UNDERLYINGS if name not in live]


def _sizes(web: psutil.Process, feed: psutil.Process, chains: LiveChains) -> tuple[float, float, float]:
    return memory_mb(web), memory_mb(feed), float(len(chains.store.keys("")))
