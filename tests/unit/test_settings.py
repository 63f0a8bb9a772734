"""Settings: read once, converted once, and clear about what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashboard.settings import Settings, SettingsError, withheld


def test_nothing_set_gives_the_production_addresses_and_loopback_defaults():
    settings = Settings.from_environment({})
    assert settings.socket_url.startswith("wss://")
    assert settings.interval_ms == 1000
    assert settings.underlyings[0] == "NIFTY"
    assert settings.demo is False


def test_variables_are_converted_to_their_types():
    settings = Settings.from_environment(
        {
            "CHAINBOARD_INTERVAL_MS": "250",
            "CHAINBOARD_UNDERLYINGS": "nifty, sensex",
            "CHAINBOARD_DEMO": "1",
            "CHAINBOARD_DATA_DIR": "/somewhere",
            "CHAINBOARD_RATE": "0.07",
        }
    )
    assert settings.interval_ms == 250
    assert settings.underlyings == ("NIFTY", "SENSEX")
    assert settings.demo is True
    assert settings.data_dir == Path("/somewhere")
    assert settings.rate == 0.07


@pytest.mark.parametrize(
    ("variable", "text"), [("CHAINBOARD_INTERVAL_MS", "soon"), ("CHAINBOARD_DEMO", "maybe"), ("CHAINBOARD_RATE", "6%")]
)
def test_a_setting_that_cannot_be_read_names_its_variable(variable, text):
    with pytest.raises(SettingsError, match=variable):
        Settings.from_environment({variable: text})


REFUSED = [
    ("CHAINBOARD_RATE", "6.5", "from 0 to 0.3 (a fraction): 6.5 % is written 0.065."),
    ("CHAINBOARD_RATE", "-0.01", "from 0 to 0.3"),
    ("CHAINBOARD_RATE", "nan", "from 0 to 0.3"),
    ("CHAINBOARD_RATE", "inf", "from 0 to 0.3"),
    ("CHAINBOARD_PROXIES", "-2", "from 0 to 10"),
    ("CHAINBOARD_STALE_AFTER_S", "0", "from 1 to 3600 (seconds)"),
    ("CHAINBOARD_API_PER_S", "-1", "from 0 to 100000 (a second)"),
    ("CHAINBOARD_API_PER_S", "nan", "from 0 to 100000"),
    ("CHAINBOARD_INTERVAL_MS", "1", "from 50 to 60000 (milliseconds)"),
    ("CHAINBOARD_PUBLISH_MS", "1e3", "from 50 to 60000 (milliseconds)"),
    ("CHAINBOARD_DAY_COUNT", "lunar", "calendar or trading"),
    ("CHAINBOARD_LOG_LEVEL", "LOUD", "DEBUG or INFO or WARNING or ERROR"),
    ("CHAINBOARD_LOG_FORMAT", "xml", "text or json"),
    ("CHAINBOARD_DEMO", "maybe", "1 or 0"),
    ("CHAINBOARD_UNDERLYINGS", "NIFTY,<script>", "comma-separated names"),
    ("CHAINBOARD_UNDERLYINGS", " , ", "at least one"),
    ("CHAINBOARD_TRUSTED_HOSTS", "http://board.example", "host names"),
    ("FYERS_API_URL", "api-t1.fyers.in", "begins with http:// or https://"),
    ("FYERS_SOCKET_URL", "https://socket.fyers.in", "begins with ws:// or wss://"),
    ("FYERS_DATA_URL", "http://127.0.0.1:99999/data", "begins with http:// or https://"),
]


@pytest.mark.parametrize(("variable", "text", "permitted"), REFUSED)
def test_a_value_that_is_not_allowed_is_named_with_what_is(variable, text, permitted):
    with pytest.raises(SettingsError) as refused:
        Settings.from_environment({variable: text})
    message = str(refused.value)
    assert message.startswith(f"{variable} is {text.strip()!r}, which is not allowed; it must be ")
    assert permitted in message
    assert "\n" not in message


@pytest.mark.parametrize("url", ["ftp://host/0", "disk://", "redis://", "/tmp/cache", "redis://:pass-word@host:port/0"])
def test_a_cache_that_is_none_is_refused_without_its_password(url):
    with pytest.raises(SettingsError, match="CHAINBOARD_CACHE has a value that is not allowed") as refused:
        Settings.from_environment({"CHAINBOARD_CACHE": url})
    assert "pass-word" not in str(refused.value)


@pytest.mark.parametrize("url", ["disk://relative", "disk:///absolute", "redis://:secret@host:6379/0", "rediss://host"])
def test_every_form_of_cache_is_allowed(url):
    assert Settings.from_environment({"CHAINBOARD_CACHE": url}).cache_url == url


def test_a_secret_is_refused_without_being_shown():
    with pytest.raises(SettingsError, match="at least 8 characters") as refused:
        Settings.from_environment({"CHAINBOARD_PASSWORD": "hunter2"})
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("CHAINBOARD_INTERVALL_MS", "CHAINBOARD_INTERVALL_MS is no setting; did you mean CHAINBOARD_INTERVAL_MS?"),
        ("CHAINBOARD_PASWORD", "CHAINBOARD_PASWORD is no setting; did you mean CHAINBOARD_PASSWORD?"),
        ("CHAINBOARD_XYZZY", "CHAINBOARD_XYZZY is no setting."),
    ],
)
def test_a_misspelt_name_is_refused_with_the_nearest_one(name, sentence):
    with pytest.raises(SettingsError) as refused:
        Settings.from_environment({name: "something-private"})
    assert str(refused.value) == sentence


def test_everything_that_is_wrong_is_said_at_once():
    with pytest.raises(SettingsError) as refused:
        Settings.from_environment({"CHAINBOARD_RATE": "6.5", "CHAINBOARD_PROXIES": "-2", "CHAINBOARD_RAT": "1"})
    assert [line.partition(" ")[0] for line in str(refused.value).splitlines()] == [
        "CHAINBOARD_RAT",
        "CHAINBOARD_RATE",
        "CHAINBOARD_PROXIES",
    ]


def test_every_default_is_allowed():
    assert Settings.from_environment(Settings().environment()) == Settings()


def test_a_misspelt_name_in_the_stored_file_is_refused_too(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("CHAINBOARD_PASWORD=something\n")
    with pytest.raises(SettingsError, match="did you mean CHAINBOARD_PASSWORD"):
        Settings.from_environment()


@pytest.mark.parametrize(("process", "others"), [("web", "FYERS_ACCESS_TOKEN"), ("feed", "CHAINBOARD_PASSWORD")])
def test_a_process_is_given_no_secret_of_another(process, others):
    settings = Settings(access_token="token", password="password")
    assert others in settings.environment()
    assert others not in settings.environment(process)


def test_a_stored_file_does_not_give_a_process_what_was_withheld(tmp_path):
    (tmp_path / ".env").write_text("FYERS_ACCESS_TOKEN=token\nCHAINBOARD_PASSWORD=password\n")
    assert withheld("web", tmp_path) == {"FYERS_ACCESS_TOKEN": ""}
    assert withheld("feed", tmp_path) == {"CHAINBOARD_PASSWORD": ""}
    assert withheld("web", tmp_path / "elsewhere") == {}


def test_a_child_process_gets_the_same_settings_through_its_environment():
    settings = Settings.from_environment({"CHAINBOARD_DEMO": "yes", "CHAINBOARD_UNDERLYINGS": "NIFTY,BANKEX"})
    assert Settings.from_environment(settings.environment()) == settings


def test_secrets_are_not_in_the_printed_form():
    settings = Settings.from_environment({"FYERS_ACCESS_TOKEN": "very-secret", "FYERS_SECRET_KEY": "also-secret"})
    assert "secret" not in repr(settings)
