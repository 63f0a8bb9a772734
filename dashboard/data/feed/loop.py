"""The feed's loop: ticks into the book, answers of the REST worker into the book, the book into frames."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable

from dashboard.data.brokers.protocol import MarketData
from dashboard.data.cache.lock import WriterLock
from dashboard.data.cache.memo import Memo
from dashboard.data.cache.store import CacheError, Store
from dashboard.data.contract import codec, keys
from dashboard.data.contract.state import Conditions, overall
from dashboard.data.feed.broker import Broker
from dashboard.data.feed.health import HealthReporter
from dashboard.data.feed.hours import MarketHours, market_hours
from dashboard.data.feed.leases import Problem, Subscription, Wanted, wanted
from dashboard.data.feed.problems import Problems
from dashboard.data.feed.publish import Publisher
from dashboard.data.feed.rest_worker import RestWorker
from dashboard.data.feed.tick_book import TickBook
from dashboard.market.calendar import load_calendar
from dashboard.market.instruments import Directory, Series
from dashboard.market.session import FeedState
from dashboard.settings import Settings

log = logging.getLogger(__name__)

LOOK_AT_LEASES_S = 0.25
REPORT_S = 1.0
PUT_BACK_S = 2.0
EXPIRE_S = 1.0  # how soon an expiry that passes is noticed while the leases stay the same
KEEP_COLD_S = 120.0  # switching back within this time shows the series at once
LONGEST_WAIT_S = 0.1
CLOCK_STEP_S = 2.0
PUBLISH_WITHIN_S = 1.0  # of one turn: more series than that takes are published in turns, and the pulse goes on
GATHER_S = 0.01  # ticks come by the thousand; taking them in handfuls costs less than one by one


class Every:
    """True at most once per period, and the first time."""

    def __init__(self, period_s: float, monotonic: Callable[[], float]) -> None:
        self._period_s = period_s
        self._monotonic = monotonic
        self._due = float("-inf")

    def __call__(self) -> bool:
        now = self._monotonic()
        if now < self._due:
            return False
        in_step = self._due + self._period_s
        self._due = in_step if in_step > now else now + self._period_s
        return True

    def wait_s(self) -> float:
        return max(0.0, self._due - self._monotonic())


class Feed:
    """One feed. `turn` does a bit of everything and never waits long; `run` turns until it is asked to stop."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        provider: MarketData,
        lock: WriterLock,
        *,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        worker: RestWorker | None = None,
    ) -> None:
        self._settings, self._store, self._lock = settings, store, lock
        self._clock, self._monotonic = clock, monotonic
        self._provider = provider
        self._stream = provider.open_stream()
        self.book = TickBook()
        self.broker = Broker(
            provider, worker or RestWorker(clock), self.book, monotonic, rate=settings.rate, replay=settings.replay
        )
        self._subscription = Subscription(self._stream, monotonic)
        self._publisher = Publisher(store, settings, clock, calendar=load_calendar(settings.data_dir))
        self._problems = Problems(store, monotonic)
        self._reporter = HealthReporter(settings, clock())
        # The demo's market and a recording keep hours of their own.
        self._calendar = None if settings.demo or settings.replay else load_calendar(settings.data_dir)
        self._clock_ahead_s = clock() - monotonic()
        self._news_at, self._news_seen = monotonic(), 0  # when a tick or an answered poll last came, and how many had
        self._wanted = Wanted()
        self._leases: frozenset[str] = frozenset()
        self._leases_of: Directory | None = None  # the directory by which they were looked up
        self._directory_seen: Directory | None = None
        self._directory_put: Directory | None = None
        # What an earlier feed published is good enough to go on with while the broker's lists cannot be had.
        self._directory_kept = Memo(store, lambda raw, version: codec.decode_directory(raw), kept=1, keep_lost=True)
        self._cold_since: dict[Series, float] = {}
        self._states_reported: dict[Series, FeedState] = {}
        self._left_out = 0
        self._cache_lost = False
        periods = LOOK_AT_LEASES_S, settings.publish_ms / 1000, REPORT_S, PUT_BACK_S, EXPIRE_S
        self._look, self._publish, self._report, self._put_back, self._expire = (
            Every(period, monotonic) for period in periods
        )

    def run(self, stop: threading.Event, beat: Callable[[], None] = lambda: None) -> None:
        """Turn until `stop` is set. Raises AlreadyLocked when another feed has taken the cache over.

        beat: called each turn, for whoever has to notice that the loop hangs.
        """
        while not stop.is_set():
            beat()
            self.turn(min(LONGEST_WAIT_S, self._publish.wait_s()))
            stop.wait(GATHER_S)

    def turn(self, timeout_s: float = 0.0) -> None:
        self._notice_clock()
        self.book.apply(self._stream.ticks(timeout_s))
        self.broker.take_answers()
        for chain in self.broker.take_surveyed():
            self._publisher.note_survey(chain, self.book.exchange_ts if self._settings.replay else None)
        if self._look() or self.broker.directory is not self._directory_seen:
            self._directory_seen = self.broker.directory
            self._look_at_leases()
        self.broker.ask_next(self._wanted)
        if self._put_back():
            self._put_back_lost()
        if self._publish():
            self._publisher.recorded_shift_s = self._provider.recorded_shift_s()
            self._publisher.publish(
                self.book, self._wanted.series, self._conditions(), self._stream.status(), within_s=PUBLISH_WITHIN_S
            )
        states = self._publisher.states()
        if self._report() or states != self._states_reported:  # a new state is reported at once
            self._states_reported = states
            self._lock.renew()
            self._report_health()

    def flush(self) -> None:
        """Wait until everything published has reached its sinks."""
        self._publisher.sinks.flush()

    def close(self) -> None:
        """Leave nothing behind: no child, no thread that matters, no lock."""
        self._stream.close()
        self._publisher.close()
        self.broker.close()
        self._provider.close()
        self._store.close()
        self._lock.release()

    def _notice_clock(self) -> None:
        """Follow a clock that was set back. One set forward needs nothing: what is known merely looks older."""
        ahead_s = self._clock() - self._monotonic()
        if self._clock_ahead_s - ahead_s > CLOCK_STEP_S:
            log.warning("The clock was set back by %.0f s.", self._clock_ahead_s - ahead_s)
            self.book.clock_set_back(self._clock_ahead_s - ahead_s)
        self._clock_ahead_s = ahead_s

    def _hours(self) -> MarketHours:
        return market_hours(self.broker.market_open, self._calendar, self._clock())

    def _market_ts(self) -> float | None:
        """The market's clock: ours, except in a replay, where only the ticks know it."""
        return self.book.exchange_ts if self._settings.replay else self._clock()

    def _look_at_leases(self) -> None:
        directory = self.broker.directory or self._directory_kept.latest(keys.DIRECTORY)
        if directory is None:
            return
        if directory is self.broker.directory and directory is not self._directory_put:
            self._put_directory(directory)
        leases = frozenset(self._store.keys(keys.LEASE_PREFIX))
        if leases != self._leases or directory is not self._leases_of or self._expire():
            self._leases, self._leases_of = leases, directory
            self._wanted = wanted(directory, self._settings.underlyings, leases, self._market_ts())
        self._forget_cold()
        self._left_out = self._subscription.carry(self.book.symbols(self._wanted.by_need))
        self._problems.write(self._current_problems())

    def _forget_cold(self) -> None:
        now, warm = self._monotonic(), set(self._wanted.series)
        for series in [*self.book.series, *self._publisher.published]:
            if series in warm:
                self._cold_since.pop(series, None)
            elif now - self._cold_since.setdefault(series, now) >= KEEP_COLD_S:
                self.book.forget(series)
                self._publisher.forget(series)
                self.broker.forget(series)
                del self._cold_since[series]

    def _current_problems(self) -> dict[Series, Problem]:
        """Of wanted series: asked for in vain, failing to compute, or not yet published because the broker refuses."""
        problems = {
            series: Problem.from_error(error)
            for series, error in self.broker.errors.items()
            if series not in self._publisher.published
        }
        return problems | self._publisher.problems | dict(self._wanted.problems)

    def _conditions(self) -> Conditions:
        hours = self._hours()
        self.broker.market_closed(hours.open is False)
        return Conditions(
            login_needed=self.broker.login_needed(self._stream.status().state),
            market_open=self.broker.market_open,
            calendar_open=hours.open,
            replay=self._settings.replay,
            stale_after_s=self._settings.stale_after_s,
            silent_s=self._silent_s(),
            poll_every_s=self.broker.poll_every_s(self._wanted),
        )

    def _silent_s(self) -> float:
        """How long nothing has come in, from the stream or from a poll."""
        news = self.book.ticks_total + self.broker.chains_total
        if news != self._news_seen:
            self._news_seen, self._news_at = news, self._monotonic()
        return self._monotonic() - self._news_at

    def _put_directory(self, directory: Directory) -> None:
        try:
            raw = codec.encode_directory(directory)
            if self._store.read(keys.DIRECTORY) != raw:
                self._store.put(keys.DIRECTORY, raw)
            self._directory_put = directory
        except CacheError as error:
            self._note_cache(error)

    def _put_back_lost(self) -> None:
        self._publisher.put_back_lost(self.book)
        if self._directory_put is not None and self._store.version(keys.DIRECTORY) == 0:
            self._directory_put = None

    def _report_health(self) -> None:
        conditions, publisher, broker = self._conditions(), self._publisher, self.broker
        now_ts = self._clock()
        published = publisher.current(conditions, now_ts)
        wanted_states = [published[series].state for series in self._wanted.series if series in published]
        report = self._reporter.report(
            now_ts=now_ts,
            monotonic=self._monotonic(),
            state=overall(wanted_states, conditions),
            socket=self._stream.status(),
            budget=self._provider.budget(),
            published=published,
            sinks=publisher.sinks.report(),
            conditions=conditions,
            counts={
                "ticks_total": self.book.ticks_total,
                "frames_total": publisher.frames_total,
                "frames_failed": publisher.frames_failed,
                "writes_failed": publisher.writes_failed,
                "polls_total": broker.polls_total,
                "symbols_left_out": self._left_out,
            },
            rejects=self._rejects(),
            hours=self._hours(),
            last_tick_ts=self.book.last_tick_ts,
            market_ts=self._market_ts(),
            recorded_shift_s=self._provider.recorded_shift_s(),
            token_expires_ts=broker.token_expires_ts,
            broker_error=broker.trouble,
        )
        try:
            self._store.put(keys.HEALTH, codec.encode_report(report))
        except CacheError as error:
            self._note_cache(error)
        else:
            self._note_cache(None)

    def _note_cache(self, error: CacheError | None) -> None:
        """Say once that the cache takes nothing, and once that it does again."""
        if error is not None and not self._cache_lost:
            log.warning("%s The feed goes on, and writes everything as soon as that is possible.", error)
        elif error is None and self._cache_lost:
            log.info("The cache takes what the feed writes again.")
        self._cache_lost = error is not None

    def _rejects(self) -> Counter[str]:
        """Everything that was turned away, by reason, wherever that was noticed."""
        damaged = self._stream.status().damaged_frames
        adapter = Counter(self._provider.rejects())
        return self.book.rejects + self.broker.rejects + adapter + Counter({"frame_damaged": damaged})
