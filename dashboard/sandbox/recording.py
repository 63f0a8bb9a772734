"""Read a recorded day: snapshots of whole chains, as CSV or CSV.gz.

Columns: time_ist, underlying, expiry, strike, call_ltp, call_oi, call_volume, put_ltp, put_oi, put_volume, spot. A
price of 0 is unknown. Rows before the open have the previous close.
"""

from __future__ import annotations

import csv
import gzip
import math
import zlib
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dashboard.market.session import IST, ist
from dashboard.sandbox.wire import PRICE_SCALE

NO_COUNT = -1
OPEN_TIME = time(9, 15)
_COLUMNS = ("call_ltp", "put_ltp", "call_oi", "put_oi", "call_volume", "put_volume")
COLUMNS = ("time_ist", "underlying", "expiry", "strike", *_COLUMNS, "spot")


class BadRecording(ValueError):
    """The file is not a recording, or has nothing to play."""


@dataclass(frozen=True, slots=True)
class RecordedChain:
    """One underlying and expiry. Legs are calls then puts, both by ascending strike; prices are wire integers.

    times: (m,) epoch seconds of the snapshots played; ltp, oi, volume: (m, 2n); spot: (m,). A price of 0 and a count of
    NO_COUNT are unknown. prev_close, prev_oi, prev_spot: of the day before; 0 where there is none. bid, ask: (m, 2n),
    None where no quotes were recorded. lot_size: units, None where the recording does not say.
    """

    underlying: str
    expiry: date
    strikes: NDArray[np.float64]
    times: NDArray[np.float64]
    ltp: NDArray[np.int64]
    oi: NDArray[np.int64]
    volume: NDArray[np.int64]
    spot: NDArray[np.int64]
    prev_close: NDArray[np.int64]
    prev_oi: NDArray[np.int64]
    prev_spot: int
    bid: NDArray[np.int64] | None = None
    ask: NDArray[np.int64] | None = None
    lot_size: int | None = None


@dataclass(frozen=True, slots=True)
class Recording:
    day: date
    chains: tuple[RecordedChain, ...]

    @property
    def times(self) -> NDArray[np.float64]:
        """Every recorded instant that is played, ascending."""
        return np.unique(np.concatenate([chain.times for chain in self.chains]))


def load_recording(path: Path) -> Recording:
    """Load a recording; raises BadRecording, with one sentence about what is wrong and where, or OSError."""
    snapshots: dict[tuple[str, date], dict[float, dict[float, list[float]]]] = defaultdict(lambda: defaultdict(dict))
    try:
        with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as lines:
            rows = csv.DictReader(lines)
            if missing := [name for name in COLUMNS if name not in (rows.fieldnames or ())]:
                raise BadRecording(f"{path.name} is not a recording: it has no column {', '.join(missing)}.")
            for line in rows:
                series, when, strike, numbers = _row(line, f"line {rows.line_num} of {path.name}")
                snapshots[series][when][strike] = numbers
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise BadRecording(f"{path.name} is cut short, or not compressed by gzip as its name says.") from None
    except (UnicodeDecodeError, csv.Error):
        raise BadRecording(
            f"{path.name} is not a recording: it is not a text file of comma-separated values."
        ) from None
    chains = tuple(_chain(name, expiry, taken) for (name, expiry), taken in snapshots.items())
    if not chains:
        raise BadRecording(f"{path.name} holds no rows.")
    return Recording(ist(float(chains[0].times[0])).date(), chains)


def _row(line: dict[str, str], place: str) -> tuple[tuple[str, date], float, float, list[float]]:
    """(underlying and expiry, time, strike, numbers) of one row."""
    name = ""
    try:
        name = "time_ist"
        when = datetime.fromisoformat(line[name]).replace(tzinfo=IST).timestamp()
        name = "expiry"
        series = line["underlying"], date.fromisoformat(line[name])
        numbers = []
        for name in ("strike", *_COLUMNS, "spot"):
            numbers.append(float(line[name]))
            if not math.isfinite(numbers[-1]):
                raise ValueError
        return series, when, numbers[0], numbers[1:]
    except (TypeError, ValueError):
        raise BadRecording(f"{name} in {place} is {line[name]!r:.40}, which cannot be read.") from None


def _chain(underlying: str, expiry: date, snapshots: dict[float, dict[float, list[float]]]) -> RecordedChain:
    strikes = sorted({strike for rows in snapshots.values() for strike in rows})
    unknown = [0.0] * (len(_COLUMNS) + 1)
    times = np.array(sorted(snapshots))
    table = np.array([[snapshots[when].get(strike, unknown) for strike in strikes] for when in times.tolist()])
    legs = [np.concatenate([table[:, :, i], table[:, :, i + 1]], axis=1) for i in (0, 2, 4)]
    ltp = np.round(legs[0] * PRICE_SCALE).astype(np.int64)
    oi, volume = legs[1].astype(np.int64), legs[2].astype(np.int64)
    spot = np.round(table[:, :, -1].max(axis=1) * PRICE_SCALE).astype(np.int64)
    played = np.array([ist(when).time() >= OPEN_TIME for when in times.tolist()])
    if not played.any():
        raise BadRecording(f"The recording has no snapshot of {underlying} after the open ({OPEN_TIME:%H:%M} IST).")
    before = np.flatnonzero(~played)
    nothing = np.zeros(len(strikes) * 2, np.int64)
    return RecordedChain(
        underlying, expiry, np.array(strikes), times[played], ltp[played], oi[played], volume[played], spot[played],
        prev_close=ltp[before[-1]] if len(before) else nothing,
        prev_oi=oi[before[-1]] if len(before) else nothing,
        prev_spot=int(spot[before[-1]]) if len(before) else 0,
    )  # fmt: skip
