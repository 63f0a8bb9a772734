"""Finished days are archived by a process of its own, once a day, and journals stay until that is done."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import pytest

from dashboard import logs
from dashboard.data.history.archive import __main__ as command
from dashboard.data.history.archive.archiver import RETRY_S, SETTLED_S, Archiver
from dashboard.data.history.archive.day import part_name
from dashboard.data.history.archive.mark import archived_in, mark_of
from dashboard.data.history.days import DailyJournals
from dashboard.data.history.journal import Journal
from dashboard.data.history.recorder import Recorder
from dashboard.market.instruments import Series
from dashboard.settings import Settings
from harness.builders import make_chain, make_published, make_settings
from harness.process import eventually
from tests.fakes import MONDAY_11_IST as NOON
from tests.fakes import FakeClock
from tests.generated_day import DAY, EXPIRIES
from tests.recorded_day import published

DAY_S = 86_400.0
LEGS = part_name("legs", DAY, Series("NIFTY", EXPIRIES["NIFTY"]))


def record(directory: Path, *seconds: float, archive: str = "", keep_days: int = 1) -> None:
    recorder = Recorder(directory, keep_days=keep_days, is_archived=archived_in(archive), demo=True, software="test")
    for after in seconds:
        recorder.take(make_published(make_chain(n=5, as_of=NOON + after)))
    recorder.close()


def days(directory: Path) -> list[str]:
    return [str(day) for day in DailyJournals(directory).days()]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Two minutes of a past day are recorded, and there is an archive."""
    recorder = Recorder(tmp_path / "history", keep_days=10, demo=True, software="test")
    for _, chain in zip(range(4), published(), strict=False):
        recorder.take(chain)
    recorder.close()
    return make_settings(data_dir=tmp_path, archive=str(tmp_path / "archive"), access_token="secret-token")


