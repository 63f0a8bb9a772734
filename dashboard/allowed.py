"""The allowed values of a setting: a sentence for people, and the matching check."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Allowed:
    """text: for docs/configuration.md and for refusals. hint: the probable intention behind a wrong value."""

    text: str
    permits: Callable[[Any], bool]
    hint: Callable[[Any], str] = lambda value: ""


ANY_TEXT = Allowed("any text", lambda value: True)
YES_OR_NO = Allowed("`1` or `0` (`true`, `false`, `yes`, `no`)", lambda value: isinstance(value, bool))
DIRECTORY = Allowed("a directory of your own", lambda value: bool(str(value)))


def between(low: float, high: float, unit: str, hint: Callable[[Any], str] = lambda value: "") -> Allowed:
    """Both ends included. NaN and infinity are in no range."""
    return Allowed(f"from {low:g} to {high:g}{f' ({unit})' if unit else ''}", lambda value: low <= value <= high, hint)


def one_of(*words: str) -> Allowed:
    return Allowed(" or ".join(f"`{word}`" for word in words), lambda value: value in words)


def address(*schemes: str) -> Allowed:
    """A URL with a host."""
    return Allowed(
        f"an address that begins with {_spelled(schemes)} and has a host", lambda value: _is_address(value, schemes)
    )


def cache() -> Allowed:
    return Allowed(
        "`disk://` and a directory, or `redis://` or `rediss://` and a host",
        lambda value: (
            bool(value.removeprefix("disk://"))
            if value.startswith("disk://")
            else _is_address(value, ("redis://", "rediss://"))
        ),
    )


def history() -> Allowed:
    return Allowed(
        "empty, `sqlite:///` and a directory, or `off`",
        lambda value: value in ("", "off") or bool(value.startswith("sqlite:///") and value.removeprefix("sqlite:///")),
    )


def archive() -> Allowed:
    return Allowed(
        "empty, a directory, or a URL that `pyarrow.fs.FileSystem.from_uri` opens",
        lambda value: "://" not in value or bool(all(value.split("://", 1))),
    )


def at_least_characters(count: int) -> Allowed:
    return Allowed(f"empty, or at least {count} characters", lambda value: not value or len(value) >= count)


def names(pattern: str, what: str, *, at_least: int = 0) -> Allowed:
    """A comma-separated list."""
    each = re.compile(pattern)
    return Allowed(what, lambda values: len(values) >= at_least and all(each.fullmatch(value) for value in values))


def _spelled(schemes: tuple[str, ...]) -> str:
    return " or ".join(f"`{scheme}`" for scheme in schemes)


def _is_address(value: str, schemes: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(value)
        return value.startswith(schemes) and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:  # an invalid port, a missing bracket
        return False
