"""The wall's own chain table, without controls, with as many strikes around the money as fit.

Python declares the columns; `assets/wall/table.mjs` makes as many rows as fit and writes their texts.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from dash import html

from dashboard.market.instruments import Side


@dataclass(frozen=True, slots=True)
class WallColumn:
    """field: a leg column of the frame. style: a format. wide: omitted on a portrait screen."""

    field: str
    header: str
    style: str
    wide: bool = False


# From the outside towards the strike.
COLUMNS = (
    WallColumn("oi_change", "OI chg", "signed_compact", wide=True),
    WallColumn("oi", "OI", "compact"),
    WallColumn("volume", "Volume", "compact", wide=True),
    WallColumn("iv", "IV %", "percent", wide=True),
    WallColumn("ltp_change", "Chg", "signed", wide=True),
    WallColumn("ltp", "LTP", "price"),
)


def build_table() -> html.Div:
    heads = [
        *(_head(column, Side.CALL) for column in COLUMNS),
        html.Span("Strike", className="cell strike"),
        *(_head(column, Side.PUT) for column in reversed(COLUMNS)),
    ]
    return html.Div(
        className="wall-table",
        children=[
            html.Div(heads, className="wall-row wall-heads"),
            html.Div(className="wall-rows", **{"data-columns": json.dumps([asdict(column) for column in COLUMNS])}),
        ],
    )


def _head(column: WallColumn, side: Side) -> html.Span:
    name = f"{side.upper()} OI" if column.field == "oi" else column.header
    return html.Span(name, className=f"cell {side} {column.field}{' wide' if column.wide else ''}")
