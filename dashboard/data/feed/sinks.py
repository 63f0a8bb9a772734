"""Receivers of published chains, each with its own time and its own errors: none delays or stops another.

A new receiver (a recorder, alert rules) is a class with `name`, `newest_only` and `take`, given to the `Publisher`.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Hashable, Sequence
from functools import partial
from typing import Protocol

from dashboard.data.cache.store import CacheError
from dashboard.data.contract.published import PublishedChain
from dashboard.data.contract.report import SinkReport
from dashboard.data.history.journal import HistoryError

log = logging.getLogger(__name__)

CAPACITY = 256  # publications that may wait for one sink
LOG_EVERY = 100  # an error that repeats twice a second is logged the first time and then now and then
CLOSE_WITHIN_S = 1.0
IDLE_S = 1.0


class Sink(Protocol):
    """Receives every published chain.

    newest_only: of several chains of a series that wait, only the newest matters; otherwise all are kept, up to
    `CAPACITY`. `take` may be slow and may raise; it is called by one thread at a time.
    """

    name: str
    newest_only: bool

    def take(self, published: PublishedChain) -> None: ...

    def idle(self) -> None:
        """Called about once a second by a thread of its own while nothing arrives; may raise as `take` may."""
        return

    def close(self) -> None:
        """Called after the last `take`."""
        return

    def problem(self) -> str | None:
        """Why nothing is done at the moment with what was taken, as in `SinkReport`; asked by another thread."""
        return None

    def counts(self) -> dict[str, int]:
        """What the sink counts itself; asked by another thread."""
        return {}


class SinkRunner:
    """Calls one sink in the publishing thread: for sinks that only write to memory."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._taken = self._failed = 0

    def offer(self, published: PublishedChain) -> None:
        """Hand the chain over. Never raises."""
        if self._call(partial(self._sink.take, published)):
            self._taken += 1

    def _call(self, work: Callable[[], None]) -> bool:
        try:
            work()
        except Exception as error:  # whatever is wrong in this sink, the feed and its other sinks go on
            self._failed += 1
            if self._failed % LOG_EVERY == 1:
                if isinstance(error, CacheError | HistoryError):
                    log.warning("%s", error)
                else:
                    log.exception("the sink %s failed", self._sink.name)
            return False
        return True

    def report(self) -> SinkReport:
        return {
            "taken": self._taken,
            "failed": self._failed,
            "dropped": 0,
            "waiting": 0,
            "lag_s": 0.0,
            "problem": self._sink.problem(),
            "counts": self._sink.counts(),
        }

    def flush(self, timeout_s: float) -> bool:
        """Wait until nothing waits any more; False when that took longer."""
        return True

    def close(self) -> None:
        """End the sink."""
        self._sink.close()


class ThreadedSinkRunner(SinkRunner):
    """Calls one sink in a thread of its own, with a bounded queue before it."""

    def __init__(self, sink: Sink) -> None:
        super().__init__(sink)
        # In the order of their first arrival, each with the monotonic time of that.
        self._waiting: dict[Hashable, tuple[float, PublishedChain]] = {}
        self._taken_up: float | None = None  # when the one arrived that the sink has now
        self._arrived = self._dropped = 0
        self._busy = self._closed = False
        self._changed = threading.Condition()
        threading.Thread(target=self._run, name=f"sink-{sink.name}", daemon=True).start()

    def offer(self, published: PublishedChain) -> None:
        with self._changed:
            self._arrived += 1
            place = published.series if self._sink.newest_only else self._arrived
            if place in self._waiting:
                self._dropped += 1
            elif len(self._waiting) >= CAPACITY:
                self._waiting.pop(next(iter(self._waiting)))
                self._dropped += 1
            since, _ = self._waiting.get(place, (time.monotonic(), published))
            self._waiting[place] = since, published
            self._changed.notify_all()

    def report(self) -> SinkReport:
        with self._changed:
            arrived = [since for since, _ in self._waiting.values()]
            oldest = min(arrived, default=None) if self._taken_up is None else self._taken_up
            lag_s = 0.0 if oldest is None else round(time.monotonic() - oldest, 3)
            return super().report() | {"dropped": self._dropped, "waiting": len(self._waiting), "lag_s": lag_s}

    def flush(self, timeout_s: float) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: not self._waiting and not self._busy, timeout_s)

    def close(self) -> None:
        """Let the thread end after what waits; a sink that hangs is left behind."""
        idle = self.flush(CLOSE_WITHIN_S)
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        if idle:
            super().close()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._busy, self._taken_up = False, None
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._waiting or self._closed, IDLE_S)
                if self._closed:
                    return
                following = next(iter(self._waiting), None)
                if following is not None:
                    self._busy = True
                    self._taken_up, published = self._waiting.pop(following)
            if following is None:
                self._call(self._sink.idle)
            else:
                super().offer(published)


class Sinks:
    """All receivers. in_memory: called at once and first, so that the others find what these have noted."""

    def __init__(self, *, in_memory: Sequence[Sink], threaded: Sequence[Sink]) -> None:
        self._runners = {sink.name: SinkRunner(sink) for sink in in_memory}
        self._runners |= {sink.name: ThreadedSinkRunner(sink) for sink in threaded}

    def emit(self, published: PublishedChain) -> None:
        """Hand the chain to every sink. Never raises, never waits for a threaded one."""
        for runner in self._runners.values():
            runner.offer(published)

    def report(self) -> dict[str, SinkReport]:
        return {name: runner.report() for name, runner in self._runners.items()}

    def flush(self, timeout_s: float = 5.0) -> bool:
        """Wait until every sink has taken what it was given; False when one needs longer."""
        return all(runner.flush(timeout_s) for runner in self._runners.values())

    def close(self) -> None:
        for runner in self._runners.values():
            runner.close()
