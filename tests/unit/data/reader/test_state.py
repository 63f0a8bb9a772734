"""What a viewer is told of slow series and of recordings, from the feed's report."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.data.contract.report import FeedReport
from dashboard.data.reader.state import series_status
from dashboard.market.session import FeedState, ist
from harness.builders import NIFTY_WEEKLY, make_report, make_series_report
from tests.fakes import MONDAY_11_IST as NOW

SLOW: dict[str, Any] = {"state": "stale", "as_of_ts": NOW - 18, "poll_every_s": 24.0, "slow": True}


def report(series: dict[str, Any], **fields: Any) -> FeedReport:
    entry = make_series_report(NIFTY_WEEKLY, NOW, **series)
    return make_report(NOW - 0.5, entry, **{"polled_series": 40} | fields)


def test_a_series_that_is_polled_too_seldom_says_why_it_is_stale() -> None:
    told = series_status(report(SLOW), NIFTY_WEEKLY, NOW)
    assert told.state is FeedState.STALE
    assert told.message == (
        "This series is polled every 24 s because 40 series are watched; numbers are those of 11:04:42 IST."
    )


@pytest.mark.parametrize(
    "health",
    [report(SLOW, silent=True), report(SLOW | {"slow": False}), report(SLOW | {"poll_every_s": None})],
    ids=["nothing comes in at all", "polled often enough", "a report of another release"],
)
def test_other_reasons_are_not_blamed_on_the_number_of_series(health: FeedReport) -> None:
    message = series_status(health, NIFTY_WEEKLY, NOW).message
    assert message == "No new data is coming in; numbers are those of 11:04:42 IST."


def test_a_slow_series_that_is_fresh_is_live_without_a_word_about_it() -> None:
    told = series_status(report(SLOW | {"state": "live"}), NIFTY_WEEKLY, NOW)
    assert (told.state, told.message) == (FeedState.LIVE, "Live from FYERS.")


def test_a_replay_tells_the_date_and_time_of_the_recording() -> None:
    recorded_ts = ist(NOW).replace(year=2026, month=2, day=3, hour=14, minute=3, second=9).timestamp()
    playing = {"key": NIFTY_WEEKLY.key, "state": "replay", "as_of_ts": NOW}
    told = series_status(report(playing, market_ts=NOW - 60, recorded_ts=recorded_ts), NIFTY_WEEKLY, NOW)
    assert told.message == "Replaying a recorded session: 03-Feb-26 14:03:09 IST."
    assert (told.market_ts, told.recorded_ts) == (NOW - 60, recorded_ts)


def test_before_its_clock_is_known_a_replay_is_only_called_one() -> None:
    playing = {"key": NIFTY_WEEKLY.key, "state": "replay", "as_of_ts": NOW}
    told = series_status(report(playing, market_ts=None), NIFTY_WEEKLY, NOW)
    assert (told.message, told.market_ts, told.recorded_ts) == ("Replaying a recorded session.", None, None)


@pytest.mark.parametrize(
    ("history", "sentence"),
    [
        ({"problem": None, "lag_s": 0.4}, None),
        ({"problem": "no_room", "lag_s": 0.4}, "Recording has stopped: the disk is full."),
        ({"problem": "cannot_write", "lag_s": 0.4}, "Recording has stopped: the history cannot be written."),
        ({"problem": None, "lag_s": 12.3}, "Recording is 12 s behind."),
        ({"taken": 5}, None),
        (None, None),
    ],
    ids=["as it should be", "full", "broken", "slow", "a report of another release", "not recorded"],
)
def test_what_is_not_recorded_is_said_and_changes_nothing_else(history: Any, sentence: str | None) -> None:
    sinks = {} if history is None else {"history": history}
    status = series_status(report({"state": "live"}, sinks=sinks), NIFTY_WEEKLY, NOW)
    assert (status.recording, status.state, status.message) == (sentence, FeedState.LIVE, "Live from FYERS.")


def test_a_feed_that_is_gone_is_not_blamed_for_its_recording() -> None:
    stopped = report({"state": "live"}, sinks={"history": {"problem": "no_room"}})
    status = series_status(stopped, NIFTY_WEEKLY, NOW + 60)
    assert (status.state, status.recording) == (FeedState.OFFLINE, None)
