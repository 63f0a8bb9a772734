"""A price is as old as its last trade: the stream's word for it, or the moment at which a polled volume changed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dashboard.market.session import ist
from harness.builders import make_chain
from tests.fakes import MONDAY_11_IST as T
from tests.unit.data.feed.test_chain_builder import Desk

MIDNIGHT = ist(T).replace(hour=0, minute=0, second=0, microsecond=0).timestamp()
HOURS = 3_600.0


@pytest.fixture
def desk() -> Desk:
    return Desk()


def traded(desk: Desk, row: int = 5) -> float:
    return desk.call("trade_ts", row)


def test_a_leg_that_is_polled_every_five_seconds_and_not_traded_for_two_hours_is_two_hours_old(desk: Desk) -> None:
    for n in range(int(2 * HOURS / 5) + 1):
        desk.poll(asked=T + 5 * n, volume={5: 650.0})
    now = T + 2 * HOURS + 1
    assert now - desk.call("tick_ts") < 1, "the price was confirmed a second ago"
    assert now - traded(desk) == pytest.approx(2 * HOURS, abs=2), "and is that of a trade two hours ago"


def test_a_volume_that_changed_between_two_polls_is_a_trade_at_the_second_one(desk: Desk) -> None:
    desk.poll(asked=T, volume={5: 650.0})
    desk.poll(asked=T + 5, volume={5: 715.0})
    desk.poll(asked=T + 10, volume={5: 715.0})
    assert traded(desk) == T + 5.2


def test_the_stream_tells_the_last_trade_itself_also_when_only_the_quote_moves(desk: Desk) -> None:
    desk.tick(at=T, ltp=101.0, volume=650, exchange_ts=T, trade_ts=T - 7_000)
    desk.tick(at=T + 60, ltp=101.0, bid=100.0, ask=102.0, volume=650, exchange_ts=T + 60, trade_ts=T - 7_000)
    assert traded(desk) == T - 7_000
    assert desk.call("tick_ts") == T + 60


def test_what_the_stream_knows_exactly_replaces_what_a_poll_could_only_bound(desk: Desk) -> None:
    desk.poll(asked=T, volume={5: 650.0})
    assert traded(desk) == T + 0.2
    desk.tick(at=T + 1, ltp=101.0, volume=650, exchange_ts=T + 1, trade_ts=T - 900)
    assert traded(desk) == T - 900
    desk.poll(asked=T + 5, volume={5: 650.0})
    assert traded(desk) == T - 900


def test_a_poll_that_has_a_trade_the_stream_has_not_is_fresher(desk: Desk) -> None:
    desk.tick(at=T, ltp=101.0, volume=650, exchange_ts=T, trade_ts=T - 900)
    desk.poll(asked=T + 60, volume={5: 650.0})
    assert traded(desk) == T - 900
    desk.poll(asked=T + 65, volume={5: 715.0})
    assert traded(desk) == T + 65.2
    desk.tick(at=T + 66, ltp=101.0, volume=715, exchange_ts=T + 66, trade_ts=T + 62)
    assert traded(desk) == T + 62


def test_a_late_tick_moves_nothing_back(desk: Desk) -> None:
    desk.tick(at=T + 1, ltp=101.0, volume=715, exchange_ts=T, trade_ts=T - 2)
    desk.tick(at=T + 2, ltp=100.0, volume=650, exchange_ts=T - 5, trade_ts=T - 60)
    assert traded(desk) == T - 2
    assert desk.book.rejects["tick_backwards"] == 1


def test_what_was_not_traded_today_was_traded_before_today(desk: Desk) -> None:
    desk.poll(asked=T, volume={5: 0.0})
    assert traded(desk) == MIDNIGHT
    desk.tick(at=T + 1, ltp=101.0, volume=0, exchange_ts=T + 1)
    assert traded(desk) == MIDNIGHT


def test_what_never_traded_has_no_last_trade(desk: Desk) -> None:
    desk.poll(asked=T, ltp={5: float("nan")}, volume={5: 0.0})
    assert np.isnan(traded(desk))


def test_the_trade_of_the_day_before_is_kept_when_the_volume_starts_anew(desk: Desk) -> None:
    desk.poll(asked=T, volume={5: 650.0})
    desk.poll(asked=T + 21 * HOURS, volume={5: 0.0})
    assert traded(desk) == T + 0.2
    desk.poll(asked=T + 23 * HOURS, volume={5: 65.0})
    assert traded(desk) == T + 23 * HOURS + 0.2


def test_a_dead_stream_s_trade_of_yesterday_does_not_cover_today_s_polls(desk: Desk) -> None:
    desk.tick(at=T, ltp=101.0, volume=65_000, exchange_ts=T, trade_ts=T - 5)
    desk.poll(asked=T + 24 * HOURS, volume={5: 650.0})
    assert traded(desk) == T + 24 * HOURS + 0.2


def test_a_last_trade_far_ahead_of_the_exchange_s_clock_is_not_believed(desk: Desk) -> None:
    desk.tick(at=T, ltp=101.0, volume=650, exchange_ts=T, trade_ts=T + 5.5 * HOURS)
    assert traded(desk) == T


def test_a_stream_that_tells_no_trade_time_is_read_by_its_volume(desk: Desk) -> None:
    desk.tick(at=T + 1, ltp=101.0, volume=650, exchange_ts=T)
    assert traded(desk) == T
    desk.tick(at=T + 61, ltp=101.0, bid=100.0, volume=650, exchange_ts=T + 60)
    assert traded(desk) == T
    desk.tick(at=T + 121, ltp=101.0, volume=715, exchange_ts=T + 120)
    assert traded(desk) == T + 120


def test_a_clock_set_back_takes_polled_trades_with_it_and_leaves_the_exchange_s(desk: Desk) -> None:
    desk.poll(asked=T + HOURS, volume={5: 650.0, 6: 650.0})
    desk.tick(at=T + HOURS + 1, ltp=101.0, volume=650, exchange_ts=T, trade_ts=T - 30)
    desk.chain()
    desk.book.clock_set_back(HOURS)
    assert traded(desk, row=6) == pytest.approx(T + 0.2)
    assert traded(desk) == T - 30


def test_in_a_replay_polls_are_dated_by_the_exchange_s_clock_and_a_new_start_is_followed(desk: Desk) -> None:
    recorded = T - 30 * 86_400
    poll = replace(make_chain(n=11), as_of_ts=T)
    desk.chain_builder.take_poll(poll, T, market_ts=float("nan"))
    assert np.isnan(traded(desk)), "before the first tick nobody knows what time it is there"
    desk.chain_builder.take_poll(replace(poll, as_of_ts=T + 5), T + 5, market_ts=recorded)
    assert traded(desk) == recorded
    desk.tick(at=T + 6, ltp=101.0, volume=10**7, exchange_ts=recorded + 600, trade_ts=recorded + 590)
    assert traded(desk) == recorded + 590
    desk.tick(at=T + 7, ltp=99.0, volume=10, exchange_ts=recorded - HOURS, trade_ts=recorded - HOURS - 3)
    desk.chain_builder.take_poll(replace(poll, as_of_ts=T + 8), T + 8, market_ts=recorded - HOURS)
    assert (traded(desk), traded(desk, row=6)) == (recorded - HOURS, recorded - HOURS)
