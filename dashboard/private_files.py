"""Files and directories that only their owner may read: the data directory and its files."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import stat
import sys
import tempfile
from pathlib import Path

log = logging.getLogger(__name__)

OTHERS = stat.S_IRWXG | stat.S_IRWXO


class DataDirectoryError(Exception):
    """The data directory cannot be used; the message names it and the remedy."""


def prepare_data_directory(directory: Path) -> None:
    """Make it private and check that it can be written. Raises DataDirectoryError."""
    try:
        make_private(directory)
    except OSError as error:
        raise DataDirectoryError(
            f"The data directory {directory} cannot be made: {error.strerror}; set CHAINBOARD_DATA_DIR to your own."
        ) from error
    if not os.access(directory, os.W_OK | os.X_OK):
        raise DataDirectoryError(
            f"The data directory {directory} is not writable; set CHAINBOARD_DATA_DIR to one that is."
        )


def make_private(directory: Path) -> None:
    """Make the directory and missing parents with mode 0700, or remove the rights of other users on our own.

    A directory that is not ours, or that others use too, is left unchanged and named in the log. Raises
    OSError when the directory cannot be made.
    """
    for parent in [*reversed(directory.parents), directory]:
        if not parent.is_dir():
            with contextlib.suppress(FileExistsError):  # another process was faster
                parent.mkdir(mode=0o700)
    found = directory.stat()
    if not stat.S_ISDIR(found.st_mode):
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(directory))
    if sys.platform == "win32" or not found.st_mode & OTHERS:
        return
    if found.st_uid != os.getuid() or _is_shared(directory, found.st_mode):
        log.warning("The directory %s is open to other users; give CHAINBOARD_DATA_DIR one of its own.", directory)
        return
    directory.chmod(stat.S_IMODE(found.st_mode) & ~OTHERS)
    log.warning("The directory %s was open to other users; now it is not.", directory)


def replace_text(path: Path, text: str) -> None:
    """Write `text` so that a reader gets the old file or the new one, never a part; mode 0600. Raises OSError."""
    make_private(path.parent)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")  # mkstemp gives mode 0600
    new = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        new.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            new.unlink()
        raise


def _is_shared(directory: Path, mode: int) -> bool:
    """Whether others use it too: a temporary folder, a home directory, or a parent of these."""
    resolved = directory.resolve()
    return bool(mode & stat.S_ISVTX) or resolved in {Path.home().resolve(), *Path.home().resolve().parents}
