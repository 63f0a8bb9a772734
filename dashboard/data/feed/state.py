"""Which `FeedState` the numbers of a series are in. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.market.session import FeedState


@dataclass(frozen=True, slots=True)
class Conditions:
    """What decides about the state of every series alike.

    market_open: the broker's word, None when it cannot be had: then the data speaks for itself, and only when there is
    none, the calendar (calendar_open; None when it does not know). fresh_for_s: how old the newest part of a series may
    be to count as live.
    """

    login_needed: bool = False
    market_open: bool | None = None
    calendar_open: bool | None = None
    replay: bool = False
    fresh_for_s: float = 10.0

    def state(self, newest_ts: float, now_ts: float) -> FeedState:
        """newest_ts: our clock when the newest part of the series arrived, NaN for never."""
        if self.login_needed:
            return FeedState.LOGIN_NEEDED
        if self.market_open is False:
            return FeedState.CLOSED
        if not now_ts - newest_ts < self.fresh_for_s:
            return FeedState.CLOSED if self.market_open is None and self.calendar_open is False else FeedState.STALE
        return FeedState.REPLAY if self.replay else FeedState.LIVE


def overall(states: list[FeedState], conditions: Conditions) -> FeedState:
    """The feed's own state: the best of its series; with none, what the conditions alone say."""
    for state in (FeedState.LOGIN_NEEDED, FeedState.CLOSED, FeedState.LIVE, FeedState.REPLAY):
        if state in states:
            return state
    return conditions.state(float("nan"), 0.0)
