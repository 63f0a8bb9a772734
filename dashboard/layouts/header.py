"""The strip of header numbers, each with what it means, how it is computed and from how much.

A figure names the frame fields it shows; `live.js` writes their text. Its explanation opens on click.
"""

from __future__ import annotations

from dataclasses import dataclass

from dash import html

Bound = tuple[str, str]  # (path in the frame, formatter of assets/grid.js)


@dataclass(frozen=True, slots=True)
class Figure:
    """One header number. formula: how it is computed. inputs: (name, frame path, format) shown with live values."""

    label: str
    value: Bound
    detail: tuple[Bound, ...]
    meaning: str
    formula: str
    inputs: tuple[tuple[str, str, str], ...] = ()


FIGURES = (
    Figure(
        "Spot",
        ("spot", "price"),
        (("spot_change", "change"), ("metrics.spot_change_percent", "change_pct")),
        "Last value of the underlying, in rupees, and its change against the previous close.",
        "As FYERS streams it; nothing is computed.",
    ),
    Figure(
        "Forward",
        ("forward", "price"),
        (("basis", "basis"), ("forward_source", "text")),
        "The price at expiry on which the options agree. ATM, IV and Greeks are measured from it.",
        "Parity: median of K + e^(rT) (call - put) over 3 to 5 strikes nearest the spot; else the future of the same "
        "expiry; else spot x e^(rT).",
        (
            ("strikes used", "coverage.forward", "coverage"),
            ("future", "future", "price"),
            ("rate r", "rate", "percent"),
        ),
    ),
    Figure(
        "ATM straddle",
        ("metrics.straddle", "price"),
        (("metrics.expected_move_percent", "expected"),),
        "Call + put at the strike nearest the forward: what the market pays for a move either way until expiry.",
        "Expected move = straddle / spot. One standard deviation = spot x ATM IV x sqrt(T).",
        (("ATM strike", "atm_strike", "strike"), ("one sigma, rupees", "metrics.one_sigma_move", "price")),
    ),
    Figure(
        "ATM IV",
        ("metrics.atm_iv", "percent"),
        (("years_to_expiry", "time_left"),),
        "Volatility at which Black-76 gives today's price at the forward, in % a year.",
        "Out-of-the-money IVs of the two strikes around the forward, interpolated in variance. T counts calendar "
        "minutes to the broker's expiry instant.",
        (
            ("IVs solved", "coverage.atm_iv", "coverage"),
            ("25-delta skew, call - put, points", "metrics.skew_25d", "number"),
            ("25-delta butterfly, points", "metrics.butterfly_25d", "number"),
        ),
    ),
    Figure(
        "PCR OI",
        ("metrics.pcr_oi", "ratio"),
        (("coverage.pcr_oi", "coverage"),),
        "Open interest of all puts over that of all calls of this expiry; the strike window does not change it.",
        "Sum of put OI / sum of call OI, whole chain.",
        (
            ("put OI", "metrics.put_oi", "compact"),
            ("call OI", "metrics.call_oi", "compact"),
            ("put OI change", "metrics.put_oi_change", "signed_compact"),
            ("call OI change", "metrics.call_oi_change", "signed_compact"),
            ("PCR by volume", "metrics.pcr_volume", "ratio"),
        ),
    ),
    Figure(
        "Max pain",
        ("metrics.max_pain", "strike"),
        (("metrics.max_pain_distance", "from_spot"),),
        "The settlement at which option holders would be paid least, so writers lose least.",
        "Strike X with the least sum of call OI x max(X - K, 0) + put OI x max(K - X, 0).",
        (("paid there, crore", "metrics.max_pain_crore", "number"), ("OI known", "coverage.max_pain", "coverage")),
    ),
    Figure(
        "Call wall",
        ("metrics.call_wall", "strike"),
        (("metrics.call_wall_oi", "compact"),),
        "The strike with the most call OI, often read as resistance.",
        "Largest call OI of the whole chain; of equals, the one nearest the forward.",
        (("OI known", "coverage.call_wall", "coverage"),),
    ),
    Figure(
        "Put wall",
        ("metrics.put_wall", "strike"),
        (("metrics.put_wall_oi", "compact"),),
        "The strike with the most put OI, often read as support.",
        "Largest put OI of the whole chain; of equals, the one nearest the forward.",
        (("OI known", "coverage.put_wall", "coverage"),),
    ),
    Figure(
        "Net GEX",
        ("metrics.net_gex_crore", "crore"),
        (("metrics.zero_gamma", "zero_gamma"),),
        "What dealers would have to trade for a 1 % move, in crore, if they are long the calls and short the puts. "
        "That is an assumption (CHAINBOARD_DEALER_LONG_CALLS), not a fact.",
        "Sum of (call - put) gamma x OI in units x spot^2 x 1 %. Zero gamma: the level where that sum changes sign.",
        (
            ("vanna, crore per vol point", "metrics.net_vanna_crore", "number"),
            ("charm, crore per day", "metrics.net_charm_crore", "number"),
            ("strikes with gamma", "coverage.net_gex_crore", "coverage"),
        ),
    ),
    Figure(
        "India VIX",
        ("vix", "number"),
        (("vix_change", "change"),),
        "The exchange's own 30-day volatility index of NIFTY options.",
        "As FYERS sends it; nothing is computed.",
    ),
)


def build_header() -> html.Div:
    return html.Div(className="figures", children=[_figure(figure) for figure in FIGURES])


def _figure(figure: Figure) -> html.Details:
    return html.Details(
        className="figure",
        children=[
            html.Summary(
                title=f"{figure.meaning} Click for the formula and its inputs.",
                children=[
                    html.Div(figure.label, className="figure-label"),
                    html.Div(_bound(*figure.value), className="figure-value"),
                    html.Div([_bound(*pair) for pair in figure.detail], className="figure-detail"),
                ],
            ),
            html.Div(
                className="explanation",
                role="note",
                children=[
                    html.P(figure.meaning),
                    html.P(figure.formula, className="formula"),
                    *(html.Div([html.Span(name), _bound(path, style)]) for name, path, style in figure.inputs),
                ],
            ),
        ],
    )


def _bound(path: str, style: str) -> html.Span:
    return html.Span("·", **{"data-bind": path, "data-format": style})
