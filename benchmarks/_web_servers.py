"""Servers that `benchmarks/web.py` compares: `python -m benchmarks._web_servers VARIANT CACHE_URL`. Prints its port.

All but the floor read the same cache and run under the server and the settings of production.
"""

from __future__ import annotations

import gzip
import sys
from typing import Any

import dash_ag_grid as dag
import orjson
import plotly.graph_objects as go
from dash import Dash, Input, Output, dcc, html
from flask import Flask, Response
from flask_compress import Compress

from dashboard.data.cache.glance import GlancingStore
from dashboard.data.cache.store import open_store
from dashboard.data.reader.live import LiveChains
from dashboard.routes.chain_document import with_rows
from dashboard.settings import Settings
from dashboard.web.__main__ import board
from dashboard.web.gunicorn_server import serve_with_gunicorn
from dashboard.web.listener import open_listener
from harness.builders import NIFTY_WEEKLY


def ours(settings: Settings) -> Any:
    """The product as it is served."""
    return board(settings)


def bare(settings: Settings) -> Any:
    """The floor: a route that returns our frame's text, remembered per version and compressed as hard as ours."""
    chains, server = LiveChains(GlancingStore(open_store(settings.cache_url))), Flask(__name__)
    server.config.update({name: value for name, value in board(settings).config.items() if name.endswith("_LEVEL")})
    Compress(server)

    @server.get("/frame")
    def frame() -> Response:
        latest = chains.frame(NIFTY_WEEKLY)
        assert latest is not None
        return Response(latest.text, content_type="application/json")

    return server


def packed(settings: Settings) -> Any:
    """The least a Python server can do: the same bytes, compressed beforehand, whoever asks."""
    latest, server = LiveChains(open_store(settings.cache_url)).frame(NIFTY_WEEKLY), Flask(__name__)
    assert latest is not None
    body = gzip.compress(latest.text.encode(), 6)

    @server.get("/frame")
    def frame() -> Response:
        return Response(body, headers={"Content-Type": "application/json", "Content-Encoding": "gzip"})

    return server


def naive(settings: Settings) -> Any:
    """The usual way: figures and rows built for each viewer and tick. Reading and decoding is as cheap as in ours."""
    chains = LiveChains(open_store(settings.cache_url))
    decoded: dict[int, dict[str, Any]] = {}
    app = Dash("naive", compress=True, assets_folder="none")
    app.layout = html.Div(
        [
            dcc.Interval(id="tick"),
            dag.AgGrid(id="grid", columnDefs=[{"field": name} for name in COLUMNS], style={"height": "90vh"}),
            *(dcc.Graph(id=f"figure-{number}") for number in range(3)),
        ]
    )

    def refresh(_tick: int | None) -> tuple[Any, ...]:
        latest = chains.frame(NIFTY_WEEKLY)
        assert latest is not None
        if latest.version not in decoded:
            decoded.clear()
            decoded[latest.version] = with_rows(orjson.loads(latest.text))
        document = decoded[latest.version]
        rows = [
            {"strike": row["strike"]}
            | {f"{side}_{name}": row[side][name] for side in ("call", "put") for name in row[side]}
            for row in document["rows"]
        ]
        lines = {name: document[name] for name in ("spot", "atm_strike") if document[name] is not None}
        return rows, *(_figure(rows, kind, field, lines) for kind, field in FIGURES)

    outputs = [Output("grid", "rowData"), *(Output(f"figure-{number}", "figure") for number in range(3))]
    app.callback(outputs, Input("tick", "n_intervals"))(refresh)
    return app.server


FIELDS = ("oi", "oi_change", "volume", "iv", "ltp_change", "ltp")
COLUMNS = [*(f"call_{name}" for name in FIELDS), "strike", *(f"put_{name}" for name in FIELDS)]
FIGURES = (("bar", "oi"), ("line", "ltp"), ("bar", "oi_change"))


def _figure(rows: list[dict[str, Any]], kind: str, field: str, lines: dict[str, float]) -> go.Figure:
    strikes, trace = [row["strike"] for row in rows], go.Bar if kind == "bar" else go.Scatter
    figure = go.Figure(
        [trace(x=strikes, y=[row[f"{side}_{field}"] for row in rows], name=side) for side in ("call", "put")]
    )
    figure.update_layout(title=field, xaxis_title="strike", margin={"l": 40, "r": 10})
    for name, strike in lines.items():
        figure.add_vline(strike, annotation_text=name)
    return figure


def published(settings: Settings) -> Any:
    """The way before views: every page gets the published frame, with all its columns. Without the guards of ours."""
    chains = LiveChains(GlancingStore(open_store(settings.cache_url)))
    app = Dash("published", compress=True, assets_folder="none")
    app.layout = html.Div([dcc.Interval(id="tick"), dcc.Store(id="frame")])

    def refresh(_tick: int | None) -> str:
        latest = chains.frame(NIFTY_WEEKLY)
        assert latest is not None
        return latest.text

    app.callback(Output("frame", "data"), Input("tick", "n_intervals"))(refresh)
    app.server.config.update({name: value for name, value in board(settings).config.items() if name.endswith("_LEVEL")})
    return app.server


def empty(settings: Settings) -> Any:
    """What Dash alone costs a browser: an interval, a callback that answers at once, a clientside one that does
    nothing."""
    app = Dash("empty", compress=True, assets_folder="none")
    app.layout = html.Div([dcc.Interval(id="tick"), dcc.Store(id="frame"), dcc.Store(id="seen")])
    app.callback(Output("frame", "data"), Input("tick", "n_intervals"))(lambda count: str(count))
    app.clientside_callback("text => text", Output("seen", "data"), Input("frame", "data"))
    return app.server


VARIANTS = {"naive": naive, "ours": ours, "published": published, "bare": bare, "packed": packed, "empty": empty}


def main() -> None:
    variant, cache_url = sys.argv[1:]
    settings = Settings.from_environment({}, cache_url=cache_url, demo=True)
    listener = open_listener("127.0.0.1", 0)
    print(listener.getsockname()[1], flush=True)
    serve_with_gunicorn(lambda: VARIANTS[variant](settings), listener, workers=1)


if __name__ == "__main__":
    main()
