"""The processes of a board: started, kept running, stopped, and never left behind."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from dashboard.data.brokers.fyers import endpoints
from dashboard.processes import child as child_module
from dashboard.processes import supervisor
from dashboard.processes.child import CANNOT_START, Child
from dashboard.settings import Settings
from dashboard.web.listener import CannotListen, open_listener, url_of
from harness.board import BoardProcess
from harness.builders import make_settings
from harness.process import eventually

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")


def gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.fixture
def module(tmp_path: Path) -> Iterator[Callable[[str], Child]]:
    """Make a child out of a few lines of Python; it can write to the folder it is given as OUT."""
    children: list[Child] = []

    def make(source: str, **options: Any) -> Child:
        (tmp_path / "pretended.py").write_text(source)
        environment = {"PYTHONPATH": str(tmp_path), "OUT": str(tmp_path / "out")}
        children.append(Child("pretended", ["pretended"], environment, **options))
        return children[-1]

    yield make
    for started in children:
        started.end(time.monotonic())


WRITE_PID = "import os, pathlib, time, signal\npathlib.Path(os.environ['OUT']).write_text(str(os.getpid()))\n"


def written_pid(tmp_path: Path) -> int:
    out = tmp_path / "out"
    return int(eventually(lambda: out.exists() and out.read_text(), within_s=10, what="the module runs"))


def test_a_dead_child_starts_again_after_a_growing_wait(
    module: Callable[..., Child], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now)
    child = module("raise SystemExit(7)")
    waits = []
    child.start()
    for _ in range(3):
        # The clock that `eventually` goes by stands still here.
        while child.exit_code is None:
            time.sleep(0.01)
        died = now
        while not child.tend():  # the first call notes the death, and when the next start is due
            now += 0.25
        waits.append(now - died)
    assert waits == [2.0, 4.0, 8.0]
    assert child.restarts == 3
    assert "The pretended stopped (exit code 7)" in caplog.text


@POSIX
def test_a_child_that_ignores_the_request_is_killed_with_all_it_started(
    module: Callable[..., Child], tmp_path: Path
) -> None:
    source = "import signal, subprocess, sys\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    source += "grandchild = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
    source += WRITE_PID.replace("os.getpid()", "grandchild.pid") + "time.sleep(60)\n"
    child = module(source)
    child.start()
    grandchild = written_pid(tmp_path)
    child.ask_to_stop()
    child.end(time.monotonic() + 0.3)
    assert child.exit_code == -signal.SIGKILL
    eventually(lambda: gone(grandchild), within_s=5, what="the grandchild ends")


@POSIX
@pytest.mark.parametrize("manners", ["", "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"])
def test_a_child_leaves_when_its_parent_was_killed(tmp_path: Path, manners: str) -> None:
    (tmp_path / "pretended.py").write_text(f"{WRITE_PID}{manners}time.sleep(60)\n")
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            f"from dashboard.processes.child import Child; Child('x', ['pretended'], {{}}).start(); {SLEEP}",
        ],
        env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{child_module.ROOT}", "OUT": str(tmp_path / "out")},
    )
    orphan = written_pid(tmp_path)
    parent.kill()  # and not yet reaped: a zombie parent is gone, too
    eventually(lambda: gone(orphan), within_s=8, what="the orphan leaves")
    parent.wait()


SLEEP = "import time; time.sleep(60)"


def test_a_port_is_taken_once(free_port: int) -> None:
    with open_listener("127.0.0.1", free_port), pytest.raises(CannotListen, match=f"Port {free_port} is taken"):
        open_listener("127.0.0.1", free_port)


@pytest.mark.parametrize(("host", "port"), [("no.such.host.invalid", 8050), ("127.0.0.1", 99_999), ("192.0.2.1", 0)])
def test_an_address_that_cannot_be_served_is_one_sentence(host: str, port: int) -> None:
    with pytest.raises(CannotListen, match="cannot listen"):
        open_listener(host, port)


def test_the_url_is_one_a_browser_on_this_machine_can_open() -> None:
    assert url_of("0.0.0.0", 8050) == "http://127.0.0.1:8050"
    assert url_of("::1", 8050) == "http://[::1]:8050"


def refusal(argv: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> str:
    """The sentence with which the supervisor refuses; fails when it starts anything."""
    monkeypatch.setattr(Child, "start", lambda child: pytest.fail(f"{child.name} was started"))
    assert supervisor.main(argv) == CANNOT_START
    sentence = capsys.readouterr().err
    assert sentence.count("\n") == 1, sentence
    return sentence


def test_a_taken_port_is_refused(
    bare_environment: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        assert f"Port {port} is taken" in refusal(["--demo", "--port", port], capsys, monkeypatch)


def test_live_without_a_token_is_refused(
    bare_environment: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "no FYERS access token" in refusal(["--live", "--port", "0"], capsys, monkeypatch)


def test_a_cache_that_cannot_be_written_is_refused(
    bare_environment: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (bare_environment / "file").write_text("in the way")
    monkeypatch.setenv("CHAINBOARD_CACHE", f"disk://{bare_environment / 'file'}")
    assert "cache" in refusal(["--demo", "--port", "0"], capsys, monkeypatch)


def test_a_missing_recording_is_refused(
    bare_environment: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "no recording" in refusal(["--demo", "--replay", "nowhere.csv.gz", "--port", "0"], capsys, monkeypatch)
    assert "leave out --live" in refusal(["--live", "--replay", "nowhere.csv.gz", "--port", "0"], capsys, monkeypatch)


def test_a_data_directory_that_cannot_be_made_is_named(
    bare_environment: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (bare_environment / "file").write_text("in the way")
    monkeypatch.setenv("CHAINBOARD_DATA_DIR", str(bare_environment / "file" / "data"))
    monkeypatch.setenv("FYERS_CLIENT_ID", "ABCD1234XY-100")
    monkeypatch.setenv("FYERS_SECRET_KEY", "secret")
    sentence = refusal(["--live", "--port", "0"], capsys, monkeypatch)
    assert f"The data directory {bare_environment / 'file' / 'data'} cannot be made" in sentence


def test_without_the_sdk_the_missing_command_is_given(
    bare_environment: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoints, "find_spec", lambda name: None)
    sentence = refusal(["--demo", "--port", "0"], capsys, monkeypatch)
    assert "-m pip install --no-deps -r requirements-sdk.txt" in sentence


def test_a_demo_records_beside_its_own_files_and_never_into_a_live_history(
    bare_environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Started(Exception):
        """Instead of a board: the settings it was given."""

    def start(settings: Settings, *_rest: Any, **_options: Any) -> None:
        raise Started(settings)

    monkeypatch.setattr(supervisor, "Board", start)
    for history, records in {"": True, "sqlite:///live-days": True, "off": False}.items():
        monkeypatch.setenv("CHAINBOARD_HISTORY", history)
        monkeypatch.setenv("CHAINBOARD_ARCHIVE", "live-archive")
        with pytest.raises(Started) as started:
            supervisor.main(["--demo", "--port", "0"])
        (settings,) = started.value.args
        assert settings.history_dir == (settings.data_dir / "history" if records else None)
        assert settings.archive == ""
        assert settings.history_mb == supervisor.DEMO_HISTORY_MB, "it lies in memory"


def test_a_replay_is_called_a_replay(bare_environment: Path) -> None:
    recording = bare_environment / "day.csv.gz"
    recording.write_bytes(b"")
    for argv in (["--replay", str(recording)], ["--demo", "--replay", str(recording)]):
        assert supervisor._mode(supervisor._parser().parse_args(argv), make_settings()) == "replay"


@pytest.mark.wire
def test_a_board_whose_feed_cannot_start_is_nowhere(bare_environment: Path) -> None:
    account = {"FYERS_CLIENT_ID": "ABCD1234XY-100", "FYERS_SECRET_KEY": "secret", "CHAINBOARD_DEMO": "1"}
    ended = subprocess.run(
        [sys.executable, "app.py", "--live", "--port", "0"],
        cwd=child_module.ROOT,
        env={**os.environ, **account},  # a demo that points at FYERS itself is refused by the feed
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == CANNOT_START
    assert "The feed cannot start: Demo mode talks to this machine only" in ended.stderr
    assert "Chainboard (" not in ended.stdout


def test_a_setting_that_cannot_be_read_is_refused(
    bare_environment: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAINBOARD_INTERVAL_MS", "soon")
    assert "CHAINBOARD_INTERVAL_MS" in refusal(["--demo", "--port", "0"], capsys, monkeypatch)


def test_a_sandbox_moves_every_fyers_address_to_loopback() -> None:
    settings = supervisor.at_sandbox(make_settings(), "http://127.0.0.1:4567")
    addresses = {settings.api_url, settings.data_url, settings.socket_url, settings.public_url}
    assert {re.sub(r"^(http|ws)://", "", address).partition("/")[0] for address in addresses} == {"127.0.0.1:4567"}


@pytest.fixture
def board(tmp_path: Path) -> Iterator[BoardProcess]:
    own = {"CHAINBOARD_CACHE": f"disk://{tmp_path / 'cache'}", "CHAINBOARD_DATA_DIR": str(tmp_path / "data")}
    with BoardProcess("--demo", environment=own) as started:
        yield started


@pytest.mark.wire
@POSIX
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stopped_demo_leaves_nothing_behind(board: BoardProcess, number: int, tmp_path: Path) -> None:
    eventually(board.is_well, within_s=30, what="the board is well")
    supervising = board.child("dashboard.web").parent()
    assert supervising is not None
    family = supervising.children(recursive=True)
    assert len(family) >= 4  # sandbox, feed, web with its worker
    supervising.send_signal(number)
    eventually(lambda: gone(supervising.pid), within_s=8, what="the supervisor ends")
    assert [process for process in family if not gone(process.pid)] == []
    assert list((tmp_path / "cache").glob("demo-*")) == []
    assert "Traceback" not in board.output()


@pytest.mark.wire
def test_a_recording_that_is_none_is_refused_in_one_sentence(
    bare_environment: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    junk = bare_environment / "junk.csv.gz"
    junk.write_text("no recording")
    assert supervisor.main(["--replay", str(junk), "--port", "0"]) == CANNOT_START
    assert capfd.readouterr().err.count("\n") == 1


@pytest.mark.wire
@POSIX
def test_nothing_survives_a_supervisor_that_was_killed(board: BoardProcess) -> None:
    supervising = board.child("dashboard.web").parent()
    assert supervising is not None
    family = supervising.children(recursive=True)
    supervising.kill()
    eventually(lambda: all(gone(process.pid) for process in family), within_s=12, what="every child leaves")


@pytest.mark.wire
@POSIX
@pytest.mark.parametrize("module", ["dashboard.data.feed", "dashboard.sandbox", "dashboard.web"])
def test_a_killed_process_comes_back_and_the_board_recovers(board: BoardProcess, module: str) -> None:
    eventually(board.is_well, within_s=30, what="the board is well")
    victim = board.child(module)
    victim.kill()
    eventually(lambda: gone(victim.pid), within_s=5, what="the process ends")
    eventually(lambda: _is_back(board, module, victim.pid), within_s=40, what="the process comes back")
    eventually(board.is_well, within_s=40, what="the board is well again")
    status, chain = board.get("/api/chain?underlying=NIFTY")
    assert status == 200
    assert any(row["call"]["ltp"] for row in chain["rows"])


def _is_back(board: BoardProcess, module: str, before: int) -> bool:
    try:
        return board.child(module).pid != before
    except (LookupError, psutil.ZombieProcess, psutil.NoSuchProcess):
        return False
