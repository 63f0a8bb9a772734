"""Versions shared by all who ask within a glance."""

from __future__ import annotations

import pytest

from dashboard.data.cache.glance import GLANCE_S, MOST_KEYS, GlancingStore
from dashboard.data.reader.live import LiveChains
from harness.builders import NIFTY_WEEKLY, make_frame
from tests.fakes import FakeClock, FakeStore


class Counting(FakeStore):
    """Counts the questions for versions."""

    asked = 0

    def version(self, key: str) -> int:
        self.asked += 1
        return super().version(key)


@pytest.fixture
def behind(clock: FakeClock) -> Counting:
    return Counting(clock)


@pytest.fixture
def moments() -> list[float]:
    return [100.0]


@pytest.fixture
def glancing(behind: Counting, moments: list[float]) -> GlancingStore:
    return GlancingStore(behind, monotonic=lambda: moments[0])


def test_one_question_serves_all_who_ask_within_a_glance(
    glancing: GlancingStore, behind: Counting, moments: list[float]
) -> None:
    first = behind.put("directory", b"1")
    assert [glancing.version("directory") for _ in range(5)] == [first] * 5
    assert behind.asked == 1
    second = behind.put("directory", b"2")  # by the feed, another process
    assert glancing.version("directory") == first
    moments[0] += 1.01 * GLANCE_S
    assert glancing.version("directory") == second


def test_what_one_writes_oneself_is_seen_at_once(glancing: GlancingStore) -> None:
    versions = [glancing.version("lease"), glancing.put("lease", b"")]
    assert versions == [0, glancing.version("lease")]


def test_it_remembers_no_more_keys_than_it_may(glancing: GlancingStore, behind: Counting) -> None:
    for number in range(MOST_KEYS + 1):
        glancing.version(f"frame/{number}")
    behind.asked = 0
    glancing.version("frame/0")
    assert behind.asked == 1


def test_a_version_older_than_its_value_does_no_harm(
    glancing: GlancingStore, behind: Counting, moments: list[float], clock: FakeClock
) -> None:
    """The feed publishes between the glance and the read: the newer value comes at once, its version a glance later."""
    chains, key = LiveChains(glancing, clock=clock), f"frame/{NIFTY_WEEKLY.key}"
    first = behind.put(key, make_frame())
    glancing.version(key)
    second = behind.put(key, make_frame())
    before = chains.frame(NIFTY_WEEKLY)
    moments[0] += 1.01 * GLANCE_S
    after = chains.frame(NIFTY_WEEKLY)
    assert before is not None
    assert after is not None
    assert (before.version, after.version) == (first, second)
    assert before.as_of_ts == after.as_of_ts
