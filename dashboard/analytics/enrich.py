"""Compute every number of the board from a chain, once per publish.

The steps are: usable prices, the forward they imply, IVs, Greeks, then the numbers of the whole chain. No step
raises, warns or returns an infinite value, whatever the chain contains; an unknown number is NaN (None in `metrics`,
with a sentence in `reasons`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dashboard.analytics import black76, gex, moneyness, open_interest, quotes, straddle
from dashboard.analytics.chain_iv import SETTLING_S, chain_iv
from dashboard.analytics.daycount import (
    DAYS_PER_YEAR,
    SESSIONS_PER_YEAR,
    trading_years_to_expiry,
    years_to_expiry,
)
from dashboard.analytics.enriched import Enriched, LegNumbers
from dashboard.analytics.forward import Forward, forward
from dashboard.analytics.metrics import (
    UNITS,
    atm_lot_metrics,
    exposure_metrics,
    oi_metrics,
    price_metrics,
    vol_metrics,
    window_metrics,
)
from dashboard.analytics.reasons import Circumstances, reasons
from dashboard.market.chain import Chain

Array = npt.NDArray[np.float64]

MAX_PRICE_AGE_S = 300.0  # an older LTP describes another market
DEFAULT_TICK = 0.05
MOST_RUPEES = 1e9  # above every real price, OI or volume: such a value is an error of the wire, hence unknown
MOST_UNITS = 1e13
DAY_S = 86_400.0
_SIGN = np.array([[1.0], [-1.0]])  # calls, then puts
_IS_CALL = _SIGN > 0


@dataclass(frozen=True, slots=True)
class _Given:
    """The accepted inputs of the computation. spot, future: rupees, NaN where unknown.

    years: in the day count's own years; days_per_year: of that day count; seconds_left: clock time.
    """

    rate: float
    spot: float
    future: float
    tick_size: float
    years: float
    days_per_year: float
    seconds_left: float

    @property
    def days_left(self) -> float:
        """Days or sessions to the cutoff, whichever theta is per."""
        return self.years * self.days_per_year


def enrich(
    chain: Chain,
    *,
    rate: float,
    now_ts: float,
    dealer_long_calls: bool = True,
    max_price_age_s: float = MAX_PRICE_AGE_S,
    trading_sessions: npt.ArrayLike | None = None,
    day_move: float = float("nan"),
) -> Enriched:
    """Compute every number of a chain.

    rate: annual fraction. now_ts: the exchange's clock now, against which the age of a last trade (`Legs.trade_ts`) is
    measured; NaN: all are fresh. A trade without a time is fresh only where no leg of the chain has one.
    trading_sessions: None counts calendar time; an (n, 2) array of session open and close epoch seconds switches to
    trading time (`daycount`). day_move: rupees, the session's expected move as fixed for the day (`day_move`). Time to
    expiry runs from `chain.market_ts`, or `now_ts` when that is unknown. From the cutoff on, every number that needs a
    time value is NaN with status EXPIRED, in the five minutes before with status SETTLING; OI and volume numbers
    remain.
    """
    with np.errstate(all="ignore"):
        given = _given(chain, rate, now_ts, trading_sessions)
        return _enriched(chain, given, now_ts, dealer_long_calls, max_price_age_s, day_move)


def _given(chain: Chain, rate: float, now_ts: float, trading_sessions: npt.ArrayLike | None) -> _Given:
    market_ts = chain.market_ts if np.isfinite(chain.market_ts) else now_ts
    cutoff_ts = chain.expiry.cutoff_ts
    if trading_sessions is None:
        years = years_to_expiry(market_ts, cutoff_ts)
    else:
        years = trading_years_to_expiry(market_ts, cutoff_ts, trading_sessions)
    own_future = chain.future if chain.future_expiry == chain.expiry.date else float("nan")
    spot, future = (value if 0 < value <= MOST_RUPEES else float("nan") for value in (chain.spot, own_future))
    return _Given(
        rate=rate if abs(rate) <= 1.0 else float("nan"),
        spot=spot,
        future=future,
        tick_size=chain.underlying.tick_size if 0 < chain.underlying.tick_size < 100 else DEFAULT_TICK,
        years=years,
        days_per_year=DAYS_PER_YEAR if trading_sessions is None else SESSIONS_PER_YEAR,
        seconds_left=cutoff_ts - market_ts,
    )


def _enriched(
    chain: Chain, given: _Given, now_ts: float, dealer_long_calls: bool, max_price_age_s: float, day_move: float
) -> Enriched:
    strikes, years, rate, spot, future = _prices(chain.strikes), given.years, given.rate, given.spot, given.future
    bid, ask, ltp = _prices(_columns(chain, "bid", "ask", "ltp"))
    trade_ts, ltp_change, told_change = _columns(chain, "trade_ts", "ltp_change", "oi_change")
    price, source = quotes.believable_price(bid, ask, ltp, _age_s(trade_ts, now_ts), max_price_age_s)
    price = price if years > 0 else np.full_like(price, np.nan)
    quoted = np.where(source == quotes.PriceSource.MID, price, np.nan)
    traded = np.where(source == quotes.PriceSource.LTP, price, np.nan)
    implied = forward(strikes, quoted, traded, years, rate, spot, future)

    intrinsic = moneyness.intrinsic(implied.value, strikes, years, rate, _SIGN)
    ivs = chain_iv(
        strikes, price, source, bid, ask, intrinsic, implied.value, years, rate, given.tick_size, given.seconds_left
    )
    greeks = black76.greeks(implied.value, strikes, years, rate, ivs.strike_iv, _IS_CALL, given.days_per_year)

    oi, prev_oi, volume = _units(_columns(chain, "oi", "prev_oi", "volume"))
    oi_change = np.where(np.abs(told_change) <= MOST_UNITS, told_change, oi - prev_oi)
    legs = {
        "price": price,
        "price_source": source,
        "mid": quotes.mid(bid, ask),
        "spread": quotes.spread(bid, ask),
        "iv": ivs.iv,
        "iv_lo": ivs.iv_lo,
        "iv_hi": ivs.iv_hi,
        "iv_status": ivs.status,
        "iv_source": ivs.source,
        **greeks._asdict(),
        "intrinsic": intrinsic,
        "time_value": moneyness.time_value(price, intrinsic),
        "break_even": moneyness.break_even(price, strikes, _SIGN),
        "itm_probability": black76.itm_probability(implied.value, strikes, years, ivs.strike_iv, _IS_CALL),
        "ltp_change_percent": open_interest.percent_change(ltp_change, ltp - ltp_change),
        "oi_change": oi_change,
        "oi_change_percent": open_interest.percent_change(oi_change, prev_oi),
        "build_up": open_interest.build_up(ltp_change, oi_change, given.tick_size, max(chain.expiry.lot_size, 1)),
    }

    reference = implied.value if np.isfinite(implied.value) else spot
    at = spot if np.isfinite(spot) else implied.value  # exposures are per move of the spot
    exposures = _exposures(greeks, oi, at, given.days_left, dealer_long_calls)
    straddles = straddle.straddle(*price)
    pain = open_interest.max_pain_curve(strikes, *oi)
    atm = straddle.atm_position(strikes, reference)
    vol_values, vol_coverage, coarse = vol_metrics(
        strikes, ivs.otm_iv, ivs.half_tick, straddles, atm, implied, at, years
    )
    parts = (
        oi_metrics(strikes, oi, oi_change, volume, pain, reference),
        (vol_values, vol_coverage),
        exposure_metrics(strikes, oi, ivs.strike_iv, greeks.delta, exposures, implied, at, years),
        atm_lot_metrics(greeks.delta, greeks.gamma, atm, at, chain.expiry.lot_size),
        price_metrics(implied, spot, chain.spot_change, future, given.seconds_left / DAY_S),
    )
    values = {name: value for part, _ in parts for name, value in part.items()}
    values["max_pain_distance"] = values["max_pain"] - spot
    values |= _day_move(day_move, spot, chain.spot_change)
    metrics = _published({name: values[name] for name in UNITS})
    coverage = {name: have_of for _, covered in parts for name, have_of in covered.items()}
    for name in ("day_move", "day_move_percent", "expected_move_used_percent"):
        coverage[name] = (int(metrics[name] is not None), 1)
    quoted_strikes = int(np.count_nonzero(np.isfinite(price).all(axis=0)))
    return Enriched(
        chain=chain,
        years_to_expiry=years,
        day_count="calendar" if given.days_per_year == DAYS_PER_YEAR else "trading",
        time_unit="calendar day" if given.days_per_year == DAYS_PER_YEAR else "session",
        rate=rate,
        dealer_long_calls=dealer_long_calls,
        forward=implied.value,
        forward_source=implied.source,
        basis=implied.basis,
        future=future,
        atm_strike=float("nan") if atm is None else float(strikes[atm]),
        metrics=metrics,
        window_metrics={each_side: _published(values) for each_side, values in window_metrics(oi, volume, atm).items()},
        coverage=coverage | {"forward": (implied.used, implied.considered), "quoted": (quoted_strikes, strikes.size)},
        reasons=reasons(metrics, _circumstances(chain, given, implied, coarse)),
        call=LegNumbers(**{name: column[0] for name, column in legs.items()}),
        put=LegNumbers(**{name: column[1] for name, column in legs.items()}),
        otm_iv=ivs.otm_iv,
        strike_pcr=open_interest.strike_pcr(oi[1], oi[0]),
        straddle=straddles,
        gex_crore=exposures[0],
        dex_crore=exposures[1],
        vanna_crore=exposures[2],
        charm_crore=exposures[3],
        touch_probability=black76.touch_probability(implied.value, strikes, years, ivs.strike_iv),
        max_pain_curve=pain / open_interest.RUPEES_PER_CRORE,
    )


def _age_s(trade_ts: Array, now_ts: float) -> Array:
    """Age of each last trade in seconds. Beside trades whose time is known, one without a time is infinitely old."""
    age = now_ts - trade_ts
    known = np.isfinite(trade_ts)
    return np.where(known, age, np.inf) if known.any() and np.isfinite(now_ts) else age


def _exposures(
    greeks: black76.Greeks, oi: Array, at: float, days_left: float, dealer_long_calls: bool
) -> tuple[Array, Array, Array, Array]:
    """GEX, DEX, vanna and charm exposure by strike, crore. at: rupees, the spot whose moves the exposures refer to."""
    gamma, delta, vanna, charm = (
        gex.strike_exposure(*sensitivity, *oi, dealer_long_calls=dealer_long_calls)
        for sensitivity in (greeks.gamma, greeks.delta, greeks.vanna, greeks.charm)
    )
    return (
        gex.gex(gamma, at),
        gex.dex(delta, at),
        gex.vanna_exposure(vanna, at),
        gex.charm_exposure(charm, at, days_left),
    )


def _day_move(day_move: float, spot: float, spot_change: float) -> dict[str, float]:
    day_move = day_move if 0 < day_move <= MOST_RUPEES else float("nan")
    return {
        "day_move": day_move,
        "day_move_percent": float(open_interest.percent_change(day_move, spot - spot_change)),
        "expected_move_used_percent": straddle.move_used(spot_change, day_move) if spot > 0 else float("nan"),
    }


def _circumstances(chain: Chain, given: _Given, implied: Forward, coarse: frozenset[str]) -> Circumstances:
    return Circumstances(
        expired=given.years <= 0,
        settling=given.seconds_left < SETTLING_S,
        below_a_day=not (given.days_left >= 1.0 and given.seconds_left >= DAY_S),
        coarse=coarse,
        spot=math.isfinite(given.spot) and math.isfinite(chain.spot_change),
        forward=math.isfinite(implied.value),
        future=math.isfinite(given.future),
        parity=implied.source == "parity",
    )


def _published(values: dict[str, float]) -> dict[str, float | None]:
    return {name: value if math.isfinite(value) else None for name, value in values.items()}


def _columns(chain: Chain, *names: str) -> Array:
    """Columns of both sides as (len(names), 2, n), calls then puts: each step then runs once for all options."""
    return np.array([[getattr(chain.call, name), getattr(chain.put, name)] for name in names], dtype=float)


def _prices(column: Array) -> Array:
    return np.where((column > 0) & (column <= MOST_RUPEES), column, np.nan)


def _units(column: Array) -> Array:
    return np.where((column >= 0) & (column <= MOST_UNITS), column, np.nan)
