"""The second broker runs the board: from the index over its expiry buttons to the chain, with FYERS nowhere near."""

from __future__ import annotations

import pytest

from app import create_app
from dashboard.data.brokers.registry import broker_of, open_login
from dashboard.market.instruments import Series
from dashboard.market.session import FeedState
from dashboard.settings import Settings
from harness.feed import FeedProcess
from harness.process import eventually
from tests.wire.acceptance.conftest import CSV_PROVIDER
from tests.wire.acceptance.csv_server import LOT, STRIKES, CsvServer

pytestmark = pytest.mark.wire


@pytest.fixture(scope="module")
def server():
    with CsvServer() as running:
        yield running


@pytest.fixture(scope="module")
def feed(server: CsvServer, tmp_path_factory: pytest.TempPathFactory):
    environment = {"CHAINBOARD_PROVIDER": CSV_PROVIDER, "FYERS_DATA_URL": server.url}
    with FeedProcess(tmp_path_factory.mktemp("csv"), environment, CHAINBOARD_UNDERLYINGS="TULIP") as running:
        running.wait_until_live(running.nearest("TULIP"))
        yield running


def settings_of(feed: FeedProcess) -> Settings:
    return Settings.from_environment(feed.variables)


@pytest.mark.smoke
def test_index_expiries_and_chain_over_http(feed):
    client = create_app(settings_of(feed), feed.screen).server.test_client()
    listed = {found["name"]: found for found in client.get("/api/underlyings").json}
    assert set(listed) == {"TULIP", "ROSE"}
    assert listed["ROSE"]["lot_size"] == LOT

    for expiry in listed["ROSE"]["expiries"]:
        series = Series.from_key(f"ROSE|{expiry['date']}")
        feed.screen.watch(series)
        feed.wait_until_live(series)
        chain = client.get(f"/api/chain?underlying=ROSE&expiry={expiry['date']}").json
        assert (chain["underlying"], chain["expiry"], chain["state"]) == ("ROSE", expiry["date"], "live")
        assert [row["strike"] for row in chain["rows"]] == STRIKES
        assert chain["metrics"]["pcr_oi"] == 1.0
        assert chain["metrics"]["atm_iv"] == pytest.approx(0.2, abs=0.01)


def test_the_chain_lives(feed):
    series = feed.nearest("TULIP")
    before = feed.frame(series)
    eventually(lambda: feed.frame(series)["spot"] != before["spot"])


def test_a_broker_out_of_reach_makes_the_board_stale_and_its_return_live(feed, server):
    series = feed.nearest("TULIP")
    server.refusing = True
    try:
        eventually(lambda: feed.state(series) is FeedState.STALE)
        assert feed.frame(series)["spot"] is not None
    finally:
        server.refusing = False
    eventually(lambda: feed.state(series) is FeedState.LIVE)


def test_it_has_a_name_and_no_login(feed):
    settings = settings_of(feed)
    assert broker_of(settings).name == "CSV & Sons"
    assert open_login(settings) is None
    assert create_app(settings, feed.screen).server.test_client().get("/login").status_code == 404


def test_a_provider_that_is_none_is_refused_in_words():
    for name in ("nobody", "tests.wire.acceptance.csv_broker:NOTHING", "no.such.module:BROKER", "os:path"):
        with pytest.raises(LookupError, match=r"known: fyers|There is no"):
            broker_of(Settings(provider=name))
