"""What one page shows of a frame, in whole and as the change since the version it has; made once for all its viewers.

A frame has every column of a series. A page shows a few of them, rounded, perhaps of few strikes: its *view*. Each
version of a frame is cut to a view once, however many pages show it, and compared with earlier versions once.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import orjson

from dashboard.data.cache.memo import Latest
from dashboard.data.reader.chains import LatestFrame
from dashboard.market.instruments import Series

VIEWS_KEPT = 128  # cuts of a series to a view; the one used longest ago goes first
VERSIONS_KEPT = 3  # of each, to compare with: pages ask once a second for what is published twice
DECODED_KEPT = 32
STEP = 4  # strikes by which a window moves, so that few versions have other strikes than the one before
COLUMN_GROUPS = ("call", "put", "row", "term")
CONSTANT = ("symbol", "old")  # of each leg: sent with every view
SCALED = ("oi", "volume", "gamma")  # of which a page needs the largest of the chain, whatever it shows
Shown = dict[str, Any]  # path ("spot", "metrics.atm_iv", "call.ltp") -> value, or a list with an element per strike


@dataclass(frozen=True)
class View:
    """columns: path of a column -> its decimals (None: as published). reach: strikes each side of the ATM strike, 0
    for all."""

    columns: tuple[tuple[str, int | None], ...]
    reach: int = 0

    @cached_property
    def key(self) -> str:
        """Short, and the same in every process."""
        return hashlib.blake2s(repr((self.columns, self.reach)).encode(), digest_size=6).hexdigest()


@dataclass(frozen=True, slots=True)
class Seen:
    """What a page shows: the key of its series, the key of its view, the version."""

    series: str
    view: str
    version: int


@dataclass(slots=True)
class _Cut:
    """A version of a frame as a view shows it. changes: base version -> text."""

    shown: Shown
    whole: str
    changes: dict[int, str]


class Views:
    """The cuts of this process. Safe for threads: two may make the same cut at once, which costs time only."""

    def __init__(self, *, kept: int = VIEWS_KEPT) -> None:
        self._kept = kept
        self._decoded: Latest[dict[str, Any]] = Latest(kept=DECODED_KEPT)
        self._cuts: OrderedDict[tuple[str, str], OrderedDict[int, _Cut]] = OrderedDict()
        self._lock = threading.Lock()

    def text(self, series: Series, frame: LatestFrame, view: View, seen: Seen | None, *, past: bool = False) -> str:
        """JSON for a page: the change since what it has seen where that is known here, else all that it shows.

        Whole: the frame's schema with fewer columns, "view" and "scale". A change has "base", and by path the values
        that are new ("set"), the ones that are gone ("gone") and new elements of columns ("cells": indices, values).
        past: the frame was computed from a record, whose version may be that of a live frame with other numbers.
        """
        key = view_key(view, past=past)
        cut = self._cut(series, frame, view, key)
        if seen is None or (seen.series, seen.view) != (series.key, key):
            return cut.whole
        if seen.version not in cut.changes:
            base = self._known(series, key).get(seen.version)
            change = None if base is None else _change(base.shown, cut.shown)
            if change is None:
                return cut.whole
            about = {"key": series.key, "view": key, "base": seen.version, "version": frame.version}
            cut.changes[seen.version] = orjson.dumps(about | change).decode()
        return cut.changes[seen.version]

    def size(self) -> int:
        """How many series and views are kept."""
        return len(self._cuts)

    def _cut(self, series: Series, frame: LatestFrame, view: View, key: str) -> _Cut:
        known = self._known(series, key)
        cut = known.get(frame.version)
        if cut is None:
            whole = self._decoded.value(
                (series, key[-1] == PAST), frame.version, lambda: dict(orjson.loads(frame.text))
            )
            cut = _cut_to(whole, view, key)
            with self._lock:
                known[frame.version] = cut
                while len(known) > VERSIONS_KEPT:
                    known.popitem(last=False)
        return cut

    def _known(self, series: Series, key: str) -> OrderedDict[int, _Cut]:
        """Versions kept of the series in the view, the newest last."""
        with self._lock:
            known = self._cuts.setdefault((series.key, key), OrderedDict())
            self._cuts.move_to_end((series.key, key))
            while len(self._cuts) > self._kept:
                self._cuts.popitem(last=False)
            return known


PAST = "-"


def view_key(view: View, *, past: bool = False) -> str:
    """The name of a view in answers and in `Seen`."""
    return view.key + PAST if past else view.key


def _cut_to(frame: Mapping[str, Any], view: View, key: str) -> _Cut:
    found = cut_frame(frame, view) | {"view": key}
    return _Cut(flat(found), orjson.dumps(found).decode(), {})


def cut_frame(frame: Mapping[str, Any], view: View) -> dict[str, Any]:
    """What a view shows of a frame: `Frame` with the view's columns and strikes only, its own window's numbers, and
    "scale": the largest OI, volume and gamma of the whole chain, 0 where none is known."""
    strikes = frame["strikes"]
    first, last = window(strikes, frame["atm_strike"], view.reach)
    found = {name: value for name, value in frame.items() if name not in COLUMN_GROUPS}
    found["strikes"] = strikes[first:last]
    found["window_metrics"] = {
        reach: values for reach, values in frame["window_metrics"].items() if reach == str(view.reach)
    }
    found["scale"] = {name: _largest(frame, name) for name in SCALED}
    groups: dict[str, dict[str, Any]] = {name: {} for name in COLUMN_GROUPS}
    for side in ("call", "put"):
        groups[side] |= {name: frame[side][name][first:last] for name in CONSTANT}
    for path, digits in view.columns:
        group, _, name = path.partition(".")
        values = frame.get(group, {}).get(name)
        if values is not None and group in groups:
            groups[group][name] = _rounded(values if group == "term" else values[first:last], digits)
    return found | groups


def window(strikes: list[float], atm_strike: float | None, reach: int) -> tuple[int, int]:
    """First and last (exclusive) index of the strikes a window needs: at least `reach` each side of the ATM strike, all
    without one. It moves in steps of `STEP`."""
    if not reach or atm_strike not in strikes:
        return 0, len(strikes)
    centre = strikes.index(atm_strike)
    first = (centre - reach) // STEP * STEP
    last = -(-(centre + reach + 1) // STEP) * STEP
    return max(0, first), min(len(strikes), last)


def flat(frame: Mapping[str, Any], prefix: str = "") -> Shown:
    """The members of a cut by path."""
    found: Shown = {}
    for name, value in frame.items():
        if isinstance(value, dict) and value:
            found |= flat(value, f"{prefix}{name}.")
        else:
            found[f"{prefix}{name}"] = value
    return found


def _change(before: Shown, after: Shown) -> dict[str, Any] | None:
    """What is new, gone and changed; None where the strikes are others, so that rows would not fit."""
    if before["strikes"] != after["strikes"]:
        return None
    new: Shown = {}
    cells: dict[str, tuple[list[int], list[Any]]] = {}
    for path, value in after.items():
        if path in ("version", "key", "view"):
            continue
        was = before.get(path, _MISSING)
        if was == value and type(was) is type(value):
            continue
        places = _places(was, value)
        if places is None:
            new[path] = value
        else:
            cells[path] = places, [value[place] for place in places]
    return {"set": new, "gone": [path for path in before if path not in after], "cells": cells}


_MISSING = object()


def _places(was: Any, value: Any) -> list[int] | None:
    """Indices of the elements that changed; None where the column had better be sent as a whole."""
    if not isinstance(value, list) or not isinstance(was, list) or len(was) != len(value):
        return None
    places = [place for place, (one, other) in enumerate(zip(was, value, strict=True)) if one != other]
    return places if 3 * len(places) <= 2 * len(value) else None


def _rounded(values: Iterable[Any], digits: int | None) -> list[Any]:
    if digits is None:
        return list(values)
    return [round(value, digits) if isinstance(value, float) else value for value in values]


def _largest(frame: Mapping[str, Any], name: str) -> float:
    values = [*frame["call"][name], *frame["put"][name]]
    return max((value for value in values if value is not None), default=0)
