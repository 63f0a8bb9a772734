from __future__ import annotations

import logging
from logging.handlers import RotatingFileHandler

from dashboard.data.brokers.fyers.stream.sdk_logs import SdkLogs
from dashboard.logs import BLANK
from dashboard.settings import Settings
from harness.fyers import jwt
from tests.unit.data.brokers.fyers.material import NOW


def sdk_logger(tmp_path, service="Test"):
    settings = Settings(data_dir=tmp_path, secret_key="app-secret")
    return SdkLogs(settings)(service, "DEBUG", stack_level=2, logger_handler=logging.FileHandler(tmp_path / "sdk.log"))


def test_a_log_rotates_stays_to_itself_and_tells_no_secret(tmp_path):
    logger = sdk_logger(tmp_path)
    assert sdk_logger(tmp_path) is logger
    assert [type(handler) for handler in logger.handlers] == [RotatingFileHandler]
    assert not logger.propagate

    logger.debug("chatter")
    logger.error({"Error": f"APP-100:{jwt(NOW)}"})
    logger.error("sent %s with %s", jwt(NOW), "app-secret")

    text = (tmp_path / "sdk.log").read_text()
    assert jwt(NOW) not in text
    assert "app-secret" not in text
    assert text.count(BLANK) == 3
    assert "chatter" not in text


def test_another_directory_moves_the_log(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    sdk_logger(tmp_path / "a", "Moved").error("one")
    sdk_logger(tmp_path / "b", "Moved").error("two")
    assert "two" in (tmp_path / "b" / "sdk.log").read_text()
    assert "two" not in (tmp_path / "a" / "sdk.log").read_text()
