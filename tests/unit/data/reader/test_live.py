"""The questions of the screen, answered from a cache that is full, empty, old, damaged or out of reach."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from dashboard.data.contract import codec, keys
from dashboard.data.reader.leases import LEASE_TTL_S
from dashboard.data.reader.live import LiveChains
from dashboard.market.errors import FeedNotReady, NoOptions, UnknownUnderlying
from dashboard.market.instruments import Series, UnderlyingKind
from dashboard.market.session import FeedState
from harness.builders import (
    NEAREST,
    NIFTY_WEEKLY,
    SECOND,
    make_directory,
    make_expiry,
    make_frame,
    make_report,
    make_series_report,
    make_underlying,
)
from tests.fakes import FakeClock, FakeStore


def report(clock: FakeClock, **fields: Any) -> bytes:
    return codec.encode_report(
        make_report(clock(), make_series_report(NIFTY_WEEKLY, clock(), as_of_ts=clock() - 1), **fields)
    )


# What can be chosen


def test_nothing_can_be_chosen_before_the_feed_has_spoken(store: FakeStore) -> None:
    with pytest.raises(FeedNotReady, match="has not arrived yet"):
        LiveChains(store).directory()


def test_the_directory_is_decoded_once_per_version(chains: LiveChains, store: FakeStore) -> None:
    first = chains.directory()
    for _ in range(5):
        assert chains.directory() is first
    assert store.reads == 1
    store.put(keys.DIRECTORY, codec.encode_directory(make_directory(make_underlying("BANKEX", exchange="BSE"))))
    assert [found.name for found in chains.directory().underlyings] == ["BANKEX"]


def test_a_damaged_directory_leaves_the_last_good_one(chains: LiveChains, store: FakeStore) -> None:
    first = chains.directory()
    store.put(keys.DIRECTORY, b"{half")
    assert chains.directory() is first


def test_an_underlying_is_found_however_it_is_typed(chains: LiveChains) -> None:
    assert chains.underlying("NIFTY").symbol == "NSE:NIFTY50-INDEX"
    assert chains.underlying("nifty").name == "NIFTY"


def test_an_underlying_nobody_lists_is_said_to_be_unknown(chains: LiveChains) -> None:
    with pytest.raises(UnknownUnderlying, match=r"^NIFTEE is not a symbol that the broker lists\.$"):
        chains.underlying("niftee")


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("TINYCO", "TINYCO has no options on NSE."),
        ("BSE:INFY", "INFY has no options on BSE."),
        ("BSE:RELIANCE", "RELIANCE has no options on BSE."),
    ],
)
def test_a_stock_without_options_is_told_apart_from_an_unknown_one(
    chains: LiveChains, name: str, sentence: str
) -> None:
    with pytest.raises(NoOptions) as caught:
        chains.underlying(name)
    assert caught.value.message == sentence


def test_an_expired_series_is_listed_until_midnight_but_no_longer_the_nearest(
    chains: LiveChains, clock: FakeClock
) -> None:
    clock.advance(seconds=make_expiry(NEAREST).cutoff_ts - clock() - 1)
    assert chains.nearest(chains.underlying("NIFTY")).date == NEAREST
    clock.advance(seconds=1)
    assert chains.underlying("NIFTY").expiries[0].date == NEAREST
    assert chains.nearest(chains.underlying("NIFTY")).date == SECOND
    clock.advance(seconds=9 * 3600)
    assert chains.underlying("NIFTY").expiries[0].date == SECOND


def test_when_every_expiry_has_passed_that_is_said(chains: LiveChains, clock: FakeClock) -> None:
    clock.advance(seconds=86_400 * 365)
    with pytest.raises(NoOptions, match="has no option expiry left"):
        chains.underlying("NIFTY")
    assert chains.indices() == []


def test_indices_are_those_with_an_expiry_to_come(chains: LiveChains) -> None:
    assert [found.name for found in chains.indices()] == ["NIFTY", "BANKNIFTY", "SENSEX"]


def test_stocks_that_start_with_the_query_come_before_those_that_contain_it(store: FakeStore, clock: FakeClock) -> None:
    stock = UnderlyingKind.STOCK
    listed = (make_underlying("RELIANCE", kind=stock), make_underlying("NIFTY"), make_underlying("CORELIT", kind=stock))
    directory = make_directory(*listed, without_options={"NSE": ("RELINFRA", "ADANI"), "BSE": ("RELIANCE",)})
    store.put(keys.DIRECTORY, codec.encode_directory(directory))
    chains = LiveChains(store, clock=clock)
    assert chains.stocks("NSE", "rel") == [("RELIANCE", True), ("RELINFRA", False), ("CORELIT", True)]
    assert chains.stocks("NSE", "", limit=2) == [("ADANI", False), ("CORELIT", True)]
    assert chains.stocks("BSE", "REL") == [("BSE:RELIANCE", False)]
    assert chains.stocks("MCX", "REL") == []


# A wish becomes a pair


@pytest.mark.parametrize(
    ("expiry", "shown", "notice"),
    [
        (None, NEAREST, None),
        ("2026-12-08", SECOND, None),
        ("2026-11-24", NEAREST, "NIFTY 24-Nov-26 is not listed; showing the nearest, 01-Dec-26."),
        ("soon", NEAREST, "That is not an expiry of NIFTY; showing the nearest, 01-Dec-26."),
        ("<b>", NEAREST, "That is not an expiry of NIFTY; showing the nearest, 01-Dec-26."),
        ("", NEAREST, "That is not an expiry of NIFTY; showing the nearest, 01-Dec-26."),
    ],
)
def test_a_wish_resolves_to_a_pair_that_exists(
    chains: LiveChains, expiry: str | None, shown: date, notice: str | None
) -> None:
    selection, told = chains.resolve("NIFTY", expiry)
    assert selection.series == Series("NIFTY", shown)
    assert told == notice


def test_a_page_left_open_overnight_moves_from_the_expired_series_to_the_next(
    chains: LiveChains, clock: FakeClock
) -> None:
    clock.advance(seconds=make_expiry(NEAREST).cutoff_ts - clock() + 9 * 3600)
    selection, notice = chains.resolve("NIFTY", NEAREST.isoformat())
    assert selection.series.expiry == SECOND
    assert notice == "NIFTY 01-Dec-26 is not listed; showing the nearest, 08-Dec-26."


# Leases


def test_many_viewers_of_one_process_write_one_lease(chains: LiveChains, store: FakeStore, clock: FakeClock) -> None:
    for _ in range(50):
        chains.watch(NIFTY_WEEKLY)
        clock.advance(seconds=0.05)
    assert store.puts.count(keys.lease(NIFTY_WEEKLY)) == 1
    clock.advance(seconds=3)
    chains.watch(NIFTY_WEEKLY)
    assert store.puts.count(keys.lease(NIFTY_WEEKLY)) == 2
    assert store.keys(keys.LEASE_PREFIX) == [keys.lease(NIFTY_WEEKLY)]
    clock.advance(seconds=LEASE_TTL_S)
    assert store.keys(keys.LEASE_PREFIX) == []


def test_a_cache_out_of_reach_does_not_break_a_viewer(chains: LiveChains, store: FakeStore) -> None:
    store.broken = True
    chains.watch(NIFTY_WEEKLY)
    assert chains.status(NIFTY_WEEKLY).state is FeedState.OFFLINE


# Frames


def test_a_frame_is_fetched_once_per_version_and_carries_it(chains: LiveChains, store: FakeStore) -> None:
    assert chains.frame(NIFTY_WEEKLY) is None
    version = store.put(keys.frame(NIFTY_WEEKLY), make_frame(n=3))
    frame = chains.frame(NIFTY_WEEKLY)
    assert frame is not None
    assert frame.version == json.loads(frame.text)["version"] == version
    reads = store.reads
    assert chains.frame(NIFTY_WEEKLY) is frame
    assert store.reads == reads


def test_the_last_frame_stays_when_the_cache_is_lost(chains: LiveChains, store: FakeStore) -> None:
    store.put(keys.frame(NIFTY_WEEKLY), make_frame(n=3))
    frame = chains.frame(NIFTY_WEEKLY)
    store.lose_everything()
    assert chains.frame(NIFTY_WEEKLY) is frame


def test_what_can_be_chosen_stays_when_the_cache_is_lost(chains: LiveChains, store: FakeStore) -> None:
    before = chains.directory_version(), chains.underlying("NIFTY")
    store.lose_everything()
    assert (chains.directory_version(), chains.underlying("NIFTY")) == before


def test_a_lost_cache_is_offline_once_the_feeds_last_word_is_old(
    chains: LiveChains, store: FakeStore, clock: FakeClock
) -> None:
    store.put(keys.HEALTH, codec.encode_report(make_report(clock())))
    assert chains.status().state is not FeedState.OFFLINE
    store.broken = True  # half a second without an answer is no reason for an alarm
    assert chains.status().state is not FeedState.OFFLINE
    clock.advance(seconds=6)
    assert chains.status().state is FeedState.OFFLINE


# The state


def test_a_feed_that_speaks_is_taken_at_its_word(chains: LiveChains, store: FakeStore, clock: FakeClock) -> None:
    store.put(keys.HEALTH, report(clock, demo=True, token_expires_ts=clock() + 3600))
    state = chains.status(NIFTY_WEEKLY)
    assert (state.state, state.message, state.demo) == (FeedState.LIVE, "Live from the demo market.", True)
    assert state.as_of_ts == clock() - 1
    assert state.since_ts == clock() - 60
    assert state.token_expires_ts == clock() + 3600


def test_a_feed_silent_for_five_seconds_is_offline_and_the_numbers_are_dated(
    chains: LiveChains, store: FakeStore, clock: FakeClock
) -> None:
    store.put(keys.HEALTH, report(clock))
    clock.advance(seconds=5)
    assert chains.status(NIFTY_WEEKLY).state is FeedState.LIVE
    clock.advance(seconds=0.1)
    state = chains.status(NIFTY_WEEKLY)
    assert state.state is FeedState.OFFLINE
    assert state.message == "The feed is not running; numbers are those of 11:04:59 IST."
    assert state.since_ts == clock() - 5.1


def test_numbers_of_another_day_are_dated_with_the_day(chains: LiveChains, store: FakeStore, clock: FakeClock) -> None:
    store.put(keys.HEALTH, report(clock, state="closed"))
    clock.advance(seconds=86_400)
    assert "numbers are those of 23-Nov-26 11:04:59 IST." in chains.status(NIFTY_WEEKLY).message


def test_no_feed_at_all_is_offline_without_numbers(chains: LiveChains) -> None:
    state = chains.status(NIFTY_WEEKLY)
    assert state.message == "The feed is not running; no numbers have arrived yet."
    assert state.as_of_ts is None


@pytest.mark.parametrize("word", list(FeedState))
def test_each_state_has_its_sentence(chains: LiveChains, store: FakeStore, clock: FakeClock, word: FeedState) -> None:
    entry = {"key": NIFTY_WEEKLY.key, "state": word.value, "as_of_ts": clock()}
    store.put(keys.HEALTH, report(clock, series=[entry]))
    state = chains.status(NIFTY_WEEKLY)
    assert state.state is word
    assert state.message.endswith(".")


def test_a_state_of_another_release_claims_nothing(chains: LiveChains, store: FakeStore, clock: FakeClock) -> None:
    store.put(keys.HEALTH, report(clock, state="halted", series=[]))
    assert chains.status(NIFTY_WEEKLY).state is FeedState.STALE


def test_a_series_the_feed_does_not_know_yet_has_the_state_of_the_feed(
    chains: LiveChains, store: FakeStore, clock: FakeClock
) -> None:
    store.put(keys.HEALTH, report(clock, state="login_needed"))
    state = chains.status(Series("BANKNIFTY", date(2026, 12, 29)))
    assert state.state is FeedState.LOGIN_NEEDED
    assert state.as_of_ts is None


def test_the_whole_feed_has_the_age_of_its_newest_series(
    chains: LiveChains, store: FakeStore, clock: FakeClock
) -> None:
    store.put(keys.HEALTH, report(clock))
    state = chains.status(None)
    assert (state.state, state.as_of_ts, state.since_ts) == (FeedState.LIVE, clock() - 1, clock() - 90)


def test_a_problem_of_the_series_is_told_with_the_state(chains: LiveChains, store: FakeStore, clock: FakeClock) -> None:
    store.put(keys.HEALTH, report(clock))
    problem = {"code": "unknown_expiry", "message": "NIFTY 01-Jan-30 is not listed."}
    series = Series("NIFTY", date(2030, 1, 1))
    store.put(keys.problem(series), codec.encode_report(problem), ttl_s=30)
    state = chains.status(series)
    assert (state.problem_code, state.problem_message) == ("unknown_expiry", "NIFTY 01-Jan-30 is not listed.")
    clock.advance(seconds=31)
    assert chains.status(series).problem_code is None


@pytest.mark.parametrize("raw", [b"", b"[]", b"{half", b'{"heartbeat_ts":"soon","series":7}', b'{"series":[1,null]}'])
def test_a_damaged_report_reads_as_offline(chains: LiveChains, store: FakeStore, raw: bytes) -> None:
    store.put(keys.HEALTH, raw)
    assert chains.status(NIFTY_WEEKLY).state is FeedState.OFFLINE
    assert chains.status(None).state is FeedState.OFFLINE
