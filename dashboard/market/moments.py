"""A recorded moment as a link or a request names it."""

from __future__ import annotations

from datetime import datetime

from dashboard.market.session import IST, ist

EXPECTED = "at is a time such as 2026-11-23T11:42:05 (IST), or seconds since 1970 (UTC)"


def parse_moment(text: str) -> float:
    """UTC epoch seconds of ISO 8601, taken as IST without an offset, or of epoch seconds. Raises ValueError."""
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=moment.tzinfo or IST).timestamp()
    except ValueError:
        pass
    try:
        seconds = float(text)
        ist(seconds)  # a year that exists
    except (ValueError, OverflowError, OSError):
        raise ValueError(EXPECTED) from None
    return seconds
