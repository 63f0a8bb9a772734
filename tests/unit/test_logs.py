"""Log lines: one form for every process, and no secret in any of them."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard import logs
from dashboard.settings import Settings, SettingsError
from harness.builders import make_settings

JWT = "eyJhbGciOiJIUzI1NiJ9." + "eyJleHAiOjF9" + ".c2lnbmF0dXJl"
SETTINGS = {"secret_key": "app-secret-1", "password": "correct horse", "access_token": "given-token-1"}


@pytest.fixture(autouse=True)
def root() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers = handlers
    root.setLevel(level)
    logging.captureWarnings(False)


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().err.splitlines()


@pytest.mark.parametrize("form", ["text", "json"])
def test_no_secret_is_written_whatever_way_it_comes(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up(make_settings(log_format=form, **SETTINGS), "feed")
    log = logging.getLogger("x")
    log.warning("token %s of %s", JWT, {"Authorization": f"APP-100:{JWT}"})
    log.warning("GET /login/callback?s=ok&auth_code=plaincode&state=s and redis://desk:hunter2@cache:6379/0")
    log.warning("values app-secret-1, correct horse, given-token-1")
    try:
        raise RuntimeError(JWT)
    except RuntimeError:
        log.exception("failed")
    said = "\n".join(lines(capsys))
    for secret in (JWT, JWT.split(".")[1], "plaincode", "hunter2", *SETTINGS.values()):
        assert secret not in said
    assert "state=s" in said
    assert "cache:6379/0" in said
    assert "RuntimeError" in said


def test_a_line_of_json_has_all_a_collector_asks_for(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up(make_settings(log_format="json", log_level="debug"), "web")
    logging.getLogger("dashboard.x").debug("two\nlines, %d", 7)
    (line,) = lines(capsys)
    told = json.loads(line)
    assert {"ts", "level", "process", "pid", "logger", "message"} == set(told)
    assert (told["level"], told["process"], told["logger"]) == ("DEBUG", "web", "dashboard.x")
    assert told["message"] == "two\nlines, 7"
    assert told["ts"].endswith("+00:00")


def test_setting_up_twice_writes_each_line_once(capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        logs.set_up(make_settings(), "web")
    logging.getLogger("x").warning("once")
    assert len(lines(capsys)) == 1


def test_a_module_name_is_no_token() -> None:
    text = "dashboard.callbacks.selection in /srv/chainboard/dashboard/callbacks/selection.py at 12.345678901.2"
    assert logs.redacted(text) == text


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [({"log_level": "loud"}, "CHAINBOARD_LOG_LEVEL is 'LOUD'"), ({"log_format": "xml"}, "CHAINBOARD_LOG_FORMAT is 'x")],
)
def test_a_form_there_is_not_is_one_sentence(setting: dict[str, str], sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence):
        logs.set_up(make_settings(**setting), "feed")


def test_what_nobody_caught_is_a_line_too(repository: Path) -> None:
    source = f"""
import threading, warnings
from dashboard import logs
from dashboard.settings import Settings
logs.set_up(Settings(log_format="json"), "feed")
warnings.warn("watch {JWT}")
def fail(): raise ValueError("{JWT}")
thread = threading.Thread(target=fail)
thread.start(); thread.join()
fail()
"""
    ran = subprocess.run([sys.executable, "-c", source], cwd=repository, capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    told = [json.loads(line) for line in ran.stderr.splitlines()]
    assert [line["level"] for line in told] == ["WARNING", "CRITICAL", "CRITICAL"]
    assert "ValueError" in told[2]["exception"]
    assert JWT not in ran.stderr


def test_what_is_short_is_not_blanked_out_of_every_line() -> None:
    assert logs.secrets_of(Settings(secret_key="a", password="long enough")) == ("long enough",)


# Nobody outside can forge or flood it


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_line_end_from_outside_makes_no_line_of_its_own(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up(make_settings(log_format=form), "web")
    forged = "x\n2026-11-23 10:00:00 WARNING dashboard: all is lost\r\x1b[2J\u2028\x85"
    logging.getLogger("x").warning("no file %s", forged)
    try:
        raise RuntimeError(forged)
    except RuntimeError:
        logging.getLogger("x").exception("failed on %s", forged)
    said = capsys.readouterr().err
    begun = [line for line in said.split("\n") if line and not line.startswith("    ")]
    assert len(begun) == 2
    assert not any(line.startswith("2026-11-23 10:00:00") for line in said.splitlines())
    assert not {"\r", "\x1b", "\u2028", "\x85"} & set(said) if form == "text" else "\x1b" not in said


def test_a_field_from_outside_is_escaped_and_cut() -> None:
    assert logs.field("NIFTY|2026-12-01") == "NIFTY|2026-12-01"
    assert logs.field("a\nb") == "a\\nb"
    assert logs.field("k" * 100_000) == "k" * 63 + "…"


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_message_has_an_end(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up(make_settings(log_format=form), "web")
    logging.getLogger("x").warning("lease of %s not renewed", "k" * 100_000)
    assert len(capsys.readouterr().err) < 1_200


def handler_of() -> logging.Handler:
    return next(one for one in logging.getLogger().handlers if isinstance(one, logs.StderrHandler))


def record(text: str, at: float, level: int = logging.WARNING, *fields: object) -> logging.LogRecord:
    made = logging.LogRecord("x", level, "x.py", 1, text, fields, None)
    made.created = at
    return made


def test_what_repeats_is_counted_and_said_again_after_a_minute(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up(make_settings(), "feed")
    handler = handler_of()
    for n in range(215):
        handler.handle(record("Redis does not answer", 1_000.0 + 0.2 * n))
    handler.handle(record("something else", 1_050.0))
    assert [line.partition("x: ")[2] for line in lines(capsys)] == ["Redis does not answer", "something else"]
    handler.handle(record("Redis does not answer", 1_061.0))
    said = [line.partition("x: ")[2] for line in lines(capsys)]
    assert said == ["Redis does not answer … (repeated 214 times)", "Redis does not answer"]


def test_what_was_counted_is_told_when_the_process_ends(repository: Path) -> None:
    source = """
import logging
from dashboard import logs
from dashboard.settings import Settings
logs.set_up(Settings(), "feed")
for _ in range(5):
    logging.getLogger("x").warning("again")
"""
    ran = subprocess.run([sys.executable, "-c", source], cwd=repository, capture_output=True, text=True, check=False)
    assert [line.partition("x: ")[2] for line in ran.stderr.splitlines()] == ["again", "again … (repeated 4 times)"]


def test_a_flood_of_one_kind_is_counted_whatever_its_fields(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up(make_settings(), "web")
    handler = handler_of()
    for n in range(5_000):
        handler.handle(record("no series %s", 1_000.0, logging.WARNING, n))
    handler.handle(record("all is well", 1_001.0, logging.INFO))
    assert len(lines(capsys)) == logs.MOST_OF_A_KIND + 1
    handler.handle(record("next minute", 1_061.0))
    assert any("and 4,900 more like it" in line for line in lines(capsys))


def test_memory_of_what_was_said_is_bounded() -> None:
    repeats = logs.Repeats()
    for n in range(5 * logs.MOST_REMEMBERED):
        repeats.admits(record(f"message {n}", 1_000.0))
    assert len(repeats.over(float("inf"))) <= 2 * logs.MOST_REMEMBERED


def test_a_clock_set_back_silences_nothing() -> None:
    repeats = logs.Repeats()
    assert repeats.admits(record("again", 5_000.0))
    assert repeats.over(1_000.0) == []
    assert repeats.admits(record("again", 1_000.0))
