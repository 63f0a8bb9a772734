"""Small private files, replaced in one step."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from dashboard.data.private_files import make_private


def replace_text(path: Path, text: str) -> None:
    """Write `text` so that a reader sees the old file or the new one, never half; mode 0600. Raises OSError."""
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
