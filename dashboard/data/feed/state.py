"""Which `FeedState` the numbers of a series are in. Pure.

A series is live by the age of what it lives on: its own ticks, or its own polls. How many other series are watched
changes nothing about that, it only makes polls rare; and when nothing has arrived from anywhere, nothing is live.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dashboard.data.feed.polls import POLL_EVERY_S
from dashboard.market.instruments import Series
from dashboard.market.session import FeedState

SILENT_S = 10.0  # nothing from anywhere for so long: no series is live
OLDEST_POLL_S = 15.0  # no poll is fresh for longer, however far apart polls are
MISSED_POLL = 1.5  # a poll may come half a period late, and take this long to be answered:
ANSWER_S = 2.0


@dataclass(frozen=True, slots=True)
class Conditions:
    """What decides about the state of every series.

    market_open: the broker's word, None when it cannot be had: then the data speaks for itself, and only when there is
    none, the calendar (calendar_open; None when it does not know). stale_after_s: how long ticks are fresh. silent_s:
    how long nothing has come in, no tick and no poll of any series. poll_every_s: how often each series is polled.
    """

    login_needed: bool = False
    market_open: bool | None = None
    calendar_open: bool | None = None
    replay: bool = False
    stale_after_s: float = 10.0
    silent_s: float = 0.0
    poll_every_s: Mapping[Series, float] = field(default_factory=dict)

    @property
    def silent(self) -> bool:
        return self.silent_s >= max(SILENT_S, self.stale_after_s)

    def fresh_for_s(self, series: Series | None) -> float:
        """How old a poll of the series may be to count as fresh; a leg that is older is old within its chain."""
        every_s = POLL_EVERY_S if series is None else self.poll_every_s.get(series, POLL_EVERY_S)
        return max(self.stale_after_s, min(MISSED_POLL * every_s + ANSWER_S, OLDEST_POLL_S))

    def state(self, series: Series | None, ticked_ts: float, polled_ts: float, now_ts: float) -> FeedState:
        """ticked_ts, polled_ts: our clock at the newest tick of a contract and at the newest poll, NaN for never."""
        if self.login_needed:
            return FeedState.LOGIN_NEEDED
        if self.market_open is False:
            return FeedState.CLOSED
        fresh = now_ts - ticked_ts < self.stale_after_s or now_ts - polled_ts < self.fresh_for_s(series)
        if self.silent or not fresh:
            return FeedState.CLOSED if self.market_open is None and self.calendar_open is False else FeedState.STALE
        return FeedState.REPLAY if self.replay else FeedState.LIVE


def overall(states: list[FeedState], conditions: Conditions) -> FeedState:
    """The feed's own state: the best of its series; with none, what the conditions alone say."""
    for state in (FeedState.LOGIN_NEEDED, FeedState.CLOSED, FeedState.LIVE, FeedState.REPLAY):
        if state in states:
            return state
    return conditions.state(None, float("nan"), float("nan"), 0.0)
