"""Start the feed: `python -m dashboard.data.feed`. Ends on SIGTERM or Ctrl-C.

Exit codes: 0 asked to stop · 2 cannot start, one sentence on stderr says why · 3 another feed serves this cache.
A cache that does not answer is no reason to end: the feed says so once and waits for it.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from pathlib import Path
from types import FrameType

from dashboard import logs
from dashboard.data.brokers.registry import open_market_data
from dashboard.data.cache.lock import AlreadyLocked, acquire_lock
from dashboard.data.cache.store import CacheError, open_store
from dashboard.data.cache.waiting import when_reachable
from dashboard.data.feed.loop import Feed
from dashboard.data.feed.sinks import Sink
from dashboard.data.history.archive.archiver import Archiver
from dashboard.data.history.archive.mark import archived_in
from dashboard.data.history.recorder import Recorder
from dashboard.data.history.retention import MB
from dashboard.market.errors import MarketError
from dashboard.private_files import DataDirectoryError, prepare_data_directory
from dashboard.processes.child import CANNOT_START
from dashboard.processes.service_manager import ServiceManager
from dashboard.settings import Settings, SettingsError
from dashboard.web.build import build_of

ANOTHER_FEED = 3
CLOSE_WITHIN_S = 1.8  # a broker's adapter that hangs in `close` may not keep the process from ending

log = logging.getLogger("dashboard.data.feed")


def main() -> int:
    try:
        settings = Settings.from_environment()
        logs.set_up(settings, "feed")
        stop = threading.Event()

        def ask_to_stop(number: int, frame: FrameType | None) -> None:
            stop.set()

        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, ask_to_stop)
        prepare_data_directory(settings.data_dir)
        feed = when_reachable(lambda: _build(settings), meanwhile=ServiceManager().waiting, stop=stop)
        if feed is None:
            return 0
    except AlreadyLocked as error:
        print(error, file=sys.stderr)
        return ANOTHER_FEED
    except (SettingsError, CacheError, DataDirectoryError, MarketError, LookupError, ImportError, ValueError) as error:
        print(f"The feed cannot start: {error}", file=sys.stderr)
        return CANNOT_START
    return _run(feed, stop)


def _build(settings: Settings) -> Feed:
    lock = acquire_lock(settings.cache_url)
    try:
        store = open_store(settings.cache_url, owner=True, fence=lock.fence)
        return Feed(settings, store, open_market_data(settings), lock, sinks=_sinks(settings))
    except BaseException:
        lock.release()
        raise


def _sinks(settings: Settings) -> list[Sink]:
    """What this board does with published chains besides showing them."""
    directory = settings.history_dir
    if directory is None:
        return []
    build = build_of(Path(__file__).parents[3])
    archive = settings.absolute().archive
    recorder = Recorder(
        directory,
        keep_days=settings.history_days,
        keep_bytes=settings.history_mb * MB,
        is_archived=archived_in(archive),
        demo=settings.demo,
        software=build,
    )
    return [recorder, Archiver(settings)] if archive else [recorder]


def _run(feed: Feed, stop: threading.Event) -> int:
    code = 1  # should anything escape the loop, the supervisor starts a new feed
    manager = ServiceManager()
    log.info("feed started, pid %d", os.getpid())
    try:
        feed.run(stop, manager.beat)
        code = 0
    except AlreadyLocked as error:
        print(error, file=sys.stderr)
        code = ANOTHER_FEED
    finally:
        manager.stopping()
        threading.Thread(target=_end_anyway, args=(code,), name="close-limit", daemon=True).start()
        feed.close()
    log.info("feed stopped")
    return code


def _end_anyway(code: int) -> None:
    time.sleep(CLOSE_WITHIN_S)
    os._exit(code)


if __name__ == "__main__":
    sys.exit(main())
