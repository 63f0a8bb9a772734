"""Gamma exposure by strike, and the level where its sum changes sign."""

from dashboard.layouts.charts.base import BARS, HERE, Chart, Trace

CHART = Chart(
    key="gex",
    title="Gamma exposure",
    unit="crore per 1 % move, by strike",
    traces=(Trace("GEX", "row.gex_crore", "accent", BARS),),
    empty="Gamma exposure needs open interest and an implied volatility.",
    lines=(("metrics.zero_gamma", "zero γ", "down"), *HERE),
    hover=",.1f",
)
