"""The websocket endpoint: handshake, requests, and the faults that belong to a link."""

from __future__ import annotations

import asyncio
import logging
import os
from collections import Counter
from dataclasses import dataclass, field

from aiohttp import WSMsgType, web

from dashboard.sandbox import wire
from dashboard.sandbox.connection import Connection, Topic
from dashboard.sandbox.faults import Faults
from dashboard.sandbox.hub import Hub
from dashboard.sandbox.tokens import Tokens

SYMBOL_LIMIT = 5000
ACK_EVERY = 200
PLAN_LIMIT_CODE = 51001
# A frozen link cannot notice that its client left; it is dropped after this long.
_FROZEN_LINK_S = 300.0
_LOG = logging.getLogger(__name__)


@dataclass(slots=True)
class SocketServer:
    """Serves `/hsm/v1-5/prod`."""

    hub: Hub
    tokens: Tokens
    faults: Faults
    counters: Counter[str] = field(default_factory=Counter)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        slow = self.faults.strike("slow_upgrade")
        if slow is not None:
            await asyncio.sleep(float(slow.get("seconds", 5)))
        refused = self.faults.strike("refuse_upgrades")
        if refused is not None:
            self.counters["upgrades_refused"] += 1
            return web.Response(status=int(refused.get("status", 403)), text="Forbidden")
        ws = web.WebSocketResponse(compress=False, max_msg_size=1 << 20)
        await ws.prepare(request)
        if not isinstance(request.transport, asyncio.Transport):
            return ws
        connection = Connection(ws, request.transport, len(self.hub.tape.market.universe))
        self.counters["connections"] += 1
        self.hub.add(connection)
        writer = asyncio.create_task(self._write(connection))
        try:
            if self.faults.strike("freeze_sockets") is not None:
                self.freeze(connection)
            await self._read(connection)
        finally:
            writer.cancel()
            self.hub.remove(connection)
        return ws

    def freeze(self, connection: Connection) -> None:
        connection.freeze()
        asyncio.get_running_loop().call_later(_FROZEN_LINK_S, connection.abort)

    async def _read(self, connection: Connection) -> None:
        async for message in connection.ws:
            if message.type is not WSMsgType.BINARY:
                continue
            try:
                await self._answer(connection, wire.parse_request(message.data))
            except wire.MalformedRequest as error:
                self.counters["malformed"] += 1
                _LOG.warning("malformed request: %s", error)
            except ConnectionError:
                return

    async def _write(self, connection: Connection) -> None:
        """Send what is marked; while a send waits for a slow client, newer marks pile onto the same cells."""
        while True:
            await connection.wake.wait()
            connection.wake.clear()
            try:
                async with connection.sending:
                    for frame in connection.pending_frames(self.hub.published):
                        await connection.send(frame)
            except ConnectionError:
                return

    async def _answer(self, connection: Connection, request: wire.Request) -> None:
        self.counters[f"type_{request.kind}"] += 1
        if request.kind == wire.AUTH:
            accepted = self.tokens.hsm_key_is_valid(request.hsm_key) and self.faults.strike("auth_nak") is None
            connection.authenticated = accepted
            self.counters["auth_ok" if accepted else "auth_nak"] += 1
            await connection.send(wire.auth_response(accepted=accepted, ack_every=ACK_EVERY if accepted else 0))
        elif request.kind == wire.MODE:
            await connection.send(wire.acknowledgement(wire.MODE))
        elif request.kind == wire.SUBSCRIBE:
            await self._subscribe(connection, request)
        elif request.kind == wire.UNSUBSCRIBE:
            topics = [topic for name in request.names if (topic := self.hub.find_topic(name)) is not None]
            connection.unsubscribe(topics)
            self.hub.subscriptions_changed()
            await connection.send(wire.acknowledgement(wire.UNSUBSCRIBE))
        elif request.kind in (wire.PAUSE, wire.RESUME):
            paused = connection.paused_channels
            paused = paused | request.channels if request.kind == wire.PAUSE else paused & ~request.channels
            connection.paused_channels = paused
            connection.wake.set()
            await connection.send(wire.acknowledgement(request.kind))
        elif request.kind == wire.ACKNOWLEDGE:
            connection.acks_received += 1

    async def _subscribe(self, connection: Connection, request: wire.Request) -> None:
        if not connection.authenticated or self.faults.strike("subscribe_nak") is not None:
            await connection.send(wire.acknowledgement(wire.SUBSCRIBE, accepted=False))
            return
        found = {name: topic for name in request.names if (topic := self.hub.find_topic(name)) is not None}
        self.counters["unknown_topics"] += len(set(request.names)) - len(found)
        known = [topic for topic in found.values() if connection.follows(topic)]
        fresh = [topic for topic in found.values() if not connection.follows(topic)]
        plan = self.faults.strike("plan_limit")
        limit = SYMBOL_LIMIT if plan is None else int(plan.get("limit", 200))
        room = max(limit - connection.topic_count, 0)
        if len(fresh) > room:
            text = f"Symbol limit of {limit} exceeded for your plan"
            await connection.send(wire.custom_message(PLAN_LIMIT_CODE, text, wire.SUBSCRIBE))
        accepted = known + fresh[:room]
        await connection.send(wire.acknowledgement(wire.SUBSCRIBE, accepted=bool(accepted) or not fresh))
        if not accepted:
            return
        mute = self.faults.strike("mute_symbols")
        if mute is not None:
            accepted = [topic for number, topic in enumerate(accepted) if not _is_mute(mute, number, topic)]
        async with connection.sending:
            values = self.hub.snapshot_values(accepted)
            frames = list(connection.subscribe(accepted, values, request.channels.bit_length() - 1))
            # Register before the first send yields, so that no change between snapshot and update is lost.
            self.hub.subscriptions_changed()
            for frame in frames:
                await connection.send(frame)

    async def strike(self, name: str, parameters: dict[str, object]) -> int:
        """Carry out a one-time link fault on every connection; returns how many were struck."""
        connections = [connection for connection in self.hub.connections if not connection.frozen]
        for connection in connections:
            if name == "kill_sockets":
                connection.abort()
            elif name == "close_sockets":
                await connection.ws.close(code=int(str(parameters.get("code", 1001))), message=b"going away")
            elif name == "garbage_frame":
                await connection.send(os.urandom(int(str(parameters.get("size", 64)))))
            elif name == "text_frame":
                await connection.ws.send_str("hello")
            elif name == "truncated_frame":
                await connection.send(wire.data_frame(1, 3, b"U\x01\x00\x15" + b"\0\0\x30\x39" * 4))
            elif name == "unknown_record":
                await connection.send(wire.data_frame(1, 2, b"Z\x01\x00" + b"\0" * 8 + b"L\x01\x00\0\0\x30\x39"))
            elif name == "framing_garbage":
                # A legal opcode with an absurd 64-bit length: the client waits for bytes that never come.
                connection.transport.write(b"\x82\x7f\x00\x00\x00\x7f\xff\xff\xff\xff")
                connection.frozen = True
        return len(connections)


def _is_mute(mute: dict[str, object], number: int, topic: Topic) -> bool:
    symbols = mute.get("symbols")
    return topic.instrument.symbol in symbols if isinstance(symbols, list) else number % 10 == 0
