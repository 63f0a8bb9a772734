"""A sandbox that is in order."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.wire.sandbox_process import SandboxProcess


@pytest.fixture(scope="module")
def bench() -> Iterator[SandboxProcess]:
    with SandboxProcess() as process:
        yield process


@pytest.fixture
def sandbox(bench: SandboxProcess) -> Iterator[SandboxProcess]:
    yield bench
    bench.clear_faults()
