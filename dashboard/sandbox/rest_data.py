"""Market status and the symbol-to-token look-up."""

from __future__ import annotations

import random
from dataclasses import dataclass

from aiohttp import web

from dashboard.sandbox.faults import Faults
from dashboard.sandbox.market import Market
from dashboard.sandbox.rest_server import BadRequest, ok_response

MAX_TOKENS = 500


@dataclass(slots=True)
class DataEndpoints:
    """Answers the smaller data endpoints."""

    market: Market
    faults: Faults
    shift_s: int | None = None  # of a replay: whole days by which the recorded one was moved

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
