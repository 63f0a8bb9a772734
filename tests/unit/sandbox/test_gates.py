"""Rate limits, tokens and fault switches."""

from __future__ import annotations

import base64
import json

import pytest

from dashboard.sandbox import faults as catalogue
from dashboard.sandbox.faults import Faults
from dashboard.sandbox.ratelimit import RateLimiter
from dashboard.sandbox.tokens import APP_ID_HASH, TokenRefused, Tokens
from tests.unit.sandbox.conftest import NOON, Hand


@pytest.fixture
def limiter(hand):
    return RateLimiter(wall=lambda: NOON + hand.now_s)


def test_ten_a_second(limiter, hand):
    assert [limiter.admit() for _ in range(11)] == [None] * 10 + ["second"]
    hand.advance(1.01)
    assert limiter.admit() is None


def spend_minute(limiter, hand, requests=205):
    refused = 0
    for _ in range(requests):
        hand.advance(0.12)
        refused += limiter.admit() == "minute"
    return refused


def test_two_hundred_a_minute(limiter, hand):
    assert spend_minute(limiter, hand) == 5
    assert limiter.breaches["minute"] == 1  # a refused minute is one breach, not five


def test_the_fourth_breached_minute_blocks_for_the_day(limiter, hand):
    for _ in range(4):
        spend_minute(limiter, hand)
        hand.advance(120.0)
    assert limiter.admit() == "blocked"
    hand.advance(3600.0)
    assert limiter.admit() == "blocked"
    hand.advance(24 * 3600.0)
    assert limiter.admit() is None


def test_daily_limit(limiter, hand):
    limiter.limits.per_day = 3
    answers = []
    for _ in range(5):
        hand.advance(1.0)
        answers.append(limiter.admit())
    assert answers == [None, None, None, "day", "day"]
    assert limiter.report()["requests_today"] == 3


def claims_of(token):
    return json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "==="))


def test_tokens_survive_a_restart_with_the_same_seed():
    token = Tokens(1).issue()
    Tokens(1).check(token)
    assert Tokens(1).hsm_key_is_valid(claims_of(token)["hsm_key"])
    with pytest.raises(TokenRefused) as refused:
        Tokens(2).check(token)
    assert refused.value.code == -15
    assert not Tokens(2).hsm_key_is_valid(claims_of(token)["hsm_key"])


def test_expired_and_revoked_tokens_are_refused_with_minus_8():
    tokens = Tokens(1)
    for token in (tokens.issue(life_s=-10), tokens.issue()):
        tokens.expire_all()
        with pytest.raises(TokenRefused) as refused:
            tokens.check(token)
        assert refused.value.code == -8
        assert not tokens.hsm_key_is_valid(claims_of(token)["hsm_key"])


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "é.ü.ß"])
def test_nonsense_tokens_are_refused_with_minus_15(token):
    with pytest.raises(TokenRefused) as refused:
        Tokens(1).check(token)
    assert refused.value.code == -15


@pytest.mark.parametrize("key", ["", "zz", "1g2g3", "g", "1a203ecbfc2g6b03b640g" + "0" * 32])
def test_nonsense_socket_keys_are_refused(key):
    assert not Tokens(1).hsm_key_is_valid(key)


def test_a_code_can_be_redeemed_once():
    tokens = Tokens(1)
    code = tokens.issue_code("http://127.0.0.1:8050/login")
    tokens.redeem_code(code)
    with pytest.raises(TokenRefused):
        tokens.redeem_code(code)
    with pytest.raises(TokenRefused):
        tokens.redeem_code(tokens.issue())


def test_app_id_hash_is_sha256_of_id_and_secret():
    assert len(APP_ID_HASH) == 64


def test_a_condition_ends_by_time_or_by_count():
    hand = Hand()
    faults = Faults(monotonic=hand)
    faults.switch_on("rest_delay", {"seconds": 2, "for_s": 10})
    assert faults.strike("rest_delay", endpoint="quotes") == {"seconds": 2}
    hand.advance(11.0)
    assert faults.strike("rest_delay", endpoint="quotes") is None
    faults.switch_on("rest_429", {"endpoint": "quotes", "count": 2})
    assert faults.strike("rest_429", endpoint="depth") is None
    assert [faults.strike("rest_429", endpoint="quotes") is not None for _ in range(3)] == [True, True, False]
    assert faults.report()["struck"] == {"rest_delay": 1, "rest_429": 2}


def test_every_fault_has_a_name_and_an_effect():
    assert not catalogue.ACTIONS.keys() & catalogue.CONDITIONS.keys()
    assert all(effect for effect in (*catalogue.ACTIONS.values(), *catalogue.CONDITIONS.values()))
    with pytest.raises(KeyError):
        Faults().switch_on("no_such_fault", {})
