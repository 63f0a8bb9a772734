"""Polls are fair, stay below the minute's limit, and back off."""

from __future__ import annotations

from collections import Counter
from datetime import date
from itertools import pairwise

import numpy as np
import pytest

from dashboard.data.contract.state import POLL_EVERY_S
from dashboard.data.feed.polls import (
    HOPELESS_S,
    LAST_BACK_OFF_S,
    LOGIN_EVERY_S,
    POLL_CLOSED_EVERY_S,
    POLLS_PER_MINUTE,
    PollPlan,
    Retry,
)
from dashboard.market.errors import LoginNeeded, ProviderUnavailable, RequestRefused, UnknownExpiry, WireChanged
from dashboard.market.instruments import Series

A, B, C = (Series(name, date(2026, 12, 1)) for name in "ABC")


def polled(
    plan: PollPlan, series: list[Series], *, seconds: float, start: float = 0.0, step: float = 0.1
) -> list[Series]:
    """What a loop that turns every `step` would poll, each poll succeeding."""
    done = []
    for turn in range(int(seconds / step)):
        chosen = plan.next(series, start + turn * step)
        if chosen is not None:
            plan.asked(chosen, start + turn * step)
            plan.succeeded(chosen)
            done.append(chosen)
    return done


def test_each_series_is_polled_every_five_seconds() -> None:
    assert polled(PollPlan(), [A, B], seconds=14.9) == [A, B, A, B, A, B]


def test_a_new_series_is_polled_at_once() -> None:
    plan = PollPlan()
    polled(plan, [A, B], seconds=1)
    assert plan.next([A, B, C], 1.0) == C


@pytest.mark.parametrize("count", [1, 6, 20, 60, 300])
def test_any_number_of_series_stays_below_the_limit_and_is_served_fairly(count: int) -> None:
    series = [Series("S", date.fromordinal(740_000 + n)) for n in range(count)]
    done = polled(PollPlan(), series, seconds=600)
    assert len(done) <= 10 * POLLS_PER_MINUTE
    counts = [done.count(one) for one in series]
    assert max(counts) - min(counts) <= 1
    assert len(done) >= 0.85 * min(count * 600 / POLL_EVERY_S, 10 * POLLS_PER_MINUTE)


def test_a_closed_market_is_looked_at_once_a_minute() -> None:
    plan = PollPlan(closed=True)
    assert polled(plan, [A], seconds=2 * POLL_CLOSED_EVERY_S - 1) == [A, A]


def test_a_failing_series_waits_longer_each_time_and_the_others_go_on() -> None:
    plan, done, now = PollPlan(), [], 0.0
    while now < 120:
        chosen = plan.next([A, B], now)
        if chosen is not None:
            plan.asked(chosen, now)
            done.append((chosen, now))
            if chosen == A:
                plan.failed(A, WireChanged("?"), now)
            else:
                plan.succeeded(B)
        now += 0.1
    a_times = [at for series, at in done if series == A]
    gaps = [later - earlier for earlier, later in pairwise(a_times)]
    assert gaps[:4] == pytest.approx([2, 4, 8, LAST_BACK_OFF_S], abs=0.3)
    assert set(np.round(gaps[4:])) == {LAST_BACK_OFF_S}
    assert len([1 for series, _ in done if series == B]) >= 23
    assert isinstance(plan.errors[A], WireChanged)
    plan.succeeded(A)
    assert plan.errors == {}


def test_a_hint_of_the_broker_is_followed() -> None:
    plan = PollPlan()
    plan.asked(A, 0.0)
    plan.failed(A, ProviderUnavailable("down", retry_after_s=40.0), 0.0)
    assert plan.next([A], 39.9) is None
    assert plan.next([A], 40.0) == A


def test_a_refusal_stops_every_poll_for_as_long_as_it_says() -> None:
    plan = PollPlan()
    plan.asked(A, 0.0)
    plan.failed(A, RequestRefused("budget", retry_after_s=30.0), 0.0)
    assert plan.next([A, B], 29.9) is None
    assert plan.next([A, B], 30.0) == B


def test_what_does_not_exist_is_asked_for_seldom() -> None:
    plan = PollPlan()
    plan.asked(A, 0.0)
    plan.failed(A, UnknownExpiry("gone"), 0.0)
    assert plan.next([A], HOPELESS_S - 1) is None
    assert plan.next([A], HOPELESS_S) == A


def test_without_a_login_one_probe_stands_for_all_until_it_succeeds() -> None:
    plan = PollPlan()
    plan.asked(A, 0.0)
    plan.failed(A, LoginNeeded("log in"), 0.0)
    assert plan.next([A, B, C], LOGIN_EVERY_S - 0.1) is None
    probe = plan.next([A, B, C], LOGIN_EVERY_S)
    assert probe == B
    plan.asked(probe, LOGIN_EVERY_S)
    assert plan.next([A, B, C], LOGIN_EVERY_S + 0.1) is None
    plan.succeeded(probe)
    assert not plan.login_needed
    assert plan.next([A, B, C], LOGIN_EVERY_S + 0.1) == C


def test_series_nobody_wants_are_forgotten() -> None:
    plan = PollPlan()
    plan.asked(A, 0.0)
    plan.failed(A, WireChanged("?"), 0.0)
    plan.next([B], 0.1)
    assert plan.errors == {}
    assert plan.next([A], 0.2) == A


def test_waits_grow_to_a_limit_and_start_over_after_success() -> None:
    retry, waits = Retry(), []
    for _ in range(6):
        retry.failed(100.0)
        waits.append(retry.due - 100.0)
    assert waits == [2, 4, 8, 15, 15, 15]
    retry.succeeded(200.0, 60.0)
    assert (retry.due, retry.failures) == (260.0, 0)


# Watched before warm


def many(count: int, name: str = "STOCK") -> list[Series]:
    return [Series(f"{name}{number:03}", date(2026, 12, 1)) for number in range(count)]


def asked_in(seconds: float, plan: PollPlan, watched: list[Series], warm: list[Series]) -> Counter[Series]:
    """What is polled in so many seconds by a worker that is idle ten times a second."""
    found: Counter[Series] = Counter()
    for turn in range(round(seconds * 10)):
        series = plan.next(watched, turn / 10, warm=warm)
        if series is not None:
            plan.asked(series, turn / 10)
            plan.succeeded(series)
            found[series] += 1
    return found


def test_watched_series_come_first_and_warm_ones_are_not_forgotten() -> None:
    watched, warm = many(40), many(20, "WARM")
    first = asked_in(4.0, PollPlan(), watched, warm)
    assert set(first) == set(watched)
    later = asked_in(300.0, PollPlan(), watched, warm)
    assert set(later) == {*watched, *warm}
    assert min(later[series] for series in watched) > 2 * max(later[series] for series in warm)


@pytest.mark.parametrize(("watched", "warm"), [(60, 0), (60, 6), (300, 6), (0, 300), (6, 0)])
def test_all_series_together_stay_below_the_minute(watched: int, warm: int) -> None:
    found = asked_in(180.0, PollPlan(), many(watched), many(warm, "WARM"))
    assert sum(found.values()) <= 3 * POLLS_PER_MINUTE


def test_a_few_series_are_polled_alike() -> None:
    found = asked_in(60.0, PollPlan(), many(3), many(3, "WARM"))
    assert set(found.values()) == {12}
