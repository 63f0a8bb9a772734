from __future__ import annotations

import stat

import pytest

from dashboard.data.brokers.fyers.auth.access_token import AccessToken, TokenFile, TokenSource
from harness.fyers import jwt, loopback_settings
from tests.unit.data.brokers.fyers.material import NOW


def test_a_token_is_accepted_bare_and_with_its_app_id():
    bare = AccessToken.parse(jwt(NOW + 60))
    prefixed = AccessToken.parse(f" APP-100:{jwt(NOW + 60)}\n")

    assert bare.secret == prefixed.secret == jwt(NOW + 60)
    assert (bare.app_id, prefixed.app_id) == ("", "APP-100")
    assert prefixed.expires_ts == NOW + 60
    assert not prefixed.expired(NOW)
    assert prefixed.expired(NOW + 60)


@pytest.mark.parametrize("text", ["", "nonsense", "a.b.c", "APP:x.y.z", "a.e30.c", jwt(NOW, hsm_key=7), jwt(NOW)[:-60]])
def test_what_is_not_a_fyers_token_is_refused_without_being_repeated(text):
    with pytest.raises(ValueError, match="not a FYERS token") as refusal:
        AccessToken.parse(text)
    assert not text or text not in str(refusal.value)


def test_a_token_does_not_show_in_its_repr():
    token = AccessToken.parse(jwt(NOW))
    assert token.secret not in repr(token)


def test_the_token_file_is_private_and_belongs_to_one_host(tmp_path):
    settings = loopback_settings(tmp_path)
    file = TokenFile(settings)
    assert file.read() is None

    file.write(AccessToken.parse(f"APP-100:{jwt(NOW)}"))

    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert file.read() == AccessToken.parse(f"APP-100:{jwt(NOW)}")
    assert TokenFile(loopback_settings(tmp_path, api_url="http://127.0.0.1:10/api/v3")).read() is None
    assert TokenFile(loopback_settings(tmp_path, demo=False)).read() is None
    assert [path.name for path in tmp_path.iterdir()] == [file.path.name]


def test_a_new_login_is_seen_without_a_restart_and_a_broken_file_is_no_token(tmp_path, caplog):
    settings = loopback_settings(tmp_path)
    source, file = TokenSource(settings, clock=lambda: NOW), TokenFile(settings)
    assert source.current() is None

    file.write(AccessToken.parse(jwt(NOW + 10)))
    assert source.current() == AccessToken.parse(jwt(NOW + 10))

    file.path.write_text('{"access_token": ', encoding="utf-8")
    assert source.current() is None
    assert "log in again" in caplog.text


def test_the_token_that_lives_longer_counts(tmp_path):
    settings = loopback_settings(tmp_path, access_token=jwt(NOW + 10), client_id="FROM-ENV")
    source = TokenSource(settings, clock=lambda: NOW)
    TokenFile(settings).write(AccessToken.parse(f"STORED:{jwt(NOW + 20)}"))

    token = source.current()

    assert token is not None
    assert token.expires_ts == NOW + 20
    assert source.app_id(token) == "STORED"
    assert source.app_id(AccessToken.parse(settings.access_token)) == "FROM-ENV"


def test_a_token_is_obtained_only_where_none_was_given_and_again_once_refused(tmp_path):
    obtained = iter([AccessToken.parse(jwt(NOW + life)) for life in (10, 20)])
    source = TokenSource(loopback_settings(tmp_path), obtain=lambda: next(obtained), clock=lambda: NOW)

    first = source.current()
    assert first is not None
    assert source.current() == first
    source.refused(first)
    assert source.current() != first

    given = loopback_settings(tmp_path, access_token=jwt(NOW - 1))
    expired = TokenSource(given, obtain=lambda: next(obtained), clock=lambda: NOW).current()
    assert expired is not None
    assert expired.expired(NOW)


def test_of_two_tokens_of_one_day_the_one_logged_in_for_counts(tmp_path):
    settings = loopback_settings(tmp_path, access_token=jwt(2e9, hsm_key="given"))
    source = TokenSource(settings)
    stored = AccessToken.parse(jwt(2e9, hsm_key="stored"))
    TokenFile(settings).write(stored)
    assert source.current().secret == stored.secret


def test_a_refused_token_counts_only_while_there_is_no_other(tmp_path):
    settings = loopback_settings(tmp_path, access_token=jwt(2e9))
    source = TokenSource(settings)
    refused = source.current()
    source.refused(refused)
    assert source.current() == refused  # there is nothing better to say what is wrong with
    TokenFile(settings).write(AccessToken.parse(jwt(1.9e9)))
    assert source.current().expires_ts == 1.9e9
