"""The sink that writes frames into the cache, for every screen to read."""

from __future__ import annotations

import threading

from dashboard.data.cache.store import CacheError, Store
from dashboard.data.contract import codec, keys
from dashboard.data.contract.published import PublishedChain
from dashboard.data.feed.leases import Problem
from dashboard.data.feed.sinks import Sink
from dashboard.data.feed.term import TermStructures
from dashboard.market.instruments import Series

FRAME_TTL_S = 7 * 86_400.0  # outlives any holiday, and old series do not pile up in memory


class FrameWriter(Sink):
    """Encodes a published chain and puts it under its series' key. The publisher repeats what could not be written."""

    name = "cache"
    newest_only = True

    def __init__(self, store: Store, terms: TermStructures, *, demo: bool) -> None:
        self._store, self._terms, self._demo = store, terms, demo
        self._lock = threading.Lock()
        self._lost: set[Series] = set()
        self._written: dict[Series, int] = {}
        self._problems: dict[Series, Problem] = {}
        self.frames_failed = 0
        self.writes_failed = 0

    def take(self, published: PublishedChain) -> None:
        """Write the frame. Raises CacheError when the cache takes nothing."""
        chain, now_ts = published.chain, published.published_ts
        try:
            raw = codec.encode_frame(
                published,
                demo=self._demo,
                term=self._terms.structure(chain.underlying.name, now_ts),
                totals=self._terms.totals(chain.underlying, chain.market_ts, now_ts),
            )
            self._store.put(keys.frame(published.series), raw, ttl_s=FRAME_TTL_S, version=published.version)
        except CacheError:
            with self._lock:
                self.writes_failed += 1
                self._lost.add(published.series)
            raise
        except Exception:
            with self._lock:
                self.frames_failed += 1
                self._problems[published.series] = frame_failed(published.series)
            raise
        with self._lock:
            self._written[published.series] = published.version
            self._problems.pop(published.series, None)

    def written(self, series: Series) -> int:
        """Version of the last frame that the cache took; 0 before the first."""
        return self._written.get(series, 0)

    def take_lost(self) -> set[Series]:
        """Series whose last frame the cache did not take, since the last call."""
        with self._lock:
            lost, self._lost = self._lost, set()
        return lost

    def problems(self) -> dict[Series, Problem]:
        """Series whose last chain could not be encoded."""
        with self._lock:
            return dict(self._problems)

    def forget(self, series: Series) -> None:
        with self._lock:
            self._lost.discard(series)
            self._written.pop(series, None)
            self._problems.pop(series, None)


def frame_failed(series: Series) -> Problem:
    """What a viewer reads when the numbers of a series cannot be computed or encoded."""
    return Problem("frame_failed", f"{series.name} cannot be computed; the last frame stays.")
