"""Log files of the SDK, bounded and without secrets.

The SDK opens a FileHandler per constructor call, never rotates it, and lets its records reach the root logger.
"""

from __future__ import annotations

import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

from dashboard.logs import TextLines, secrets_of
from dashboard.settings import Settings

MAX_BYTES = 1_000_000
BACKUPS = 2


def log_directory(settings: Settings) -> Path:
    """Where the SDK writes; absolute, as it would otherwise use the working directory."""
    return (settings.data_dir / "logs").absolute()


class SdkLogs:
    """Stands in for the SDK's logger class: `SdkLogs(settings)(service, level, logger_handler=...)` -> Logger."""

    def __init__(self, settings: Settings) -> None:
        self.directory = log_directory(settings)
        self.directory.mkdir(parents=True, exist_ok=True)
        self._secrets = secrets_of(settings)

    def __call__(
        self, service: str, level: str, stack_level: int = 0, *, logger_handler: logging.Handler | None = None, **_: Any
    ) -> logging.Logger:
        if logger_handler is not None:
            logger_handler.close()  # the SDK has opened it already; its file is reused below
        logger = logging.getLogger(f"sdk.{service}")
        path = Path(getattr(logger_handler, "baseFilename", self.directory / f"{service}.log"))
        if not any(getattr(handler, "baseFilename", "") == str(path.absolute()) for handler in logger.handlers):
            for handler in list(logger.handlers):
                logger.removeHandler(handler)
                handler.close()
            rotating = RotatingFileHandler(path, maxBytes=MAX_BYTES, backupCount=BACKUPS, encoding="utf-8", delay=True)
            rotating.setFormatter(TextLines(self._secrets))
            logger.addHandler(rotating)
        logger.propagate = False
        logger.setLevel(logging.ERROR)  # the SDK writes a line per REST call and per reconnect below this
        return logger
