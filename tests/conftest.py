"""Fixtures and rules every test shares."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from dashboard.data.contract import codec, keys
from dashboard.data.reader.live import LiveChains
from harness.builders import make_directory
from harness.process import free_port
from harness.redis import RedisProcess
from tests.fakes import FakeClock, FakeStore
from tests.generated_day import write_day
from tests.wire.reporting import (  # noqa: F401
    pytest_sessionfinish,
    pytest_terminal_summary,
    pytest_testnodedown,
)

REPOSITORY = Path(__file__).parents[1]
OPT_IN = ("live", "bench")  # markers that run only when `-m` names them
RECORDED_SESSION = "nse-2026-02-03.csv.gz"
# No timing decides a test, also not that of a generated example.
settings.register_profile("untimed", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")
PROGRAMS = {"browser": ("chromium",), "redis": ("redis-server",)}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what must be asked for by name: it needs a real account, or a quiet machine."""
    unasked = {marker for marker in OPT_IN if marker not in (config.option.markexpr or "")}
    left_out = [item for item in items if any(item.get_closest_marker(marker) for marker in unasked)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
    # The longest first, so that no worker of several is left alone with it at the end.
    items.sort(key=lambda item: item.get_closest_marker("soak") is None)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test whose program is missing; fail it under CI, where a silent gap would look like a pass."""
    for marker, programs in PROGRAMS.items():
        if item.get_closest_marker(marker) is None:
            continue
        missing = [program for program in programs if shutil.which(program) is None]
        if missing:
            unavailable(f"{' and '.join(missing)} not installed (make test installs it where it may)")


def unavailable(reason: str) -> None:
    """End the running test because the machine lacks something."""
    if os.environ.get("CI", "").lower() == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def repository() -> Path:
    """Root of the checkout."""
    return REPOSITORY


@pytest.fixture(scope="session")
def recorded_session() -> Path:
    """The recorded session of 3 February 2026, which is never copied into the repository; a plain clone has none."""
    folder = REPOSITORY.parent / "shared"
    path = folder / "data" / RECORDED_SESSION
    if not folder.is_dir():
        pytest.skip("no folder `shared` beside the checkout: the recorded session is not on this machine")
    if not path.is_file():
        unavailable(f"the folder `shared` beside the checkout has no data/{RECORDED_SESSION}")
    return path


@pytest.fixture(scope="session")
def generated_session(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The day that the sandbox's market wrote, in the same format, for every machine."""
    return write_day(tmp_path_factory.mktemp("day") / "generated.csv.gz")


@pytest.fixture(scope="session", params=["generated", "recorded"])
def expiry_day(request: pytest.FixtureRequest) -> Path:
    """Both days, one after the other."""
    path: Path = request.getfixturevalue(f"{request.param}_session")
    return path


@pytest.fixture(name="free_port")
def a_free_port() -> int:
    return free_port()


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis of our own on loopback; for tests marked `redis`."""
    with RedisProcess(free_port(), tmp_path_factory.mktemp("redis")) as server:
        yield server.url


# A clock, a cache, and the questions a screen asks of it


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(clock: FakeClock) -> FakeStore:
    return FakeStore(clock)


@pytest.fixture
def chains(store: FakeStore, clock: FakeClock) -> LiveChains:
    store.put(keys.DIRECTORY, codec.encode_directory(make_directory()))
    return LiveChains(store, clock=clock)
