"""Gamma exposure by strike, and the level where its sum changes sign."""

from dashboard.layouts.charts.base import BARS, BOTH, HERE, MARK, Chart, Level, Trace

CHART = Chart(
    key="gex",
    title="Gamma exposure",
    unit="crore per 1 % move",
    value_unit="crore per 1 % move",
    traces=(Trace("GEX", "row.gex_crore", BOTH, BARS),),
    empty="Gamma exposure needs open interest and an implied volatility.",
    lines=(Level("metrics.zero_gamma", "zero γ", MARK), *HERE),
    hover=",.1f",
)
