"""From a series' book to its frame in the cache, once per change."""

from __future__ import annotations

import logging
import math
import time
from collections import deque
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashboard.analytics.day_move import DayMove
from dashboard.analytics.daycount import sessions_until
from dashboard.analytics.enrich import enrich
from dashboard.analytics.enriched import Enriched
from dashboard.data.brokers.protocol import StreamStatus
from dashboard.data.cache.store import CacheError, Store
from dashboard.data.contract import codec, keys
from dashboard.data.feed.chain_builder import ChainBuilder
from dashboard.data.feed.day_move import DayMoves
from dashboard.data.feed.leases import Problem
from dashboard.data.feed.spot_history import SpotHistories
from dashboard.data.feed.state import Conditions
from dashboard.data.feed.term import TermStructures
from dashboard.data.feed.tick_book import TickBook
from dashboard.market.calendar import MarketCalendar
from dashboard.market.chain import Array, Chain, Legs
from dashboard.market.instruments import Series
from dashboard.market.session import FeedState, ist_date
from dashboard.settings import Settings

log = logging.getLogger(__name__)

FRAME_TTL_S = 7 * 86_400.0  # outlives any holiday, and old series do not pile up in memory
SESSIONS_KEPT = 500  # counts of sessions, by day and cutoff
LOG_EVERY = 100  # a fault that repeats twice a second is logged the first time and then now and then


@dataclass(frozen=True, slots=True)
class Published:
    """The last frame of a series. since_ts: when its state began; ticked_ts, polled_ts: its newest tick and poll; all
    times on our clock. old_legs: how many of its legs are older than the rest (`ChainBuilder.old_legs`).
    """

    version: int
    as_of_ts: float
    state: FeedState
    since_ts: float
    rows: int
    ticked_ts: float
    polled_ts: float
    old_legs: int


