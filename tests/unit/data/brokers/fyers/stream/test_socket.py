from __future__ import annotations

from functools import partial

import pytest

from dashboard.data.brokers.fyers.stream.socket import FIRST_RETRY_S, LAST_RETRY_S, PLAN_LIMIT_RETRY_S, pause_s
from dashboard.data.brokers.fyers.stream.socket_protocol import ChildExit, ChildOrder
from harness.fyers import loopback_settings


def test_pauses_double_to_a_ceiling_and_never_end():
    pauses = [pause_s(ChildExit.LINK_LOST, failures, jitter=lambda: 0.5) for failures in range(1000)]
    assert pauses[:4] == [FIRST_RETRY_S * factor for factor in (1, 2, 4, 8)]
    assert max(pauses) == LAST_RETRY_S


def test_pauses_are_spread_so_that_feeds_do_not_knock_together():
    spread = [pause_s(ChildExit.LINK_LOST, 3, jitter=partial(float, share)) for share in (0.0, 1.0)]
    assert spread == [pytest.approx(2.0 * 0.75), pytest.approx(2.0 * 1.25)]


def test_a_plan_limit_is_retried_slowly():
    assert pause_s(ChildExit.PLAN_LIMIT, 0, jitter=lambda: 0.0) == 0.75 * PLAN_LIMIT_RETRY_S


def test_the_order_to_a_child_does_not_show_its_token(tmp_path):
    assert "s3cret" not in repr(ChildOrder(loopback_settings(tmp_path, access_token="s3cret"), "s3cret", lean=True))


def test_exit_codes_are_told_apart_from_those_of_python_and_signals():
    codes = [int(how) for how in ChildExit if how is not ChildExit.STOPPED]
    assert len(set(codes)) == len(codes)
    assert min(codes) > 2
    assert max(codes) < 64
