"""Files and directories that only their owner may read."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path


def make_private(directory: Path) -> None:
    """Make the directory with mode 0700, and take group and others out of one of ours that they could read.

    Raises OSError when it cannot be made. Missing parents are made private, too.
    """
    for parent in [*reversed(directory.parents), directory]:
        if not parent.is_dir():
            with contextlib.suppress(FileExistsError):  # another process was faster
                parent.mkdir(mode=0o700)
    if hasattr(os, "getuid") and (found := directory.stat()).st_uid == os.getuid() and found.st_mode & 0o077:
        with contextlib.suppress(OSError):
            directory.chmod(0o700)
