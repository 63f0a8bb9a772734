"""The sink that records published chains."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from dashboard.data.contract.published import PublishedChain
from dashboard.data.contract.report import CANNOT_WRITE, HISTORY, NO_ROOM
from dashboard.data.history.days import DailyJournals, FileId
from dashboard.data.history.journal import HistoryError, Journal, NoRoom, Record
from dashboard.data.history.record import Facts, Packed, facts_of, pack
from dashboard.data.history.retention import LEAST_FREE_BYTES, MB, Retention
from dashboard.market.instruments import Series
from dashboard.market.session import FeedState, ist_date

log = logging.getLogger(__name__)

STEP_S = 1.0  # between two transactions; of each series the newest chain is recorded
KEY_EVERY_MS = 60_000
RETAIN_EVERY_S = 60.0
DAY_S = 86_400.0


@dataclass(slots=True)
class _Line:
    """What was last written of a series."""

    at_ms: int
    key_ms: int
    key: Packed
    facts: Facts
    facts_id: int


class Recorder:
    """Writes chains into the journal of their day (IST, our clock). A failure costs records and nothing else.

    keep_days: days before today that stay. keep_bytes: what all days together may take on disk. is_archived: whether a
    day's journal is no longer needed; None where there is no archive.
    """

    name = HISTORY
    newest_only = False

    def __init__(
        self,
        directory: Path,
        *,
        keep_days: int,
        keep_bytes: float = math.inf,
        is_archived: Callable[[Journal], bool] | None = None,
        demo: bool,
        software: str,
    ) -> None:
        self._directory, self._demo, self._software = directory, demo, software
        self._journals = DailyJournals(directory)
        self._retention = Retention(self._journals, days=keep_days, most_bytes=keep_bytes, is_archived=is_archived)
        self._retained_ts = float("-inf")
        self._day: date | None = None
        self._file: FileId | None = None
        self._journal: Journal | None = None
        self._lines: dict[Series, _Line] = {}
        self._waiting: dict[Series, PublishedChain] = {}
        self._counts = {"records": 0, "bytes": 0, "not_written": 0}
        self._problem: str | None = None
        self._written_ts = float("-inf")

    def take(self, published: PublishedChain) -> None:
        """Keep the chain, and write what was kept once a step is over, in one transaction. Raises HistoryError."""
        self._waiting[published.series] = published
        now_ts = published.published_ts
        if not 0 <= now_ts - self._written_ts < STEP_S:
            self._written_ts = now_ts
            self.flush()

    def flush(self) -> None:
        """Write what waits. Raises HistoryError; what could not be written is not tried again."""
        waiting, self._waiting = self._waiting, {}
        if not waiting:
            return
        try:
            self._write(waiting)
        except BaseException as error:
            self._lines.clear()  # a key record may not have been written: the next of each series is one
            self._counts["not_written"] += len(waiting)
            self._problem = NO_ROOM if isinstance(error, NoRoom) else CANNOT_WRITE
            raise
        self._problem = None

    def problem(self) -> str | None:
        """Why the newest chains could not be written; None when they were."""
        return self._problem

    def counts(self) -> dict[str, int]:
        """`records` and `bytes` written, and `not_written`, the chains that could not be, since this feed started."""
        return dict(self._counts)

    def idle(self) -> None:
        """Write what waits although nothing follows it. Raises HistoryError."""
        self.flush()

    def _write(self, waiting: dict[Series, PublishedChain]) -> None:
        for day in sorted({ist_date(chain.published_ts) for chain in waiting.values()}):
            journal = self._of_day(day)
            records = [
                self._record(journal, chain) for chain in waiting.values() if ist_date(chain.published_ts) == day
            ]
            journal.append(records)
            self._counts["records"] += len(records)
            self._counts["bytes"] += sum(len(record.body) for record in records)
            if any(record.at_ms == record.key_ms for record in records):
                self._retain(day, journal, records[-1].at_ms / 1000)

    def close(self) -> None:
        """Write what waits and close the file."""
        try:
            self.flush()
        except HistoryError as error:
            log.warning("%s", error)
        if self._journal is not None:
            self._journal.close()

    def _record(self, journal: Journal, published: PublishedChain) -> Record:
        series, packed = published.series, pack(published)
        facts = facts_of(published, demo=self._demo, software=self._software)
        line = self._lines.get(series)
        at_ms = int(published.published_ts * 1000)
        at_ms = max(at_ms, (journal.last_ms(series.key) if line is None else line.at_ms) + 1)
        same_facts = line is not None and line.facts == facts
        facts_id = line.facts_id if line is not None and same_facts else journal.facts_id(facts)
        if line is None or not same_facts or not packed.fits(line.key) or at_ms - line.key_ms >= KEY_EVERY_MS:
            self._make_room(journal, published.published_ts)
            key_ms, key, body = at_ms, packed, packed.encode()
        else:
            key_ms, key, body = line.key_ms, line.key, packed.encode(line.key)
        self._lines[series] = _Line(at_ms, key_ms, key, facts, facts_id)
        return Record(series.key, at_ms, at_ms + int(1000 * _holds_s(published)), key_ms, facts_id, body)

    def _of_day(self, day: date) -> Journal:
        """The day's journal, a new one also when somebody deleted or replaced the file."""
        same_day = self._journal is not None and day == self._day
        if self._journal is not None and same_day and self._journals.file(day) == self._file:
            return self._journal
        if same_day:
            log.warning("The history of %s was deleted or replaced; a new file begins.", day)
        if self._journal is not None:
            self._journal.close()
        self._journal, self._lines = None, {}
        self._journal = self._journals.writer(day)
        self._day, self._file, self._retained_ts = day, self._journals.file(day), float("-inf")
        return self._journal

    def _retain(self, today: date, journal: Journal, now_ts: float) -> None:
        if not 0 <= now_ts - self._retained_ts < RETAIN_EVERY_S:
            self._retained_ts = now_ts
            if self._retention.keep(today, journal):
                self._lines.clear()  # their key records may be gone: the next of each series is one

    def _make_room(self, journal: Journal, now_ts: float) -> None:
        """Delete what is beyond the limits when the disk is full. Raises NoRoom when it still is."""
        if self._retention.is_disk_full():
            self._retain(ist_date(now_ts), journal, now_ts)
            if self._retention.is_disk_full():
                raise NoRoom(
                    f"Nothing is recorded: less than {LEAST_FREE_BYTES // MB} MB are free in {self._directory}."
                )


def _holds_s(published: PublishedChain) -> float:
    """How long a record stands when none follows.

    A live series that stopped would have been published as stale after `old_after_s`; a stale or closed one says so
    itself, and nothing more is published of it.
    """
    live = published.state in (FeedState.LIVE, FeedState.REPLAY)
    return published.old_after_s + 2 * STEP_S if live else DAY_S
