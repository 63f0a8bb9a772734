"""Which `FeedState` the numbers of a series are in: the one place that decides it. Pure.

The feed decides by age (`Conditions`): a series is live by the age of its own ticks or its own polls. How many other
series are watched only makes polls rare; when nothing has arrived from anywhere, nothing is live. A reader takes the
feed's decision from the report (`reported_state`), and calls everything offline when the report is old.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from dashboard.data.contract.report import FeedReport
from dashboard.market.instruments import Series
from dashboard.market.session import SILENCE_LIMIT_S, FeedState

POLL_EVERY_S = 5.0  # of a watched series, while the request budget allows it
SILENT_S = 10.0  # nothing from anywhere for so long: no series is live
OLDEST_POLL_S = 15.0  # no poll is fresh for longer, however far apart polls are
MISSED_POLL = 1.5  # a poll may come half a period late, and take this long to be answered:
ANSWER_S = 2.0


@dataclass(frozen=True, slots=True)
class Conditions:
    """What decides about the state of every series.

    market_open: the broker's answer, None when it cannot be had: then fresh data decides, and only without any the
    calendar (calendar_open; None when it does not know). stale_after_s: how long ticks are fresh. silent_s:
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


class ReportedState(NamedTuple):
    """What the feed's report says of one series, or of the feed as a whole.

    since_ts: when the state began; as_of_ts: our clock at the newest data. Both None when unknown. entry: the series'
    own part of the report, empty where the report does not list it.
    """

    state: FeedState
    since_ts: float | None
    as_of_ts: float | None
    entry: Mapping[str, Any]


def reported_state(report: FeedReport | None, series: Series | None, now_ts: float) -> ReportedState:
    """The state of a series (None: of the feed as a whole) at this moment.

    Offline when the report is older than `SILENCE_LIMIT_S`, whatever it says. A series that the report does not list is
    not live, however live the others are.
    """
    known: Mapping[str, Any] = report or {}
    entry = _entry(known, series)
    as_of_ts, heartbeat_ts = number(entry.get("as_of_ts")), number(known.get("heartbeat_ts"))
    if heartbeat_ts is None or now_ts - heartbeat_ts > SILENCE_LIMIT_S:
        return ReportedState(FeedState.OFFLINE, heartbeat_ts, as_of_ts, entry)
    state = _known_state(entry.get("state") or known.get("state"))
    if not entry and state in (FeedState.LIVE, FeedState.REPLAY):
        state = FeedState.STALE
    return ReportedState(state, number(entry.get("since_ts")), as_of_ts, entry)


def _entry(report: Mapping[str, Any], series: Series | None) -> Mapping[str, Any]:
    """The series' part of the report; for the feed as a whole its own state and its newest data."""
    reported = report.get("series")
    listed = [entry for entry in reported if isinstance(entry, dict)] if isinstance(reported, list) else []
    if series is not None:
        return next((entry for entry in listed if entry.get("key") == series.key), {})
    newest = max((stamp for entry in listed if (stamp := number(entry.get("as_of_ts"))) is not None), default=None)
    return {"state": report.get("state"), "since_ts": report.get("since_ts"), "as_of_ts": newest}


def _known_state(name: Any) -> FeedState:
    """A state that this version does not know (feed and web of different releases) counts as stale."""
    try:
        return FeedState(name)
    except ValueError:
        return FeedState.STALE


def number(value: Any) -> float | None:
    """A number of a report as a float, None for anything else."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
