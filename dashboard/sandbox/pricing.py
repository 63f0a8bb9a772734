"""Model prices of every instrument at given instants, and the quotes a market maker would show around them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dashboard.analytics import black76
from dashboard.sandbox import noise
from dashboard.sandbox.instruments import Kind, Rows, Universe
from dashboard.sandbox.underlyings import VIX

Floats = NDArray[np.float64]
Raw = NDArray[np.int64]

RATE = 0.065
_DIVIDENDS = 0.012
YEAR_S = 365.0 * 86_400.0
_TRADING_YEAR_S = 252.0 * 22_500.0
_TICK_RAW = 5  # 0.05 rupees in wire integers
_MIN_LIFE_S = 60.0
_VOL_PATH = 1000  # paths above this number move volatilities, below it spots
_VOL_OF_VOL = 0.9


@dataclass(frozen=True, slots=True)
class Quotes:
    """Prices in wire integers (paise); a bid of 0 is no bid."""

    mid: Raw
    bid: Raw
    ask: Raw


class Contracts:
    """The universe as columns, and its model prices."""

    def __init__(self, universe: Universe, seed: int) -> None:
        items = universe.instruments
        specs = list({item.spec.symbol: item.spec for item in items}.values())
        number = {spec.symbol: i for i, spec in enumerate(specs)}
        self._paths = noise.Paths(seed)
        self._spots = np.array([spec.spot for spec in specs])
        self._vols = np.array([spec.vol for spec in specs])
        self._vix = number.get(VIX.symbol, -1)
        self._vix_source = 0
        # Markets are correlated: indices and stocks share one path and add their own.
        self._own = np.array([_path_number(spec.symbol) for spec in specs])
        self.underlying = np.array([number[item.spec.symbol] for item in items], np.intp)
        self.kind = np.array([item.kind for item in items], np.int8)
        self.strike = np.array([item.strike for item in items])
        self.is_call = np.array([item.option_type == "CE" for item in items])
        self.expiry_ts = np.array([item.expiry.expiry_ts if item.expiry else 0 for item in items], np.float64)
        self.lot = np.array([item.lot_size for item in items], np.float64)
        self.step = np.array([item.spec.step or 1.0 for item in items])
        self.oi_peak = np.array([item.spec.oi_peak for item in items])
        self.volume_peak = np.array([item.spec.volume_peak for item in items])
        self.activity = np.array([item.spec.liquidity for item in items])
        self.spot_level = self._spots[self.underlying]
        # Call and put of a strike quote together, so parity holds within their spread at every instant.
        self.pair = np.arange(len(items), dtype=np.intp)
        for dated in universe.series.values():
            for series in dated.values():
                self.pair[series.puts] = series.calls

    def spot(self, underlying: NDArray[np.intp], at: Floats) -> tuple[Floats, Floats]:
        """Spot and the multiplier of its volatility at each instant."""
        shared = self._paths.at(np.zeros(len(at), np.int64), at)
        own = self._paths.at(self._own[underlying], at)
        mood = self._paths.at(np.full(len(at), _VOL_PATH), at)
        per_second = 1.0 / np.sqrt(_TRADING_YEAR_S)
        move = self._vols[underlying] * per_second * (0.8 * shared + 0.6 * own)
        turbulence = np.exp(_VOL_OF_VOL * per_second * mood - 0.4 * per_second * shared)
        level = self._spots[underlying] * np.exp(move)
        vix = 13.0 * turbulence * np.exp(0.25 * per_second * own)
        return np.where(underlying == self._vix, vix, level), turbulence

    def inputs(self, rows: Rows, at: Floats) -> tuple[Floats, Floats, Floats]:
        """Forward, years to expiry and volatility of each row at its instant; cash instruments get their spot."""
        key = self.underlying[rows] + 1_000 * np.round(at * 100).astype(np.int64)
        distinct, where = np.unique(key, return_inverse=True)
        spots, moods = self.spot(distinct % 1_000, (distinct // 1_000) / 100.0)
        spot, mood = spots[where], moods[where]
        life_s = np.maximum(self.expiry_ts[rows] - at, _MIN_LIFE_S)
        years = np.where(self.kind[rows] >= Kind.FUTURE, life_s / YEAR_S, 0.1)
        carry = np.where(self.kind[rows] >= Kind.FUTURE, (RATE - _DIVIDENDS) * years, 0.0)
        forward = spot * np.exp(carry)
        return forward, years, self._sigma(rows, forward, years, mood)

    def _sigma(self, rows: Rows, forward: Floats, years: Floats, mood: Floats) -> Floats:
        base = self._vols[self.underlying[rows]] * mood
        at_the_money = base * (0.93 + 0.14 * np.sqrt(np.minimum(years, 1.5)) + 0.05 * np.exp(-years * 120.0))
        strike = np.where(self.strike[rows] > 0, self.strike[rows], forward)
        # Standardised moneyness, bounded: minutes before expiry the wings would otherwise grow without limit.
        distance = np.clip(np.log(strike / forward) / (at_the_money * np.sqrt(years) + 0.004), -6.0, 6.0)
        return at_the_money * (1.0 - 0.055 * distance + 0.022 * distance**2)

    def mid(self, rows: Rows, at: Floats) -> Floats:
        """Model price in rupees."""
        forward, years, sigma = self.inputs(rows, at)
        option = self.kind[rows] == Kind.OPTION
        strike = np.where(option, self.strike[rows], forward)
        value = black76.price(forward, strike, years, RATE, sigma, self.is_call[rows])
        return np.where(option, value, forward)

    def quotes(self, rows: Rows, at: Floats, liquidity: Floats) -> Quotes:
        """Bid and ask on the tick grid around the model price, wider where trading is thin."""
        mid = self.mid(rows, at) * 100.0
        option = self.kind[rows] == Kind.OPTION
        wide = 2.0 + (0.0008 * mid + 0.4) / np.sqrt(liquidity)
        wide = np.minimum(wide, np.minimum(0.12 * mid + 4.0, 0.0008 * self.spot_level[rows] * 100.0))
        half = np.where(option, wide, np.maximum(2.5, 0.00004 * mid))
        bid = np.floor((mid - half) / _TICK_RAW) * _TICK_RAW
        ask = np.ceil((mid + half) / _TICK_RAW) * _TICK_RAW
        # An index has no tick size of its own; five paise is plausible.
        rounded = np.maximum(np.round(mid / _TICK_RAW) * _TICK_RAW, _TICK_RAW)
        return Quotes(
            rounded.astype(np.int64), np.maximum(bid, 0).astype(np.int64), np.maximum(ask, _TICK_RAW).astype(np.int64)
        )


def _path_number(symbol: str) -> int:
    # Independent of the order of listing, so a new underlying changes no other path.
    return 1 + sum((i + 1) * ord(letter) for i, letter in enumerate(symbol)) % 991
