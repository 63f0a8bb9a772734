"""The line above the chain: the series, and the choice of columns, strikes and charts."""

from __future__ import annotations

from dash import html

from dashboard.layouts.chain_grid import CENTRE, COLUMNS, PRESETS
from dashboard.layouts.charts import CHARTS
from dashboard.layouts.ids import GridId, HelpId, SelectionId
from dashboard.layouts.static import static

WINDOWS = (5, 10, 15, 20, 30, 50)  # strikes each side of the ATM, of `analytics.metrics.WINDOWS`


def build_toolbar() -> html.Div:
    return html.Div(
        className="toolbar",
        children=[
            html.H1("", id=SelectionId.LABEL, className="selection-label"),
            html.Span("", id=SelectionId.LOT, className="selection-lot"),
            html.Div(
                className="presets",
                role="group",
                children=[
                    html.Button(preset, className="quiet", **{"data-preset": preset, "aria-pressed": "false"})
                    for preset in PRESETS
                ],
                **{"aria-label": "Column presets", **static("presets")},
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
                    _export("Copy as a table", "copy", title="For a spreadsheet ( c )"),
                    _export("CSV, as on screen", "csv"),
                    _export("JSON, as on screen", "json"),
                    _export("CSV, whole chain", "whole-csv"),
                    _export("JSON, whole chain", "whole-json"),
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
    return html.Select(
        options,
        id=GridId.STRIKES,
        className="quiet",
        title="Strikes shown each side of the ATM",
        **{"aria-label": "Strikes each side of the ATM", **static("strikes")},
    )


def _menu(title: str, entries: list[html.Button]) -> html.Details:
    """A menu; menus.mjs moves the focus in it with the arrow keys."""
    choices = html.Div(entries, role="menu", **{"aria-label": title})
    return html.Details([html.Summary(title, className="quiet"), choices], className="menu", **static(f"menu-{title}"))


def _choice(kind: str, key: str, name: str, **more: str) -> html.Button:
    """A menu entry with a check mark; choices.mjs sets `aria-checked` and applies the choice."""
    return html.Button(name, role="menuitemcheckbox", **{f"data-{kind}": key, "aria-checked": "false", **more})


def _export(name: str, what: str, **more: str) -> html.Button:
    return html.Button(name, role="menuitem", **{"data-export": what, **more})
