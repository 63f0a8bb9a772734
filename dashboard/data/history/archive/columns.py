"""The tables of the archive, column by column. docs/how-to/archive.md explains them; a test compares the two."""

from __future__ import annotations

from typing import Literal, NamedTuple

from dashboard.analytics.metrics import UNITS

Kind = Literal["number", "time", "text", "flag"]  # float64, microseconds UTC, dictionary of strings, bool

AT = "the record's time, our clock"


class Column(NamedTuple):
    """Unknown is null in every column. meaning: with the unit."""

    name: str
    kind: Kind
    meaning: str


LEGS = (
    Column("at_ts", "time", AT),
    Column("strike", "number", "rupees"),
    Column("side", "text", "`call` or `put`"),
    Column("symbol", "text", "the broker's; null where the contract is not listed"),
    Column("ltp", "number", "rupees"),
    Column("ltp_change", "number", "rupees, against the previous close"),
    Column("bid", "number", "rupees"),
    Column("ask", "number", "rupees"),
    Column("bid_qty", "number", "units"),
    Column("ask_qty", "number", "units"),
    Column("volume", "number", "units"),
    Column("oi", "number", "units"),
    Column("oi_change", "number", "units, against the previous day's close"),
    Column("prev_oi", "number", "units, at the previous day's close"),
    Column("tick_ts", "time", "when the stream or a poll last sent the price, our clock"),
    Column("oi_ts", "time", "when one last sent OI, our clock"),
    Column("price_from", "text", "the source of the price: `stream` or `chain poll`"),
    Column("oi_from", "text", "the source of OI: the same"),
    Column("trade_ts", "time", "the latest time of the last trade, the exchange's clock"),
    Column("old", "flag", "no source had confirmed the leg for `old_after_s`"),
)
MOMENTS = (
    Column("at_ts", "time", AT),
    Column("stands_until_ts", "time", "until when the record stands if none follows"),
    Column("state", "text", "of the series: `live`, `stale`, `closed`, …"),
    Column("as_of_ts", "time", "when the newest part of the chain arrived, our clock"),
    Column("market_ts", "time", "the exchange's clock then"),
    Column("spot", "number", "rupees"),
    Column("spot_change", "number", "rupees, against the previous close"),
    Column("spot_ts", "time", "when the spot arrived, our clock"),
    Column("future", "number", "rupees"),
    Column("vix", "number", "points"),
    Column("vix_change", "number", "points, against the previous close"),
    Column("old_after_s", "number", "seconds after which a leg is old"),
    Column("recorded_shift_s", "number", "in a replay, seconds from the recorded day to the one it is played on"),
    Column("facts", "text", "what rarely changes, as JSON: underlying, lot, cutoff of the expiry, strikes, symbols"),
)
MINUTES = (
    Column("minute_ts", "time", "a full minute"),
    Column("at_ts", "time", "time of the record that stood then"),
    Column("state", "text", "of the series"),
    Column("spot", "number", "rupees"),
    Column("forward", "number", "rupees"),
    Column("forward_source", "text", "where the forward comes from"),
    Column("atm_strike", "number", "rupees"),
    Column("years_to_expiry", "number", "fraction of a year"),
    Column("rate", "number", "the interest rate that the numbers were computed with, an annual fraction"),
    Column("day_count", "text", "how time to expiry was counted: `calendar` or `trading`"),
    Column("dealer_long_calls", "flag", "the sign that was assumed for GEX"),
    *(Column(name, "number", unit) for name, unit in UNITS.items()),
)
TABLES: dict[str, tuple[Column, ...]] = {"legs": LEGS, "moments": MOMENTS, "minutes": MINUTES}
