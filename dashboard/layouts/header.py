"""The strip of header numbers. Each figure names the frame field it shows; live.js writes the text."""

from __future__ import annotations

from dataclasses import dataclass

from dash import html


@dataclass(frozen=True, slots=True)
class Figure:
    """One header number: `value` and `detail` are (frame path, format) pairs; `meaning` is the hover text."""

    label: str
    value: tuple[str, str]
    detail: tuple[tuple[str, str], ...]
    meaning: str


FIGURES = (
    Figure("Spot", ("spot", "price"), (("spot_change", "change"), ("metrics.spot_change_percent", "change_pct")),
           "Last value of the underlying, rupees; change against the previous close"),
    Figure("Forward", ("forward", "price"), (("basis", "basis"), ("forward_source", "text")),
           "Price the options agree on (put-call parity), else the future, else spot with carry; basis = forward - spot"),
    Figure("ATM straddle", ("metrics.straddle", "price"), (("metrics.expected_move_percent", "expected"),),
           "Call + put at the strike nearest the forward, rupees; the move the market pays for"),
    Figure("ATM IV", ("metrics.atm_iv", "percent"), (("years_to_expiry", "time_left"),),
           "Implied volatility at the forward, annualised"),
    Figure("PCR OI", ("metrics.pcr_oi", "ratio"), (("coverage.pcr_oi", "coverage"),),
           "Put OI / call OI over the whole chain"),
    Figure("Max pain", ("metrics.max_pain", "strike"), (("metrics.max_pain_distance", "from_spot"),),
           "Strike at which option writers would pay out least"),
    Figure("Call wall", ("metrics.call_wall", "strike"), (("metrics.call_wall_oi", "compact"),),
           "Strike with the largest call OI"),
    Figure("Put wall", ("metrics.put_wall", "strike"), (("metrics.put_wall_oi", "compact"),),
           "Strike with the largest put OI"),
    Figure("Net GEX", ("metrics.net_gex_crore", "crore"), (("metrics.zero_gamma", "zero_gamma"),),
           "Gamma exposure, rupees crore of hedging per 1 % move; assumes dealers are long calls and short puts"),
    Figure("India VIX", ("vix", "number"), (("vix_change", "change"),), "The exchange's own volatility index"),
)  # fmt: skip


def build_header() -> html.Div:
    return html.Div(className="figures", children=[_figure(figure) for figure in FIGURES])


def _figure(figure: Figure) -> html.Div:
    return html.Div(
        className="figure",
        title=figure.meaning,
        children=[
            html.Div(figure.label, className="figure-label"),
            html.Div(_bound(*figure.value), className="figure-value"),
            html.Div([_bound(*pair) for pair in figure.detail], className="figure-detail"),
        ],
    )


def _bound(path: str, style: str) -> html.Span:
    return html.Span("·", **{"data-bind": path, "data-format": style})
