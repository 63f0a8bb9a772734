"""The feed's report about itself, once a second: what the status strip, /healthz and /metrics show."""

from __future__ import annotations

import math
import os
from collections import deque
from collections.abc import Mapping

from dashboard.data.brokers.protocol import BudgetMeter, StreamStatus
from dashboard.data.brokers.registry import broker_of
from dashboard.data.contract.report import FeedCounts, FeedReport, SeriesReport, SinkReport, SocketReport
from dashboard.data.contract.state import OLDEST_POLL_S, Conditions
from dashboard.data.feed.hours import MarketHours
from dashboard.data.feed.publish import LastFrame
from dashboard.market.instruments import Series
from dashboard.market.session import FeedState
from dashboard.settings import Settings

RATE_OVER_S = 5.0
NAMES_LISTED = 20  # of symbols without an answer; their number is given in full


class Rate:
    """Events per second over the last few seconds, from a running total."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()

    def per_s(self, total: int, now: float) -> float:
        """now: monotonic seconds."""
        self._seen.append((now, total))
        while len(self._seen) > 2 and now - self._seen[0][0] > RATE_OVER_S:
            self._seen.popleft()
        since, before = self._seen[0]
        return round((total - before) / (now - since), 1) if now > since else 0.0


class HealthReporter:
    """Builds the report. Times are UTC epoch seconds of our clock, None where unknown."""

    def __init__(self, settings: Settings, started_ts: float) -> None:
        self._settings = settings
        self._broker = broker_of(settings).name
        self._started_ts = started_ts
        self._state = FeedState.STALE
        self._since_ts = started_ts
        self._ticks, self._frames = Rate(), Rate()

    def report(
        self,
        *,
        now_ts: float,
        monotonic: float,
        state: FeedState,
        socket: StreamStatus,
        budget: BudgetMeter,
        published: Mapping[Series, LastFrame],
        sinks: dict[str, SinkReport],
        conditions: Conditions,
        counts: FeedCounts,
        rejects: Mapping[str, int],
        last_tick_ts: float | None,
        market_ts: float | None,
        recorded_shift_s: float | None,
        token_expires_ts: float | None,
        broker_error: str | None,
        hours: MarketHours,
    ) -> FeedReport:
        if state is not self._state:
            self._state, self._since_ts = state, now_ts
        return {
            "pid": os.getpid(),
            "started_ts": self._started_ts,
            "heartbeat_ts": now_ts,
            "state": state.value,
            "since_ts": self._since_ts,
            "market_ts": market_ts,
            "recorded_ts": None if market_ts is None or recorded_shift_s is None else market_ts - recorded_shift_s,
            "demo": self._settings.demo,
            "broker": self._broker,
            "replay": self._settings.replay,
            "market": {
                "open": hours.open,
                "said_by": hours.said_by,
                "reason": hours.reason,
                "opens_ts": hours.opens_ts,
            },
            "socket": _socket(socket),
            "last_tick_ts": last_tick_ts,
            "ticks_per_s": self._ticks.per_s(counts["ticks_total"], monotonic),
            "frames_per_s": self._frames.per_s(counts["frames_total"], monotonic),
            **counts,
            "rest_budget": {
                "second": budget.second,
                "minute": budget.minute,
                "day": budget.day,
                "limits": {"second": budget.second_limit, "minute": budget.minute_limit, "day": budget.day_limit},
            },
            "restarts": socket.restarts,
            "token_expires_ts": token_expires_ts,
            "broker_error": broker_error,
            "rejects": dict(rejects),
            "silent": conditions.silent,
            "polled_series": len(conditions.poll_every_s),
            "sinks": sinks,
            "series": [_series(series, frame, conditions) for series, frame in published.items()],
        }


def _socket(status: StreamStatus) -> SocketReport:
    return {
        "state": status.state.value,
        "reason": status.reason,
        "restarts": status.restarts,
        "last_frame_ts": status.last_frame_ts,
        "subscribed": status.subscribed,
        "unanswered": list(status.unanswered[:NAMES_LISTED]),
        "unanswered_total": len(status.unanswered),
        "damaged_frames": status.damaged_frames,
        "since_ts": status.since_ts,
    }


def _series(series: Series, frame: LastFrame, conditions: Conditions) -> SeriesReport:
    """poll_every_s: None for a series that nobody watches any more. slow: polls alone cannot keep it live."""
    poll_every_s = conditions.poll_every_s.get(series)
    return {
        "key": series.key,
        "version": frame.version,
        "as_of_ts": None if math.isnan(frame.as_of_ts) else frame.as_of_ts,
        "state": frame.state.value,
        "since_ts": frame.since_ts,
        "rows": frame.rows,
        "poll_every_s": None if poll_every_s is None else round(poll_every_s, 1),
        "slow": poll_every_s is not None and poll_every_s > OLDEST_POLL_S,
        "old_legs": frame.old_legs,
    }
