"""The chain table: one declared column per leg field, mirrored around the strike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import dash_ag_grid as dag
from dash import html

from dashboard.layouts.ids import GridId
from dashboard.market.instruments import Side

PRESETS = ("OI", "Price", "Greeks", "Straddle", "All")


@dataclass(frozen=True, slots=True)
class Column:
    """A leg column. field: its name in the frame. style: a format of assets/lib/format.mjs.

    width: px, until the first frame gives the widths of its numbers (assets/board/widths.mjs).
    """

    field: str
    header: str
    width: int
    style: str
    presets: frozenset[str]
    meaning: str
    bar: bool = False

    @property
    def name(self) -> str:
        """Name of the column in the columns menu."""
        return self.header or "Build-up"


def _column(field: str, header: str, width: int, style: str, presets: str, meaning: str, **more: Any) -> Column:
    return Column(field, header, width, style, frozenset({*presets.split(), "All"}), meaning, **more)


# Order: from the outside towards the strike, on both sides.
COLUMNS = (
    _column(
        "build_up",
        "",
        34,
        "build_up",
        "OI",
        "LB long build-up, SB short build-up, SC short covering, LU long unwinding",
    ),
    _column("itm_probability", "ITM %", 54, "percent", "Greeks", "Chance to end in the money (risk-neutral), %"),
    _column("break_even", "Break-even", 80, "price", "Straddle", "Underlying at which the buyer breaks even, rupees"),
    _column("time_value", "Time val", 68, "price", "Straddle", "Premium above intrinsic value, rupees"),
    _column("intrinsic", "Intrinsic", 72, "price", "Straddle", "Value if it settled at the forward now, rupees"),
    _column("vega", "Vega", 56, "price", "Greeks", "Rupees per 1 vol point"),
    _column("theta", "Theta", 60, "price", "Greeks", "Rupees per calendar day"),
    _column("gamma", "Gamma", 70, "gamma", "Greeks", "Change of delta per index point"),
    _column("delta", "Delta", 56, "delta", "Greeks", "Rupees per index point"),
    _column("oi_change_percent", "OI chg %", 80, "signed_percent", "", "OI against the previous day's close, %"),
    _column("oi_change", "OI chg", 68, "signed_compact", "OI", "OI against the previous day's close, in units or lots"),
    _column("oi", "OI", 70, "compact", "OI Price", "Open interest, in units or lots", bar=True),
    _column("volume", "Volume", 62, "compact", "OI Price", "Traded today, in units or lots", bar=True),
    _column("iv", "IV %", 44, "percent", "OI Greeks Straddle", "Implied volatility, annualised, %"),
    _column("bid_qty", "Bid qty", 62, "compact", "", "Quantity wanted at the best bid, in units or lots"),
    _column("bid", "Bid", 64, "price", "Price", "Best bid, rupees"),
    _column("ask", "Ask", 64, "price", "Price", "Best ask, rupees"),
    _column("ask_qty", "Ask qty", 62, "compact", "", "Quantity offered at the best ask, in units or lots"),
    _column("spread", "Spread", 56, "spread", "Price", "Ask - bid, rupees; amber from 4 ticks, red from 10"),
    _column("ltp_change_percent", "Chg %", 84, "signed_percent", "", "LTP against the previous close, %"),
    _column("ltp_change", "Chg", 74, "signed", "OI Price", "LTP against the previous close, rupees"),
    _column("ltp", "LTP", 78, "price", "OI Price Greeks Straddle", "Last traded price, rupees"),
)
# Beside the strike: numbers of the row, not of one side.
CENTRE = (
    _column("straddle", "Straddle", 76, "price", "Straddle", "Call + put at this strike, rupees"),
    _column("strike_pcr", "PCR", 56, "ratio", "Straddle", "Put OI / call OI at this strike"),
)  # fmt: skip

# Decimals with which assets/lib/format.mjs writes a number of the frame in these styles; of others a page gets all.
STYLE_DIGITS = {
    "price": 2,
    "spread": 2,
    "ratio": 2,
    "delta": 2,
    "signed": 2,
    "signed_percent": 1,
    "percent": 3,  # a fraction here, a percentage on screen
}

CELL_STYLES = {
    "signed": "chainDirection(params.value)",
    "signed_compact": "chainDirection(params.value)",
    "signed_percent": "chainDirection(params.value)",
    "build_up": "chainBuildUp(params.value)",
    "spread": "chainSpread(params.value)",
}

# AG Grid takes CSS variables as parameters, so both themes live in the stylesheet alone.
THEME = """themeQuartz.withParams({
    backgroundColor: 'var(--ground)', foregroundColor: 'var(--ink)', borderColor: 'var(--hairline)',
    chromeBackgroundColor: 'var(--ground)', headerBackgroundColor: 'var(--ground)',
    headerTextColor: 'var(--muted)', rowHoverColor: 'var(--hover)', accentColor: 'var(--accent)',
    fontFamily: 'inherit', fontSize: '1rem', headerFontSize: '0.846rem', headerFontWeight: 500,
    cellHorizontalPadding: '0.42rem', rowHeight: '2.15rem', headerHeight: '2rem',
    wrapperBorder: false, wrapperBorderRadius: 0, spacing: 4,
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
                    "resizable": True,
                    "minWidth": 8,  # the grid ignores all widths when one of them is below its minimum
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
                    "suppressDragLeaveHidesColumns": True,
                    "tooltipShowDelay": 400,
                    "tooltipHideDelay": 60_000,
                    "getRowClass": {"function": "chainRowClass(params)"},
                    "isExternalFilterPresent": {"function": "strikesLimited()"},
                    "doesExternalFilterPass": {"function": "strikeInside(params)"},
                },
                style={"height": "100%"},
            ),
            html.Div(id=GridId.MESSAGE, className="chain-message", role="status"),
            # sight.mjs shows it, with a direction, while the at-the-money row is out of sight.
            html.Button("", id=GridId.BACK, className="back-to-atm", title="Back to the ATM strike ( a )", hidden=True),
        ],
    )


