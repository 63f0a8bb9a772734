"""Component ids of the screens nobody touches."""

from __future__ import annotations

from enum import StrEnum


class WallId(StrEnum):
    """The wall. What stands inside a scene has no id: a wall may show the same thing twice."""

    ADDRESS = "wall-address"  # the browser's address: the scenes are in it
    STAGE = "wall-stage"
    BAND = "wall-band"
    CAPTION = "wall-caption"
    DOTS = "wall-dots"
    STATE = "wall-state"
    CLOCK = "wall-clock"
    NOTE = "wall-note"


class BuilderId(StrEnum):
    """The page that makes a wall's link."""

    FORM = "builder-form"
    NAMES = "builder-names"  # the indices, offered while typing
    LINK = "builder-link"
    OPEN = "builder-open"
    COPY = "builder-copy"
    MESSAGE = "builder-message"


def wall_chart_id(scene: int, key: str) -> str:
    return f"wall-{scene}-{key}"
