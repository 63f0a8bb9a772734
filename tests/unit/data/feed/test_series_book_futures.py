"""A monthly's future is its own or none; a weekly's is the nearest one, labelled with its date."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from dashboard.analytics.enrich import enrich
from dashboard.market.session import ist
from harness.builders import RATE, make_chain, make_expiry
from tests.fakes import MONDAY_11_IST as T
from tests.unit.data.feed.test_chain_builder import FUTURE, Desk


def future_desk(kind: str, day: date, *, listed: bool) -> Desk:
    polled = replace(
        make_chain(n=11, expiry=make_expiry(day, kind=kind)), future=24_120.0, future_expiry=date(2026, 11, 30)
    )
    return Desk(polled, future=FUTURE if listed else None)


def test_a_far_monthly_without_a_listed_future_has_none_and_its_forward_is_carried_from_the_spot() -> None:
    day = ist(T).date() + timedelta(days=400)
    desk = future_desk("M", day, listed=False)
    nothing = dict.fromkeys(range(11), float("nan"))
    desk.poll(asked=T, ltp=nothing, bid=nothing, ask=nothing)
    chain = desk.chain()
    assert np.isnan(chain.future)
    assert chain.future_expiry is None
    years = (chain.expiry.cutoff_ts - chain.market_ts) / (365 * 86_400)
    found = enrich(chain, rate=RATE, now_ts=chain.market_ts)
    assert found.forward == pytest.approx(24_010 * math.exp(RATE * years))
    assert found.forward > 25_700, "not the 24,120 of another expiry's future"


def test_a_monthly_s_own_future_counts_whether_ticks_or_polls_tell_it() -> None:
    desk = future_desk("M", date(2026, 11, 30), listed=True)
    desk.poll(asked=T)
    assert (desk.chain().future, desk.chain().future_expiry) == (24_120.0, date(2026, 11, 30))
    desk.tick(FUTURE, at=T + 1, ltp=24_125.0)
    assert desk.chain().future == 24_125.0


def test_a_monthly_does_not_take_the_near_month_s_future_for_its_own() -> None:
    desk = future_desk("M", date(2026, 12, 29), listed=True)
    desk.poll(asked=T)
    assert np.isnan(desk.chain().future)
    desk.tick(FUTURE, at=T + 1, ltp=24_190.0)
    assert (desk.chain().future, desk.chain().future_expiry) == (24_190.0, date(2026, 12, 29))
    desk.poll(asked=T + 60)
    assert desk.chain().future == 24_190.0


def test_a_weekly_shows_the_nearest_future_with_its_date() -> None:
    desk = future_desk("W", date(2026, 12, 8), listed=False)
    desk.poll(asked=T)
    assert (desk.chain().future, desk.chain().future_expiry) == (24_120.0, date(2026, 11, 30))


def test_a_future_of_which_nobody_knows_the_expiry_is_not_shown() -> None:
    desk = future_desk("W", date(2026, 12, 8), listed=False)
    desk.polled = replace(desk.polled, future_expiry=None)
    desk.poll(asked=T)
    assert np.isnan(desk.chain().future)
