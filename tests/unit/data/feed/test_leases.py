"""From leases to series, from series to a subscription."""

from __future__ import annotations

from datetime import date

import pytest

from dashboard.data.contract import keys
from dashboard.data.feed import leases
from dashboard.data.feed.leases import SHRINK_AFTER_S, SHRINK_OVER, Subscription, wanted
from dashboard.market.instruments import Series
from harness.builders import MONTHLY, NEAREST, NIFTY_WEEKLY, SECOND, make_directory, make_expiry
from tests.fakes import MONDAY_11_IST as T
from tests.fakes import FakeClock, FakeTickStream

BANKNIFTY = Series("BANKNIFTY", MONTHLY)


def test_warm_series_are_the_nearest_expiries_of_what_exists() -> None:
    found = wanted(make_directory(), ("NIFTY", "BANKEX", "BANKNIFTY"), [], T)
    assert found.series == (NIFTY_WEEKLY, BANKNIFTY)
    assert found.listed[0].underlying.symbol == "NSE:NIFTY50-INDEX"
    assert found.problems == ()


def test_leases_come_after_the_warm_series_and_each_series_once() -> None:
    leased = [keys.lease(Series("NIFTY", SECOND)), keys.lease(NIFTY_WEEKLY), keys.lease(BANKNIFTY)]
    assert wanted(make_directory(), ("NIFTY",), leased, T).series == (NIFTY_WEEKLY, BANKNIFTY, Series("NIFTY", SECOND))


@pytest.mark.parametrize(
    ("series", "code", "message"),
    [
        (Series("NIFTEE", NEAREST), "unknown_underlying", "NIFTEE is not a symbol that the broker lists."),
        (Series("TINYCO", NEAREST), "no_options", "TINYCO has no options on NSE."),
        (Series("BSE:INFY", NEAREST), "no_options", "INFY has no options on BSE."),
        (Series("NIFTY", date(2030, 1, 1)), "unknown_expiry", "NIFTY 01-Jan-30 is not listed."),
    ],
)
def test_a_lease_on_what_does_not_exist_becomes_a_problem(series: Series, code: str, message: str) -> None:
    found = wanted(make_directory(), (), [keys.lease(series), keys.lease(NIFTY_WEEKLY)], T)
    assert found.series == (NIFTY_WEEKLY,)
    assert found.problems == ((series, (code, message)),)


def test_at_the_cutoff_the_warm_series_moves_on_and_who_watches_the_old_one_keeps_it_until_midnight() -> None:
    cutoff = make_expiry(NEAREST).cutoff_ts
    leased = [keys.lease(NIFTY_WEEKLY)]
    before = wanted(make_directory(), ("NIFTY",), leased, cutoff - 1)
    after = wanted(make_directory(), ("NIFTY",), leased, cutoff)
    next_day = wanted(make_directory(), ("NIFTY",), leased, cutoff + 9 * 3600)
    assert before.series == (NIFTY_WEEKLY,)
    assert after.series == (Series("NIFTY", SECOND), NIFTY_WEEKLY)
    assert next_day.series == (Series("NIFTY", SECOND),)
    assert next_day.problems == ((NIFTY_WEEKLY, ("unknown_expiry", "NIFTY 01-Dec-26 has expired.")),)


def test_nothing_has_expired_while_the_market_s_clock_is_unknown() -> None:
    assert wanted(make_directory(), ("NIFTY",), [], None).series == (NIFTY_WEEKLY,)


def test_a_key_nobody_of_ours_wrote_is_passed_over() -> None:
    assert wanted(make_directory(), (), ["lease/", "lease/NIFTY", "lease/NIFTY|soon"], T) == leases.Wanted()


# Subscription


class Carried:
    def __init__(self) -> None:
        self.clock, self.stream = FakeClock(0.0), FakeTickStream()
        self.subscription = Subscription(self.stream, self.clock)

    def carry(self, *groups: range) -> int:
        return self.subscription.carry(frozenset(f"S{n}" for n in group) for group in groups)


def test_symbols_are_added_once() -> None:
    carried = Carried()
    carried.carry(range(3))
    carried.carry(range(3))
    carried.carry(range(3), range(2, 5))
    assert carried.stream.subscribe_calls == [{"S0", "S1", "S2"}, {"S3", "S4"}]
    assert carried.stream.recycle_calls == []


def test_a_few_useless_symbols_are_carried_for_ever() -> None:
    carried = Carried()
    carried.carry(range(SHRINK_OVER + 1))
    carried.clock.advance(seconds=1)
    carried.carry(range(1))
    carried.clock.advance(seconds=SHRINK_AFTER_S * 10)
    carried.carry(range(1))
    assert carried.stream.recycle_calls == []


def test_many_useless_symbols_are_shed_only_after_minutes_without_a_change_of_mind() -> None:
    carried = Carried()
    carried.carry(range(SHRINK_OVER + 2))
    carried.carry(range(1))
    carried.clock.advance(seconds=SHRINK_AFTER_S - 1)
    carried.carry(range(SHRINK_OVER + 2))  # they came back
    carried.carry(range(1))
    carried.clock.advance(seconds=SHRINK_AFTER_S - 1)
    carried.carry(range(1))
    assert carried.stream.recycle_calls == []
    carried.clock.advance(seconds=1)
    carried.carry(range(1))
    assert carried.stream.recycle_calls == [{"S0"}]
    assert carried.stream.subscribed == {"S0"}


def test_no_room_is_made_by_shedding_at_once_and_whole_series_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "MOST_SYMBOLS", 10)
    carried = Carried()
    assert carried.carry(range(8)) == 0
    assert carried.carry(range(8, 14)) == 0
    assert carried.stream.recycle_calls == [{f"S{n}" for n in range(8, 14)}]
    assert carried.carry(range(8, 14), range(20, 26), range(14, 18)) == 6
    assert carried.stream.subscribed == {f"S{n}" for n in range(8, 18)}
