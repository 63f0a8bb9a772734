"""The stream as the feed sees it: a child process around the SDK's socket, restarted whenever it ends."""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import random
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess

from dashboard.data.brokers.fyers.auth.access_token import AccessToken, TokenSource
from dashboard.data.brokers.fyers.endpoints import assert_loopback, sdk_is_known
from dashboard.data.brokers.fyers.stream import socket_child
from dashboard.data.brokers.fyers.stream.lives import StreamLives
from dashboard.data.brokers.fyers.stream.parse_tick import TickFields, tick
from dashboard.data.brokers.fyers.stream.socket_protocol import (
    MAX_SYMBOLS,
    Batch,
    ChildExit,
    ChildOrder,
    Stop,
    Subscribe,
    Trading,
)
from dashboard.data.brokers.protocol import StreamState, StreamStatus
from dashboard.market.errors import MarketError
from dashboard.market.tick import Tick
from dashboard.settings import Settings

log = logging.getLogger(__name__)

FIRST_RETRY_S, LAST_RETRY_S = 0.25, 10.0
PLAN_LIMIT_RETRY_S = 300.0
REFUSED_RETRY_S = 300.0  # the same token again; another one is tried at once
STEADY_S = 5.0  # ticks for this long: the next failure is a new one, and the waits start small again
MUTE_S = 15.0  # the child speaks once a second; silence means it is stopped or stuck
LEAVE_S = 2.0
POLL_S = 0.05


