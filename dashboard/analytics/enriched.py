"""A chain with every number computed: what the feed publishes and the screen shows.

Columns are (n,) arrays, one element per strike, NaN where unknown. Single numbers are floats, NaN where unknown,
except in `metrics`, where unknown is None because that mapping is published as it stands.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dashboard.market.chain import Chain
from dashboard.market.instruments import Side

Array = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int8]


@dataclass(frozen=True, slots=True, eq=False)
class LegNumbers:
    """Numbers of one side of a chain.

    price: rupees, the input of all numbers of the leg; price_source: `quotes.PriceSource`. mid, spread: rupees. iv,
    iv_lo, iv_hi: annual fractions, the bounds from the price -/+ half a tick. iv_status: `implied_vol.IvStatus` codes;
    the IV is NaN unless OK. iv_source: `chain_iv.IvSource` codes of the IV that the Greeks use, which may be known
    where `iv` is not. delta: per index point; gamma: per index point squared; theta: rupees per day; vega: rupees per
    vol point; vanna: delta per vol point; volga: vega per vol point; charm: delta per day; `Enriched.time_unit` says
    which kind of day. intrinsic, time_value, break_even: rupees. itm_probability: 0..1. oi_change: units, against the
    previous close. Percentages are of the previous close and the previous OI, NaN where that is zero or unknown.
    build_up: `open_interest.BuildUp` codes.
    """

    price: Array
    price_source: Codes
    mid: Array
    spread: Array
    iv: Array
    iv_lo: Array
    iv_hi: Array
    iv_status: Codes
    iv_source: Codes
    delta: Array
    gamma: Array
    theta: Array
    vega: Array
    vanna: Array
    volga: Array
    charm: Array
    intrinsic: Array
    time_value: Array
    break_even: Array
    itm_probability: Array
    ltp_change_percent: Array
    oi_change: Array
    oi_change_percent: Array
    build_up: Codes


@dataclass(frozen=True, slots=True, eq=False)
class Enriched:
    """All numbers of one chain at one instant.

    years_to_expiry: fraction, 0.0 once expired; day_count: "calendar" or "trading"; time_unit: the day of theta and
    charm, "calendar day" or "session". forward: rupees, with its source; basis: forward - spot. future: the listed
    future that expires with the series, NaN where there is none. atm_strike: listed strike nearest the forward (nearest
    the spot when there is no forward). metrics: `metrics.UNITS` has each unit; window_metrics: PCRs by the number of
    strikes each side of the ATM; coverage: metric -> (have, of); reasons: a sentence for each metric that is None.
    otm_iv: the smile, one IV per strike. strike_pcr: put OI / call OI. straddle: rupees. gex_crore: per 1 % move;
    dex_crore: crore of the underlying; vanna_crore: per vol point; charm_crore: per day. touch_probability: 0..1, of
    the forward reaching the strike. max_pain_curve: crore paid to option holders if the series settled at the strike.
    """

    chain: Chain
    years_to_expiry: float
    day_count: str
    time_unit: str
    rate: float
    dealer_long_calls: bool
    forward: float
    forward_source: str | None
    basis: float
    future: float
    atm_strike: float
    metrics: dict[str, float | None]
    window_metrics: dict[int, dict[str, float | None]]
    coverage: dict[str, tuple[int, int]]
    reasons: dict[str, str]
    call: LegNumbers
    put: LegNumbers
    otm_iv: Array
    strike_pcr: Array
    straddle: Array
    gex_crore: Array
    dex_crore: Array
    vanna_crore: Array
    charm_crore: Array
    touch_probability: Array
    max_pain_curve: Array

    def numbers(self, side: Side) -> LegNumbers:
        return self.call if side is Side.CALL else self.put
