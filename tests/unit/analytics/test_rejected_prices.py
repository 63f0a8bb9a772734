"""No number from a rejected price: what a leg's status refuses reaches no Greek, no exposure, no probability."""

import dataclasses

import numpy as np
import pytest

from dashboard.analytics import black76
from dashboard.analytics.chain_iv import IvSource
from dashboard.analytics.enrich import enrich
from dashboard.analytics.implied_vol import IvStatus
from dashboard.analytics.price_order import out_of_line
from dashboard.analytics.quotes import PriceSource
from dashboard.market.chain import Chain
from dashboard.market.instruments import Side
from tests.unit.analytics.chains import FORWARD, NOW, RATE, nifty_chain, smile, with_leg

STRIKES = np.arange(22_500.0, 25_501.0, 50.0)
YEARS = 9 / 365
BLANK = {"bid": np.nan, "ask": np.nan, "ltp": np.nan}
FROM_THE_MODEL = ("delta", "gamma", "theta", "vega", "vanna", "volga", "charm", "itm_probability")


def enriched(chain: Chain):
    return enrich(chain, rate=RATE, now_ts=NOW)


def place(strike: float, strikes=STRIKES) -> int:
    return int(np.flatnonzero(strikes == strike)[0])


def without(chain: Chain, side: str, *positions: int) -> Chain:
    return with_leg(chain, side, **{name: dict.fromkeys(positions, np.nan) for name in BLANK})


def test_a_far_call_above_200_percent_says_nothing_at_all():
    """Seen on a stock: 3720 at a forward of 2715, `above_max`, yet a delta of 0.452 and 21 % to end in the money."""
    strikes = np.array([2_500.0, 2_600, 2_700, 2_800, 2_900, 3_000, 3_720])
    years = 9 / 365
    chain = nifty_chain(strikes, spot=2_712.0)
    legs = {}
    for side in Side:
        fair = np.maximum(black76.price(2_715.0, strikes, years, RATE, 0.3, side is Side.CALL), 0.05)
        fair[-1] = 420.0 if side is Side.CALL else np.nan  # an old trade; the put was never quoted
        bid, ask = (np.append(fair[:-1] + tick, np.nan) for tick in (-0.05, 0.05))
        legs[side.value] = dataclasses.replace(getattr(chain, side.value), ltp=fair, bid=bid, ask=ask)
    numbers = enriched(dataclasses.replace(chain, **legs))
    assert numbers.call.iv_status[-1] in (IvStatus.STALE, IvStatus.ABOVE_MAX)
    for side in Side:
        for name in FROM_THE_MODEL:
            assert np.isnan(getattr(numbers.numbers(side), name)[-1]), name
        assert numbers.numbers(side).iv_source[-1] == IvSource.NONE
    assert np.isnan(numbers.gex_crore[-1])
    assert np.isnan(numbers.touch_probability[-1])
    np.testing.assert_allclose(numbers.call.iv[1:-1], 0.3, atol=5e-3)


def test_an_in_the_money_quote_alone_counts_only_where_bid_and_ask_agree():
    """22500, nine days, call 1480/1600, no put: 26.7 % and 0.941 where 13 % and 0.998 are true."""
    deep = place(22_500.0)
    chain = without(nifty_chain(), "put", deep)
    numbers = enriched(with_leg(chain, "call", bid={deep: 1_480.0}, ask={deep: 1_600.0}, ltp={deep: 1_540.0}))
    assert numbers.call.iv_status[deep] == IvStatus.WIDE_QUOTE
    assert np.isnan(numbers.call.iv[deep])
    assert np.isnan(numbers.call.delta[deep])  # the lowest strike: beyond the accepted ones nothing is extrapolated
    near = place(23_900.0)
    lent = enriched(without(nifty_chain(), "put", near))
    assert lent.call.iv_status[near] == IvStatus.OK
    assert lent.call.iv_source[near] == IvSource.OWN
    assert lent.put.iv_source[near] == IvSource.OTHER_LEG
    assert lent.put.delta[near] == pytest.approx(enriched(nifty_chain()).put.delta[near], abs=2e-3)


