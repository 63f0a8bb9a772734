"""How much history stays: so many days, and so many bytes. The oldest goes first."""

from __future__ import annotations

import logging
import math
from datetime import date, timedelta

from dashboard.data.history.days import DailyJournals
from dashboard.data.history.journal import HistoryError, Journal

log = logging.getLogger(__name__)

MB = 2**20
DROPPED_MS = 60_000  # of today at a time; key records are as far apart


class Retention:
    """Deletes what is beyond the limits. It never raises: a limit that cannot be kept is no reason to stop recording.

    days: recorded days before today that stay. most_bytes: what all days together may take on disk.
    """

    def __init__(self, journals: DailyJournals, *, days: int, most_bytes: float = math.inf) -> None:
        self._journals, self._days, self._most_bytes = journals, days, most_bytes
        self._shortened: date | None = None

    def keep(self, today: date, journal: Journal) -> bool:
        """Delete old days, then the oldest minutes of today where today alone is too much. True when it was."""
        try:
            self._drop_days(today)
            return self._shorten(today, journal)
        except (HistoryError, OSError) as error:
            log.warning("The limits of the history cannot be kept: %s", error)
            return False

    def _drop_days(self, today: date) -> None:
        sizes = {day: self._journals.bytes(day) for day in self._journals.days()}
        for day in sorted(known for known in sizes if known < today):
            if day < today - timedelta(days=self._days):
                reason = f"{self._days} days are kept"
            elif sum(sizes.values()) > self._most_bytes:
                reason = f"{self._most_bytes / MB:.0f} MB are kept"
            else:
                return
            self._journals.drop(day)
            del sizes[day]
            log.info("The history of %s was deleted: %s.", day, reason)

    def _shorten(self, today: date, journal: Journal) -> bool:
        dropped = 0
        while journal.used_bytes() > self._most_bytes and (count := journal.drop_oldest(DROPPED_MS)):
            dropped += count
        if dropped and today != self._shortened:
            self._shortened = today
            log.warning(
                "Today's history has reached %.0f MB (CHAINBOARD_HISTORY_MB): "
                "from now on the oldest minutes of today are deleted as new ones come.",
                self._most_bytes / MB,
            )
        return dropped > 0
