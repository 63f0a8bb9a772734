"""Wait for a cache that is another machine's, or starts after us; a directory of our own is there or never will be."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import TypeVar

from dashboard.data.cache.store import CacheUnreachable, open_store

T = TypeVar("T")

log = logging.getLogger(__name__)

FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 10.0


def when_reachable(
    attempt: Callable[[], T],
    *,
    meanwhile: Callable[[str], None] = lambda reason: None,
    stop: threading.Event | None = None,
) -> T | None:
    """What `attempt` gives once it raises CacheUnreachable no more, tried with growing waits; None when asked to stop.

    meanwhile: called with the reason before each further try. Any other error is the caller's at once. The log has one
    line when the wait begins and one when it ends.
    """
    stop = stop or threading.Event()
    wait_s = 0.0
    while not stop.wait(wait_s):
        try:
            result = attempt()
        except CacheUnreachable as error:
            if not wait_s:
                log.warning("%s This process waits for it.", error)
            meanwhile(str(error))
            wait_s = min(max(2 * wait_s, FIRST_WAIT_S), LONGEST_WAIT_S)
        else:
            if wait_s:
                log.info("The cache answers now.")
            return result
    return None


def wait_for_store(url: str, meanwhile: Callable[[str], None] = lambda reason: None) -> None:
    """Come back once the cache can be opened. Raises CacheError when trying again cannot help."""
    when_reachable(lambda: open_store(url).close(), meanwhile=meanwhile)
