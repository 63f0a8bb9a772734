"""All errors of the market, classed by what the user has to do.

MarketError
├── UnknownUnderlying    choose another underlying
├── UnknownExpiry        choose another expiry
├── NoOptions            choose an underlying that has listed options
├── TooManySeries        watch fewer series at once
├── FeedNotReady         wait: the feed has not published this yet
├── LoginNeeded          log in to the broker again
├── ProviderUnavailable  wait `retry_after_s`; the feed retries
│   └── RequestRefused   our own budget, or the broker, refused the request
└── WireChanged          the broker sent something new; keep the message and report it

Stale, closed, replay and offline are `FeedState` values shown beside the last good chain, not errors.
"""

from __future__ import annotations


class MarketError(Exception):
    """Base of all market errors: a machine-readable `code`, an HTTP `status` and a sentence for the user."""

    code = "market_error"
    status = 500

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class UnknownUnderlying(MarketError):
    code = "unknown_underlying"
    status = 404


class UnknownExpiry(MarketError):
    code = "unknown_expiry"
    status = 404


class NoOptions(MarketError):
    code = "no_options"
    status = 404


class TooManySeries(MarketError):
    code = "too_many_series"
    status = 429


class FeedNotReady(MarketError):
    code = "feed_not_ready"
    status = 503


class LoginNeeded(MarketError):
    code = "login_needed"
    status = 503


class ProviderUnavailable(MarketError):
    """The broker did not answer usefully. `retry_after_s` is None when it gave no hint."""

    code = "provider_unavailable"
    status = 503

    def __init__(self, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class RequestRefused(ProviderUnavailable):
    code = "request_refused"


class WireChanged(MarketError):
    code = "wire_changed"
    status = 502
