"""ATM IV over expiries, and the volatility priced between them: where the curve bends, the market expects something."""

from dashboard.layouts.charts.base import LINE, MARKS, Chart, Trace

CHART = Chart(
    key="term_structure",
    title="Term structure",
    unit="ATM IV, % a year, by days to expiry; marks: forward volatility",
    traces=(
        Trace("ATM IV", "term.atm_iv", "accent", LINE, divide=0.01, x="term.days", by_strike=False),
        Trace("forward", "term.forward_vol", "here", MARKS, divide=0.01, x="term.days", by_strike=False),
    ),
    empty="The other expiries have not been asked for yet; one comes every few seconds.",
    lines=(),
    hover=".1f",
    across="Days to expiry",
)
