"""Sessions that were ended before they expired: by a log-out, or all at once.

Each has a small file in `ended-sessions` of CHAINBOARD_DATA_DIR, which every web process of the machine sees at once
and none overwrites, and a mark in the cache for other machines. Touching the file `all` there ends every session that
began before.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
import threading
import time
from pathlib import Path

from dashboard.private_files import make_private
from dashboard.routes.web_registry import WebRegistry

log = logging.getLogger(__name__)

FOLDER, ALL = "ended-sessions", "all"
MOST_ENDED = 10_000  # then all sessions end, so that no ended one stays valid
LOOK_EVERY_S = 1.0
MOST_SEEN = 5_000


class Sessions:
    """Begins, ends and checks sessions. life_s: how long one is valid."""

    def __init__(self, data_dir: Path, web_registry: WebRegistry, *, life_s: float) -> None:
        self._folder, self._registry, self._life_s = data_dir / FOLDER, web_registry, life_s
        self._lock = threading.Lock()
        self._seen: dict[str, tuple[float, bool]] = {}

    def begin(self) -> str:
        """The content of a new session's cookie."""
        return f"{secrets.token_hex(16)}.{int(time.time())}"

    def is_alive(self, session: str) -> bool:
        """Whether the session has not been ended; its cookie has been verified before. Read once a second."""
        now, seen = time.monotonic(), self._seen.get(session)
        if seen is not None and now - seen[0] < LOOK_EVERY_S:
            return seen[1]
        alive = self._look(session)
        with self._lock:
            if len(self._seen) >= MOST_SEEN:
                self._seen = {}
            self._seen[session] = (now, alive)
        return alive

    def end(self, session: str) -> None:
        """End it on this machine, and on others through the shared cache."""
        mark = _mark(session)
        with self._lock:
            self._seen[session] = (float("inf"), False)
        self._registry.end_session(mark, self._life_s)
        try:
            make_private(self._folder)
            self._tidy()
            (self._folder / mark).touch(mode=0o600)
        except OSError as error:
            log.warning("A log-out cannot be kept in CHAINBOARD_DATA_DIR: %s.", error.strerror)

    def _look(self, session: str) -> bool:
        mark, (_, _, began) = _mark(session), session.partition(".")
        if not began.isdecimal() or (self._folder / mark).exists() or self._registry.session_ended(mark):
            return False
        try:
            return int(began) > (self._folder / ALL).stat().st_mtime
        except OSError:
            return True

    def _tidy(self) -> None:
        """Remove the files of sessions that have expired since."""
        ended = [path for path in self._folder.iterdir() if path.name != ALL]
        if len(ended) >= MOST_ENDED:
            (self._folder / ALL).touch(mode=0o600)
        for path in ended:
            if len(ended) >= MOST_ENDED or time.time() - path.stat().st_mtime > self._life_s:
                path.unlink(missing_ok=True)


def _mark(session: str) -> str:
    return hashlib.sha256(session.encode()).hexdigest()[:32]
