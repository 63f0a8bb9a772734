"""Component ids of the wall, of the six indices and of the link's builder."""

from __future__ import annotations

from enum import StrEnum


class WallId(StrEnum):
    """The wall. Elements inside a scene have no id, because a wall may show the same scene twice."""

    ADDRESS = "wall-address"  # the browser's address, which names the scenes
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
    NAMES = "builder-names"  # the indices, suggested while typing
    LINK = "builder-link"
    OPEN = "builder-open"
    COPY = "builder-copy"
    MESSAGE = "builder-message"


def wall_chart_id(scene: int, key: str) -> str:
    return f"wall-{scene}-{key}"
