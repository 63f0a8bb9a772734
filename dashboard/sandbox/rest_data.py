"""Quotes, depth, candles, market status and the symbol-to-token look-up."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from aiohttp import web

from dashboard.sandbox.clock import ist
from dashboard.sandbox.depth import depth_fields, levels
from dashboard.sandbox.expiries import IST
from dashboard.sandbox.faults import Faults
from dashboard.sandbox.instruments import Instrument, Kind
from dashboard.sandbox.market import Market
from dashboard.sandbox.rest_chain import change, rupees, units
from dashboard.sandbox.rest_server import BadRequest, ok_response
from dashboard.sandbox.tape import Tape
from dashboard.sandbox.wire import (
    ASK,
    AVERAGE,
    BID,
    FEED_TIME,
    HIGH,
    LAST_QTY,
    LAST_TRADED_TIME,
    LOW,
    LOWER_CIRCUIT,
    LTP,
    OI,
    OPEN,
    PREV_CLOSE,
    TOTAL_BUY,
    TOTAL_SELL,
    UPPER_CIRCUIT,
    VOLUME,
    Fields,
)

MAX_QUOTES = 50
MAX_TOKENS = 500
_MINUTES_LIMIT_DAYS = 100
_DAYS_LIMIT_DAYS = 366
_DAY_S = 86_400
_MAX_CANDLES = 40_000


@dataclass(slots=True)
class DataEndpoints:
    """Answers the smaller data endpoints."""

    tape: Tape
    faults: Faults
    shift_s: int | None = None  # of a replay: whole days by which the recorded one was moved

    @property
    def market(self) -> Market:
        return self.tape.market

    async def quotes(self, request: web.Request) -> web.Response:
        if request.method == "POST":
            asked = await request.json()
            symbols = asked.get("symbols", []) if isinstance(asked, dict) else []
        else:
            symbols = [symbol for symbol in request.query.get("symbols", "").split(",") if symbol]
        if not 1 <= len(symbols) <= MAX_QUOTES:
            raise BadRequest(-50, "Please provide between 1 and 50 symbols")
        return ok_response({"d": [self._quote(str(symbol)) for symbol in symbols]})

    async def depth(self, request: web.Request) -> web.Response:
        instrument = self._instrument(request.query.get("symbol", ""))
        value = self._read(instrument)
        record = depth_fields(np.array([instrument.row], np.intp), value[None, :])[0]
        ltp, previous = rupees(value[LTP]), rupees(value[PREV_CLOSE])
        ch, chp = change(ltp, previous)
        oi, prev_oi = units(value[OI]), int(self.market.prev_oi[instrument.row])
        body: dict[str, Any] = {
            "totalbuyqty": units(value[TOTAL_BUY]), "totalsellqty": units(value[TOTAL_SELL]),
            "bids": levels(record, 0), "ask": levels(record, 1), "o": rupees(value[OPEN]), "h": rupees(value[HIGH]),
            "l": rupees(value[LOW]), "c": previous, "ch": ch, "chp": chp, "tick_Size": 0.05,
            "ltq": units(value[LAST_QTY]), "ltt": units(value[LAST_TRADED_TIME]), "ltp": ltp,
            "v": units(value[VOLUME]), "atp": rupees(value[AVERAGE]), "lower_ckt": rupees(value[LOWER_CIRCUIT]),
            "upper_ckt": rupees(value[UPPER_CIRCUIT]),
            "expiry": "" if instrument.expiry is None else str(instrument.expiry.expiry_ts), "oi": oi,
            "oiflag": instrument.expiry is not None, "pdoi": prev_oi,
            "oipercent": round((oi - prev_oi) / prev_oi * 100, 2) if prev_oi else 0.0,
        }  # fmt: skip
        return ok_response({"d": {instrument.symbol: body}})

    async def history(self, request: web.Request) -> web.Response:
        query = request.query
        instrument = self._instrument(query.get("symbol", ""))
        length_s = _resolution_s(query.get("resolution", ""))
        start, end = (
            _instant(query.get(name, ""), query.get("date_format", "0")) for name in ("range_from", "range_to")
        )
        if query.get("date_format", "0") == "1":
            end += _DAY_S
        limit_days = _DAYS_LIMIT_DAYS if length_s >= _DAY_S else _MINUTES_LIMIT_DAYS
        if not start <= end or end - start > (limit_days + 1) * _DAY_S:
            raise BadRequest(-50, "Invalid range")
        end = min(end, self.market.clock.now())
        # Candles are aligned to Indian midnight.
        offset = ist(start).utcoffset()
        shift = 0 if offset is None else offset.total_seconds()
        first = np.ceil((start + shift) / length_s) * length_s - shift
        starts = np.arange(first, end, length_s)[-_MAX_CANDLES:]
        if len(starts) == 0:
            return web.json_response({"s": "no_data", "candles": [], "message": "", "code": 200})
        candles = self.market.candles(instrument, starts, length_s)
        width = 6 if query.get("oi_flag", "0") == "1" and instrument.expiry is not None else 5
        rows = [
            [int(when), *(round(float(number), 2) for number in candle[:width])]
            for when, candle in zip(starts, candles, strict=True)
            if not np.isnan(candle[:4]).any()
        ]
        return ok_response({"candles": rows})

    async def market_status(self, _request: web.Request) -> web.Response:
        status = "OPEN" if self.faults.active("market_closed") is None else "CLOSED"
        lines = [
            {"exchange": exchange, "segment": segment, "market_type": "NORMAL", "status": status}
            for exchange in (10, 12)
            for segment in (10, 11)
        ]
        recorded = {} if self.shift_s is None else {"recordedShift": self.shift_s}
        return ok_response({"marketStatus": lines} | recorded)

    async def symbol_token(self, request: web.Request) -> web.Response:
        """Map symbols to fyTokens, in an order of its own."""
        asked = await request.json()
        symbols = asked.get("symbols") if isinstance(asked, dict) else None
        if not isinstance(symbols, list) or len(symbols) > MAX_TOKENS:
            raise BadRequest(-50, "invalid input")
        known = [s for s in symbols if isinstance(s, str) and s in self.market.universe.by_symbol]
        random.Random(len(known)).shuffle(known)
        invalid = [symbol for symbol in symbols if symbol not in known]
        valid = {symbol: self.market.universe.by_symbol[symbol].fytoken for symbol in known}
        return ok_response({"validSymbol": valid, "invalidSymbol": invalid})

    def _instrument(self, symbol: str) -> Instrument:
        instrument = self.market.universe.by_symbol.get(symbol)
        if instrument is None:
            raise BadRequest(-300, "Please provide a valid symbol")
        return instrument

    def _read(self, instrument: Instrument) -> Fields:
        return self.tape.read(np.array([instrument.row], np.intp))[0]  # type: ignore[no-any-return]

    def _quote(self, symbol: str) -> dict[str, Any]:
        instrument = self.market.universe.by_symbol.get(symbol)
        if instrument is None:
            return {"n": symbol, "s": "error", "v": {"errmsg": "invalid symbol", "code": -300}}
        value = self._read(instrument)
        ltp, bid, ask = rupees(value[LTP]), rupees(value[BID]), rupees(value[ASK])
        ch, chp = change(ltp, rupees(value[PREV_CLOSE]))
        quote: dict[str, Any] = {
            "ch": ch, "chp": chp, "lp": ltp, "spread": round(ask - bid, 2), "ask": ask, "bid": bid,
            "open_price": rupees(value[OPEN]), "high_price": rupees(value[HIGH]), "low_price": rupees(value[LOW]),
            "prev_close_price": rupees(value[PREV_CLOSE]), "atp": rupees(value[AVERAGE]),
            "volume": units(value[VOLUME]), "short_name": symbol.partition(":")[2],
            "exchange": instrument.spec.exchange,
            "description": instrument.description if instrument.kind is not Kind.INDEX else symbol,
            "original_name": symbol, "symbol": symbol, "fyToken": instrument.fytoken,
            "tt": str(units(value[FEED_TIME])),
        }  # fmt: skip
        return {"n": symbol, "s": "ok", "v": quote}


def _resolution_s(text: str) -> float:
    named = {"D": _DAY_S, "1D": _DAY_S, "1W": 7 * _DAY_S, "1M": 30 * _DAY_S}
    if text in named:
        return float(named[text])
    number = text.removesuffix("S")
    if not number.isascii() or not number.isdigit() or not 1 <= int(number) <= 240:
        raise BadRequest(-50, "Invalid resolution")
    return float(number) if text.endswith("S") else 60.0 * int(number)


def _instant(text: str, date_format: str) -> float:
    try:
        if date_format == "1":
            return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=IST).timestamp()
        return float(int(text))
    except ValueError:
        raise BadRequest(-50, "Invalid range") from None
