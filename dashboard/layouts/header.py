"""The strip of header numbers, each with its meaning, formula and coverage.

A figure names the frame fields it shows; `assets/board/figures.mjs` writes their text. A click opens its explanation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dash import html

from dashboard.layouts.static import static

Bound = tuple[str, str]  # (path in the frame, format of assets/lib/format.mjs)


@dataclass(frozen=True, slots=True)
class Figure:
    """One header number. inputs: (name, frame path, format) shown with live values."""

    label: str
    value: Bound
    detail: tuple[Bound, ...]
    meaning: str
    formula: str
    inputs: tuple[tuple[str, str, str], ...] = ()
    second: tuple[Bound, Bound] | None = None  # value and detail of the put side, beside those of the calls


FIGURES = (
    Figure(
        "Spot",
        ("spot", "price"),
        (("spot_change", "change"), ("metrics.spot_change_percent", "change_pct")),
        "Last value of the underlying, in rupees, and its change against the previous close.",
        "As the broker streams it; nothing is computed.",
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
            ("future of this expiry", "future", "price"),
            ("forward - future, rupees", "metrics.synthetic_mispricing", "signed"),
            ("carry in the forward, % a year", "metrics.implied_carry_percent", "number"),
            ("carry in the future, % a year", "metrics.future_carry_percent", "number"),
            ("rate r, % a year", "rate", "percent"),
        ),
    ),
    Figure(
        "ATM straddle",
        ("metrics.straddle", "price"),
        (("atm_strike", "at"), ("metrics.expected_move_percent", "expected")),
        "Call + put at the listed strike nearest the forward, and the expected move to expiry: what a straddle struck "
        "exactly at the forward would cost, the mean absolute move that the market charges for.",
        "Expected move = 2 F (2 N(ATM IV sqrt(T) / 2) - 1); others take 0.85 of it, roughly an even-odds band. One "
        "standard deviation = spot x ATM IV x sqrt(T). The day's move is one session's share of that variance, from "
        "the previous close, priced when the board first saw the day and fixed since; used = today's change over it.",
        (
            ("expected move to expiry, rupees", "metrics.expected_move", "price"),
            ("one sigma to expiry, rupees", "metrics.one_sigma_move", "price"),
            ("day's move, rupees", "metrics.day_move", "price"),
            ("day's move used, %", "metrics.expected_move_used_percent", "number"),
            ("day's move taken from expiry", "day_move.expiry", "text"),
        ),
    ),
    Figure(
        "ATM IV",
        ("metrics.atm_iv", "percent"),
        (("years_to_expiry", "time_left"),),
        "Volatility at which Black-76 gives today's price at the forward, in % a year. The index options settle on a "
        "closing value that is partly known before the cutoff, so in the last hour IV and Greeks read too low; in the "
        "last five minutes they are blank.",
        "Accepted out-of-the-money IVs of the two strikes around the forward, interpolated in variance; unknown when "
        "half a tick moves it by more than a vol point. T is the time to the broker's expiry instant, in calendar "
        "minutes of a 365-day year or in trading sessions of a 252-day one; theta and charm are per day or session.",
        (
            ("IVs solved", "coverage.atm_iv", "coverage"),
            ("time counted as", "day_count", "text"),
            ("theta and charm per", "time_unit", "text"),
            ("25-delta skew, call - put, points", "metrics.skew_25d", "number"),
            ("25-delta butterfly, points", "metrics.butterfly_25d", "number"),
            ("10-delta skew, call - put, points", "metrics.skew_10d", "number"),
            ("10-delta butterfly, points", "metrics.butterfly_10d", "number"),
        ),
    ),
    Figure(
        "PCR OI",
        ("metrics.pcr_oi", "ratio"),
        (("metrics.pcr_volume", "by_volume"), ("window.pcr_oi", "in_window")),
        "Open interest of all puts over that of all calls of this expiry; the strike window does not change it. With a "
        "window chosen, its own ratio stands beside it, labelled.",
        "Sum of put OI / sum of call OI, whole chain; the same of the volume. Delta-weighted: each OI x |delta|.",
        (
            ("strikes with both OIs", "coverage.pcr_oi", "coverage"),
            ("PCR by volume", "metrics.pcr_volume", "ratio"),
            ("PCR by delta-weighted OI", "metrics.pcr_delta_weighted", "ratio"),
            ("PCR by OI, all known expiries", "all_expiries.pcr_oi", "ratio"),
            ("PCR by delta-weighted OI, all known expiries", "all_expiries.pcr_delta_weighted", "ratio"),
            ("in the strike window, by OI", "window.pcr_oi", "ratio"),
            ("in the strike window, by volume", "window.pcr_volume", "ratio"),
        ),
    ),
    Figure(
        "Call / put OI",
        ("metrics.call_oi", "compact"),
        (("metrics.call_oi_change", "signed_compact"),),
        "Open interest of all calls and of all puts, in units, and what was added since the previous day's close.",
        "Sums over the whole chain, units = contracts x lot size.",
        (
            ("calls with OI", "coverage.call_oi", "coverage"),
            ("puts with OI", "coverage.put_oi", "coverage"),
            ("call volume", "metrics.call_volume", "compact"),
            ("put volume", "metrics.put_volume", "compact"),
        ),
        second=(("metrics.put_oi", "compact"), ("metrics.put_oi_change", "signed_compact")),
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
        "Net GEX, this expiry",
        ("metrics.net_gex_crore", "crore"),
        (("metrics.zero_gamma", "zero_gamma"),),
        "What dealers would have to trade for a 1 % move, in crore, if they are long the calls and short the puts. "
        "That is an assumption (CHAINBOARD_DEALER_LONG_CALLS), not a fact. This expiry only; the sum over the expiries "
        "that are known stands below.",
        "Sum of (call - put) gamma x OI in units x spot^2 x 1 %, over strikes with both legs known. Zero gamma: "
        "the level where that sum changes sign. DEX: the same with delta x spot.",
        (
            ("strikes with both legs known", "coverage.net_gex_crore", "coverage"),
            ("DEX", "metrics.net_dex_crore", "crore"),
            ("vanna, crore per vol point", "metrics.net_vanna_crore", "number"),
            ("charm, crore per day", "metrics.net_charm_crore", "number"),
            ("net GEX of all known expiries", "all_expiries.net_gex_crore", "crore"),
            ("DEX of all known expiries", "all_expiries.net_dex_crore", "crore"),
            ("expiries known", "all_expiries.expiries_known", "text"),
            ("of expiries listed", "all_expiries.expiries_listed", "text"),
            ("ATM call, rupee delta of one lot", "metrics.atm_call_rupee_delta", "compact"),
            ("ATM put, rupee delta of one lot", "metrics.atm_put_rupee_delta", "compact"),
            ("ATM, rupee gamma of one lot per 1 %", "metrics.atm_rupee_gamma", "compact"),
        ),
    ),
    Figure(
        "India VIX",
        ("vix", "number"),
        (("vix_change", "change"),),
        "The exchange's own 30-day volatility index of NIFTY options.",
        "As the broker sends it; nothing is computed.",
    ),
)


def build_header() -> html.Section:
    return html.Section(
        className="figures",
        children=[_figure(figure) for figure in FIGURES],
        **{"aria-label": "Header numbers", **static("figures")},
    )


def _figure(figure: Figure) -> html.Details:
    return html.Details(
        className="figure",
        children=[
            html.Summary(
                title=f"{figure.meaning} Click for the formula and its inputs.",
                children=[
                    html.Div(figure.label, className="figure-label"),
                    html.Div(_sides([figure.value], figure.second and figure.second[0]), className="figure-value"),
                    html.Div(_sides(figure.detail, figure.second and figure.second[1]), className="figure-detail"),
                ],
            ),
            html.Div(
                className="explanation",
                role="note",
                children=[
                    html.P(figure.meaning),
                    html.P(figure.formula, className="formula"),
                    *_reason(figure.value[0]),
                    *(html.Div([html.Span(name), _bound(path, style)]) for name, path, style in figure.inputs),
                ],
            ),
        ],
    )


def _reason(path: str) -> list[html.P]:
    """Why the figure is unknown; empty while it is known."""
    if not path.startswith("metrics."):
        return []
    return [html.P(_bound(path.replace("metrics.", "reasons.", 1), "reason"), className="reason")]


def _sides(bound: Sequence[Bound], put: Bound | None) -> list[html.Span]:
    """The elements with the texts; with a put side, both in the colours of their sides."""
    spans = [_bound(*pair) for pair in bound]
    if put is None:
        return spans
    return [html.Span(spans, className="call-side"), html.Span(_bound(*put), className="put-side")]


def _bound(path: str, style: str) -> html.Span:
    return html.Span("·", **{"data-bind": path, "data-format": style})
