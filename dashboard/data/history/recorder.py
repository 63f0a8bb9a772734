"""The sink that records published chains."""

from __future__ import annotations

import logging
import shutil
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from dashboard.data.contract.published import PublishedChain
from dashboard.data.history.journal import DailyJournals, HistoryError, Journal
from dashboard.data.history.record import Facts, Packed, facts_of, pack
from dashboard.market.instruments import Series
from dashboard.market.session import FeedState, ist_date

log = logging.getLogger(__name__)

STEP_S = 1.0  # at most one record of a series in this time; the newest counts
KEY_EVERY_MS = 60_000
DAY_S = 86_400.0
LEAST_FREE_BYTES = 500 * 2**20  # less room than this on the disk is left to others


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

    keep_days: days before today that stay.
    """

    name = "history"
    newest_only = False

    def __init__(self, directory: Path, *, keep_days: int, demo: bool, software: str) -> None:
        self._directory, self._keep_days, self._demo, self._software = directory, keep_days, demo, software
        self._journals = DailyJournals(directory)
        self._day: date | None = None
        self._journal: Journal | None = None
        self._run = 0
        self._lines: dict[Series, _Line] = {}
        self._waiting: dict[Series, PublishedChain] = {}  # came sooner after the last than a step

    def take(self, published: PublishedChain) -> None:
        """Record the chain, or keep it until its step is over. Raises HistoryError."""
        now_ts = published.published_ts
        self._waiting[published.series] = published
        for series, chain in list(self._waiting.items()):
            line = self._lines.get(series)
            if line is None or not 0 <= now_ts * 1000 - line.at_ms < STEP_S * 1000:
                del self._waiting[series]
                self._write(chain)

    def flush(self) -> None:
        """Write what waits. Raises HistoryError."""
        while self._waiting:
            self._write(self._waiting.popitem()[1])

    def close(self) -> None:
        """Write what waits and close the file."""
        try:
            self.flush()
        except HistoryError as error:
            log.warning("%s", error)
        if self._journal is not None:
            self._journal.close()

    def _write(self, published: PublishedChain) -> None:
        journal = self._of_day(published.published_ts)
        series, packed = published.series, pack(published)
        facts = facts_of(published, demo=self._demo, software=self._software)
        line = self._lines.get(series)
        at_ms = int(published.published_ts * 1000)
        at_ms = max(at_ms, (journal.last_ms(series.key) if line is None else line.at_ms) + 1)
        same_facts = line is not None and line.facts == facts
        facts_id = line.facts_id if line is not None and same_facts else journal.facts_id(facts)
        whole = line is None or not same_facts or not packed.fits(line.key) or at_ms - line.key_ms >= KEY_EVERY_MS
        if whole:
            self._check_room()
        key, key_ms = (packed, at_ms) if line is None or whole else (line.key, line.key_ms)
        body = packed.encode(None if whole else key)
        stands_until_ms = at_ms + int(1000 * _holds_s(published))
        journal.append(
            series.key,
            at_ms,
            stands_until_ms=stands_until_ms,
            key_ms=key_ms,
            run=self._run,
            facts=facts_id,
            body=body,
        )
        self._lines[series] = _Line(at_ms, key_ms, key, facts, facts_id)

    def _of_day(self, at_ts: float) -> Journal:
        day = ist_date(at_ts)
        if self._journal is None or day != self._day:
            if self._journal is not None:
                self._journal.close()
            self._journal, self._lines = None, {}
            journal = self._journals.writer(day)
            self._run = journal.begin_run(int(at_ts * 1000), self._software)
            self._journal, self._day = journal, day
            self._drop_old(day)
        return self._journal

    def _check_room(self) -> None:
        existing = next((place for place in (self._directory, *self._directory.parents) if place.exists()), None)
        if existing is not None and shutil.disk_usage(existing).free < LEAST_FREE_BYTES:
            raise HistoryError(
                f"Nothing is recorded: less than {LEAST_FREE_BYTES // 2**20} MB are free in {self._directory}."
            )

    def _drop_old(self, today: date) -> None:
        for day in self._journals.days():
            if day < today - timedelta(days=self._keep_days):
                try:
                    self._journals.drop(day)
                    log.info("The history of %s was deleted: %d days are kept.", day, self._keep_days)
                except OSError as error:
                    log.warning("The history of %s cannot be deleted: %s", day, error)


def _holds_s(published: PublishedChain) -> float:
    """How long a record stands when none follows.

    A live series that stopped would have been published as stale after `old_after_s`; a stale or closed one says so
    itself, and nothing more is published of it.
    """
    live = published.state in (FeedState.LIVE, FeedState.REPLAY)
    return published.old_after_s + 2 * STEP_S if live else DAY_S
