"""A board asked over HTTP, without a socket."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from app import create_app
from dashboard.data.reader.live import LiveChains
from harness.builders import make_settings
from tests.fakes import FakeClock, FakeStore


@pytest.fixture
def make_client(tmp_path: Path) -> Any:
    def make(**settings: Any) -> FlaskClient:
        clock = FakeClock()
        chosen = make_settings(data_dir=tmp_path, **settings)
        return create_app(chosen, LiveChains(FakeStore(clock), clock=clock)).server.test_client()

    return make


@pytest.fixture
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No account, no `.env`, a cache and data of our own; nothing may be started."""
    for variable in [name for name in os.environ if name.startswith(("FYERS_", "CHAINBOARD_"))]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv("CHAINBOARD_CACHE", f"disk://{tmp_path / 'cache'}")
    monkeypatch.setenv("CHAINBOARD_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    return tmp_path
