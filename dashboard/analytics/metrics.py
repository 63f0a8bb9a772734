"""The header numbers of a chain, each with the number of strikes it is computed from.

Every function returns (metrics, coverage): metric -> value, NaN where unknown, and metric -> (have, of) in strikes.
Columns are (n,) per strike or (2, n), calls then puts.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from dashboard.analytics import gex, open_interest, smile, straddle
from dashboard.analytics.chain_iv import DETERMINED
from dashboard.analytics.forward import Forward, carry_percent

Array = npt.NDArray[np.float64]
Metrics = tuple[dict[str, float], dict[str, tuple[int, int]]]

WINDOWS = (5, 10, 15, 20, 30, 40, 50)  # strikes each side of the ATM; the page offers some of them

UNITS: dict[str, str] = {
    "pcr_oi": "put OI / call OI, whole chain",
    "pcr_volume": "put volume / call volume, whole chain",
    "max_pain": "strike, rupees",
    "max_pain_crore": "crore paid to option holders at max pain",
    "call_wall": "strike with the most call OI, rupees",
    "put_wall": "strike with the most put OI, rupees",
    "call_wall_oi": "units at the call wall",
    "put_wall_oi": "units at the put wall",
    "max_pain_distance": "max pain - spot, rupees",
    "call_oi": "units",
    "put_oi": "units",
    "call_oi_change": "units, against the previous close",
    "put_oi_change": "units, against the previous close",
    "call_volume": "units",
    "put_volume": "units",
    "straddle": "ATM call + put, rupees",
    "expected_move": f"rupees either side: the {straddle.EXPECTED_MOVE_BASIS}",
    "expected_move_percent": f"% of the spot: the {straddle.EXPECTED_MOVE_BASIS}",
    "day_move": "rupees either side of the previous close: one session's expected move, fixed for the day",
    "day_move_percent": "% of the previous close: the same",
    "expected_move_used_percent": "% of day_move: the change since the previous close, either way",
    "one_sigma_move": "rupees either side: one standard deviation from ATM IV",
    "atm_iv": "annual fraction, at the forward",
    "skew_25d": "25-delta call IV - put IV, vol points",
    "butterfly_25d": "mean of the 25-delta IVs - ATM IV, vol points",
    "skew_10d": "10-delta call IV - put IV, vol points",
    "butterfly_10d": "mean of the 10-delta IVs - ATM IV, vol points",
    "call_25d_strike": "rupees",
    "call_25d_iv": "annual fraction",
    "put_25d_strike": "rupees",
    "put_25d_iv": "annual fraction",
    "call_10d_strike": "rupees",
    "call_10d_iv": "annual fraction",
    "put_10d_strike": "rupees",
    "put_10d_iv": "annual fraction",
    "net_gex_crore": "crore of hedging per 1 % move, this expiry",
    "net_dex_crore": "crore of the underlying held through options, this expiry",
    "net_vanna_crore": "crore of delta per vol point",
    "net_charm_crore": "crore of delta per day, unknown below one day",
    "call_oi_delta_weighted": "units of the underlying: sum of |delta| x call OI",
    "put_oi_delta_weighted": "units of the underlying: sum of |delta| x put OI",
    "pcr_delta_weighted": "delta-weighted put OI / call OI, this expiry",
    "atm_call_rupee_delta": "rupees of the underlying that one lot of the ATM call stands for",
    "atm_put_rupee_delta": "rupees of the underlying that one lot of the ATM put stands for",
    "atm_rupee_gamma": "change of the rupee delta of one ATM lot per 1 % move",
    "zero_gamma": "spot level, rupees",
    "spot_change_percent": "% of the previous close",
    "basis": "forward - spot, rupees",
    "future_basis": "future - spot, rupees",
    "synthetic_mispricing": "parity forward - the series' own future, rupees",
    "implied_carry_percent": "% a year: ln(parity forward / spot) over calendar time",
    "future_carry_percent": "% a year: ln(the series' own future / spot) over calendar time",
}


def oi_metrics(strikes: Array, oi: Array, oi_change: Array, volume: Array, pain: Array, reference: float) -> Metrics:
    """Numbers of OI and volume, which need no model and remain after expiry. pain: (n,) rupees; reference: for ties."""
    names = ("call_oi", "put_oi", "call_oi_change", "put_oi_change", "call_volume", "put_volume")
    columns = np.concatenate([oi, oi_change, volume])
    known = np.isfinite(columns)
    counts = known.sum(axis=1).tolist()
    sums = np.where(known, columns, 0.0).sum(axis=1).tolist()
    totals = {name: held if count else float("nan") for name, held, count in zip(names, sums, counts, strict=True)}
    max_pain = open_interest.max_pain(strikes, pain, reference)
    least = float(np.nanmin(pain)) if np.isfinite(max_pain) else float("nan")
    values = totals | {
        "pcr_oi": totals["put_oi"] / totals["call_oi"] if totals["call_oi"] > 0 else float("nan"),
        "pcr_volume": totals["put_volume"] / totals["call_volume"] if totals["call_volume"] > 0 else float("nan"),
        "max_pain": max_pain,
        "max_pain_crore": least / open_interest.RUPEES_PER_CRORE,
        "call_wall": open_interest.wall(strikes, oi[0], reference),
        "put_wall": open_interest.wall(strikes, oi[1], reference),
    }
    for side, held, has in zip(("call", "put"), oi, known[:2], strict=True):
        values[f"{side}_wall_oi"] = float(held[has].max()) if np.isfinite(values[f"{side}_wall"]) else float("nan")
    of = strikes.size
    coverage = {name: (count, of) for name, count in zip(names, counts, strict=True)}
    both_oi = (int(np.count_nonzero(known[0] & known[1])), of)
    coverage |= dict.fromkeys(("pcr_oi", "max_pain", "max_pain_crore", "max_pain_distance"), both_oi)
    coverage |= dict.fromkeys(("call_wall", "call_wall_oi"), coverage["call_oi"])
    coverage |= dict.fromkeys(("put_wall", "put_wall_oi"), coverage["put_oi"])
    coverage["pcr_volume"] = (int(np.count_nonzero(known[4] & known[5])), of)
    return values, coverage


def window_metrics(
    oi: Array, volume: Array, atm: int | None, each_side: Sequence[int] = WINDOWS
) -> dict[int, dict[str, float]]:
    """PCR of the strikes on screen: `each_side` strikes below and above the ATM strike, keyed by that number.

    The screen must label them as window figures, because they change with the number of strikes chosen.
    """
    if atm is None:
        return {count: dict.fromkeys(("pcr_oi", "pcr_volume"), float("nan")) for count in each_side}
    first = np.maximum(atm - np.array(each_side), 0)
    after = np.minimum(atm + np.array(each_side) + 1, oi.shape[1])
    columns = np.concatenate([oi, volume])
    known = np.isfinite(columns)
    running = np.zeros((2, 4, oi.shape[1] + 1))
    np.cumsum([np.where(known, columns, 0.0), known], axis=2, out=running[:, :, 1:])
    totals, counts = running[:, :, after] - running[:, :, first]
    calls, puts = totals[0::2], np.where(counts[1::2] > 0, totals[1::2], np.nan)
    ratios = np.divide(puts, calls, out=np.full(calls.shape, np.nan), where=calls > 0).T.tolist()
    return {
        count: {"pcr_oi": pcr_oi, "pcr_volume": pcr_volume}
        for count, (pcr_oi, pcr_volume) in zip(each_side, ratios, strict=True)
    }


def vol_metrics(
    strikes: Array,
    otm_iv: Array,
    half_tick: Array,
    straddles: Array,
    atm: int | None,
    implied: Forward,
    spot: float,
    years: float,
) -> tuple[dict[str, float], dict[str, tuple[int, int]], frozenset[str]]:
    """Numbers of the expected move; unknown where the tick is too coarse for them.

    otm_iv, half_tick, straddles: (n,); half_tick: the change of each IV for half a tick. atm: a position; spot: rupees,
    or the forward.
    """
    at_money = smile.atm_iv(strikes, otm_iv, implied.value)
    coarse: set[str] = set()
    if smile.at_strike(strikes, half_tick, implied.value) > DETERMINED:
        coarse |= {"atm_iv", "one_sigma_move", "expected_move", "expected_move_percent"}
        at_money = float("nan")
    move = straddle.expected_move(implied.value, at_money, years)
    values = {
        "straddle": float("nan") if atm is None else float(straddles[atm]),
        "expected_move": move,
        "expected_move_percent": 100.0 * move / spot,
        "one_sigma_move": straddle.one_sigma_move(spot, at_money, years),
        "atm_iv": at_money,
    }
    delta = smile.forward_delta(strikes, otm_iv, implied.value, years)
    for name, target in (("25d", 0.25), ("10d", 0.10)):
        call, put = smile.wing(strikes, otm_iv, delta, target), smile.wing(strikes, otm_iv, delta, 1.0 - target)
        skew, butterfly = smile.risk_reversal(call.iv, put.iv), smile.butterfly(call.iv, put.iv, at_money)
        off_by = [smile.at_strike(strikes, half_tick, point.strike) for point in (call, put)]
        if any(off > DETERMINED for off in off_by):
            coarse |= {f"skew_{name}", f"butterfly_{name}"}
            skew = butterfly = float("nan")
        elif "atm_iv" in coarse:
            coarse.add(f"butterfly_{name}")
        values |= {
            f"skew_{name}": skew,
            f"butterfly_{name}": butterfly,
            f"call_{name}_strike": call.strike,
            f"call_{name}_iv": call.iv,
            f"put_{name}_strike": put.strike,
            f"put_{name}_iv": put.iv,
        }
    coverage = dict.fromkeys(values, (_known(otm_iv), strikes.size))
    coverage["straddle"] = (_known(straddles), strikes.size)
    return values, coverage, frozenset(coarse)


def exposure_metrics(
    strikes: Array,
    oi: Array,
    strike_iv: Array,
    delta: Array,
    by_strike: tuple[Array, Array, Array, Array],
    implied: Forward,
    spot: float,
    years: float,
) -> Metrics:
    """Exposures that dealers may have to hedge. by_strike: GEX, DEX, vanna and charm exposure, crore; spot: rupees, or
    the forward. A strike counts when both of its legs are known."""
    calls, puts = gex.delta_weighted_oi(delta, oi)
    call_weight, put_weight = open_interest.total(calls), open_interest.total(puts)
    values = {
        "net_gex_crore": gex.net(by_strike[0]),
        "net_dex_crore": gex.net(by_strike[1]),
        "net_vanna_crore": gex.net(by_strike[2]),
        "net_charm_crore": gex.net(by_strike[3]),
        "call_oi_delta_weighted": call_weight,
        "put_oi_delta_weighted": put_weight,
        "pcr_delta_weighted": put_weight / call_weight if call_weight > 0 else float("nan"),
        # Both legs of a strike share one IV, hence one gamma: the grid needs one column per strike.
        "zero_gamma": gex.zero_gamma(strikes, strike_iv, oi[0] - oi[1], implied.value, spot, years),
    }
    return values, dict.fromkeys(values, (_known(by_strike[0]), strikes.size))


def atm_lot_metrics(delta: Array, gamma: Array, atm: int | None, spot: float, lot_size: float) -> Metrics:
    """Rupee Greeks of one lot at the money: delta x lot x S, and its change per 1 % move. delta, gamma: (2, n)."""
    names = ("atm_call_rupee_delta", "atm_put_rupee_delta", "atm_rupee_gamma")
    if atm is None or not lot_size > 0:
        return dict.fromkeys(names, float("nan")), dict.fromkeys(names, (0, 1))
    worth = lot_size * spot
    values = dict(
        zip(
            names,
            (*(delta[:, atm] * worth).tolist(), float(gamma[0, atm] * worth * spot * gex.ONE_PERCENT)),
            strict=True,
        )
    )
    return values, {name: (int(np.isfinite(value)), 1) for name, value in values.items()}


def price_metrics(implied: Forward, spot: float, spot_change: float, future: float, days_left: float) -> Metrics:
    """Spot, forward and the series' own future beside each other. days_left: calendar days to the cutoff."""
    parity = implied.value if implied.source == "parity" else float("nan")
    previous_close = spot - spot_change
    alone = {
        "spot_change_percent": float(open_interest.percent_change(spot_change, previous_close)),
        "future_basis": future - spot,
        "future_carry_percent": carry_percent(future, spot, days_left),
    }
    from_parity = {
        "basis": implied.basis,
        "synthetic_mispricing": parity - future,
        "implied_carry_percent": carry_percent(parity, spot, days_left),
    }
    coverage = {name: (int(np.isfinite(value)), 1) for name, value in alone.items()}
    return alone | from_parity, coverage | dict.fromkeys(from_parity, (implied.used, implied.considered))


def _known(column: Array) -> int:
    return int(np.count_nonzero(np.isfinite(column)))
