"""What tests of the web share: a clock, a cache, and the questions a screen asks of it."""

from __future__ import annotations

import pytest

from dashboard.data.cache import codec, keys
from dashboard.data.queries import Chains
from tests.builders import make_directory
from tests.fakes import FakeClock, FakeStore


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(clock: FakeClock) -> FakeStore:
    return FakeStore(clock)


@pytest.fixture
def chains(store: FakeStore, clock: FakeClock) -> Chains:
    store.put(keys.DIRECTORY, codec.encode_directory(make_directory()))
    return Chains(store, clock=clock)
