"""A feed as a process of its own against a sandbox, and the screen that reads its cache."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import psutil

from dashboard.data.cache.store import open_store
from dashboard.data.reader.live import LiveChains
from dashboard.market.errors import FeedNotReady
from dashboard.market.instruments import Series
from dashboard.market.session import FeedState

T = TypeVar("T")

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 30.0  # for what has no deadline of its own; two busy cores are slow to start processes


def eventually(condition: Callable[[], T], within_s: float = PATIENCE_S) -> T:
    """The first truthy answer of `condition`, asked again and again."""
    deadline = time.monotonic() + within_s
    while not (answer := condition()):
        assert time.monotonic() < deadline, f"not within {within_s:.0f} s"
        time.sleep(0.02)
    return answer


class FeedProcess:
    """A feed in a process of its own, and a screen that reads its cache."""

    def __init__(self, folder: Path, environment: dict[str, str], cache: str | None = None, **settings: str) -> None:
        self.cache = cache or f"disk://{folder / 'cache'}"
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("FYERS_", "CHAINBOARD_"))},
            **environment,
            "CHAINBOARD_DEMO": "1",
            "CHAINBOARD_CACHE": self.cache,
            "CHAINBOARD_DATA_DIR": str(folder / "data"),
            "CHAINBOARD_UNDERLYINGS": "NIFTY,SENSEX",
            **settings,
        }
        self.process: subprocess.Popen[bytes] | None = None
        self._words = folder / "feed.log"
        self._screen: LiveChains | None = None

    @property
    def screen(self) -> LiveChains:
        if self._screen is None:
            self._screen = LiveChains(open_store(self.cache))
        return self._screen

    def start(self) -> FeedProcess:
        command = [sys.executable, "-m", "dashboard.data.feed"]
        # Into a file: a pipe that nobody reads would in the end stop the feed.
        with self._words.open("w") as words:
            self.process = subprocess.Popen(command, cwd=ROOT, env=self.environment, stderr=words)
        return self

    def outcome(self, within_s: float = PATIENCE_S) -> tuple[int, str]:
        """Exit code and last words of a feed that ends by itself."""
        assert self.process is not None
        return self.process.wait(within_s), self._words.read_text()

    def children(self) -> list[psutil.Process]:
        assert self.process is not None
        return psutil.Process(self.process.pid).children(recursive=True)

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(10)

    def __enter__(self) -> FeedProcess:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # What the screen sees

    def nearest(self, underlying: str, number: int = 0) -> Series:
        """A series of the directory, once there is one."""

        def listed() -> Series | None:
            try:
                return Series(underlying, self.screen.underlying(underlying).expiries[number].date)
            except FeedNotReady:
                return None

        found = eventually(listed)
        assert found is not None
        return found

    def frame(self, series: Series) -> dict[str, Any] | None:
        frame = self.screen.frame(series)
        return json.loads(frame.text) if frame else None

    def state(self, series: Series | None = None) -> FeedState:
        return self.screen.status(series).state

    def wait_until_live(self, series: Series) -> dict[str, Any]:
        eventually(lambda: self.state(series) is FeedState.LIVE)
        return eventually(lambda: self.frame(series)) or {}


def gone(processes: list[psutil.Process]) -> bool:
    return not any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in processes)
