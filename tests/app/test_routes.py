"""Routes over HTTP, answering from a cache that tests fill as the feed does."""

from __future__ import annotations

import csv
import io
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import orjson
import pytest
from dash import Dash, html
from flask.testing import FlaskClient

from dashboard import routes
from dashboard.data.contract import codec, keys
from dashboard.data.reader.live import LiveChains
from dashboard.data.reader.time_machine import TimeMachine
from dashboard.market.instruments import Series
from dashboard.routes import api
from dashboard.routes.chain_document import with_rows
from harness.builders import (
    MONTHLY,
    NEAREST,
    NIFTY_WEEKLY,
    SECOND,
    make_directory,
    make_frame,
    make_report,
    make_series_report,
    make_settings,
)
from harness.process import eventually
from tests.fakes import FakeClock, FakeStore

CONTRACT_HEAD = {
    "underlying", "symbol", "expiry", "expiry_ts", "lot_size", "as_of_ts", "version", "state", "demo", "rate",
    "years_to_expiry", "spot", "spot_change", "forward", "forward_source", "atm_strike", "metrics", "rows",
}  # fmt: skip
CONTRACT_METRICS = {
    "pcr_oi", "pcr_volume", "max_pain", "straddle", "expected_move", "atm_iv", "call_oi", "put_oi", "call_oi_change",
    "put_oi_change", "net_gex_crore", "zero_gamma", "skew_25d",
}  # fmt: skip
CONTRACT_LEG = {
    "symbol", "ltp", "ltp_change", "bid", "ask", "volume", "oi", "oi_change", "prev_oi", "iv", "iv_status", "delta",
    "gamma", "theta", "vega", "build_up", "tick_ts", "oi_ts",
}  # fmt: skip


class Feed:
    """Writes into the cache what the feed would."""

    def __init__(self, store: FakeStore, clock: FakeClock) -> None:
        self.store, self.clock = store, clock

    def list_underlyings(self) -> None:
        self.store.put(keys.DIRECTORY, codec.encode_directory(make_directory()))

    def publish(self, series: Series = NIFTY_WEEKLY, **chain_fields: Any) -> None:
        self.store.put(keys.frame(series), make_frame(**chain_fields))

    def report(self, *carried: Series, state: str = "live", **fields: Any) -> None:
        now = self.clock()
        same: dict[str, Any] = {"state": state, "since_ts": now - 9}
        entries = [make_series_report(series, now, as_of_ts=now - 1, **same) for series in carried]
        report = make_report(now, *entries, **same | {"demo": True, "token_expires_ts": now + 3600} | fields)
        self.store.put(keys.HEALTH, codec.encode_report(report))

    def refuse(self, series: Series, code: str, message: str) -> None:
        self.store.put(keys.problem(series), codec.encode_report({"code": code, "message": message}))


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def feed(clock: FakeClock) -> Feed:
    return Feed(FakeStore(clock), clock)


