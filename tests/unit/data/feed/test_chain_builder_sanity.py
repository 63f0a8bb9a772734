"""The door of a series: what cannot be true is unknown in the chain and counted in the book."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from tests.fakes import MONDAY_11_IST as T
from tests.unit.data.feed.test_chain_builder import CALL, SPOT, Desk


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    assert desk.poll(asked=T) is None
    desk.chain()
    return desk


def test_a_crossed_quote_leaves_no_quote_not_even_an_older_one(desk: Desk) -> None:
    desk.tick(at=T + 1, ltp=300.0, bid=310.0, ask=290.0, bid_qty=65, ask_qty=65)
    assert desk.call("ltp") == 300.0
    assert math.isnan(desk.call("bid"))
    assert math.isnan(desk.call("ask_qty"))
    assert desk.book.rejects["quote_crossed"] == 1
    desk.tick(at=T + 2, ltp=300.0, bid=299.0, ask=301.0)
    assert (desk.call("bid"), desk.call("ask")) == (299.0, 301.0)


def test_a_crossed_quote_of_a_poll_is_turned_away_too(desk: Desk) -> None:
    desk.poll(asked=T + 5, bid={5: 900.0})
    assert math.isnan(desk.call("bid"))
    assert desk.book.rejects["quote_crossed"] == 1


def test_a_wrapped_oi_does_not_replace_a_known_one(desk: Desk) -> None:
    known = desk.call("oi")
    desk.tick(at=T + 1, ltp=300.0, oi=2**32 - 65)
    assert desk.call("oi") == known
    assert desk.book.rejects["quantity_wrapped"] == 1


def test_a_volume_that_grows_past_the_signed_half_is_believed(desk: Desk) -> None:
    desk.tick(at=T + 1, ltp=300.0, volume=2**31 - 650)
    assert desk.call("volume") == 2**31 - 650
    desk.tick(at=T + 2, ltp=300.0, volume=2**31 + 650)
    assert desk.call("volume") == 2**31 + 650
    assert desk.book.rejects.total() == 0


@pytest.mark.parametrize("wrong", [131.4, 26_411.0])
def test_a_spot_that_cannot_be_leaves_the_last_one_and_its_time(desk: Desk, wrong: float) -> None:
    desk.tick(SPOT, at=T + 1, ltp=24_012.0)
    assert desk.chain().spot == 24_012.0
    for second in range(2, 8):
        desk.tick(SPOT, at=T + second, ltp=wrong)
        chain = desk.chain()
        assert (chain.spot, chain.spot_ts) == (24_012.0, T + 1)
    assert desk.book.rejects["spot_far"] == 6


def test_a_spot_of_a_poll_is_judged_like_a_tick_s(desk: Desk) -> None:
    desk.polled = replace(desk.polled, spot=131.4)
    desk.poll(asked=T + 5)
    assert desk.chain().spot == 24_010.0
    assert desk.book.rejects["spot_far"] == 1


def test_a_spot_that_stays_impossible_becomes_unknown_with_its_change(desk: Desk) -> None:
    for second in range(1, 15):
        desk.tick(SPOT, at=T + second, ltp=26_411.0, prev_close=23_900.0)
        desk.tick(CALL, at=T + second, ltp=300.0)
        chain = desk.chain()
    assert math.isnan(chain.spot)
    assert math.isnan(chain.spot_change)
