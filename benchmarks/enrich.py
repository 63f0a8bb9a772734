"""Options per second: our IV, Greeks and whole enrich beside vollib and QuantLib, on the same 2,000 options in one run.

`python -m benchmarks enrich [repeats]`. Trust the ratios: they come from one process on one machine within seconds. The
libraries are called one option at a time, which is the only way they offer. *Off* counts options whose IV is missing or
differs by more than 1e-6 from the volatility the price was made with: half of the options are in the money, where an
expiry two days away leaves a far strike's price without any volatility in it; no solver can find what is not there.
"""

import statistics
import sys
import time
from collections.abc import Callable
from datetime import date
from importlib import import_module
from importlib.metadata import version
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from benchmarks._table import print_table
from dashboard.analytics import black76
from dashboard.analytics.enrich import enrich
from dashboard.analytics.implied_vol import implied_vol
from dashboard.market.chain import LEG_COLUMNS, Chain, Legs
from dashboard.market.instruments import Expiry, Underlying, UnderlyingKind

Array = npt.NDArray[np.float64]

FORWARD, RATE, NOW, LOT = 24_017.35, 0.065, 1_795_406_400.0, 65
DAYS = (2, 9, 16, 23, 30, 58, 86, 120)
STRIKES = np.linspace(21_000.0, 27_000.0, 125).round(-1)
WIDE = np.arange(14_000.0, 34_000.0, 20.0)


class Options(NamedTuple):
    """2,000 options as flat columns, with the volatility each was priced with."""

    strike: Array
    years: Array
    is_call: npt.NDArray[np.bool_]
    sigma: Array
    price: Array


class Line(NamedTuple):
    what: str
    options: int
    seconds: float
    off: int | None


def smile(strikes: Array) -> Array:
    moneyness = np.log(strikes / FORWARD)
    return 0.13 - 0.10 * moneyness + 0.60 * moneyness**2


