"""A viewer's choice, and the series that it selects.

An *intent* is an underlying, perhaps with an expiry; a *selection* is always a pair that exists.
Only `Selection` may be shown or sent anywhere, so "symbol missing" cannot be represented.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from math import isfinite
from typing import Any

from dashboard.market.instruments import Series


@dataclass(frozen=True, slots=True)
class Intent:
    """A choice of the viewer. number: grows with each choice on one page; the highest one counts.

    expiry: ISO text as given (a link may have anything), None for the last one chosen there, else the nearest.
    """

    underlying: str
    expiry: str | None = None
    number: int = 0

    @classmethod
    def from_store(cls, value: dict[str, Any] | None) -> Intent | None:
        if not value or not isinstance(value.get("underlying"), str):
            return None
        expiry, number = value.get("expiry"), value.get("number")
        return cls(
            value["underlying"],
            expiry if isinstance(expiry, str) else None,
            int(number) if isinstance(number, int | float) and isfinite(number) else 0,
        )


@dataclass(frozen=True, slots=True)
class Selection:
    """A pair of underlying and expiry that the broker lists."""

    series: Series

    def to_store(self) -> dict[str, str]:
        return {"underlying": self.series.underlying, "expiry": self.series.expiry.isoformat(), "key": self.series.key}

    @classmethod
    def from_store(cls, value: dict[str, Any] | None) -> Selection | None:
        """None for an empty or malformed store."""
        try:
            return cls(Series.from_key(value["key"])) if value else None
        except (KeyError, TypeError, ValueError, AttributeError):
            return None


def selection_label(exchange: str, underlying: str, expiry: date) -> str:
    """`NSE | BANKNIFTY | 29-Dec-26`."""
    return f"{exchange} | {underlying.removeprefix(exchange + ':')} | {expiry:%d-%b-%y}"
