"""The underlyings of the sandbox: indices, stocks with options, and stocks without.

Levels, lots and strike steps are plausible for November 2026; clients must read them from the symbol master.
"""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.sandbox.expiries import THURSDAY, TUESDAY, ExpiryPlan


@dataclass(frozen=True, slots=True)
class UnderlyingSpec:
    """One underlying and the scale of its market.

    spot in rupees; vol annualised, a fraction; oi_peak and volume_peak in units, at the money of the nearest expiry;
    liquidity between 0 and 1 sets how often its contracts trade. `plan` is None for an underlying without derivatives.
    """

    root: str
    symbol: str
    name: str
    exchange: str
    token: int
    spot: float
    vol: float
    lot_size: int = 1
    step: float = 0.0
    side_strikes: int = 0
    plan: ExpiryPlan | None = None
    oi_peak: float = 0.0
    volume_peak: float = 0.0
    liquidity: float = 0.3
    is_index: bool = False


_NSE_MONTHLY = ExpiryPlan(TUESDAY, months=3)
_NSE_QUARTERLY = ExpiryPlan(TUESDAY, months=3, quarters=1)


def _index(root: str, symbol: str, name: str, token: int, spot: float, vol: float, **scale: object) -> UnderlyingSpec:
    return UnderlyingSpec(root, symbol, name, symbol[:3], token, spot, vol, is_index=True, **scale)  # type: ignore[arg-type]


def _stock(root: str, token: int, spot: float, vol: float, lot_size: int, step: float) -> UnderlyingSpec:
    # Open interest of a stock scales with rupees, so the peak in units falls with its price.
    peak = 2.4e9 / spot
    symbol = f"NSE:{root}-EQ"
    return UnderlyingSpec(
        root, symbol, f"{root} LIMITED", "NSE", token, spot, vol, lot_size, step, 20, _NSE_MONTHLY, peak, peak * 3
    )


def _equity(exchange: str, root: str, series: str, token: int, spot: float) -> UnderlyingSpec:
    return UnderlyingSpec(
        root, f"{exchange}:{root}-{series}", f"{root} LIMITED", exchange, token, spot, 0.28, volume_peak=1.5e9 / spot
    )


INDICES: tuple[UnderlyingSpec, ...] = (
    _index("NIFTY", "NSE:NIFTY50-INDEX", "Nifty 50", 26000, 26050.0, 0.115, lot_size=65, step=50.0, side_strikes=60,
           plan=ExpiryPlan(TUESDAY, weeklies=5, months=3, quarters=3, half_years=3),
           oi_peak=5.5e6, volume_peak=1.1e8, liquidity=1.0),
    _index("BANKNIFTY", "NSE:NIFTYBANK-INDEX", "Nifty Bank", 26009, 59150.0, 0.13, lot_size=30, step=100.0,
           side_strikes=60, plan=_NSE_QUARTERLY, oi_peak=7e5, volume_peak=9e6, liquidity=0.85),
    _index("FINNIFTY", "NSE:FINNIFTY-INDEX", "Nifty Fin Service", 26037, 27480.0, 0.125, lot_size=60, step=50.0,
           side_strikes=50, plan=_NSE_MONTHLY, oi_peak=6e4, volume_peak=3e5, liquidity=0.5),
    _index("MIDCPNIFTY", "NSE:MIDCPNIFTY-INDEX", "NIFTY MID SELECT", 26074, 13910.0, 0.15, lot_size=120, step=25.0,
           side_strikes=55, plan=_NSE_MONTHLY, oi_peak=4.5e5, volume_peak=3e6, liquidity=0.6),
    _index("SENSEX", "BSE:SENSEX-INDEX", "SENSEX", 1, 85120.0, 0.115, lot_size=20, step=100.0, side_strikes=60,
           plan=ExpiryPlan(THURSDAY, weeklies=5, months=3, quarters=2), oi_peak=4.5e5, volume_peak=1.8e7,
           liquidity=0.9),
    _index("BANKEX", "BSE:BANKEX-INDEX", "BANKEX", 12, 66240.0, 0.13, lot_size=30, step=100.0, side_strikes=50,
           plan=ExpiryPlan(THURSDAY, months=3), oi_peak=2.4e4, volume_peak=6e4, liquidity=0.4),
)  # fmt: skip

VIX = _index("INDIAVIX", "NSE:INDIAVIX-INDEX", "India VIX", 26017, 13.0, 0.7)

# M&M and BAJAJ-AUTO test symbols with special characters, ITC strikes with decimals.
STOCKS: tuple[UnderlyingSpec, ...] = (
    _stock("RELIANCE", 2885, 1545.0, 0.21, 500, 10.0),
    _stock("HDFCBANK", 1333, 1008.0, 0.18, 550, 10.0),
    _stock("ICICIBANK", 4963, 1392.0, 0.19, 700, 10.0),
    _stock("INFY", 1594, 1536.0, 0.24, 400, 20.0),
    _stock("TCS", 11536, 3180.0, 0.22, 175, 20.0),
    _stock("SBIN", 3045, 982.0, 0.22, 750, 10.0),
    _stock("ITC", 1660, 412.0, 0.19, 1600, 2.5),
    _stock("LT", 11483, 4030.0, 0.21, 175, 20.0),
    _stock("AXISBANK", 5900, 1276.0, 0.23, 625, 10.0),
    _stock("BHARTIARTL", 10604, 2122.0, 0.22, 475, 20.0),
    _stock("KOTAKBANK", 1922, 2098.0, 0.20, 400, 20.0),
    _stock("MARUTI", 10999, 15980.0, 0.23, 50, 100.0),
    _stock("M&M", 2031, 3702.0, 0.25, 200, 50.0),
    _stock("BAJAJ-AUTO", 16669, 9015.0, 0.24, 75, 100.0),
)

EQUITIES: tuple[UnderlyingSpec, ...] = (
    _equity("NSE", "HONAUT", "EQ", 3417, 36150.0),
    _equity("NSE", "GILLETTE", "EQ", 1576, 8610.0),
    _equity("NSE", "KIRLOSENG", "EQ", 20936, 1121.0),
    _equity("NSE", "RITES", "EQ", 3761, 244.0),
    _equity("NSE", "3MINDIA", "EQ", 474, 34900.0),
    _equity("BSE", "RELIANCE", "A", 500325, 1545.0),
    _equity("BSE", "SBIN", "A", 500112, 982.0),
    _equity("BSE", "TCS", "A", 532540, 3180.0),
    _equity("BSE", "KAMAHOLD", "A", 500249, 2510.0),
)

ALL: tuple[UnderlyingSpec, ...] = INDICES + STOCKS + EQUITIES + (VIX,)
