"""One published chain as bytes, and back: market facts only, because numbers are computed again when they are read.

A record is a key record or the difference from one. Columns are 64-bit integers (paise, units, microseconds), a row per
column and a column per leg, calls then puts. Sorting their bytes by place (all lowest bytes first) makes the zeros of a
difference long runs, which zstd packs to almost nothing. What is not a whole number of its unit is kept as the bits of
its float64, so every value comes back as it was. zstd's checksum finds a damaged record.

What rarely changes (strikes, symbols, lot, conventions) is not in the record but in its `Facts`.
"""

from __future__ import annotations

import struct
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import numpy as np
import orjson
import zstandard
from numpy.typing import NDArray

from dashboard.analytics.day_move import DayMove
from dashboard.data.contract.codec import underlying_of
from dashboard.data.contract.published import PublishedChain
from dashboard.market.chain import LEG_COLUMNS, Array, Chain, Legs
from dashboard.market.instruments import Expiry, Underlying
from dashboard.market.session import FeedState

FORMAT = 1
LEVEL = 1
UNKNOWN = np.iinfo(np.int64).min
RUPEES, UNITS, SECONDS, BITS = range(4)
PER = {RUPEES: 100.0, UNITS: 1.0, SECONDS: 1e6}  # integers in one rupee, unit and second
UNIT_OF = dict.fromkeys(("ltp", "ltp_change", "bid", "ask"), RUPEES) | dict.fromkeys(
    ("tick_ts", "oi_ts", "trade_ts"), SECONDS
)  # every other column counts
WHOLE = 1e-8  # how far from a whole number float arithmetic may leave one
LARGEST_BYTES = 16 * 2**20  # unpacked; damage can make a frame claim any size
_UNITS = tuple(UNIT_OF.get(name, UNITS) for name in LEG_COLUMNS)
_PER = np.array([PER[unit] for unit in _UNITS])
# A time since 1970 in microseconds is beyond a float's last digit.
_SLACK = np.array([0.5 if unit == SECONDS else WHOLE for unit in _UNITS])
STATES = tuple(FeedState)
FLOATS = ("as_of_ts", "market_ts", "spot", "spot_change", "spot_ts", "future", "vix", "vix_change")
_HEAD = struct.Struct(f"<BBBH{len(FLOATS) + 2}d{len(LEG_COLUMNS)}B")

Columns = NDArray[np.int64]


class DamagedRecord(ValueError):
    """Bytes that no version of this code wrote, or that have changed since."""


class OtherFormat(DamagedRecord):
    """A record of another version of this format; the message says which."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What many records of a series have in common. conventions: of the numbers that were on screen then (rate, day
    count, dealer's sign, software); they are for people, because reading computes with today's.
    """

    underlying: Underlying
    expiry: Expiry
    strikes: tuple[float, ...]
    call_symbols: tuple[str | None, ...]
    put_symbols: tuple[str | None, ...]
    future_expiry: date | None
    day_move: DayMove | None
    demo: bool
    conventions: dict[str, Any]

    def to_json(self) -> str:
        return orjson.dumps(asdict(self), option=orjson.OPT_SORT_KEYS).decode()

    @classmethod
    def from_json(cls, text: str) -> Facts:
        """Raises DamagedRecord."""
        try:
            found = orjson.loads(text)
            move, future = found["day_move"], found["future_expiry"]
            return cls(
                underlying=underlying_of(**found["underlying"]),
                expiry=Expiry(**(found["expiry"] | {"date": date.fromisoformat(found["expiry"]["date"])})),
                strikes=tuple(found["strikes"]),
                call_symbols=tuple(found["call_symbols"]),
                put_symbols=tuple(found["put_symbols"]),
                future_expiry=None if future is None else date.fromisoformat(future),
                day_move=None if move is None else DayMove(**(move | {"expiry": date.fromisoformat(move["expiry"])})),
                demo=bool(found["demo"]),
                conventions=dict(found["conventions"]),
            )
        except (ValueError, KeyError, TypeError) as error:
            raise DamagedRecord(f"facts of a series cannot be read: {error!r}") from error


def facts_of(published: PublishedChain, *, demo: bool, software: str) -> Facts:
    """What this published chain shares with those before and after it."""
    chain, enriched = published.chain, published.enriched
    return Facts(
        underlying=chain.underlying,
        expiry=chain.expiry,
        strikes=tuple(chain.strikes.tolist()),
        call_symbols=chain.call.symbol,
        put_symbols=chain.put.symbol,
        future_expiry=chain.future_expiry,
        day_move=published.day_move,
        demo=demo,
        conventions={
            "rate": enriched.rate,
            "day_count": enriched.day_count,
            "dealer_long_calls": enriched.dealer_long_calls,
            "software": software,
            "format": FORMAT,
        },
    )


@dataclass(frozen=True, slots=True, eq=False)
class Packed:
    """A published chain in integers, ready to be written. units: of each column; columns: (columns + 1, 2n), the last
    row 1 where the leg is old.
    """

    state: FeedState
    floats: tuple[float, ...]
    units: tuple[int, ...]
    columns: Columns

    def fits(self, key: Packed | None) -> bool:
        """Whether the difference from `key` can be written instead of the whole."""
        return key is not None and key.units == self.units and key.columns.shape == self.columns.shape

    def encode(self, key: Packed | None = None) -> bytes:
        """The record's bytes: whole, or as the difference from `key`, which it must fit."""
        count = self.columns.shape[1] // 2
        head = _HEAD.pack(FORMAT, key is not None, STATES.index(self.state), count, *self.floats, *self.units)
        rows = self.columns if key is None else self.columns - key.columns
        by_place = np.ascontiguousarray(rows, "<i8").view(np.uint8).reshape(-1, 8).T
        return zstandard.ZstdCompressor(level=LEVEL, write_checksum=True).compress(head + by_place.tobytes())


