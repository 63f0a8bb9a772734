"""Wait for a cache that is another machine's, or starts after us; a directory of our own is there or never will be."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from dashboard.data.cache.store import CacheError, open_store

log = logging.getLogger(__name__)

TRY_EVERY_S = 0.5
SAY_EVERY_S = 60.0


def wait_for_store(url: str, meanwhile: Callable[[str], None] = lambda reason: None) -> None:
    """Come back once the cache can be opened. Raises CacheError at once when it is no Redis.

    meanwhile: called with the reason before each further try.
    """
    said = float("-inf")
    while True:
        try:
            open_store(url).close()
        except CacheError as error:
            if not url.startswith(("redis://", "rediss://")):
                raise
            if time.monotonic() - said >= SAY_EVERY_S:
                said = time.monotonic()
                log.warning("%s It is waited for.", error)
            meanwhile(str(error))
            time.sleep(TRY_EVERY_S)
        else:
            if said > float("-inf"):
                log.info("The cache answers.")
            return
