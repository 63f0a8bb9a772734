"""No request makes the server fail: hypothesis over every route and every callback's inputs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app import create_app
from dashboard.data.contract import codec, keys
from dashboard.data.reader.live import LiveChains
from harness.builders import NIFTY_WEEKLY, make_directory, make_frame, make_report, make_series_report, make_settings
from tests.fakes import FakeClock, FakeStore
from tests.fuzz import Asked, an_app, callback_requests, route_requests, rules, wirings

APP = an_app()
FOUND = wirings(APP)
LISTED = {"NIFTY", "BANKNIFTY", "SENSEX", "RELIANCE"}
LONGEST_KEY = 100


class Bench:
    """A board with one published chain, asked without a socket."""

    def __init__(self) -> None:
        clock = FakeClock()
        self.store = FakeStore(clock)
        self.store.put(keys.DIRECTORY, codec.encode_directory(make_directory()))
        self.store.put(keys.frame(NIFTY_WEEKLY), make_frame())
        report = make_report(clock(), make_series_report(NIFTY_WEEKLY, clock()))
        self.store.put(keys.HEALTH, codec.encode_report(report))
        chains = LiveChains(self.store, clock=clock, warm=("NIFTY",))
        self.client: FlaskClient = create_app(make_settings(api_per_s=0.0), chains).server.test_client()

    def ask(self, asked: Asked) -> int:
        with self.client.open(
            asked.path, method=asked.method, headers=asked.headers, data=asked.body, buffered=True
        ) as answer:
            return answer.status_code


@pytest.fixture(scope="module")
def bench(no_waiting: None) -> Bench:
    return Bench()


@pytest.fixture(scope="module")
def no_waiting() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dashboard.routes.api.WAIT_S", 0.0)
        yield


@settings(max_examples=400, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_no_route_fails(bench: Bench, data: st.DataObject) -> None:
    asked = data.draw(route_requests(rules(APP)))
    status = bench.ask(asked)
    assert status < 500 or (status == 503 and asked.path.startswith(("/api/", "/login"))), (status, asked)
    _leaves_nothing(bench.store)


@settings(max_examples=400, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_no_callback_fails(bench: Bench, data: st.DataObject) -> None:
    asked = data.draw(callback_requests(FOUND))
    status = bench.ask(asked)
    assert status in (200, 204, 400), (status, asked)
    _leaves_nothing(bench.store)


def test_the_fuzz_covers_all_there_is() -> None:
    assert len(FOUND) >= 4  # three of the board, one of the wall
    assert {str(rule) for rule in rules(APP)} >= {"/logout", "/api/chain", "/frames/board", "/_dash-update-component"}


def _leaves_nothing(store: FakeStore) -> None:
    """Leases are of listed series, and no key is longer than ours are."""
    assert all(len(key) <= LONGEST_KEY for key in store.puts)
    assert {key.removeprefix("lease/").partition("|")[0] for key in store.keys(keys.LEASE_PREFIX)} <= LISTED
