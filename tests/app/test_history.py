"""The API as of a recorded moment."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from app import create_app
from dashboard.data.history.recorder import Recorder
from dashboard.data.reader.live import LiveChains
from dashboard.market.session import IST
from harness.builders import NIFTY_WEEKLY, make_chain, make_published, make_settings
from tests.fakes import FakeClock, FakeStore

BEGAN = datetime(2026, 2, 3, 11, 0, tzinfo=IST).timestamp()
CHAIN = "/api/chain?underlying=NIFTY&expiry=2026-12-01"


@pytest.fixture
def client(tmp_path: Path) -> FlaskClient:
    """A board without a feed, on whose disk a minute of a past day was recorded."""
    recorder = Recorder(tmp_path / "history", keep_days=10, demo=True, software="test")
    for step in range(30):
        recorder.take(make_published(make_chain(n=11, spot=24_000.0 + step, as_of=BEGAN + 2 * step)))
    recorder.close()
    settings = make_settings(data_dir=tmp_path, demo=True)
    return create_app(settings, LiveChains(FakeStore(), clock=FakeClock())).server.test_client()


@pytest.mark.parametrize("at", [str(BEGAN + 20.5), "2026-02-03T11:00:20.5", "2026-02-03T05:30:20.5Z"])
def test_a_moment_is_given_in_ist_with_an_offset_or_as_seconds(client: FlaskClient, at: str) -> None:
    answer = client.get(f"{CHAIN}&at={at}")
    document: dict[str, Any] = answer.get_json()
    assert answer.status_code == 200, document
    assert (document["spot"], document["state"], document["as_of_ts"]) == (24_010.0, "recorded", BEGAN + 20)
    assert len(document["rows"]) == 11
    assert document["metrics"]["atm_iv"] == pytest.approx(0.14, abs=5e-3)


def test_the_nearest_expiry_is_that_of_the_recorded_day(client: FlaskClient) -> None:
    document = client.get(f"/api/chain?underlying=NIFTY&at={BEGAN + 1}").get_json()
    assert document["key"] == NIFTY_WEEKLY.key


def test_a_recorded_moment_can_be_had_as_csv(client: FlaskClient) -> None:
    answer = client.get(f"{CHAIN}&at={BEGAN}&format=csv")
    assert answer.mimetype == "text/csv"
    assert len(answer.text.splitlines()) == 12


def test_a_gap_is_a_404_with_the_nearest_moments(client: FlaskClient) -> None:
    answer = client.get(f"{CHAIN}&at={BEGAN + 600}")
    assert answer.status_code == 404
    error = answer.get_json()["error"]
    assert (error["code"], error["before_ts"], error["after_ts"]) == ("not_recorded", BEGAN + 58, None)


@pytest.mark.parametrize("at", ["", "yesterday", "1e400", "nan", "-1e18", "2026-02-30T11:00"])
def test_a_malformed_moment_is_a_400_with_an_example(client: FlaskClient, at: str) -> None:
    answer = client.get(f"{CHAIN}&at={at}")
    assert answer.status_code == 400
    assert "2026-11-23T11:42:05" in answer.get_json()["error"]["message"]


def test_days_and_what_of_them_was_recorded(client: FlaskClient) -> None:
    assert client.get("/api/days").get_json() == {"days": ["2026-02-03"]}
    asked = "/api/coverage?underlying=NIFTY&expiry=2026-12-01&day="
    found = client.get(asked + "2026-02-03").get_json()["segments"]
    assert [(part["from_ts"], part["to_ts"], part["kind"]) for part in found] == [(BEGAN, BEGAN + 58, "recorded")]
    assert client.get(asked + "2026-02-04").get_json() == {"segments": []}
    assert client.get(asked + "today").status_code == 400
    assert client.get("/api/coverage?underlying=NIFTY&day=2026-02-03").status_code == 400


def test_a_board_that_records_nothing_says_so(tmp_path: Path) -> None:
    settings = make_settings(data_dir=tmp_path, history="off")
    client = create_app(settings, LiveChains(FakeStore(), clock=FakeClock())).server.test_client()
    answer = client.get(f"{CHAIN}&at={BEGAN}")
    assert answer.status_code == 404
    assert "CHAINBOARD_HISTORY=off" in answer.get_json()["error"]["message"]
    assert client.get("/api/days").get_json() == {"days": []}


def test_a_file_of_another_release_is_a_503_without_its_path(client: FlaskClient, tmp_path: Path) -> None:
    (tmp_path / "history" / "2026-02-03.sqlite").write_bytes(b"no database" * 99)
    answer = client.get(f"{CHAIN}&at={BEGAN}")
    assert answer.status_code == 503
    assert str(tmp_path) not in answer.text
