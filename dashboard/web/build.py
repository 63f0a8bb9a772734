"""The build of the pages: screens that stay open for weeks reload when theirs is outdated."""

from __future__ import annotations

import hashlib
from pathlib import Path

PARTS = (("assets", "*.js"), ("assets", "*.mjs"), ("assets", "*.css"), ("dashboard", "*.py"))


def build_of(root: Path) -> str:
    """Twelve hexadecimal digits that change with any file of a page."""
    digest = hashlib.sha256()
    for folder, pattern in PARTS:
        for path in sorted((root / folder).rglob(pattern)):
            digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]
