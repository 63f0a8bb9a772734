from __future__ import annotations

import json
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.data.brokers.fyers.rest.budget import COOL_DOWNS_S, PAGE_COOL_DOWNS_S, CallBudget, Limits
from dashboard.market.errors import RequestRefused
from dashboard.market.session import IST
from tests.unit.data.brokers.fyers.material import NOW


class Clock:
    """Time that passes only when somebody sleeps."""

    def __init__(self, now: float = NOW) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def budget(tmp_path, clock):
    return CallBudget(tmp_path / "budget.json", clock=clock, sleep=clock.sleep)


def spend(budget, calls, **options):
    for _ in range(calls):
        budget.spend(**options)


def test_calls_are_paced_to_the_second(budget, clock):
    spend(budget, 8)
    assert clock.now == NOW
    budget.spend()
    assert clock.now == pytest.approx(NOW + 1.0)
    assert budget.meter().minute == 9


def test_a_spent_minute_refuses_instead_of_waiting_long(tmp_path, clock):
    budget = CallBudget(tmp_path / "budget.json", Limits(second=1000), clock=clock, sleep=clock.sleep)
    spend(budget, 120)

    with pytest.raises(RequestRefused, match="our own request budget") as refusal:
        budget.spend()

    assert refusal.value.retry_after_s == pytest.approx(60.0)
    clock.now += 60.1
    budget.spend()


def test_a_spent_day_refuses_until_midnight_in_india(tmp_path):
    late = Clock(datetime(2026, 11, 23, 23, 50, tzinfo=IST).timestamp())
    budget = CallBudget(tmp_path / "budget.json", Limits(day=3), clock=late, sleep=late.sleep)
    spend(budget, 3)
    with pytest.raises(RequestRefused) as refusal:
        budget.spend()
    assert refusal.value.retry_after_s == pytest.approx(600)
    late.now += 601
    budget.spend()
    assert budget.meter().day == 1


def test_counts_survive_a_restart(tmp_path, clock, budget):
    spend(budget, 20)
    budget.close()
    clock.now += 5
    again = CallBudget(tmp_path / "budget.json", clock=clock, sleep=clock.sleep)
    assert (again.meter().day, again.meter().minute) == (20, 20)

    clock.now += 86_400
    tomorrow = CallBudget(tmp_path / "budget.json", clock=clock, sleep=clock.sleep)
    assert (tomorrow.meter().day, tomorrow.meter().minute) == (0, 0)


def test_a_crash_forgets_at_most_a_few_calls(tmp_path, clock, budget):
    spend(budget, 100, max_wait_s=60)
    crashed = CallBudget(tmp_path / "budget.json", clock=clock, sleep=clock.sleep)
    assert crashed.meter().day >= 100 - 2 * 8 - 1


@pytest.mark.parametrize("content", ["", "{", "[]", '{"day": "2026-11-23"}'])
def test_unreadable_counters_mean_a_minute_of_caution(tmp_path, clock, content):
    (tmp_path / "budget.json").write_text(content, encoding="utf-8")
    budget = CallBudget(tmp_path / "budget.json", clock=clock, sleep=clock.sleep)
    with pytest.raises(RequestRefused):
        budget.spend()
    clock.now += 61
    budget.spend()


def test_a_refusal_stops_all_calls_longer_each_time(budget, clock):
    for expected in (*COOL_DOWNS_S, COOL_DOWNS_S[-1]):
        assert budget.refused() == expected
        with pytest.raises(RequestRefused, match="asked for a pause"):
            budget.spend()
        clock.now += expected + 0.1
        budget.spend()
    budget.answered()
    assert budget.refused(steps_s=PAGE_COOL_DOWNS_S) == PAGE_COOL_DOWNS_S[0]
    assert budget.refused(500.0) == 500.0


def test_a_cool_down_survives_a_restart(tmp_path, budget, clock):
    budget.refused()
    again = CallBudget(tmp_path / "budget.json", clock=clock, sleep=clock.sleep)
    with pytest.raises(RequestRefused):
        again.spend()


def test_a_clock_set_back_does_not_lock_us_out(budget, clock):
    spend(budget, 8)
    clock.now -= 3600
    budget.spend()
    assert budget.meter().minute >= 1


def test_a_clock_set_back_makes_no_cool_down_longer(budget, clock):
    cool_down = budget.refused()
    clock.now -= 3_600
    with pytest.raises(RequestRefused):
        budget.spend()
    clock.now += cool_down + 1
    budget.spend()


def test_an_unwritable_directory_is_a_warning_not_a_stop(tmp_path, clock, caplog):
    (tmp_path / "file").write_text("", encoding="utf-8")
    CallBudget(tmp_path / "file" / "budget.json", clock=clock, sleep=clock.sleep).spend()
    assert "cannot be saved" in caplog.text


@given(gaps=st.lists(st.floats(0, 3), min_size=1, max_size=300))
@settings(max_examples=40, deadline=None)
def test_no_window_ever_holds_more_than_its_limit(tmp_path_factory, gaps):
    clock = Clock()
    path = tmp_path_factory.mktemp("budget") / "budget.json"
    budget = CallBudget(path, Limits(second=4, minute=30, day=200), clock=clock, sleep=clock.sleep)
    calls = []
    for gap in gaps:
        clock.now += gap
        try:
            budget.spend()
        except RequestRefused:
            continue
        calls.append(clock.now)
    for start in calls:
        assert sum(start <= call < start + 0.999 for call in calls) <= 4
        assert sum(start <= call < start + 59.999 for call in calls) <= 30
    assert len(calls) <= 200


def test_the_saved_state_names_no_secret(tmp_path, budget):
    budget.spend()
    assert set(json.loads((tmp_path / "budget.json").read_text())) == {"day", "calls", "recent", "cool_until_s"}