def column_definitions() -> list[dict[str, Any]]:
    """Calls, strike, puts; `col-id` is `call_ltp`, `strike`, `put_oi` (a fixed contract).

    Three groups, for the headings CALLS and PUTS; no column leaves its side (assets/lib/columns.mjs).
    """
    straddle, pcr = (_centre_definition(column) for column in CENTRE)
    calls = [_definition(column, Side.CALL) for column in COLUMNS]
    puts = [_definition(column, Side.PUT) for column in reversed(COLUMNS)]
    return [
        _group("calls", "CALLS", calls),
        _group("centre", "STRIKE", [straddle, _strike_definition(), pcr]),
        _group("puts", "PUTS", puts),
    ]


def _group(name: str, heading: str, children: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "groupId": name,
        "headerName": heading,
        "marryChildren": True,
        "headerClass": f"side-heading {name}",
        "children": children,
    }


def _strike_definition() -> dict[str, Any]:
    return {
        "field": "strike",
        "colId": "strike",
        "headerName": "Strike",
        "width": 66,
        "suppressMovable": True,
        "cellClass": "strike",
        "headerClass": "strike",
        "context": "strike_plain",
        "valueFormatter": {"function": "chainText('strike_plain', params.value)"},
    }


def column_choices() -> dict[str, Any]:
    """The choices for assets/lib/columns.mjs. Fields of a leg go from the outside towards the strike, as COLUMNS."""
    legs = [column.field for column in COLUMNS]
    straddle, pcr = (column.field for column in CENTRE)
    return {
        "presets": {
            preset: [column.field for column in (*COLUMNS, *CENTRE) if preset in column.presets] for preset in PRESETS
        },
        "columns": [*legs, straddle, pcr],
        "legs": legs,
        "middle": [straddle, "strike", pcr],
    }


def _centre_definition(column: Column) -> dict[str, Any]:
    return {
        "field": column.field,
        "colId": column.field,
        "headerName": column.header,
        "headerTooltip": column.meaning,
        "width": column.width,
        "hide": PRESETS[0] not in column.presets,
        "suppressMovable": True,
        "cellClass": "centre",
        "headerClass": "centre",
        "context": column.style,
        "valueFormatter": {"function": f"chainText('{column.style}', params.value)"},
        "tooltipValueGetter": {"function": f"chainHint(params, '', '{column.field}')"},
    }


def _definition(column: Column, side: Side) -> dict[str, Any]:
    field = f"{side}_{column.field}"
    definition: dict[str, Any] = {
        "field": field,
        "colId": field,
        "headerName": f"{side.upper()} OI" if column.field == "oi" else column.name,
        "headerTooltip": f"{side.title()}: {column.meaning}",
        "width": column.width,
        "hide": PRESETS[0] not in column.presets,
        "cellClass": f"{side} {column.field}",
        "headerClass": f"{side} {column.field}",
        "context": column.style,  # the style in which widths.mjs measures a value
        "valueFormatter": {"function": f"chainText('{column.style}', params.value)"},
        "tooltipValueGetter": {"function": f"chainHint(params, '{side}', '{column.field}')"},
    }
    if column.bar:
        definition["cellStyle"] = {"function": f"chainBar('{side}', '{column.field}', params.value)"}
    elif column.style in CELL_STYLES:
        definition["cellStyle"] = {"function": CELL_STYLES[column.style]}
    return definition