def test_an_in_the_money_last_trade_alone_lends_nothing():
    near = place(23_900.0)
    chain = without(nifty_chain(), "put", near)
    numbers = enriched(with_leg(chain, "call", bid={near: np.nan}, ask={near: np.nan}))
    assert numbers.call.iv_status[near] == IvStatus.STALE
    assert numbers.call.iv_source[near] == numbers.put.iv_source[near] == IvSource.SMILE
    assert numbers.call.delta[near] == pytest.approx(enriched(nifty_chain()).call.delta[near], abs=1e-3)


def test_a_strike_without_an_iv_takes_the_smile_between_its_neighbours_and_never_beyond_them():
    inside, last = place(24_300.0), place(25_500.0)
    chain = nifty_chain()
    for side in Side:
        chain = without(chain, side.value, inside, last)
    numbers = enriched(chain)
    assert numbers.call.iv_source[inside] == numbers.put.iv_source[inside] == IvSource.SMILE
    true = black76.greeks(FORWARD, 24_300.0, YEARS, RATE, smile(np.array([24_300.0])), True).delta[0]
    assert numbers.call.delta[inside] == pytest.approx(true, abs=1e-3)
    assert numbers.call.iv_source[last] == IvSource.NONE
    assert np.isnan(numbers.call.delta[last])
    assert np.isnan(numbers.call.iv[inside])  # the leg's own IV stays unknown


def test_a_run_of_old_far_trades_cannot_vouch_for_one_another():
    """Seen on a stock: a 1460 call at 75.8 where a nearer one cost 1.1, two strikes of it, IV 190 % and `ok`."""
    call = np.array([60.0, 41.0, 27.0, 17.0, 10.0, 5.5, 2.8, 1.1, 75.8, 76.5, 77.0])
    found = out_of_line(call, trusted=np.zeros(call.size, dtype=bool))
    assert found.tolist() == [False] * 8 + [True] * 3


def test_one_price_too_low_does_not_condemn_the_farther_ones():
    call = np.array([60.0, 1.0, 27.0, 17.0, 10.0])
    assert out_of_line(call, trusted=np.zeros(5, dtype=bool)).tolist() == [False, True, False, False, False]


def test_quotes_decide_between_quotes_and_trades():
    call = np.array([60.0, 30.0, 29.0, 28.0, 41.0, 27.0, 17.0])
    quoted = np.array([True, False, False, False, True, True, True])
    assert out_of_line(call, quoted).tolist() == [False, True, True, True, False, False, False]


def test_unknown_and_orderly_prices_are_in_line():
    for prices in ([], [5.0], [np.nan] * 3, [60.0, np.nan, 20.0, 0.5, 0.85]):
        assert not out_of_line(np.array(prices), np.zeros(len(prices), dtype=bool)).any()


def test_a_trade_off_the_quoted_smile_is_from_another_moment():
    """A delta of 0.30 among quotes that say 0.25: in line with the order of prices, and still not this market."""
    strike = place(24_350.0)
    chain = nifty_chain()
    off = with_leg(
        chain, "call", bid={strike: np.nan}, ask={strike: np.nan}, ltp={strike: 1.19 * chain.call.ltp[strike - 1]}
    )
    numbers = enriched(off)
    assert numbers.call.iv_status[strike] == IvStatus.STALE
    assert numbers.call.delta[strike] == pytest.approx(enriched(chain).call.delta[strike], abs=2e-3)


# Generated chains with every kind of damage


