"""Whether the market trades, by the broker's answer and, when that cannot be had, the calendar. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.market.calendar import MarketCalendar, Opinion


@dataclass(frozen=True, slots=True)
class MarketHours:
    """open: None when nobody knows. said_by: "broker", "calendar" or "". reason: why it is closed, or why unknown.

    opens_ts: the next opening as far as the calendar knows, None while the market trades and beyond its last day.
    """

    open: bool | None
    said_by: str = ""
    reason: str = ""
    opens_ts: float | None = None


def market_hours(broker_says: bool | None, calendar: MarketCalendar | None, now_ts: float) -> MarketHours:
    """calendar: None for a market that keeps no Indian hours (the demo, a replay)."""
    opinion = Opinion(None) if calendar is None else calendar.opinion(now_ts)
    if broker_says is True:
        return MarketHours(True, "broker")
    if broker_says is False:
        # A broker that reports a closed market at an hour the calendar calls open gives no reason.
        known = opinion.open is False
        return MarketHours(False, "broker", opinion.reason, opinion.opens_ts) if known else MarketHours(False, "broker")
    if opinion.open is None:
        return MarketHours(None, "", opinion.reason)
    return MarketHours(opinion.open, "calendar", opinion.reason, opinion.opens_ts)
