"""The process around the SDK's socket: connect once, subscribe, pass ticks on, leave by exit code.

Main thread: the pump (pipe, batches, watchdog). Owner thread: connects and is the only one that subscribes.
Any fault ends the process; its parent starts another one. It dies with its parent, as the pipe then ends.
"""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import signal
import threading
import time
from multiprocessing.connection import Connection
from typing import NoReturn, Protocol

from dashboard.data.brokers.fyers.endpoints import NotLoopback
from dashboard.data.brokers.fyers.rest.snapshots import SnapshotDeadlines
from dashboard.data.brokers.fyers.stream.socket_protocol import Batch, ChildExit, ChildOrder, Stop, Subscribe, Trading
from dashboard.data.brokers.fyers.stream.socket_session import SocketSession
from dashboard.data.brokers.protocol import StreamState

log = logging.getLogger(__name__)

BATCH_S = 0.05
BEAT_S = 1.0
AUTHENTICATE_S = 20.0  # TCP, TLS, upgrade and the answer to our key
ACKNOWLEDGE_S = 10.0
SNAPSHOT_S = 10.0  # from the acknowledgement to the first word of each symbol
SILENT_S = 12.0  # no frame and no pong, for two pings in a row: the link is dead whatever the market does
DATA_SILENT_S = 45.0  # frames, but no data while the market trades: hundreds of contracts are never this quiet


