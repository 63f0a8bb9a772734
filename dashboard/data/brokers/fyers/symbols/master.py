"""Download of the day's symbol masters: atomic, kept for the day, the old one valued until the new one proves good."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import requests

from dashboard.data.brokers.fyers.endpoints import assert_loopback
from dashboard.loopback import is_loopback
from dashboard.market.session import IST_OFFSET_S, ist_date
from dashboard.settings import Settings, SettingsError

log = logging.getLogger(__name__)

TIMEOUT_S = (5.0, 15.0)  # connect, and between two pieces of the answer
DEADLINE_S = 90.0
MAX_BYTES = 200_000_000
RETRY_S = 300.0
FIRST_RETRY_S = 5.0  # while there is nothing to fall back on
DEMO_KEPT_S = 86_400.0
# FYERS writes the new masters in the early morning; what is fetched before 08:30 IST may be yesterday's.
TURNOVER_S = 8.5 * 3600

Content = TypeVar("Content")


class MasterRejected(Exception):
    """A file that is not what it should be; the message says why."""


class MasterFolder:
    """The files of one public host on disk, in a folder of their own so that demo and live never mix."""

    def __init__(self, settings: Settings, *, clock: Callable[[], float] = time.time) -> None:
        assert_loopback(settings)
        self._base = settings.public_url
        self._clock = clock
        self._replay = settings.replay  # a recording of one exchange has no files of the other
        # A loopback universe changes from run to run on the same port, so files of an earlier run are only a fallback.
        self._trust_disk = not is_loopback(settings.public_url)
        self._proxies_allowed = self._trust_disk
        self._fetched: dict[str, date] = {}
        self._failed: dict[str, tuple[float, str]] = {}  # file -> when last, and why
        masters = settings.data_dir / "masters"
        self.directory = masters / _folder_name(self._base)
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SettingsError(f"CHAINBOARD_DATA_DIR cannot be written ({error.strerror}).") from None
        if not self._trust_disk:
            _forget_old_demos(masters, self.directory, self._clock())

    def load(self, file_name: str, read: Callable[[Path], Content]) -> Content | None:
        """Content of the day's file as `read` gives it; of an earlier day's when today's cannot be had; else None.

        `read` raises MasterRejected for a file that must not be used.
        """
        kept = self.directory / file_name
        if not self._is_fresh(file_name, kept) and self._may_try(file_name, kept):
            try:
                return self._fetch(file_name, kept, read)
            except (MasterRejected, requests.RequestException, OSError) as error:
                # The exception's own text may name hosts and queries; its class says enough.
                reason = str(error) if isinstance(error, MasterRejected) else type(error).__name__
                if reason != self._failed.get(file_name, (0.0, ""))[1]:  # said once, tried again and again
                    otherwise = "the previous one is kept" if kept.exists() else "there is no previous one"
                    if self._replay and not kept.exists():
                        log.info("The recording has no %s: nothing of that exchange or segment is in it.", file_name)
                    else:
                        log.warning("No new %s (%s); %s.", file_name, reason, otherwise)
                self._failed[file_name] = (self._clock(), reason)
        return self._read_kept(kept, read)

    def day(self) -> date:
        """The day whose masters count now."""
        return ist_date(self._clock() - TURNOVER_S)

    def next_turnover_ts(self) -> float:
        """When the next day's masters count: UTC epoch seconds."""
        now = self._clock()
        return now + 86_400 - (now + IST_OFFSET_S - TURNOVER_S) % 86_400

    def is_complete(self, file_names: Iterable[str]) -> bool:
        """Whether all these files are the day's."""
        return all(self._is_fresh(name, self.directory / name) for name in file_names)

    def has_all(self, file_names: Iterable[str]) -> bool:
        """Whether each of these files is there at all, of whatever day."""
        return all((self.directory / name).exists() for name in file_names)

    def _is_fresh(self, file_name: str, kept: Path) -> bool:
        if self._fetched.get(file_name) == self.day():
            return True
        if not self._trust_disk:
            return False
        try:
            return ist_date(kept.stat().st_mtime - TURNOVER_S) == self.day()
        except OSError:
            return False

    def _may_try(self, file_name: str, kept: Path) -> bool:
        pause = RETRY_S if kept.exists() else FIRST_RETRY_S
        failed_ts, _ = self._failed.get(file_name, (float("-inf"), ""))
        return not 0 <= self._clock() - failed_ts < pause

    def _fetch(self, file_name: str, kept: Path, read: Callable[[Path], Content]) -> Content:
        handle, name = tempfile.mkstemp(dir=self.directory, prefix=f".{file_name}-")
        new = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                self._download(f"{self._base}/{file_name}", file.write)
            content = read(new)
            now = self._clock()
            os.utime(new, (now, now))
            new.replace(kept)
        finally:
            with contextlib.suppress(FileNotFoundError):
                new.unlink()
        self._fetched[file_name] = self.day()
        self._failed.pop(file_name, None)
        return content

    def _download(self, url: str, write: Callable[[bytes], int]) -> None:
        give_up = time.monotonic() + DEADLINE_S
        size = 0
        with requests.Session() as session:
            session.trust_env = self._proxies_allowed
            with session.get(url, stream=True, timeout=TIMEOUT_S, allow_redirects=self._trust_disk) as response:
                if response.status_code != 200:
                    raise MasterRejected(f"HTTP {response.status_code}")
                for piece in response.iter_content(1 << 18):
                    size += write(piece)
                    if size > MAX_BYTES:
                        raise MasterRejected(f"more than {MAX_BYTES:,} bytes")
                    if time.monotonic() > give_up:
                        raise MasterRejected(f"not complete after {DEADLINE_S:.0f} s")

    def _read_kept(self, kept: Path, read: Callable[[Path], Content]) -> Content | None:
        try:
            return read(kept)
        except FileNotFoundError:
            return None
        except (MasterRejected, OSError) as error:
            log.warning("The kept %s cannot be used: %s", kept.name, error)
            return None


def _folder_name(base: str) -> str:
    where = urlsplit(base)
    readable = re.sub(r"[^\w.-]", "_", where.netloc.rpartition("@")[2])
    return f"{readable}-{hashlib.sha256(base.encode()).hexdigest()[:8]}"


def _forget_old_demos(masters: Path, own: Path, now: float) -> None:
    """Every demo run may have another port, so remove folders of loopback hosts that have not been used for a day."""
    for folder in masters.iterdir():
        host = "//" + folder.name.rpartition("-")[0].replace("_", ":")
        with contextlib.suppress(OSError):
            if folder != own and is_loopback(host) and now - folder.stat().st_mtime > DEMO_KEPT_S:
                shutil.rmtree(folder)
