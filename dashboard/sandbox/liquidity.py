"""Activity of each contract: open interest, daily volume, and how often it quotes and trades.

One profile per day, a function of the seed and the day's opening forward.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dashboard.sandbox import noise

Floats = NDArray[np.float64]
Lots = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Profile:
    """Per row of the universe. Lots, not units, so every published quantity is a multiple of the lot."""

    prev_oi_lots: Lots
    oi_drift_lots: Floats
    day_volume_lots: Floats
    quote_period_s: Floats
    trade_every: Lots  # quotes per trade
    liquidity: Floats
    traded: NDArray[np.bool_]


def round_strike_weight(strike: Floats, step: Floats) -> Floats:
    """Open interest is largest at round strikes: walls at every tenth and twentieth, little at the others."""
    number = np.round(strike / np.maximum(step, 0.01)).astype(np.int64)
    return np.select([number % 20 == 0, number % 10 == 0, number % 2 == 0], [3.2, 2.3, 1.0], 0.45)


def option_profile(
    seed: int,
    rows: NDArray[np.intp],
    moneyness: Floats,
    is_call: NDArray[np.bool_],
    strike: Floats,
    step: Floats,
    days: Floats,
    width: Floats,
    scale: tuple[Floats, Floats, Floats, Floats],
) -> Profile:
    """Profile of options.

    moneyness: ln(strike / forward); width: its typical spread for the series; days: to expiry; scale: peak open
    interest and volume in units, lot size, and liquidity of the underlying (0..1).
    """
    oi_peak, volume_peak, lot, activity = scale
    distance = np.abs(moneyness) / width
    in_the_money = np.where(is_call, moneyness < 0, moneyness > 0)
    term = 1.0 / (1.0 + days / 14.0)
    # Writers sell out-of-the-money options: calls above the money, puts below.
    side = np.where(in_the_money, np.exp(-1.6 * distance), 1.0) * np.where(is_call, 1.06, 0.98)
    reach = np.exp(-((np.abs(distance - 0.9) / 1.9) ** 1.4))
    lumps = round_strike_weight(strike, step)
    scatter = np.exp(0.35 * noise.gaussian(seed, rows, 11))
    prev_oi = oi_peak * term * side * reach * lumps * scatter / lot
    drift = prev_oi * (0.05 + 0.16 * noise.gaussian(seed, rows, 12))
    volume = volume_peak * term**1.4 * side * np.exp(-((distance / 1.6) ** 1.6)) * np.sqrt(lumps) * scatter / lot
    # Weeks before expiry the far strikes have never traded.
    volume = np.where((days > 25.0) & (distance > 2.6), 0.0, volume)
    # A quarter or more before expiry only round strikes and those at the money have ever traded.
    odd = np.round(strike / step).astype(np.int64) % 5 != 0
    volume = np.where((days > 100.0) & odd & (distance > 0.4), 0.0, volume)
    liquidity = np.clip(np.sqrt(activity) * np.exp(-((distance / 1.7) ** 2)) / (1.0 + days / 20.0), 1e-4, 1.0)
    interval = np.clip(0.35 / liquidity**0.7, 0.35, 240.0)
    quote_period = np.minimum(interval, 4.0)
    return Profile(
        prev_oi_lots=np.where(volume > 0.5, np.round(prev_oi), 0).astype(np.int64),
        oi_drift_lots=np.where(volume > 0.5, drift, 0.0),
        day_volume_lots=np.where(volume > 0.5, np.maximum(volume, 3.0), 0.0),
        quote_period_s=quote_period,
        trade_every=np.maximum(np.round(interval / quote_period), 1).astype(np.int64),
        liquidity=liquidity,
        traded=volume > 0.5,
    )
