"""Put the pieces together: one aiohttp application for REST, socket, public files and control."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

from aiohttp import web

from dashboard.sandbox.clock import instant_of
from dashboard.sandbox.control import Control, Playback
from dashboard.sandbox.faults import Faults
from dashboard.sandbox.hub import Hub
from dashboard.sandbox.market import Market
from dashboard.sandbox.ratelimit import RateLimiter
from dashboard.sandbox.rest_auth import AuthEndpoints
from dashboard.sandbox.rest_chain import ChainEndpoint
from dashboard.sandbox.rest_data import DataEndpoints
from dashboard.sandbox.rest_server import RestGate
from dashboard.sandbox.socket_server import SocketServer
from dashboard.sandbox.symbol_master import SymbolMaster
from dashboard.sandbox.tape import Tape
from dashboard.sandbox.tokens import Tokens

SOCKET_PATH = "/hsm/v1-5/prod"


def build_app(
    market: Market, seed: int, *, tick_rate: float | None = None, playback: Playback | None = None,
    shift_s: int | None = None,
) -> web.Application:  # fmt: skip
    """Build the application around a market; `playback` moves the clock, `shift_s` is a replay's whole-day shift."""
    faults, tokens = Faults(), Tokens(seed)
    tape = Tape(market, faults)
    hub = Hub(tape, faults, tick_rate)
    sockets = SocketServer(hub, tokens, faults)
    gate = RestGate(tokens, RateLimiter(), faults)
    auth, chain, data = AuthEndpoints(tokens), ChainEndpoint(tape, faults), DataEndpoints(market, faults, shift_s)
    control = Control(seed, tape, hub, sockets, gate, faults, tokens, playback or move_clock(market), shift_s)
    app = web.Application(client_max_size=1 << 20)
    app.add_routes([
        web.get("/api/v3/generate-authcode", gate.guarded(auth.generate_authcode)),
        web.post("/api/v3/validate-authcode", gate.guarded(auth.validate_authcode)),
        web.get("/data/marketStatus", gate.guarded(data.market_status)),
        web.get("/data/options-chain-v3", gate.guarded(chain.handle)),
        web.post("/data/symbol-token", gate.guarded(data.symbol_token)),
        web.get("/sym_details/{file}", SymbolMaster(market, market.clock, faults).handle),
        web.get(SOCKET_PATH, sockets.handle),
        *control.routes(),
    ])  # fmt: skip

    async def heartbeat(_app: web.Application) -> AsyncIterator[None]:
        task = asyncio.create_task(hub.run())
        yield
        task.cancel()

    async def drop_links(_app: web.Application) -> None:
        # Clients of a dying server see a reset, and a frozen link must not hold up the exit.
        for connection in list(hub.connections):
            connection.abort()

    app.cleanup_ctx.append(heartbeat)
    app.on_shutdown.append(drop_links)
    return app


def move_clock(market: Market) -> Callable[[Any, Any], dict[str, object]]:
    """Playback of a market without a recording: only pace and time of day change."""

    def playback(seek: Any, speed: Any) -> dict[str, object]:
        clock = market.clock
        target = None if seek is None else instant_of(seek, clock.now())
        clock.set(now_ts=target, speed=None if speed is None else float(speed))
        return {"now_ts": clock.now(), "speed": clock.speed}

    return playback
