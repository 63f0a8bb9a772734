"""Messages between the feed and its socket child over their pipe, and the child's exit codes."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

from dashboard.data.brokers.fyers.stream.parse_tick import TickFields
from dashboard.data.brokers.protocol import StreamState
from dashboard.settings import Settings

MAX_SYMBOLS = 5000  # per connection and account (FYERS support, August 2025)


class ChildExit(IntEnum):
    """Exit code of the child: why it ended. It decides when the parent starts the next one."""

    STOPPED = 0
    PARENT_GONE = 40
    LOGIN_NEEDED = 41
    PLAN_LIMIT = 42
    LINK_LOST = 43
    SILENT = 44
    NOT_SUBSCRIBED = 45
    NOT_CONNECTED = 46
    BROKEN = 47


@dataclass(frozen=True, slots=True)
class ChildOrder:
    """Arguments of the child. secret: the bare JWT, sent through the pipe, never in an argument list.

    lean: whether the SDK is a version whose data frames we decode ourselves.
    """

    settings: Settings
    secret: str = field(repr=False)
    lean: bool


@dataclass(frozen=True, slots=True)
class Subscribe:
    """Parent to child: subscribe these too. topics: symbol -> topic."""

    topics: dict[str, str]


@dataclass(frozen=True, slots=True)
class Trading:
    """Parent to child: whether the market trades, so that missing ticks are a fault. The default is no."""

    now: bool


@dataclass(frozen=True, slots=True)
class Stop:
    """Parent to child: end."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Child to parent, at most every 50 ms, and once a second without ticks.

    ticks: the latest fields per symbol. last_frame_ts: our clock at the last frame or pong of the server. damaged:
    frames of this connection that could not be read to their end. missing: symbols whose first snapshot is overdue,
    None when they have not changed since the last batch.
    """

    ticks: list[TickFields]
    state: StreamState
    reason: str
    last_frame_ts: float | None
    subscribed: int
    damaged: int
    missing: tuple[str, ...] | None = None
