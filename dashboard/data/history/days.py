"""The files of a history: one database per day (IST), in one directory."""

from __future__ import annotations

import contextlib
import math
import shutil
from datetime import date
from pathlib import Path
from typing import NamedTuple

from dashboard.data.history.journal import HistoryError, Journal, NotBegun

SUFFIX = ".sqlite"


class FileId(NamedTuple):
    """Which file a path names: another one after the first was deleted or replaced."""

    device: int
    inode: int


class _Open(NamedTuple):
    file: FileId
    journal: Journal


class DailyJournals:
    """The files of a directory, one per day."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._open: dict[date, _Open] = {}

    def days(self) -> list[date]:
        """Recorded days, ascending. A file with another name is none of ours."""
        found = []
        for path in self._directory.glob(f"*{SUFFIX}"):
            try:
                found.append(date.fromisoformat(path.stem))
            except ValueError:
                continue
        for gone in set(self._open) - set(found):  # an open file would keep its room on the disk
            self._close(gone)
        return sorted(found)

    def writer(self, day: date) -> Journal:
        """The day's journal, made when it is not there. Raises HistoryError."""
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise HistoryError(f"The history in {self._directory} cannot be written: {error.strerror}.") from error
        return Journal(f"sqlite:///{self._path(day)}")

    def reader(self, day: date) -> Journal | None:
        """The day's journal; None when there is none, or only just one. Raises HistoryError."""
        known, file = self._open.get(day), self.file(day)
        if known is not None and known.file == file:
            return known.journal
        self._close(day)
        if file is None:
            return None
        try:
            journal = Journal(f"sqlite:///{self._path(day)}", read_only=True)
        except NotBegun:
            return None
        self._open[day] = _Open(file, journal)
        return journal

    def file(self, day: date) -> FileId | None:
        """Which file holds the day now; None when there is none."""
        try:
            found = self._path(day).stat()
        except OSError:
            return None
        return FileId(found.st_dev, found.st_ino)

    def bytes(self, day: date) -> int:
        """What the day takes on disk; 0 when there is none."""
        total = 0
        for path in self._files(day):
            with contextlib.suppress(FileNotFoundError):
                total += path.stat().st_size
        return total

    def drop(self, day: date) -> None:
        """Delete a day. Raises OSError."""
        self._close(day)
        for path in self._files(day):
            path.unlink(missing_ok=True)

    def free_bytes(self) -> float:
        """Room left on the disk of the directory; infinite where that is unknown."""
        existing = next((place for place in (self._directory, *self._directory.parents) if place.exists()), None)
        return math.inf if existing is None else shutil.disk_usage(existing).free

    def _close(self, day: date) -> None:
        known = self._open.pop(day, None)
        if known is not None:
            known.journal.close()

    def _files(self, day: date) -> list[Path]:
        return [self._path(day), *(Path(f"{self._path(day)}-{end}") for end in ("wal", "shm"))]

    def _path(self, day: date) -> Path:
        return self._directory / f"{day.isoformat()}{SUFFIX}"
