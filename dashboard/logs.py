"""One form of log for every process: text for a terminal, JSON lines for a collector, and never a secret.

What looks like one is blanked when a line is written, whoever wrote it: our own settings by their value, access tokens
and authorisation codes by their shape, passwords by their place in an address. Tracebacks and warnings go the same way.
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
import threading
from collections.abc import Iterable
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, TextIO

from dashboard.settings import Settings, SettingsError

TEXT_FORM = "%(asctime)s %(levelname)s %(name)s: %(message)s"
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
BLANK = "<secret>"
SHORTEST_SECRET = 6  # a shorter value would blank half of every line

_SHAPES = (
    (re.compile(r"eyJ[\w-]{5,}\.[\w-]{5,}(?:\.[\w-]*)?"), BLANK),  # a JWT: access token, authorisation code
    (re.compile(r"(?<=auth_code=)[^&\s\"']+"), BLANK),
    (re.compile(r"(?<=://)[^/\s@\"']*:[^/\s@\"']*(?=@)"), BLANK),  # redis://user:password@host
)

log = logging.getLogger(__name__)


def redacted(text: str, secrets: Iterable[str] = ()) -> str:
    """The text without the given secrets and without what has the shape of one."""
    for secret in secrets:
        text = text.replace(secret, BLANK)
    for shape, blank in _SHAPES:
        text = shape.sub(blank, text)
    return text


def secrets_of(settings: Settings) -> tuple[str, ...]:
    """Values that no line may hold."""
    own = (settings.access_token, settings.secret_key, settings.password, settings.signing_key)
    return tuple(value for value in own if len(value) >= SHORTEST_SECRET)


class TextLines(logging.Formatter):
    """As logging writes them, without secrets."""

    def __init__(self, secrets: tuple[str, ...]) -> None:
        super().__init__(TEXT_FORM)
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        return redacted(super().format(record), self._secrets)


class JsonLines(logging.Formatter):
    """One object per line: ts (ISO, UTC), level, process, pid, logger, message, and exception where there is one."""

    def __init__(self, process: str, secrets: tuple[str, ...]) -> None:
        super().__init__()
        self._process, self._secrets = process, secrets

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "ts": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "process": self._process,
            "pid": os.getpid(),
            "logger": record.name,
            "message": redacted(record.getMessage(), self._secrets),
        }
        if record.exc_info:
            line["exception"] = redacted(self.formatException(record.exc_info), self._secrets)
        return json.dumps(line, ensure_ascii=False)


class StderrHandler(logging.StreamHandler[TextIO]):
    """Writes to whatever stderr is at the moment."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:
        return sys.stderr

    @stream.setter
    def stream(self, stream: TextIO) -> None:
        raise AttributeError("always stderr")


def set_up(settings: Settings, process: str) -> None:
    """Log as the settings say, also what nobody caught. Raises SettingsError."""
    level = settings.log_level.upper()
    if level not in LEVELS:
        raise SettingsError(f"CHAINBOARD_LOG_LEVEL is {level!r}; expected one of {', '.join(LEVELS)}.")
    secrets = secrets_of(settings)
    forms: dict[str, logging.Formatter] = {"text": TextLines(secrets), "json": JsonLines(process, secrets)}
    if settings.log_format not in forms:
        raise SettingsError(f"CHAINBOARD_LOG_FORMAT is {settings.log_format!r}; expected text or json.")
    handler, root = StderrHandler(), logging.getLogger()
    handler.setFormatter(forms[settings.log_format])
    root.handlers = [other for other in root.handlers if not isinstance(other, StderrHandler)] + [handler]
    root.setLevel(level)
    logging.captureWarnings(True)
    # Only where nobody else, such as a test runner, has taken them.
    if sys.excepthook is sys.__excepthook__:
        sys.excepthook = _uncaught
    if threading.excepthook is threading.__excepthook__:
        threading.excepthook = _uncaught_in_thread


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
    else:
        log.critical("nobody caught this", exc_info=(kind, error, trace))


def _uncaught_in_thread(told: threading.ExceptHookArgs) -> None:
    if told.exc_value is not None and not issubclass(told.exc_type, SystemExit):
        name = told.thread.name if told.thread else "a thread"
        log.critical("nobody caught this in %s", name, exc_info=(told.exc_type, told.exc_value, told.exc_traceback))