def pack(published: PublishedChain) -> Packed:
    """The chain's columns as integers."""
    chain = published.chain
    sides = [np.stack([getattr(legs, name) for name in LEG_COLUMNS]) for legs in (chain.call, chain.put)]
    units, columns = _as_integers(np.concatenate(sides, axis=1))
    shift_s = float("nan") if published.recorded_shift_s is None else published.recorded_shift_s
    floats = tuple(float(getattr(chain, name)) for name in FLOATS)
    return Packed(
        published.state,
        (*floats, published.old_after_s, shift_s),
        units,
        np.vstack((columns, published.old.reshape(1, -1))),
    )


def decode(raw: bytes, key: Packed | None = None) -> Packed:
    """The columns of a record; key: what it is the difference from. Raises DamagedRecord, OtherFormat."""
    try:
        if not 0 < zstandard.frame_content_size(raw) <= LARGEST_BYTES:
            raise DamagedRecord("a record of an impossible size")
        body = zstandard.ZstdDecompressor().decompress(raw)
        if body[:1] and body[0] != FORMAT:
            raise OtherFormat(f"a record of format {body[0]}; this release reads format {FORMAT}")
        _, differs, state, count, *rest = _HEAD.unpack_from(body)
        floats, units = rest[: len(FLOATS) + 2], rest[len(FLOATS) + 2 :]
        by_place = np.frombuffer(body, np.uint8, offset=_HEAD.size).reshape(8, -1)
        rows = np.ascontiguousarray(by_place.T).view("<i8").reshape(len(LEG_COLUMNS) + 1, 2 * count)
        if differs:
            if key is None or key.columns.shape != rows.shape:
                raise DamagedRecord("a difference without the record that it is the difference from")
            rows = rows + key.columns
        return Packed(STATES[state], tuple(floats), tuple(units), rows)
    except (zstandard.ZstdError, struct.error, IndexError, ValueError) as error:
        if isinstance(error, DamagedRecord):
            raise
        raise DamagedRecord(f"a record cannot be read: {error!r}") from error


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """A recorded chain: what `PublishedChain` was made from, without the numbers."""

    chain: Chain
    state: FeedState
    old: NDArray[np.bool_]
    old_after_s: float
    recorded_shift_s: float | None
    facts: Facts


def unpack(packed: Packed, facts: Facts) -> Moment:
    """The chain as it was received. Raises DamagedRecord when facts and columns do not belong together."""
    count = len(facts.strikes)
    if packed.columns.shape[1] != 2 * count:
        raise DamagedRecord("a record has another number of strikes than its facts")
    columns = _as_floats(packed.columns[:-1], packed.units)
    calls = Legs(symbol=facts.call_symbols, **{n: c[:count] for n, c in zip(LEG_COLUMNS, columns, strict=True)})
    puts = Legs(symbol=facts.put_symbols, **{n: c[count:] for n, c in zip(LEG_COLUMNS, columns, strict=True)})
    *floats, old_after_s, shift_s = packed.floats
    numbers: dict[str, Any] = dict(zip(FLOATS, floats, strict=True))
    chain = Chain(
        underlying=facts.underlying,
        expiry=facts.expiry,
        strikes=np.array(facts.strikes),
        call=calls,
        put=puts,
        future_expiry=facts.future_expiry,
        **numbers,
    )
    return Moment(
        chain,
        packed.state,
        packed.columns[-1].astype(bool).reshape(2, count),
        old_after_s,
        None if np.isnan(shift_s) else shift_s,
        facts,
    )


def _as_integers(values: Array) -> tuple[tuple[int, ...], Columns]:
    """(units, integers) of all columns: whole units where all values of a column are, else the bits of its floats."""
    known = np.isfinite(values)
    with np.errstate(over="ignore", invalid="ignore"):  # numbers beyond 1e300
        scaled = np.where(known, values, 0.0) * _PER[:, None]
        whole = np.rint(scaled)
        exact = (np.abs(scaled - whole) <= _SLACK[:, None]) & (np.abs(scaled) <= 2.0**53) & ~np.isinf(values)
    as_units = exact.all(axis=1)
    integers = np.where(known & exact, np.where(exact, whole, 0.0).astype(np.int64), UNKNOWN)
    bits = np.ascontiguousarray(values, np.float64).view(np.int64)
    units = tuple(unit if is_exact else BITS for unit, is_exact in zip(_UNITS, as_units.tolist(), strict=True))
    return units, np.where(as_units[:, None], integers, bits)


def _as_floats(columns: Columns, units: tuple[int, ...]) -> Array:
    if not set(units) <= {*PER, BITS}:
        raise DamagedRecord(f"columns in unknown units {units}")
    per = np.array([PER.get(unit, 1.0) for unit in units])[:, None]
    in_bits = np.array(units)[:, None] == BITS
    numbers = np.where(columns == UNKNOWN, np.nan, columns / per)
    return np.where(in_bits, np.ascontiguousarray(columns).view(np.float64), numbers)