def listed_options() -> Options:
    """Eight expiries of 125 strikes, both sides."""
    strike = np.tile(np.repeat(STRIKES, 2), len(DAYS))
    years = np.repeat(np.array(DAYS) / 365.0, 2 * STRIKES.size)
    is_call = np.tile([True, False], strike.size // 2)
    sigma = smile(strike)
    return Options(strike, years, is_call, sigma, black76.price(FORWARD, strike, years, RATE, sigma, is_call))


def quoted_chain(strikes: Array, days: int) -> Chain:
    """A chain as the feed holds it: quotes on ticks, OI, volume."""
    expiry = Expiry(date(2026, 12, 29), int(NOW + days * 86_400), "M", LOT)
    underlying = Underlying("NIFTY", "NSE:NIFTY50-INDEX", "NSE", UnderlyingKind.INDEX, 0.05, (expiry,))

    def legs(is_call: bool) -> Legs:
        fair = black76.price(FORWARD, strikes, days / 365.0, RATE, smile(strikes), is_call)
        ltp = np.maximum(np.round(fair / 0.05), 2.0) * 0.05
        oi = LOT * np.floor(1e3 * np.exp(-(((strikes - FORWARD) / 800.0) ** 2)) + 10.0)
        columns = dict.fromkeys(LEG_COLUMNS, oi)
        columns |= {"ltp": ltp, "bid": ltp - 0.05, "ask": ltp + 0.05, "ltp_change": -ltp / 50}
        columns |= {
            "tick_ts": np.full(strikes.size, NOW),
            "oi_ts": np.full(strikes.size, NOW),
            "trade_ts": np.full(strikes.size, NOW),
        }
        return Legs(symbol=(None,) * strikes.size, **columns)

    return Chain(underlying, expiry, NOW, NOW, strikes, legs(True), legs(False), spot=23_990.0)


def median_seconds(work: Callable[[], object], repeats: int) -> float:
    work()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def off(iv: Array, options: Options) -> int:
    return int(np.count_nonzero(~(np.abs(iv - options.sigma) <= 1e-6)))


def ours(options: Options, repeats: int) -> list[Line]:
    given = (FORWARD, options.strike, options.years, RATE)
    count = options.price.size

    def solve() -> Array:
        return implied_vol(options.price, *given, options.is_call)[0]

    def solve_and_differentiate() -> None:
        black76.greeks(*given, solve(), options.is_call)

    expiries = [quoted_chain(STRIKES, days) for days in DAYS]
    wide = quoted_chain(WIDE, 9)

    def enrich_all(chains: list[Chain]) -> None:
        for chain in chains:
            enrich(chain, rate=RATE, now_ts=NOW)

    return [
        Line("ours: IV", count, median_seconds(solve, repeats), off(solve(), options)),
        Line("ours: IV + 6 Greeks", count, median_seconds(solve_and_differentiate, repeats), None),
        Line(
            "ours: enrich, 1 chain of 1,000 strikes", count, median_seconds(lambda: enrich_all([wide]), repeats), None
        ),
        Line(
            "ours: enrich, 8 chains of 125 strikes", count, median_seconds(lambda: enrich_all(expiries), repeats), None
        ),
    ]


def vollib(options: Options, repeats: int) -> list[Line]:
    solver = import_module("vollib.black.implied_volatility").implied_volatility
    analytical = import_module("vollib.black.greeks.analytical")
    greeks = [getattr(analytical, name) for name in ("delta", "gamma", "theta", "vega")]
    rows = list(zip(*(column.tolist() for column in options), strict=True))

    def solve_one(strike: float, years: float, is_call: bool, price: float) -> float:
        try:
            return float(solver(price, FORWARD, strike, RATE, years, "c" if is_call else "p"))
        except Exception:  # noqa: BLE001  # it raises its own classes for prices it refuses; a refusal is a miss here
            return float("nan")

    def solve() -> Array:
        return np.array([solve_one(strike, years, is_call, price) for strike, years, is_call, _, price in rows])

    def solve_and_differentiate() -> None:
        for strike, years, is_call, sigma, price in rows:
            solve_one(strike, years, is_call, price)
            for greek in greeks:
                greek("c" if is_call else "p", FORWARD, strike, years, RATE, sigma)

    return [
        Line("vollib: IV", len(rows), median_seconds(solve, repeats), off(solve(), options)),
        Line("vollib: IV + 4 Greeks", len(rows), median_seconds(solve_and_differentiate, repeats), None),
    ]


def quantlib(options: Options, repeats: int) -> list[Line]:
    library = import_module("QuantLib")
    rows = list(zip(*(column.tolist() for column in options), strict=True))

    def solve_one(strike: float, years: float, is_call: bool, price: float) -> float:
        side = library.Option.Call if is_call else library.Option.Put
        discount = float(np.exp(-RATE * years))
        try:
            root = library.blackFormulaImpliedStdDev(side, strike, FORWARD, price, discount, 0.0, 0.1, 1e-10, 200)
        except RuntimeError:
            return float("nan")
        return float(root / years**0.5)

    def solve() -> Array:
        return np.array([solve_one(strike, years, is_call, price) for strike, years, is_call, _, price in rows])

    def solve_and_differentiate() -> None:
        for strike, years, is_call, sigma, price in rows:
            solve_one(strike, years, is_call, price)
            payoff = library.PlainVanillaPayoff(library.Option.Call if is_call else library.Option.Put, strike)
            calculator = library.BlackCalculator(payoff, FORWARD, sigma * years**0.5, float(np.exp(-RATE * years)))
            (
                calculator.deltaForward(),
                calculator.gammaForward(),
                calculator.vega(years),
                calculator.theta(FORWARD, years),
            )

    return [
        Line("QuantLib: IV", len(rows), median_seconds(solve, repeats), off(solve(), options)),
        Line("QuantLib: IV + 4 Greeks", len(rows), median_seconds(solve_and_differentiate, repeats), None),
    ]


def rows(lines: list[Line]) -> list[list[str]]:
    """Time, options per second, how many times as long as ours for the same work, and misses; one row per line."""
    same_work = {"IV": lines[0].seconds, "Greeks": lines[1].seconds}
    table = []
    for line in lines:
        base = same_work["Greeks" if "Greeks" in line.what else "IV"]
        ratio = "" if "enrich" in line.what else f"{line.seconds / base:.1f}"
        misses = "" if line.off is None else str(line.off)
        table.append([line.what, f"{line.seconds * 1e3:.2f}", f"{line.options / line.seconds:,.0f}", ratio, misses])
    return table


def run(args: list[str]) -> None:
    """Print the table; the first argument is the number of repeats (default 20, the libraries a fifth of it)."""
    repeats = int(args[0]) if args else 20
    options = listed_options()
    lines = ours(options, repeats)
    left_out = []
    for package, measure in (("vollib", vollib), ("QuantLib", quantlib)):
        try:
            lines += measure(options, max(repeats // 5, 1))
        except ImportError:
            left_out.append(package)
    beside = ", ".join(
        f"{package} {version(package)}" for package in ("scipy", "vollib", "QuantLib") if package not in left_out
    )
    title = f"2,000 options on one core, median of {repeats} runs; {beside}"
    title += f"; not installed: {', '.join(left_out)}" if left_out else ""
    print_table(title, ["", "ms", "options/s", "x ours", "off"], rows(lines))


if __name__ == "__main__":
    run(sys.argv[1:])
