"""The line above the chain: what it is, and which columns, strikes and charts are on screen."""

from __future__ import annotations

from dash import html

from dashboard.layouts.chain_grid import CENTRE, COLUMNS, PRESETS
from dashboard.layouts.charts import CHARTS
from dashboard.layouts.ids import GridId, HelpId, SelectionId

WINDOWS = (5, 10, 15, 20, 30, 50)  # strikes each side of the ATM


def build_toolbar() -> html.Div:
    return html.Div(
        className="toolbar",
        children=[
            html.H1("", id=SelectionId.LABEL, className="selection-label"),
            html.Span("", id=SelectionId.LOT, className="selection-lot"),
            html.Div(
                className="presets",
                role="group",
                children=[html.Button(preset, className="quiet", **{"data-preset": preset}) for preset in PRESETS],
                **{"aria-label": "Column presets"},
            ),
            _strike_window(),
            _menu(
                "columns",
                [
                    *(_choice("column", column.field, column.name) for column in reversed(COLUMNS)),
                    *(_choice("column", column.field, column.name) for column in CENTRE),
                    _choice("oi-unit", "lots", "OI and volume in lots"),
                    html.Button("Reset columns", role="menuitem", **{"data-columns-reset": "yes"}),
                ],
            ),
            _menu("charts", [_choice("chart", chart.key, chart.title) for chart in CHARTS]),
            _menu(
                "export",
                [
                    html.Button("Copy as a table", title="For a spreadsheet ( c )", **{"data-export": "copy"}),
                    html.Button("CSV, as on screen", **{"data-export": "csv"}),
                    html.Button("JSON, as on screen", **{"data-export": "json"}),
                    html.Button("CSV, whole chain", **{"data-export": "whole-csv"}),
                    html.Button("JSON, whole chain", **{"data-export": "whole-json"}),
                ],
            ),
            html.Button(
                "?", id=HelpId.OPEN, className="quiet", title="Keys and abbreviations ( ? )", **{"aria-label": "Help"}
            ),
        ],
    )


def _strike_window() -> html.Select:
    options = [html.Option("all strikes", value="0")]
    options += [html.Option(f"± {count} strikes", value=str(count)) for count in WINDOWS]
    return html.Select(options, id=GridId.STRIKES, className="quiet", title="Strikes shown each side of the ATM")


def _menu(title: str, entries: list[html.Button]) -> html.Details:
    return html.Details([html.Summary(title, className="quiet"), html.Div(entries, role="menu")], className="menu")


def _choice(kind: str, key: str, name: str, **more: str) -> html.Button:
    """A menu entry with a tick; columns.js keeps `aria-checked` and does what it says."""
    return html.Button(name, role="menuitemcheckbox", **{f"data-{kind}": key, "aria-checked": "false", **more})
