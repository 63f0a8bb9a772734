"""Clocks of the Indian market: epoch seconds inside, IST on screen."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum

# India has had one zone without daylight saving since 1945, so a fixed offset is exact and needs no tz database
# (Windows ships none).
IST_OFFSET = timedelta(hours=5, minutes=30)
IST = timezone(IST_OFFSET, "IST")
IST_OFFSET_S = IST_OFFSET.total_seconds()


SILENCE_LIMIT_S = 5.0  # a feed or server that has not answered for so long counts as offline: on page, wall and API


class FeedState(StrEnum):
    """State of the numbers on screen, shown beside them. A late price is a state, not an error."""

    LIVE = "live"
    STALE = "stale"
    CLOSED = "closed"
    REPLAY = "replay"
    OFFLINE = "offline"
    LOGIN_NEEDED = "login_needed"


def ist(epoch_s: float) -> datetime:
    """The instant as date and time in Mumbai."""
    return datetime.fromtimestamp(epoch_s, UTC).astimezone(IST)


def ist_date(epoch_s: float) -> date:
    return ist(epoch_s).date()
