"""The panel of the key `?`, with keys and abbreviations; and the dialog with the table where the clipboard is refused.

Both are native dialogs: the browser keeps the focus inside, closes them on Escape and restores the focus.
"""

from __future__ import annotations

from dash import html

from dashboard.layouts.ids import HelpId
from dashboard.layouts.static import static

KEYS = (
    ("/", "search an underlying"),
    ("[  ]", "expiry before, expiry after"),
    ("a", "back to the ATM strike"),
    ("c", "copy the table for a spreadsheet"),
    ("u", "OI and volume in units or in lots"),
    ("arrows", "move through the cells of the chain"),
    ("Esc", "close a menu, an explanation or this panel"),
    ("?", "this panel"),
)
ABBREVIATIONS = (
    ("OI", "open interest: contracts outstanding, in units (contracts x lot size) or in lots"),
    ("LTP", "last traded price, rupees"),
    ("LB", "long build-up: price up, OI up"),
    ("SB", "short build-up: price down, OI up"),
    ("SC", "short covering: price up, OI down"),
    ("LU", "long unwinding: price down, OI down"),
    ("PCR", "put/call ratio: puts divided by calls, by OI or by volume"),
    ("ATM, ITM, OTM", "at, in, out of the money; ATM is the strike nearest the forward"),
    ("IV", "implied volatility, annualised, %"),
    ("ITM %", "chance to end in the money (risk-neutral)"),
    (
        "GEX",
        "gamma exposure: what dealers would have to trade for a 1 % move, in crore, if they are long calls, short puts",
    ),
    ("Zero γ", "the level of the underlying at which GEX changes its sign"),
    ("Max pain", "the settlement at which option holders would be paid least"),
    ("Call wall, put wall", "the strikes with the most call OI and the most put OI; outlined in the table"),
    ("k, L, cr", "thousand, lakh (100 thousand), crore (100 lakh)"),
    ("·", "not known; the reason is shown on hover"),
)


def build_help_panel() -> html.Dialog:
    return html.Dialog(
        id=HelpId.PANEL,
        className="panel-dialog",
        children=[
            _head("Keys and abbreviations", f"{HelpId.PANEL}-title"),
            html.Div(
                className="panel-columns",
                children=[
                    html.Section([html.H3("Keys"), _terms(KEYS, html.Kbd), _keys_switch()]),
                    html.Section([html.H3("Abbreviations"), _terms(ABBREVIATIONS, html.Span)]),
                ],
            ),
        ],
        **{"aria-labelledby": f"{HelpId.PANEL}-title", **static("help")},
    )


def build_copy_panel() -> html.Dialog:
    return html.Dialog(
        id=HelpId.COPY,
        className="panel-dialog",
        children=[
            _head("Copy by hand", f"{HelpId.COPY}-title"),
            html.P("This browser refuses the clipboard. The table is selected here: copy it with Ctrl+C or Cmd+C."),
            html.Textarea(readOnly=True, rows=12, **{"aria-label": "The table as text"}),
        ],
        **{"aria-labelledby": f"{HelpId.COPY}-title", **static("copy")},
    )


def _head(title: str, title_id: str) -> html.Header:
    close = html.Button("×", className="quiet", title="Close ( Esc )", **{"data-close": "yes", "aria-label": "Close"})
    return html.Header([html.H2(title, id=title_id), close])


def _terms(terms: tuple[tuple[str, str], ...], kind: type[html.Kbd] | type[html.Span]) -> html.Dl:
    return html.Dl([part for term, meaning in terms for part in (html.Dt(kind(term)), html.Dd(meaning))])


def _keys_switch() -> html.Button:
    """Single keys can be disabled, for users of speech input (WCAG 2.1.4)."""
    return html.Button(
        "Single keys are on", id=HelpId.KEYS, className="quiet", role="switch", **{"aria-checked": "true"}
    )
