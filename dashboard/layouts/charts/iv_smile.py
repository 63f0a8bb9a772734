"""Implied volatility by strike, calls and puts apart: where they part, one side's price is stale."""

from dashboard.layouts.charts.base import Chart, Trace

LINE = {"type": "scatter", "mode": "lines+markers", "line": {"width": 2}, "marker": {"size": 4}, "connectgaps": False}

CHART = Chart(
    key="iv_smile",
    title="IV smile",
    unit="% a year",
    traces=(
        Trace("call", "call.iv", "call", LINE, divide=0.01),
        Trace("put", "put.iv", "put", LINE, divide=0.01),
    ),
    empty="No implied volatility can be solved from these prices.",
    hover=".1f",
)
