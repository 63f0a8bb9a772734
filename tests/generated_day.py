"""An expiry day that the sandbox's market wrote, in the format of a recorded one: seeded, the same on every machine.

It stands in for the recorded session of 3 February 2026, which only some machines have: same day, same series, last
trades without quotes, MIDCPNIFTY without a spot, contracts that never traded. `python -m tests.generated_day
day.csv.gz` writes one for `make run REPLAY=`.
"""

from __future__ import annotations

import csv
import gzip
import sys
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path

import numpy as np

from dashboard.market.session import IST
from dashboard.sandbox.clock import Clock
from dashboard.sandbox.instruments import Series, model_universe
from dashboard.sandbox.market_model import MarketModel
from dashboard.sandbox.recording import OPEN_TIME
from dashboard.sandbox.underlyings import INDICES
from dashboard.sandbox.wire import LTP, OI, PREV_CLOSE, VOLUME

DAY = date(2026, 2, 3)
EXPIRIES = {"NIFTY": date(2026, 2, 3), "MIDCPNIFTY": date(2026, 2, 24)}
NEVER_TOLD_SPOT = "MIDCPNIFTY"
QUIET_BEYOND, QUIET_EVERY = 25, 5  # of the same underlying: farther from the money, each fifth strike never trades
SIDE_STRIKES = 55
SEED = 1
COLUMNS = (
    "time_ist,underlying,expiry,strike,call_ltp,call_oi,call_volume,put_ltp,put_oi,put_volume,spot"
).split(",")  # fmt: skip
# The instants that tests of both days name; around them snapshots are five minutes apart.
NAMED = ("09:54:09", "10:53:02", "11:58:14", "12:03:12", "13:28:22", "15:28:31", "18:48:40")
BEFORE_THE_OPEN = ("01:25:55", "01:31:15", "01:36:35")


def at(clock: str) -> datetime:
    return datetime.combine(DAY, time.fromisoformat(clock), IST)


def every_five_minutes() -> list[datetime]:
    """Like the recorded day: three snapshots in the night, then every five minutes until the evening."""
    named = [at(clock) for clock in NAMED]
    grid = [named[0] + timedelta(minutes=5 * step) for step in range(108)]
    room = timedelta(seconds=150)
    kept = [when for when in grid if all(abs(when - other) > room for other in named) and when < named[-1]]
    return [*map(at, BEFORE_THE_OPEN), *sorted([*named, *kept])]


def every_minute(first: str = "09:20:00", last: str = "15:25:00") -> list[datetime]:
    """The session minute by minute, after one snapshot of the night."""
    minutes = int((at(last) - at(first)).total_seconds() / 60)
    return [at(BEFORE_THE_OPEN[-1]), *(at(first) + timedelta(minutes=step) for step in range(minutes + 1))]


def rows(moments: Sequence[datetime], names: Sequence[str] = tuple(EXPIRIES)) -> Iterator[dict[str, str | float | int]]:
    """One row per moment, underlying and strike."""
    specs = [spec for spec in INDICES if spec.root in names]
    monotonic = [0.0]
    clock = Clock(moments[0].timestamp(), monotonic=lambda: monotonic[0])
    market = MarketModel(model_universe(specs, DAY, horizon_days=1), clock, SEED)
    everything = np.arange(len(market.universe), dtype=np.intp)
    for moment in moments:
        clock.set(now_ts=moment.timestamp())
        market.refresh(everything)
        for spec in specs:
            yield from _of_one(market, spec.symbol, market.universe.series[spec.symbol][EXPIRIES[spec.root]], moment)


def _of_one(
    market: MarketModel, symbol: str, series: Series, moment: datetime
) -> Iterator[dict[str, str | float | int]]:
    index = market.universe.by_symbol[symbol]
    night = moment.time() < OPEN_TIME
    price = PREV_CLOSE if night else LTP
    spot = market.fields[index.row, price] / 100
    middle = int(np.argmin(np.abs(series.strikes - market.fields[index.row, PREV_CLOSE] / 100)))
    for n in range(max(middle - SIDE_STRIKES, 0), min(middle + SIDE_STRIKES, len(series.strikes))):
        row: dict[str, str | float | int] = {
            "time_ist": f"{moment:%Y-%m-%d %H:%M:%S}",
            "underlying": index.spec.root,
            "expiry": series.expiry.day.isoformat(),
            "strike": float(series.strikes[n]),
            "spot": 0.0 if index.spec.root == NEVER_TOLD_SPOT else spot,
        }
        quiet = index.spec.root == NEVER_TOLD_SPOT and abs(n - middle) > QUIET_BEYOND and n % QUIET_EVERY == 0
        for side, leg in (("call", series.calls[n]), ("put", series.puts[n])):
            ltp, volume = int(market.fields[leg, price]), int(market.fields[leg, VOLUME])
            traded = volume > 0 and ltp > 0 and not quiet
            row[f"{side}_ltp"] = ltp / 100 if traded else 0.0
            row[f"{side}_oi"] = int(market.prev_oi[leg] if night else max(int(market.fields[leg, OI]), 0))
            row[f"{side}_volume"] = volume if traded else 0
        yield row


def write_day(path: Path, moments: Sequence[datetime] | None = None) -> Path:
    """Write the day as CSV.gz; gives the path."""
    with gzip.open(path, "wt", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, COLUMNS)
        writer.writeheader()
        writer.writerows(rows(moments or every_five_minutes()))
    return path


if __name__ == "__main__":
    write_day(Path(sys.argv[1]))
