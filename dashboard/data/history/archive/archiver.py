"""The sink that has finished days archived: by a process of its own, so the feed neither waits nor loads pyarrow."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date

from dashboard.data.contract.published import PublishedChain
from dashboard.data.contract.report import NOT_ARCHIVED
from dashboard.market.session import ist_date
from dashboard.processes.child import Child
from dashboard.settings import Settings

log = logging.getLogger(__name__)

MODULE = "dashboard.data.history.archive"
SETTLED_S = 60.0  # after a start or midnight: the feed comes up, and the recorder writes the last of the day
RETRY_S = 3600.0
CLOSE_WITHIN_S = 0.5


class Archiver:
    """Starts the process once a day, and again an hour after it failed. What it does is in `archive.day`."""

    name = "archive"
    newest_only = True

    def __init__(self, settings: Settings, *, clock: Callable[[], float] = time.time, module: str = MODULE) -> None:
        """module: what is started; it gets the settings but no access token."""
        without_secrets = replace(settings.absolute(), access_token="", secret_key="")
        self._child = Child("archive", [module], without_secrets.environment("feed"))
        self._clock = clock
        self._due_ts = clock() + SETTLED_S
        self._day: date = ist_date(clock())
        self._running = False
        self._problem: str | None = None
        self._counts = {"runs": 0, "done": 0, "failed": 0}

    def take(self, published: PublishedChain) -> None:
        """Look whether there is something to do; the chain itself is the recorder's."""
        self.idle()

    def idle(self) -> None:
        """Start the process when it is due, and note how it ended. Raises OSError when it cannot be started."""
        now_ts = self._clock()
        if self._running:
            self._note_end(now_ts)
        elif now_ts >= self._due_ts:
            self._due_ts = float("inf")
            self._start(now_ts)
        if ist_date(now_ts) != self._day:
            self._day, self._due_ts = ist_date(now_ts), now_ts + SETTLED_S

    def problem(self) -> str | None:
        """NOT_ARCHIVED from a failure until a run succeeds."""
        return self._problem

    def counts(self) -> dict[str, int]:
        """`runs` of the process since the feed started, and how many of them are `done` or `failed`."""
        return dict(self._counts)

    def close(self) -> None:
        """End the process; what it had not finished is done after the next start."""
        self._child.ask_to_stop()
        self._child.end(time.monotonic() + CLOSE_WITHIN_S)

    def _start(self, now_ts: float) -> None:
        try:
            self._child.start()
        except OSError:
            self._failed(now_ts)
            raise
        self._running = True
        self._counts["runs"] += 1

    def _note_end(self, now_ts: float) -> None:
        code = self._child.exit_code
        if code is None:
            return
        self._running = False
        if code == 0:
            self._problem = None
            self._counts["done"] += 1
        else:
            log.warning("Finished days could not be archived (exit code %s); the next attempt is in an hour.", code)
            self._failed(now_ts)

    def _failed(self, now_ts: float) -> None:
        self._problem, self._due_ts = NOT_ARCHIVED, min(self._due_ts, now_ts + RETRY_S)
        self._counts["failed"] += 1
