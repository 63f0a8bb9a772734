"""Leases: of listed series only, of one viewer and in all no more than there may be, from many threads at once."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest

from dashboard.data.contract import codec, keys
from dashboard.data.reader.leases import LEASE_TTL_S, MOST_LEASES, MOST_OF_ONE, MOST_VIEWERS
from dashboard.data.reader.live import LiveChains
from dashboard.market.errors import TooManySeries
from dashboard.market.instruments import Directory, Series
from harness.builders import NEAREST, NIFTY_WEEKLY, make_directory, make_expiry, make_underlying
from tests.fakes import FakeClock, FakeStore

MANY = 1_500


def wide_directory() -> Directory:
    """NIFTY, and stocks with ten expiries each: more series than anybody may lease."""
    days = [NEAREST + timedelta(days=7 * week) for week in range(10)]
    weeks = tuple(make_expiry(day) for day in days)
    stocks = [make_underlying(f"STOCK{number}", expiries=weeks) for number in range(MANY // 10)]
    return make_directory(make_underlying("NIFTY"), *stocks)


@pytest.fixture
def wide(store: FakeStore, clock: FakeClock) -> LiveChains:
    store.put(keys.DIRECTORY, codec.encode_directory(wide_directory()))
    return LiveChains(store, clock=clock, warm=("NIFTY",))


@pytest.fixture
def listed(wide: LiveChains) -> list[Series]:
    return [
        Series(found.name, expiry.date)
        for found in wide.directory().underlyings
        if found.name != "NIFTY"
        for expiry in found.expiries
    ]


def test_what_is_not_listed_is_not_leased(chains: LiveChains, store: FakeStore) -> None:
    before = len(store.puts)
    for series in (Series("NOSUCH", NEAREST), Series("NIFTY", date(2031, 1, 1)), Series("x" * 100_000, NEAREST)):
        chains.watch(series)
    assert store.keys(keys.LEASE_PREFIX) == []
    assert len(store.puts) == before


def test_one_viewer_has_so_many_series_and_no_more(wide: LiveChains, store: FakeStore, listed: list[Series]) -> None:
    for series in listed[:MOST_OF_ONE]:
        wide.watch(series, "somebody")
    with pytest.raises(TooManySeries, match="24 series already"):
        wide.watch(listed[MOST_OF_ONE], "somebody")
    assert len(store.keys(keys.LEASE_PREFIX)) == MOST_OF_ONE
    wide.watch(listed[0], "somebody")  # what it watches goes on
    wide.watch(listed[MOST_OF_ONE], "somebody else")
    wide.watch(NIFTY_WEEKLY, "somebody")  # an index is never refused


def test_a_series_left_makes_room_when_its_lease_ends(wide: LiveChains, clock: FakeClock, listed: list[Series]) -> None:
    for series in listed[:MOST_OF_ONE]:
        wide.watch(series, "somebody")
    clock.advance(seconds=LEASE_TTL_S + 1)
    wide.watch(listed[MOST_OF_ONE], "somebody")


def test_all_together_have_so_many_and_indices_are_never_refused(
    wide: LiveChains, store: FakeStore, clock: FakeClock, listed: list[Series]
) -> None:
    other_process = LiveChains(store, clock=clock)
    for number, series in enumerate(listed[:MOST_LEASES]):
        (wide if number % 2 else other_process).watch(series, str(number))
    assert len(store.keys(keys.LEASE_PREFIX)) == MOST_LEASES
    clock.advance(seconds=2)
    for process in (wide, other_process):
        with pytest.raises(TooManySeries, match="200 series are watched"):
            process.watch(listed[MOST_LEASES], "late")
        process.watch(listed[0], "late")  # what others watch costs nothing
    wide.watch(NIFTY_WEEKLY, "late")
    assert keys.lease(NIFTY_WEEKLY) in store.keys(keys.LEASE_PREFIX)


def test_viewers_are_remembered_to_a_bound(wide: LiveChains, listed: list[Series]) -> None:
    for number in range(MOST_VIEWERS + 500):
        wide.watch(NIFTY_WEEKLY, str(number))
    assert len(wide._leases._of) <= MOST_VIEWERS


def test_many_threads_may_watch_at_once(wide: LiveChains, clock: FakeClock, listed: list[Series]) -> None:
    """Above 1,000 series this once ended in `dictionary changed size during iteration`."""
    failed: list[RuntimeError] = []

    def watch(part: int) -> None:
        try:
            for number, series in enumerate(listed[part::8]):
                clock.advance(seconds=0.5)  # so that what is over is swept while others write
                try:
                    wide.watch(series, f"{part}.{number}")
                except TooManySeries:
                    continue
        except RuntimeError as error:
            failed.append(error)

    threads = [threading.Thread(target=watch, args=(part,)) for part in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


def test_a_key_is_no_longer_than_a_key_can_be() -> None:
    with pytest.raises(ValueError, match="not a series key") as caught:
        Series.from_key("x" * 100_000 + "|2026-12-01")
    assert len(str(caught.value)) < 100
