"""Leases of viewers on series, bounded: of one viewer, and in all.

Only a listed series can be leased. The bounds refuse what is new and never end a lease that somebody renews, so nobody
can push others out; a lease ends by itself half a minute after its last viewer has gone.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from dashboard.data.cache.store import CacheError, Store
from dashboard.data.contract import keys
from dashboard.market.errors import TooManySeries
from dashboard.market.instruments import Series

log = logging.getLogger(__name__)

LEASE_TTL_S = 30.0
LEASE_EVERY_S = 5.0  # one process writes a lease at most this often, however many viewers it has
MOST_LEASES = 200  # in all; the series that are kept warm anyway count, but are never refused
MOST_OF_ONE = 24  # of one viewer
MOST_VIEWERS = 5_000  # of whom it is remembered what they watch
LOOK_EVERY_S = 1.0  # how often the cache is asked what others have leased


class Leases:
    """One web process's leases. Safe for threads."""

    def __init__(self, store: Store, clock: Callable[[], float]) -> None:
        self._store, self._clock = store, clock
        self._lock = threading.Lock()
        self._renewed: dict[Series, float] = {}
        self._of: dict[str, dict[Series, float]] = {}
        self._swept = float("-inf")
        self._looked = float("-inf")
        self._taken: frozenset[str] = frozenset()

    def renew(self, series: Series, viewer: str, *, always: bool) -> None:
        """Keep the series for another while. always: it is never refused. Raises TooManySeries."""
        now = self._clock()
        with self._lock:
            self._sweep(now)
            own = self._of.get(viewer)
            known = own is not None and series in own
            if not known and not always and own is not None and len(own) >= MOST_OF_ONE:
                raise TooManySeries(f"You watch {MOST_OF_ONE} series already; one is free half a minute after its end.")
            if own is not None:
                own[series] = now
            elif len(self._of) < MOST_VIEWERS:
                self._of[viewer] = {series: now}
            age = now - self._renewed.get(series, float("-inf"))
        if 0 <= age < LEASE_EVERY_S:  # below 0: the clock was set back
            return
        if age >= LEASE_TTL_S and not always and self._full(series, now):
            with self._lock:
                self._of.get(viewer, {}).pop(series, None)
            raise TooManySeries(f"{MOST_LEASES} series are watched already, which is all this board follows at once.")
        with self._lock:
            self._renewed[series] = now
        try:
            self._store.put(keys.lease(series), b"", ttl_s=LEASE_TTL_S)
        except CacheError as error:
            log.warning("lease of %s not renewed: %s", series.key, error)

    def _full(self, series: Series, now: float) -> bool:
        """Whether there is no room for a series that this process has not leased lately."""
        if not 0 <= now - self._looked < LOOK_EVERY_S:
            self._looked, self._taken = now, frozenset(self._store.keys(keys.LEASE_PREFIX))
        own = {keys.lease(leased) for leased in list(self._renewed)}
        return keys.lease(series) not in self._taken and len(self._taken | own) >= MOST_LEASES

    def _sweep(self, now: float) -> None:
        """Forget what has ended. Once a second is often enough, as a lease lives for thirty."""
        if 0 <= now - self._swept < LOOK_EVERY_S:
            return
        self._swept = now
        self._renewed = {series: at for series, at in self._renewed.items() if 0 <= now - at < LEASE_TTL_S}
        for viewer, own in list(self._of.items()):
            living = {series: at for series, at in own.items() if 0 <= now - at < LEASE_TTL_S}
            if living:
                self._of[viewer] = living
            else:
                del self._of[viewer]
