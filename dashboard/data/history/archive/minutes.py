"""The header numbers of a recorded day, minute by minute, computed as they are when a moment is read."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from dashboard.analytics.metrics import UNITS
from dashboard.data.contract.numbers import Numbers
from dashboard.data.history.archive.columns import MINUTES
from dashboard.data.history.archive.tables import Readable, SeriesDay, table_of
from dashboard.data.history.reading import enriched

MINUTE_MS = 60_000


def minutes(day: SeriesDay, numbers: Numbers) -> Iterator[pa.Table]:
    """One table: every full minute between the first and the last record at which one stood."""
    rows = [_row(minute_ms, record, numbers) for minute_ms, record in standing(day)]
    yield table_of(MINUTES, {column.name: [row[column.name] for row in rows] for column in MINUTES})


def standing(day: SeriesDay) -> Iterator[tuple[int, Readable]]:
    """(minute in UTC epoch milliseconds, the record that stood then), ascending."""
    last: Readable | None = None
    minute_ms = 0
    for record in day.records():
        at_ms = record.stored.at_ms
        if last is None:
            minute_ms = math.ceil(at_ms / MINUTE_MS) * MINUTE_MS
        while last is not None and minute_ms < at_ms:
            if minute_ms <= last.stored.stands_until_ms:
                yield minute_ms, last
            minute_ms += MINUTE_MS
        last = record
    if last is not None and minute_ms == last.stored.at_ms:
        yield minute_ms, last


def _row(minute_ms: int, record: Readable, numbers: Numbers) -> dict[str, Any]:
    found = enriched(record.moment, numbers)
    row = {name: math.nan if (value := found.metrics.get(name)) is None else value for name in UNITS}
    return row | {
        "minute_ts": minute_ms / 1e3,
        "at_ts": record.stored.at_ms / 1e3,
        "state": record.moment.state.value,
        "spot": found.chain.spot,
        "forward": found.forward,
        "forward_source": found.forward_source,
        "atm_strike": found.atm_strike,
        "years_to_expiry": found.years_to_expiry,
        "rate": found.rate,
        "day_count": found.day_count,
        "dealer_long_calls": found.dealer_long_calls,
    }
