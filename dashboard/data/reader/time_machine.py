"""The way from a moment to the chains of that moment."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import date

from dashboard.data.cache.memo import Latest
from dashboard.data.contract.numbers import Numbers
from dashboard.data.history.reading import History, Segment
from dashboard.data.reader.chains import LatestFrame
from dashboard.data.reader.recorded import RecordedChains
from dashboard.market.calendar import load_calendar
from dashboard.market.errors import NotRecorded
from dashboard.market.instruments import Series
from dashboard.settings import Settings

FRAMES_KEPT = 64


class TimeMachine:
    """What was recorded, as of any moment; with `CHAINBOARD_HISTORY=off` every question raises NotRecorded."""

    def __init__(self, settings: Settings, *, clock: Callable[[], float] = time.time) -> None:
        directory = settings.history_dir
        self._clock = clock
        self._history = None if directory is None else History(directory, clock=clock)
        self._frames: Latest[LatestFrame] = Latest(kept=FRAMES_KEPT)
        self._numbers = Numbers(settings, load_calendar(settings.data_dir))

    def days(self) -> list[date]:
        """Recorded days (IST), ascending."""
        return [] if self._history is None else self._history.days()

    def at(self, at_ts: float) -> RecordedChains:
        """The chains as of a moment, UTC epoch seconds. Raises NotRecorded."""
        now_ts = self._clock()
        if self._history is None:
            raise NotRecorded("This board records nothing (CHAINBOARD_HISTORY=off).")
        if at_ts > now_ts:
            raise NotRecorded("That moment is still to come.", before_ts=now_ts)
        if not at_ts >= 0:
            raise NotRecorded("Nothing was recorded before 1970.")
        return RecordedChains(self._history, self._numbers, at_ts, now_ts=now_ts, frames=self._frames)

    def coverage(self, series: Series, day: date) -> list[Segment]:
        """What of the day was recorded of the series."""
        return self.coverage_of_any([series], day)

    def coverage_of_any(self, every: Sequence[Series], day: date) -> list[Segment]:
        """What of the day was recorded of at least one of the series."""
        return [] if self._history is None else self._history.coverage_of_any(every, day)