def damaged_chain(seed: int) -> Chain:
    """5 to 30 % of the legs illiquid, one-sided, stale or crossed; quotes a fair width apart everywhere else."""
    rng = np.random.default_rng(seed)
    chain = nifty_chain(days=float(rng.uniform(1.0, 30.0)))
    share = rng.uniform(0.05, 0.30)
    for side in Side:
        legs = getattr(chain, side.value)
        count = STRIKES.size
        hit = rng.random(count) < share
        kind = np.where(hit, rng.integers(1, 6, count), 0)
        fair, bid, ask, ltp, traded = (
            column.copy() for column in (legs.ltp, legs.bid, legs.ask, legs.ltp, legs.trade_ts)
        )
        wide = np.maximum(0.4 * fair, 1.0)
        bid[kind == 1], ask[kind == 1] = (fair - wide)[kind == 1], (fair + wide)[kind == 1]  # nobody quotes it closely
        ltp[kind == 1] = (fair + rng.uniform(-0.5, 0.5, count) * wide)[kind == 1]
        bid[kind == 2] = np.nan  # one-sided: nobody bids
        ltp[kind == 2] = (fair * rng.uniform(0.8, 1.0, count))[kind == 2]
        old = (kind == 3) | (kind == 4)
        elsewhere = np.maximum(fair * rng.uniform(0.3, 3.0, count), 0.05)
        bid[old], ask[old], ltp[old] = np.nan, np.nan, elsewhere[old]
        traded[kind == 3] -= rng.uniform(400.0, 9_000.0, count)[kind == 3]  # said to be old; of kind 4 it is not said
        crossed = kind == 5
        bid[crossed], ask[crossed] = ask[crossed] + 1.0, bid[crossed]
        ltp[crossed] = fair[crossed]
        chain = with_leg(chain, side.value, bid=bid, ask=ask, ltp=ltp, trade_ts=traded)
    return chain


def smile_through_accepted(numbers) -> np.ndarray:
    """IV at every strike by plain interpolation between accepted quoted strikes, each one left out of its own."""
    source = np.where(numbers.forward <= STRIKES, numbers.call.price_source, numbers.put.price_source)
    iv = np.where(source == PriceSource.MID, numbers.otm_iv, np.nan)
    places, variance = np.log(STRIKES), iv**2
    found = np.full(STRIKES.size, np.nan)
    for n in range(STRIKES.size):
        others = np.flatnonzero(np.isfinite(iv) & (np.arange(STRIKES.size) != n))
        if others.size and others[0] < n < others[-1]:
            found[n] = np.sqrt(np.interp(places[n], places[others], variance[others]))
    return found


@pytest.fixture(scope="module")
def damaged() -> list[tuple[Chain, object]]:
    return [(chain, enriched(chain)) for chain in map(damaged_chain, range(200))]


def test_every_delta_of_200_damaged_chains_is_that_of_the_smile(damaged):
    shown = rejected = 0
    for seed, (_, numbers) in enumerate(damaged):
        expected_iv = smile_through_accepted(numbers)
        for side in Side:
            legs = numbers.numbers(side)
            expected = black76.greeks(
                numbers.forward, STRIKES, numbers.years_to_expiry, RATE, expected_iv, side is Side.CALL
            ).delta
            both = np.isfinite(legs.delta) & np.isfinite(expected)
            worst = np.abs(legs.delta - expected)[both].max()
            assert worst < 0.02, (seed, side, STRIKES[both][np.abs(legs.delta - expected)[both].argmax()], worst)
            shown += int(both.sum())
            rejected += int((legs.iv_status != IvStatus.OK).sum())
    assert shown > 20_000
    assert rejected > 2_000


def test_every_delta_of_200_damaged_chains_is_near_the_true_one(damaged):
    """The smile the chains were made with is known here, which the board never has."""
    for seed, (_, numbers) in enumerate(damaged):
        for side in Side:
            delta = numbers.numbers(side).delta
            given = FORWARD, STRIKES, numbers.years_to_expiry, RATE, smile(STRIKES)
            true = black76.greeks(*given, side is Side.CALL).delta
            known = np.isfinite(delta)
            assert np.abs(delta - true)[known].max() < 0.02, (seed, side)


def test_net_gex_does_not_hang_on_rejected_legs(damaged):
    for seed, (chain, numbers) in enumerate(damaged):
        cleared = chain
        for side in Side:
            rejected = np.flatnonzero(numbers.numbers(side).iv_status != IvStatus.OK).tolist()
            cleared = without(cleared, side.value, *rejected)
        size = np.nansum(np.abs(numbers.gex_crore))
        moved = enriched(cleared).metrics["net_gex_crore"] - numbers.metrics["net_gex_crore"]
        assert abs(moved) < 0.02 * size, seed
