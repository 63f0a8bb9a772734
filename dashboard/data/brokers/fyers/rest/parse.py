"""Parse FYERS' answers; only this module knows their field names.

Conventions of the wire: a price of 0 means "no trade" or "no quote", an absent field is unknown; quantities are
32-bit and may have overflowed. OI and volume are in units already.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np

from dashboard.data.brokers.fyers.symbols.contract import FyersContract
from dashboard.data.brokers.fyers.symbols.master_csv import SIDES
from dashboard.market.chain import LEG_COLUMNS, POLL, Chain, Legs
from dashboard.market.errors import WireChanged
from dashboard.market.instruments import Contract, Expiry, Side, Underlying
from dashboard.market.session import ist_date

UNKNOWN = float("nan")
WRAP = 2**32
LARGEST = 1e15  # rupees or units; above every real value


def number(value: Any) -> float:
    """A number of sane size as float; NaN for anything else (absent, null, text, infinite)."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return UNKNOWN
    return float(value) if -LARGEST < value < LARGEST else UNKNOWN


def price(value: Any) -> float:
    """Rupees without float noise (the exchange's finest tick is a paisa); NaN for 0 and below: never traded."""
    found = round(number(value), 2)
    return found if found > 0 else UNKNOWN


def quantity(value: Any) -> float:
    """Units; 0 is a known 0. A negative one has overflowed 32 bits."""
    found = number(value)
    return found + WRAP if found < 0 else found


class SeriesRows:
    """The layout of one series: the row of each contract. Built once per series, used for every poll."""

    def __init__(
        self,
        underlying: Underlying,
        expiry: Expiry,
        contracts: Sequence[Contract],
        rejects: Counter[str] | None = None,
        future_expiry: date | None = None,
    ) -> None:
        """rejects: counts rejected rows by reason. future_expiry: expiry of the answers' future."""
        self.future_expiry = future_expiry
        self.rejects: Counter[str] = Counter() if rejects is None else rejects
        self.underlying = underlying
        self.expiry = expiry
        strikes = sorted({contract.strike for contract in contracts})
        row_of = {strike: row for row, strike in enumerate(strikes)}
        self.strikes = np.array(strikes, dtype=np.float64)
        self.place: dict[str, tuple[Contract, int]] = {}
        self._symbols: dict[Side, list[str | None]] = {side: [None] * len(strikes) for side in Side}
        self.newcomers: dict[str, FyersContract] = {}
        self.series_name = f"{underlying.name} {expiry.date:%d-%b-%y}"
        first = contracts[0]
        self._stem = first.symbol[:-2].removesuffix(f"{first.strike:g}")
        for contract in contracts:
            row = row_of[contract.strike]
            if self._symbols[contract.side][row] is None:  # a second contract of the same strike is an adjusted one
                self._symbols[contract.side][row] = contract.symbol
                self.place[contract.symbol] = contract, row

    def note_newcomer(self, row: Mapping[str, Any]) -> None:
        """Keep a contract that was listed after the master was written. Raises WireChanged for one of another series.

        Exchanges add strikes when the market moves. Such a row must have the expiry's date in its token, and a symbol
        that differs from its neighbours only in strike and side.
        """
        symbol, token, strike = str(row.get("symbol")), str(row.get("fyToken")), number(row.get("strike_price"))
        letters = str(row.get("option_type"))
        if token[4:10] != f"{self.expiry.date:%y%m%d}" or symbol != f"{self._stem}{strike:g}{letters}":
            raise WireChanged(f"FYERS answered with {symbol}, which is not of {self.series_name}.")
        if letters in SIDES:
            self.newcomers[symbol] = FyersContract(symbol, strike, SIDES[letters], token)

    def empty_columns(self, side: Side) -> dict[str, Any]:
        columns = {name: np.full(len(self.strikes), UNKNOWN) for name in LEG_COLUMNS}
        return {"symbol": tuple(self._symbols[side]), **columns}


