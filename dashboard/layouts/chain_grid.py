"""The chain table: one declared column per leg field, mirrored around the strike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import dash_ag_grid as dag
from dash import html

from dashboard.layouts.ids import GridId
from dashboard.market.instruments import Side

PRESETS = ("OI", "Price", "Greeks", "All")


@dataclass(frozen=True, slots=True)
class Column:
    """A leg column. field: its name in the frame. style: a formatter of assets/grid.js. width: px."""

    field: str
    header: str
    width: int
    style: str
    presets: frozenset[str]
    meaning: str
    bar: bool = False


def _column(field: str, header: str, width: int, style: str, presets: str, meaning: str, **more: Any) -> Column:
    return Column(field, header, width, style, frozenset({*presets.split(), "All"}), meaning, **more)


# Order: from the outside towards the strike, on both sides.
COLUMNS = (
    _column("build_up", "", 40, "build_up", "OI",
            "LB long build-up, SB short build-up, SC short covering, LU long unwinding"),
    _column("itm_probability", "ITM %", 54, "percent", "Greeks", "Chance to end in the money (risk-neutral), %"),
    _column("break_even", "B/E", 76, "price", "", "Break-even at expiry, rupees"),
    _column("time_value", "Time val", 66, "price", "", "Premium above intrinsic value, rupees"),
    _column("intrinsic", "Intrinsic", 72, "price", "", "Value if it settled at the forward now, rupees"),
    _column("vega", "Vega", 56, "price", "Greeks", "Rupees per 1 vol point"),
    _column("theta", "Theta", 60, "price", "Greeks", "Rupees per calendar day"),
    _column("gamma", "Gamma", 70, "gamma", "Greeks", "Change of delta per index point"),
    _column("delta", "Delta", 56, "delta", "Greeks", "Rupees per index point"),
    _column("oi_change", "OI chg", 72, "signed_compact", "OI", "OI against the previous day's close, units"),
    _column("oi", "OI", 82, "compact", "OI Price", "Open interest, units", bar=True),
    _column("volume", "Volume", 70, "compact", "OI Price", "Traded today, units", bar=True),
    _column("iv", "IV %", 48, "percent", "OI Greeks", "Implied volatility from the mid (else LTP), annualised, %"),
    _column("bid_qty", "Bid qty", 62, "compact", "", "Units wanted at the best bid"),
    _column("bid", "Bid", 64, "price", "Price", "Best bid, rupees"),
    _column("ask", "Ask", 64, "price", "Price", "Best ask, rupees"),
    _column("ask_qty", "Ask qty", 62, "compact", "", "Units offered at the best ask"),
    _column("spread", "Spread", 56, "price", "Price", "Ask - bid, rupees"),
    _column("ltp_change", "Chg", 68, "signed", "OI Price", "LTP against the previous close, rupees"),
    _column("ltp", "LTP", 70, "price", "OI Price Greeks", "Last traded price, rupees"),
)  # fmt: skip

# AG Grid takes CSS variables as parameters, so both themes live in the stylesheet alone.
THEME = """themeQuartz.withParams({
    backgroundColor: 'var(--ground)', foregroundColor: 'var(--ink)', borderColor: 'var(--hairline)',
    chromeBackgroundColor: 'var(--ground)', headerBackgroundColor: 'var(--ground)',
    headerTextColor: 'var(--muted)', rowHoverColor: 'var(--hover)', accentColor: 'var(--accent)',
    fontFamily: 'inherit', fontSize: '1rem', headerFontSize: '0.846rem', headerFontWeight: 500,
    cellHorizontalPadding: '0.54rem', rowHeight: '2.15rem', headerHeight: '2rem', wrapperBorder: false, wrapperBorderRadius: 0, spacing: 4,
    rowBorder: {color: 'var(--hairline)'}, columnBorder: false, headerRowBorder: {color: 'var(--hairline)'}
})"""


def build_grid() -> html.Div:
    return html.Div(
        className="chain",
        children=[
            dag.AgGrid(
                id=GridId.GRID,
                className="chain-grid",
                columnDefs=column_definitions(),
                defaultColDef={
                    "sortable": False,
                    "resizable": False,
                    "suppressMovable": True,
                    "suppressHeaderMenuButton": True,
                    "suppressHeaderContextMenu": True,
                },
                getRowId="params.data.id",
                dashGridOptions={
                    "theme": {"function": THEME},
                    "suppressCellFocus": False,
                    "suppressRowHoverHighlight": False,
                    "suppressColumnVirtualisation": True,
                    "suppressNoRowsOverlay": True,
                    "loading": False,
                    "animateRows": False,
                    "enableCellTextSelection": True,
                    "getRowClass": {"function": "chainRowClass(params)"},
                },
                style={"height": "100%"},
            ),
            html.Div(id=GridId.MESSAGE, className="chain-message", role="status"),
        ],
    )


def build_presets() -> html.Div:
    return html.Div(
        id=GridId.PRESETS,
        className="presets",
        role="group",
        children=[
            html.Button(preset, className="quiet", n_clicks=0, **{"data-preset": preset}) for preset in PRESETS
        ],
        **{"aria-label": "Column presets"},
    )


def column_definitions() -> list[dict[str, Any]]:
    """Calls, strike, puts; `col-id` is `call_ltp`, `strike`, `put_oi` (fixed for outside checks)."""
    strike = {
        "field": "strike",
        "colId": "strike",
        "headerName": "Strike",
        "width": 72,
        "cellClass": "strike",
        "headerClass": "strike",
        "valueFormatter": {"function": "chainText('strike_plain', params.value)"},
    }
    calls = [_definition(column, Side.CALL) for column in COLUMNS]
    puts = [_definition(column, Side.PUT) for column in reversed(COLUMNS)]
    return [*calls, strike, *puts]


def preset_columns() -> dict[str, list[str]]:
    """Preset -> column ids it shows (the strike is always there)."""
    return {
        preset: [f"{side}_{column.field}" for side in Side for column in COLUMNS if preset in column.presets]
        for preset in PRESETS
    }


def _definition(column: Column, side: Side) -> dict[str, Any]:
    field = f"{side}_{column.field}"
    definition: dict[str, Any] = {
        "field": field,
        "colId": field,
        "headerName": f"{side.upper()} OI" if column.field == "oi" else column.header,
        "headerTooltip": f"{side.title()}: {column.meaning}",
        "width": column.width,
        "hide": PRESETS[0] not in column.presets,
        "cellClass": f"{side} {column.field}",
        "headerClass": f"{side} {column.field}",
        "valueFormatter": {"function": f"chainText('{column.style}', params.value)"},
    }
    if column.bar:
        definition["cellStyle"] = {"function": f"chainBar('{side}', '{column.field}', params.value)"}
    elif column.style in ("signed", "signed_compact"):
        definition["cellStyle"] = {"function": "chainDirection(params.value)"}
    elif column.style == "build_up":
        definition["cellStyle"] = {"function": "chainBuildUp(params.value)"}
    return definition
