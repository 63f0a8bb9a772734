"""Legs that are older than their series: beyond the polls, and not carried by the present connection."""

from __future__ import annotations

import numpy as np
import pytest

from tests.fakes import MONDAY_11_IST as T
from tests.unit.data.feed.test_chain_builder import CALL, Desk


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_a_leg_neither_source_reaches_any_more_is_old_and_one_the_connection_carries_is_not(desk: Desk) -> None:
    wing = desk.polled.call.symbol[0]
    for symbol in (wing, CALL):
        desk.tick(symbol, at=T, ltp=101.0)
    desk.chain()
    desk.chain_builder.confirm(T - 1, T + 30)  # the connection is well, and quiet about both
    desk.tick(at=T + 31, ltp=102.0)
    desk.chain()
    assert not desk.chain_builder.old_legs(15.0).any()
    desk.chain_builder.confirm(T + 32, T + 60)  # a new connection, which has not told of the wing
    desk.tick(at=T + 60, ltp=103.0)
    desk.chain()
    assert np.argwhere(desk.chain_builder.old_legs(15.0)).tolist() == [[0, 0]]


def test_nothing_is_old_in_a_series_that_has_stopped_as_a_whole(desk: Desk) -> None:
    desk.poll(asked=T)
    desk.chain()
    assert not desk.chain_builder.old_legs(15.0).any()
    desk.tick(at=T + 60, ltp=103.0)
    desk.chain()
    old = desk.chain_builder.old_legs(15.0)
    assert old.sum() == 21, "all but the leg that still ticks"
    desk.book.clock_set_back(3_600.0)
    assert (desk.chain_builder.old_legs(15.0) == old).all()


def test_a_leg_of_which_nothing_was_ever_told_is_unknown_and_not_old(desk: Desk) -> None:
    desk.tick(at=T, ltp=101.0)
    desk.tick(at=T + 60, ltp=102.0)
    desk.chain()
    assert not desk.chain_builder.old_legs(15.0).any()