def parse_chain(answer: Mapping[str, Any], layout: SeriesRows, received_ts: float) -> Chain:
    """Turn an options-chain-v3 answer into the series' chain: all listed strikes, NaN where the answer has none.

    Raises WireChanged when the answer is not of this series, so that no expiry shows another one's numbers.
    """
    data = answer.get("data")
    rows = data.get("optionsChain") if isinstance(data, Mapping) else None
    if not isinstance(data, Mapping) or not isinstance(rows, list):
        raise WireChanged("FYERS' option chain answer has no rows.")
    columns = {side: layout.empty_columns(side) for side in Side}
    spot_row: Mapping[str, Any] = {}
    seen: dict[str, Mapping[str, Any]] = {}
    for row in rows:
        if not isinstance(row, Mapping):
            raise WireChanged("FYERS' option chain answer has a row that is not an object.")
        if row.get("option_type") == "":
            spot_row = spot_row or row
            continue
        symbol = row.get("symbol")
        place = layout.place.get(symbol) if isinstance(symbol, str) else None
        if place is None:
            layout.note_newcomer(row)
            continue
        contract, index = place
        side = SIDES.get(str(row.get("option_type")))
        if side is not contract.side or number(row.get("strike_price")) != contract.strike:
            raise WireChanged(f"FYERS' option chain contradicts the symbol master about {symbol}.")
        if symbol in seen:
            if seen[symbol] != row:  # two rows of one contract disagree: drop both
                _forget(columns[contract.side], index)
                layout.rejects["duplicate_row"] += 1
            continue
        seen[contract.symbol] = row
        _fill(columns[contract.side], index, row, received_ts)
    if not seen:
        raise WireChanged(f"FYERS sent no rows of {layout.series_name}.")
    vix = data.get("indiavixData")
    vix = vix if isinstance(vix, Mapping) else {}
    spot = price(spot_row.get("ltp"))
    return Chain(
        underlying=layout.underlying,
        expiry=layout.expiry,
        as_of_ts=received_ts,
        market_ts=received_ts,
        strikes=layout.strikes,
        call=Legs(**columns[Side.CALL]),
        put=Legs(**columns[Side.PUT]),
        spot=spot,
        spot_change=round(number(spot_row.get("ltpch")), 2) if spot == spot else UNKNOWN,
        spot_ts=received_ts if spot == spot else UNKNOWN,
        future=price(spot_row.get("fp")) if layout.future_expiry is not None else UNKNOWN,
        future_expiry=layout.future_expiry,
        vix=price(vix.get("ltp")),
        vix_change=round(number(vix.get("ltpch")), 2),
    )


def parse_expiry_epochs(answer: Mapping[str, Any]) -> dict[int, int]:
    """FYERS' epochs of this chain's expiries, by the ordinal of their IST date; empty without any."""
    data = answer.get("data")
    offered = data.get("expiryData") if isinstance(data, Mapping) else None
    epochs: dict[int, int] = {}
    for item in offered if isinstance(offered, list) else []:
        try:
            epoch = int(item["expiry"])
            epochs[ist_date(epoch).toordinal()] = epoch
        except (KeyError, TypeError, ValueError, OverflowError):
            continue
    return epochs


def parse_market_open(answer: Mapping[str, Any]) -> bool | None:
    """Whether NSE's F&O segment trades; None when the answer does not contain it."""
    segments = answer.get("marketStatus")
    for item in segments if isinstance(segments, list) else []:
        if not isinstance(item, Mapping) or (item.get("exchange"), item.get("segment")) != (10, 11):
            continue
        if item.get("market_type", "NORMAL") == "NORMAL":
            return item.get("status") == "OPEN"
    return None


def parse_recorded_shift(answer: Mapping[str, Any]) -> float | None:
    """Seconds by which a sandbox that plays a recording has moved its day; FYERS itself does not send this."""
    shift_s = number(answer.get("recordedShift"))
    return shift_s if shift_s == shift_s else None


def _fill(columns: dict[str, Any], index: int, row: Mapping[str, Any], received_ts: float) -> None:
    ltp, bid, ask = price(row.get("ltp")), price(row.get("bid")), price(row.get("ask"))
    oi, prev_oi, oi_change = quantity(row.get("oi")), quantity(row.get("prev_oi")), number(row.get("oich"))
    columns["ltp"][index], columns["bid"][index], columns["ask"][index] = ltp, bid, ask
    columns["ltp_change"][index] = round(number(row.get("ltpch")), 2) if ltp == ltp else UNKNOWN
    columns["volume"][index] = quantity(row.get("volume"))
    columns["oi"][index], columns["prev_oi"][index] = oi, prev_oi
    columns["oi_change"][index] = oi_change if oi_change == oi_change else oi - prev_oi
    if ltp == ltp or bid == bid or ask == ask:
        columns["tick_ts"][index] = received_ts
        columns["price_from"][index] = POLL
    if oi == oi:
        columns["oi_ts"][index] = received_ts
        columns["oi_from"][index] = POLL


def _forget(columns: dict[str, Any], index: int) -> None:
    for name in LEG_COLUMNS:
        columns[name][index] = UNKNOWN
