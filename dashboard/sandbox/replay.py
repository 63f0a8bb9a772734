"""A recorded day as a market: exact at every recorded instant, interpolated as ticks in between.

The day is shifted by whole days so that it happens today; days to expiry and time of day stay as they were.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashboard.market.session import ist
from dashboard.sandbox import noise
from dashboard.sandbox.clock import Clock, instant_of
from dashboard.sandbox.expiries import Expiry, cutoff_ts, listed_expiries
from dashboard.sandbox.instruments import Instrument, Rows, Universe
from dashboard.sandbox.market import OptionGreeks
from dashboard.sandbox.recording import NO_COUNT, BadRecording, RecordedChain, Recording
from dashboard.sandbox.underlyings import INDICES, STOCKS, UnderlyingSpec
from dashboard.sandbox.wire import (
    ABSENT,
    ASK,
    BID,
    FEED_TIME,
    LAST_TRADED_TIME,
    LTP,
    OI,
    PREV_CLOSE,
    SF_FIELDS,
    VOLUME,
    Fields,
)

_DAY_S = 86_400
_TICK_RAW = 5
# Wall seconds between ticks of one leg, busiest and quietest.
_FASTEST_S, _SLOWEST_S = 0.6, 5.0
# Lot sizes changed over the years; recordings before a date keep the lots of that time.
_LOTS_2026 = {"NIFTY": 65, "MIDCPNIFTY": 120}

Floats = NDArray[np.float64]


@dataclass(slots=True)
class _Playing:
    """One recorded chain and the rows of its legs in the universe."""

    chain: RecordedChain
    first_row: int  # rows of the legs are consecutive, calls then puts
    index_row: int
    last_traded: Floats  # (m, 2n): when volume last changed, at each snapshot


class ReplayMarket:
    """Plays a recording by the clock."""

    def __init__(self, recording: Recording, clock: Clock, today: date) -> None:
        self.clock = clock
        self.universe = Universe()
        self.shift_s = (today - recording.day).days * _DAY_S
        self._instants = recording.times + self.shift_s
        self._expiries: dict[str, tuple[Expiry, ...]] = {}
        self._pace = 1.0
        self._playing = [self._list(chain, recording.day) for chain in recording.chains]
        self.fields: Fields = np.full((len(self.universe), SF_FIELDS), ABSENT, np.int32)
        self.prev_oi = np.zeros(len(self.universe), np.int64)
        self._period_s = np.full(len(self.universe), _FASTEST_S)
        self._phase = noise.uniform(1, np.arange(len(self.universe)))
        for playing in self._playing:
            self._fix_the_day(playing)
        clock.set(now_ts=float(self._instants[0]))

    def set_pace(self, multiplier: float) -> None:
        self._pace = multiplier

    def natural_rate(self, rows: Rows) -> float:
        return float((1.0 / self._period_s[rows]).sum())

    def expiries(self, symbol: str) -> tuple[Expiry, ...]:
        # A recording may continue after its expiry; the series stays listed so that the day can be seen.
        return self._expiries.get(symbol, ())

    def futures(self, symbol: str) -> tuple[Instrument, ...]:
        return ()

    def greeks(self, rows: Rows) -> OptionGreeks | None:
        return None

    def playback(self, seek: Any, speed: Any) -> dict[str, object]:
        """Move the clock, change pace, or both. Speed 0 stands exactly on a recorded instant.

        That is the last instant at or before `seek`; without `seek`, the next one, so that time does not run backwards.
        """
        target = self.clock.now() if seek is None else instant_of(seek, self.clock.now())
        pace = self.clock.speed if speed is None else float(speed)
        if pace == 0.0:
            target = self._recorded_instant(target, forward=seek is None)
        self.clock.set(now_ts=max(target, float(self._instants[0])), speed=pace)
        now = self.clock.now()
        return {"now_ts": now, "now": ist(now).isoformat(), "speed": pace, "shift_s": self.shift_s}

    def refresh(self, rows: Rows) -> None:
        now = self.clock.now()
        for playing in self._playing:
            legs = rows[(rows >= playing.first_row) & (rows < playing.first_row + playing.chain.ltp.shape[1])]
            if len(legs):
                self._write_legs(playing, legs, now)
            if playing.index_row in rows:
                self._write_index(playing, now)

    def _list(self, chain: RecordedChain, recorded_day: date) -> _Playing:
        spec = next((spec for spec in INDICES + STOCKS if spec.root == chain.underlying), None)
        if spec is None or spec.plan is None:
            raise BadRecording(f"The recording is of {chain.underlying}, which the sandbox does not know.")
        spec = replace(spec, lot_size=chain.lot_size or _LOTS_2026.get(spec.root, spec.lot_size))
        day = chain.expiry + timedelta(seconds=self.shift_s)
        monthly = any(e.day == chain.expiry and e.monthly for e in listed_expiries(spec.plan, chain.expiry))
        expiry = Expiry(day, cutoff_ts(day, era=recorded_day), monthly)
        index_row = self._underlying_row(spec)
        first_row = len(self.universe)
        self.universe.add_series(spec, expiry, chain.strikes.tolist())
        self._expiries[spec.symbol] = tuple(sorted({*self._expiries.get(spec.symbol, ()), expiry}))
        changed = np.diff(chain.volume, axis=0, prepend=0) > 0
        traded = np.maximum.accumulate(np.where(changed, chain.times[:, None], 0.0), axis=0)
        return _Playing(chain, first_row, index_row, traded)

    def _underlying_row(self, spec: UnderlyingSpec) -> int:
        known = self.universe.by_symbol.get(spec.symbol)
        return (known or self.universe.add_underlying(spec)).row

    def _fix_the_day(self, playing: _Playing) -> None:
        chain = playing.chain
        legs = slice(playing.first_row, playing.first_row + chain.ltp.shape[1])
        self.fields[legs, PREV_CLOSE] = np.where(chain.prev_close > 0, chain.prev_close, ABSENT)
        self.prev_oi[legs] = chain.prev_oi
        if chain.prev_spot > 0:
            self.fields[playing.index_row, PREV_CLOSE] = chain.prev_spot
        volume = np.maximum(chain.volume[-1], 0)
        busy = np.sqrt(volume / max(int(volume.max()), 1))
        self._period_s[legs] = np.clip(_FASTEST_S / np.maximum(busy, 1e-3), _FASTEST_S, _SLOWEST_S)

    def _recorded_instant(self, target: float, *, forward: bool) -> float:
        if forward:
            position = int(np.searchsorted(self._instants, target - 1e-6))
        else:
            position = int(np.searchsorted(self._instants, target + 1e-6)) - 1
        return float(self._instants[min(max(position, 0), len(self._instants) - 1)])

    def _moments(self, instants: Floats, rows: Rows, now: float) -> tuple[int, Floats]:
        """The snapshot last passed, and the instant each row shows: that of its latest tick since."""
        now = min(max(now, float(instants[0])), float(instants[-1]))
        passed = int(np.searchsorted(instants, now + 1e-6)) - 1
        if self.clock.speed == 0.0:
            return passed, np.full(len(rows), now)
        period = self._period_s[rows] * max(abs(self.clock.speed), 1e-6) / self._pace
        ticked = (np.floor(now / period - self._phase[rows]) + self._phase[rows]) * period
        return passed, np.clip(ticked, instants[passed], now)

    def _write_legs(self, playing: _Playing, rows: Rows, now: float) -> None:
        chain, legs = playing.chain, rows - playing.first_row
        instants = chain.times + self.shift_s
        passed, moments = self._moments(instants, rows, now)
        after = min(passed + 1, len(instants) - 1)
        share = (moments - instants[passed]) / max(instants[after] - instants[passed], 1.0)
        self.fields[rows, LTP] = _price(chain.ltp[passed, legs], chain.ltp[after, legs], share)
        for field, quotes in ((BID, chain.bid), (ASK, chain.ask)):
            if quotes is not None:
                self.fields[rows, field] = _price(quotes[passed, legs], quotes[after, legs], share)
        oi, volume = chain.oi[:, legs], chain.volume[:, legs]
        self.fields[rows, OI] = _count(oi[passed], np.round(_gain(oi[passed], oi[after]) * share))
        # The last unit traded so far, of those that trade until the next snapshot.
        coming = _gain(volume[passed], volume[after])
        self.fields[rows, VOLUME] = _count(volume[passed], np.floor(coming * share))
        done = np.floor(coming * share)
        stepped = instants[passed] + done / np.maximum(coming, 1) * (instants[after] - instants[passed])
        last = np.where(done > 0, stepped, playing.last_traded[passed, legs] + self.shift_s)
        self.fields[rows, LAST_TRADED_TIME] = np.where(last > self.shift_s, last, ABSENT)
        self.fields[rows, FEED_TIME] = moments

    def _write_index(self, playing: _Playing, now: float) -> None:
        chain, row = playing.chain, np.array([playing.index_row], np.intp)
        instants = chain.times + self.shift_s
        passed, moments = self._moments(instants, row, now)
        after = min(passed + 1, len(instants) - 1)
        share = (moments - instants[passed]) / max(instants[after] - instants[passed], 1.0)
        self.fields[row, LTP] = _price(chain.spot[[passed]], chain.spot[[after]], share)
        self.fields[row, FEED_TIME] = moments


def _gain(before: NDArray[np.int64], after: NDArray[np.int64]) -> NDArray[np.int64]:
    """How much is added until the next snapshot; nothing where one of the counts is unknown."""
    return np.where((before == NO_COUNT) | (after == NO_COUNT), 0, after - before)


def _count(before: NDArray[np.int64], gained: Floats) -> Floats:
    return np.where(before == NO_COUNT, ABSENT, before + gained)


def _price(before: NDArray[np.int64], after: NDArray[np.int64], share: Floats) -> NDArray[np.int64]:
    """Between two recorded prices, on the tick grid; no value is interpolated across an unknown one."""
    between = before + (after - before) * share
    ticked = np.round(between / _TICK_RAW).astype(np.int64) * _TICK_RAW
    moving = (share > 0) & (after > 0) & (before != after)
    return np.where(before > 0, np.where(moving, ticked, before), ABSENT)
