"""`/metrics`: the feed's numbers from the cache, and the counts of all web processes from any of them."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from app import create_app
from dashboard.data.contract import codec, keys
from dashboard.data.reader.live import LiveChains
from dashboard.market.session import FeedState
from dashboard.routes.web_counts import WebCounts, kind_of
from dashboard.routes.web_registry import WebRegistry
from harness.builders import NIFTY_WEEKLY, make_settings
from tests.fakes import FakeClock, FakeStore


@pytest.fixture
def client(store: FakeStore, clock: FakeClock) -> FlaskClient:
    return create_app(make_settings(api_per_s=0.0), LiveChains(store, clock=clock)).server.test_client()


def report(store: FakeStore, clock: FakeClock, **fields: Any) -> None:
    now = clock()
    told: dict[str, Any] = {
        "heartbeat_ts": now - 0.5,
        "started_ts": now - 100,
        "state": "live",
        "socket": {"state": "live", "subscribed": 812},
        "last_tick_ts": now - 0.25,
        "ticks_per_s": 1234.5,
        "frames_per_s": 9.5,
        "ticks_total": 99_000,
        "frames_total": 700,
        "frames_failed": 1,
        "writes_failed": 2,
        "polls_total": 55,
        "symbols_left_out": 0,
        "rest_budget": {"second": 1, "minute": 42, "day": 900, "limits": {"second": 8, "minute": 120, "day": 90_000}},
        "restarts": 3,
        "token_expires_ts": now + 3_600,
        "rejects": {"wrong_expiry": 4, "spot_spike": 1},
        "sinks": {
            "cache": {"taken": 690, "failed": 2, "dropped": 8, "waiting": 0},
            "history": {
                "taken": 600,
                "lag_s": 1.5,
                "problem": "no_room",
                "counts": {"records": 500, "bytes": 123_456, "not_written": 7},
            },
        },
        "series": [{"key": NIFTY_WEEKLY.key, "state": "live", "as_of_ts": now - 1}],
    }
    store.put(keys.HEALTH, codec.encode_report(told | fields))


def scraped(client: FlaskClient) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.mimetype == "text/plain"
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def value(found: Any, name: str, **labels: str) -> float | None:
    return found.get((name, frozenset(labels.items())))


def test_what_the_feed_tells_of_itself_is_there(client: FlaskClient, store: FakeStore, clock: FakeClock) -> None:
    report(store, clock)
    store.put(keys.lease(NIFTY_WEEKLY), b"", ttl_s=30)
    found = scraped(client)
    assert value(found, "chainboard_up") == 1
    assert value(found, "chainboard_state", state="live") == 1
    assert value(found, "chainboard_state", state="stale") == 0
    assert value(found, "chainboard_tick_age_seconds") == pytest.approx(0.25)
    assert value(found, "chainboard_ticks_per_second") == 1234.5
    assert value(found, "chainboard_frames_per_second") == 9.5
    assert value(found, "chainboard_ticks_total") == 99_000
    assert value(found, "chainboard_frames_failed_total") == 1
    assert value(found, "chainboard_writes_failed_total") == 2
    assert value(found, "chainboard_sink_taken_total", sink="cache") == 690
    assert value(found, "chainboard_sink_failed_total", sink="cache") == 2
    assert value(found, "chainboard_sink_dropped_total", sink="cache") == 8
    assert value(found, "chainboard_history_records_total") == 500
    assert value(found, "chainboard_history_bytes_total") == 123_456
    assert value(found, "chainboard_history_not_written_total") == 7
    assert value(found, "chainboard_sink_lag_seconds", sink="history") == 1.5
    assert value(found, "chainboard_sink_lag_seconds", sink="cache") is None
    assert value(found, "chainboard_sink_problem", sink="history", problem="no_room") == 1
    assert value(found, "chainboard_socket_restarts_total") == 3
    assert value(found, "chainboard_rejects_total", reason="wrong_expiry") == 4
    assert value(found, "chainboard_rest_calls", window="minute") == 42
    assert value(found, "chainboard_rest_calls_limit", window="minute") == 120
    assert value(found, "chainboard_symbols_subscribed") == 812
    assert value(found, "chainboard_series_state", series=NIFTY_WEEKLY.key, state="live") == 1
    assert value(found, "chainboard_series_age_seconds", series=NIFTY_WEEKLY.key) == pytest.approx(1.0)
    assert value(found, "chainboard_token_expiry_time_seconds") == pytest.approx(clock() + 3_600)
    assert value(found, "chainboard_series_watched") == 1


def test_a_feed_that_is_not_there_is_down_and_nothing_is_invented(client: FlaskClient) -> None:
    found = scraped(client)
    assert value(found, "chainboard_up") == 0
    assert value(found, "chainboard_state", state=FeedState.OFFLINE.value) == 1
    assert value(found, "chainboard_tick_age_seconds") is None
    assert value(found, "chainboard_rest_calls", window="minute") is None


@pytest.mark.parametrize("nonsense", [{"socket": None}, {"rejects": None}, {"series": None}, {"rest_budget": None}])
def test_a_report_with_gaps_is_no_error(
    client: FlaskClient, store: FakeStore, clock: FakeClock, nonsense: dict[str, Any]
) -> None:
    report(store, clock, **nonsense)
    assert value(scraped(client), "chainboard_up") == 1


def test_any_process_answers_for_all(client: FlaskClient, store: FakeStore) -> None:
    other = {"requests": [["update", "200", 17]], "seconds": {"update": 0.25}, "viewers": ["aa", "bb"]}
    WebRegistry(store).publish("elsewhere-1", other)
    client.get("/_dash-update-component")
    client.get("/api/nothing")
    found = scraped(client)
    assert value(found, "chainboard_web_requests_total", worker="elsewhere-1", kind="update", status="200") == 17
    assert value(found, "chainboard_web_seconds_total", worker="elsewhere-1", kind="update") == 0.25
    own = {dict(labels)["kind"] for name, labels in found if name == "chainboard_web_requests_total"}
    assert {"update", "api"} <= own
    assert value(found, "chainboard_viewers") == 3


def test_one_browser_is_one_viewer_whichever_process_it_asks(store: FakeStore, clock: FakeClock) -> None:
    desk = WebRegistry(store)
    for process in ("one", "two"):
        counts = WebCounts(desk, clock)
        counts.process = process
        counts.count("/_dash-update-component", 200, 0.001, "same")
    viewers = set().union(*(told["viewers"] for told in desk.reports().values()))
    assert viewers == {"same"}


def test_a_viewer_that_has_left_is_not_counted(store: FakeStore, clock: FakeClock) -> None:
    counts = WebCounts(WebRegistry(store), clock)
    counts.count("/frames/board", 204, 0.001, "wall")
    assert counts.report()["viewers"] == ["wall"]
    clock.advance(seconds=31)
    assert counts.report()["viewers"] == []


def test_a_process_that_has_ended_disappears(store: FakeStore, clock: FakeClock) -> None:
    desk = WebRegistry(store)
    desk.publish("gone", {"requests": []})
    clock.advance(seconds=60)
    assert desk.reports() == {}


def test_counting_goes_on_without_a_cache(store: FakeStore, clock: FakeClock) -> None:
    store.broken = True
    counts = WebCounts(WebRegistry(store), clock)
    counts.count("/", 200, 0.1, "a")
    counts.publish()
    assert counts.report()["requests"] == [["page", "200", 1]]


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "page"),
        ("/wall/", "page"),
        ("/wall/_dash-update-component", "update"),
        ("/_dash-component-suites/dash/x.js", "assets"),
        ("/modules/1/lib/format.mjs", "assets"),
        ("/frames/board", "frames"),
        ("/../../etc/passwd", "page"),
        ("/a/b/api", "page"),
    ],
)
def test_a_path_is_one_of_few_words(path: str, kind: str) -> None:
    assert kind_of(path) == kind


def test_a_value_is_spent_once_whichever_process_is_asked(store: FakeStore) -> None:
    one, two = WebRegistry(store), WebRegistry(store)
    assert one.first_use("state")
    assert not one.first_use("state")
    assert not two.first_use("state")
    assert two.first_use("other")
    assert all("state" not in key for key in store.keys("spent/"))
