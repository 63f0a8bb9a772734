"""A wall of the past over HTTP: frames as of a recorded moment, and what was recorded around it."""

from __future__ import annotations

import gzip
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from app import create_app
from dashboard.data.contract import codec, keys
from dashboard.data.contract.numbers import Numbers
from dashboard.data.history.recorder import Recorder
from dashboard.data.reader.live import LiveChains
from dashboard.market.session import IST, FeedState
from dashboard.routes.frame_answers import STATUS_HEADER
from harness.builders import NIFTY_WEEKLY, make_chain, make_directory, make_published, make_settings, make_underlying
from tests.fakes import FakeClock, FakeStore

BEGAN = datetime(2026, 2, 3, 11, 0, tzinfo=IST).timestamp()
CHAIN = "/frames/chain?underlying=NIFTY&expiry=near"
BOARD = "/frames/board?expiry=near"
HOURS = 3_600.0


def chain_at(seconds: float, name: str, spot: float, state: FeedState = FeedState.LIVE) -> Any:
    chain = make_chain(n=11, spot=spot, underlying=make_underlying(name), as_of=BEGAN + seconds)
    return make_published(chain, state=state)


@pytest.fixture
def store(clock: FakeClock) -> FakeStore:
    store = FakeStore(clock)
    store.put(keys.DIRECTORY, codec.encode_directory(make_directory()))
    return store


@pytest.fixture
def client(tmp_path: Path, store: FakeStore, clock: FakeClock) -> FlaskClient:
    """A minute of NIFTY and BANKNIFTY, half an hour later NIFTY once more, and in the evening both, closed."""
    recorder = Recorder(tmp_path / "history", keep_days=10, demo=True, software="test")
    for step in range(30):
        recorder.take(chain_at(2 * step, "NIFTY", 24_000.0 + step))
        recorder.take(chain_at(2 * step + 0.25, "BANKNIFTY", 52_000.0 + step))
    recorder.take(chain_at(0.5 * HOURS, "NIFTY", 24_500.0))
    recorder.take(chain_at(5 * HOURS, "NIFTY", 24_600.0, FeedState.CLOSED))
    recorder.take(chain_at(5 * HOURS + 2, "BANKNIFTY", 52_600.0, FeedState.CLOSED))
    recorder.close()
    settings = make_settings(data_dir=tmp_path, demo=True)
    return create_app(settings, LiveChains(store, clock=clock)).server.test_client()


def status(answer: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(answer.headers[STATUS_HEADER])
    return found


def problem(answer: Any) -> str:
    assert (answer.status_code, status(answer)["refused"]) == (204, True)
    words: str = status(answer)["problem"]
    return words


def test_a_scene_shows_the_recorded_moment_and_leases_nothing(client, store, clock):
    answer = client.get(f"{CHAIN}&at={BEGAN + 20.5}", headers={"Accept-Encoding": "gzip"})
    frame = json.loads(gzip.decompress(answer.data))
    assert (frame["spot"], frame["state"], frame["key"]) == (24_010.0, "recorded", NIFTY_WEEKLY.key)
    said = status(answer)
    assert (said["state"], said["recorded_ts"], said["server_ts"]) == ("recorded", BEGAN + 20.5, clock())
    assert said["night"] is False
    assert store.keys(keys.LEASE_PREFIX) == []


def test_what_stands_on_screen_already_is_not_sent_again(client):
    first = client.get(f"{CHAIN}&at={BEGAN + 20}").get_json()
    have = f"{first['key']}@{first['version']}"
    again = client.get(f"{CHAIN}&at={BEGAN + 21.5}&have={have}")
    assert (again.status_code, again.data) == (204, b"")
    assert status(again)["recorded_ts"] == BEGAN + 21.5
    assert "problem" not in status(again)
    assert client.get(f"{CHAIN}&at={BEGAN + 22}&have={have}").status_code == 200


def test_a_record_is_computed_once_however_many_ask(client, monkeypatch):
    computed = []
    plain = Numbers.enriched
    monkeypatch.setattr(Numbers, "enriched", lambda *given, **more: computed.append(1) or plain(*given, **more))
    for at_ts in (BEGAN + 20, BEGAN + 21, BEGAN + 20.5):
        client.get(f"{CHAIN}&at={at_ts}")
    for _ in range(3):
        assert client.get(f"{BOARD}&at={BEGAN + 21}").status_code == 200
    assert len(computed) == 2, "NIFTY and BANKNIFTY"


@pytest.mark.parametrize("path", [CHAIN, BOARD])
def test_a_moment_without_a_record_names_the_nearest_ones(client, path):
    words = problem(client.get(f"{path}&at={BEGAN + 600}"))
    assert "03-Feb-26 11:10:00 IST" in words
    assert words.endswith("Recorded nearest to it: 03-Feb-26 11:00:58 IST and 03-Feb-26 11:30:00 IST.")


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("underlying=NIFTTY&at=2026-02-03T11:00:30", "That underlying was not recorded on 03-Feb-26."),
        ("underlying=NIFTY&expiry=2026-12-02&at=2026-02-03T11:00:30", "NIFTY 02-Dec-26 is not listed"),
        ("underlying=NIFTY&at=2026-02-01T11:00:30", "Recorded nearest to it: 03-Feb-26 11:00:00 IST."),
        ("underlying=NIFTY&at=2035-02-01T11:00:30", "That moment is still to come."),
    ],
)
def test_what_was_not_recorded_is_said_in_words(client, query, words):
    assert words in problem(client.get(f"/frames/chain?{query}"))


