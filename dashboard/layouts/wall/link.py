"""The link of a wall, which alone decides what it shows: `?scene=chain:NIFTY:near&scene=board&dwell=30&theme=dark`.

With `at=` it shows a recorded moment, and with `play=` it goes on from there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final
from urllib.parse import parse_qsl, urlencode

from dashboard.layouts.charts import CHARTS
from dashboard.market.expiries import NEAR, ROLLING
from dashboard.market.moments import parse_moment

KINDS: Final = ("chain", "charts", "board")
CHART_KEYS = tuple(chart.key for chart in CHARTS)
FOUR_CHARTS = ("oi", "oi_change", "iv_smile", "straddle")
THEMES = ("dark", "light")
DWELL_S = 30
SHORTEST_DWELL_S, LONGEST_DWELL_S = 5, 3_600
MOST_SCENES = 12
FASTEST_PLAY = 60
PARTS = ("scene", "dwell", "theme", "at", "play")


class BadLink(ValueError):
    """The link is invalid; the message names the part and the allowed values."""


@dataclass(frozen=True, slots=True)
class Scene:
    """kind: one of KINDS. underlying, when: series of the chain or charts; when as in `market.expiries`."""

    kind: str
    underlying: str = ""
    when: str = NEAR
    charts: tuple[str, ...] = ()

    @property
    def source(self) -> str:
        """Address of its frames."""
        if self.kind == "board":
            return f"/frames/board?{urlencode({'expiry': self.when})}"
        return f"/frames/chain?{urlencode({'underlying': self.underlying, 'expiry': self.when})}"


@dataclass(frozen=True, slots=True)
class Plan:
    """All scenes of a wall. dwell_s: how long each stays. theme: one of THEMES.

    at_ts: the recorded moment to show, UTC epoch seconds; None for now. play: seconds of the recorded day in one
    second, 0 to stand.
    """

    scenes: tuple[Scene, ...] = (Scene("board"),)
    dwell_s: int = DWELL_S
    theme: str = "dark"
    at_ts: float | None = None
    play: int = 0


def plan_of(search: str | None) -> Plan:
    """The plan in a link's query; without a scene it is the six-index board. Raises BadLink."""
    pairs = parse_qsl((search or "").lstrip("?"), keep_blank_values=True)
    unknown = [name for name, _ in pairs if name not in PARTS]
    if unknown:
        raise BadLink(f"“{unknown[0][:40]}” is not a part of a wall's link; they are scene, dwell, theme, at and play.")
    scenes = tuple(_scene(text) for name, text in pairs if name == "scene")
    if len(scenes) > MOST_SCENES:
        raise BadLink(f"{len(scenes)} scenes are too many; a wall shows up to {MOST_SCENES} in turn.")
    values = dict(pairs)
    return Plan(
        scenes or Plan().scenes,
        _dwell_s(values.get("dwell")),
        _theme(values.get("theme")),
        _at_ts(values.get("at")),
        _play(values.get("play"), is_recorded="at" in values),
    )


def _scene(text: str) -> Scene:
    kind, *parts = text.strip().split(":")
    if kind not in KINDS:
        raise BadLink(f"“{text[:60]}” is not a scene; scenes are chain:NIFTY:near, charts:NIFTY:near and board.")
    if kind == "board":
        if len(parts) > 1:
            raise BadLink(f"“{text[:60]}” says too much; board, or board:near, board:next, board:month.")
        when = parts[0] if parts else NEAR
        if when not in ROLLING:
            raise BadLink(
                f"“{text[:60]}”: the board takes near, next or month, because its indices expire on other days."
            )
        return Scene("board", when=when)
    if not parts or not parts[0]:
        raise BadLink(f"“{text[:60]}” names no underlying, as {kind}:NIFTY:near does.")
    if len(parts) > (3 if kind == "charts" else 2):
        raise BadLink(f"“{text[:60]}” says too much; {kind}:NIFTY:near is the form.")
    # A stock listed on both exchanges has a colon in its name ("BSE:RELIANCE"), written with a dot in a link.
    underlying = parts[0].upper().replace(".", ":")
    charts = _charts(text, parts[2] if len(parts) > 2 else "") if kind == "charts" else ()
    return Scene(kind, underlying, _when(text, parts[1] if len(parts) > 1 else NEAR), charts)


def _when(text: str, when: str) -> str:
    if when in ROLLING:
        return when
    try:
        return date.fromisoformat(when).isoformat()
    except ValueError:
        raise BadLink(f"“{text[:60]}”: the expiry is near, next, month or a date such as 2026-12-01.") from None


def _charts(text: str, keys: str) -> tuple[str, ...]:
    chosen = tuple(key for key in keys.split(",") if key) or FOUR_CHARTS
    unknown = [key for key in chosen if key not in CHART_KEYS]
    if unknown or len(chosen) not in (2, 4) or len(set(chosen)) != len(chosen):
        raise BadLink(f"“{text[:60]}”: choose two or four different charts of {', '.join(CHART_KEYS)}.")
    return chosen


def _dwell_s(text: str | None) -> int:
    if text is None:
        return DWELL_S
    dwell_s = _whole(text)
    if not SHORTEST_DWELL_S <= dwell_s <= LONGEST_DWELL_S:
        raise BadLink(f"dwell is seconds, {SHORTEST_DWELL_S} to {LONGEST_DWELL_S}; it is “{text[:20]}”.")
    return dwell_s


def _theme(text: str | None) -> str:
    if text is None:
        return THEMES[0]
    if text not in THEMES:
        raise BadLink(f"theme is dark or light; it is “{text[:20]}”.")
    return text


def _at_ts(text: str | None) -> float | None:
    try:
        return None if text is None else parse_moment(text)
    except ValueError as error:
        raise BadLink(f"{error}; it is “{text[:30] if text else ''}”.") from None


def _play(text: str | None, *, is_recorded: bool) -> int:
    if text is None:
        return 0
    speed = _whole(text)
    if not 1 <= speed <= FASTEST_PLAY:
        raise BadLink(f"play is how many times as fast as the market, 1 to {FASTEST_PLAY}; it is “{text[:20]}”.")
    if not is_recorded:
        raise BadLink("play goes on from a recorded moment; at= names it, such as at=2026-11-23T11:42:05.")
    return speed


def _whole(text: str) -> int:
    """A number of at most six digits; -1 for anything else."""
    return int(text) if text.isdecimal() and len(text) <= 6 else -1
