"""A closed market on the screen: the last numbers stay, and silence is no alarm."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dashboard.market.session import FeedState
from harness.feed import FeedProcess, report_of
from harness.process import eventually
from harness.sandbox import SandboxProcess

pytestmark = pytest.mark.wire


@pytest.fixture
def closed() -> Iterator[SandboxProcess]:
    with SandboxProcess(seed=11) as sandbox:
        sandbox.fault(market_closed=True)
        yield sandbox


def test_a_market_that_is_closed_is_called_closed_with_its_last_numbers(closed, tmp_path):
    with FeedProcess(tmp_path, closed.environment, CHAINBOARD_UNDERLYINGS="NIFTY") as feed:
        series = feed.nearest("NIFTY")
        eventually(lambda: feed.state(series) is FeedState.CLOSED)
        frame = eventually(lambda: feed.frame(series)) or {}
        assert sum(value is not None for value in frame["call"]["ltp"]) > 40
        assert feed.screen.status(series).message.startswith("The market is closed; numbers are those of ")
        assert report_of(feed.screen)["market"]["open"] is False
        closed.fault(silence=True)
        eventually(lambda: report_of(feed.screen)["socket"]["state"] in ("live", "subscribed"))
        assert report_of(feed.screen)["restarts"] == 0
