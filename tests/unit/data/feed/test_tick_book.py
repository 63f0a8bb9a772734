"""The latest tick per symbol: cheap, in order, and only for those who read it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.data.feed.chain_builder import ChainBuilder
from dashboard.data.feed.tick_book import LATE_S, TickBook
from dashboard.market.instruments import Series
from harness.builders import NIFTY_WEEKLY, RATE, SECOND, contracts_of, make_chain, make_tick, make_underlying
from tests.fakes import MONDAY_11_IST as T

CALL, PUT = "NSE:NIFTY26DEC0124000CE", "NSE:NIFTY26DEC0124000PE"
SPOT = "NSE:NIFTY-INDEX"


def chain_builder(expiry: int = 0, n: int = 5) -> ChainBuilder:
    underlying = make_underlying()
    chain = make_chain(n=n, underlying=underlying, expiry=underlying.expiries[expiry])
    return ChainBuilder(underlying, chain.expiry, contracts_of(chain), rate=RATE)


@pytest.fixture
def book() -> TickBook:
    book = TickBook()
    book.follow(chain_builder())
    return book


def ltp(book: TickBook, row: int = 2) -> float:
    return float(book.series[NIFTY_WEEKLY].chain(book.latest).call.ltp[row])


def test_the_latest_tick_counts(book: TickBook) -> None:
    book.apply([make_tick(CALL, ltp=100.0), make_tick(CALL, ltp=101.0)])
    book.apply([make_tick(CALL, ltp=102.0)])
    assert ltp(book) == 102.0
    assert book.ticks_total == 3


def test_symbols_nobody_reads_are_dropped(book: TickBook) -> None:
    book.apply([make_tick("NSE:INFY-EQ", ltp=1500.0)])
    assert book.latest == {}


def test_a_spot_tick_reaches_every_series_of_the_underlying(book: TickBook) -> None:
    book.follow(chain_builder(expiry=1))
    for each in book.series.values():
        each.chain(book.latest)
    book.apply([make_tick(SPOT, ltp=24_100.0)])
    assert [each.changed for each in book.series.values()] == [True, True]
    assert [each.chain(book.latest).spot for each in book.series.values()] == [24_100.0, 24_100.0]


def test_a_tick_from_the_past_is_counted_and_ignored(book: TickBook) -> None:
    book.apply([make_tick(CALL, ltp=101.0, exchange_ts=T)])
    book.apply([make_tick(CALL, ltp=100.0, exchange_ts=T - 1)])
    assert ltp(book) == 101.0
    assert book.rejects == {"tick_backwards": 1}
    assert book.exchange_ts == T


def test_another_symbol_may_be_older(book: TickBook) -> None:
    book.apply([make_tick(CALL, ltp=101.0, exchange_ts=T), make_tick(PUT, ltp=90.0, exchange_ts=T - 60)])
    assert float(book.series[NIFTY_WEEKLY].chain(book.latest).put.ltp[2]) == 90.0
    assert book.exchange_ts == T


def test_a_clock_set_back_or_a_replay_started_again_is_followed(book: TickBook) -> None:
    book.apply([make_tick(CALL, ltp=101.0, exchange_ts=T)])
    book.apply([make_tick(CALL, ltp=100.0, exchange_ts=T - LATE_S - 1)])
    assert ltp(book) == 100.0
    assert book.exchange_ts == T - LATE_S - 1


def test_a_series_followed_later_knows_at_once_what_came_before(book: TickBook) -> None:
    book.apply([make_tick(SPOT, ltp=24_100.0), make_tick(CALL, ltp=101.0)])
    book.follow(chain_builder())
    assert ltp(book) == 101.0
    assert book.series[NIFTY_WEEKLY].chain(book.latest).spot == 24_100.0


def test_forgetting_a_series_keeps_what_others_read(book: TickBook) -> None:
    book.follow(chain_builder(expiry=1))
    book.apply([make_tick(SPOT, ltp=24_100.0), make_tick(CALL, ltp=101.0)])
    book.forget(NIFTY_WEEKLY)
    assert set(book.latest) == {SPOT}
    assert list(book.series) == [Series("NIFTY", SECOND)]
    book.forget(Series("NIFTY", SECOND))
    assert book.latest == {}
    book.apply([make_tick(SPOT, ltp=24_200.0)])
    assert book.latest == {}
    book.forget(NIFTY_WEEKLY)  # twice does no harm


def test_the_symbols_of_a_series_are_its_contracts_and_its_underlying(book: TickBook) -> None:
    (symbols,) = book.symbols([NIFTY_WEEKLY, Series("NIFTY", SECOND)])
    assert symbols == {c.symbol for c in chain_builder().contracts} | {SPOT}


ticks = st.builds(
    make_tick,
    st.sampled_from([CALL, PUT, SPOT, "NSE:OTHER-EQ"]),
    received_ts=st.floats(T, T + 100),
    ltp=st.none() | st.floats(0.05, 1e5),
    bid=st.none() | st.floats(0.05, 1e5),
    oi=st.none() | st.integers(0, 2**30),
    volume=st.none() | st.integers(0, 2**30),
    prev_close=st.none() | st.floats(0.05, 1e5),
    exchange_ts=st.none() | st.integers(int(T), int(T) + 100).map(float),
)


@settings(deadline=None)
@given(st.lists(st.lists(ticks, max_size=5), max_size=6))
def test_however_ticks_are_batched_the_chain_is_that_of_the_last_accepted_ones(batches: list[list[object]]) -> None:
    batched, single = TickBook(), TickBook()
    for book in (batched, single):
        book.follow(chain_builder())
    for batch in batches:
        batched.apply(batch)  # type: ignore[arg-type]
        batched.series[NIFTY_WEEKLY].chain(batched.latest)
        for tick in batch:
            single.apply([tick])  # type: ignore[list-item]
    one, other = (book.series[NIFTY_WEEKLY].chain(book.latest) for book in (batched, single))
    for name in ("ltp", "bid", "volume", "oi", "tick_ts"):
        assert getattr(one.call, name).tobytes() == getattr(other.call, name).tobytes()
    assert batched.latest == single.latest
    assert batched.rejects["tick_backwards"] == single.rejects["tick_backwards"]


@pytest.mark.bench
def test_ticks_go_into_the_book_at_more_than_forty_thousand_per_core_second() -> None:
    import time

    book = TickBook()
    book.follow(chain_builder(n=101))
    symbols = sorted(book.symbols([NIFTY_WEEKLY])[0])
    every = [
        make_tick(s, ltp=100.0 + i, bid=99.0, ask=101.0, oi=6500, exchange_ts=T + i)
        for i in range(200)
        for s in symbols
    ]
    started = time.process_time()
    for start in range(0, len(every), 500):
        book.apply(every[start : start + 500])
        book.series[NIFTY_WEEKLY].chain(book.latest)
    per_tick_s = (time.process_time() - started) / len(every)
    print(f"{per_tick_s * 1e6:.2f} us per tick, a chain of 101 strikes built every 500 ticks")
    assert per_tick_s < 1 / 40_000
