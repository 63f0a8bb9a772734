"""Start the sandbox: `python -m dashboard.sandbox --port 0`."""

from __future__ import annotations

import argparse
import asyncio
import errno
import os
import sys
import time
from pathlib import Path

from aiohttp import web

from dashboard.data.history.days import SUFFIX
from dashboard.market.session import ist
from dashboard.sandbox.clock import Clock, instant_of
from dashboard.sandbox.instruments import model_universe
from dashboard.sandbox.lifetime import until_stopped
from dashboard.sandbox.market_model import MarketModel
from dashboard.sandbox.recorded_day import load_recorded_day
from dashboard.sandbox.recording import load_recording
from dashboard.sandbox.replay import ReplayMarket
from dashboard.sandbox.server import build_app
from dashboard.sandbox.underlyings import ALL

HOST = "127.0.0.1"
CANNOT_START = 2
_SHUTDOWN_S = 0.3


def parse_arguments(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m dashboard.sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 chooses a free one; the READY line names it")
    parser.add_argument("--seed", type=int, default=20261123, help="same seed, same market")
    parser.add_argument("--from", dest="start", metavar="HH:MM", help="start at this time of day (IST)")
    parser.add_argument("--speed", type=float, default=1.0, help="seconds of market per second")
    parser.add_argument("--tick-rate", type=float, help="ticks a second over all subscribed symbols, for load tests")
    parser.add_argument(
        "--replay", type=Path, metavar="FILE", help="play a recorded day (CSV, CSV.gz, or a day's file of the history)"
    )
    parser.add_argument(
        "--parent-pid", type=int, help="exit when this process is gone (default: the one that started us)"
    )
    return parser.parse_args(argv)


def build(arguments: argparse.Namespace) -> web.Application:
    """Build the market that the arguments name, and its server."""
    now = time.time()
    start = now if arguments.start is None else instant_of(arguments.start, now)
    clock = Clock(start, arguments.speed)
    if arguments.replay is not None:
        load = load_recorded_day if arguments.replay.suffix == SUFFIX else load_recording
        replay = ReplayMarket(load(arguments.replay), clock, ist(now).date())
        if arguments.start is not None:
            replay.playback(arguments.start, None)
        return build_app(
            replay, arguments.seed, tick_rate=arguments.tick_rate, playback=replay.playback, shift_s=replay.shift_s
        )
    market = MarketModel(model_universe(ALL, clock.today()), clock, arguments.seed)
    return build_app(market, arguments.seed, tick_rate=arguments.tick_rate)


async def serve(app: web.Application, port: int, parent_pid: int | None) -> None:
    """Serve on loopback until a signal."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_SHUTDOWN_S)
    await runner.setup()
    try:
        site = web.TCPSite(runner, HOST, port)
        await site.start()
        bound = runner.addresses[0][1]
        print(f"READY http://{HOST}:{bound}", flush=True)
        await until_stopped(parent_pid)
    finally:
        await runner.cleanup()


def main(argv: list[str] | None = None) -> int:
    arguments = parse_arguments(argv)
    try:
        app = build(arguments)
        asyncio.run(serve(app, arguments.port, arguments.parent_pid or os.getppid()))
    except OSError as error:
        reason = f"port {arguments.port} is taken" if error.errno == errno.EADDRINUSE else str(error)
        print(f"sandbox cannot start: {reason}", file=sys.stderr)
        return CANNOT_START
    except ValueError as error:
        print(f"sandbox cannot start: {error}", file=sys.stderr)
        return CANNOT_START
    return 0


if __name__ == "__main__":
    sys.exit(main())
