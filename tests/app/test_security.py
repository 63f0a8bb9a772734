"""Who gets an answer, and what guards come with it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from dashboard.processes.child import CANNOT_START
from dashboard.routes.security.buckets import MOST_CLIENTS, Buckets, client_of
from dashboard.web.listener import CannotListen, assert_guarded
from harness.builders import make_settings
from tests.fakes import FakeClock

PASSWORD = "correct horse"
BROWSER = {"Accept": "text/html,application/xhtml+xml"}


# Who may listen where


@pytest.mark.parametrize("host", ["0.0.0.0", "", "::", "192.0.2.7", "board.example"])
def test_live_data_is_not_shown_to_the_network_by_accident(host: str) -> None:
    with pytest.raises(CannotListen, match=r"set CHAINBOARD_PASSWORD, or say --no-password\.$"):
        assert_guarded(host, make_settings(), no_password=False)
    assert_guarded(host, make_settings(password=PASSWORD), no_password=False)
    assert_guarded(host, make_settings(demo=True), no_password=False)
    assert_guarded(host, make_settings(), no_password=True)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.0.0.53"])
def test_this_machine_alone_needs_no_password(host: str) -> None:
    assert_guarded(host, make_settings(), no_password=False)


# Names


@pytest.mark.parametrize("host", ["localhost", "localhost:8050", "127.0.0.1:8050", "192.168.1.5", "[::1]:8050"])
def test_loopback_and_numbers_are_known(make_client: Any, host: str) -> None:
    assert make_client().get("/_dash-layout", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1.nip.io", "", "[", "a b"])
def test_a_site_that_rebinds_its_name_to_us_gets_nothing(make_client: Any, host: str) -> None:
    client = make_client()
    answer = client.get("/_dash-layout", headers={"Host": host})
    assert answer.status_code == 400
    assert client.get("/healthz", headers={"Host": host}).json.keys() <= {"status"} if host == "evil.example" else True


def test_further_names_are_a_setting(make_client: Any) -> None:
    client = make_client(trusted_hosts=("BOARD.EXAMPLE",))
    assert client.get("/_dash-layout", headers={"Host": "board.example:443"}).status_code == 200


def test_another_site_may_not_act(make_client: Any) -> None:
    client = make_client()
    answer = client.post("/_dash-update-component", json={}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


# Headers


@pytest.mark.parametrize(
    "path", ["/", "/api/underlyings", "/metrics", "/healthz", "/login", "/assets/start.js", "/modules/1/lib/time.mjs"]
)
def test_every_answer_carries_the_headers(make_client: Any, path: str) -> None:
    headers = make_client().get(path, buffered=True).headers
    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert "unsafe" not in policy["script-src"]
    assert policy["default-src"] == policy["form-action"] == policy["frame-ancestors"] == "'self'"
    assert policy["object-src"] == policy["base-uri"] == "'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_https_is_to_be_kept(make_client: Any) -> None:
    assert "Strict-Transport-Security" not in make_client().get("/healthz").headers
    proxied = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.1"}
    assert "Strict-Transport-Security" not in make_client().get("/healthz", headers=proxied).headers
    assert "Strict-Transport-Security" in make_client(proxies=1).get("/healthz", headers=proxied).headers


def test_the_cookie_of_a_board_behind_tls_is_for_tls_alone(make_client: Any) -> None:
    client = make_client(password=PASSWORD, proxies=1)
    answer = client.post("/password", data={"password": PASSWORD}, headers={"X-Forwarded-Proto": "https"})
    assert "Secure" in answer.headers["Set-Cookie"]


def test_there_is_no_door_for_agents(make_client: Any) -> None:
    answer = make_client().post("/_mcp", json={"jsonrpc": "2.0", "id": 1, "method": "tools/list"})
    assert answer.status_code in (404, 405)


# Rate


def test_the_api_has_a_rate_and_says_when_to_come_back(make_client: Any) -> None:
    client = make_client(api_per_s=0.5)  # a burst of five
    codes = [client.get("/metrics").status_code for _ in range(6)]
    assert codes == [200] * 5 + [429]
    refused = client.get("/api/nothing")
    assert refused.status_code == 429
    assert refused.json["error"]["code"] == "too_many_requests"
    assert int(refused.headers["Retry-After"]) == 2
    assert client.get("/metrics", environ_base={"REMOTE_ADDR": "192.0.2.9"}).status_code == 200
    assert client.get("/_dash-layout").status_code == 200  # a screen is no program


def test_behind_a_proxy_each_client_has_its_own(make_client: Any) -> None:
    client = make_client(api_per_s=0.1, proxies=1)
    codes = [client.get("/metrics", headers={"X-Forwarded-For": f"192.0.2.{n}"}).status_code for n in (1, 1, 2)]
    assert codes == [200, 429, 200]


def test_without_a_proxy_nobody_chooses_an_address(make_client: Any) -> None:
    client = make_client(api_per_s=0.1)
    codes = [client.get("/metrics", headers={"X-Forwarded-For": f"192.0.2.{n}"}).status_code for n in (1, 2)]
    assert codes == [200, 429]


def test_no_rate_when_the_setting_says_so(make_client: Any) -> None:
    client = make_client(api_per_s=0.0)
    assert {client.get("/metrics").status_code for _ in range(50)} == {200}


def test_a_bucket_fills_again() -> None:
    clock = FakeClock(0.0)
    buckets = Buckets(2.0, 3, clock)
    assert [buckets.take("a") for _ in range(4)] == [0, 0, 0, 0.5]
    clock.advance(seconds=0.5)
    assert [buckets.take("a"), buckets.take("a")] == [0, 0.5]
    clock.advance(seconds=100)
    assert [buckets.take("a") for _ in range(4)] == [0, 0, 0, 0.5]


def test_strangers_cannot_fill_the_memory() -> None:
    buckets = Buckets(1.0, 2, FakeClock(0.0))
    for number in range(2 * MOST_CLIENTS):
        buckets.take(str(number))
    assert len(buckets) <= MOST_CLIENTS


@pytest.mark.parametrize(
    ("address", "client"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        (None, ""),
    ],
)
def test_whom_an_address_stands_for(address: str | None, client: str) -> None:
    assert client_of(address) == client


@pytest.mark.parametrize("command", [["app.py", "--live"], ["-m", "dashboard.web"]])
def test_a_live_board_does_not_start_on_the_network_without_a_password(
    command: list[str], tmp_path: Path, repository: Path
) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("FYERS_", "CHAINBOARD_"))}
    environment |= {"CHAINBOARD_CACHE": f"disk://{tmp_path}", "CHAINBOARD_DATA_DIR": str(tmp_path)}
    ran = subprocess.run(
        [sys.executable, *command, "--host", "0.0.0.0", "--port", "0"],
        cwd=repository,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == CANNOT_START
    assert ran.stderr.startswith("On 0.0.0.0 others can see the board: set CHAINBOARD_PASSWORD")
    assert len(ran.stderr.splitlines()) == 1
