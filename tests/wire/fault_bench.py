"""One row of the fault matrix: break something, mend it, time the recovery, and see that no wrong number was shown."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dashboard.data.cache.store import open_store
from dashboard.data.reader.live import LiveChains
from dashboard.market.session import FeedState
from harness.board import BoardProcess
from harness.feed import nearest
from harness.process import eventually
from tests.wire.watcher import Watcher, truth_of

RECOVERED_WITHIN_S = 20.0
PATIENCE_S = 30.0


@dataclass(frozen=True)
class Result:
    """said: what the screen and the socket said meanwhile. recovery_s: from the end of the fault to live numbers."""

    fault: str
    said: str
    recovery_s: float
    frames: int
    wrong: int
    remark: str = ""

    def row(self) -> str:
        remark = f" ({self.remark})" if self.remark else ""
        return f"| {self.fault}{remark} | {self.said} | {self.recovery_s:.1f} s | {self.frames} | {self.wrong} |"


MATRIX, SOAK = "fault matrix", "soak"
FOUND: dict[str, list[str]] = {MATRIX: [], SOAK: []}  # what was found, line by line; tests.wire.reporting prints it


class FaultBench:
    """A board that runs, and a watcher before its screen."""

    def __init__(self, watcher: Watcher) -> None:
        self.watcher = watcher

    def until(self, condition: Callable[[], object], what: str, within_s: float = PATIENCE_S) -> None:
        eventually(condition, within_s=within_s, what=what)

    @contextmanager
    def fault(
        self,
        name: str,
        *,
        recovered: Callable[[], object] = lambda: True,
        socket: str | None = "live",
        remark: str = "",
        from_the_start: bool = False,
        forget: bool = True,
    ) -> Iterator[Watcher]:
        """The body breaks and mends; leaving it is the end of the fault. from_the_start: it is not
        live when the body begins. forget: what was seen before the body belongs to another row.

        Recovered is a live series with a frame newer than that end, a socket in the state `socket` (None: whatever
        it says), and what `recovered` asks besides.
        """
        watcher = self.watcher
        if not from_the_start:
            self.until(lambda: watcher.state is FeedState.LIVE, f"live before the fault: {name}")
        if forget:
            watcher.forget()
        yield watcher
        ended, ended_ts, last_version = time.monotonic(), watcher.chains.now(), watcher.version

        def live_again() -> bool:
            return (
                watcher.seen.states[-1:] == [FeedState.LIVE.value]
                and watcher.version > last_version
                and (socket is None or watcher.socket == socket)
                and watcher.frame.get("state") == "live"
                and watcher.frame["as_of_ts"] > ended_ts
                and bool(recovered())
            )

        try:
            eventually(live_again, within_s=3 * RECOVERED_WITHIN_S, what=f"recovered from: {name}")
        except AssertionError as error:
            raise AssertionError(f"{error}; seen {watcher.seen}; health {watcher.health}") from None
        recovery_s = time.monotonic() - ended
        seen = watcher.seen
        FOUND[MATRIX].append(Result(name, said(watcher), recovery_s, seen.frames, len(seen.wrong), remark).row())
        assert seen.wrong == [], f"{name}: {len(seen.wrong)} wrong numbers, such as {seen.wrong[:5]}"
        assert recovery_s <= RECOVERED_WITHIN_S, f"{name}: recovered after {recovery_s:.1f} s"


class BoardBench(FaultBench):
    """A whole board, `python app.py` as at a desk; its state is also asked over HTTP, as a monitor does."""

    def __init__(self, watcher: Watcher, board: BoardProcess) -> None:
        super().__init__(watcher)
        self.board = board

    def healthz(self) -> str:
        status, body = self.board.get("/healthz", timeout_s=2)
        return body["status"] if status else "no answer"

    def well(self) -> bool:
        return self.healthz() == "ok" and self.chain_is_live()

    def chain_is_live(self) -> bool:
        series = self.watcher.series
        status, chain = self.board.get(f"/api/chain?underlying={series.underlying}&expiry={series.expiry}")
        return status == 200 and chain["state"] == "live"


def cache_of(board: BoardProcess, base: Path) -> Path:
    """Where a demo board keeps its cache below the configured folder."""
    return base / f"demo-{board.url.rstrip('/').rpartition(':')[2]}" / "cache"


@contextmanager
def watched_demo(base: Path, environment: Mapping[str, str] | None = None) -> Iterator[tuple[BoardProcess, Watcher]]:
    """A demo board whose cache is in `base`, live, and a watcher before its screen."""
    with BoardProcess(environment={"CHAINBOARD_CACHE": f"disk://{base}", **(environment or {})}) as board:
        chains = LiveChains(open_store(f"disk://{cache_of(board, base)}"))
        series = nearest(chains)
        with Watcher(chains, series, lambda: board.sandbox(truth_of(series))) as watcher:
            eventually(
                lambda: watcher.state is FeedState.LIVE and watcher.socket == "live", within_s=60, what="it is live"
            )
            yield board, watcher


def said(watcher: Watcher) -> str:
    """States of the series in order, then those of the socket where it left `live`."""
    states = " → ".join(watcher.seen.states)
    sockets = [state for state in dict.fromkeys(watcher.seen.sockets) if state not in ("live", "None")]
    return f"{states}; socket {', '.join(sockets)}" if sockets else states
