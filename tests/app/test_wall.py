"""The wall over HTTP: its pages, and the frames that its screens ask for."""

from __future__ import annotations

import gzip
import json
import re

import pytest
from flask.testing import FlaskClient

from app import create_app
from dashboard.data.contract import codec, keys
from dashboard.data.reader.live import LiveChains
from dashboard.market.instruments import Series
from dashboard.market.session import FeedState
from dashboard.routes.frame_answers import STATUS_HEADER
from harness.builders import (
    NEAREST,
    NIFTY_WEEKLY,
    SECOND,
    make_directory,
    make_frame,
    make_report,
    make_series_report,
    make_settings,
)
from tests.fakes import FakeClock, FakeStore

CHAIN = "/frames/chain?underlying=NIFTY"


@pytest.fixture
def client(store: FakeStore, clock: FakeClock) -> FlaskClient:
    store.put(keys.DIRECTORY, codec.encode_directory(make_directory()))
    return create_app(make_settings(demo=True), LiveChains(store, clock=clock)).server.test_client()


def publish(
    store: FakeStore, clock: FakeClock, series: Series = NIFTY_WEEKLY, state: FeedState = FeedState.LIVE
) -> int:
    version = store.put(keys.frame(series), make_frame(as_of=clock(), state=state))
    entry = make_series_report(series, clock(), state=state, since_ts=clock())
    report = make_report(clock(), entry, state=state, since_ts=clock())
    store.put(keys.HEALTH, codec.encode_report(report))
    return version


def status(answer) -> dict:
    return json.loads(answer.headers[STATUS_HEADER])


@pytest.mark.parametrize("page", ["wall", "board"])
def test_the_short_address_keeps_the_link(client, page):
    answer = client.get(f"/{page}?scene=chain:NIFTY:near&theme=light")
    assert answer.status_code == 308
    assert answer.location.endswith(f"/{page}/?scene=chain:NIFTY:near&theme=light")
    assert client.get(answer.location).status_code == 200


@pytest.mark.parametrize("page", ["/wall/", "/board/"])
def test_a_screen_for_weeks_loads_no_grid(client, page):
    text = client.get(page).text
    scripts = " ".join(re.findall(r'<script src="([^"]+)"', text))
    assert "/wall/main.mjs" in scripts
    assert "assets/styles.css" in text
    for absent in ("dash_ag_grid", "dash_table", "bootstrap", "/board/main.mjs"):
        assert absent not in scripts
    assert "/board/main.mjs" in (board := client.get("/").text)
    assert "/wall/main.mjs" not in board


def test_the_frame_is_the_published_text_and_is_not_sent_twice(client, store, clock):
    version = publish(store, clock)
    answer = client.get(CHAIN, headers={"Accept-Encoding": "gzip, br"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["Cache-Control"] == "no-store"
    text = gzip.decompress(answer.data).decode()
    assert text == codec.with_version(store.read(keys.frame(NIFTY_WEEKLY)), version)
    again = client.get(f"{CHAIN}&have={NIFTY_WEEKLY.key}@{version}")
    assert (again.status_code, again.data) == (204, b"")
    assert status(again)["state"] == "live"


def test_who_takes_no_gzip_gets_it_plain(client, store, clock):
    publish(store, clock)
    answer = client.get(CHAIN, headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in answer.headers
    assert answer.json["key"] == NIFTY_WEEKLY.key


def test_asking_leases_the_series_of_the_moment(client, store, clock):
    client.get(CHAIN)
    assert store.keys(keys.LEASE_PREFIX) == [keys.lease(NIFTY_WEEKLY)]
    clock.advance(seconds=9 * 86_400)
    client.get(CHAIN)
    assert keys.lease(Series("NIFTY", SECOND)) in store.keys(keys.LEASE_PREFIX)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("underlying=NIFTTY", "NIFTTY is not a symbol"),
        ("underlying=NIFTY&expiry=2026-12-02", "02-Dec-26 is not listed"),
        ("underlying=NIFTY&expiry=2026-12-08", "Waiting for the first prices of NIFTY 08-Dec-26"),
    ],
)
def test_what_cannot_be_shown_is_said_in_words(client, store, clock, query, words):
    publish(store, clock)
    store.put(
        keys.HEALTH,
        codec.encode_report(
            {"heartbeat_ts": clock(), "state": "live", "series": [{"key": f"NIFTY|{SECOND}", "state": "live"}]}
        ),
    )
    answer = client.get(f"/frames/chain?{query}")
    assert answer.status_code == 204
    assert words in status(answer)["problem"]


def test_before_there_is_a_list_the_screen_waits(clock):
    client = create_app(make_settings(), LiveChains(FakeStore(clock), clock=clock)).server.test_client()
    for path in (CHAIN, "/frames/board"):
        answer = client.get(path)
        assert answer.status_code == 204
        assert "list of underlyings" in status(answer)["problem"]


def test_the_board_has_a_tile_per_index_and_moves_when_any_state_does(client, store, clock):
    publish(store, clock)
    board = client.get("/frames/board").json
    assert [tile["underlying"] for tile in board["tiles"]] == ["NIFTY", "BANKNIFTY", "SENSEX"]
    nifty, other, _ = board["tiles"]
    assert nifty["expiry"] == NEAREST.isoformat()
    assert nifty["metrics"]["pcr_oi"] > 0
    assert "call" not in nifty
    assert "problem" in other
    assert client.get("/frames/board", query_string={"have": board["have"]}).status_code == 204
    clock.advance(seconds=1)
    publish(store, clock, state=FeedState.STALE)
    assert client.get("/frames/board", query_string={"have": board["have"]}).status_code == 200


def test_night_is_a_closed_market_after_hours(client, store, clock):
    publish(store, clock, state=FeedState.CLOSED)
    assert status(client.get(CHAIN))["night"] is False
    clock.advance(seconds=10 * 3_600)
    publish(store, clock, state=FeedState.CLOSED)
    assert status(client.get(CHAIN))["night"] is True


def test_every_answer_names_the_build_that_the_page_carries(client, store, clock):
    publish(store, clock)
    build = status(client.get(CHAIN))["build"]
    assert len(build) == 12
    assert client.get("/wall/_dash-layout").json["props"]["data-build"] == build
