"""What goes wrong with the recording is said, costs records alone, and ends with its cause."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from dashboard.data.history.days import DailyJournals
from dashboard.data.reader.time_machine import TimeMachine
from dashboard.market.session import FeedState
from harness.builders import make_settings
from harness.feed import FeedProcess, report_of
from harness.process import eventually
from harness.sandbox import SandboxProcess

pytestmark = pytest.mark.wire


def recording(feed: FeedProcess) -> dict[str, Any]:
    found: dict[str, Any] = (report_of(feed.screen).get("sinks") or {}).get("history") or {}
    return found


def test_a_history_that_cannot_be_written_is_said_and_the_feed_stays_live(
    sandbox: SandboxProcess, tmp_path: Path
) -> None:
    history = tmp_path / "history"
    history.write_text("in the way")
    with FeedProcess(tmp_path, sandbox.environment, CHAINBOARD_HISTORY=f"sqlite:///{history}") as feed:
        series = feed.nearest("NIFTY")
        feed.wait_until_live(series)
        eventually(lambda: recording(feed).get("problem") == "cannot_write", what="a problem in the report")
        said = feed.screen.status(series).recording
        assert said == "Recording has stopped: the history cannot be written."
        assert feed.state(series) is FeedState.LIVE
        assert recording(feed)["counts"]["not_written"] > 0

        history.unlink()
        eventually(lambda: recording(feed).get("problem", "") is None, what="an end of the problem")
        assert feed.screen.status(series).recording is None
        shutil.rmtree(history)
        eventually(lambda: DailyJournals(history).days(), what="a file that was begun anew")
        past = TimeMachine(make_settings(history=f"sqlite:///{history}", demo=True))

        def newest() -> bool:
            day = past.days()[-1]
            segments = past.coverage(series, day)
            return bool(segments) and segments[-1].to_ts > segments[0].from_ts

        eventually(newest, what="records of the series")
        assert feed.state(series) is FeedState.LIVE
        assert "deleted or replaced" in feed.output()
