"""Limits and time limits of one web worker, explained in docs/performance.md."""

from __future__ import annotations

import sys

BODY_BYTES = 64 * 1024  # of one request; no request of the board is longer
CONNECTIONS = 4_000  # of one worker at a time; above, the answer is 503
VIEWERS = 600  # of one worker, that ask once a second: 70 % of a core here
SPARE = 200  # connections beyond, for answering 503
REQUEST_WITHIN_S = 10.0  # headers and body, from the first byte; also the time to a connection's first byte
TAKEN_WITHIN_S = 60.0  # for a client to take one answer
KEEP_ALIVE_S = 75.0  # longer than any polling interval: a viewer keeps its connection
OWN_DESCRIPTORS = 64  # of a worker: log, listener, cache, pipes


def raise_descriptors() -> int:
    """Raise the limit of open files as far as the system allows; gives it."""
    if sys.platform == "win32":
        return 512
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
            soft = hard
        except (OSError, ValueError):  # macOS refuses "unlimited"
            pass
    return soft if soft != resource.RLIM_INFINITY else 1_000_000


def connections_within(descriptors: int) -> int:
    """How many connections a worker may have with this many open files; at least ten."""
    return max(10, min(CONNECTIONS, descriptors - OWN_DESCRIPTORS - SPARE))
