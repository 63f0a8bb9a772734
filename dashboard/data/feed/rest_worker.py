"""The one thread that waits for the broker's REST answers, so that the loop never does."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any

from dashboard.market.errors import MarketError, ProviderUnavailable

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """A question to the broker. about: what it is for, handed back with the answer."""

    about: Hashable
    ask: Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a job: `value`, or the error. asked_ts: our clock when the question left."""

    about: Hashable
    value: Any
    error: MarketError | None
    asked_ts: float


class RestWorker:
    """Runs one job at a time. `idle` says whether it would take another."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._answers: SimpleQueue[Answer] = SimpleQueue()
        self._outstanding = 0
        self._thread = threading.Thread(target=self._work, name="rest", daemon=True)
        self._thread.start()

    @property
    def idle(self) -> bool:
        return self._outstanding == 0

    def submit(self, job: Job) -> None:
        self._outstanding += 1
        self._jobs.put(job)

    def answers(self) -> list[Answer]:
        """What has come back since the last call; never waits."""
        found: list[Answer] = []
        while True:
            try:
                found.append(self._answers.get_nowait())
            except Empty:
                self._outstanding -= len(found)
                return found

    def close(self) -> None:
        """Let the thread end after what it is doing; it is a daemon, so nobody has to wait for that."""
        self._jobs.put(None)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            self._answers.put(answer_of(job, self._clock))


def answer_of(job: Job, clock: Callable[[], float]) -> Answer:
    """Do the job. Whatever a broker's adapter raises becomes a MarketError."""
    asked_ts = clock()
    try:
        return Answer(job.about, job.ask(), None, asked_ts)
    except MarketError as error:
        return Answer(job.about, None, error, asked_ts)
    except Exception as error:  # one faulty answer must not end the only thread that asks
        log.exception("asking the broker about %s failed", job.about)
        return Answer(job.about, None, ProviderUnavailable(f"The broker's adapter failed: {error!r}."), asked_ts)
