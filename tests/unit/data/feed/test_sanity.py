from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.data.feed.sanity import (
    ASK,
    BID,
    BID_QTY,
    KEPT_S,
    LTP,
    OI,
    VOLUME,
    SpotGuard,
    implied_spot,
    make_unknown,
)
from harness.builders import RATE, make_chain
from tests.fakes import MONDAY_11_IST as T

NAN = float("nan")
WEEK = 7 / 365
STRIKES = np.arange(23_500.0, 24_550.0, 50.0)


def told(**columns: float) -> np.ndarray:
    """One row of what a tick or a poll tells; plausible where not said."""
    row = np.array([[100.0], [99.9], [100.1], [65.0], [130.0], [6_500.0], [65_000.0]])
    for name, value in columns.items():
        row[{"ltp": LTP, "bid": BID, "ask": ASK, "bid_qty": BID_QTY, "volume": VOLUME, "oi": OI}[name]] = value
    return row


# Quotes and quantities


def test_a_crossed_quote_is_no_quote_and_the_price_stays() -> None:
    row, rejects = told(bid=101.0, ask=100.0), Counter[str]()
    assert make_unknown(row, np.array([NAN]), rejects).tolist() == [True]
    assert np.isnan(row[BID : BID_QTY + 2]).all()
    assert row[LTP, 0] == 100.0
    assert rejects == {"quote_crossed": 1}


@pytest.mark.parametrize("quote", [{"bid": 100.0, "ask": 100.0}, {"bid": NAN}, {"ask": NAN}])
def test_a_locked_or_one_sided_quote_stands(quote) -> None:
    row, rejects = told(**quote), Counter[str]()
    assert make_unknown(row, np.array([NAN]), rejects).tolist() == [False]
    assert rejects == {}


@pytest.mark.parametrize("column", ["oi", "bid_qty"])
@pytest.mark.parametrize("value", [-65.0, 2.0**32 - 65])
def test_a_quantity_that_ran_through_32_bits_is_unknown(column, value) -> None:
    row, rejects = told(**{column: value}), Counter[str]()
    make_unknown(row, np.array([NAN]), rejects)
    assert np.isnan(row).sum() == 1
    assert rejects == {"quantity_wrapped": 1}


@pytest.mark.parametrize(
    ("before", "now", "believed"),
    [
        (2.0**31 - 650, 2.0**31 + 650, True),  # a day's volume grows past the signed half
        (NAN, 2.0**31 + 650, True),  # a feed that starts in the afternoon
        (6_500.0, 2.0**32 - 650, False),  # a small one cannot have grown there
        (6_500.0, -650.0, False),
        (2.0**31, -650.0, False),
    ],
)
def test_a_volume_may_grow_past_2_31_but_not_jump_there(before, now, believed) -> None:
    row = told(volume=now)
    make_unknown(row, np.array([before]), Counter())
    assert np.isfinite(row[VOLUME, 0]) == believed


# What the options imply


def sides(chain):
    return (chain.call.bid, chain.call.ask), (chain.put.bid, chain.put.ask)


def test_parity_implies_the_spot() -> None:
    chain = make_chain(spot=24_010.0)
    assert implied_spot(chain.strikes, sides(chain)[0], sides(chain)[1], WEEK, RATE) == pytest.approx(24_010, rel=0.001)


def test_wide_quotes_imply_nothing() -> None:
    chain = make_chain(spot=24_010.0)
    (bid, ask), put = sides(chain)
    assert np.isnan(implied_spot(chain.strikes, (bid * 0.8, ask * 1.2), put, WEEK, RATE))


def test_strikes_that_disagree_imply_nothing() -> None:
    chain = make_chain(spot=24_010.0)
    noise = np.arange(len(chain.strikes)) % 3 * 900.0
    call = tuple(price + noise for price in sides(chain)[0])
    assert np.isnan(implied_spot(chain.strikes, call, sides(chain)[1], WEEK, RATE))


def test_two_strikes_are_no_quorum() -> None:
    chain = make_chain(spot=24_010.0, n=2)
    assert np.isnan(implied_spot(chain.strikes, sides(chain)[0], sides(chain)[1], WEEK, RATE))


