"""ATM IV over expiries, and the forward volatility between them."""

from dashboard.layouts.charts.base import BOTH, LINE, MARK, MARKS, Axis, Chart, Trace

# Weeklies are days apart and the last expiry is years away, so the axis is logarithmic.
DAYS = Axis(
    log=True,
    ticks=(
        (0.1, "2 h"),
        (0.25, "6 h"),
        (1.0, "1 d"),
        (2.0, "2 d"),
        (3.0, "3 d"),
        (7.0, "1 w"),
        (14.0, "2 w"),
        (30.0, "1 m"),
        (60.0, "2 m"),
        (91.0, "3 m"),
        (182.0, "6 m"),
        (365.0, "1 y"),
        (730.0, "2 y"),
        (1461.0, "4 y"),
    ),
)

CHART = Chart(
    key="term_structure",
    title="Term structure",
    unit="% a year, by time to expiry",
    value_unit="%",
    traces=(
        Trace("ATM IV", "term.atm_iv", BOTH, LINE, divide=0.01, x="term.days", by_strike=False),
        Trace("forward", "term.forward_vol", MARK, MARKS, divide=0.01, x="term.days", by_strike=False),
    ),
    empty="The other expiries have not been asked for yet; one comes every few seconds.",
    lines=(),
    hover=".2f",
    across="Days to expiry",
    axis=DAYS,
)
