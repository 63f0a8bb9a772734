"""`Chains` as they are now: answers come from the cache, never from the broker, and are memoised per version."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, cast

from dashboard.data.cache.memo import Memo
from dashboard.data.cache.store import Store
from dashboard.data.contract import codec, keys
from dashboard.data.contract.report import FeedReport
from dashboard.data.contract.state import number
from dashboard.data.reader.chains import LatestFrame
from dashboard.data.reader.directory import DirectoryQueries
from dashboard.data.reader.leases import Leases
from dashboard.data.reader.state import SeriesStatus, series_status
from dashboard.data.reader.summaries import Summaries
from dashboard.market.errors import FeedNotReady, MarketError
from dashboard.market.instruments import Directory, Series

FRAMES_KEPT = 128


class LiveChains(DirectoryQueries):
    """`Chains` of this moment. Cheap: one version poll per question, one decode per version and process.

    warm: underlyings whose nearest series anybody may watch, however many series are watched already.
    """

    def __init__(self, store: Store, *, clock: Callable[[], float] = time.time, warm: Sequence[str] = ()) -> None:
        super().__init__()
        self._clock = clock
        self._store = store
        self._warm = frozenset(warm)
        self._leases = Leases(store, clock)
        # What is lost with the cache goes on being true until its own date says otherwise.
        self._directory = Memo(store, lambda raw, version: codec.decode_directory(raw), kept=1, keep_lost=True)
        self._health = Memo(
            store, lambda raw, version: cast(FeedReport, codec.decode_report(raw)), kept=1, keep_lost=True
        )
        self._problems = Memo(store, lambda raw, version: codec.decode_report(raw), kept=FRAMES_KEPT)
        self._frames = Memo(
            store,
            lambda raw, version: LatestFrame(version, codec.with_version(raw, version), codec.as_of_ts(raw)),
            kept=FRAMES_KEPT,
            keep_lost=True,
        )
        self._summaries = Summaries(store)

    @property
    def store(self) -> Store:
        """The cache behind the answers, through which web processes share counts and ended sessions."""
        return self._store

    def now(self) -> float:
        """Our clock, UTC epoch seconds; pages count ages against it, so a wall screen's wrong clock does not matter."""
        return self._clock()

    def directory_version(self) -> int:
        """Grows when the list of underlyings or expiries changed; 0 before there is one."""
        return self._store.version(keys.DIRECTORY) or self._directory.known_version(keys.DIRECTORY)

    def directory(self) -> Directory:
        """All that can be chosen. Raises FeedNotReady until the feed has published it once."""
        directory = self._directory.latest(keys.DIRECTORY)
        if directory is None:
            raise FeedNotReady(
                "The list of underlyings has not arrived yet; the feed is starting or cannot reach the broker."
            )
        return directory

    def watch(self, series: Series, viewer: str = "") -> None:
        """Lease the series for a viewer, so that the feed keeps it fresh for another half minute.

        A series that is not listed is not leased. Raises TooManySeries when the viewer, or all together, watch as many
        as they may; the nearest series of the `warm` underlyings are never refused.
        """
        if self.is_listed(series):
            self._leases.renew(series, viewer, always=self._is_warm(series))

    def _is_warm(self, series: Series) -> bool:
        if series.underlying not in self._warm:
            return False
        try:
            return self.nearest(self.underlying(series.underlying)).date == series.expiry
        except MarketError:
            return False

    def frame(self, series: Series) -> LatestFrame | None:
        """The latest frame; None until there is one. A frame once seen stays when the cache is lost."""
        return self._frames.latest(keys.frame(series))

    def summary(self, series: Series) -> dict[str, Any] | None:
        """Header numbers of the latest frame with state and spot history; None until there is a frame."""
        return self._summaries.summary(series, self.status(series))

    def status(self, series: Series | None = None) -> SeriesStatus:
        """What the numbers of the series (None: the feed as a whole) are at this moment."""
        if series is None:
            return series_status(self.health(), None, self._clock())
        frame = self.frame(series)
        return series_status(
            self.health(),
            series,
            self._clock(),
            frame_as_of_ts=frame.as_of_ts if frame else None,
            problem=self._problems.latest(keys.problem(series)),
        )

    def health(self) -> FeedReport | None:
        """The feed's last report, however old; None when there is nothing to read."""
        return self._health.latest(keys.HEALTH)

    def market_ts(self) -> float | None:
        """The market's clock: ours, except in a replay, whose day may be any."""
        health = self.health()
        if health is None or not health.get("replay"):
            return self._clock()
        return number(health.get("market_ts"))
