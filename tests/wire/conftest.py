"""What a file of wire tests looks at: a sandbox that is in order, or a whole board with a watcher before it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.sandbox import SandboxProcess
from tests.wire.fault_bench import BoardBench, watched_demo


@pytest.fixture(scope="module")
def shared_sandbox() -> Iterator[SandboxProcess]:
    with SandboxProcess() as process:
        yield process


@pytest.fixture
def sandbox(shared_sandbox: SandboxProcess) -> Iterator[SandboxProcess]:
    yield shared_sandbox
    shared_sandbox.clear_faults()


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BoardBench]:
    """A demo board of two underlyings that is well."""
    own = {"CHAINBOARD_UNDERLYINGS": "NIFTY,SENSEX"}
    with watched_demo(tmp_path_factory.mktemp("board"), own) as (board, watcher):
        running = BoardBench(watcher, board)
        running.until(running.well, "the board is well")
        yield running
