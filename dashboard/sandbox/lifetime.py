"""When to stop: on a signal, or when the process that started the sandbox has ended."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys

_POLL_S = 0.5


async def until_stopped(parent_pid: int | None) -> None:
    """Return on SIGTERM, SIGINT, or when the parent process has died."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        try:
            loop.add_signal_handler(number, stop.set)
        except NotImplementedError:  # Windows has no loop signals
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
    watcher = asyncio.create_task(_watch_parent(parent_pid, stop)) if parent_pid is not None else None
    await stop.wait()
    if watcher is not None:
        watcher.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watcher


async def _watch_parent(parent_pid: int, stop: asyncio.Event) -> None:
    # Polling is portable and cannot be missed; a death signal would be lost if the parent died before it was armed.
    ours = parent_pid == os.getppid()
    while os.getppid() == parent_pid if ours else is_alive(parent_pid):
        await asyncio.sleep(_POLL_S)
    stop.set()


def is_alive(pid: int) -> bool:
    """Whether a process still runs."""
    if sys.platform == "win32":  # Windows has no safe check; there the supervisor stops us
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
