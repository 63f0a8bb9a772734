from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from dashboard.data.contract.state import Conditions, overall
from dashboard.data.feed.hours import MarketHours, market_hours
from dashboard.data.reader.state import sentence
from dashboard.market.calendar import load_calendar
from dashboard.market.session import IST, FeedState

NAN = float("nan")


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=IST).timestamp()


CALENDAR = load_calendar(Path("nowhere"))
HOLIDAY, TRADING, NEXT_YEAR = at("2026-11-24 11:00"), at("2026-11-23 11:00"), at("2027-01-04 11:00")


@pytest.mark.parametrize(
    ("word", "now", "open_", "said_by", "reason"),
    [
        (True, HOLIDAY, True, "broker", ""),  # a session the calendar does not know
        (False, HOLIDAY, False, "broker", "Guru Nanak Jayanti"),
        (False, TRADING, False, "broker", ""),  # a halt
        (None, HOLIDAY, False, "calendar", "Guru Nanak Jayanti"),
        (None, TRADING, True, "calendar", ""),
        (None, NEXT_YEAR, None, "", "the calendar ends on 31-Dec-26"),
        (True, NEXT_YEAR, True, "broker", ""),
    ],
)
def test_the_broker_s_word_comes_before_the_calendar(word, now, open_, said_by, reason) -> None:
    hours = market_hours(word, CALENDAR, now)
    assert (hours.open, hours.said_by, hours.reason) == (open_, said_by, reason)


def test_a_demo_asks_no_calendar() -> None:
    assert market_hours(None, None, HOLIDAY) == MarketHours(None)


def test_a_closed_market_keeps_its_next_opening() -> None:
    assert market_hours(False, CALENDAR, HOLIDAY).opens_ts == at("2026-11-25 09:15")


@pytest.mark.parametrize(
    ("conditions", "age_s", "state"),
    [
        (Conditions(calendar_open=False), 60.0, FeedState.CLOSED),
        (Conditions(calendar_open=False), 1.0, FeedState.LIVE),  # data that flows knows better than a file
        (Conditions(calendar_open=None), 60.0, FeedState.STALE),  # unknown is never closed …
        (Conditions(calendar_open=True), 60.0, FeedState.STALE),
        (Conditions(market_open=True, calendar_open=False), 60.0, FeedState.STALE),
    ],
)
def test_the_calendar_counts_only_when_neither_broker_nor_data_speak(conditions, age_s, state) -> None:
    assert conditions.state(None, 1_000.0 - age_s, float("nan"), 1_000.0) is state


def test_with_nothing_published_on_a_holiday_the_feed_is_closed() -> None:
    assert overall([], Conditions(calendar_open=False)) is FeedState.CLOSED


def test_the_sentence_says_why_it_is_closed_and_until_when() -> None:
    market = {"open": False, "reason": "Guru Nanak Jayanti", "opens_ts": at("2026-11-25 09:15")}
    said = sentence(FeedState.CLOSED, at("2026-11-23 15:40"), HOLIDAY, demo=False, market=market)
    assert said == (
        "The market is closed (Guru Nanak Jayanti) and opens 25-Nov-26 09:15:00 IST; "
        "numbers are those of 23-Nov-26 15:40:00 IST."
    )


def test_past_the_calendar_s_end_the_sentence_says_so() -> None:
    market = {"open": None, "reason": "the calendar ends on 31-Dec-26"}
    said = sentence(FeedState.STALE, NEXT_YEAR - 60, NEXT_YEAR, demo=False, market=market)
    assert said.startswith(
        "No new data is coming in, and whether the market is open is unknown: the calendar ends on 31-Dec-26; numbers"
    )


def test_the_feed_closes_by_the_calendar_and_keeps_its_last_frame(desk) -> None:
    """11:05 on a Monday: the market trades. The same desk at night has only the calendar."""
    desk.broker.is_open = None
    desk.run(2.0)
    assert desk.state() is FeedState.LIVE
    last = desk.frame()
    desk.broker.chains = dict.fromkeys(desk.broker.chains, ValueError("nobody answers"))
    desk.clock.advance(seconds=6 * 3600)
    desk.run(3.0)
    assert desk.state() is FeedState.CLOSED
    assert desk.frame()["call"]["ltp"] == last["call"]["ltp"]
    assert "(after the close) and opens 25-Nov-26" in desk.screen.status().message
