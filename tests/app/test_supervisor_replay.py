"""`--replay` with a day: found in the history of the settings, or refused with the days there are."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from dashboard.data.history.days import DailyJournals
from dashboard.processes import supervisor
from dashboard.processes.child import CANNOT_START, Child
from dashboard.settings import Settings


def test_a_day_is_looked_for_in_the_history_of_the_settings(
    bare_environment: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    days = bare_environment / "days"
    monkeypatch.setenv("CHAINBOARD_HISTORY", f"sqlite:///{days}")
    monkeypatch.setattr(Child, "start", lambda child: pytest.fail(f"{child.name} was started"))

    def refusal() -> str:
        assert supervisor.main(["--replay", "2026-11-24", "--port", "0"]) == CANNOT_START
        return capsys.readouterr().err

    assert refusal() == f"There is no recording of 2026-11-24 in {days}; no day is recorded there.\n"
    for day in ("2026-11-23", "2026-11-20"):
        DailyJournals(days).writer(date.fromisoformat(day)).close()
    assert "recorded days are 2026-11-20, 2026-11-23." in refusal()
    monkeypatch.setenv("CHAINBOARD_HISTORY", "off")
    assert "records nothing (CHAINBOARD_HISTORY=off)" in refusal()


def test_the_file_of_a_recorded_day_is_played_by_a_demo(
    bare_environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[Any] = []

    class NoBoard:
        """Instead of a board: what it would have played, and with which history."""

        def __init__(self, settings: Settings, mode: str, host: str, port: int, replay: Path, *_rest: Any, **_: Any):
            given.extend((mode, replay, settings.history_dir))

        def run(self) -> int:
            return 0

    days = bare_environment / "days"
    DailyJournals(days).writer(date(2026, 11, 23)).close()
    monkeypatch.setattr(supervisor, "Board", NoBoard)
    monkeypatch.setenv("CHAINBOARD_HISTORY", f"sqlite:///{days}")
    assert supervisor.main(["--replay", "2026-11-23", "--port", "0"]) == 0
    mode, replay, history_dir = given
    assert (mode, replay) == ("replay", days / "2026-11-23.sqlite")
    assert history_dir != days, "a replay records beside its own files"
