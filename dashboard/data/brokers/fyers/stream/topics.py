"""Stream topics, computed from instrument tokens.

FYERS has a call for this (symbol-token), but it costs ten requests for 5,000 symbols at every reconnect, and the
rule needs only the token from the symbol master: digits 1-4 name the segment, and from the 11th digit on comes the
exchange's own number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

SEGMENTS = {
    "1010": "nse_cm",
    "1011": "nse_fo",
    "1012": "cde_fo",
    "1020": "nse_com",
    "1120": "mcx_fo",
    "1210": "bse_cm",
    "1211": "bse_fo",
    "1212": "bcs_fo",
}


def topic(symbol: str, fy_token: str, index_names: Mapping[str, str]) -> str | None:
    """`sf|nse_fo|36078` for a security, `if|nse_cm|Nifty 50` for an index; None for an unknown segment.

    index_names: the broker's map of index symbol -> topic name; for an index missing from it the stem of its symbol is
    used.
    """
    segment = SEGMENTS.get(fy_token[:4])
    if segment is None:
        return None
    if symbol.endswith("-INDEX"):
        stem = symbol.partition(":")[2].removesuffix("-INDEX")
        return f"if|{segment}|{index_names.get(symbol) or stem}"
    return f"sf|{segment}|{fy_token[10:]}" if len(fy_token) > 10 else None


class ComputedTopics:
    """Answers for the SDK's symbol lookup, in the shape it expects, from topics computed beforehand."""

    def __init__(self) -> None:
        self.topics: dict[str, str] = {}  # symbol -> topic

    def symbol_to_hsmtoken(self, symbols: Sequence[str]) -> tuple[dict[str, str], list[str], bool, str]:
        """(topic -> symbol, unknown symbols, asked for depth of an index, error text)."""
        known = {self.topics[symbol]: symbol for symbol in symbols if symbol in self.topics}
        return known, [symbol for symbol in symbols if symbol not in self.topics], False, ""

    def as_sdk_method(self) -> Any:
        """A function that can replace a method of the SDK's SymbolConversion."""
        return lambda conversion, symbols: self.symbol_to_hsmtoken(symbols)
