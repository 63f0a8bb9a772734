"""The header shows what a frame holds, and says why where it holds nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dashboard.analytics.all_expiries import all_expiries
from dashboard.analytics.day_move import day_move
from dashboard.analytics.enrich import enrich
from dashboard.data.contract.codec import encode_frame
from dashboard.layouts.header import FIGURES, build_header
from harness.builders import RATE, make_chain, make_published


def bound(component: Any) -> list[str]:
    """Every frame path in a component's text."""
    found = [component.to_plotly_json()["props"]["data-bind"]] if hasattr(component, "data-bind") else []
    children = getattr(component, "children", None) or []
    for child in children if isinstance(children, list) else [children]:
        found += bound(child) if hasattr(child, "to_plotly_json") else []
    return found


@pytest.fixture(scope="module")
def frame() -> dict[str, Any]:
    chain = make_chain(n=41)
    enriched = enrich(chain, rate=RATE, now_ts=chain.market_ts)
    published = make_published(enriched, day_move=day_move(enriched, 6.0))
    raw = encode_frame(published, totals=all_expiries([enriched], 3))
    told: dict[str, Any] = json.loads(raw)
    return told


def test_every_path_of_the_header_is_in_the_frame(frame):
    paths = bound(build_header())
    assert len(paths) > 60
    for path in paths:
        first, *rest = path.split(".")
        if first == "window":
            assert rest[0] in frame["window_metrics"]["5"]
        elif first == "reasons":
            assert rest[0] in frame["metrics"]
        else:
            value = frame[first]
            for key in rest:
                assert key in value, path
                value = value[key]


def test_a_figure_of_the_chain_has_a_place_for_its_reason():
    reasons = {path for path in bound(build_header()) if path.startswith("reasons.")}
    metrics = {figure.value[0] for figure in FIGURES if figure.value[0].startswith("metrics.")}
    assert reasons == {name.replace("metrics.", "reasons.") for name in metrics}


def test_gex_is_said_to_be_of_this_expiry_beside_the_sum_over_all():
    (gex,) = (figure for figure in FIGURES if figure.value[0] == "metrics.net_gex_crore")
    assert "this expiry" in gex.label
    assert {"all_expiries.net_gex_crore", "all_expiries.expiries_known"} <= {path for _, path, _ in gex.inputs}
