from __future__ import annotations

import stat
import time

import pytest

from dashboard.data.brokers import login
from dashboard.data.brokers.fyers.auth.access_token import TokenFile
from dashboard.settings import Settings
from harness.fyers import jwt, loopback_settings

EXCHANGE = "/api/v3/validate-authcode"


@pytest.fixture
def settings(web, tmp_path):
    return loopback_settings(tmp_path, api_url=f"{web.url}/api/v3", secret_key="s3cret")


def test_each_login_has_a_state_of_its_own():
    assert login.new_state() != login.new_state()


def test_a_login_in_the_terminal_stores_the_token(web, settings, monkeypatch, capsys):
    web.json(EXCHANGE, {"s": "ok", "access_token": jwt(time.time() + 3600)})
    monkeypatch.setattr(Settings, "from_environment", classmethod(lambda cls: settings))
    monkeypatch.setattr(login, "new_state", lambda: "st")
    monkeypatch.setattr("builtins.input", lambda _: "http://x/?state=st&auth_code=abc")

    assert login.main() == 0

    stored = TokenFile(settings)
    assert stored.read() is not None
    assert stat.S_IMODE(stored.path.stat().st_mode) == 0o600
    said = capsys.readouterr().out
    assert "Logged in until" in said
    assert jwt(time.time() + 3600)[:40] not in said


@pytest.mark.parametrize("answer", ["http://x/?state=no", KeyboardInterrupt, EOFError])
def test_a_failed_login_in_the_terminal_is_one_sentence(settings, monkeypatch, capsys, answer):
    def reply(_):
        if isinstance(answer, str):
            return answer
        raise answer

    monkeypatch.setattr(Settings, "from_environment", classmethod(lambda cls: settings))
    monkeypatch.setattr("builtins.input", reply)
    assert login.main() == 1
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
    assert TokenFile(settings).read() is None
