"""Ticks and polls of one series become one chain, the fresher source winning, with the time on both."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from dashboard.data.feed.chain_builder import ChainBuilder
from dashboard.data.feed.tick_book import TickBook
from dashboard.market.chain import Chain
from dashboard.market.instruments import Side
from harness.builders import RATE, contracts_of, make_chain, make_expiry, make_strikes, make_tick, make_underlying
from tests.fakes import MONDAY_11_IST as T

CALL = "NSE:NIFTY26DEC0124000CE"  # row 5 of 11
FUTURE, VIX, SPOT = "NSE:NIFTY26DECFUT", "NSE:INDIAVIX-INDEX", "NSE:NIFTY-INDEX"


class Desk:
    """A book that follows one series, in the words of a test."""

    def __init__(self, chain: Chain | None = None, *, future: str | None = FUTURE) -> None:
        self.polled = chain or make_chain(n=11)
        self.book = TickBook()
        self.chain_builder = ChainBuilder(
            self.polled.underlying,
            self.polled.expiry,
            contracts_of(self.polled),
            future_symbol=future,
            vix_symbol=VIX,
            rate=RATE,
        )
        self.book.follow(self.chain_builder)

    def poll(self, *, asked: float, arrived: float | None = None, **columns: dict[int, float]) -> str | None:
        """A poll of the calls with some values replaced by row: `oi={5: 650.0}`."""
        arrived = asked + 0.2 if arrived is None else arrived
        call: dict[str, Any] = {name: getattr(self.polled.call, name).copy() for name in columns}
        for name, values in columns.items():
            for row, value in values.items():
                call[name][row] = value
        times: dict[str, Any] = {"tick_ts": np.full(11, arrived), "oi_ts": np.full(11, arrived)}
        chain = replace(self.polled, as_of_ts=arrived, call=replace(self.polled.call, **call, **times))
        return self.chain_builder.take_poll(chain, asked)

    def tick(self, symbol: str = CALL, *, at: float, **fields: Any) -> None:
        self.book.apply([make_tick(symbol, received_ts=at, **fields)])

    def chain(self) -> Chain:
        return self.chain_builder.chain(self.book.latest)

    def call(self, column: str, row: int = 5) -> float:
        return float(getattr(self.chain().call, column)[row])


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_a_poll_alone_is_a_whole_chain(desk: Desk) -> None:
    assert desk.poll(asked=T) is None
    chain = desk.chain()
    for side in Side:
        for name in ("ltp", "bid", "ask", "volume", "oi", "prev_oi", "oi_change"):
            np.testing.assert_array_equal(getattr(chain.legs(side), name), getattr(desk.polled.legs(side), name))
        assert chain.legs(side).symbol == desk.polled.legs(side).symbol
    assert chain.spot == desk.polled.spot
    assert chain.spot_change == pytest.approx(110.5)
    assert chain.vix_change == pytest.approx(-0.4)
    assert chain.as_of_ts == chain.market_ts == T + 0.2
    assert chain.call.ltp_change == pytest.approx(np.full(11, -1.5))


def test_ticks_alone_are_a_chain_with_unknown_rows(desk: Desk) -> None:
    desk.tick(at=T, ltp=131.4, bid=131.0, ask=131.5, bid_qty=65, ask_qty=130, volume=650, oi=6500, prev_close=120.0)
    chain = desk.chain()
    assert [float(getattr(chain.call, name)[5]) for name in ("ltp", "bid", "ask_qty", "volume", "oi")] == [
        131.4,
        131.0,
        130,
        650,
        6500,
    ]
    assert chain.call.ltp_change[5] == pytest.approx(11.4)
    assert np.isnan(chain.call.oi_change[5])  # the stream does not know yesterday's OI
    assert np.isnan(chain.call.ltp[4])
    assert np.isnan(chain.spot)
    assert chain.as_of_ts == T


def test_a_tick_newer_than_the_poll_wins_and_an_older_one_loses(desk: Desk) -> None:
    desk.poll(asked=T, ltp={5: 100.0})
    desk.tick(at=T + 1, ltp=101.0)
    assert (desk.call("ltp"), desk.call("tick_ts")) == (101.0, T + 1)
    desk.poll(asked=T + 5, ltp={5: 102.0})
    assert (desk.call("ltp"), desk.call("tick_ts")) == (102.0, T + 5.2)


def test_a_tick_that_came_while_the_poll_was_on_its_way_is_not_overwritten(desk: Desk) -> None:
    desk.tick(at=T + 0.1, ltp=101.0)
    desk.poll(asked=T, arrived=T + 0.4, ltp={5: 100.0})
    assert desk.call("ltp") == 101.0


def test_what_a_tick_does_not_tell_comes_from_the_poll(desk: Desk) -> None:
    desk.poll(asked=T, volume={5: 700.0})
    desk.tick(at=T + 1, ltp=101.0)
    assert desk.call("ltp") == 101.0
    assert desk.call("volume") == 700.0
    assert desk.call("bid") == desk.polled.call.bid[5]


def test_a_missing_bid_beside_a_told_ask_means_that_nobody_bids(desk: Desk) -> None:
    desk.poll(asked=T)
    desk.tick(at=T + 1, ltp=101.0, ask=101.5)
    assert desk.call("ask") == 101.5
    assert np.isnan(desk.call("bid"))


def test_the_source_whose_oi_changed_last_is_the_fresher_one(desk: Desk) -> None:
    desk.poll(asked=T, oi={5: 1000.0})
    desk.tick(at=T + 1, ltp=101.0, oi=1065)
    assert (desk.call("oi"), desk.call("oi_ts")) == (1065, T + 1)
    # The poll still repeats the old value: it is late, not newer.
    desk.poll(asked=T + 5, oi={5: 1000.0})
    assert desk.call("oi") == 1065
    # Each later tick repeats its OI with the price: the poll has news meanwhile.
    desk.poll(asked=T + 10, oi={5: 1130.0})
    desk.tick(at=T + 11, ltp=102.0, oi=1065)
    assert (desk.call("oi"), desk.call("oi_ts")) == (1130, T + 10.2)


def test_oi_both_agree_on_is_as_fresh_as_the_newer_word(desk: Desk) -> None:
    desk.poll(asked=T, oi={5: 1000.0})
    desk.tick(at=T + 3, ltp=101.0, oi=1000)
    assert desk.call("oi_ts") == T + 3


def test_oi_change_is_against_yesterday_whatever_the_source(desk: Desk) -> None:
    desk.poll(asked=T, oi={5: 1000.0}, prev_oi={5: 900.0}, oi_change={5: 100.0})
    desk.tick(at=T + 1, ltp=101.0, oi=1065)
    assert desk.call("oi_change") == 165
    assert desk.call("prev_oi") == 900


def test_the_previous_close_stays_what_it_was_when_the_broker_rolls_it(desk: Desk) -> None:
    desk.tick(at=T, ltp=130.0, prev_close=120.0)
    assert desk.call("ltp_change") == pytest.approx(10.0)
    desk.tick(at=T + 18_000, ltp=130.0, prev_close=130.0)  # 16:05 IST
    assert desk.call("ltp_change") == pytest.approx(10.0)
    desk.tick(at=T + 86_400, ltp=131.0, prev_close=130.0)
    assert desk.call("ltp_change") == pytest.approx(1.0)


def test_before_the_open_the_newest_previous_close_counts(desk: Desk) -> None:
    before_open = T - 2.5 * 3600  # 08:35 IST
    desk.tick(at=before_open, ltp=130.0, prev_close=120.0)
    assert desk.call("ltp_change") == pytest.approx(10.0)
    desk.tick(at=before_open + 600, ltp=130.0, prev_close=125.0)
    assert desk.call("ltp_change") == pytest.approx(5.0)


def test_spot_future_and_vix_come_from_their_own_ticks(desk: Desk) -> None:
    desk.poll(asked=T)
    desk.chain()
    desk.tick(SPOT, at=T + 1, ltp=24_100.0, prev_close=24_000.0)
    desk.tick(FUTURE, at=T + 1, ltp=24_150.0)
    desk.tick(VIX, at=T + 1, ltp=14.0, prev_close=13.0)
    chain = desk.chain()
    assert (chain.spot, chain.spot_ts, chain.future, chain.vix) == (24_100.0, T + 1, 24_150.0, 14.0)
    # The close was told by the poll first (24,010.00 less 110.50), and stays for the session.
    assert chain.spot_change == pytest.approx(24_100 - 23_899.5)
    assert chain.as_of_ts == T + 0.2, "a living spot must not make old rows look live"


def test_a_poll_newer_than_the_spot_tick_wins(desk: Desk) -> None:
    desk.tick(SPOT, at=T, ltp=24_100.0, prev_close=24_000.0)
    desk.poll(asked=T + 5)
    assert desk.chain().spot == 24_010.0


def test_a_spot_the_poll_does_not_know_stays_the_tick_s(desk: Desk) -> None:
    desk.tick(SPOT, at=T, ltp=24_100.0)
    desk.polled = replace(desk.polled, spot=float("nan"))
    desk.poll(asked=T + 5)
    chain = desk.chain()
    assert chain.spot == 24_100.0
    assert np.isnan(chain.spot_change)


def test_rows_the_poll_leaves_out_keep_what_they_had(desk: Desk) -> None:
    desk.poll(asked=T, oi={0: 777.0})
    full = desk.polled
    middle = slice(3, 8)
    narrow = {
        name: getattr(full.call, name)[middle] + (1 if name == "oi" else 0)
        for name in ("ltp", "ltp_change", "bid", "ask", "bid_qty", "ask_qty", "volume", "oi", "oi_change", "prev_oi")
    }
    arrived = {"tick_ts": np.full(5, T + 6), "oi_ts": np.full(5, T + 6)}
    poll = replace(
        full,
        as_of_ts=T + 6,
        strikes=full.strikes[middle],
        call=replace(full.call, symbol=full.call.symbol[middle], **narrow, **arrived),
        put=replace(full.put, symbol=full.put.symbol[middle], **narrow, **arrived),
    )
    assert desk.chain_builder.take_poll(poll, T + 5) is None
    assert desk.call("oi", row=0) == 777.0
    assert desk.call("oi_ts", row=0) == T + 0.2
    assert desk.call("oi", row=4) == full.call.oi[4] + 1
    assert len(desk.chain().strikes) == 11


def test_a_strike_the_poll_knows_and_we_do_not_is_left_out() -> None:
    desk = Desk(make_chain(n=11))
    wide = make_chain(n=13)
    assert list(wide.strikes[1:-1]) == list(desk.polled.strikes)
    assert desk.chain_builder.take_poll(wide, T) is None
    assert desk.call("ltp") == wide.call.ltp[6]


@pytest.mark.parametrize(
    "foreign",
    [
        make_chain(n=11, expiry=make_expiry(make_underlying().expiries[1].date)),
        make_chain(n=11, underlying=make_underlying("BANKNIFTY")),
        replace(make_chain(n=11), call=make_chain(n=11, expiry=make_underlying().expiries[1]).call),
    ],
    ids=["another expiry", "another underlying", "our name on another expiry's rows"],
)
def test_a_poll_of_another_series_is_turned_away(desk: Desk, foreign: Chain) -> None:
    assert desk.chain_builder.take_poll(foreign, T) == "poll_foreign"
    assert np.isnan(desk.chain().call.ltp).all()


def test_a_poll_older_than_the_last_one_is_turned_away(desk: Desk) -> None:
    desk.poll(asked=T + 5, ltp={5: 102.0})
    assert desk.poll(asked=T, ltp={5: 100.0}) == "poll_backwards"
    assert desk.call("ltp") == 102.0


def test_a_clock_set_back_by_an_hour_does_not_stop_the_polls(desk: Desk) -> None:
    desk.poll(asked=T + 3600)
    assert desk.poll(asked=T, ltp={5: 100.0}) is None
    assert desk.call("ltp") == 100.0
    assert desk.chain_builder.newest_ts == T + 0.2


def test_only_news_counts_as_changed(desk: Desk) -> None:
    assert not desk.chain_builder.changed
    desk.tick(at=T, ltp=1.0)
    assert desk.chain_builder.changed
    desk.chain()
    assert not desk.chain_builder.changed
    desk.poll(asked=T)
    assert desk.chain_builder.changed
    desk.chain()
    desk.chain_builder.mark_changed()
    assert desk.chain_builder.changed


def test_contracts_in_any_order_and_with_one_side_missing_find_their_rows() -> None:
    chain = make_chain(n=5)
    contracts = [c for c in reversed(contracts_of(chain)) if c.symbol != chain.put.symbol[2]]
    told = ChainBuilder(chain.underlying, chain.expiry, contracts, rate=RATE).chain({})
    assert list(told.strikes) == list(make_strikes(n=5))
    assert told.call.symbol == chain.call.symbol
    assert told.put.symbol == (*chain.put.symbol[:2], None, *chain.put.symbol[3:])


def test_in_a_replay_the_chain_carries_the_exchange_s_clock(desk: Desk) -> None:
    desk.poll(asked=T)
    chain = desk.chain_builder.chain(desk.book.latest, market_ts=T - 1e6)
    assert (chain.as_of_ts, chain.market_ts) == (T + 0.2, T - 1e6)
