"""The recorded chains of one series and day as tables: what was received, strike by strike and moment by moment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dashboard.data.contract.codec import SOURCES
from dashboard.data.history.archive.columns import LEGS, MOMENTS, Column
from dashboard.data.history.archive.parts import TYPES, Source, schema_of
from dashboard.data.history.journal import Journal, Stored
from dashboard.data.history.record import DamagedRecord, Facts, Moment, unpack
from dashboard.market.chain import LEG_COLUMNS, Array
from dashboard.market.instruments import Side

MOST_BYTES = 200 * 2**20  # of numbers in memory at a time
LATEST_S = 2.0**42 / 1e3  # beyond is no time of a market
SIDES = (Side.CALL, Side.PUT)


class Readable(NamedTuple):
    """A record that is not damaged."""

    stored: Stored
    moment: Moment


class SeriesDay:
    """The records of one series. Each walk over them reads the journal again, so only one is in memory."""

    def __init__(self, journal: Journal, series: str) -> None:
        """Walks over the day once. Raises HistoryError, DamagedRecord."""
        self._journal, self._series = journal, series
        self._facts = journal.facts_by_number()
        readable = [(record.stored.at_ms, record.stored.facts) for record in self.records()]
        self.at_ms = np.array([at_ms for at_ms, _ in readable], np.int64)
        self.facts_numbers = np.array([number for _, number in readable], np.int64)
        times = journal.times(series)
        self.source = Source(len(times), len(times) - len(readable), times[-1][0] if times else 0)

    @property
    def facts(self) -> dict[int, Facts]:
        """The facts of its records, by number."""
        return {int(number): self._facts[int(number)] for number in np.unique(self.facts_numbers)}

    def records(self) -> Iterator[Readable]:
        """Ascending; damaged records are left out."""
        for stored in self._journal.walk(self._series):
            facts = self._facts.get(stored.facts)
            if stored.packed is not None and facts is not None:
                try:
                    yield Readable(stored, unpack(stored.packed, facts))
                except DamagedRecord:
                    continue


def legs(day: SeriesDay) -> Iterator[pa.Table]:
    """One table per strike, ascending: all moments of the call, then those of the put."""
    strikes = sorted({strike for facts in day.facts.values() for strike in facts.strikes})
    bytes_of_one = max(1, len(day.at_ms)) * len(SIDES) * len(LEG_COLUMNS) * 8
    at_once = max(1, MOST_BYTES // bytes_of_one)
    for first in range(0, len(strikes), at_once):
        yield from _legs_of(day, strikes[first : first + at_once])


def _legs_of(day: SeriesDay, strikes: Sequence[float]) -> Iterator[pa.Table]:
    count = len(day.at_ms)
    values = np.full((len(strikes), len(SIDES), len(LEG_COLUMNS), count), np.nan)
    listed = np.zeros((len(strikes), count), bool)
    old = np.zeros((len(strikes), len(SIDES), count), bool)
    places = {number: _places(strikes, facts) for number, facts in day.facts.items()}
    for n, (stored, moment) in enumerate(day.records()):
        ours, theirs = places[stored.facts]
        listed[ours, n] = True
        for s, side in enumerate(SIDES):
            held = moment.chain.legs(side)
            values[ours, s, :, n] = np.stack([getattr(held, name)[theirs] for name in LEG_COLUMNS], axis=1)
            old[ours, s, n] = moment.old[s][theirs]
    for k, strike in enumerate(strikes):
        rows = listed[k]
        sides = [_leg(day, strike, side, rows, values[k, s][:, rows], old[k, s][rows]) for s, side in enumerate(SIDES)]
        yield pa.concat_tables(sides).unify_dictionaries().combine_chunks()


def _places(strikes: Sequence[float], facts: Facts) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """(places in `strikes`, places in the chain) of the strikes that both have."""
    _, ours, theirs = np.intersect1d(np.array(strikes), np.array(facts.strikes), return_indices=True)
    return ours, theirs


def _leg(day: SeriesDay, strike: float, side: Side, rows: NDArray[np.bool_], values: Array, old: Any) -> pa.Table:
    count = int(rows.sum())
    symbols = {number: _symbol(facts, strike, side) for number, facts in day.facts.items()}
    columns: dict[str, Any] = dict(zip(LEG_COLUMNS, values, strict=True))
    columns |= {
        "at_ts": day.at_ms[rows] / 1e3,
        "strike": np.full(count, strike),
        "side": [side.value] * count,
        "symbol": [symbols[number] for number in day.facts_numbers[rows].tolist()],
        "old": old,
    }
    for name in ("price_from", "oi_from"):
        columns[name] = [SOURCES.get(code) for code in np.nan_to_num(columns[name]).astype(int).tolist()]
    return table_of(LEGS, columns)


def _symbol(facts: Facts, strike: float, side: Side) -> str | None:
    symbols = facts.call_symbols if side is Side.CALL else facts.put_symbols
    return symbols[facts.strikes.index(strike)] if strike in facts.strikes else None


def moments(day: SeriesDay) -> Iterator[pa.Table]:
    """One table: what every record says of the whole chain."""
    bodies = {number: facts.to_json() for number, facts in day.facts.items()}
    rows = [
        {
            "at_ts": stored.at_ms / 1e3,
            "stands_until_ts": stored.stands_until_ms / 1e3,
            "state": moment.state.value,
            "old_after_s": moment.old_after_s,
            "recorded_shift_s": np.nan if moment.recorded_shift_s is None else moment.recorded_shift_s,
            "facts": bodies[stored.facts],
        }
        | {name: getattr(moment.chain, name) for name in FROM_CHAIN}
        for stored, moment in day.records()
    ]
    yield table_of(MOMENTS, {column.name: [row[column.name] for row in rows] for column in MOMENTS})


FROM_CHAIN = ("as_of_ts", "market_ts", "spot", "spot_change", "spot_ts", "future", "vix", "vix_change")


def table_of(columns: Sequence[Column], values: Mapping[str, Any]) -> pa.Table:
    """values: per column, floats with NaN for unknown (times in UTC epoch seconds), words with None, or flags."""
    arrays = [_array(column, values[column.name]) for column in columns]
    return pa.Table.from_arrays(arrays, schema=schema_of(columns))


def _array(column: Column, values: Any) -> pa.Array:
    kind = TYPES[column.kind]
    if column.kind == "text":
        code_of = {word: code for code, word in enumerate(dict.fromkeys(word for word in values if word is not None))}
        codes = pa.array([code_of.get(word) for word in values], pa.int32())
        return pa.DictionaryArray.from_arrays(codes, pa.array(list(code_of), pa.string()))
    if column.kind == "flag":
        return pa.array(values, kind)
    numbers = np.asarray(values, np.float64)
    if column.kind == "time":
        known = np.abs(np.nan_to_num(numbers, nan=np.inf)) < LATEST_S
        micros = np.rint(np.where(known, numbers, 0.0) * 1e6).astype(np.int64)
        return pa.array(micros, pa.int64(), mask=~known).cast(kind)
    return pa.array(numbers, kind, mask=np.isnan(numbers))
