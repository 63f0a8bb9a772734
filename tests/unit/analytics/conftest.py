"""Test vectors and the recorded session, read from beside the checkout."""

import json
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="session")
def vectors(shared: Path) -> dict[str, Any]:
    """Options, invalid prices and worked chains computed with 40 digits."""
    path = shared / "vectors" / "options.json"
    if not path.is_file():
        pytest.skip("no vectors/options.json in the shared folder")
    return json.loads(path.read_text(encoding="utf-8"))
