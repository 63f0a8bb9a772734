"""Recording 24 chains of 121 strikes, a third of the legs changing each second, beside a table with a row per option.

`python -m benchmarks history -- [seconds]`. Both write the same numbers into SQLite files in write-ahead mode,
one transaction for the 24 chains of a second, in one run. Trust the ratios.
"""

import sqlite3
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from benchmarks._table import print_table
from dashboard.data.contract.published import PublishedChain
from dashboard.data.history.reading import History
from dashboard.data.history.recorder import Recorder
from dashboard.market.chain import LEG_COLUMNS
from dashboard.market.instruments import Expiry
from harness.builders import make_chain, make_published, make_underlying

CHAINS, STRIKES, SECONDS, READS = 24, 121, 180, 300
BEGAN = 1_795_406_400.0


def first_chains() -> list[PublishedChain]:
    """24 series of one underlying, an expiry a week."""
    underlying = make_underlying("NIFTY")
    days = [date(2026, 12, 1) + timedelta(days=7 * week) for week in range(CHAINS)]
    expiries = [replace(underlying.expiries[0], date=day, cutoff_ts=int(BEGAN) + 86_400 * 8) for day in days]
    return [make_published(make_chain(n=STRIKES, underlying=underlying, expiry=expiry)) for expiry in expiries]


def next_second(published: PublishedChain, now_ts: float, rng: np.random.Generator) -> PublishedChain:
    """The chain a second later: a third of the legs with another price, quantity and time."""
    chain = published.chain
    sides = {}
    for name in ("call", "put"):
        legs, moved = getattr(chain, name), rng.random(STRIKES) < 1 / 3
        step = np.where(moved, rng.integers(-4, 5, STRIKES) * 0.05, 0.0)
        traded = np.where(moved, rng.integers(0, 20, STRIKES) * 65.0, 0.0)
        sides[name] = replace(
            legs,
            ltp=np.maximum((legs.ltp + step).round(2), 0.05),
            bid=np.maximum((legs.bid + step).round(2), 0.05),
            ask=np.maximum((legs.ask + step).round(2), 0.1),
            volume=legs.volume + traded,
            tick_ts=np.where(moved, now_ts - rng.random(STRIKES), legs.tick_ts),
        )
    enriched = replace(
        published.enriched, chain=replace(chain, as_of_ts=now_ts, market_ts=now_ts, spot=chain.spot + 0.05, **sides)
    )
    return replace(published, enriched=enriched, published_ts=now_ts)


def run(argv: Sequence[str]) -> None:
    seconds = int(argv[0]) if argv else SECONDS
    rng, chains = np.random.default_rng(7), first_chains()
    with tempfile.TemporaryDirectory() as folder:
        ours, rows = Path(folder) / "ours", Path(folder) / "rows.sqlite"
        recorder = Recorder(ours, keep_days=10, demo=True, software="benchmark")
        table = row_table(rows)
        our_s, row_s = [], []
        for second in range(seconds):
            chains = [next_second(chain, BEGAN + second, rng) for chain in chains]
            began = time.perf_counter()
            for chain in chains:
                recorder.take(chain)
            recorder.flush()
            our_s.append(time.perf_counter() - began)
            began = time.perf_counter()
            write_rows(table, chains, int(BEGAN + second))
            row_s.append(time.perf_counter() - began)
        recorder.close()
        table.close()
        our_bytes = sum(path.stat().st_size for path in ours.iterdir())
        row_bytes = sum(path.stat().st_size for path in Path(folder).glob("rows.sqlite*"))
        our_read, row_read = read_ours(ours, chains, seconds, rng), read_rows(rows, seconds, rng)

    def line(name: str, written_s: Sequence[float], size: int, read_s: float) -> list[str]:
        per_leg = size / (CHAINS * STRIKES * 2 * seconds)
        return [name, ms(statistics.median(written_s)), ms(p99(written_s)), f"{per_leg:.1f}", ms(read_s)]

    ratios = statistics.median(row_s) / statistics.median(our_s), p99(row_s) / p99(our_s)
    print_table(
        f"{CHAINS} chains of {STRIKES} strikes a second, {seconds} seconds",
        ["", "ms to write", "p99", "bytes a leg", "ms for a chain at a moment"],
        [
            line("blocks", our_s, our_bytes, our_read),
            line("a row per option", row_s, row_bytes, row_read),
            ["ratio", *(f"{ratio:.1f}" for ratio in (*ratios, row_bytes / our_bytes, row_read / our_read))],
        ],
    )


def row_table(path: Path) -> sqlite3.Connection:
    table = sqlite3.connect(path)
    table.execute("pragma journal_mode=wal")
    table.execute("pragma synchronous=normal")
    columns = ", ".join(f"{name} real" for name in LEG_COLUMNS)
    table.execute(f"create table legs (symbol text, ts integer, {columns}, primary key (symbol, ts)) without rowid")
    return table


def write_rows(table: sqlite3.Connection, chains: Sequence[PublishedChain], at: int) -> None:
    places = ", ".join("?" * (len(LEG_COLUMNS) + 2))
    for published in chains:
        expiry: Expiry = published.chain.expiry
        for side in ("call", "put"):
            legs = getattr(published.chain, side)
            columns = np.stack([getattr(legs, name) for name in LEG_COLUMNS]).T.tolist()
            named = zip(published.chain.strikes.tolist(), columns, strict=True)
            table.executemany(
                f"insert into legs values ({places})",
                [(f"{expiry.date}{side}{strike}", at, *values) for strike, values in named],
            )
    table.commit()


def read_ours(folder: Path, chains: Sequence[PublishedChain], seconds: int, rng: np.random.Generator) -> float:
    """Median seconds for a chain at a moment that was not asked for before."""
    history, taken = History(folder), []
    for _ in range(READS):
        published, at = chains[int(rng.integers(CHAINS))], BEGAN + rng.random() * (seconds - 1)
        began = time.perf_counter()
        history.found(published.series, at)
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def read_rows(path: Path, seconds: int, rng: np.random.Generator) -> float:
    table, taken = sqlite3.connect(path), []
    for _ in range(READS // 10):
        day = date(2026, 12, 1) + timedelta(days=7 * int(rng.integers(CHAINS)))
        at = int(BEGAN + rng.random() * (seconds - 1))
        began = time.perf_counter()
        table.execute(
            "select * from legs where symbol >= ? and symbol < ? and ts = ?", (f"{day}c", f"{day}q", at)
        ).fetchall()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def p99(values: Sequence[float]) -> float:
    return float(np.quantile(values, 0.99))


def ms(seconds: float) -> str:
    return f"{1000 * seconds:.2f}"
