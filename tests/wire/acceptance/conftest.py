"""The brokers that the acceptance suite holds to one contract, each against its own server on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from dashboard.data.brokers.protocol import MarketData
from dashboard.data.brokers.registry import open_market_data
from dashboard.settings import Settings
from harness.sandbox import SandboxProcess
from tests.wire.acceptance.csv_server import CsvServer

CSV_PROVIDER = "tests.wire.acceptance.csv_broker:BROKER"


@dataclass
class Venue:
    """A broker's server and the environment that points a board at it."""

    environment: dict[str, str]

    def settings(self, data_dir: Path) -> Settings:
        return Settings.from_environment(self.environment, demo=True, data_dir=data_dir)


@pytest.fixture(scope="module", params=["fyers", "csv"])
def venue(request: pytest.FixtureRequest) -> Iterator[Venue]:
    if request.param == "csv":
        with CsvServer() as server:
            yield Venue({"CHAINBOARD_PROVIDER": CSV_PROVIDER, "FYERS_DATA_URL": server.url})
    else:
        with SandboxProcess() as sandbox:
            yield Venue(dict(sandbox.environment))


@pytest.fixture(scope="module")
def broker(venue: Venue, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MarketData]:
    opened = open_market_data(venue.settings(tmp_path_factory.mktemp("data")))
    yield opened
    opened.close()