@pytest.fixture
def client(feed: Feed, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    monkeypatch.setattr(api, "WAIT_S", 0.2)
    app = Dash(__name__)
    app.layout = html.Div()
    settings = make_settings(history="off")
    routes.register(app, LiveChains(feed.store, clock=clock), TimeMachine(settings), settings)
    return app.server.test_client()


def chain_of(client: FlaskClient, **query: str) -> Any:
    return client.get("/api/chain", query_string={"underlying": "NIFTY", "expiry": NEAREST.isoformat()} | query)


def error_of(answer: Any) -> tuple[int, str]:
    assert answer.json["error"]["message"].endswith(".")
    return answer.status_code, answer.json["error"]["code"]


def test_underlyings_are_listed_with_the_brokers_own_epochs(client: FlaskClient, feed: Feed) -> None:
    feed.list_underlyings()
    nifty = client.get("/api/underlyings").json[0]
    assert {"name", "symbol", "exchange", "lot_size", "expiries"} <= set(nifty)
    assert nifty["lot_size"] == 65
    assert nifty["expiries"][0]["date"] == "2026-12-01"
    assert nifty["expiries"][0]["expiry_ts"] == 1796119800
    assert [expiry["kind"] for expiry in nifty["expiries"]] == ["W", "W", "M"]


def test_a_chain_holds_every_key_of_the_contract(client: FlaskClient, feed: Feed) -> None:
    feed.list_underlyings()
    feed.publish()
    feed.report(NIFTY_WEEKLY)
    chain = chain_of(client).json
    assert set(chain) >= CONTRACT_HEAD
    assert set(chain["metrics"]) >= CONTRACT_METRICS
    assert set(chain["rows"][0]["call"]) >= CONTRACT_LEG
    assert set(chain["rows"][0]["put"]) >= CONTRACT_LEG
    assert chain["state"] == "live"
    assert chain["demo"] is True
    assert chain["version"] > 0


def test_a_row_is_one_strike_with_its_own_two_legs(client: FlaskClient, feed: Feed) -> None:
    feed.list_underlyings()
    feed.publish()
    feed.report(NIFTY_WEEKLY)
    rows = chain_of(client).json["rows"]
    assert [row["strike"] for row in rows] == sorted(row["strike"] for row in rows)
    for row in rows:
        assert row["call"]["symbol"].endswith(f"{row['strike']:g}CE")
        assert row["put"]["symbol"].endswith(f"{row['strike']:g}PE")


def test_csv_has_calls_left_of_the_strike_and_puts_right_of_it(client: FlaskClient, feed: Feed) -> None:
    feed.list_underlyings()
    feed.publish()
    feed.report(NIFTY_WEEKLY)
    answer = chain_of(client, format="csv")
    assert answer.mimetype == "text/csv"
    lines = list(csv.DictReader(io.StringIO(answer.text)))
    header = list(lines[0])
    assert header.index("call_ltp") < header.index("strike") < header.index("put_ltp")
    expected = chain_of(client).json["rows"]
    assert [float(line["put_oi"]) for line in lines] == [row["put"]["oi"] for row in expected]


def test_unknown_is_null_in_json_and_empty_in_csv(client: FlaskClient, feed: Feed) -> None:
    feed.list_underlyings()
    feed.publish(spot=24_010.0, spot_change=float("nan"))
    feed.report(NIFTY_WEEKLY)
    chain = chain_of(client).json
    assert chain["spot_change"] is None
    frame = orjson.loads(make_frame())
    frame["call"]["oi"][0] = None
    assert with_rows(frame)["rows"][0]["call"]["oi"] is None


def test_asking_for_a_chain_leases_it(client: FlaskClient, feed: Feed) -> None:
    feed.list_underlyings()
    chain_of(client, expiry=SECOND.isoformat())
    assert feed.store.keys(keys.LEASE_PREFIX) == [keys.lease(Series("NIFTY", SECOND))]


def test_without_an_expiry_the_nearest_is_given(client: FlaskClient, feed: Feed) -> None:
    feed.list_underlyings()
    feed.publish()
    feed.report(NIFTY_WEEKLY)
    assert chain_of(client, expiry="").json["expiry"] == NEAREST.isoformat()


def test_a_frame_left_from_an_earlier_watch_is_not_called_live(client: FlaskClient, feed: Feed) -> None:
    feed.list_underlyings()
    feed.publish()
    feed.report()  # the feed is live, but does not carry the series
    assert chain_of(client).json["state"] == "stale"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"expiry": "01-12-2026"}, (400, "bad_request")),
        ({"format": "xml"}, (400, "bad_request")),
        ({"underlying": ""}, (400, "bad_request")),
        ({"underlying": "NOSUCH"}, (404, "unknown_underlying")),
        ({"underlying": "TINYCO"}, (404, "no_options")),
        ({"expiry": "2026-12-02"}, (404, "unknown_expiry")),
        ({}, (503, "feed_not_ready")),
    ],
)
def test_errors_say_what_is_wrong(client: FlaskClient, feed: Feed, query: dict[str, str], expected: Any) -> None:
    feed.list_underlyings()
    assert error_of(chain_of(client, **query)) == expected


def test_no_directory_yet_is_a_503_not_an_empty_list(client: FlaskClient) -> None:
    assert error_of(client.get("/api/underlyings")) == (503, "feed_not_ready")
    assert error_of(chain_of(client)) == (503, "feed_not_ready")