def run(pipe: Connection, order: ChildOrder) -> NoReturn:
    """Live one connection. Never returns."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides
    # The SDK's own threads raise when the link closes under them; that is not news, and no traceback on the terminal.
    threading.excepthook = lambda fault: log.debug("a thread of the SDK ended: %s", fault.exc_type.__name__)
    try:
        session = SocketSession(order.settings, order.secret, lean=order.lean)
        child = _Child(pipe, session, order.settings.stale_after_s)
        child.start()
        child.pump()
    except (EOFError, BrokenPipeError, ConnectionResetError):
        _leave(ChildExit.PARENT_GONE)
    except NotLoopback as error:
        _say_last(pipe, str(error))
        _leave(ChildExit.BROKEN)
    except Exception as error:  # noqa: BLE001 (whatever it is, a fresh process is the answer)
        _say_last(pipe, f"the socket process failed ({type(error).__name__})")
        _leave(ChildExit.BROKEN)


class _Child:
    def __init__(self, pipe: Connection, session: SocketSession, stale_after_s: float) -> None:
        self._pipe = pipe
        self._session = session
        self._stale_after_s = stale_after_s
        self._orders: queue.SimpleQueue[dict[str, str]] = queue.SimpleQueue()
        self._asked: set[str] = set()
        self._subscribed = 0
        self._refused = False
        self._trading_since: float | None = None  # monotonic; None while the market is closed
        self._snapshots = SnapshotDeadlines(SNAPSHOT_S)
        self._missing: tuple[str, ...] = ()
        self._missing_told: tuple[str, ...] = ()

    def start(self) -> None:
        threading.Thread(target=self._own_socket, name="owner", daemon=True).start()

    def pump(self) -> NoReturn:
        """Pass orders down and batches up until something ends this life. Raises EOFError, OSError of the pipe."""
        session, pipe = self._session, self._pipe
        started = last_sent = last_beat = time.monotonic()
        state: StreamState | None = None
        while True:
            session.changed.wait(BATCH_S)
            now = time.monotonic()
            if now - last_sent < BATCH_S:  # the first tick after a pause goes at once, the rest in batches
                time.sleep(BATCH_S - (now - last_sent))
                now = time.monotonic()
            session.changed.clear()
            while pipe.poll():
                self._obey(pipe.recv())
            self._watch(now, started)
            ticks, before, state = session.take_ticks(), state, self._state()
            beat = now - last_beat >= BEAT_S
            if beat:
                self._missing, last_beat = self._snapshots.overdue(session.heard, now), now
            if ticks or state is not before or beat or session.ending:
                self._send(ticks, state)
                last_sent = now
            if session.ending is not None:
                _leave(session.ending[0])

    def _obey(self, order: object) -> None:
        if isinstance(order, Stop):
            _leave(ChildExit.STOPPED)
        if isinstance(order, Trading):
            self._trading_since = time.monotonic() if order.now else None
        if isinstance(order, Subscribe):
            new = {symbol: topic for symbol, topic in order.topics.items() if symbol not in self._asked}
            self._asked.update(new)
            if new:
                self._orders.put(new)

    def _own_socket(self) -> None:
        """Connect, then subscribe what is asked for, one request at a time, each verified by its acks."""
        session = self._session
        try:
            threading.Thread(target=self._connect, name="connect", daemon=True).start()
            if not session.authenticated.wait(AUTHENTICATE_S):
                session.end(ChildExit.NOT_CONNECTED, "FYERS did not accept the connection in time")
                return
            while True:
                topics = self._orders.get()
                for _ in range(session.subscribe(topics)):
                    if not session.acknowledged.acquire(timeout=ACKNOWLEDGE_S):
                        if session.plan_limit:
                            self._refused = True
                            break  # what was allowed before keeps flowing
                        session.end(ChildExit.NOT_SUBSCRIBED, "FYERS did not acknowledge a subscription")
                        return
                else:
                    self._subscribed += len(topics)
                    self._snapshots.asked(topics, time.monotonic())
                    session.changed.set()
        except Exception as error:  # noqa: BLE001 (as above)
            session.end(ChildExit.BROKEN, f"subscribing failed ({type(error).__name__})")

    def _connect(self) -> None:
        try:
            self._session.connect()
        except Exception as error:  # noqa: BLE001 (as above)
            self._session.end(ChildExit.BROKEN, f"connecting failed ({type(error).__name__})")

    def _watch(self, now: float, started: float) -> None:
        found = fault_of(
            self._session, now, started, self._trading_since, subscribed=self._subscribed, refused=self._refused
        )
        if found is not None:
            self._session.end(*found)

    def _state(self) -> StreamState:
        session = self._session
        match session.ending:
            case (ChildExit.LOGIN_NEEDED, _):
                return StreamState.LOGIN_NEEDED
            case (ChildExit.PLAN_LIMIT, _):
                return StreamState.PLAN_LIMIT
            case (_, _):
                return StreamState.DEAD
        if session.plan_limit:
            return StreamState.PLAN_LIMIT
        if session.last_data_s is not None:
            if time.monotonic() - session.last_data_s <= self._stale_after_s:
                return StreamState.LIVE
            if self._trading_since is not None:
                return StreamState.STALE
        if self._subscribed:
            return StreamState.SUBSCRIBED
        return StreamState.AUTHENTICATED if session.authenticated.is_set() else StreamState.STARTING

    def _send(self, ticks: list[tuple[object, ...]], state: StreamState) -> None:
        session = self._session
        reason = session.ending[1] if session.ending else session.plan_limit
        missing = None if self._missing == self._missing_told else self._missing
        self._missing_told = self._missing
        self._pipe.send(Batch(ticks, state, reason, session.last_frame_ts, self._subscribed, session.damaged, missing))


class Heard(Protocol):
    """What a session has received. Times are monotonic, None before the first."""

    last_frame_s: float | None
    last_data_s: float | None
    plan_limit: str


def fault_of(
    session: Heard, now: float, started: float, trading_since: float | None, *, subscribed: int, refused: bool = False
) -> tuple[ChildExit, str] | None:
    """Why a life cannot be right and must end; None while it can. All times are monotonic.

    trading_since: None while the market is closed, when its silence is no fault. subscribed: how many symbols were
    accepted.
    """
    if session.last_frame_s is not None and now - session.last_frame_s > SILENT_S:
        return ChildExit.SILENT, f"no frame and no answer to pings for {SILENT_S:.0f} s"
    if trading_since is not None and subscribed:
        quiet_since = max(trading_since, session.last_data_s or started)
        if now - quiet_since > DATA_SILENT_S:
            return ChildExit.SILENT, f"no tick for {DATA_SILENT_S:.0f} s while the market trades"
    if refused and subscribed == 0 and session.last_data_s is None:
        return ChildExit.PLAN_LIMIT, session.plan_limit
    return None


def _say_last(pipe: Connection, reason: str) -> None:
    with contextlib.suppress(OSError):
        pipe.send(Batch([], StreamState.DEAD, reason, None, 0, 0))


def _leave(how: ChildExit) -> NoReturn:
    # The SDK's threads are not daemons, and its own way of closing takes seconds or hangs for ever.
    os._exit(int(how))
