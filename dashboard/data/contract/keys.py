"""Every key in the cache, in one place."""

from __future__ import annotations

from dashboard.market.instruments import Series

DIRECTORY = "directory"
HEALTH = "health"
LEASE_PREFIX = "lease/"
PROBLEM_PREFIX = "problem/"
WEB_PREFIX = "web/"


def frame(series: Series) -> str:
    return f"frame/{series.key}"


def lease(series: Series) -> str:
    """Present while at least one viewer (or /api client) watches the series; expires by itself."""
    return LEASE_PREFIX + series.key


def problem(series: Series) -> str:
    """Why a leased series cannot be published at the moment: JSON {code, message}."""
    return PROBLEM_PREFIX + series.key


def trail(underlying: str) -> str:
    """The spot over the session: JSON {step_s, points: [[market time, spot], ...]}."""
    return f"trail/{underlying}"


def day_move(underlying: str) -> str:
    """The session's expected move, fixed for the day: JSON of `analytics.day_move.DayMove`."""
    return f"day-move/{underlying}"


def web_report(process: str) -> str:
    """What one web process has counted, for whichever is asked for /metrics; expires after it."""
    return WEB_PREFIX + process


def ended(mark: str) -> str:
    """Present when a browser's session (as a digest) was ended by a log-out."""
    return f"ended/{mark}"


def spent(mark: str) -> str:
    """Present when a value that counts once (the state of a login, as a digest) has been used."""
    return f"spent/{mark}"