def test_a_series_the_feed_cannot_serve_says_why_without_waiting(client: FlaskClient, feed: Feed) -> None:
    feed.list_underlyings()
    feed.report()
    feed.refuse(NIFTY_WEEKLY, "login_needed", "FYERS asks for a new login.")
    assert error_of(chain_of(client)) == (503, "login_needed")


def test_an_unknown_api_path_is_not_the_page(client: FlaskClient) -> None:
    assert error_of(client.get("/api/orderbook")) == (404, "not_found")


def test_a_fault_of_ours_shows_no_traceback(client: FlaskClient, feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    feed.list_underlyings()
    empty: dict[str, Any] = {}
    monkeypatch.setattr(api, "listed", lambda _: empty["secret detail"])
    answer = client.get("/api/underlyings")
    assert error_of(answer) == (500, "internal_error")
    assert "secret detail" not in answer.text


def test_only_a_few_callers_wait_at_once() -> None:
    patience, over = api.FrameWait(), threading.Event()
    asked: Counter[int] = Counter()

    def ask(caller: int) -> bool | None:
        asked[caller] += 1
        return over.is_set() or None

    with ThreadPoolExecutor(api.WAITING_AT_ONCE) as callers:
        for number in range(api.WAITING_AT_ONCE):
            callers.submit(patience.wait, lambda number=number: ask(number))
        eventually(lambda: len(asked) == api.WAITING_AT_ONCE and min(asked.values()) > 1, what="all of them wait")
        assert patience.wait(lambda: ask(-1)) is None
        assert asked[-1] == 1, "one more does not wait: it asks once"
        over.set()


@pytest.mark.parametrize(
    ("state", "status", "http"),
    [
        ("live", "ok", 200),
        ("closed", "ok", 200),
        ("replay", "ok", 200),
        ("stale", "degraded", 200),
        ("login_needed", "degraded", 200),
    ],
)
def test_health_follows_the_feed(client: FlaskClient, feed: Feed, state: str, status: str, http: int) -> None:
    feed.report(NIFTY_WEEKLY, state=state)
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json["status"]) == (http, status)
    assert {"state", "last_tick_age_s", "socket", "rest_budget", "restarts", "token_expires_in_s"} <= set(
        answer.json["feed"]
    )
    assert answer.json["feed"]["token_expires_in_s"] == 3600
    assert answer.json["series"][0]["key"] == NIFTY_WEEKLY.key


def test_a_recording_that_stands_still_is_said_and_the_numbers_stay_healthy(client: FlaskClient, feed: Feed) -> None:
    feed.report(NIFTY_WEEKLY, state="live")
    assert client.get("/healthz").json["recording"] is None
    feed.report(NIFTY_WEEKLY, state="live", sinks={"history": {"problem": "no_room"}})
    document = client.get("/healthz").json
    assert (document["status"], document["message"]) == ("ok", "Live from the demo market.")
    assert document["recording"] == "Recording has stopped: the disk is full."
    assert document["feed"]["sinks"] == {"history": {"problem": "no_room"}}


def test_a_silent_feed_is_down(client: FlaskClient, feed: Feed, clock: FakeClock) -> None:
    feed.report(NIFTY_WEEKLY)
    clock.advance(seconds=6)
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json["status"]) == (503, "down")


def test_health_is_down_before_the_first_report(client: FlaskClient) -> None:
    assert client.get("/healthz").status_code == 503


def test_a_document_is_made_once_per_version(client: FlaskClient, feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    monkeypatch.setattr(
        "dashboard.routes.chain_document.with_rows", lambda frame: made.append(frame) or with_rows(frame)
    )
    feed.list_underlyings()
    feed.publish()
    feed.report(NIFTY_WEEKLY)
    chain_of(client)
    chain_of(client)
    assert len(made) == 1
    feed.publish(spot=24_100.0)
    assert chain_of(client).json["spot"] == 24_100.0


def test_a_stocks_monthly_chain_has_its_own_lot(client: FlaskClient, feed: Feed) -> None:
    feed.list_underlyings()
    reliance = next(item for item in client.get("/api/underlyings").json if item["name"] == "RELIANCE")
    assert reliance["kind"] == "stock"
    assert reliance["expiries"] == [
        {"date": MONTHLY.isoformat(), "expiry_ts": reliance["expiries"][0]["expiry_ts"], "kind": "M", "lot_size": 30}
    ]
