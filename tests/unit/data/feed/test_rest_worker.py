"""One thread asks; whatever it meets, it goes on asking."""

from __future__ import annotations

import threading
import time

from dashboard.data.feed.rest_worker import Answer, Job, RestWorker
from dashboard.market.errors import LoginNeeded, ProviderUnavailable
from harness.process import eventually


def collect(worker: RestWorker, count: int) -> list[Answer]:
    found: list[Answer] = []

    def has_come() -> bool:
        found.extend(worker.answers())
        return len(found) >= count

    eventually(has_come, 10, f"{count} answers")
    return found


def raising(error: Exception) -> object:
    raise error


def test_answers_come_back_with_what_they_are_about_and_when_they_were_asked() -> None:
    worker = RestWorker(lambda: 42.0)
    worker.submit(Job("directory", lambda: 7))
    (answer,) = collect(worker, 1)
    assert answer == Answer("directory", 7, None, 42.0)
    assert worker.idle
    worker.close()


def test_an_error_is_an_answer_and_a_bug_is_the_adapter_s() -> None:
    worker = RestWorker(time.time)
    worker.submit(Job("a", lambda: raising(LoginNeeded("log in"))))
    worker.submit(Job("b", lambda: raising(ZeroDivisionError("0"))))
    worker.submit(Job("c", lambda: 1))
    login, bug, fine = collect(worker, 3)
    assert isinstance(login.error, LoginNeeded)
    assert isinstance(bug.error, ProviderUnavailable)
    assert "ZeroDivisionError" in bug.error.message
    assert fine.value == 1
    worker.close()


def test_a_broker_that_hangs_keeps_the_worker_busy_and_nobody_waiting() -> None:
    release = threading.Event()
    worker = RestWorker(time.time)
    worker.submit(Job("slow", release.wait))
    started = time.monotonic()
    assert worker.answers() == []
    assert not worker.idle
    worker.close()
    assert time.monotonic() - started < 0.5
    release.set()
    assert collect(worker, 1)[0].value is True
