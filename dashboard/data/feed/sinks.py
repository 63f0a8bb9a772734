"""Receivers of published chains, each with its own time and its own errors: none delays or stops another.

A new receiver (a recorder, alert rules) is a class with `name`, `newest_only` and `take`, given to the `Publisher`.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Hashable, Sequence
from typing import Protocol

from dashboard.data.cache.store import CacheError
from dashboard.data.contract.published import PublishedChain
from dashboard.data.contract.report import SinkReport

log = logging.getLogger(__name__)

CAPACITY = 256  # publications that may wait for one sink
LOG_EVERY = 100  # an error that repeats twice a second is logged the first time and then now and then
CLOSE_WITHIN_S = 1.0


class Sink(Protocol):
    """Receives every published chain.

    newest_only: of several chains of a series that wait, only the newest matters; otherwise all are kept, up to
    `CAPACITY`. `take` may be slow and may raise; it is called by one thread at a time.
    """

    name: str
    newest_only: bool

    def take(self, published: PublishedChain) -> None: ...


class SinkRunner:
    """Calls one sink in the publishing thread: for sinks that only write to memory."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._taken = self._failed = 0

    def offer(self, published: PublishedChain) -> None:
        """Hand the chain over. Never raises."""
        try:
            self._sink.take(published)
            self._taken += 1
        except Exception as error:  # whatever is wrong in this sink, the feed and its other sinks go on
            self._failed += 1
            if self._failed % LOG_EVERY == 1:
                if isinstance(error, CacheError):
                    log.warning("%s", error)
                else:
                    log.exception("%s failed on %s", self._sink.name, published.series.key)

    def report(self) -> SinkReport:
        return {"taken": self._taken, "failed": self._failed, "dropped": 0, "waiting": 0}

    def flush(self, timeout_s: float) -> bool:
        """Wait until nothing waits any more; False when that took longer."""
        return True

    def close(self) -> None: ...


class ThreadedSinkRunner(SinkRunner):
    """Calls one sink in a thread of its own, with a bounded queue before it."""

    def __init__(self, sink: Sink) -> None:
        super().__init__(sink)
        self._waiting: dict[Hashable, PublishedChain] = {}  # in the order of their first arrival
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
            self._waiting[place] = published
            self._changed.notify_all()

    def report(self) -> SinkReport:
        with self._changed:
            return super().report() | {"dropped": self._dropped, "waiting": len(self._waiting)}

    def flush(self, timeout_s: float) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: not self._waiting and not self._busy, timeout_s)

    def close(self) -> None:
        """Let the thread end after what waits; a sink that hangs is left behind."""
        self.flush(CLOSE_WITHIN_S)
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._busy = False
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._waiting or self._closed)
                if self._closed:
                    return
                published = self._waiting.pop(next(iter(self._waiting)))
                self._busy = True
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
