"""The feed's report about itself, as JSON in the cache: written once a second, read by page, wall, health and metrics.

Feed and web may be of different releases, so a reader asks with `.get` and takes what is missing for unknown. Times are
UTC epoch seconds of the feed's clock, None where unknown.
"""

from __future__ import annotations

from typing import TypedDict


class Limits(TypedDict):
    second: int
    minute: int
    day: int


class RestBudget(TypedDict):
    """REST calls made in the running second, minute and day, and the limits we keep below the broker's."""

    second: int
    minute: int
    day: int
    limits: Limits


class SocketReport(TypedDict):
    """`brokers.protocol.StreamStatus` as JSON. unanswered: the first few of `unanswered_total` silent symbols."""

    state: str
    reason: str
    restarts: int
    last_frame_ts: float | None
    subscribed: int
    unanswered: list[str]
    unanswered_total: int
    damaged_frames: int
    since_ts: float | None


class MarketReport(TypedDict):
    """Whether the market trades. open: None when unknown. said_by: "broker", "calendar" or "".

    reason: why the market is closed, or why that is unknown. opens_ts: the next opening, None beyond the calendar.
    """

    open: bool | None
    said_by: str
    reason: str
    opens_ts: float | None


class SeriesReport(TypedDict):
    """One published series. key: `Series.key`. version: of its last publication. rows: strikes.

    state: a `FeedState` value, since `since_ts`. as_of_ts: when its newest part arrived. poll_every_s: seconds between
    polls, None when nobody watches it. slow: polls alone cannot keep it live. old_legs: legs older than the rest.
    """

    key: str
    version: int
    as_of_ts: float | None
    state: str
    since_ts: float
    rows: int
    poll_every_s: float | None
    slow: bool
    old_legs: int


HISTORY = "history"  # the sink that records
NO_ROOM, CANNOT_WRITE, NOT_ARCHIVED = "no_room", "cannot_write", "not_archived"


class SinkReport(TypedDict):
    """One receiver of published chains. taken: handled without error; failed: its call raised; dropped: replaced or
    pushed out of its queue before its turn came; waiting: in the queue now, the oldest for `lag_s` seconds.

    problem: why the sink does not do its work at the moment (NO_ROOM, CANNOT_WRITE, NOT_ARCHIVED), None while it does.
    counts: what it counts itself; the history: `records` and `bytes` written, and `not_written`, the chains that could
    not be.
    """

    taken: int
    failed: int
    dropped: int
    waiting: int
    lag_s: float
    problem: str | None
    counts: dict[str, int]


class FeedCounts(TypedDict):
    """Totals since the feed started; symbols_left_out is a number of now: symbols the connection has no room for."""

    ticks_total: int
    frames_total: int
    frames_failed: int
    writes_failed: int
    polls_total: int
    symbols_left_out: int


class FeedReport(FeedCounts):
    """state: of the feed, since `since_ts`. market_ts: the market's clock; recorded_ts: in a replay, the recording's.

    rejects: what was turned away, by reason. silent: nothing has arrived from anywhere for some seconds.
    """

    pid: int
    started_ts: float
    heartbeat_ts: float
    state: str
    since_ts: float
    market_ts: float | None
    recorded_ts: float | None
    demo: bool
    broker: str
    replay: bool
    market: MarketReport
    socket: SocketReport
    last_tick_ts: float | None
    ticks_per_s: float
    frames_per_s: float
    rest_budget: RestBudget
    restarts: int
    token_expires_ts: float | None
    broker_error: str | None
    rejects: dict[str, int]
    silent: bool
    polled_series: int
    sinks: dict[str, SinkReport]
    series: list[SeriesReport]