@pytest.fixture
def environment(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The settings are those of this process."""
    for name, text in settings.environment("feed").items():
        monkeypatch.setenv(name, text)
    monkeypatch.setattr(os, "nice", lambda by: by)
    monkeypatch.setattr(logs, "set_up", lambda *given: None)
    return settings


def test_the_process_archives_what_is_finished_and_the_sink_says_how_it_went(settings: Settings) -> None:
    clock = FakeClock()
    archiver = Archiver(settings, clock=clock)
    archiver.idle()
    assert archiver.counts() == {"runs": 0, "done": 0, "failed": 0}, "the feed comes up first"
    clock.advance(seconds=SETTLED_S)
    archiver.idle()
    assert archiver.counts()["runs"] == 1
    journals = DailyJournals(settings.data_dir / "history")
    eventually(lambda: journals.reader(DAY).is_archived(mark_of(settings.archive)), within_s=60)
    assert (Path(settings.archive) / LEGS).is_file()
    archiver.close()
    clock.advance(seconds=60)
    archiver.idle()
    assert archiver.counts()["runs"] == 1


def test_a_failed_run_is_a_problem_until_one_succeeds(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    clock = FakeClock()
    archiver = Archiver(settings, clock=clock, module="dashboard.no_such_module")
    clock.advance(seconds=SETTLED_S)

    def ended() -> bool:
        archiver.idle()
        return archiver.problem() is not None

    eventually(ended, within_s=60)
    assert (archiver.problem(), archiver.counts()) == ("not_archived", {"runs": 1, "done": 0, "failed": 1})
    assert "the next attempt is in an hour" in caplog.text
    clock.advance(seconds=RETRY_S - 1)
    archiver.idle()
    assert archiver.counts()["runs"] == 1
    clock.advance(seconds=1)
    archiver.take(make_published(make_chain(n=3)))
    assert archiver.counts()["runs"] == 2
    archiver.close()


def test_a_new_day_is_a_reason_to_look_again(settings: Settings) -> None:
    clock = FakeClock()
    archiver = Archiver(settings, clock=clock, module="dashboard.allowed")  # it ends at once, and well

    def done(runs: int) -> bool:
        archiver.idle()
        return archiver.counts()["done"] == runs

    clock.advance(seconds=SETTLED_S)
    eventually(lambda: done(1), within_s=60)
    clock.advance(seconds=DAY_S)
    archiver.idle()
    assert archiver.counts()["runs"] == 1, "the recorder writes the last of the day first"
    clock.advance(seconds=SETTLED_S)
    eventually(lambda: done(2), within_s=60)
    assert archiver.counts() == {"runs": 2, "done": 2, "failed": 0}


def test_by_hand_a_day_is_archived_and_asked_for_twice_it_is_only_checked(
    environment: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main([str(DAY)]) == 0
    assert f"{DAY}: 2 series are archived, " in capsys.readouterr().out
    assert command.main([str(DAY)]) == 0
    assert "2 series are archived, 0 rows were written" in capsys.readouterr().out
    assert command.main([]) == 0
    assert capsys.readouterr().out == "", "the journal says that it is there"


@pytest.mark.parametrize(
    ("changed", "arguments", "code", "sentence"),
    [
        ({"CHAINBOARD_ARCHIVE": ""}, [], 2, "CHAINBOARD_ARCHIVE is empty"),
        ({"CHAINBOARD_HISTORY": "off"}, [], 2, "CHAINBOARD_HISTORY is off"),
        ({"CHAINBOARD_RATE": "9"}, [], 2, "CHAINBOARD_RATE is '9'"),
        ({}, ["2026-02-04"], 2, "2026-02-04 was not recorded, or is not over yet."),
        ({"CHAINBOARD_ARCHIVE": "nowhere://x/y"}, [], 1, f"{DAY} is not archived: The archive cannot be opened"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    environment: Settings,
    changed: dict[str, str],
    arguments: list[str],
    code: int,
    sentence: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, text in changed.items():
        monkeypatch.setenv(name, text)
    assert command.main(arguments) == code
    assert sentence in capsys.readouterr().err


def test_a_file_that_cannot_be_read_holds_no_other_day_up(
    environment: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    (environment.data_dir / "history" / "2026-02-02.sqlite").write_bytes(b"no database" * 100)
    assert command.main([]) == 1
    printed = capsys.readouterr()
    assert "2026-02-02 is not archived: The history in" in printed.err
    assert f"{DAY}: 2 series are archived" in printed.out


def test_a_journal_that_is_not_archived_stays_beyond_the_limits(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    record(tmp_path, 0, DAY_S, 2 * DAY_S, 3 * DAY_S, archive="place")
    assert len(days(tmp_path)) == 4
    assert "2026-11-23 is beyond the limits and stays: it is not archived yet" in caplog.text
    journal = DailyJournals(tmp_path).writer(DailyJournals(tmp_path).days()[0])
    journal.note_archived(mark_of("elsewhere"))
    record(tmp_path, 3 * DAY_S + 60, archive="place")
    assert len(days(tmp_path)) == 4, "that is another archive"
    journal.note_archived(mark_of("place"))
    journal.close()
    record(tmp_path, 3 * DAY_S + 120, archive="place")
    assert days(tmp_path) == ["2026-11-24", "2026-11-25", "2026-11-26"]


def test_a_full_disk_is_a_reason_to_delete_what_is_not_archived(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    record(tmp_path, 0, DAY_S, 2 * DAY_S, 3 * DAY_S, archive="place")
    usage = namedtuple("usage", "total used free")
    free = {True: 1, False: 10**12}
    monkeypatch.setattr(shutil, "disk_usage", lambda place: usage(10, 9, free[len(days(tmp_path)) > 2]))
    with caplog.at_level(logging.WARNING):
        record(tmp_path, 3 * DAY_S + 60, archive="place")
    assert days(tmp_path) == ["2026-11-25", "2026-11-26"], "as many days as the limit says, and recording goes on"
    assert "2026-11-24 is deleted although it is not archived: the disk is full" in caplog.text


def test_a_file_of_another_release_is_not_archived_and_stays(tmp_path: Path) -> None:
    record(tmp_path, 0, archive="place")
    (tmp_path / "2026-11-20.sqlite").write_bytes(b"no database" * 100)
    record(tmp_path, 5 * DAY_S, archive="place")
    assert days(tmp_path) == ["2026-11-20", "2026-11-23", "2026-11-28"]
    record(tmp_path, 5 * DAY_S + 60)
    assert days(tmp_path) == ["2026-11-28"], "without an archive nothing is held back"


def test_records_that_came_after_the_archiving_undo_the_note(tmp_path: Path) -> None:
    record(tmp_path, 0)
    journal: Journal = DailyJournals(tmp_path).writer(DailyJournals(tmp_path).days()[0])
    journal.note_archived("place")
    assert journal.is_archived("place")
    record(tmp_path, 5)
    assert not journal.is_archived("place")
    journal.close()


def test_neither_the_feed_nor_the_web_process_loads_pyarrow() -> None:
    load = "import sys, app, dashboard.data.feed.__main__, dashboard.web.worker"
    use = "from dashboard.data.history.archive.archiver import Archiver; from dashboard.settings import Settings"
    ask = "Archiver(Settings(archive='somewhere')); sys.exit('pyarrow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", f"{load}; {use}; {ask}"], check=False).returncode == 0
