"""Implied volatility by strike. Separate calls and puts show which price is stale; the line has the IVs in use."""

from dashboard.layouts.charts.base import BOTH, HERE, LINE, MARK, MARKS, Chart, Trace

DOTS = {"type": "scatter", "mode": "markers", "marker": {"size": 5}}

CHART = Chart(
    key="iv_smile",
    title="IV smile",
    unit="% a year",
    value_unit="%",
    traces=(
        Trace("call", "call.iv", "call", DOTS, divide=0.01),
        Trace("put", "put.iv", "put", DOTS, divide=0.01),
        Trace("OTM side", "row.otm_iv", BOTH, LINE | {"mode": "lines"}, divide=0.01),
        Trace(
            "25 delta",
            None,
            MARK,
            MARKS,
            divide=0.01,
            points=(
                ("metrics.put_25d_strike", "metrics.put_25d_iv"),
                ("metrics.call_25d_strike", "metrics.call_25d_iv"),
            ),
        ),
    ),
    empty="No implied volatility can be solved from these prices.",
    lines=HERE,
    hover=".2f",
)
