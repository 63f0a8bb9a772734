"""The public files: symbol masters as headerless 21-column CSV, and the index map of the socket."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass

from aiohttp import web

from dashboard.sandbox.clock import Clock
from dashboard.sandbox.faults import Faults
from dashboard.sandbox.instruments import CASH, EXCHANGE_CODES, Instrument, Kind
from dashboard.sandbox.market import Market

FILES: dict[str, tuple[str, str]] = {
    "NSE_CM": ("NSE", CASH),
    "NSE_FO": ("NSE", "11"),
    "BSE_CM": ("BSE", CASH),
    "BSE_FO": ("BSE", "11"),
}
_TICK_SIZE = 0.05


def instrument_type(instrument: Instrument) -> int:
    """FYERS' exchange instrument type."""
    of_index = instrument.spec.is_index
    return {
        Kind.INDEX: 10,
        Kind.EQUITY: 0,
        Kind.FUTURE: 11 if of_index else 13,
        Kind.OPTION: 14 if of_index else 15,
    }[instrument.kind]


def master_line(instrument: Instrument, underlying: Instrument, updated: str) -> list[object]:
    """One line, in the column order FYERS documents."""
    cash = instrument.expiry is None
    token = instrument.exchange_token
    return [
        instrument.fytoken, instrument.description, instrument_type(instrument), instrument.lot_size, _TICK_SIZE,
        f"INE{int(token) % 1_000_000:06d}010" if instrument.kind is Kind.EQUITY else "",
        "0915-1530|1815-1915:" if cash else "0915-1540|1815-1915:", updated,
        "" if instrument.expiry is None else instrument.expiry.expiry_ts, instrument.symbol,
        EXCHANGE_CODES[instrument.spec.exchange], instrument.segment_code, token, instrument.spec.root,
        underlying.exchange_token, instrument.strike, instrument.option_type, underlying.fytoken, "None", 0, 0.0,
    ]  # fmt: skip


def listed(market: Market, exchange: str, segment: str) -> Iterator[Instrument]:
    """Instruments of one exchange segment listed now: expired series and those of the future are left out."""
    instruments = market.universe.instruments
    for instrument in [item for item in instruments if item.expiry is None and item.spec.exchange == exchange]:
        if segment == CASH:
            yield instrument
            continue
        yield from market.futures(instrument.symbol)
        for expiry in market.expiries(instrument.symbol):
            series = market.universe.series[instrument.symbol][expiry.day]
            for call, put in zip(series.calls.tolist(), series.puts.tolist(), strict=True):
                yield instruments[call]
                yield instruments[put]


@dataclass(slots=True)
class _Rendered:
    signature: tuple[object, ...]
    body: bytes
    compressed: bytes
    etag: str


class SymbolMaster:
    """Serves `/sym_details/...`; a file is rendered anew only when the list of expiries changes."""

    def __init__(self, market: Market, clock: Clock, faults: Faults) -> None:
        self._market = market
        self._clock = clock
        self._faults = faults
        self._rendered: dict[str, _Rendered] = {}

    async def handle(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["file"]
        if name == "index_hsm_mapping.json":
            return web.json_response(self._index_map())
        stem = name.removesuffix(".csv")
        missing = self._faults.active("master_missing")
        if stem not in FILES or (missing is not None and missing.get("file", stem) == stem):
            return web.Response(
                status=404, text="<Error><Code>NoSuchKey</Code></Error>", content_type="application/xml"
            )
        rendered = self.render(stem)
        corrupt = self._faults.active("master_corrupt")
        if corrupt is not None and corrupt.get("file", stem) == stem:
            return web.Response(
                body=rendered.body[: len(rendered.body) // 2] + b"\n<html><body>Bad Gateway</body></html>"
            )
        headers = {"ETag": rendered.etag, "Vary": "Accept-Encoding"}
        if request.headers.get("If-None-Match") == rendered.etag:
            return web.Response(status=304, headers=headers)
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            headers["Content-Encoding"] = "gzip"
            return web.Response(body=rendered.compressed, headers=headers, content_type="text/csv")
        return web.Response(body=rendered.body, headers=headers, content_type="text/csv")

    def _index_map(self) -> dict[str, str]:
        items = self._market.universe.instruments
        return {item.symbol: item.topic.partition("|")[2] for item in items if item.kind is Kind.INDEX}

    def render(self, stem: str) -> _Rendered:
        exchange, segment = FILES[stem]
        universe = self._market.universe
        today = self._clock.today()
        cash = [item for item in universe.instruments if item.expiry is None]
        signature = (today, *(self._market.expiries(item.symbol) for item in cash if item.spec.exchange == exchange))
        known = self._rendered.get(stem)
        if known is not None and known.signature == signature:
            return known
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        updated = today.isoformat()
        for instrument in listed(self._market, exchange, segment):
            writer.writerow(master_line(instrument, universe.by_symbol[instrument.spec.symbol], updated))
        body = text.getvalue().encode()
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        self._rendered[stem] = _Rendered(signature, body, gzip.compress(body, 5, mtime=0), etag)
        return self._rendered[stem]
