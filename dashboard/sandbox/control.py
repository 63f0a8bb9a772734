"""The test bench's own door under `/sandbox/`: look at the sandbox, move its clock, break it, force a trade.

GET    /sandbox/state           everything countable GET    /sandbox/token           {"client_id", "access_token",
"secret_key"}; `?life_s=` for a short-lived one GET    /sandbox/faults          every fault by name with its effect, and
those in force POST   /sandbox/faults          {"<name>": true | {parameters}, ...}; DELETE clears (`?name=` only that
one) POST   /sandbox/trade           {"symbol", "ltp", "oi", "bid", "ask", "volume", "traded_time", "hold_s"}; an LTP is
a trade of this moment, one lot unless a volume is given; DELETE releases all POST   /sandbox/replay          {"seek":
"HH:MM:SS" | epoch, "speed": x} GET    /sandbox/truth           `?underlying=SYMBOL&expiry=YYYY-MM-DD`: the series as
the market has it, without faults POST   /sandbox/pace            {"ticks_per_s": n | null}: over all subscribed
symbols, for load tests POST   /sandbox/limits          {"per_second", "per_minute", "per_day"}; counters start anew
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from aiohttp import web

from dashboard.market.session import ist
from dashboard.sandbox import faults as catalogue
from dashboard.sandbox import wire
from dashboard.sandbox.faults import Faults
from dashboard.sandbox.hub import Hub
from dashboard.sandbox.instruments import Instrument
from dashboard.sandbox.rest_server import RestGate
from dashboard.sandbox.socket_server import SocketServer
from dashboard.sandbox.tape import FORCEABLE, Tape
from dashboard.sandbox.tokens import APP_ID, SECRET, TOKEN_LIFE_S, Tokens

_DEFAULT_HOLD_S = 5.0
_TRUTH = (wire.LTP, wire.BID, wire.ASK, wire.OI)
Playback = Callable[[Any, Any], dict[str, object]]


@dataclass(slots=True)
class Control:
    """Handlers of the control API."""

    seed: int
    tape: Tape
    hub: Hub
    sockets: SocketServer
    gate: RestGate
    faults: Faults
    tokens: Tokens
    playback: Playback
    shift_s: int | None

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/sandbox/state", self.state),
            web.get("/sandbox/token", self.token),
            web.get("/sandbox/faults", self.list_faults),
            web.post("/sandbox/faults", self.switch_faults),
            web.delete("/sandbox/faults", self.clear_faults),
            web.post("/sandbox/trade", self.trade),
            web.delete("/sandbox/trade", self.release_trades),
            web.post("/sandbox/replay", self.replay),
            web.post("/sandbox/limits", self.limits),
            web.post("/sandbox/pace", self.pace),
            web.get("/sandbox/truth", self.truth),
        ]

    async def state(self, _request: web.Request) -> web.Response:
        clock = self.tape.market.clock
        now = clock.now()
        links = [
            {"authenticated": c.authenticated, "topics": c.topic_count,
             "frozen": c.frozen, "frames": c.frames_sent, "records": c.records_sent, "bytes": c.bytes_sent,
             "acks": c.acks_received}
            for c in self.hub.connections
        ]  # fmt: skip
        return web.json_response({
            "pid": os.getpid(), "seed": self.seed, "now_ts": now, "now": ist(now).isoformat(timespec="milliseconds"),
            "speed": clock.speed, "replay": None if self.shift_s is None else {"shift_s": self.shift_s},
            "connections": links, "subscribed_rows": self.hub.row_count, "ticks_published": self.hub.ticks_published,
            "socket": dict(self.sockets.counters), "requests": dict(self.gate.requests),
            "refused": dict(self.gate.refused), "rate": self.gate.limiter.report(), "faults": self.faults.report(),
            "forced": self.tape.forced_count, "cpu_s": time.process_time(),
            "uptime_s": time.monotonic() - self.hub.started_at,
        })  # fmt: skip

    async def token(self, request: web.Request) -> web.Response:
        life_s = float(request.query.get("life_s", TOKEN_LIFE_S))
        issued = {"client_id": APP_ID, "secret_key": SECRET, "access_token": self.tokens.issue(life_s)}
        return web.json_response(issued)

    async def list_faults(self, _request: web.Request) -> web.Response:
        known = {"actions": catalogue.ACTIONS, "conditions": catalogue.CONDITIONS}
        return web.json_response({**known, **self.faults.report()})

    async def switch_faults(self, request: web.Request) -> web.Response:
        asked = await request.json()
        unknown = sorted(asked.keys() - catalogue.ACTIONS.keys() - catalogue.CONDITIONS.keys())
        if unknown:
            return web.json_response({"error": f"unknown fault: {', '.join(unknown)}"}, status=400)
        struck = {}
        for name, value in asked.items():
            parameters = value if isinstance(value, dict) else {}
            if value is False:
                self.faults.clear(name)
            elif name in catalogue.CONDITIONS:
                self.faults.switch_on(name, parameters)
                if name == "freeze_sockets":
                    links = [link for link in self.hub.connections if not link.frozen]
                    for link in links:
                        self.sockets.freeze(link)
                    struck[name] = len(links)
            else:
                struck[name] = await self._act(name, parameters)
        return web.json_response({"struck": struck, **self.faults.report()})

    async def _act(self, name: str, parameters: dict[str, Any]) -> int:
        if name == "expire_tokens":
            self.tokens.expire_all()
            return 0 if parameters.get("keep_sockets") else await self.sockets.strike("kill_sockets", {})
        return await self.sockets.strike(name, parameters)

    async def clear_faults(self, request: web.Request) -> web.Response:
        self.faults.clear(request.query.get("name"))
        return web.json_response(self.faults.report())

    async def trade(self, request: web.Request) -> web.Response:
        asked = await request.json()
        instrument = self.tape.market.universe.by_symbol.get(asked.get("symbol", ""))
        if instrument is None:
            return web.json_response({"error": "unknown symbol"}, status=404)
        hold_s = float(asked.get("hold_s", _DEFAULT_HOLD_S))
        for name in FORCEABLE.keys() & asked.keys():
            column, is_price = FORCEABLE[name]
            value = round(float(asked[name]) * wire.PRICE_SCALE) if is_price else int(asked[name])
            self.tape.force(instrument.row, column, value, hold_s)
        if "ltp" in asked and "traded_time" not in asked:
            self._force_a_trade(instrument, hold_s, told_volume="volume" in asked)
        self.hub.publish_row(instrument.row)
        return web.json_response({"symbol": instrument.symbol, "sent_ts": time.time()})

    def _force_a_trade(self, instrument: Instrument, hold_s: float, *, told_volume: bool) -> None:
        """What comes with a traded price: its time, and one lot more of volume where no volume is given."""
        self.tape.force(instrument.row, wire.LAST_TRADED_TIME, int(self.tape.market.clock.now()), hold_s)
        volume = int(self.tape.read(np.array([instrument.row], np.intp))[0, wire.VOLUME])
        if not told_volume and volume != wire.ABSENT:
            self.tape.force(instrument.row, wire.VOLUME, volume + instrument.lot_size, hold_s)

    async def release_trades(self, _request: web.Request) -> web.Response:
        self.tape.release()
        return web.json_response({"forced": 0})

    async def replay(self, request: web.Request) -> web.Response:
        asked = await request.json()
        try:
            moved = self.playback(asked.get("seek"), asked.get("speed"))
        except ValueError as error:
            return web.json_response({"error": str(error)}, status=400)
        self.hub.step()
        return web.json_response(moved)

    async def limits(self, request: web.Request) -> web.Response:
        asked = await request.json()
        limiter = self.gate.limiter
        for name in ("per_second", "per_minute", "per_day"):
            if name in asked:
                setattr(limiter.limits, name, int(asked[name]))
        limiter.reset()
        return web.json_response(limiter.report())

    async def pace(self, request: web.Request) -> web.Response:
        asked = (await request.json()).get("ticks_per_s")
        self.hub.set_tick_rate(None if asked is None else float(asked))
        return web.json_response({"ticks_per_s": asked})

    async def truth(self, request: web.Request) -> web.Response:
        """What a screen must not contradict, whatever is broken on the way to it."""
        market, symbol = self.tape.market, request.query.get("underlying", "")
        instrument = market.universe.by_symbol.get(symbol)
        listed = market.universe.series.get(symbol, {})
        series = listed.get(date.fromisoformat(request.query.get("expiry", "")))
        if instrument is None or series is None:
            return web.json_response({"error": "unknown series"}, status=404)
        rows = np.concatenate([series.calls, series.puts])
        everything = np.append(rows, instrument.row)
        market.refresh(everything)
        told = {
            market.universe.instruments[row].symbol: [int(market.fields[row, column]) for column in _TRUTH]
            for row in everything.tolist()
        }
        return web.json_response({"columns": ["ltp", "bid", "ask", "oi"], "scale": wire.PRICE_SCALE, "rows": told})
