"""A child process under test, and the one way to wait for something."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import tempfile
import time
import weakref
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Self, TypeVar

import psutil

REPOSITORY = Path(__file__).parents[1]
PATIENCE_S = 30.0  # for what has no deadline of its own: two busy cores are slow to start processes
ASK_AGAIN_S = 0.02
T = TypeVar("T")


def eventually(
    question: Callable[[], T],
    within_s: float = PATIENCE_S,
    what: object = "what was asked",
    pause: Callable[[], object] = lambda: time.sleep(ASK_AGAIN_S),
) -> T:
    """The first truthy answer; AssertionError with `what` when there is none within the time.

    pause: what passes the time between two questions, where something must be read meanwhile. what: a text, or a
    function that gives one at the end.
    """
    deadline = time.monotonic() + within_s
    while not (answer := question()):
        if time.monotonic() > deadline:
            subject = what() if callable(what) else what
            raise AssertionError(f"not within {within_s:g} s: {subject} (last answer: {answer!r})")
        pause()
    return answer


def free_port() -> int:
    """A loopback port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def gone(processes: Sequence[psutil.Process]) -> bool:
    return not any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in processes)


class ChildProcess:
    """`with ChildProcess(command) as child:` starts it, waits until it is ready, and leaves nothing of it behind.

    It sees none of this process's own FYERS_ and CHAINBOARD_ variables, only those of `environment`. Its output goes
    into a file, as a pipe that nobody reads would stop it in the end. A special one says when it `is_ready`.
    """

    stop_signal = signal.SIGTERM
    stops_within_s = 10.0
    ready_within_s = PATIENCE_S

    def __init__(self, command: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        self.command = list(command)
        self.variables = dict(environment or {})
        self.process: subprocess.Popen[bytes] | None = None
        self.started = 0.0
        self._output, name = tempfile.mkstemp()
        os.unlink(name)  # noqa: PTH108 (a file without a name, which lives as long as this object)
        weakref.finalize(self, os.close, self._output)

    # --- its life -------------------------------------------------------------------------------------------
    def start(self) -> Self:
        """Start it and return at once."""
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith(("FYERS_", "CHAINBOARD_"))
        }
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            self.command,
            cwd=REPOSITORY,
            env={**inherited, "PYTHONUNBUFFERED": "1", **self.variables},
            stdout=self._output,
            stderr=subprocess.STDOUT,
        )
        return self

    def is_ready(self) -> bool:
        return True

    def wait_until_ready(self) -> Self:
        """Wait; one that ends instead, or is not ready in time, is stopped and reported with its output."""

        def ready_or_ended() -> bool:
            return self.exit_code is not None or self.is_ready()

        try:
            eventually(ready_or_ended, self.ready_within_s, f"{self.command} is ready")
            assert self.exit_code is None, f"{self.command} ended with {self.exit_code}"
        except AssertionError as error:
            self.stop()
            raise AssertionError(f"{error}\n{self.output()}") from None
        return self

    def send(self, number: signal.Signals) -> None:
        self._started().send_signal(number)

    def kill(self) -> None:
        """End it as the kernel would for want of memory: it writes nothing more and closes no connection in order."""
        self._started().kill()
        self.outcome(10)

    def outcome(self, within_s: float = PATIENCE_S) -> int:
        """Exit code of one that ends."""
        return self._started().wait(within_s)

    def stop(self) -> list[psutil.Process]:
        """Ask it to end, frozen or not, and insist. Gives the descendants that outlived it, which are killed now."""
        process = self.process
        if process is None or process.poll() is not None:
            return []
        family = self.descendants()
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(self.stop_signal)
            process.send_signal(signal.SIGCONT)
        try:
            process.wait(self.stops_within_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        alive: list[psutil.Process] = psutil.wait_procs(family, timeout=3)[1]
        for survivor in alive:
            with contextlib.suppress(psutil.NoSuchProcess):
                survivor.kill()
        return alive

    def __enter__(self) -> Self:
        return self.start().wait_until_ready()

    def __exit__(self, *exception: object) -> None:
        self.stop()

    # --- what can be seen of it -----------------------------------------------------------------------------
    @property
    def pid(self) -> int:
        return self._started().pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._started().poll()

    def family(self) -> list[psutil.Process]:
        """The process and all its descendants."""
        return [psutil.Process(self.pid), *self.descendants()]

    def descendants(self) -> list[psutil.Process]:
        found: list[psutil.Process] = psutil.Process(self.pid).children(recursive=True)
        return found

    def output(self) -> str:
        """Everything it has written so far."""
        # `pread` leaves the offset alone, at which the child goes on writing.
        return os.pread(self._output, os.fstat(self._output).st_size, 0).decode(errors="replace")

    def _started(self) -> subprocess.Popen[bytes]:
        assert self.process is not None, f"{self.command} was not started"
        return self.process
