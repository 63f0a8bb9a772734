"""Check callback requests before Dash gets them: an invalid request is a 400 and reaches no handler.

A request must name the callback, its inputs and its states as the page does, and each value must have one of the types
of `VALUES`. A new input or state needs a line there; a test fails without it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import Dash
from flask import Response, request

from dashboard.layouts.ids import LiveId, PanelId, SelectionId, TimeId
from dashboard.layouts.wall.ids import WallId
from dashboard.market.instruments import MOST_KEY_CHARACTERS

UPDATE = "_dash-update-component"
MOST_TEXT = 256  # characters of any text in a value
MOST_LINK = 4_000  # characters of a wall's link
NUMBER = (int, float)
Shape = type | tuple[type, ...] | Mapping[str, type | tuple[type, ...]]  # None is always allowed

SELECTION: Shape = {
    "underlying": str,
    "expiry": str,
    "key": str,
    "number": NUMBER,
    "how": str,
    "index": str,
    "exchange": str,
    "notice": str,
}
VALUES: Mapping[str, Shape] = {
    f"{LiveId.TICK}.n_intervals": NUMBER,
    f"{LiveId.SEEN}.data": {"key": str, "view": str, "version": NUMBER},
    f"{LiveId.VIEW}.data": {"columns": str, "charts": str, "strikes": NUMBER},
    f"{SelectionId.CHOSEN}.data": NUMBER,
    f"{PanelId.WANTED}.data": NUMBER,
    f"{TimeId.MOMENT}.data": {"at": NUMBER},
    f"{SelectionId.STORE}.data": SELECTION,
    f"{SelectionId.INTENT}.data": {"underlying": str, "expiry": str, "number": NUMBER, "how": str},
    f"{SelectionId.STOCK}.search_value": str,
    f"{SelectionId.EXCHANGE}.value": str,
    f"{WallId.ADDRESS}.search": str,
    f"{WallId.ADDRESS}.pathname": str,
}
LONG_TEXTS = (f"{WallId.ADDRESS}.search", f"{WallId.ADDRESS}.pathname")


def refuse_malformed(apps: Sequence[Dash]) -> None:
    """Answer 400 to requests that no page of the apps sends. All apps are on one server."""
    of_path = {f"{app.config.requests_pathname_prefix}{UPDATE}": app for app in apps}

    @apps[0].server.before_request  # type: ignore[untyped-decorator]
    def check() -> Response | None:
        app = of_path.get(request.path)
        if app is None or request.method != "POST" or is_request_of(app, _body()):
            return None
        return Response(b"This is not a request of the board's page.\n", 400, mimetype="text/plain")


def is_request_of(app: Dash, body: Any) -> bool:
    """Whether the body names one of the app's callbacks with its outputs, inputs and states, of the right types."""
    if not isinstance(body, dict) or not isinstance(body.get("output"), str):
        return False
    wiring = app.callback_map.get(body["output"])
    if wiring is None or "callback" not in wiring:
        return False
    changed = body.get("changedPropIds", [])
    return (
        _are_values(body.get("inputs"), wiring["inputs"])
        and _are_values(body.get("state") or [], wiring["state"])
        and _are_outputs(body.get("outputs"), body["output"])
        and isinstance(changed, list)
        and all(isinstance(name, str) and name.count(".") == 1 for name in changed)
    )


def _body() -> Any:
    """The request's JSON; None when it is invalid or nested too deeply."""
    try:
        return request.get_json(silent=True)
    except RecursionError:
        return None


def is_value(name: str, value: Any) -> bool:
    """Whether the value is allowed for the input or state `id.property`."""
    shape = VALUES.get(name)
    if value is None:
        return True
    if isinstance(shape, Mapping):
        return isinstance(value, dict) and all(
            part is None or (_is(part, shape[key], key) if key in shape else _is_small(part))
            for key, part in value.items()
        )
    return shape is not None and _is(value, shape, "link" if name in LONG_TEXTS else "")


def _is(value: Any, kind: type | tuple[type, ...], name: str) -> bool:
    if isinstance(value, bool) or not isinstance(value, kind):
        return False
    most = {"key": MOST_KEY_CHARACTERS, "link": MOST_LINK}.get(name, MOST_TEXT)
    return not isinstance(value, str) or len(value) <= most


def _is_small(value: Any) -> bool:
    """Fields that pages of another release may add."""
    return isinstance(value, bool | int | float) or (isinstance(value, str) and len(value) <= MOST_TEXT)


def _are_values(given: Any, wired: Sequence[Mapping[str, str]]) -> bool:
    return (
        isinstance(given, list)
        and len(given) == len(wired)
        and all(
            isinstance(one, dict)
            and one.get("id") == wire["id"]
            and one.get("property") == wire["property"]
            and is_value(f"{wire['id']}.{wire['property']}", one.get("value"))
            for one, wire in zip(given, wired, strict=True)
        )
    )


def _are_outputs(given: Any, output: str) -> bool:
    """`..a.x...b.y..` is a list of two outputs, `a.x` is one."""
    several = output.startswith("..")
    names = output.strip(".").split("...")
    listed = given if several else [given]
    return (
        isinstance(listed, list)
        and len(listed) == len(names)
        and all(
            isinstance(one, dict) and f"{one.get('id')}.{one.get('property')}" == name
            for one, name in zip(listed, names, strict=True)
        )
    )
