"""Why a header number is unknown, in a sentence for the screen."""

from collections.abc import Mapping
from dataclasses import dataclass

EXPIRED = "This series has expired."
SETTLING = "The settlement price is all but fixed: the closing auction ends five minutes before the cutoff."
BELOW_A_DAY = "Less than a day is left, and a rate for a whole day would say nothing."
NO_FORWARD = "No forward: no strike near the money has both prices, and neither future nor spot is known."
NOT_BRACKETED = "No accepted IV on both sides of the forward."
COARSE = "Half a tick of the prices moves it by more than a vol point."
NO_WING = "The smile of accepted IVs ends before that delta."
NO_STRADDLE = "Call or put of the strike at the money has no price to believe."
NO_SPOT = "The spot or its previous close is not known."
NO_SPOT_OR_FORWARD = "Spot or forward is not known."
NO_OI = "Open interest is not known, or there is none."
NO_VOLUME = "Volume is not known, or there is none."
NO_CHANGE = "The change of open interest is not known."
NO_EXPOSURE = "No strike has an IV and the open interest of both its legs."
NO_CROSSING = "Net GEX does not change sign within 3 % of the spot."
NO_FUTURE = "No future is listed that expires with this series."
NO_PARITY = "The forward does not come from put-call parity."
NO_DAY_MOVE = "The session's expected move has not been priced today."

_ALONE = {
    "straddle": NO_STRADDLE,
    "zero_gamma": NO_CROSSING,
    "expected_move_used_percent": NO_DAY_MOVE,
    "day_move": NO_DAY_MOVE,
    "day_move_percent": NO_DAY_MOVE,
    "spot_change_percent": NO_SPOT,
    "max_pain_distance": NO_SPOT,
    "basis": NO_SPOT,
    "pcr_volume": NO_VOLUME,
    "call_volume": NO_VOLUME,
    "put_volume": NO_VOLUME,
    "call_oi_change": NO_CHANGE,
    "put_oi_change": NO_CHANGE,
    "future_basis": NO_FUTURE,
    "future_carry_percent": NO_FUTURE,
    "synthetic_mispricing": NO_FUTURE,
    "implied_carry_percent": NO_PARITY,
}
_OI = frozenset("pcr_oi max_pain max_pain_crore call_wall put_wall call_wall_oi put_wall_oi call_oi put_oi".split())
_WITHOUT_MODEL = _OI | {
    "max_pain_distance", "pcr_volume", "call_volume", "put_volume", "call_oi_change", "put_oi_change",
    "spot_change_percent", "future_basis", "expected_move_used_percent", "day_move", "day_move_percent",
}  # fmt: skip
_SMILE = frozenset({"atm_iv", "expected_move", "expected_move_percent", "one_sigma_move"})
_RATES = frozenset({"net_charm_crore", "implied_carry_percent", "future_carry_percent"})
_KNOWN_UNTIL_THE_CUTOFF = frozenset({"straddle", "basis", "synthetic_mispricing"}) | _RATES


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the reasons depend on. spot, forward: whether they are known; future: whether the series has its own."""

    expired: bool
    settling: bool
    below_a_day: bool
    coarse: frozenset[str]
    spot: bool
    forward: bool
    future: bool
    parity: bool


def reasons(metrics: Mapping[str, float | None], given: Circumstances) -> dict[str, str]:
    """A sentence for every metric that is None."""
    return {name: _reason(name, given) for name, value in metrics.items() if value is None}


def _reason(name: str, given: Circumstances) -> str:
    if name in _OI:
        return NO_OI
    if name not in _WITHOUT_MODEL:
        if given.expired:
            return EXPIRED
        if name in _RATES and given.below_a_day:
            return BELOW_A_DAY
        if given.settling and name not in _KNOWN_UNTIL_THE_CUTOFF:
            return SETTLING
        if name in given.coarse:
            return COARSE
        if not given.forward:
            return NO_FORWARD
    if name in ("future_basis", "future_carry_percent") and given.future:
        return NO_SPOT
    if name == "synthetic_mispricing" and given.future:
        return NO_PARITY
    if name == "implied_carry_percent" and given.parity:
        return NO_SPOT
    if name == "expected_move_used_percent" and not given.spot:
        return NO_SPOT
    if name in _SMILE:
        return NOT_BRACKETED
    if "10d" in name or "25d" in name:
        return NO_WING
    return _ALONE.get(name, NO_EXPOSURE)
