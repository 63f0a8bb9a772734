"""From a series' ticks and polls to a `PublishedChain` for every sink, once per change."""

from __future__ import annotations

import logging
import math
import time
from collections import deque
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from dashboard.data.brokers.protocol import StreamStatus
from dashboard.data.cache.store import Store
from dashboard.data.contract import keys
from dashboard.data.contract.published import PublishedChain
from dashboard.data.contract.state import Conditions
from dashboard.data.feed.chain_builder import ChainBuilder
from dashboard.data.feed.compute import Computation
from dashboard.data.feed.frame_writer import FrameWriter, frame_failed
from dashboard.data.feed.leases import Problem
from dashboard.data.feed.sinks import Sink, Sinks
from dashboard.data.feed.spot_history import SpotHistories
from dashboard.data.feed.term import TermStructures
from dashboard.data.feed.tick_book import TickBook
from dashboard.market.calendar import MarketCalendar
from dashboard.market.chain import Chain
from dashboard.market.instruments import Series
from dashboard.market.session import FeedState
from dashboard.settings import Settings

log = logging.getLogger(__name__)

LOG_EVERY = 100  # a fault that repeats twice a second is logged the first time and then now and then


@dataclass(frozen=True, slots=True)
class LastFrame:
    """The last publication of a series. since_ts: when its state began; ticked_ts, polled_ts: its newest tick and poll,
    all on our clock. old_legs: how many of its legs are older than the rest (`ChainBuilder.old_legs`).
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
    """Emits a chain only when its content or state has changed, so a version always stands for something new.

    Nothing is emitted as a heartbeat: a frame carries the time of its data, and the health report shows the feed's.
    """

    def __init__(
        self,
        store: Store,
        settings: Settings,
        clock: Callable[[], float],
        *,
        calendar: MarketCalendar | None = None,
        sinks: Sequence[Sink] = (),
    ) -> None:
        """calendar: as for `Computation`. sinks: further receivers of published chains, each in a thread of its own."""
        self._computation = Computation(store, settings, calendar)
        self._store = store
        self._settings = settings
        self._clock = clock
        self.published: dict[Series, LastFrame] = {}
        self.term = TermStructures()
        self._writer = FrameWriter(store, self.term, demo=settings.demo)
        self.sinks = Sinks(in_memory=[self.term], threaded=[self._writer, SpotHistories(store), *sinks])
        self.frames_total = 0
        self._on_screen: dict[Series, LastFrame] = {}  # the last that the cache took, while a newer one is on its way
        self._not_computed: dict[Series, Problem] = {}
        self._computing_failed = 0
        self.recorded_shift_s: float | None = None  # in a replay: from the recorded day to the one it is played on
        self._left: deque[Series] = deque()  # of a round that ran out of time

    @property
    def problems(self) -> dict[Series, Problem]:
        """Series that cannot be computed or encoded at the moment."""
        return self._not_computed | self._writer.problems()

    @property
    def frames_failed(self) -> int:
        return self._computing_failed + self._writer.frames_failed

    @property
    def writes_failed(self) -> int:
        return self._writer.writes_failed

    def publish(
        self,
        book: TickBook,
        wanted: Collection[Series],
        conditions: Conditions,
        link: StreamStatus | None = None,
        *,
        within_s: float = math.inf,
    ) -> None:
        """Emit what is new of the wanted series. A fault in one is counted and logged, and stops no other.

        link: the stream as it is now. within_s: time for this call; what is left then comes first in the next one, so
        that the feed's heartbeat does not depend on how many series are watched.
        """
        market_ts = book.exchange_ts if self._settings.replay else None
        started = time.monotonic()
        for series in self._writer.take_lost() & book.series.keys():
            book.series[series].mark_changed()
        if not self._left:
            self._left.extend(wanted)
        while self._left:
            series = self._left.popleft()
            chain_builder = book.series.get(series)
            if chain_builder is None:
                continue
            try:
                published = self._next(chain_builder, book, conditions, market_ts, link)
            except Exception:  # whatever is wrong with this chain, the others must go on
                self._computing_failed += 1
                if self._computing_failed % LOG_EVERY == 1:
                    log.exception("no frame of %s", series.key)
                self._not_computed[series] = frame_failed(series)
            else:
                if published is not None:
                    self._not_computed.pop(series, None)
                    self._emit(published, chain_builder)
            if time.monotonic() - started >= within_s:
                break

    def _emit(self, published: PublishedChain, chain_builder: ChainBuilder) -> None:
        series, before = published.series, self.published.get(published.series)
        if before is not None and self._writer.written(series) == before.version:
            self._on_screen[series] = before
        same_state = before is not None and before.state is published.state
        self.published[series] = LastFrame(
            published.version,
            published.chain.as_of_ts,
            published.state,
            before.since_ts if before is not None and same_state else published.published_ts,
            len(published.chain.strikes),
            chain_builder.ticked_ts,
            math.nan if chain_builder.polled_ts is None else chain_builder.polled_ts,
            int(published.old.sum()),
        )
        self.frames_total += 1
        self.sinks.emit(published)

    def _next(
        self,
        chain_builder: ChainBuilder,
        book: TickBook,
        conditions: Conditions,
        market_ts: float | None,
        link: StreamStatus | None,
    ) -> PublishedChain | None:
        """What to publish of the series now; None when nothing about it has changed."""
        now, before = self._clock(), self.published.get(chain_builder.series)
        chain = chain_builder.chain(book.latest, market_ts=market_ts) if chain_builder.changed else None
        if link is not None and link.since_ts is not None and link.last_frame_ts is not None:
            chain_builder.confirm(link.since_ts, link.last_frame_ts)
        if math.isnan(chain_builder.newest_ts):
            return None  # a spot alone is no chain
        polled_ts = math.nan if chain_builder.polled_ts is None else chain_builder.polled_ts
        state = conditions.state(chain_builder.series, chain_builder.ticked_ts, polled_ts, now)
        if chain is None:
            if before is not None and before.state is state:
                return None
            chain = chain_builder.chain(book.latest, market_ts=market_ts)
        closed = state is FeedState.CLOSED
        old_after_s = conditions.fresh_for_s(chain_builder.series)
        old = chain_builder.old_legs(math.inf if closed else old_after_s)  # after the close all stands
        return PublishedChain(
            self._computation.enriched(chain, closed=closed, old=old),
            state,
            self._next_version(chain_builder.series, now),
            now,
            old,
            old_after_s,
            self._computation.day_moves.today(chain_builder.series.underlying, chain.market_ts),
            self.recorded_shift_s,
        )

    def _next_version(self, series: Series, now_ts: float) -> int:
        """Milliseconds of our clock, above the series' last version, also that of an earlier feed."""
        before = self.published.get(series)
        last = self._store.version(keys.frame(series)) if before is None else before.version
        return max(int(now_ts * 1000), last + 1)

    def note_survey(self, chain: Chain, market_ts: float | None) -> None:
        """Take a chain nobody watches into the term structure. market_ts: the exchange's clock in a replay."""
        now = self._clock()
        dated = chain if market_ts is None else replace(chain, market_ts=market_ts)
        self.term.note(self._computation.enriched(dated, closed=False), now)

    def states(self) -> dict[Series, FeedState]:
        """The state in which screens can read each series."""
        return {series: frame.state for series, frame in self._readable().items()}

    def current(self, conditions: Conditions, now_ts: float) -> dict[Series, LastFrame]:
        """What screens can read of each series, with the state it is in now: one nobody watches any more goes stale."""
        found = {}
        for series, frame in self._readable().items():
            state = conditions.state(series, frame.ticked_ts, frame.polled_ts, now_ts)
            found[series] = frame if state is frame.state else replace(frame, state=state, since_ts=now_ts)
        return found

    def _readable(self) -> dict[Series, LastFrame]:
        """A frame that the cache has not taken yet does not count; the one before it does, at its age."""
        found = {}
        for series, newest in self.published.items():
            frame = newest if self._writer.written(series) == newest.version else self._on_screen.get(series)
            if frame is not None:
                found[series] = frame
        return found

    def put_back_lost(self, book: TickBook) -> None:
        """Publish again what the cache has lost: a deleted directory, a restarted Redis."""
        for series in self.published:
            if series in book.series and self._store.version(keys.frame(series)) == 0:
                book.series[series].mark_changed()

    def forget(self, series: Series) -> None:
        """Drop what is remembered of a series; its last frame stays in the cache."""
        self.published.pop(series, None)
        self._on_screen.pop(series, None)
        self._not_computed.pop(series, None)
        self._writer.forget(series)

    def close(self) -> None:
        """Let every sink finish what it was given, for a moment."""
        self.sinks.close()
