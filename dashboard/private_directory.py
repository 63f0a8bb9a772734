"""The one place that makes the data directory: for its owner alone, or a sentence that says why not."""

from __future__ import annotations

import logging
import os
import stat
import sys
from pathlib import Path

log = logging.getLogger(__name__)

OTHERS = stat.S_IRWXG | stat.S_IRWXO


class DataDirectoryError(Exception):
    """The data directory cannot be used; the message names it and says what to do."""


def prepare_data_directory(directory: Path) -> None:
    """Make it with mode 0700, or take from others what they may do in one that is ours. Raises DataDirectoryError."""
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = directory.stat()
    except OSError as error:
        raise DataDirectoryError(
            f"The data directory {directory} cannot be made: {error.strerror}; set CHAINBOARD_DATA_DIR to your own."
        ) from error
    if not os.access(directory, os.W_OK | os.X_OK):
        raise DataDirectoryError(
            f"The data directory {directory} is not writable; set CHAINBOARD_DATA_DIR to one that is."
        )
    if sys.platform == "win32" or not found.st_mode & OTHERS:
        return
    if found.st_uid != os.getuid() or _is_shared(directory, found.st_mode):
        log.warning("The data directory %s is open to other users; give CHAINBOARD_DATA_DIR one of its own.", directory)
        return
    directory.chmod(stat.S_IMODE(found.st_mode) & ~OTHERS)
    log.warning("The data directory %s was open to other users; now it is not.", directory)


def _is_shared(directory: Path, mode: int) -> bool:
    """Whether it serves more than the board: a temporary folder, somebody's home, or what those lie in."""
    resolved = directory.resolve()
    return bool(mode & stat.S_ISVTX) or resolved in {Path.home().resolve(), *Path.home().resolve().parents}
