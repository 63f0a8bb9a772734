"""A small market at a fixed instant, and a clock that moves only when told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest

from dashboard.market.session import IST
from dashboard.sandbox.clock import Clock
from dashboard.sandbox.instruments import model_universe
from dashboard.sandbox.market_model import MarketModel
from dashboard.sandbox.underlyings import EQUITIES, INDICES, STOCKS, VIX
from harness.sandbox import SandboxProcess

SPECS = (INDICES[0], INDICES[4], STOCKS[6], STOCKS[12], EQUITIES[0], VIX)  # NIFTY, SENSEX, ITC, M&M, HONAUT
NOON = datetime(2026, 11, 18, 12, 0, tzinfo=IST).timestamp()  # a Wednesday
SEED = 7


class Hand:
    """A monotonic clock moved by hand."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s

    def advance(self, seconds: float) -> None:
        self.now_s += seconds


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture
def clock(hand: Hand) -> Clock:
    return Clock(NOON, monotonic=hand)


@pytest.fixture
def market(clock: Clock) -> MarketModel:
    return MarketModel(model_universe(SPECS, clock.today(), horizon_days=3), clock, SEED)


@pytest.fixture(scope="module")
def running() -> Iterator[SandboxProcess]:
    """A sandbox in a process of its own, for all tests of a module."""
    with SandboxProcess(seed=3) as process:
        yield process


@pytest.fixture
def sandbox(running: SandboxProcess) -> Iterator[SandboxProcess]:
    """The same, with nothing out of order before and after."""
    yield running
    running.clear_faults()
