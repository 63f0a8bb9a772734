"""The process: starts with one line, ends on request, does not outlive whoever started it."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time

import pytest

from dashboard.sandbox.lifetime import is_alive
from harness.process import REPOSITORY, eventually
from harness.sandbox import SandboxProcess

COMMAND = [sys.executable, "-m", "dashboard.sandbox"]


def test_one_ready_line_and_a_quick_exit_on_sigterm():
    sandbox = SandboxProcess().start().wait_until_ready()
    assert sandbox.url.startswith("http://127.0.0.1:")
    assert sandbox.state()["seed"] == 7
    started = time.monotonic()
    sandbox.stop()
    assert sandbox.exit_code == 0
    assert time.monotonic() - started < 2.0


def test_sigint_ends_it_too():
    with SandboxProcess() as sandbox:
        sandbox.send(signal.SIGINT)
        assert sandbox.outcome(3.0) == 0


def test_a_taken_port_is_one_sentence_and_exit_code_2():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        failed = subprocess.run([*COMMAND, "--port", port], cwd=REPOSITORY, capture_output=True, text=True, timeout=20)
    assert failed.returncode == 2
    assert failed.stdout == ""
    assert failed.stderr == f"sandbox cannot start: port {port} is taken\n"


@pytest.mark.parametrize("arguments", [["--replay", "no-such-file.csv"], ["--from", "noon"]])
def test_bad_arguments_are_one_sentence_and_exit_code_2(arguments):
    failed = subprocess.run([*COMMAND, *arguments], cwd=REPOSITORY, capture_output=True, text=True, timeout=20)
    assert failed.returncode == 2
    assert failed.stderr.startswith("sandbox cannot start: ")
    assert failed.stderr.count("\n") == 1


def test_it_ends_when_its_parent_is_killed():
    script = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-m', 'dashboard.sandbox'], stdout=subprocess.PIPE, text=True)\n"
        "print(child.pid, child.stdout.readline(), flush=True)\n"
        "time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child_pid = int(parent.stdout.readline().split()[0])
    parent.kill()
    parent.wait()
    parent.stdout.close()
    eventually(lambda: not is_alive(child_pid) or _is_zombie(child_pid), 5.0, "the sandbox ends with its parent")


def _is_zombie(pid: int) -> bool:
    # An orphan is reaped by whatever runs as pid 1, which in a bare container may be nobody.
    try:
        with open(f"/proc/{pid}/stat") as stat:  # noqa: PTH123
            return stat.read().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return False
