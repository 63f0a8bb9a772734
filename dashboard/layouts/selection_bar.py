"""Top bar, left half: index, or exchange and stock, and the expiry buttons that belong to it."""

from __future__ import annotations

from datetime import date

from dash import dcc, html

from dashboard.layouts.ids import SelectionId
from dashboard.market.instruments import Expiry, Underlying
from dashboard.market.session import ist_date

EXCHANGES = ("NSE", "BSE")
NO_STOCK = "Stock…  ( / )"  # the key that opens it


def build_selection_bar() -> html.Div:
    return html.Div(
        className="selection-bar",
        children=[
            _name_of(SelectionId.UNDERLYING, "Index"),
            dcc.Dropdown(
                id=SelectionId.UNDERLYING,
                options=[],
                clearable=False,
                searchable=True,
                placeholder="Index",
                className="pick pick-index",
                maxHeight=360,
            ),
            _name_of(SelectionId.EXCHANGE, "Exchange of the stocks"),
            dcc.Dropdown(
                id=SelectionId.EXCHANGE,
                options=list(EXCHANGES),
                value=EXCHANGES[0],
                clearable=False,
                searchable=False,
                className="pick pick-exchange",
            ),
            _name_of(SelectionId.STOCK, "Stock"),
            dcc.Dropdown(
                id=SelectionId.STOCK,
                options=[],
                placeholder=NO_STOCK,
                className="pick pick-stock",
                maxHeight=360,
            ),
            html.Div(id=SelectionId.EXPIRIES, className="expiries", role="group", **{"aria-label": "Expiries"}),
        ],
    )


def _name_of(dropdown: SelectionId, name: str) -> html.Label:
    """A dropdown's name for screen readers; names.mjs puts it before the value, because Dash gives only the value."""
    return html.Label(name, id=f"{dropdown}-name", htmlFor=dropdown, className="visually-hidden")


def build_expiry_buttons(underlying: Underlying, chosen: date, market_ts: float) -> list[html.Button]:
    """One button per listed expiry: `01 Dec 9d`, an M for monthlies; the year only when it is not this one."""
    today = ist_date(market_ts)
    return [
        html.Button(
            [
                f"{expiry.date:%d %b}" if expiry.date.year == today.year else f"{expiry.date:%d %b %y}",
                html.Small(_remark(expiry, market_ts)),
            ],
            className="expiry chosen" if expiry.date == chosen else "expiry",
            title=f"{underlying.name} {expiry.date:%A %d %B %Y}",
            **{
                "data-expiry": expiry.date.isoformat(),
                "data-cutoff": expiry.cutoff_ts,  # expiries.mjs says "expired" when the market's clock passes it
                "data-underlying": underlying.name,  # a click counts only for the underlying its button belongs to
                "aria-pressed": str(expiry.date == chosen).lower(),
            },
        )
        for expiry in underlying.expiries
    ]


def _remark(expiry: Expiry, market_ts: float) -> str:
    if expiry.cutoff_ts <= market_ts:
        return "expired"
    days = (expiry.date - ist_date(market_ts)).days
    monthly = "M" if expiry.kind == "M" else ""
    return " ".join(part for part in (f"{days}d" if days < 15 else "", monthly) if part)
