"""The one composition: a chain in, every number of the board out, once per publish.

Order of work: believable prices, the forward they imply, IVs, Greeks, then what the whole chain says. Nothing here
raises, warns or returns an infinite value, whatever the chain holds; what cannot be known is NaN (None in `metrics`).
"""

import math

import numpy as np
import numpy.typing as npt

from dashboard.analytics import black76, gex, moneyness, open_interest, quotes, straddle
from dashboard.analytics.chain_iv import chain_iv
from dashboard.analytics.daycount import trading_years_to_expiry, years_to_expiry
from dashboard.analytics.enriched import Enriched, LegNumbers
from dashboard.analytics.forward import forward
from dashboard.analytics.metrics import UNITS, exposure_metrics, oi_metrics, vol_metrics, window_metrics
from dashboard.market.chain import Chain

Array = npt.NDArray[np.float64]

MAX_PRICE_AGE_S = 300.0  # an older LTP describes another market
DEFAULT_TICK = 0.05
MOST_RUPEES = 1e9  # beyond any price, OI or volume there is: such a value is a mistake of the wire, hence unknown
MOST_UNITS = 1e13
_SIGN = np.array([[1.0], [-1.0]])  # calls, then puts
_IS_CALL = _SIGN > 0


def enrich(
    chain: Chain,
    *,
    rate: float,
    now_ts: float,
    dealer_long_calls: bool = True,
    max_price_age_s: float = MAX_PRICE_AGE_S,
    trading_sessions: npt.ArrayLike | None = None,
) -> Enriched:
    """Compute every number of a chain.

    rate: annual fraction. now_ts: our clock, against which the age of an LTP is measured (NaN: all are fresh).
    trading_sessions: None counts calendar time; an (n, 2) array of session open and close epoch seconds switches to
    trading time (`daycount`). Time to expiry runs from `chain.market_ts`, or `now_ts` when that is unknown. From the
    cutoff on, everything that needs a price of time is NaN with status EXPIRED; OI and volume numbers remain.
    """
    with np.errstate(all="ignore"):
        return _enriched(chain, rate, now_ts, dealer_long_calls, max_price_age_s, trading_sessions)


