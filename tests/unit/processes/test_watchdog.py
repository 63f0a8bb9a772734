"""When silence means that a process hangs, and when it does not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dashboard.data.cache.disk import DiskStore
from dashboard.data.cache.store import CacheError, CacheLocked
from dashboard.data.contract import keys
from dashboard.processes.child import Child
from dashboard.processes.watchdog import (
    BUSY_HUNG_AFTER_S,
    HUNG_AFTER_S,
    STARTS_WITHIN_S,
    Heartbeat,
    Watchdog,
    answers,
)


class PretendedChild:
    """A child as its watchdog sees it."""

    name = "pretended"

    def __init__(self) -> None:
        self.pid: int | None = 1
        self.used_s = 0.0
        self.reasons: list[str] = []

    def cpu_s(self) -> float:
        return self.used_s

    def replace(self, why: str) -> None:
        self.reasons.append(why)


class Scene:
    def __init__(self) -> None:
        self.now = 1000.0
        self.child = PretendedChild()
        child: Any = self.child
        self.watchdog = Watchdog(child, lambda: True, monotonic=lambda: self.now)
        self.watchdog.look()

    def goes_on(self, seconds: float, sign: bool | None) -> None:
        for _ in range(int(seconds)):
            self.now += 1
            self.watchdog.note(sign)
            self.watchdog.look()


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_who_gives_signs_of_life_is_left_alone(scene: Scene) -> None:
    scene.goes_on(1000, True)
    assert scene.child.reasons == []
    assert scene.watchdog.shown


def test_who_falls_silent_is_replaced_after_the_time(scene: Scene) -> None:
    scene.goes_on(5, True)
    scene.goes_on(HUNG_AFTER_S - 1, False)
    assert scene.child.reasons == []
    scene.goes_on(1, False)
    assert scene.child.reasons == ["gave no sign of life for 15 s"]


def test_a_start_may_take_longer(scene: Scene) -> None:
    scene.goes_on(STARTS_WITHIN_S - 1, False)
    assert scene.child.reasons == []
    scene.goes_on(1, False)
    assert scene.child.reasons


def test_a_new_process_has_the_time_of_a_start_again(scene: Scene) -> None:
    scene.goes_on(5, True)
    scene.child.pid = None
    scene.goes_on(60, False)
    scene.child.pid = 2
    scene.goes_on(STARTS_WITHIN_S - 2, False)
    assert scene.child.reasons == []


def test_who_computes_is_busy_for_a_while_before_it_hangs(scene: Scene) -> None:
    scene.goes_on(5, True)
    for _ in range(int(BUSY_HUNG_AFTER_S) - 1):
        scene.child.used_s += 0.9
        scene.goes_on(1, False)
    assert scene.child.reasons == []
    scene.goes_on(1, False)
    assert scene.child.reasons


def test_time_in_which_nothing_can_be_known_does_not_count(scene: Scene) -> None:
    scene.goes_on(5, True)
    scene.goes_on(600, None)
    assert scene.child.reasons == []
    scene.goes_on(HUNG_AFTER_S, False)
    assert scene.child.reasons


def test_a_supervisor_that_was_away_itself_blames_nobody(scene: Scene) -> None:
    scene.goes_on(5, True)
    scene.now += 3600
    scene.watchdog.look()
    assert scene.child.reasons == []


@pytest.fixture
def feed_of(tmp_path: Path) -> DiskStore:
    return DiskStore(str(tmp_path), owner=True)


def test_a_report_is_a_sign_of_life_and_an_old_one_is_not(feed_of: DiskStore, tmp_path: Path) -> None:
    feed_of.put(keys.HEALTH, b"of an earlier feed")
    heartbeat = Heartbeat(f"disk://{tmp_path}")
    assert [heartbeat(), heartbeat()] == [False, False]
    feed_of.put(keys.HEALTH, b"")
    assert [heartbeat(), heartbeat()] == [True, False]


@pytest.mark.parametrize(("error", "sign"), [(CacheError("disk is full"), None), (CacheLocked("locked"), False)])
def test_a_cache_that_nobody_can_write_says_nothing_of_the_feed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: CacheError, sign: bool | None
) -> None:
    heartbeat = Heartbeat(f"disk://{tmp_path}")
    heartbeat()

    def refuse(*arguments: Any, **options: Any) -> int:
        raise error

    monkeypatch.setattr(DiskStore, "put", refuse)
    assert heartbeat() is sign


def test_a_cache_that_is_away_says_nothing_of_the_feed() -> None:
    assert Heartbeat("redis://127.0.0.1:1/0")() is None


def test_nobody_listening_is_no_answer(free_port: int) -> None:
    assert not answers(f"http://127.0.0.1:{free_port}/healthz")


def test_a_child_inherits_no_setting_and_no_service_manager(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FYERS_ACCESS_TOKEN", "CHAINBOARD_PASSWORD", "NOTIFY_SOCKET", "WATCHDOG_USEC"):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("LANG", "C.UTF-8")
    child = Child("pretended", ["pretended"], {"CHAINBOARD_RATE": "0.07"})
    given = child.whole_environment()
    assert given["LANG"] == "C.UTF-8"
    assert given["CHAINBOARD_RATE"] == "0.07"
    assert not {"FYERS_ACCESS_TOKEN", "CHAINBOARD_PASSWORD", "NOTIFY_SOCKET", "WATCHDOG_USEC"} & set(given)
