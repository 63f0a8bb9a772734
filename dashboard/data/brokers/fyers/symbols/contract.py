"""A contract with FYERS' token for it."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.market.instruments import Contract


@dataclass(frozen=True, slots=True)
class FyersContract(Contract):
    """fy_token: FYERS' instrument token, which names the contract's stream topic."""

    fy_token: str
