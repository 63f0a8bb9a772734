"""The other expiries of a watched underlying: asked for one at a time, in turn, and drawn while they are fresh."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from dashboard.analytics.enrich import enrich
from dashboard.analytics.term_structure import KEPT_S
from dashboard.data.contract import keys
from dashboard.data.feed.leases import wanted
from dashboard.data.feed.term import FIRST_SURVEY_EVERY_S, SURVEY_EVERY_S, Survey, TermStructures
from dashboard.market.instruments import Series
from harness.builders import (
    MONTHLY,
    NEAREST,
    NIFTY_WEEKLY,
    RATE,
    SECOND,
    make_chain,
    make_directory,
    make_underlying,
)
from tests.fakes import MONDAY_11_IST
from tests.unit.data.feed.desk import Desk

T = MONDAY_11_IST
WATCHING = wanted(make_directory(), (), [keys.lease(NIFTY_WEEKLY)], T)


def test_the_expiries_nobody_watches_take_turns():
    survey, directory, now = Survey(), make_directory(), 0.0
    asked: list[Any] = []
    while len(asked) < 5:
        now += 1.0
        listed = survey.next(WATCHING, directory, now)
        if listed:
            asked.append((now, listed.series.expiry))
    assert [expiry for _, expiry in asked] == [SECOND, MONTHLY, SECOND, MONTHLY, SECOND]
    gaps = [later - earlier for (earlier, _), (later, _) in pairwise(asked)]
    assert gaps == [FIRST_SURVEY_EVERY_S, SURVEY_EVERY_S, SURVEY_EVERY_S, SURVEY_EVERY_S]


def test_nobody_watching_asks_for_nothing():
    warm_only = wanted(make_directory(), ("NIFTY",), [], T)
    assert Survey().next(warm_only, make_directory(), 100.0) is None
    assert Survey().next(WATCHING, None, 100.0) is None


def test_the_term_structure_holds_what_is_known_and_fresh():
    book, underlying = TermStructures(), make_underlying()
    for expiry in underlying.expiries[:2]:
        book.note(enrich(make_chain(n=21, expiry=expiry), rate=RATE, now_ts=T), T)
    term = book.structure("NIFTY", T + 1)
    assert term.expiries == (NEAREST, SECOND)
    assert term.atm_iv == pytest.approx([0.14, 0.14], abs=2e-3)
    assert book.structure("SENSEX", T).expiries == ()
    assert book.structure("NIFTY", T + KEPT_S + 1).expiries == ()


def test_a_watched_series_comes_to_know_its_underlyings_other_expiries():
    desk = Desk(underlyings=())
    desk.run(30.0, ticking=True, watching=NIFTY_WEEKLY)
    term = desk.frame(NIFTY_WEEKLY)["term"]
    assert term["expiries"] == [day.isoformat() for day in (NEAREST, SECOND, MONTHLY)]
    assert all(0.05 < iv < 0.5 for iv in term["atm_iv"])
    assert Series("NIFTY", SECOND) not in desk.feed.book.series, "asked for, but not followed"


def test_a_frame_carries_the_sums_over_the_expiries_that_are_known():
    desk = Desk(underlyings=())
    desk.run(30.0, ticking=True, watching=NIFTY_WEEKLY)
    frame = desk.frame(NIFTY_WEEKLY)
    totals = frame["all_expiries"]
    assert (totals["expiries_known"], totals["expiries_listed"]) == (3, 3)
    assert totals["pcr_oi"] == pytest.approx(frame["metrics"]["pcr_oi"])
    assert totals["net_dex_crore"] != pytest.approx(frame["metrics"]["net_dex_crore"])
    assert totals["oldest_ts"] == pytest.approx(min(frame["term"]["as_of_ts"]), abs=0.1)
    assert totals["oldest_ts"] < frame["as_of_ts"]


def test_an_expired_series_is_neither_listed_nor_known():
    book, underlying = TermStructures(), make_underlying()
    for expiry in underlying.expiries:
        book.note(enrich(make_chain(n=21, expiry=expiry), rate=RATE, now_ts=T), T)
    cutoff_ts = underlying.expiries[0].cutoff_ts
    for market_ts, count in ((cutoff_ts - 1, 3), (cutoff_ts, 2)):
        totals = book.totals(underlying, market_ts, T + 1)
        assert (totals.expiries_known, totals.expiries_listed) == (count, count)


def test_trading_time_gives_a_higher_iv_over_a_weekend():
    ivs = {}
    for day_count in ("calendar", "trading"):
        desk = Desk(day_count=day_count)
        desk.run(2.0, ticking=True)
        frame = desk.frame(NIFTY_WEEKLY)
        assert frame["day_count"] == day_count
        ivs[day_count] = frame["years_to_expiry"]
    # Monday 11:05 to Tuesday of next week: 8.2 of 365 days, or 5.7 of 252 sessions (the first Tuesday is a holiday).
    assert ivs["calendar"] == pytest.approx(8.19 / 365, rel=0.01)
    assert ivs["trading"] == pytest.approx(5.73 / 252, rel=0.02)
