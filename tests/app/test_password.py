"""The password: who gets in, who does not, and how a session ends."""

from __future__ import annotations

import base64
import os
import re
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from dashboard.private_files import make_private
from dashboard.routes.security import password, sessions
from dashboard.routes.security.buckets import Buckets
from dashboard.routes.web_registry import WebRegistry
from dashboard.settings import Settings, SettingsError
from tests.fakes import FakeClock, FakeStore

PASSWORD = "correct horse"
BROWSER = {"Accept": "text/html,application/xhtml+xml"}


def basic(secret: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"desk:{secret}".encode()).decode()}


GUARDED = """/ /wall/ /board/ /login /_dash-layout /_dash-dependencies /api/underlyings /metrics /assets/start.js
/frames/board /modules/1/lib/format.mjs /anything"""


@pytest.mark.parametrize("path", GUARDED.split())
def test_nothing_answers_without_the_password(make_client: Any, path: str) -> None:
    client = make_client(password=PASSWORD)
    answer = client.get(path)
    assert answer.status_code == 401
    assert answer.json["error"]["code"] == "unauthorized"
    answer = client.get(path, headers=BROWSER)
    assert answer.status_code == 302
    assert answer.location.startswith("/password?next=")


def test_a_callback_needs_it_too(make_client: Any) -> None:
    assert make_client(password=PASSWORD).post("/_dash-update-component", json={}).status_code == 401


def test_health_says_its_word_and_no_more(make_client: Any) -> None:
    client = make_client(password=PASSWORD)
    assert client.get("/healthz").json == {"status": "down"}
    assert "feed" in client.get("/healthz", headers=basic(PASSWORD)).json


def test_a_browser_enters_once_and_comes_to_where_it_wanted(make_client: Any) -> None:
    client = make_client(password=PASSWORD)
    page = client.get("/?underlying=NIFTY", headers=BROWSER, follow_redirects=True)
    assert page.status_code == 200
    assert 'type="password"' in page.text
    assert "<script" not in page.text
    answer = client.post(page.request.full_path, data={"password": PASSWORD})
    assert (answer.status_code, answer.location) == (303, "/?underlying=NIFTY")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert PASSWORD not in cookie
    assert client.get("/_dash-layout").status_code == 200
    assert client.get("/password", headers=BROWSER).location == "/"


def test_the_page_that_asks_for_it_gets_all_it_names(make_client: Any) -> None:
    client = make_client(password=PASSWORD)
    named = re.findall(r'<link [^>]*href="([^"]+)"', client.get("/password", headers=BROWSER).text)
    assert "/assets/favicon.ico" in named
    for address in named:
        with client.get(address) as answer:
            assert answer.status_code == 200, address


def test_programs_give_it_with_each_request(make_client: Any) -> None:
    client = make_client(password=PASSWORD)
    assert client.get("/metrics", headers=basic(PASSWORD)).status_code == 200
    assert client.get("/metrics", headers=basic("wrong")).status_code == 401


@pytest.mark.parametrize("forged", ["viewer", "InZpZXdlciI.aaaa.bbbb", "", "x" * 3_000])
def test_a_forged_cookie_opens_nothing(make_client: Any, forged: str) -> None:
    client = make_client(password=PASSWORD)
    client.set_cookie(password.COOKIE, forged)
    assert client.get("/_dash-layout").status_code == 401


def test_another_password_ends_every_session(make_client: Any) -> None:
    first = make_client(password=PASSWORD)
    first.post("/password", data={"password": PASSWORD})
    cookie = first.get_cookie(password.COOKIE)
    assert cookie is not None
    same, other = make_client(password=PASSWORD), make_client(password="another one")
    for client in (same, other):
        client.set_cookie(password.COOKIE, cookie.value)
    assert same.get("/_dash-layout").status_code == 200  # another process of the same machine
    assert other.get("/_dash-layout").status_code == 401


