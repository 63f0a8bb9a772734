"""A child process seen from both sides: how the supervisor keeps one, and how one notices that it lost its parent.

Children run as `python -m dashboard.processes.child PARENT_PID MODULE ARGUMENTS…`, so no module needs to know of this.
"""

from __future__ import annotations

import contextlib
import logging
import os
import runpy
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

import psutil

from dashboard.settings import is_setting

CANNOT_START = (
    2  # exit code of a process that has printed why it cannot start; at its first start trying again would not help
)
ROOT = Path(__file__).parents[2]
STEADY_S = 60.0  # a child that lived this long starts again with the shortest wait
LONGEST_WAIT_S = 30.0
WATCH_EVERY_S = 0.3
LAST_WORDS_S = 3.0  # for an orphan to leave by itself
REPLACED_WITHIN_S = 3.0  # for one that hangs to leave by itself

WINDOWS = sys.platform == "win32"

log = logging.getLogger(__name__)


class Child:
    """One module kept running. Not started until `start`; `tend` starts it again after it died, with growing waits."""

    def __init__(
        self, name: str, arguments: Sequence[str], environment: Mapping[str, str], *, piped: bool = False
    ) -> None:
        self.name = name
        self.arguments = list(arguments)
        self.environment = dict(environment)
        self.restarts = 0
        self._piped = piped
        self._process: subprocess.Popen[str] | None = None
        self._started = self._due = 0.0
        self._wait_s = 1.0
        self._why = ""  # it is to be replaced
        self._kill_at = 0.0

    def start(self) -> None:
        """Start it in a session of its own: the terminal's Ctrl-C reaches the supervisor alone."""
        flags = 0
        if sys.platform == "win32":
            flags = subprocess.CREATE_NEW_PROCESS_GROUP
        self._process = subprocess.Popen(
            [sys.executable, "-m", "dashboard.processes.child", str(os.getpid()), *self.arguments],
            cwd=ROOT,
            env=self.whole_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if self._piped else None,
            text=True,
            encoding="utf-8",
            errors="replace",
            start_new_session=not WINDOWS,
            creationflags=flags,
        )
        self._started, self._due = time.monotonic(), 0.0
        self._why = ""

    def whole_environment(self) -> dict[str, str]:
        """What we inherited but for settings and our service manager's socket, and the child's own."""
        managed = ("NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC")
        inherited = {name: text for name, text in os.environ.items() if not is_setting(name) and name not in managed}
        return inherited | self.environment | {"PYTHONUNBUFFERED": "1"}

    @property
    def output(self) -> IO[str]:
        """Standard output of a piped child."""
        assert self._process is not None
        assert self._process.stdout is not None
        return self._process.stdout

    @property
    def exit_code(self) -> int | None:
        """None while it runs, and before it was started."""
        return None if self._process is None else self._process.poll()

    @property
    def pid(self) -> int | None:
        """Of the process that runs; None when none does."""
        return None if self._process is None or self._process.poll() is not None else self._process.pid

    def cpu_s(self) -> float:
        """Seconds of processor time that it and its descendants have used; those that are gone not counted."""
        used = 0.0
        for process in [] if self.pid is None else _descendants(self.pid):
            with contextlib.suppress(psutil.Error):
                times = process.cpu_times()
                used += times.user + times.system
        return used

    def tend(self) -> bool:
        """Note a death and start again once the wait is over. True when it was started again."""
        now = time.monotonic()
        if self.exit_code is None:
            if self._why and now >= self._kill_at:
                self._kill()
            return False
        if not self._due:
            self._end_group()  # what a killed child may have left behind
            self._wait_s = 1.0 if now - self._started > STEADY_S else min(self._wait_s * 2, LONGEST_WAIT_S)
            self._due = now + self._wait_s
            why = f"{self._why} and was ended" if self._why else "stopped"
            log.warning(
                "The %s %s (exit code %s); it starts again in %.0f s.", self.name, why, self.exit_code, self._wait_s
            )
        if now < self._due:
            return False
        self.restarts += 1
        self.start()
        return True

    def replace(self, why: str) -> None:
        """Ask it to stop, and have `tend` kill it if it does not and start it again. Asking twice changes nothing."""
        if self.pid is not None and not self._why:
            self._why, self._kill_at = why, time.monotonic() + REPLACED_WITHIN_S
            self.ask_to_stop()

    def ask_to_stop(self) -> None:
        if self._process is None or self._process.poll() is not None:
            return
        if sys.platform == "win32":
            with contextlib.suppress(OSError):  # without a console there is no Ctrl-Break; `end` insists
                self._process.send_signal(signal.CTRL_BREAK_EVENT)
        else:
            self._process.send_signal(signal.SIGTERM)

    def end(self, deadline: float) -> None:
        """Wait until `deadline` (monotonic), then kill it with all its descendants."""
        if self._process is None:
            return
        try:
            self._process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self._kill()
        self._end_group()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _kill(self) -> None:
        assert self._process is not None
        for descendant in _descendants(self._process.pid):
            with contextlib.suppress(psutil.NoSuchProcess):
                descendant.kill()

    def _end_group(self) -> None:
        # Its session is its own, so whatever is left in the group came from it, even when the child is long gone.
        if self._process is not None and sys.platform != "win32":
            try:
                os.killpg(self._process.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                return


def _descendants(pid: int) -> list[psutil.Process]:
    try:
        process = psutil.Process(pid)
        return [*process.children(recursive=True), process]
    except psutil.NoSuchProcess:
        return []


def leave_with_parent(parent_pid: int) -> None:
    """Ask this process to stop when its parent is gone, killed without a chance to say so; insist after a while."""
    if not WINDOWS and os.getppid() != parent_pid:
        sys.exit("The supervisor is gone.")
    threading.Thread(target=_watch, args=(parent_pid,), name="parent-watch", daemon=True).start()


def _watch(parent_pid: int) -> None:
    if WINDOWS:
        with contextlib.suppress(psutil.NoSuchProcess):
            psutil.Process(parent_pid).wait()
    else:
        # Not by waiting for the pid to vanish: a killed parent stays a zombie until somebody reaps it.
        while os.getppid() == parent_pid:
            time.sleep(WATCH_EVERY_S)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(LAST_WORDS_S)
    if sys.platform != "win32" and os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


def main() -> None:
    """Become MODULE, watched."""
    parent_pid, module, *arguments = sys.argv[1:]
    if sys.platform == "win32":
        # A group of its own receives Ctrl-Break but no Ctrl-C; modules only know SIGTERM.
        signal.signal(signal.SIGBREAK, lambda *_: signal.raise_signal(signal.SIGTERM))
    leave_with_parent(int(parent_pid))
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