def _enriched(
    chain: Chain,
    rate: float,
    now_ts: float,
    dealer_long_calls: bool,
    max_price_age_s: float,
    trading_sessions: npt.ArrayLike | None,
) -> Enriched:
    strikes = _prices(chain.strikes)
    rate = rate if abs(rate) <= 1.0 else float("nan")
    spot, future = (value if 0 < value <= MOST_RUPEES else float("nan") for value in (chain.spot, chain.future))
    tick_size = chain.underlying.tick_size if 0 < chain.underlying.tick_size < 100 else DEFAULT_TICK
    years = _years(chain, now_ts, trading_sessions)

    bid, ask, ltp = _prices(_columns(chain, "bid", "ask", "ltp"))
    tick_ts, ltp_change, told_change = _columns(chain, "tick_ts", "ltp_change", "oi_change")
    price, source = quotes.believable_price(bid, ask, ltp, now_ts - tick_ts, max_price_age_s)
    price = price if years > 0 else np.full_like(price, np.nan)
    spread = quotes.spread(bid, ask)
    quoted = np.where(source == quotes.PriceFault.MID, price, np.nan)
    traded = np.where(source == quotes.PriceFault.LTP, price, np.nan)
    own_future = future if chain.expiry.kind == "M" else float("nan")  # weeklies have none that expires with them
    implied = forward(strikes, quoted, traded, years, rate, spot, own_future)

    intrinsic = moneyness.intrinsic(implied.value, strikes, years, rate, _SIGN)
    ivs = chain_iv(strikes, price, source, spread, intrinsic, implied.value, years, rate, tick_size)
    greeks = black76.greeks(implied.value, strikes, years, rate, ivs.strike_iv, _IS_CALL)

    oi, prev_oi, volume = _units(_columns(chain, "oi", "prev_oi", "volume"))
    oi_change = np.where(np.abs(told_change) <= MOST_UNITS, told_change, oi - prev_oi)
    legs = {
        "price": price,
        "price_source": source,
        "mid": quotes.mid(bid, ask),
        "spread": spread,
        "iv": ivs.iv,
        "iv_lo": ivs.iv_lo,
        "iv_hi": ivs.iv_hi,
        "iv_status": ivs.status,
        **greeks._asdict(),
        "intrinsic": intrinsic,
        "time_value": moneyness.time_value(price, intrinsic),
        "break_even": moneyness.break_even(price, strikes, _SIGN),
        "itm_probability": black76.itm_probability(implied.value, strikes, years, ivs.strike_iv, _IS_CALL),
        "ltp_change_percent": open_interest.percent_change(ltp_change, ltp - ltp_change),
        "oi_change": oi_change,
        "oi_change_percent": open_interest.percent_change(oi_change, prev_oi),
        "build_up": open_interest.build_up(ltp_change, oi_change, tick_size, max(chain.expiry.lot_size, 1)),
    }

    reference = implied.value if np.isfinite(implied.value) else spot
    at = spot if np.isfinite(spot) else implied.value  # exposures are per move of the spot
    gamma, vanna, charm = (
        gex.strike_exposure(*sensitivity, *oi, dealer_long_calls=dealer_long_calls)
        for sensitivity in (greeks.gamma, greeks.vanna, greeks.charm)
    )
    exposures = gex.gex(gamma, at), gex.vanna_exposure(vanna, at), gex.charm_exposure(charm, at)
    straddles = straddle.straddle(*price)
    pain = open_interest.max_pain_curve(strikes, *oi)
    atm = straddle.atm_position(strikes, reference)
    parts = (
        oi_metrics(strikes, oi, oi_change, volume, pain, reference),
        vol_metrics(strikes, ivs.otm_iv, straddles, atm, implied, at, years),
        exposure_metrics(strikes, oi, ivs.strike_iv, exposures, implied, at, years),
        ({"basis": implied.basis, "future_basis": future - spot}, {"basis": (implied.used, implied.considered)}),
    )
    quoted_strikes = int(np.count_nonzero(np.isfinite(price).all(axis=0)))
    values = {name: value for given, _ in parts for name, value in given.items()}
    previous_close = spot - chain.spot_change
    values["spot_change_percent"] = float(open_interest.percent_change(chain.spot_change, previous_close))
    values["max_pain_distance"] = values["max_pain"] - spot
    values["expected_move_used_percent"] = straddle.expected_move_used(chain.spot_change, values["expected_move"])
    coverage = {name: have_of for _, covered in parts for name, have_of in covered.items()}
    coverage["expected_move_used_percent"] = coverage["expected_move"]
    return Enriched(
        chain=chain,
        years_to_expiry=years,
        day_count="calendar" if trading_sessions is None else "trading",
        rate=rate,
        dealer_long_calls=dealer_long_calls,
        forward=implied.value,
        forward_source=implied.source,
        basis=implied.basis,
        atm_strike=float("nan") if atm is None else float(strikes[atm]),
        metrics=_published({name: values[name] for name in UNITS}),
        window_metrics={each_side: _published(values) for each_side, values in window_metrics(oi, volume, atm).items()},
        coverage=coverage | {"forward": (implied.used, implied.considered), "quoted": (quoted_strikes, strikes.size)},
        call=LegNumbers(**{name: column[0] for name, column in legs.items()}),
        put=LegNumbers(**{name: column[1] for name, column in legs.items()}),
        otm_iv=ivs.otm_iv,
        strike_pcr=open_interest.strike_pcr(oi[1], oi[0]),
        straddle=straddles,
        gex_crore=exposures[0],
        vanna_crore=exposures[1],
        charm_crore=exposures[2],
        max_pain_curve=pain / open_interest.RUPEES_PER_CRORE,
    )


def _published(values: dict[str, float]) -> dict[str, float | None]:
    return {name: value if math.isfinite(value) else None for name, value in values.items()}


def _years(chain: Chain, now_ts: float, trading_sessions: npt.ArrayLike | None) -> float:
    market_ts = chain.market_ts if np.isfinite(chain.market_ts) else now_ts
    if trading_sessions is None:
        return years_to_expiry(market_ts, chain.expiry.cutoff_ts)
    return trading_years_to_expiry(market_ts, chain.expiry.cutoff_ts, trading_sessions)


def _columns(chain: Chain, *names: str) -> Array:
    """Columns of both sides as (len(names), 2, n), calls then puts: each step then runs once for all options."""
    return np.array([[getattr(chain.call, name), getattr(chain.put, name)] for name in names], dtype=float)


def _prices(column: Array) -> Array:
    return np.where((column > 0) & (column <= MOST_RUPEES), column, np.nan)


def _units(column: Array) -> Array:
    return np.where((column >= 0) & (column <= MOST_UNITS), column, np.nan)
