"""A callback route takes what its page sends, and answers 400 to all else."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from app import create_app
from dashboard.callbacks.accepted import VALUES
from dashboard.data.contract import keys
from dashboard.data.reader.live import LiveChains
from harness.builders import NIFTY_WEEKLY, make_settings
from tests.fakes import FakeStore

TICK = "answer.data"
SELECTION = {"underlying": "NIFTY", "expiry": "2026-12-01", "key": NIFTY_WEEKLY.key}
UPDATE = "/_dash-update-component"
WRONG: tuple[Any, ...] = ([], {}, [1], {"a": 1}, "x", "x" * 300, 1, 1.5, True, [[]], {"key": []}, {"key": {}}, [None])


@pytest.fixture
def client(chains: LiveChains) -> FlaskClient:
    return create_app(make_settings(), chains).server.test_client()


def wiring(client: FlaskClient) -> dict[str, dict[str, Any]]:
    """output -> what the page knows of each callback, of the callbacks that ask the server."""
    listed = client.get("/_dash-dependencies").json
    return {found["output"]: found for found in listed if not found["clientside_function"]}


def request_of(found: dict[str, Any], values: dict[str, Any] | None = None) -> dict[str, Any]:
    """The request of a page; values by `id.property`, None where there is none."""
    values = values or {}

    def filled(listed: list[dict[str, str]]) -> list[dict[str, Any]]:
        return [one | {"value": values.get(f"{one['id']}.{one['property']}")} for one in listed]

    outputs = [
        dict(zip(("id", "property"), name.rsplit(".", 1), strict=True))
        for name in found["output"].strip(".").split("...")
    ]
    return {
        "output": found["output"],
        "outputs": outputs if found["output"].startswith("..") else outputs[0],
        "inputs": filled(found["inputs"]),
        "state": filled(found["state"]),
        "changedPropIds": [f"{found['inputs'][0]['id']}.{found['inputs'][0]['property']}"],
    }


def test_every_input_and_state_says_what_it_may_be(client: FlaskClient) -> None:
    named = {
        f"{one['id']}.{one['property']}"
        for path in ("", "/wall", "/board")
        for found in client.get(f"{path}/_dash-dependencies").json
        if not found["clientside_function"]
        for one in [*found["inputs"], *found["state"]]
    }
    assert named == set(VALUES)


def test_what_a_page_sends_is_answered(client: FlaskClient) -> None:
    for found in wiring(client).values():
        assert client.post(UPDATE, json=request_of(found)).status_code in (200, 204), found["output"]
    answer = client.post(UPDATE, json=request_of(wiring(client)[TICK], {"selection.data": SELECTION}))
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "body", [[], {}, None, "text", 1, {"output": []}, {"output": "nothing.data"}, {"output": TICK}]
)
@pytest.mark.parametrize("path", [UPDATE, "/wall/_dash-update-component", "/board/_dash-update-component"])
def test_a_body_of_another_shape_is_a_400(client: FlaskClient, path: str, body: Any) -> None:
    assert client.post(path, json=body).status_code == 400


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff\xfe", b"[" * 20_000, b'{"output": "' + b"x" * 60_000 + b'"}'])
def test_a_body_that_is_no_json_is_a_400(client: FlaskClient, raw: bytes) -> None:
    assert client.post(UPDATE, data=raw, content_type="application/json").status_code == 400


@pytest.mark.parametrize("part", ["output", "outputs", "inputs", "state", "changedPropIds"])
@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_a_part_of_another_type_is_a_400(client: FlaskClient, part: str, wrong: Any) -> None:
    if (part, wrong) == ("changedPropIds", []):
        return  # what a page sends that opens
    body = request_of(wiring(client)[TICK], {"selection.data": SELECTION}) | {part: wrong}
    assert client.post(UPDATE, json=body).status_code == 400


def test_a_value_of_another_type_is_never_a_500_nor_a_lease(client: FlaskClient, store: FakeStore) -> None:
    for found in wiring(client).values():
        for one in [*found["inputs"], *found["state"]]:
            name = f"{one['id']}.{one['property']}"
            for wrong in WRONG:
                answer = client.post(UPDATE, json=request_of(found, {name: wrong}))
                assert answer.status_code in (200, 204, 400), (name, wrong)
    assert store.keys(keys.LEASE_PREFIX) == []


def test_a_key_that_is_too_long_or_not_listed_leaves_no_trace(client: FlaskClient, store: FakeStore) -> None:
    tick = wiring(client)[TICK]
    for key, status in ((f"{'x' * 100}|2026-12-01", 400), ("NOSUCH|2026-12-01", 200), ("NIFTY|2031-01-01", 200)):
        answer = client.post(UPDATE, json=request_of(tick, {"selection.data": SELECTION | {"key": key}}))
        assert answer.status_code == status, key
    assert store.keys(keys.LEASE_PREFIX) == []
    assert not any("NOSUCH" in key or "2031" in key or "xxx" in key for key in store.puts)


@pytest.mark.parametrize(
    "path",
    [
        "/_dash-component-suites/nosuch/file.js",
        "/_dash-component-suites/dash/no%0aforged line.js",
        "/_dash-component-suites/dash/%00",
        "/wall/_dash-component-suites/dash/%0a",
    ],
)
def test_a_file_that_is_not_there_is_a_404_and_no_line_of_the_log(
    client: FlaskClient, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert client.get(path).status_code == 404
    assert "forged" not in caplog.text
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize("path", ["/api/chain?underlying=NIFTY", "/frames/chain?underlying=NIFTY", "/frames/board"])
def test_another_site_makes_the_feed_follow_nothing(client: FlaskClient, store: FakeStore, path: str) -> None:
    assert client.get(path, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert store.keys(keys.LEASE_PREFIX) == []
    for site in ("same-origin", "same-site", "none"):
        assert client.get(path, headers={"Sec-Fetch-Site": site}).status_code in (200, 204, 503)


def test_a_link_from_another_site_opens_the_board(client: FlaskClient) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    for path in ("/", "/wall/", "/board/", "/?underlying=NIFTY"):
        assert client.get(path, headers=headers).status_code == 200


@pytest.mark.parametrize("path", [UPDATE, "/wall/_dash-update-component", "/password", "/api/chain", "/anything"])
def test_a_body_above_the_limit_is_not_read(client: FlaskClient, path: str) -> None:
    answer = client.post(path, data=b"x" * 70_000, content_type="application/json")
    assert answer.status_code in (400, 404, 405, 413)
    if path == UPDATE:
        assert answer.status_code == 413


def test_a_fault_names_the_route_and_not_the_request(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("dashboard.routes.health.health_report", lambda _: 1 / 0)
    answer = client.get("/healthz?forged%0aline", headers={"User-Agent": "forged"})
    assert answer.status_code == 500
    assert answer.json["error"]["code"] == "internal_error"
    assert "forged" not in caplog.text
    assert "/healthz" in caplog.text
