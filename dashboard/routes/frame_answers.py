"""Answers to pages that ask for frames by themselves: a frame, or nothing new, each with the present state."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from typing import Any

from flask import Response, request

from dashboard.data.reader.chains import Chains
from dashboard.data.reader.state import SeriesStatus
from dashboard.market.session import FeedState, ist

STATUS_HEADER = "Chainboard-Status"
TILES = 6
DAY_HOURS = range(8, 18)  # IST; outside, a closed market is dimmed for the night


def board_indices(chains: Chains, first: Sequence[str]) -> list[str]:
    """Up to six indices with options: those configured, then others of the list. Raises as `Chains.directory` does."""
    listed = [found.name for found in chains.indices()]
    chosen = [name for name in first if name in listed]
    return [*chosen, *(name for name in listed if name not in chosen)][:TILES]


def board_version(tiles: Sequence[dict[str, Any]]) -> str:
    """Another one whenever a number or a state of a tile is."""
    return "board@" + ",".join(f"{tile['key']}{tile['version']}{tile['state'][:2]}" for tile in tiles)


def compressed(body: bytes) -> tuple[bytes, bytes]:
    """As it is, and as gzip."""
    return body, gzip.compress(body, 6, mtime=0)


def frame_answer(bodies: tuple[bytes, bytes], status: dict[str, Any]) -> Response:
    """bodies: as it is, and as gzip."""
    headers = _headers(status) | {"Content-Type": "application/json", "Vary": "Accept-Encoding"}
    if "gzip" not in request.headers.get("Accept-Encoding", ""):
        return Response(bodies[0], 200, headers)
    return Response(bodies[1], 200, headers | {"Content-Encoding": "gzip"})


def has_version(version: str) -> bool:
    """Whether the page that asks shows it already."""
    return version == request.args.get("have")


def no_frame(status: dict[str, Any]) -> Response:
    return Response(b"", 204, _headers(status))


def status_of(board: SeriesStatus, now_ts: float, build: str) -> dict[str, Any]:
    """State of the numbers, of a series or of the whole feed, as a page gets it."""
    return {
        "state": board.state,
        "message": board.message,
        "since_ts": board.since_ts,
        "server_ts": now_ts,
        "market_ts": board.market_ts,
        "recorded_ts": board.recorded_ts,
        "build": build,
        "demo": board.demo,
        "night": board.state is FeedState.CLOSED and ist(now_ts).hour not in DAY_HOURS,
    }


def _headers(status: dict[str, Any]) -> dict[str, str]:
    return {STATUS_HEADER: json.dumps(status), "Cache-Control": "no-store"}