def test_who_guesses_has_to_wait_and_nobody_else(make_client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(password, "LONGEST_WAIT_S", 0.0)  # the line is full
    client = make_client(password=PASSWORD)
    codes = [client.post("/password", data={"password": f"guess {n}"}).status_code for n in range(6)]
    assert codes == [403] * 5 + [429]
    refused = client.post("/password", data={"password": "another guess"})
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) in (1, 2)
    elsewhere = {"REMOTE_ADDR": "192.0.2.9"}
    assert client.post("/password", data={"password": PASSWORD}, environ_base=elsewhere).status_code == 303


@pytest.mark.parametrize("way", ["form", "basic"])
def test_the_right_password_is_not_locked_out_by_the_guesses_of_others(
    make_client: Any, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    waited: list[float] = []
    clock = FakeClock(0.0)
    monkeypatch.setattr(time, "sleep", lambda s: (waited.append(s), clock.advance(seconds=s)))
    monkeypatch.setattr(time, "monotonic", clock)
    monkeypatch.setattr(Buckets.__init__, "__defaults__", (clock,))
    client = make_client(password=PASSWORD)
    for number in range(8):
        client.post("/password", data={"password": f"guess {number}"})
    if way == "form":
        assert client.post("/password", data={"password": PASSWORD}).status_code == 303
    else:
        assert client.get("/metrics", headers=basic(PASSWORD)).status_code == 200
    assert 0 < waited[-1] <= 2


def test_a_program_that_is_known_waits_for_nobodys_guesses(make_client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    client = make_client(password=PASSWORD)
    program = basic(PASSWORD) | {"User-Agent": "Prometheus/3"}
    assert client.get("/metrics", headers=program).status_code == 200
    monkeypatch.setattr(password, "LONGEST_WAIT_S", 0.0)
    codes = [client.post("/password", data={"password": f"guess {n}"}).status_code for n in range(9)]
    assert codes[-1] == 429
    assert [client.get("/metrics", headers=program).status_code for _ in range(20)] == [200] * 20


def test_right_passwords_use_up_no_guesses(make_client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(password, "LONGEST_WAIT_S", 0.0)
    client = make_client(password=PASSWORD)
    agents = [basic(PASSWORD) | {"User-Agent": str(number)} for number in range(30)]
    assert [client.get("/metrics", headers=headers).status_code for headers in agents] == [200] * 30


def test_a_log_out_ends_the_session_on_the_servers_side(make_client: Any) -> None:
    client, other = make_client(password=PASSWORD), make_client(password=PASSWORD)
    client.post("/password", data={"password": PASSWORD})
    cookie = client.get_cookie(password.COOKIE)
    assert cookie is not None
    assert 'action="/logout"' in client.get("/").text
    left = client.post("/logout")
    assert (left.status_code, left.location) == (303, "/password")
    assert client.get_cookie(password.COOKIE) is None
    for process in (client, other):  # the other one is another process of the same machine
        process.set_cookie(password.COOKIE, cookie.value)
        assert process.get("/_dash-layout").status_code == 401


def test_a_log_out_ends_no_other_session(make_client: Any) -> None:
    mine, theirs = make_client(password=PASSWORD), make_client(password=PASSWORD)
    for client in (mine, theirs):
        client.post("/password", data={"password": PASSWORD})
    mine.post("/logout")
    assert theirs.get("/_dash-layout").status_code == 200


def test_another_site_cannot_log_anybody_out(make_client: Any) -> None:
    client = make_client(password=PASSWORD)
    client.post("/password", data={"password": PASSWORD})
    assert client.post("/logout", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert client.get("/logout", headers=BROWSER).status_code != 303
    assert client.get("/_dash-layout").status_code == 200


def test_the_file_all_ends_every_session_that_began_before(make_client: Any, tmp_path: Path) -> None:
    client = make_client(password=PASSWORD)
    client.post("/password", data={"password": PASSWORD})
    folder = tmp_path / "ended-sessions"
    folder.mkdir()
    (folder / "all").touch()
    assert make_client_like(client, make_client).get("/_dash-layout").status_code == 401
    os.utime(folder / "all", (0, 0))
    assert make_client_like(client, make_client).get("/_dash-layout").status_code == 200


def make_client_like(client: FlaskClient, make_client: Any) -> FlaskClient:
    """Another process, asked by the same browser."""
    other: FlaskClient = make_client(password=PASSWORD)
    cookie = client.get_cookie(password.COOKIE)
    assert cookie is not None
    other.set_cookie(password.COOKIE, cookie.value)
    return other


def test_ended_sessions_fill_no_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "MOST_ENDED", 20)
    kept = sessions.Sessions(tmp_path, WebRegistry(FakeStore(FakeClock())), life_s=1_000)
    alive = kept.begin()
    for _ in range(50):
        kept.end(kept.begin())
    assert len(list((tmp_path / "ended-sessions").iterdir())) <= 22
    assert not sessions.Sessions(tmp_path, WebRegistry(FakeStore(FakeClock())), life_s=1_000).is_alive(alive)


def test_a_log_out_is_known_to_machines_that_share_the_cache(tmp_path: Path) -> None:
    store = FakeStore(FakeClock())
    here, there = (sessions.Sessions(tmp_path / name, WebRegistry(store), life_s=1_000) for name in ("here", "there"))
    session = here.begin()
    assert here.is_alive(session)
    here.end(session)
    assert not here.is_alive(session)
    assert not there.is_alive(session)


def test_logins_log_outs_and_refusals_are_lines_of_the_audit_log(
    make_client: Any, caplog: pytest.LogCaptureFixture
) -> None:
    client = make_client(password=PASSWORD)
    with caplog.at_level("INFO", logger="dashboard.audit"):
        client.post("/password", data={"password": "wrong one here"})
        client.post("/password", data={"password": PASSWORD})
        client.post("/logout")
        client.get("/metrics", headers=basic(PASSWORD))
    assert [record.message for record in caplog.records if record.name == "dashboard.audit"] == [
        "refused: a wrong password from 127.0.0.1",
        "login by the password page from 127.0.0.1",
        "log-out from 127.0.0.1",
        "login by Basic authentication from 127.0.0.1",
    ]
    assert PASSWORD not in caplog.text
    assert "wrong one" not in caplog.text


@pytest.mark.skipif(sys.platform == "win32", reason="modes are POSIX")
def test_the_data_directory_is_its_owners_alone(make_client: Any, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)  # made by somebody's mkdir
    make_client(password=PASSWORD).post("/password", data={"password": PASSWORD})
    assert tmp_path.stat().st_mode & 0o777 == 0o700
    nested = tmp_path / "a" / "b"
    make_private(nested)
    assert nested.stat().st_mode & 0o777 == nested.parent.stat().st_mode & 0o777 == 0o700


def test_the_web_needs_no_access_token(make_client: Any) -> None:
    client = make_client(access_token="")
    assert client.get("/").status_code == 200
    assert client.get("/healthz").status_code == 503  # and that only because there is no feed here


@pytest.mark.parametrize("wish", ["//evil.example/", "https://evil.example/", "/\\evil.example", "/password", ""])
def test_the_way_on_leads_to_no_other_site(make_client: Any, wish: str) -> None:
    client = make_client(password=PASSWORD)
    assert client.post("/password", query_string={"next": wish}, data={"password": PASSWORD}).location == "/"


def test_a_password_that_can_be_guessed_by_hand_is_refused() -> None:
    with pytest.raises(SettingsError, match="at least 8"):
        Settings.from_environment({"CHAINBOARD_PASSWORD": "short"})


def test_without_a_password_there_is_no_such_page(make_client: Any) -> None:
    assert 'type="password"' not in make_client().get("/password").text
