"""How much history stays: so many days, and so many bytes. The oldest goes first."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from datetime import date, timedelta

from dashboard.data.history.days import DailyJournals
from dashboard.data.history.journal import HistoryError, Journal

log = logging.getLogger(__name__)

MB = 2**20
LEAST_FREE_BYTES = 500 * MB  # less room than this on the disk is left to others
DROPPED_MS = 60_000  # of today at a time; key records are as far apart


class Retention:
    """Deletes what is beyond the limits. It never raises: a limit that cannot be kept is no reason to stop recording.

    days: recorded days before today that stay. most_bytes: what all days together may take on disk. is_archived:
    whether a day's journal is no longer needed, None where there is no archive. Unless the disk is full, a journal that
    is not archived stays beyond the limits, and today's is not shortened.
    """

    def __init__(
        self,
        journals: DailyJournals,
        *,
        days: int,
        most_bytes: float = math.inf,
        is_archived: Callable[[Journal], bool] | None = None,
    ) -> None:
        self._journals, self._days, self._most_bytes = journals, days, most_bytes
        self._is_archived = is_archived
        self._said: set[tuple[date, str]] = set()

    def is_disk_full(self) -> bool:
        """Whether less than `LEAST_FREE_BYTES` are free."""
        return self._journals.free_bytes() < LEAST_FREE_BYTES

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
            if not self._may_go(day, is_archived=self._is_in_archive(day)):
                continue
            self._journals.drop(day)
            del sizes[day]
            log.info("The history of %s was deleted: %s.", day, reason)

    def _shorten(self, today: date, journal: Journal) -> bool:
        if journal.used_bytes() <= self._most_bytes or not self._may_go(today, is_archived=False):
            return False
        dropped = 0
        while journal.used_bytes() > self._most_bytes and (count := journal.drop_oldest(DROPPED_MS)):
            dropped += count
        self._say_once(
            today,
            f"Today's history has reached {self._most_bytes / MB:.0f} MB (CHAINBOARD_HISTORY_MB): "
            "from now on the oldest minutes of today are deleted as new ones come.",
        )
        return dropped > 0

    def _is_in_archive(self, day: date) -> bool:
        """False for a file that cannot be read, which is hence not archived."""
        try:
            journal = None if self._is_archived is None else self._journals.reader(day)
            return journal is not None and self._is_archived is not None and self._is_archived(journal)
        except HistoryError:
            return False

    def _may_go(self, day: date, *, is_archived: bool) -> bool:
        """Whether records of that day may be deleted, and a sentence where that is not as one would expect."""
        if self._is_archived is None or is_archived:
            return True
        if self.is_disk_full():
            self._say_once(day, f"The history of {day} is deleted although it is not archived: the disk is full.")
            return True
        self._say_once(day, f"The history of {day} is beyond the limits and stays: it is not archived yet.")
        return False

    def _say_once(self, day: date, sentence: str) -> None:
        if (day, sentence) not in self._said:
            self._said.add((day, sentence))
            log.warning("%s", sentence)
