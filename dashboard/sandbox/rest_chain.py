"""`options-chain-v3`: the chain of one expiry, with the irregularities of the real one."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

import numpy as np
from aiohttp import web

from dashboard.sandbox import wire
from dashboard.sandbox.faults import Faults
from dashboard.sandbox.instruments import Instrument, Rows, Series
from dashboard.sandbox.market import Market
from dashboard.sandbox.rest_server import BadRequest, ok_response
from dashboard.sandbox.tape import Tape
from dashboard.sandbox.underlyings import VIX
from dashboard.sandbox.wire import ABSENT, ASK, BID, LTP, OI, PREV_CLOSE, VOLUME

MAX_STRIKE_COUNT = 50
_DEFAULT_STRIKE_COUNT = 10


def rupees(raw: int) -> float:
    """Wire integer to rupees; REST answers 0 for an unknown value."""
    return 0.0 if raw == ABSENT else round(int(raw) / wire.PRICE_SCALE, 2)


def units(raw: int) -> int:
    """Wire quantity to units, undoing the overflow of its 32 bits."""
    return 0 if raw == ABSENT else int(raw) & 0xFFFFFFFF


def change(ltp: float, previous: float) -> tuple[float, float]:
    if not ltp or not previous:
        return 0.0, 0.0
    return round(ltp - previous, 2), round((ltp - previous) / previous * 100, 2)


@dataclass(slots=True)
class ChainEndpoint:
    """Answers option-chain requests."""

    tape: Tape
    faults: Faults

    @property
    def market(self) -> Market:
        return self.tape.market

    async def handle(self, request: web.Request) -> web.Response:
        query = request.query
        instrument = self.market.universe.by_symbol.get(query.get("symbol", ""))
        if instrument is None or not (listed := self.market.expiries(instrument.symbol)):
            raise BadRequest(-300, "Please provide a valid symbol")
        count = _strike_count(query.get("strikecount", ""))
        wanted = query.get("timestamp", "")
        expiry = listed[0] if wanted == "" else next((e for e in listed if str(e.expiry_ts) == wanted), None)
        if expiry is None:
            raise BadRequest(-50, "Invalid timestamp")
        if self.faults.strike("wrong_expiry") is not None and len(listed) > 1:
            expiry = next(e for e in listed if e is not expiry)
        series = self.market.universe.series[instrument.symbol][expiry.day]
        chain = self._rows(instrument, series, count, with_greeks=query.get("greeks", "") == "1")
        calls, puts = (self.tape.read(rows)[:, OI] for rows in (series.calls, series.puts))
        body: dict[str, Any] = {
            "callOi": sum(units(oi) for oi in calls),
            "putOi": sum(units(oi) for oi in puts),
            "expiryData": [
                {"date": e.day.strftime("%d-%m-%Y"), "expiry": str(e.expiry_ts), "expiry_flag": e.flag} for e in listed
            ],
            "indiavixData": self._vix(),
            "optionsChain": chain,
        }
        self._spoil(body)
        return ok_response({"data": body})

    def _rows(self, instrument: Instrument, series: Series, count: int, *, with_greeks: bool) -> list[dict[str, Any]]:
        window = self._window(instrument, series, count)
        rows = np.concatenate([series.calls[window], series.puts[window]])
        values = self.tape.read(rows)
        chain = [self._option(int(row), value) for row, value in zip(rows, values, strict=True)]
        if with_greeks:
            self._add_greeks(chain, rows)
        # The order of rows and the place of the underlying are random, because a client must not rely on them.
        order = random.Random(f"{instrument.symbol}{series.expiry.day}")
        order.shuffle(chain)
        chain.insert(order.randrange(len(chain) + 1), self._underlying(instrument))
        return chain

    def _window(self, instrument: Instrument, series: Series, count: int) -> slice:
        """Strikes around the one nearest to spot; around the cheapest straddle when spot is unknown."""
        spot = rupees(self.tape.read(np.array([instrument.row], np.intp))[0, LTP])
        if spot > 0:
            centre = int(np.abs(series.strikes - spot).argmin())
        else:
            legs = [self.tape.read(rows)[:, LTP].astype(np.float64) for rows in (series.calls, series.puts)]
            known = (legs[0] != ABSENT) & (legs[1] != ABSENT)
            centre = int(np.where(known, np.abs(legs[0] - legs[1]), np.inf).argmin())
        return slice(max(centre - count, 0), centre + count + 1)

    def _option(self, row: int, value: wire.Fields) -> dict[str, Any]:
        instrument = self.market.universe.instruments[row]
        ltp, oi, prev_oi = rupees(value[LTP]), units(value[OI]), int(self.market.prev_oi[row])
        ltpch, ltpchp = change(ltp, rupees(value[PREV_CLOSE]))
        return {
            "ask": rupees(value[ASK]), "bid": rupees(value[BID]), "fyToken": instrument.fytoken, "ltp": ltp,
            "ltpch": ltpch, "ltpchp": ltpchp, "oi": oi, "oich": oi - prev_oi,
            "oichp": round((oi - prev_oi) / prev_oi * 100, 2) if prev_oi else 0, "option_type": instrument.option_type,
            "prev_oi": prev_oi, "strike_price": instrument.strike if instrument.strike % 1 else int(instrument.strike),
            "symbol": instrument.symbol, "volume": units(value[VOLUME]),
        }  # fmt: skip

    def _underlying(self, instrument: Instrument) -> dict[str, Any]:
        value = self.tape.read(np.array([instrument.row], np.intp))[0]
        ltp = rupees(value[LTP])
        ltpch, ltpchp = change(ltp, rupees(value[PREV_CLOSE]))
        row: dict[str, Any] = {
            "ask": rupees(value[ASK]), "bid": rupees(value[BID]), "description": instrument.description,
            "ex_symbol": instrument.spec.root, "exchange": instrument.spec.exchange, "fyToken": instrument.fytoken,
            "ltp": ltp, "ltpch": ltpch, "ltpchp": ltpchp, "option_type": "", "strike_price": -1,
            "symbol": instrument.symbol, "fp": 0, "fpch": 0, "fpchp": 0,
        }  # fmt: skip
        futures = self.market.futures(instrument.symbol)
        if futures:
            future = self.tape.read(np.array([futures[0].row], np.intp))[0]
            row["fp"] = rupees(future[LTP])
            row["fpch"], row["fpchp"] = change(row["fp"], rupees(future[PREV_CLOSE]))
        return row

    def _vix(self) -> dict[str, Any]:
        vix = self.market.universe.by_symbol.get(VIX.symbol)
        if vix is None:
            return {}
        row = self._underlying(vix)
        return {name: value for name, value in row.items() if not name.startswith("fp")}

    def _add_greeks(self, chain: list[dict[str, Any]], rows: Rows) -> None:
        model = self.market.greeks(rows)
        if model is None:
            return
        for position, row in enumerate(chain):
            row["greeks"] = {
                name: round(float(getattr(model.greeks, name)[position]), 6)
                for name in ("delta", "gamma", "theta", "vega")
            } | {"iv": round(float(model.sigma[position]) * 100, 4)}

    def _spoil(self, body: dict[str, Any]) -> None:
        chain = body["optionsChain"]
        missing = self.faults.strike("missing_fields")
        if missing is not None:
            body.pop("indiavixData")
            for row in chain[::3]:
                for name in missing.get("fields", ["ltp", "oi", "volume"]):
                    row.pop(name, None)
        if self.faults.strike("duplicate_strikes") is not None:
            for row in [row for row in chain if row["option_type"]][::10]:
                chain.append({**row, "ltp": row.get("ltp", 0) * 2 + 1, "oi": row.get("oi", 0) * 2 + 1})


def _strike_count(text: str) -> int:
    if text == "":
        return _DEFAULT_STRIKE_COUNT
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= MAX_STRIKE_COUNT:
        raise BadRequest(-50, "strikecount must be between 1 and 50")
    return int(text)
