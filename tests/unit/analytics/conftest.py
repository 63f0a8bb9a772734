"""Test vectors: options, invalid prices and worked chains computed with 40 digits."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

VECTORS = Path(__file__).parents[2] / "reference" / "vectors"


@pytest.fixture(scope="session")
def vectors() -> dict[str, Any]:
    """The figures, once they are known to be the ones that the metadata describes."""
    raw = (VECTORS / "options.json").read_bytes()
    metadata = json.loads((VECTORS / "metadata.json").read_text(encoding="utf-8"))
    assert hashlib.sha256(raw).hexdigest() == metadata["files"]["options.json"]["sha256"]
    return json.loads(raw)
