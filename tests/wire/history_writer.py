"""Records chains, hundreds a second, and prints the time of each once it is written (argument: the directory)."""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path

from dashboard.data.history.recorder import Recorder
from harness.builders import make_chain, make_published


def main(directory: Path) -> None:
    recorder = Recorder(directory, keep_days=10, demo=True, software="test")
    first = make_published(make_chain(n=21))
    while True:
        now_ts = time.time()
        chain = replace(first.chain, as_of_ts=now_ts, market_ts=now_ts)
        recorder.take(replace(first, enriched=replace(first.enriched, chain=chain), published_ts=now_ts))
        recorder.flush()
        print(f"{now_ts:.6f}", flush=True)
        time.sleep(0.003)  # two records of a millisecond would not keep their own times


if __name__ == "__main__":
    main(Path(sys.argv[1]))
