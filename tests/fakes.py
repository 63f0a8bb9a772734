"""Hand-written stand-ins. An unexpected question fails loudly: a fake answers only what its test prepared."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from dashboard.data.brokers.protocol import BudgetMeter, StreamState, StreamStatus
from dashboard.data.cache.lock import AlreadyLocked
from dashboard.data.cache.store import CacheError
from dashboard.data.feed.rest_worker import Answer, Job, answer_of
from dashboard.market.chain import Chain
from dashboard.market.instruments import Contract, Directory, Expiry, Series, Underlying
from dashboard.market.tick import Tick
from harness.builders import MONDAY_11_IST

T = TypeVar("T")


class FakeClock:
    """A clock that moves only when told. Call it, or `now()`, for UTC epoch seconds."""

    def __init__(self, now_ts: float = MONDAY_11_IST) -> None:
        self._now = now_ts

    def __call__(self) -> float:
        return self._now

    now = __call__

    def advance(self, *, seconds: float) -> None:
        self._now += seconds


class FakeStore:
    """The cache in memory. `broken = True` makes it behave like a cache out of reach."""

    def __init__(self, clock: Callable[[], float] | None = None) -> None:
        self.clock = clock or FakeClock()
        self.broken = False
        self.reads = 0
        self.puts: list[str] = []
        self._values: dict[str, tuple[bytes, int, float]] = {}
        self._lock = threading.Lock()

    def version(self, key: str) -> int:
        found = self._living(key)
        return found[1] if found else 0

    def read(self, key: str) -> bytes | None:
        self.reads += 1
        found = self._living(key)
        return found[0] if found else None

    def put(self, key: str, value: bytes, *, ttl_s: float | None = None, version: int | None = None) -> int:
        if self.broken:
            raise CacheError("The cache is out of reach.")
        with self._lock:
            now = self.clock()
            version = max(version or int(now * 1000), (self._values[key][1] if key in self._values else 0) + 1)
            self._values[key] = (bytes(value), version, float("inf") if ttl_s is None else now + ttl_s)
            self.puts.append(key)
            return version

    def keys(self, prefix: str) -> list[str]:
        return [key for key in list(self._values) if key.startswith(prefix) and self._living(key)]

    def close(self) -> None: ...

    def lose_everything(self) -> None:
        """As a deleted cache directory or a restarted Redis does."""
        self._values.clear()

    def _living(self, key: str) -> tuple[bytes, int, float] | None:
        found = None if self.broken else self._values.get(key)
        return found if found and self.clock() < found[2] else None


class FakeTickStream:
    """A stream that gives what the test put into it."""

    def __init__(self) -> None:
        self.subscribed: set[str] = set()
        self.subscribe_calls: list[set[str]] = []
        self.recycle_calls: list[set[str]] = []
        self.closed = False
        self.state = StreamState.LIVE
        self.last_frame_ts: float | None = None
        self._waiting: dict[str, Tick] = {}

    def push(self, *ticks: Tick) -> None:
        for tick in ticks:
            self._waiting[tick.symbol] = tick
            self.last_frame_ts = tick.received_ts

    def subscribe(self, symbols: Iterable[str]) -> None:
        wanted = set(symbols)
        self.subscribe_calls.append(wanted)
        self.subscribed |= wanted

    def ticks(self, timeout_s: float) -> Sequence[Tick]:
        waiting, self._waiting = list(self._waiting.values()), {}
        return waiting

    def recycle(self, symbols: Iterable[str]) -> None:
        self.subscribed = set(symbols)
        self.recycle_calls.append(set(self.subscribed))

    def status(self) -> StreamStatus:
        return StreamStatus(self.state, last_frame_ts=self.last_frame_ts, subscribed=len(self.subscribed))

    def close(self) -> None:
        self.closed = True


class InlineWorker:
    """A REST worker that answers at once, in the caller's thread. `hold = True` keeps answers back: a slow broker."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.hold = False
        self.asked: list[object] = []
        self._waiting: list[Answer] = []

    @property
    def idle(self) -> bool:
        return not self._waiting

    def submit(self, job: Job) -> None:
        self.asked.append(job.about)
        self._waiting.append(answer_of(job, self.clock))

    def answers(self) -> list[Answer]:
        if self.hold:
            return []
        found, self._waiting = self._waiting, []
        return found

    def close(self) -> None: ...


class FakeLock:
    """A writer's lock. `taken = True`: somebody else has it at the next renewal."""

    def __init__(self) -> None:
        self.fence = 1
        self.renewals = 0
        self.taken = False
        self.released = False

    def renew(self) -> None:
        if self.taken:
            raise AlreadyLocked("Another feed has taken over the cache.")
        self.renewals += 1

    def release(self) -> None:
        self.released = True


class UnexpectedQuestion(AssertionError):
    """The code under test asked the broker something this test did not prepare."""


@dataclass
class FakeMarketData:
    """A broker with prepared answers; an exception as an answer is raised.

    chains: series -> the Chain (or exception) that a poll gives. listed: series -> contracts; made from `chains`
    where it is silent.
    """

    listing: Directory | Exception | None = None
    chains: dict[Series, Chain | Exception] = field(default_factory=dict)
    listed: dict[Series, Sequence[Contract] | Exception] = field(default_factory=dict)
    futures: dict[Series, str] = field(default_factory=dict)
    vix: str | None = None
    stream: FakeTickStream = field(default_factory=FakeTickStream)
    expires_ts: float | None = None
    is_open: bool | None = True
    shift_s: float | None = None
    meter: BudgetMeter = field(default_factory=lambda: BudgetMeter(0, 0, 0, 8, 100, 90_000))
    polls: list[Series] = field(default_factory=list)
    closed: bool = False
    turned_away: dict[str, int] = field(default_factory=dict)

    def directory(self) -> Directory:
        if self.listing is None:
            raise UnexpectedQuestion("directory()")
        return _answer(self.listing)

    def contracts(self, underlying: Underlying, expiry: Expiry) -> Sequence[Contract]:
        series = Series(underlying.name, expiry.date)
        if series in self.listed:
            return _answer(self.listed[series])
        chain = self.chains.get(series)
        if not isinstance(chain, Chain):
            raise UnexpectedQuestion(f"contracts({series.key})")
        from harness.builders import contracts_of

        return contracts_of(chain)

    def future_symbol(self, underlying: Underlying, expiry: Expiry) -> str | None:
        return self.futures.get(Series(underlying.name, expiry.date))

    def vix_symbol(self) -> str | None:
        return self.vix

    def fetch_chain(self, underlying: Underlying, expiry: Expiry) -> Chain:
        series = Series(underlying.name, expiry.date)
        self.polls.append(series)
        if series not in self.chains:
            raise UnexpectedQuestion(f"fetch_chain({series.key})")
        return _answer(self.chains[series])

    def open_stream(self) -> FakeTickStream:
        return self.stream

    def budget(self) -> BudgetMeter:
        return self.meter

    def token_expires_ts(self) -> float | None:
        return self.expires_ts

    def rejects(self) -> dict[str, int]:
        return self.turned_away

    def market_open(self) -> bool | None:
        return self.is_open

    def recorded_shift_s(self) -> float | None:
        return self.shift_s

    def close(self) -> None:
        self.closed = True


def _answer(prepared: T | Exception) -> T:
    if isinstance(prepared, Exception):
        raise prepared
    return prepared