class Publisher:
    """Writes frames: only of series whose content or state has changed, so a version always means something new.

    There is no heartbeat frame: a frame carries the time of its data, and the health report tells the feed's pulse.
    """

    def __init__(
        self, store: Store, settings: Settings, clock: Callable[[], float], *, calendar: MarketCalendar | None = None
    ) -> None:
        """calendar: hours and holidays, for the time of the last close, and where time to expiry counts sessions."""
        self._calendar = calendar
        self._sessions_known: dict[tuple[date, float], Array] = {}
        self._store = store
        self._settings = settings
        self._clock = clock
        self._trails = SpotHistories(store)
        self.published: dict[Series, Published] = {}
        self.problems: dict[Series, Problem] = {}
        self.term = TermStructures()
        self.day_moves = DayMoves(store, self._sessions, always_open=settings.demo or settings.replay)
        self.frames_total = 0
        self.frames_failed = 0
        self.writes_failed = 0
        self.recorded_shift_s: float | None = None  # in a replay: from the recorded day to the one it is played on
        self._left: deque[Series] = deque()  # of a round that ran out of time

    def publish(
        self,
        book: TickBook,
        wanted: Collection[Series],
        conditions: Conditions,
        link: StreamStatus | None = None,
        *,
        within_s: float = math.inf,
    ) -> None:
        """Write what is new of the wanted series. A fault in one is counted and told, and stops no other.

        link: the stream as it is now. within_s: time for this call; what is left then comes first in the next one, so
        that the feed's pulse does not depend on how many series are watched.
        """
        market_ts = book.exchange_ts if self._settings.replay else None
        started = time.monotonic()
        if not self._left:
            self._left.extend(wanted)
        while self._left:
            series = self._left.popleft()
            chain_builder = book.series.get(series)
            if chain_builder is None:
                continue
            try:
                if self._publish_one(chain_builder, book, conditions, market_ts, link):
                    self.problems.pop(series, None)
            except CacheError as error:
                chain_builder.mark_changed()
                self.writes_failed += 1
                if self.writes_failed % LOG_EVERY == 1:
                    log.warning("%s", error)
            except Exception:  # whatever is wrong with this chain, the others must go on
                self.frames_failed += 1
                if self.frames_failed % LOG_EVERY == 1:
                    log.exception("no frame of %s", series.key)
                name = f"{series.underlying} {series.expiry:%d-%b-%y}"
                self.problems[series] = Problem("frame_failed", f"{name} cannot be computed; the last frame stays.")
            if time.monotonic() - started >= within_s:
                break

    def _publish_one(
        self,
        chain_builder: ChainBuilder,
        book: TickBook,
        conditions: Conditions,
        market_ts: float | None,
        link: StreamStatus | None,
    ) -> bool:
        now, before = self._clock(), self.published.get(chain_builder.series)
        chain = chain_builder.chain(book.latest, market_ts=market_ts) if chain_builder.changed else None
        if link is not None and link.since_ts is not None and link.last_frame_ts is not None:
            chain_builder.confirm(link.since_ts, link.last_frame_ts)
        if math.isnan(chain_builder.newest_ts):
            return False  # a spot alone is no chain
        polled_ts = math.nan if chain_builder.polled_ts is None else chain_builder.polled_ts
        state = conditions.state(chain_builder.series, chain_builder.ticked_ts, polled_ts, now)
        if chain is None:
            if before is not None and before.state is state:
                return False
            chain = chain_builder.chain(book.latest, market_ts=market_ts)
        settings = self._settings
        old_after_s = conditions.fresh_for_s(chain_builder.series)
        old = chain_builder.old_legs(
            math.inf if state is FeedState.CLOSED else old_after_s
        )  # after the close all stands
        enriched = self._enriched(chain, closed=state is FeedState.CLOSED, old=old)
        self.term.note(enriched, now)
        raw = codec.encode_frame(
            enriched,
            state=state,
            settings=settings,
            term=self.term.of(chain_builder.series.underlying, now),
            totals=self.term.totals(chain.underlying, chain.market_ts, now),
            day_move=self.day_moves.of(chain_builder.series.underlying, chain.market_ts),
            old=old,
            old_after_s=old_after_s,
            recorded_shift_s=self.recorded_shift_s,
        )
        version = self._store.put(keys.frame(chain_builder.series), raw, ttl_s=FRAME_TTL_S)
        since_ts = before.since_ts if before is not None and before.state is state else now
        self.published[chain_builder.series] = Published(
            version,
            chain.as_of_ts,
            state,
            since_ts,
            len(chain.strikes),
            chain_builder.ticked_ts,
            polled_ts,
            int(old.sum()),
        )
        self.frames_total += 1
        if state in (FeedState.LIVE, FeedState.REPLAY):
            self._trails.note(chain)
        return True

    def note_survey(self, chain: Chain, market_ts: float | None) -> None:
        """Take a chain nobody watches into the term structure. market_ts: the exchange's clock in a replay."""
        now = self._clock()
        told = chain if market_ts is None else replace(chain, market_ts=market_ts)
        self.term.note(self._enriched(told, closed=False), now)

    def _enriched(self, chain: Chain, *, closed: bool, old: NDArray[np.bool_] | None = None) -> Enriched:
        """Compute the chain as if nothing were known of its old legs; their last values stay on screen, dated."""
        settings = self._settings
        sessions = self._sessions(chain.market_ts, chain.expiry.cutoff_ts) if settings.day_count == "trading" else None
        calculated = chain if old is None or not old.any() else without(chain, old)
        now_ts = self._traded_until(chain) if closed else chain.market_ts

        def numbers(fixed: DayMove | None) -> Enriched:
            return enrich(
                calculated,
                rate=settings.rate,
                now_ts=now_ts,
                dealer_long_calls=settings.dealer_long_calls,
                trading_sessions=sessions,
                day_move=math.nan if fixed is None else fixed.rupees,
            )

        before = self.day_moves.of(chain.underlying.name, chain.market_ts)
        enriched = numbers(before)
        self.day_moves.note(enriched)
        fixed = self.day_moves.of(chain.underlying.name, chain.market_ts)
        return replace(enriched if fixed is before else numbers(fixed), chain=chain)

    def _sessions(self, market_ts: float, cutoff_ts: float) -> Array:
        """Sessions between the two, which are the same at every moment of a day: counted once."""
        if not math.isfinite(market_ts):
            return sessions_until(market_ts, cutoff_ts, self._calendar)
        asked = ist_date(market_ts), cutoff_ts
        if asked not in self._sessions_known:
            if len(self._sessions_known) >= SESSIONS_KEPT:
                self._sessions_known.clear()
            self._sessions_known[asked] = sessions_until(market_ts, cutoff_ts, self._calendar)
        return self._sessions_known[asked]

    def _traded_until(self, chain: Chain) -> float:
        """The last close, against which the age of a last trade counts when the market is closed.

        By the calendar; by the chain's own last trade where that keeps no hours of this market (the demo, a replay),
        and where it calls a day a session on which nothing was traded (a holiday that it does not know).
        """
        trades = np.concatenate((chain.call.trade_ts, chain.put.trade_ts))
        last_ts = float(np.nanmax(trades)) if np.isfinite(trades).any() else chain.market_ts
        if self._calendar is None or self._settings.demo or self._settings.replay:
            return last_ts
        close_ts = self._calendar.last_close(chain.market_ts)
        return last_ts if close_ts is None or ist_date(last_ts) != ist_date(close_ts) else close_ts

    def states(self) -> dict[Series, FeedState]:
        """The state each series was last published in."""
        return {series: frame.state for series, frame in self.published.items()}

    def told(self, conditions: Conditions, now_ts: float) -> dict[Series, Published]:
        """The last frames with the state their series is in now: one nobody watches any more goes stale too."""
        now_in = {
            series: conditions.state(series, frame.ticked_ts, frame.polled_ts, now_ts)
            for series, frame in self.published.items()
        }
        return {
            series: frame if now_in[series] is frame.state else replace(frame, state=now_in[series], since_ts=now_ts)
            for series, frame in self.published.items()
        }

    def put_back_lost(self, book: TickBook) -> None:
        """Publish again what the cache has lost: a deleted directory, a restarted Redis."""
        for series in self.published:
            if series in book.series and self._store.version(keys.frame(series)) == 0:
                book.series[series].mark_changed()

    def forget(self, series: Series) -> None:
        """Drop what is remembered of a series; its last frame stays in the cache."""
        self.published.pop(series, None)
        self.problems.pop(series, None)


def without(chain: Chain, old: NDArray[np.bool_]) -> Chain:
    """The chain with the prices and quantities of these legs unknown. old: (2, n), calls then puts."""
    unknown = dict.fromkeys(("bid", "ask", "bid_qty", "ask_qty", "volume", "oi", "oi_change"), math.nan)
    blanks = unknown | {"trade_ts": 0.0, "tick_ts": 0.0}  # an LTP of long ago: its status then says that it is old

    def blanked(legs: Legs, rows: NDArray[np.bool_]) -> Legs:
        columns: Any = {name: np.where(rows, blank, getattr(legs, name)) for name, blank in blanks.items()}
        return replace(legs, **columns)

    return replace(chain, call=blanked(chain.call, old[0]), put=blanked(chain.put, old[1]))
