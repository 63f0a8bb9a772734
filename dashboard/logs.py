"""The log of every process: text for a terminal, JSON lines for a collector, and never a secret.

Secrets are blanked in every line: our own settings by their value, access tokens and authorisation codes by their
shape, passwords by their position in an address. Tracebacks and warnings are treated in the same way.

Clients cannot forge or flood the log: control characters are escaped, messages are cut, the lines of a traceback are
indented, and messages that repeat within a minute, or many of one kind, are counted instead of written.
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
import threading
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, TextIO

from dashboard.settings import Settings, SettingsError

TEXT_FORM = "%(asctime)s %(levelname)s %(name)s: %(message)s"
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
BLANK = "<secret>"
SHORTEST_SECRET = 6  # a shorter value would blank half of every line
LONGEST_FIELD = 64  # of a value from outside
LONGEST_MESSAGE = 1_000
REPEAT_S = 60.0  # the same message is written once in this time
MOST_OF_A_KIND = 100  # warnings of one kind (one place in the code) written in this time
MOST_REMEMBERED = 1_000

_SHAPES = (
    (re.compile(r"eyJ[\w-]{5,}\.[\w-]{5,}(?:\.[\w-]*)?"), BLANK),  # a JWT: access token, authorisation code
    (re.compile(r"(?<=auth_code=)[^&\s\"']+"), BLANK),
    (re.compile(r"(?<=://)[^/\s@\"']*:[^/\s@\"']*(?=@)"), BLANK),  # redis://user:password@host
)

log = logging.getLogger(__name__)


def redacted(text: str, secrets: Iterable[str] = ()) -> str:
    """The text without the given secrets and without text of a secret's shape."""
    for secret in secrets:
        text = text.replace(secret, BLANK)
    for shape, blank in _SHAPES:
        text = shape.sub(blank, text)
    return text


def field(value: object) -> str:
    """A value from outside, such as a key or a symbol, for a line of the log: escaped and cut."""
    return cut(escaped(str(value)), LONGEST_FIELD)


def escaped(text: str) -> str:
    """The text on one line, with line ends and other control characters as Python escapes them."""
    return text if text.isprintable() else "".join(one if one.isprintable() else repr(one)[1:-1] for one in text)


def cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def secrets_of(settings: Settings) -> tuple[str, ...]:
    """Values that no line may contain."""
    own = (settings.access_token, settings.secret_key, settings.password, settings.signing_key)
    return tuple(value for value in own if len(value) >= SHORTEST_SECRET)


class TextLines(logging.Formatter):
    """Lines as logging formats them, without secrets; a traceback below its line, indented."""

    def __init__(self, secrets: tuple[str, ...]) -> None:
        super().__init__(TEXT_FORM)
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        record.message, record.asctime = message_of(record), self.formatTime(record)
        line = self.formatMessage(record)
        if record.exc_info:
            trace = self.formatException(record.exc_info).splitlines()
            line = "\n".join([line, *(f"    {escaped(part)}" for part in trace)])
        return redacted(line, self._secrets)


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
            "message": redacted(cut(record.getMessage(), LONGEST_MESSAGE), self._secrets),
        }
        if record.exc_info:
            line["exception"] = redacted(self.formatException(record.exc_info), self._secrets)
        return json.dumps(line, ensure_ascii=False)


def message_of(record: logging.LogRecord) -> str:
    return cut(escaped(record.getMessage()), LONGEST_MESSAGE)


@dataclass(slots=True)
class _Counted:
    record: logging.LogRecord
    since: float
    kept_back: int = 0


class Repeats:
    """Decides which records are written: each message once a minute, and a limited number of warnings of one kind.

    The others are counted, and the count is written with the first record after the minute.
    """

    def __init__(self) -> None:
        self._messages: dict[Hashable, _Counted] = {}
        self._kinds: dict[Hashable, _Counted] = {}

    def admits(self, record: logging.LogRecord) -> bool:
        kind = (record.name, record.levelno, record.msg if isinstance(record.msg, str) else type(record.msg))
        error = record.exc_info[0] if record.exc_info else None
        message = (*kind, message_of(record), error)
        for known, key in ((self._messages, message), (self._kinds, kind)):
            if len(known) >= MOST_REMEMBERED:
                known.pop(next(iter(known)))
            known.setdefault(key, _Counted(record, record.created))
        repeated = self._messages[message]
        if repeated.record is not record:
            repeated.kept_back += 1
            return False
        if record.levelno < logging.WARNING:
            return True
        flood = self._kinds[kind]
        flood.kept_back += 1
        return flood.kept_back <= MOST_OF_A_KIND

    def over(self, now: float) -> list[logging.LogRecord]:
        """Records with the counts of the minutes that are over (inf: of all)."""
        counts = []
        both = (self._messages, 0, "repeated {} times"), (self._kinds, MOST_OF_A_KIND, "and {} more like it")
        for known, free, ending in both:
            for key, counted in [*known.items()]:
                if not 0 <= now - counted.since < REPEAT_S:  # below 0: the clock was set back
                    del known[key]
                    if counted.kept_back > free:
                        count = ending.format(f"{counted.kept_back - free:,}")
                        counts.append(_with_count(counted.record, count))
        return counts


def _with_count(record: logging.LogRecord, count: str) -> logging.LogRecord:
    text = f"{cut(record.getMessage(), LONGEST_MESSAGE - len(count) - 4)} … ({count})"
    return logging.LogRecord(record.name, record.levelno, record.pathname, record.lineno, text, None, None)


class StderrHandler(logging.StreamHandler[TextIO]):
    """Writes to the present stderr, without repetitions."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)
        self._repeats = Repeats()

    def emit(self, record: logging.LogRecord) -> None:
        for counted in self._repeats.over(record.created):
            super().emit(counted)
        if self._repeats.admits(record):
            super().emit(record)

    def close(self) -> None:
        """Write the remaining counts; logging calls this when the process ends."""
        for counted in self._repeats.over(float("inf")):
            super().emit(counted)
        super().close()

    @property
    def stream(self) -> TextIO:
        return sys.stderr

    @stream.setter
    def stream(self, stream: TextIO) -> None:
        raise AttributeError("always stderr")


def set_up(settings: Settings, process: str) -> None:
    """Set up the log by the settings, including uncaught exceptions. Raises SettingsError."""
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
    # Only where no other tool, such as a test runner, has replaced them.
    if sys.excepthook is sys.__excepthook__:
        sys.excepthook = _uncaught
    if threading.excepthook is threading.__excepthook__:
        threading.excepthook = _uncaught_in_thread


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
    else:
        log.critical("uncaught exception", exc_info=(kind, error, trace))


def _uncaught_in_thread(error: threading.ExceptHookArgs) -> None:
    if error.exc_value is not None and not issubclass(error.exc_type, SystemExit):
        name = error.thread.name if error.thread else "a thread"
        log.critical("uncaught exception in %s", name, exc_info=(error.exc_type, error.exc_value, error.exc_traceback))
