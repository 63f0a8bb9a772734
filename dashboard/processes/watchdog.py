"""Notices a process that lives and does nothing: what died is seen by its exit code, what hangs only by its silence."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.request import ProxyHandler, build_opener

from dashboard.data.cache.store import CacheError, CacheLocked, Store, open_store
from dashboard.data.contract import keys
from dashboard.processes.child import Child
from dashboard.processes.service_manager import ServiceManager

HUNG_AFTER_S = 15.0
BUSY_HUNG_AFTER_S = 60.0  # for one that computes: answers late, rather than never
BUSY_CPU_S = 4.0  # used since it fell silent
STARTS_WITHIN_S = 60.0  # to the first sign of life; a busy machine is slow to import
ASK_EVERY_S = 2.0
ASK_FIRST_EVERY_S = 0.5  # until the first sign, which somebody waits for
ANSWER_WITHIN_S = 5.0
AWAY_S = 5.0  # the supervisor itself was stopped, or waited: silence of that time is nobody's fault
HEALTH_PATH = "/healthz"  # any answer is a sign of life
MARK = "watchdog"
MARK_FOR_S = 60.0

# A proxy from the environment has no business with this machine's own address.
DIRECTLY = build_opener(ProxyHandler({}))

SignOfLife = Callable[[], bool | None]  # yes, no, or None where that cannot be known


class Watchdog:
    """Asks one child for signs of life, in a thread, and has it replaced when there are none."""

    def __init__(self, child: Child, sign: SignOfLife, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._child, self._sign, self._monotonic = child, sign, monotonic
        self._pid: int | None = None
        self._alive_at = self._looked_at = monotonic()
        self._cpu_s: float | None = None  # when it fell silent
        self.shown = False  # whether it has ever given a sign

    def start(self) -> None:
        threading.Thread(target=self._ask, name=f"watch-{self._child.name}", daemon=True).start()

    def look(self) -> None:
        """Replace the child if it hangs. To be called often, by whoever tends it."""
        now = self._monotonic()
        away, self._looked_at = now - self._looked_at > AWAY_S, now
        if self._child.pid != self._pid:
            self._pid = self._child.pid
            self._alive_at, self._cpu_s = now + STARTS_WITHIN_S - HUNG_AFTER_S, None
        elif away:
            self._alive_at = max(self._alive_at, now)
        silent_s = now - self._alive_at
        if self._pid is not None and silent_s >= HUNG_AFTER_S and (silent_s >= BUSY_HUNG_AFTER_S or not self._busy()):
            self._child.replace(f"gave no sign of life for {silent_s:.0f} s")

    def note(self, sign: bool | None) -> None:
        """What the last question gave. Where nothing can be known the time does not count."""
        now = self._monotonic()
        if sign is False:
            self._cpu_s = self._child.cpu_s() if self._cpu_s is None else self._cpu_s
            return
        self._cpu_s = None
        self._alive_at = now if sign else max(self._alive_at, now)
        self.shown = self.shown or bool(sign)

    def _busy(self) -> bool:
        return self._cpu_s is not None and self._child.cpu_s() - self._cpu_s >= BUSY_CPU_S

    def _ask(self) -> None:
        while True:
            self.note(self._sign())
            time.sleep(ASK_EVERY_S if self.shown else ASK_FIRST_EVERY_S)


def answers(url: str) -> bool:
    """Whether anything at all comes back from `url`: 404 and 503 are signs of life, too."""
    try:
        DIRECTLY.open(url, timeout=ANSWER_WITHIN_S).close()
    except HTTPError as answer:
        answer.close()
    except (OSError, HTTPException):
        return False
    return True


def beat_while_answering(url: str, manager: ServiceManager) -> None:
    """In a thread: the service manager hears of a server only as long as it answers."""

    def ask() -> None:
        while True:
            if answers(url):
                manager.beat()
            time.sleep(ASK_EVERY_S)

    threading.Thread(target=ask, name="beat", daemon=True).start()


class Heartbeat:
    """The feed's report in the cache: as long as its version grows, the feed's loop turns."""

    def __init__(self, cache_url: str) -> None:
        self._cache_url = cache_url
        self._store: Store | None = None
        self._version = 0

    def __call__(self) -> bool | None:
        if self._store is None:
            try:
                self._store = open_store(self._cache_url)
            except CacheError:
                return None
            self._version = self._store.version(keys.HEALTH)
            return False
        version = self._store.version(keys.HEALTH)
        if version > self._version:
            self._version = version
            return True
        return self._can_nobody_write()

    def _can_nobody_write(self) -> bool | None:
        """A feed whose cache is full or away cannot report, and a new one could not either."""
        assert self._store is not None
        try:
            self._store.put(MARK, b"", ttl_s=MARK_FOR_S)
        except CacheLocked:  # perhaps by the very feed that hangs
            return False
        except CacheError:
            return None
        return False
