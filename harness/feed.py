"""A feed as a process of its own against a sandbox, and the screen that reads its cache."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dashboard.data.cache.store import open_store
from dashboard.data.reader.live import LiveChains
from dashboard.market.errors import FeedNotReady
from dashboard.market.instruments import Series
from dashboard.market.session import FeedState
from harness.process import ChildProcess, eventually


def nearest(screen: LiveChains, underlying: str = "NIFTY", number: int = 0) -> Series:
    """A series of the directory, once there is one; number: how many expiries later than the nearest."""

    def listed() -> Series | None:
        try:
            return Series(underlying, screen.underlying(underlying).expiries[number].date)
        except FeedNotReady:
            return None

    found = eventually(listed, what="a directory")
    assert found is not None
    return found


def report_of(screen: LiveChains) -> dict[str, Any]:
    """The feed's report as plain JSON; empty before there is one."""
    return {**(screen.health() or {})}


class FeedProcess(ChildProcess):
    """A feed, and a screen that reads its cache."""

    def __init__(self, folder: Path, environment: Mapping[str, str], cache: str | None = None, **settings: str) -> None:
        self.cache = cache or f"disk://{folder / 'cache'}"
        own = {
            "CHAINBOARD_DEMO": "1",
            "CHAINBOARD_CACHE": self.cache,
            "CHAINBOARD_DATA_DIR": str(folder / "data"),
            "CHAINBOARD_UNDERLYINGS": "NIFTY,SENSEX",
        }
        super().__init__([sys.executable, "-m", "dashboard.data.feed"], {**environment, **own, **settings})
        self._screen: LiveChains | None = None

    @property
    def screen(self) -> LiveChains:
        if self._screen is None:
            self._screen = LiveChains(open_store(self.cache))
        return self._screen

    # --- what the screen sees -------------------------------------------------------------------------------
    def nearest(self, underlying: str, number: int = 0) -> Series:
        return nearest(self.screen, underlying, number)

    def frame(self, series: Series) -> dict[str, Any] | None:
        frame = self.screen.frame(series)
        return json.loads(frame.text) if frame else None

    def state(self, series: Series | None = None) -> FeedState:
        return self.screen.status(series).state

    def wait_until_live(self, series: Series) -> dict[str, Any]:
        eventually(lambda: self.state(series) is FeedState.LIVE, what=lambda: f"{series} is live\n{self.output()}")
        return eventually(lambda: self.frame(series), what=f"a frame of {series}") or {}