# The spot


class Desk:
    """A guard with the memory of a calm market at 24,000."""

    def __init__(self, implied: float = NAN) -> None:
        self.guard, self.now, self.implied = SpotGuard(), T, implied
        self.hears(24_000.0)

    def hears(self, spot: float, after_s: float = 0.5) -> float:
        self.now += after_s
        return self.guard.judged(spot, self.now, self.implied, STRIKES, WEEK)[0]

    @property
    def rejected(self) -> int:
        return self.guard.rejects["spot_far"]


def test_a_calm_path_passes() -> None:
    desk = Desk()
    assert [desk.hears(spot) for spot in (24_010.0, 24_020.0, 23_990.0)] == [24_010.0, 24_020.0, 23_990.0]
    assert desk.rejected == 0


@pytest.mark.parametrize("implied", [NAN, 24_000.0])
def test_a_premium_that_arrives_as_the_index_is_never_let_through(implied) -> None:
    desk = Desk(implied)
    heard = [desk.hears(spot) for spot in (131.4, 24_001.0, 131.4, 131.6, 24_002.0, 131.5, 131.5)]
    assert heard == [24_000.0, 24_001.0, 24_001.0, 24_001.0, 24_002.0, 24_002.0, 24_002.0]
    assert desk.rejected == 5


def test_a_premium_as_the_very_first_word_is_not_let_through_either() -> None:
    guard = SpotGuard()
    assert np.isnan(guard.judged(131.4, T, NAN, STRIKES, WEEK)[0])
    assert guard.judged(24_000.0, T + 1, NAN, STRIKES, WEEK)[0] == 24_000.0


def test_without_options_a_jump_waits_for_a_second_tick_that_confirms_it() -> None:
    desk = Desk()
    assert desk.hears(24_400.0) == 24_000.0
    assert desk.hears(24_405.0) == 24_405.0
    assert desk.rejected == 1


def test_a_second_look_at_the_same_tick_confirms_nothing() -> None:
    desk = Desk()
    assert desk.hears(24_400.0) == 24_000.0
    assert desk.hears(24_400.0, after_s=0.0) == 24_000.0
    assert desk.rejected == 1


def test_options_that_moved_along_vouch_at_once() -> None:
    desk = Desk(implied=24_400.0)
    assert desk.hears(24_390.0) == 24_390.0


def test_however_often_it_is_repeated_a_spike_the_options_contradict_stays_outside() -> None:
    desk = Desk(implied=24_000.0)
    heard = [desk.hears(26_400.0) for _ in range(60)]
    assert set(heard[: int(KEPT_S * 2)]) == {24_000.0}
    assert np.isnan(heard[-1]), "an old spot is not shown for ever"
    assert desk.hears(24_010.0) == 24_010.0


def test_after_a_long_silence_the_path_may_have_gone_further() -> None:
    desk = Desk()
    assert desk.hears(24_300.0, after_s=600.0) == 24_300.0


def test_options_that_stand_still_do_not_hold_up_a_spot_that_walks() -> None:
    desk = Desk(implied=24_000.0)
    walk = [24_000.0 + 100 * step for step in range(1, 12)]
    assert [desk.hears(spot) for spot in walk] == walk


def test_an_unknown_spot_is_unknown() -> None:
    desk = Desk()
    assert np.isnan(desk.hears(NAN))
    assert desk.rejected == 0


def test_a_clock_set_back_does_not_age_the_path() -> None:
    desk = Desk(implied=24_000.0)
    desk.guard.clock_set_back(3_600.0)
    desk.now -= 3_600.0
    assert desk.hears(26_400.0) == 24_000.0
    assert desk.hears(24_005.0) == 24_005.0


@settings(max_examples=60)
@given(st.lists(st.floats(20.0, 600.0) | st.floats(23_990.0, 24_010.0), max_size=30))
def test_whatever_the_order_no_premium_is_ever_shown_as_the_index(spots) -> None:
    desk = Desk(implied=24_000.0)
    for spot in spots:
        shown = desk.hears(spot)
        assert np.isnan(shown) or shown > 23_000
