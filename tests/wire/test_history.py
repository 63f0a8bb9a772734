"""A real feed records while it publishes; what it published is there again, also after it was killed."""

from __future__ import annotations

import json
import random
import signal
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from dashboard.data.reader.time_machine import TimeMachine
from dashboard.market.errors import NotRecorded
from dashboard.market.instruments import Series
from dashboard.market.session import ist_date
from harness.builders import NIFTY_WEEKLY, make_settings
from harness.feed import FeedProcess
from harness.process import ChildProcess, eventually
from harness.sandbox import SandboxProcess

pytestmark = pytest.mark.wire

ON_SCREEN_S = 12.0
OF_THEIR_OWN = ("state", "version", "term", "all_expiries")  # the recording knows no expiry that was only surveyed


def watch(feed: FeedProcess, series: Series, seconds: float) -> dict[int, dict[str, Any]]:
    """Every frame on screen in the next seconds, by version."""
    seen: dict[int, dict[str, Any]] = {}
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        frame = feed.frame(series)
        if frame is not None:
            seen[frame["version"]] = frame
        time.sleep(0.05)
    return seen


def facts(frame: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in frame.items() if name not in OF_THEIR_OWN}


def test_what_was_on_screen_is_there_again_and_a_killed_feed_leaves_a_gap(
    sandbox: SandboxProcess, tmp_path: Path
) -> None:
    with FeedProcess(tmp_path, sandbox.environment) as feed:
        series = feed.nearest("NIFTY")
        feed.wait_until_live(series)
        seen = watch(feed, series, ON_SCREEN_S)
        feed.send(signal.SIGKILL)
        feed.outcome(10)
        died_ts = time.time()
        time.sleep(25.0)  # longer than a live record stands
        feed.start()
        feed.wait_until_live(series)
        newest = max(seen)
        eventually(lambda: (feed.frame(series) or {}).get("version", 0) > newest + 25_000, within_s=20)
        seen |= watch(feed, series, 3.0)
    past = TimeMachine(make_settings(data_dir=tmp_path / "data", demo=True))
    compared = 0
    for version, frame in seen.items():
        try:
            recorded = json.loads(past.at(version / 1000).frame(series).text)
        except NotRecorded:
            continue
        if recorded["version"] == version:
            assert facts(recorded) == facts(frame)
            compared += 1
    assert compared > 8
    with pytest.raises(NotRecorded) as gap:
        past.at(died_ts + 22.0).frame(series)
    before_ts, after_ts = gap.value.before_ts, gap.value.after_ts
    assert before_ts is not None
    assert after_ts is not None
    assert died_ts - 2.5 <= before_ts <= died_ts, "what was acknowledged before the kill is there"
    kinds = [part.kind for part in past.coverage(series, ist_date(died_ts))]
    assert kinds.count("missing") == 1


@pytest.mark.timeout(240)
def test_twenty_kills_while_writing_lose_no_record_that_was_acknowledged(tmp_path: Path) -> None:
    rng = random.Random(7)
    acknowledged: list[float] = []
    for _ in range(20):
        writer = ChildProcess([sys.executable, "-m", "tests.wire.history_writer", str(tmp_path)])
        with writer:
            eventually(lambda: writer.output().count("\n") > 3, what="the first records")  # noqa: B023
            time.sleep(rng.random() * 0.2)
            writer.kill()
            acknowledged += [float(line) for line in writer.output().splitlines()[:-1]]
    assert len(acknowledged) > 100
    past = TimeMachine(make_settings(data_dir=tmp_path, history=f"sqlite:///{tmp_path}", demo=True))
    for at_ts in rng.sample(acknowledged, 100) + acknowledged[-1:]:
        frame = json.loads(past.at(at_ts + 0.001).frame(NIFTY_WEEKLY).text)
        assert frame["as_of_ts"] == pytest.approx(at_ts, abs=0.002)
