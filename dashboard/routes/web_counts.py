"""Counts of this web process, published every few seconds so that any process can answer for all."""

from __future__ import annotations

import hashlib
import os
import socket
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from flask import Flask, Response, g, request

from dashboard.data.cache.store import CacheError
from dashboard.routes.web_registry import WebRegistry

PUBLISH_EVERY_S = 5.0
VIEWER_FOR_S = 30.0  # a viewer without a request for this long has left
MOST_VIEWERS = 5_000
MOST_BROWSER = 200  # characters of a browser's User-Agent
LIVE_KINDS = ("update", "frames")  # requests that an open page repeats
KINDS = {
    "_dash-update-component": "update", "frames": "frames", "api": "api", "metrics": "metrics", "healthz": "healthz",
    "login": "login", "password": "password", "modules": "assets",
    "assets": "assets", "_dash-component-suites": "assets",
}  # fmt: skip


class WebCounts:
    """Requests by kind and status, the seconds spent on them, and the viewers."""

    def __init__(self, web_registry: WebRegistry, clock: Callable[[], float] = time.time) -> None:
        self._registry, self._clock = web_registry, clock
        self._lock = threading.Lock()
        self._requests: Counter[tuple[str, str]] = Counter()
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self._viewers: dict[str, float] = {}
        self._published_ts = float("-inf")
        self.process = f"{socket.gethostname()}-{os.getpid()}"

    def count(self, path: str, status: int, seconds: float, viewer: str) -> None:
        """Count one request, and publish the counts when it is time."""
        now, kind = self._clock(), kind_of(path)
        with self._lock:
            self._requests[kind, str(status)] += 1
            self._seconds[kind] += seconds
            if kind in LIVE_KINDS and len(self._viewers) < MOST_VIEWERS:
                self._viewers[viewer] = now
            due = now - self._published_ts >= PUBLISH_EVERY_S
            if due:
                self._published_ts = now
        if due:
            self.publish()

    def publish(self) -> None:
        try:
            self._registry.publish(self.process, self.report())
        except CacheError:  # a page that shows frames has been counted already
            return

    def report(self) -> dict[str, Any]:
        """requests: [kind, status, count]; seconds: kind -> total; viewers: digests of recent clients."""
        now = self._clock()
        with self._lock:
            self._viewers = {who: at for who, at in self._viewers.items() if now - at < VIEWER_FOR_S}
            return {
                "requests": [[kind, status, count] for (kind, status), count in self._requests.items()],
                "seconds": {kind: round(total, 3) for kind, total in self._seconds.items()},
                "viewers": sorted(self._viewers),
            }


def count_requests(server: Flask, counts: WebCounts) -> None:
    """Count every answer, also refusals."""

    @server.before_request
    def begin() -> None:
        g.began = time.perf_counter()

    @server.after_request
    def end(response: Response) -> Response:
        viewer = digest_of(request.remote_addr, request.headers.get("User-Agent", "")[:MOST_BROWSER])
        began = g.get("began")  # absent when an earlier hook has failed
        counts.count(request.path, response.status_code, time.perf_counter() - began if began else 0.0, viewer)
        return response


@lru_cache(maxsize=MOST_VIEWERS)
def digest_of(address: str | None, browser: str) -> str:
    """A viewer, by address and browser; a digest, because the counts need no more."""
    return hashlib.blake2s(f"{address} {browser}".encode(), digest_size=6).hexdigest()


def kind_of(path: str) -> str:
    """One of a few kinds: with paths as labels a stranger could fill the memory of Prometheus."""
    for part in path.split("/")[1:3]:  # the second one on the pages below /wall/ and /board/
        if kind := KINDS.get(part):
            return kind
    return "page"