class FyersTickStream:
    """`TickStream` over a supervised child process. All methods may be called from any thread."""

    def __init__(
        self,
        settings: Settings,
        tokens: TokenSource,
        topic_of: Callable[[str], str | None],
        *,
        trading: Callable[[], bool] = lambda: False,
    ) -> None:
        """trading: whether silence would be strange now; answers at once, from what is known."""
        assert_loopback(settings)
        self._trading = trading
        self._trading_told = False
        self._settings = settings
        self._tokens = tokens
        self._topic_of = topic_of
        self._lock = threading.Lock()
        self._arrived = threading.Condition(self._lock)
        self._wake = threading.Event()  # new wishes, or close
        self._topics: dict[str, str] = {}
        self._left_out: set[str] = set()
        self._pending: dict[str, TickFields] = {}
        self._lives = StreamLives()
        self._sent: set[str] = set()
        self._first_tick_s = float("inf")  # of the present life, monotonic
        self._recycle = False
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._supervise, name="tick-stream", daemon=True)
        self._thread.start()

    def subscribe(self, symbols: Iterable[str]) -> None:
        """Add symbols; known ones cost nothing, and beyond 5,000 they are left out and `status` says so."""
        with self._lock:
            for symbol in symbols:
                self._want(symbol)
        self._wake.set()

    def recycle(self, symbols: Iterable[str]) -> None:
        """Start a new connection with exactly these symbols. The SDK cannot unsubscribe reliably."""
        with self._lock:
            self._topics, self._left_out, self._pending = {}, set(), {}
            self._lives.other_symbols()
            for symbol in symbols:
                self._want(symbol)
            self._recycle = True
        self._wake.set()

    def ticks(self, timeout_s: float) -> Sequence[Tick]:
        """Ticks since the last call, coalesced to the latest per symbol; waits at most `timeout_s` for the first."""
        with self._arrived:
            if not self._pending and not self._closing.is_set():
                self._arrived.wait(timeout_s)
            pending, self._pending = self._pending, {}
        return [tick(fields) for fields in pending.values()]

    def status(self) -> StreamStatus:
        with self._lock:
            return self._lives.status

    def close(self) -> None:
        """End the child and forget it; returns within a few seconds, leaving no process behind."""
        self._closing.set()
        with self._arrived:
            self._arrived.notify_all()
        self._wake.set()
        self._thread.join(3 * LEAVE_S + POLL_S)

    def _want(self, symbol: str) -> None:
        if symbol in self._topics:
            return
        topic = self._topic_of(symbol) if len(self._topics) < MAX_SYMBOLS else None
        if topic is not None:
            self._topics[symbol] = topic
            self._left_out.discard(symbol)
        elif symbol not in self._left_out:
            self._left_out.add(symbol)
            log.warning("%s is not streamed: %s.", symbol, self._limit_reason() or "no master lists it")

    def _limit_reason(self) -> str:
        return f"{MAX_SYMBOLS:,} symbols is the most for one connection" if len(self._topics) >= MAX_SYMBOLS else ""

    def _supervise(self) -> None:
        failures = 0
        while not self._closing.is_set():
            token = self._usable_token()
            if token is None:
                continue
            self._first_tick_s = float("inf")
            try:
                how = self._one_life(token)
            except Exception:  # whatever ended this life, the next one may be well
                log.exception("The tick stream's supervisor failed; it goes on.")
                how = ChildExit.BROKEN
            if self._closing.is_set():
                break
            if how is ChildExit.STOPPED:  # recycled on purpose
                continue
            self._lives.restarts += 1
            if how is ChildExit.LOGIN_NEEDED:
                self._tokens.refused(token)
                self._lives.refusals += 1
                self._await_other_token(token)
                if self._lives.refusals > 1:  # nor does another token help
                    self._pause(pause_s(how, self._lives.refusals))
                continue
            steady = time.monotonic() - self._first_tick_s > STEADY_S
            failures = 0 if steady else failures + 1
            self._pause(pause_s(how, failures))
        self._tell(StreamState.DEAD, "closed")

    def _usable_token(self) -> AccessToken | None:
        """The current token; None, after a short wait, while there is none that FYERS could accept."""
        try:
            token = self._tokens.current()
        except MarketError as error:
            self._tell(StreamState.DEAD, error.message)
            self._pause(1.0)
            return None
        if token is None or token.expired(time.time()):
            self._tell(StreamState.LOGIN_NEEDED, "log in to FYERS" if token is None else "the FYERS login has expired")
            self._pause(0.5)
            return None
        return token

    def _await_other_token(self, refused: AccessToken) -> None:
        """Knocking again with a refused token only gets the account noticed, so that is done seldom."""
        until = time.monotonic() + REFUSED_RETRY_S
        while not self._closing.is_set() and time.monotonic() < until:
            with contextlib.suppress(MarketError):
                if self._tokens.current() != refused:
                    return
            self._pause(0.5)

    def _one_life(self, token: AccessToken) -> ChildExit:
        """Run one child to its end; gives why it ended."""
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        order = ChildOrder(self._settings, token.secret, sdk_is_known())
        process = context.Process(target=socket_child.run, args=(theirs, order), name="fyers-socket", daemon=True)
        with self._lock:
            self._sent = set()
            self._recycle = self._trading_told = False
            self._lives.begin()
        try:
            process.start()
            theirs.close()
            how = self._listen(ours, process)
        except OSError as error:
            log.warning("The socket process cannot be started (%s).", error.strerror)
            how = ChildExit.BROKEN
        finally:
            theirs.close()
            _end(process)
            ours.close()
        if how is ChildExit.STOPPED and not self._closing.is_set():
            self._tell(StreamState.STARTING, "a planned new connection, for another set of symbols")
            return how
        state = {ChildExit.LOGIN_NEEDED: StreamState.LOGIN_NEEDED, ChildExit.PLAN_LIMIT: StreamState.PLAN_LIMIT}
        self._tell(state.get(how, StreamState.DEAD), self._lives.status.reason or "the socket process has ended")
        return how

    def _listen(self, pipe: Connection, process: SpawnProcess) -> ChildExit:
        """Pass wishes down and ticks up until the child ends or must."""
        heard = time.monotonic()
        while True:
            if self._closing.is_set() or self._recycle:
                return _stop(pipe)
            self._wake.clear()
            self._send_wishes(pipe)
            try:
                if pipe.poll(POLL_S if not self._wake.is_set() else 0):
                    self._receive(pipe.recv())
                    heard = time.monotonic()
                    continue
            except (EOFError, OSError):
                process.join(LEAVE_S)
                return _exit_of(process)
            if time.monotonic() - heard > MUTE_S:
                log.warning("The socket process has said nothing for %.0f s; replacing it.", MUTE_S)
                return ChildExit.SILENT

    def _send_wishes(self, pipe: Connection) -> None:
        with self._lock:
            new = {symbol: topic for symbol, topic in self._topics.items() if symbol not in self._sent}
            self._sent.update(new)
        trading = self._trading()
        with contextlib.suppress(OSError):  # the child has ended; reading from the pipe says so next
            if trading is not self._trading_told:
                self._trading_told = trading
                pipe.send(Trading(trading))
            if new:
                pipe.send(Subscribe(new))

    def _receive(self, batch: Batch) -> None:
        with self._arrived:
            for fields in batch.ticks:
                self._pending[fields[0]] = fields
            if self._lives.receive(batch, self._limit_reason() if self._left_out else ""):
                self._recycle = True
            if batch.ticks:
                self._first_tick_s = min(self._first_tick_s, time.monotonic())
                self._arrived.notify_all()

    def _tell(self, state: StreamState, reason: str) -> None:
        with self._lock:
            self._lives.note(state, reason)

    def _pause(self, seconds: float) -> None:
        """Wait, but not beyond close(). New wishes do not cut it short: back-off is for the broker's sake."""
        until = time.monotonic() + seconds
        while not self._closing.is_set() and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, 0.1))


def pause_s(how: ChildExit, failures: int, jitter: Callable[[], float] = random.random) -> float:
    """Seconds before the next life: doubling up to ten, spread by +-25 %, without a last attempt."""
    if how is ChildExit.PLAN_LIMIT:
        return PLAN_LIMIT_RETRY_S * (0.75 + 0.5 * jitter())
    return min(LAST_RETRY_S, FIRST_RETRY_S * 2.0 ** min(failures, 10)) * (0.75 + 0.5 * jitter())


def _stop(pipe: Connection) -> ChildExit:
    with contextlib.suppress(OSError):  # it has ended by itself
        pipe.send(Stop())
    return ChildExit.STOPPED


def _end(process: SpawnProcess) -> None:
    """See the process off: wait, then terminate, then kill. It holds nothing that needs saving."""
    if process.pid is None:
        return
    process.join(LEAVE_S)
    for force in (process.terminate, process.kill):
        if process.exitcode is None:
            force()
            process.join(LEAVE_S)
    if process.exitcode is not None:
        process.close()


def _exit_of(process: SpawnProcess) -> ChildExit:
    try:
        how = ChildExit(-1 if process.exitcode is None else process.exitcode)
    except ValueError:  # a signal, or still there
        return ChildExit.BROKEN
    return ChildExit.BROKEN if how is ChildExit.STOPPED else how  # nobody asked it to stop
