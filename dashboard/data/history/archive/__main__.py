"""Archive finished days: `python -m dashboard.data.history.archive [DAY]`; without DAY, all that are not yet archived.

Exit codes: 0 all of it is there · 1 a day could not be archived, and its journal stays · 2 there is no archive, or no
such finished day.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from datetime import date

from dashboard import logs
from dashboard.data.contract.numbers import Numbers
from dashboard.data.history.archive.day import archive_day
from dashboard.data.history.archive.mark import mark_of
from dashboard.data.history.archive.parts import ArchiveError
from dashboard.data.history.days import DailyJournals
from dashboard.data.history.journal import HistoryError
from dashboard.data.history.record import DamagedRecord
from dashboard.market.calendar import load_calendar
from dashboard.market.session import ist_date
from dashboard.processes.child import CANNOT_START
from dashboard.settings import Settings, SettingsError

NICEST = 19


def main(argv: Sequence[str] | None = None) -> int:
    """Archive what is asked for; gives the exit code."""
    parser = argparse.ArgumentParser("python -m dashboard.data.history.archive", description="Archive finished days.")
    parser.add_argument("day", nargs="?", type=date.fromisoformat, metavar="DAY", help="such as 2026-11-23")
    asked: date | None = parser.parse_args(argv).day
    try:
        settings = Settings.from_environment().absolute()
    except SettingsError as error:
        print(error, file=sys.stderr)
        return CANNOT_START
    logs.set_up(settings, "archive")
    directory, today = settings.history_dir, ist_date(time.time())
    if directory is None or not settings.archive:
        print("There is no archive: CHAINBOARD_ARCHIVE is empty, or CHAINBOARD_HISTORY is off.", file=sys.stderr)
        return CANNOT_START
    journals = DailyJournals(directory)
    finished = [day for day in journals.days() if day < today]
    if asked is not None and asked not in finished:
        print(f"{asked} was not recorded, or is not over yet.", file=sys.stderr)
        return CANNOT_START
    if hasattr(os, "nice"):
        os.nice(NICEST)  # the feed has the same processor
    numbers = Numbers(settings, load_calendar(settings.data_dir))
    days = finished if asked is None else [asked]
    missing = [day for day in days if not _archive(day, journals, settings.archive, numbers, again=asked is not None)]
    return 1 if missing else 0


def _archive(day: date, journals: DailyJournals, archive: str, numbers: Numbers, *, again: bool) -> bool:
    """Whether the day is in the archive now. again: look at its parts although the journal says that they are there."""
    try:
        journal = journals.writer(day)
        try:
            if again or not journal.is_archived(mark_of(archive)):
                done = archive_day(day, journal, archive, numbers)
                damaged = f", {done.damaged} records cannot be read" if done.damaged else ""
                print(f"{day}: {done.series} series are archived, {done.rows} rows were written{damaged}.", flush=True)
        finally:
            journal.close()
    except (ArchiveError, HistoryError, DamagedRecord) as error:
        print(f"{day} is not archived: {error}", file=sys.stderr, flush=True)
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
