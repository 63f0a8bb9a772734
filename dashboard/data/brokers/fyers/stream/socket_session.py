"""One connection of the SDK's socket: its reports as typed state, and the latest tick of each symbol.

All SDK callbacks run in the SDK's thread; they only store what happened and never raise (an exception there would
be logged with a traceback once per tick). This module does not block; socket_child.py has the threads and decisions.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from dashboard.data.brokers.fyers.endpoints import (
    SOCKET_ACKNOWLEDGEMENT,
    SOCKET_RESPONSE,
    assert_ready_to_connect,
    load_socket_sdk,
    redirect_conversion,
    redirect_socket,
)
from dashboard.data.brokers.fyers.stream.decode import DATA_FEED, Decoder
from dashboard.data.brokers.fyers.stream.parse_tick import TickFields, tick_from_message
from dashboard.data.brokers.fyers.stream.sdk_logs import log_directory
from dashboard.data.brokers.fyers.stream.socket_protocol import ChildExit
from dashboard.data.brokers.fyers.stream.topics import ComputedTopics
from dashboard.settings import Settings

log = logging.getLogger(__name__)

# The library sends the pings, but notices a missing pong only sometimes, so socket_child.py decides by the age of the
# last pong or frame. The timeout must be below the interval.
PING_INTERVAL_S, PING_TIMEOUT_S = 5.0, 4.9
KNOWN_TYPES = frozenset({1, 4, 5, 6, 7, 8, 12, 51})

BAD_TOKEN_CODES = frozenset({11001, -300, -99})
SUBSCRIBE_REFUSED, PLAN_LIMIT = 11011, 51001


class SocketSession:
    """A socket that is built and connected once, and ends with the process."""

    def __init__(self, settings: Settings, secret: str, *, lean: bool) -> None:
        """lean: decode data frames ourselves; only for an SDK version whose parser we have compared with ours."""
        sdk = load_socket_sdk(settings)
        self._settings = settings
        self._topics = ComputedTopics()
        redirect_conversion(sdk, settings, self._topics.as_sdk_method())
        _send_protocol_pings(self._note_frame)
        self._lock = threading.Lock()
        self._waiting: dict[str, tuple[Mapping[str, Any], int | None, float]] = {}  # by the SDK's parser
        self._symbols: dict[str, str] = {}  # topic -> symbol
        self._decoder = Decoder(self._symbols) if lean else None
        self.authenticated = threading.Event()
        self.acknowledged = threading.Semaphore(0)  # one release per acknowledged subscription
        self.changed = threading.Event()  # the pump has to check the state
        self.ending: tuple[ChildExit, str] | None = None
        self.plan_limit = ""
        self._with_data: set[str] = set()  # symbols, by the SDK's parser
        self.reports = 0  # errors, as the SDK calls them
        self._odd_frames = 0
        self.last_frame_ts: float | None = None  # for reports; decisions use the monotonic clock
        self.last_frame_s: float | None = None
        self.last_data_s: float | None = None
        self._socket = sdk.FyersDataSocket(
            access_token=secret,
            write_to_file=True,  # makes the SDK's socket thread a daemon and turns its prints into log lines
            log_path=str(log_directory(settings)),
            litemode=False,
            reconnect=False,  # its own reconnect gives up silently after five attempts
            on_message=self._on_message,
            on_error=self._on_error,
            on_close=self._on_close,
        )
        redirect_socket(self._socket, settings)
        self._watch_frames()

    def connect(self) -> None:
        """Connect; the SDK always blocks for 2 s, so call it from a thread of its own."""
        assert_ready_to_connect(self._socket, self._settings)
        self._socket.connect()

    def subscribe(self, topics: Mapping[str, str]) -> int:
        """Send subscribe frames for new symbols; gives the number of acknowledgements to expect.

        Blocks half a second per 1,500 symbols in the SDK. Call from one thread only, and only after `authenticated`.
        """
        self._topics.topics.update(topics)
        self._symbols.update((topic, symbol) for symbol, topic in topics.items())
        self._socket.subscribe(symbols=list(topics), data_type="SymbolUpdate")
        return -(-len(topics) // 1500)

    def take_ticks(self) -> list[TickFields]:
        """Ticks since the last call, the latest per symbol."""
        with self._lock:
            if self._decoder is not None:
                return self._decoder.take_ticks()
            waiting, self._waiting = self._waiting, {}
        ticks = []
        for message, oi, received_ts in waiting.values():
            fields = tick_from_message(message, oi, received_ts)
            if fields is not None:
                ticks.append(fields)
        return ticks

    @property
    def damaged(self) -> int:
        """Frames that could not be read to their end, or at all."""
        return self._odd_frames + (self._decoder.errors if self._decoder is not None else 0)

    def has_data(self, symbol: str) -> bool:
        """Whether this connection has sent any data of the symbol."""
        if self._decoder is not None:
            return self._decoder.knows(self._topics.topics.get(symbol, ""))
        return symbol in self._with_data

    def end(self, how: ChildExit, reason: str) -> None:
        """Note the first reason to end; later ones are its consequences."""
        if self.ending is None:
            self.ending = how, reason
        self.changed.set()

    def _on_message(self, message: Mapping[str, Any]) -> None:
        try:
            symbol = message.get("symbol")
            if symbol is not None:
                now = time.time()
                self.last_data_s = time.monotonic()
                self._with_data.add(symbol)
                state = self._socket.resp.get(self._topics.topics.get(symbol, ""))
                with self._lock:
                    self._waiting[symbol] = message, state.get("OI") if state else None, now
                self.changed.set()
                return
            match message.get("type"):
                case "cn":
                    self.authenticated.set()
                case "sub":
                    self.acknowledged.release()
                case _:
                    pass  # "ful": the mode that we always request
            self.changed.set()
        except Exception:  # noqa: BLE001 (the SDK would log a traceback per tick)
            self._odd_frames += 1

    def _on_error(self, error: object) -> None:
        """Classify the SDK's report: a dict of its own, an exception of the connection or of a callback, or a text."""
        self.reports += 1
        if isinstance(error, Mapping):
            self._on_refusal(error)
        elif isinstance(error, OSError) or type(error).__module__.startswith("websocket"):
            self.end(ChildExit.LINK_LOST, f"the link to FYERS failed ({type(error).__name__})")

    def _on_refusal(self, error: Mapping[str, Any]) -> None:
        code, kind = error.get("code"), error.get("type")
        if code == PLAN_LIMIT:
            self.plan_limit = "FYERS' plan does not allow this many symbols"
            self.changed.set()
        elif kind == "cn" and code in BAD_TOKEN_CODES:
            self.end(ChildExit.LOGIN_NEEDED, "FYERS does not accept the login")
        elif code == SUBSCRIBE_REFUSED and not self.plan_limit:
            self.end(ChildExit.NOT_SUBSCRIBED, "FYERS refused a subscription")
        else:
            log.warning("The socket reports code %s.", code)

    def _on_close(self, _: object) -> None:
        self.end(ChildExit.LINK_LOST, "FYERS closed the link")

    def _note_frame(self) -> None:
        self.last_frame_ts, self.last_frame_s = time.time(), time.monotonic()

    def _watch_frames(self) -> None:
        """Receive every frame before the SDK's parser: note its time, and decode data frames ourselves if lean."""
        parse = getattr(self._socket, SOCKET_RESPONSE)
        decoder = self._decoder

        def receive(frame: bytes) -> None:
            self._note_frame()
            if not isinstance(frame, bytes) or len(frame) < 3 or frame[2] not in KNOWN_TYPES:
                self._odd_frames += 1
            if decoder is None or not isinstance(frame, bytes) or len(frame) < 3 or frame[2] != DATA_FEED:
                parse(frame)
                return
            with self._lock:
                number = decoder.decode(frame, time.time())
            self.last_data_s = self.last_frame_s
            self._acknowledge(number)
            self.changed.set()

        setattr(self._socket, SOCKET_RESPONSE, receive)

    def _acknowledge(self, number: int) -> None:
        """Acknowledge data frames, as often as the server requested when it accepted the key (0: never)."""
        socket = self._socket
        if socket.ack_count > 0:
            socket.update_count += 1
            if socket.update_count >= socket.ack_count:
                socket.update_count = 0
                socket.add_message(getattr(socket, SOCKET_ACKNOWLEDGEMENT)(number))


def _send_protocol_pings(on_pong: Any) -> None:
    """Make every websocket of this process ping: the SDK sends no pings, so it never notices a frozen server."""
    app = import_module("websocket").WebSocketApp
    run_forever = app.run_forever

    def run_with_pings(self: Any, *positional: Any, **options: Any) -> Any:
        options.setdefault("ping_interval", PING_INTERVAL_S)
        options.setdefault("ping_timeout", PING_TIMEOUT_S)
        self.on_pong = lambda *_: on_pong()
        return run_forever(self, *positional, **options)

    app.run_forever = run_with_pings
