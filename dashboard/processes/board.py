"""The processes of one board: started in order, replaced when they die or hang, and stopped together."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from queue import Empty, SimpleQueue
from types import FrameType
from typing import IO, Literal

from dashboard.processes.child import CANNOT_START, ROOT, Child
from dashboard.processes.service_manager import ServiceManager
from dashboard.processes.watchdog import HEALTH_PATH, Heartbeat, Watchdog, answers
from dashboard.settings import Process, Settings, withheld
from dashboard.web.listener import ANY_ADDRESS, url_of

Mode = Literal["demo", "replay", "live"]

SANDBOX_READY_WITHIN_S = 30.0
STOP_WITHIN_S = 4.0
LOOK_EVERY_S = 0.1
SANDBOX_PATH = "/sandbox/faults"  # answers whatever fault the sandbox was asked to simulate


class CannotStart(Exception):
    """The board cannot start; the message is one sentence for the terminal."""


class Ended(Exception):
    """The board ends before it was up, with this exit code; its cause has been printed."""

    def __init__(self, exit_code: int) -> None:
        super().__init__(exit_code)
        self.exit_code = exit_code


class Board:
    """The processes of one board, from the first start to the last stop."""

    def __init__(
        self,
        settings: Settings,
        mode: Mode,
        host: str,
        port: int,
        replay: Path | None,
        speed: float,
        *,
        no_password: bool = False,
    ) -> None:
        self._settings = settings
        self._mode = mode
        self._host, self._port = host, port
        self._sandbox = (
            None if mode == "live" else Child("sandbox", ["dashboard.sandbox", "--port", "0"], {}, piped=True)
        )
        if self._sandbox and replay:
            self._sandbox.arguments += ["--replay", str(replay.absolute()), "--speed", str(speed)]
        web = ["dashboard.web", "--host", host, "--port", str(port), *(["--no-password"] if no_password else [])]
        self._web = Child("web process", web, {})
        self._feed = Child("feed", ["dashboard.data.feed"], {})
        self._watchdogs: list[Watchdog] = []
        self._manager = ServiceManager()
        self._stop_asked = False
        self._announced = False

    def run(self) -> int:
        before = {number: signal.signal(number, self._ask_to_stop) for number in _stop_signals()}
        try:
            self._start()
            return self._keep()
        except Ended as end:
            return end.exit_code
        finally:
            self._manager.stopping()
            self._stop()
            for number, handler in before.items():
                signal.signal(number, handler)

    def _ask_to_stop(self, number: int, frame: FrameType | None) -> None:
        self._stop_asked = True

    def _start(self) -> None:
        if self._sandbox:
            self._sandbox.start()
            base = self._first_ready(self._sandbox)
            self._sandbox.arguments[2] = base.rpartition(":")[2]  # started again, it must be found where it was
            self._settings = at_sandbox(self._settings, base)
            self._watch(self._sandbox, lambda: answers(base + SANDBOX_PATH))
        self._web.environment = self._environment("web")
        self._web.start()
        self._feed.environment = self._environment("feed")
        # Before the feed starts: an earlier one's report is no sign of life.
        heartbeat = Heartbeat(self._settings.cache_url)
        heartbeat()
        self._feed.start()
        self._watch(self._web, lambda: answers(url_of(self._host, self._port) + HEALTH_PATH))
        self._watch(self._feed, heartbeat)

    def _environment(self, process: Process) -> dict[str, str]:
        return self._settings.environment(process) | withheld(process, ROOT)

    def _watch(self, child: Child, sign: Callable[[], bool | None]) -> None:
        self._watchdogs.append(Watchdog(child, sign))
        self._watchdogs[-1].start()

    def _keep(self) -> int:
        children = [child for child in (self._sandbox, self._feed, self._web) if child]
        while not self._stop_asked:
            for child in children:
                if child.exit_code == CANNOT_START and not child.restarts:  # it printed the reason
                    return CANNOT_START
                if child.tend() and child is self._sandbox:
                    self._follow_new_sandbox(child)
            for watchdog in self._watchdogs:
                watchdog.look()
            if not self._announced and all(watchdog.shown for watchdog in self._watchdogs):
                self._announce()
            if self._announced:
                self._manager.beat()
            time.sleep(LOOK_EVERY_S)
        return 0

    def _announce(self) -> None:
        self._announced = True
        print(f"Chainboard ({self._mode}) is at {url_of(self._host, self._port)}  –  Ctrl-C stops it", flush=True)
        if self._host in ANY_ADDRESS:
            who = (
                "the password"
                if self._settings.password
                else "no password: whoever reaches this machine sees the board"
            )
            print(f"It listens on every interface and asks for {who}.", flush=True)

    def _first_ready(self, sandbox: Child) -> str:
        """The base URL of a sandbox that was started for the first time. Raises CannotStart or Ended."""
        base = self._ready(sandbox)
        if base is not None:
            return base
        if self._stop_asked:
            raise Ended(0)
        if sandbox.exit_code == CANNOT_START:
            raise Ended(CANNOT_START)
        if sandbox.exit_code is not None:
            raise CannotStart(f"The sandbox ended with exit code {sandbox.exit_code}.")
        raise CannotStart(f"The sandbox was not ready within {SANDBOX_READY_WITHIN_S:.0f} s.")

    def _follow_new_sandbox(self, sandbox: Child) -> None:
        """Start a new feed for a new sandbox, because its access token died with the old one."""
        if self._ready(sandbox) is None:
            sandbox.replace(f"was not ready within {SANDBOX_READY_WITHIN_S:.0f} s")
            return
        self._feed.end(time.monotonic())
        self._feed.start()

    def _ready(self, sandbox: Child) -> str | None:
        """What the sandbox's READY line says; None when it ended, is too late, or the board is to stop."""
        lines: SimpleQueue[str] = SimpleQueue()
        threading.Thread(target=_forward, args=(sandbox.output, lines), daemon=True).start()
        deadline = time.monotonic() + SANDBOX_READY_WITHIN_S
        while time.monotonic() < deadline and not self._stop_asked:
            if self._announced:
                self._manager.beat()
            ended = sandbox.exit_code is not None
            try:
                return lines.get(timeout=LOOK_EVERY_S)
            except Empty:
                if ended:
                    return None
        return None

    def _stop(self) -> None:
        children = [child for child in (self._web, self._feed, self._sandbox) if child]
        for child in children:
            child.ask_to_stop()
        deadline = time.monotonic() + STOP_WITHIN_S
        for child in children:
            child.end(deadline)


def _stop_signals() -> list[int]:
    """Ctrl-C, SIGTERM, Windows' Ctrl-Break, and a closed terminal unless `nohup` makes us ignore that."""
    numbers = [signal.SIGINT, signal.SIGTERM]
    numbers += [getattr(signal, name) for name in ("SIGBREAK", "SIGHUP") if hasattr(signal, name)]
    return [number for number in numbers if number == signal.SIGINT or signal.getsignal(number) != signal.SIG_IGN]


def at_sandbox(settings: Settings, base: str) -> Settings:
    """The settings with every broker address on the sandbox at `base` (http://127.0.0.1:PORT)."""
    return replace(
        settings,
        api_url=f"{base}/api/v3",
        data_url=f"{base}/data",
        socket_url=f"{base.replace('http://', 'ws://')}/hsm/v1-5/prod",
        public_url=f"{base}/sym_details",
    )


def _forward(output: IO[str], ready: SimpleQueue[str]) -> None:
    """Read the sandbox's output to its end, or it would block on a full pipe."""
    for line in output:
        status, _, url = line.strip().partition(" ")
        if status == "READY":
            ready.put(url)
        else:
            print(line, end="", file=sys.stderr)
