"""Exposures and put-call ratios summed over the known expiries of one underlying."""

from collections.abc import Sequence
from typing import NamedTuple

from dashboard.analytics.enriched import Enriched
from dashboard.market.instruments import Underlying


class AllExpiries(NamedTuple):
    """Sums over known expiries; None where none is known.

    net_gex_crore: crore per 1 % move; net_dex_crore: crore of the underlying. pcr_oi, pcr_delta_weighted: put over
    call. expiries_known: how many of expiries_listed have not expired and have a GEX. oldest_ts: our clock at the
    oldest data among them.
    """

    net_gex_crore: float | None
    net_dex_crore: float | None
    pcr_oi: float | None
    pcr_delta_weighted: float | None
    expiries_known: int
    expiries_listed: int
    oldest_ts: float | None


def all_expiries(chains: Sequence[Enriched], expiries_listed: int) -> AllExpiries:
    """Sums over the enriched chains of one underlying, without expired ones and those without a GEX."""
    known = [chain for chain in chains if chain.years_to_expiry > 0 and chain.metrics["net_gex_crore"] is not None]
    return AllExpiries(
        net_gex_crore=_sum(known, "net_gex_crore"),
        net_dex_crore=_sum(known, "net_dex_crore"),
        pcr_oi=_ratio(known, "put_oi", "call_oi"),
        pcr_delta_weighted=_ratio(known, "put_oi_delta_weighted", "call_oi_delta_weighted"),
        expiries_known=len(known),
        expiries_listed=max(expiries_listed, len(known)),
        oldest_ts=min((chain.chain.as_of_ts for chain in known), default=None),
    )


def unexpired_totals(chains: Sequence[Enriched], underlying: Underlying, market_ts: float) -> AllExpiries:
    """`all_expiries` of what has not expired at `market_ts`, the exchange's clock; unknown, nothing has."""
    known = [chain for chain in chains if not chain.chain.expiry.cutoff_ts <= market_ts]
    return all_expiries(known, sum(not expiry.cutoff_ts <= market_ts for expiry in underlying.expiries))


def _sum(chains: Sequence[Enriched], metric: str) -> float | None:
    values = [value for chain in chains if (value := chain.metrics[metric]) is not None]
    return sum(values) if values else None


def _ratio(chains: Sequence[Enriched], over: str, under: str) -> float | None:
    """Ratio of the sums; an expiry that lacks one side counts on neither."""
    both = [chain for chain in chains if None not in (chain.metrics[over], chain.metrics[under])]
    puts, calls = _sum(both, over), _sum(both, under)
    return puts / calls if puts is not None and calls else None
