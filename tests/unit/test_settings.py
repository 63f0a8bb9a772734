"""Settings: read once, converted once, and clear about what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashboard.settings import Settings, SettingsError


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


def test_an_interval_too_short_to_serve_is_refused():
    with pytest.raises(SettingsError, match="at least 50"):
        Settings.from_environment({"CHAINBOARD_INTERVAL_MS": "1"})


def test_time_to_expiry_is_counted_in_one_of_two_ways():
    assert Settings.from_environment({"CHAINBOARD_DAY_COUNT": "trading"}).day_count == "trading"
    with pytest.raises(SettingsError, match="CHAINBOARD_DAY_COUNT"):
        Settings.from_environment({"CHAINBOARD_DAY_COUNT": "lunar"})


def test_a_child_process_gets_the_same_settings_through_its_environment():
    settings = Settings.from_environment({"CHAINBOARD_DEMO": "yes", "CHAINBOARD_UNDERLYINGS": "NIFTY,BANKEX"})
    assert Settings.from_environment(settings.environment()) == settings


def test_secrets_are_not_in_the_printed_form():
    settings = Settings.from_environment({"FYERS_ACCESS_TOKEN": "very-secret", "FYERS_SECRET_KEY": "also-secret"})
    assert "secret" not in repr(settings)
