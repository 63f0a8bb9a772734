"""What `csv_broker` asks: a made-up exchange that serves its instruments and quotes as CSV on loopback."""

from __future__ import annotations

import csv
import io
import math
import threading
import time
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

from dashboard.market.session import IST
from tests.reference import black76

LOT = 10
STRIKES = [1_000.0 + 25.0 * step for step in range(-12, 13)]
DAYS_AHEAD = (7, 35)
UNDERLYINGS = ("TULIP", "ROSE")


class CsvServer:
    """`with CsvServer() as server:` gives its address in `server.url`. `refusing = True` answers 503 to everything."""

    def __init__(self) -> None:
        self.refusing = False
        self._started = time.time()
        today = datetime.now(IST).date()
        self._expiries = [today + timedelta(days=days) for days in DAYS_AHEAD]
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                rows = {"/instruments.csv": outer.instruments, "/quotes.csv": outer.quotes}.get(self.path)
                body = b"" if rows is None or outer.refusing else _as_csv(rows()).encode()
                self.send_response(503 if outer.refusing else 404 if rows is None else 200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> CsvServer:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def instruments(self) -> Iterable[dict[str, object]]:
        for name, expiry, strike, side in self._contracts():
            yield {
                "underlying": name, "symbol": f"XSE:{name}", "expiry": expiry.isoformat(),
                "cutoff_ts": int(_cutoff(expiry)), "expiry_kind": "M", "lot_size": LOT, "strike": strike, "side": side,
                "contract": _contract(name, expiry, strike, side),
            }  # fmt: skip

    def quotes(self) -> Iterable[dict[str, object]]:
        now = time.time()
        level = 1_000.0 + 5.0 * math.sin((now - self._started) / 3.0)
        for name in UNDERLYINGS:
            yield _quote(f"XSE:{name}", round(level, 2), prev_close=1_000.0)
        for name, expiry, strike, side in self._contracts():
            years = (_cutoff(expiry) - now) / (365.0 * 86_400.0)
            sign = black76.CALL if side == "call" else black76.PUT
            ltp = max(0.05, round(black76.price(level, strike, years, 0.065, 0.2, sign) / 0.05) * 0.05)
            lots = int(abs(strike - 1_000.0)) + 20
            yield _quote(
                _contract(name, expiry, strike, side), round(ltp, 2), prev_close=round(ltp + 1.0, 2),
                bid=round(max(0.05, ltp - 0.05), 2), ask=round(ltp + 0.05, 2),
                volume=LOT * (lots + int(now - self._started)), oi=LOT * lots, prev_oi=LOT * (lots - 5),
            )  # fmt: skip

    def _contracts(self) -> Iterable[tuple[str, date, float, str]]:
        for name in UNDERLYINGS:
            for expiry in self._expiries:
                for strike in STRIKES:
                    yield from ((name, expiry, strike, side) for side in ("call", "put"))


def _quote(symbol: str, ltp: float, *, prev_close: float, **fields: float) -> dict[str, object]:
    blank = dict.fromkeys(("bid", "ask", "volume", "oi", "prev_oi"), "")
    return {"symbol": symbol, "ltp": ltp, "prev_close": prev_close, **blank, **fields}


def _contract(name: str, expiry: date, strike: float, side: str) -> str:
    return f"XSE:{name}-{expiry:%Y%m%d}-{strike:g}-{side[0].upper()}"


def _cutoff(expiry: date) -> float:
    return datetime.combine(expiry, clock_time(15, 40), IST).timestamp()


def _as_csv(rows: Iterable[dict[str, object]]) -> str:
    listed = list(rows)
    text = io.StringIO()
    writer = csv.DictWriter(text, listed[0])
    writer.writeheader()
    writer.writerows(listed)
    return text.getvalue()
