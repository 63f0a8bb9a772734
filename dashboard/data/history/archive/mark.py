"""The name of an archive by which a journal notes that it is there: without the keys that a URL may hold."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from dashboard.data.history.journal import Journal


def mark_of(archive: str) -> str:
    """Sixteen hexadecimal digits of an archive's directory or URL."""
    return hashlib.sha256(archive.encode()).hexdigest()[:16]


def archived_in(archive: str) -> Callable[[Journal], bool] | None:
    """The question whether a journal is in that archive, which raises HistoryError; None without an archive."""
    return None if not archive else lambda journal: journal.is_archived(mark_of(archive))
