"""A board asked over HTTP, without a socket."""

from __future__ import annotations

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
