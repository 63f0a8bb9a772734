"""Requests that nobody thought of: over every route of the server and every input of every callback.

Both are taken from the app itself, so a new route or callback is covered without a word here.
"""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from dash import Dash
from hypothesis import strategies as st
from werkzeug.routing import Rule

from app import create_app
from dashboard.data.reader.live import LiveChains
from harness.builders import NIFTY_WEEKLY, make_settings
from tests.fakes import FakeClock, FakeStore

SAID = (
    "NIFTY",
    "near",
    "next",
    "2026-12-01",
    "2026-12-08",
    "csv",
    "json",
    NIFTY_WEEKLY.key,
    "?scene=board",
    "/wall/",
    "",
)
PARAMETERS = (
    "underlying",
    "expiry",
    "format",
    "have",
    "next",
    "auth_code",
    "state",
    "s",
    "here",
    "scene",
    "dwell",
    "m",
)
HEADERS = (
    "Accept", "Accept-Encoding", "Authorization", "Content-Type", "Cookie", "If-Modified-Since", "If-None-Match",
    "Range", "Sec-Fetch-Site", "User-Agent", "X-Forwarded-For", "X-Forwarded-Proto",
)  # fmt: skip
KINDS = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", "")


class Asked(NamedTuple):
    """A request as it goes out. path: quoted, with its query."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


texts = st.one_of(st.sampled_from(SAID), st.text(max_size=40), st.text("\x00\n\r%/\\.<>'\"{}|é٣", max_size=12))
header_texts = st.one_of(
    st.sampled_from(("cross-site", "same-origin", "gzip, br", "text/html", "Basic eDp5", "bytes=0-5", "bytes=9-1")),
    st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=40),
)
values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=8,
)
selections = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(("underlying", "expiry", "key", "number", "how", "index", "version"), texts | values),
)


def an_app() -> Dash:
    """An app as it is served, of which only routes and callbacks are of interest."""
    app = create_app(make_settings(password="correct horse"), LiveChains(FakeStore(FakeClock()), clock=FakeClock()))
    app.server.test_client().get("/_dash-dependencies")  # Dash collects callbacks with the first request
    return app


def rules(app: Dash) -> list[Rule]:
    return sorted(app.server.url_map.iter_rules(), key=str)


def wirings(app: Dash) -> list[tuple[str, dict[str, Any]]]:
    """(path of the update route, the callback as its page knows it), of all pages of the server."""
    client, found = app.server.test_client(), []
    client.post("/password", data={"password": "correct horse"})
    pages = {str(rule).removesuffix("_dash-dependencies") for rule in rules(app) if "dependencies" in str(rule)}
    for page in sorted(pages):
        for wiring in client.get(f"{page}_dash-dependencies").json:
            if not wiring["clientside_function"]:
                found.append((f"{page}_dash-update-component", wiring))
    return found


@st.composite
def route_requests(draw: st.DrawFn, listed: list[Rule]) -> Asked:
    """Any method of any route (and some that it has not), any parameters, headers and body."""
    rule = draw(st.sampled_from(listed))
    path = "".join(
        quote(draw(texts), safe=draw(st.sampled_from(("", "/")))) if part.startswith("<") else part
        for part in re.split(r"(<[^>]*>)", rule.rule)
    )
    query = draw(st.lists(st.tuples(st.sampled_from(PARAMETERS) | texts, texts), max_size=4))
    methods = [*sorted(rule.methods or ()), "POST", "PUT", "DELETE"]
    return Asked(
        draw(st.sampled_from(methods)),
        ("/" + path.lstrip("/")) + ("?" + urlencode(query) if query else ""),
        draw(st.dictionaries(st.sampled_from(HEADERS), header_texts, max_size=4))
        | {"Content-Type": draw(st.sampled_from(KINDS))},
        draw(st.one_of(st.just(b""), st.binary(max_size=200), values.map(lambda value: json.dumps(value).encode()))),
    )


@st.composite
def callback_requests(draw: st.DrawFn, found: list[tuple[str, dict[str, Any]]]) -> Asked:
    """A callback with any values for its inputs and states, and now and then with a part that is something else."""
    path, wiring = draw(st.sampled_from(found))
    outputs = [
        dict(zip(("id", "property"), name.rsplit(".", 1), strict=True))
        for name in wiring["output"].strip(".").split("...")
    ]
    any_value = st.one_of(selections, values)
    body: dict[str, Any] = {
        "output": wiring["output"],
        "outputs": outputs if wiring["output"].startswith("..") else outputs[0],
        "inputs": [one | {"value": draw(any_value)} for one in wiring["inputs"]],
        "state": [one | {"value": draw(any_value)} for one in wiring["state"]],
        "changedPropIds": [f"{one['id']}.{one['property']}" for one in wiring["inputs"][:1]],
    }
    if draw(st.integers(0, 4)) == 0:
        body[draw(st.sampled_from(sorted(body)))] = draw(values)
    return Asked("POST", path, {"Content-Type": "application/json"}, json.dumps(body).encode())
