"""Archive one finished day: every table of every series, then a note in the journal that all of it is there."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple
from urllib.parse import quote

from dashboard.data.contract.numbers import Numbers
from dashboard.data.history.archive.columns import TABLES
from dashboard.data.history.archive.mark import mark_of
from dashboard.data.history.archive.minutes import minutes
from dashboard.data.history.archive.parts import ArchiveError, Place, open_place, schema_of, whole, write_part
from dashboard.data.history.archive.tables import SeriesDay, legs, moments
from dashboard.data.history.journal import Journal
from dashboard.market.instruments import Series


class Archived(NamedTuple):
    """What was done: series of the day, rows written, records that could not be read."""

    series: int
    rows: int
    damaged: int


def archive_day(day: date, journal: Journal, archive: str, numbers: Numbers) -> Archived:
    """Write what is not there yet, and note it in the journal. Raises ArchiveError, HistoryError, DamagedRecord."""
    place = open_place(archive)
    rows = damaged = 0
    keys = journal.series()
    for key in keys:
        recorded = SeriesDay(journal, key)
        rows += _archive_series(place, day, Series.from_key(key), recorded, numbers)
        damaged += recorded.source.damaged
    journal.note_archived(mark_of(archive))
    return Archived(len(keys), rows, damaged)


def part_name(table: str, day: date, series: Series) -> str:
    """Where a table of a series lies within the archive."""
    underlying = quote(series.underlying, safe="")
    return f"{table}/day={day}/underlying={underlying}/expiry={series.expiry}/part.parquet"


def _archive_series(place: Place, day: date, series: Series, recorded: SeriesDay, numbers: Numbers) -> int:
    makers = {
        "legs": lambda: legs(recorded),
        "moments": lambda: moments(recorded),
        "minutes": lambda: minutes(recorded, numbers),
    }
    rows = 0
    for table, columns in TABLES.items():
        name = part_name(table, day, series)
        there = whole(place, name)
        if there == recorded.source:
            continue
        if there is not None and there.records > recorded.source.records:
            raise ArchiveError(f"{name} holds more records than the journal has now; it is left as it is.")
        rows += write_part(place, name, schema_of(columns), makers[table](), recorded.source)
    return rows
