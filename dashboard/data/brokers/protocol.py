"""The protocols of a broker: the feed uses `MarketData`; web, terminal and supervisor use `BrokerLogin`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from dashboard.market.chain import Chain
from dashboard.market.instruments import Contract, Directory, Expiry, Underlying
from dashboard.market.tick import Tick


class StreamState(StrEnum):
    """State of the broker's socket. From `live` on, data has arrived."""

    STARTING = "starting"
    AUTHENTICATED = "authenticated"
    SUBSCRIBED = "subscribed"
    LIVE = "live"
    STALE = "stale"
    DEAD = "dead"
    LOGIN_NEEDED = "login_needed"
    PLAN_LIMIT = "plan_limit"


@dataclass(frozen=True, slots=True)
class StreamStatus:
    """Status of the socket. last_frame_ts: our clock at the last frame, None before the first. since_ts: our clock when
    the present connection began, None without one; data with a later time is of this connection.

    unanswered: symbols that were subscribed twice and have sent no data; only polls update
    them. damaged_frames: frames since the start that could not be read to their end.
    """

    state: StreamState
    reason: str = ""
    restarts: int = 0
    last_frame_ts: float | None = None
    subscribed: int = 0
    unanswered: tuple[str, ...] = ()
    damaged_frames: int = 0
    since_ts: float | None = None


@dataclass(frozen=True, slots=True)
class BudgetMeter:
    """REST calls in the present second, minute and day, with our own limits, which are below the broker's."""

    second: int
    minute: int
    day: int
    second_limit: int
    minute_limit: int
    day_limit: int


class TickStream(Protocol):
    """A live stream of ticks. It never raises for a broken connection."""

    def subscribe(self, symbols: Iterable[str]) -> None:
        """Add symbols; known ones are ignored."""

    def ticks(self, timeout_s: float) -> Sequence[Tick]:
        """Ticks since the last call, coalesced to the latest per symbol; waits at most `timeout_s` for the first."""

    def recycle(self, symbols: Iterable[str]) -> None:
        """Connect again with exactly these symbols, which also removes symbols."""

    def status(self) -> StreamStatus: ...

    def close(self) -> None: ...


class MarketData(Protocol):
    """A broker. All calls may block on the network, within the provider's own time limits, and raise MarketError."""

    def directory(self) -> Directory:
        """Underlyings with options and stocks without; from the day's symbol masters."""

    def contracts(self, underlying: Underlying, expiry: Expiry) -> Sequence[Contract]:
        """All listed contracts of the series, any order."""

    def future_symbol(self, underlying: Underlying, expiry: Expiry) -> str | None:
        """The listed future that expires with the series; None for weeklies."""

    def vix_symbol(self) -> str | None: ...

    def fetch_chain(self, underlying: Underlying, expiry: Expiry) -> Chain:
        """One poll of the series' chain (counts against the budget)."""

    def open_stream(self) -> TickStream: ...

    def budget(self) -> BudgetMeter: ...

    def token_expires_ts(self) -> float | None:
        """UTC epoch of the access token's end; None when there is no readable token."""

    def rejects(self) -> Mapping[str, int]:
        """Counts of data that the adapter itself has rejected since the start, by reason."""

    def market_open(self) -> bool | None:
        """The broker's status of the F&O market; None when it is unknown."""

    def recorded_shift_s(self) -> float | None:
        """In a replay: by how much the recorded day was moved to be today; None while it is unknown."""

    def close(self) -> None: ...


class BrokerLogin(Protocol):
    """Login to a broker: authorise in a browser, return with a code, store the access token.

    The token itself never leaves the adapter; callers get only its expiry.
    """

    @property
    def redirect_uri(self) -> str:
        """Where the broker sends the browser afterwards."""

    @property
    def redirect_setting(self) -> str:
        """The variable with that address."""

    def missing_settings(self) -> list[str]:
        """Variables that a login needs and that are not set."""

    def has_token(self) -> bool:
        """Whether there is an access token at all, perhaps an expired one."""

    def authorise_url(self, state: str) -> str:
        """Where the user logs in; the answer must contain `state`. Raises LoginNeeded when not configured."""

    def finish(self, redirected_to: str, state: str) -> float:
        """Take the address that the browser came back to, and store the token. Gives the token's end, UTC epoch.

        Raises LoginNeeded, ProviderUnavailable, and OSError when the token cannot be stored.
        """
