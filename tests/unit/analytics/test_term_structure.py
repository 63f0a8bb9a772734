"""ATM IV over expiries."""

from dataclasses import replace

import numpy as np
import pytest

from dashboard.analytics.enrich import enrich
from dashboard.analytics.term_structure import MOST_APART_S, forward_vol, term_structure
from tests.unit.analytics.chains import NOW, RATE, nifty_chain


def enriched(days):
    return enrich(nifty_chain(days=days), rate=RATE, now_ts=NOW)


def test_a_flat_term_structure_has_itself_as_forward_vol():
    structure = term_structure([enriched(days) for days in (16, 2, 9)])
    assert structure.years == pytest.approx(np.array([2, 9, 16]) / 365)
    assert structure.atm_iv == pytest.approx([0.13] * 3, abs=2e-4)
    assert structure.forward_vol == pytest.approx([0.13] * 3, abs=1e-3)
    assert not structure.inverted.any()


def test_atm_ivs_of_different_moments_have_no_forward_vol_between_them():
    early, late = nifty_chain(days=9), nifty_chain(days=16)
    for apart_s, known in ((MOST_APART_S, True), (MOST_APART_S + 1, False)):
        older = replace(early, as_of_ts=NOW - apart_s)
        structure = term_structure([enrich(chain, rate=RATE, now_ts=NOW) for chain in (older, late)])
        assert np.isfinite(structure.forward_vol).tolist() == [True, known]
        assert structure.as_of_ts.tolist() == [NOW - apart_s, NOW]
        assert not structure.inverted.any()


def test_expired_series_and_none_at_all_are_left_out():
    assert len(term_structure([enriched(-1), enriched(9)]).expiries) == 1
    assert term_structure([]).atm_iv.shape == (0,)


def test_falling_total_variance_is_flagged_by_an_unknown_forward_vol():
    np.testing.assert_array_equal(np.isnan(forward_vol([0.01, 0.02, 0.02], [0.30, 0.15, 0.16])), [True, True])