@pytest.mark.parametrize("path", [CHAIN, BOARD, "/frames/coverage?scene=board"])
def test_a_malformed_moment_is_a_400(client, path):
    for at in ("yesterday", ""):
        assert client.get(f"{path}&at={at}").status_code == 400
    assert client.get("/frames/coverage?scene=board").status_code == 400


def test_the_board_shows_each_index_with_the_way_of_its_spot(client, store):
    board = client.get(f"{BOARD}&at={BEGAN + 30.5}").get_json()
    nifty, other = sorted(board["tiles"], key=lambda tile: tile["underlying"], reverse=True)
    assert (nifty["spot"], other["spot"]) == (24_015.0, 52_015.0)
    assert (nifty["trail"][0], nifty["trail"][-1]) == ([BEGAN, 24_000.0], [BEGAN + 30, 24_015.0])
    assert nifty["trail_since"] == "spot since 11:00"
    assert "call" not in nifty
    assert client.get("/frames/board", query_string={"at": BEGAN + 31, "have": board["have"]}).status_code == 204
    assert store.keys(keys.LEASE_PREFIX) == []


def test_an_index_without_a_record_says_so_on_its_tile(client):
    board = client.get(f"{BOARD}&at={BEGAN + 0.5 * HOURS + 1}").get_json()
    nifty, other = sorted(board["tiles"], key=lambda tile: tile["underlying"], reverse=True)
    assert nifty["spot"] == 24_500.0
    assert "spot" not in other
    assert other["problem"] == (
        "not recorded at this moment. Recorded nearest to it: 03-Feb-26 11:00:58 IST and 03-Feb-26 16:00:02 IST."
    )


def test_the_way_of_a_spot_leaves_out_what_did_not_trade(client):
    tiles = client.get(f"{BOARD}&at={BEGAN + 6 * HOURS}").get_json()["tiles"]
    nifty = next(tile for tile in tiles if tile["underlying"] == "NIFTY")
    assert nifty["spot"] == 24_600.0
    assert 24_600.0 not in [spot for _, spot in nifty["trail"]]
    assert len(nifty["trail"]) <= 121


def test_coverage_is_that_of_all_scenes_together(client):
    def stretches(scenes: str) -> list[tuple[float, float, str]]:
        found = client.get(f"/frames/coverage?{scenes}&at={BEGAN}&play=60").get_json()["segments"]
        return [(one["from_ts"] - BEGAN, one["to_ts"] - BEGAN, one["kind"]) for one in found]

    both = stretches("scene=chain:NIFTY:near&scene=charts:BANKNIFTY:near")
    assert stretches("scene=board") == both
    assert [kind for *_, kind in both] == ["recorded", "missing"] * 2 + ["recorded"]
    assert both[0][0] == 0
    assert both[2][0] == 0.5 * HOURS
    assert both[-1][1] == 5 * HOURS + 2
    assert len(stretches("scene=chain:BANKNIFTY")) == 3
    assert stretches("scene=chain:NIFTTY") == []


def test_a_history_that_cannot_be_read_is_said_without_its_path(client, tmp_path):
    (tmp_path / "history" / "2026-02-03.sqlite").write_bytes(b"no database" * 99)
    for path in (CHAIN, BOARD):
        words = problem(client.get(f"{path}&at={BEGAN}"))
        assert words == "The history cannot be read; the server's log says why."
    assert client.get(f"/frames/coverage?scene=board&at={BEGAN}").status_code == 503


def test_a_board_that_records_nothing_says_so(store, clock, tmp_path):
    settings = make_settings(data_dir=tmp_path, history="off")
    client = create_app(settings, LiveChains(store, clock=clock)).server.test_client()
    assert "CHAINBOARD_HISTORY=off" in problem(client.get(f"{CHAIN}&at={BEGAN}"))
    assert client.get(f"/frames/coverage?scene=board&at={BEGAN}").get_json() == {"segments": []}
