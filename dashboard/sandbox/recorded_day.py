"""Read a day that the board recorded itself, as snapshots of whole chains: what `recording.py` reads from a CSV.

Of each series one record in `STEP_S` is a snapshot, quotes included. What was stale or after the close is none, and
what the sandbox does not list is left out.
"""

from __future__ import annotations

from datetime import date
from itertools import groupby
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dashboard.data.history.journal import HistoryError, Journal
from dashboard.data.history.record import DamagedRecord, Facts, Moment
from dashboard.market.instruments import Series
from dashboard.market.session import FeedState
from dashboard.sandbox.recording import NO_COUNT, BadRecording, RecordedChain, Recording
from dashboard.sandbox.underlyings import INDICES, STOCKS
from dashboard.sandbox.wire import PRICE_SCALE

STEP_S = 30
KNOWN = frozenset(spec.root for spec in INDICES + STOCKS)
_SPOT = ("spot", "spot_change")
TRADING = (FeedState.LIVE, FeedState.REPLAY)

Integers = NDArray[np.int64]


def load_recorded_day(path: Path) -> Recording:
    """Load a day's file. Raises BadRecording, with one sentence about what is wrong."""
    day = date.fromisoformat(path.stem)
    try:
        journal = Journal(f"sqlite:///{path.as_posix()}", read_only=True)
        series = [facts for facts in journal.facts() if facts.underlying.name in KNOWN]
        found = [_chain(journal, facts) for facts in series]
        journal.close()
    except (HistoryError, DamagedRecord) as error:
        raise BadRecording(f"The recorded day {day} cannot be played: {error}") from None
    chains = tuple(chain for chain in found if chain is not None)
    if not chains:
        raise BadRecording(f"Of {day} nothing was recorded that the sandbox can play.")
    return Recording(day, chains)


def _chain(journal: Journal, facts: Facts) -> RecordedChain | None:
    """The snapshots of a series; None where it never traded."""
    key = Series(facts.underlying.name, facts.expiry.date).key
    taken: list[tuple[float, Moment]] = []
    for _, records in groupby(journal.times(key), lambda record: record[0] // (STEP_S * 1000)):
        at_ms, _ = next(records)
        try:
            found = journal.before(key, at_ms)
        except DamagedRecord:
            continue
        if found is not None and found.moment.state in TRADING:
            taken.append((at_ms / 1000, found.moment))
    if not taken:
        return None
    strikes = np.unique(np.concatenate([moment.chain.strikes for _, moment in taken]))
    columns = {
        name: np.stack([_legs(moment, name, strikes) for _, moment in taken])
        for name in ("ltp", "ltp_change", "bid", "ask", "oi", "prev_oi", "volume")
    }
    spot, spot_change = (np.array([getattr(moment.chain, name) for _, moment in taken]) for name in _SPOT)
    return RecordedChain(
        facts.underlying.name, facts.expiry.date, strikes, np.array([at_ts for at_ts, _ in taken]),
        ltp=_prices(columns["ltp"]),
        oi=_counts(columns["oi"]),
        volume=_counts(columns["volume"]),
        spot=_prices(spot),
        prev_close=_prices((columns["ltp"] - columns["ltp_change"])[-1]),
        prev_oi=np.nan_to_num(columns["prev_oi"][-1]).astype(np.int64),
        prev_spot=int(_prices((spot - spot_change)[-1:])[0]),
        bid=_prices(columns["bid"]),
        ask=_prices(columns["ask"]),
        lot_size=facts.expiry.lot_size,
    )  # fmt: skip


def _legs(moment: Moment, name: str, strikes: NDArray[np.float64]) -> NDArray[np.float64]:
    """A column over all strikes of the day, calls then puts; NaN where the record has none."""
    values = np.full((2, len(strikes)), np.nan)
    here = np.searchsorted(strikes, moment.chain.strikes)
    values[0, here], values[1, here] = getattr(moment.chain.call, name), getattr(moment.chain.put, name)
    if name in ("bid", "ask"):
        values[:, here] = np.where(moment.old, np.nan, values[:, here])  # long gone from the market's book
    return values.reshape(-1)


def _prices(rupees: NDArray[np.float64]) -> Integers:
    """As wire integers; 0 is unknown."""
    return np.round(np.nan_to_num(rupees) * PRICE_SCALE).astype(np.int64)


def _counts(units: NDArray[np.float64]) -> Integers:
    return np.where(np.isnan(units), NO_COUNT, np.nan_to_num(units)).astype(np.int64)
