"""`python app.py`: start the processes of a board, keep them running, and leave none behind.

demo: sandbox, feed, web. live: feed, web. Everything that can be refused is refused before anything is started.
"""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from io import TextIOWrapper
from pathlib import Path
from queue import Empty, SimpleQueue
from types import FrameType
from typing import IO, Literal
from urllib.error import HTTPError
from urllib.request import ProxyHandler, build_opener

from dashboard import logs
from dashboard.child import CANNOT_START, Child
from dashboard.data.cache.store import CacheError, open_store
from dashboard.data.fyers.access_token import TokenSource
from dashboard.listener import ANY_ADDRESS, CannotListen, assert_guarded, open_listener, url_of
from dashboard.market.errors import MarketError
from dashboard.settings import Settings, SettingsError, default_cache_url

Mode = Literal["demo", "live"]

SANDBOX_READY_WITHIN_S = 30.0
STOP_WITHIN_S = 4.0
LOOK_EVERY_S = 0.1
SANDBOX_CLIENT_ID = "SANDBOX-100"
SANDBOX_SECRET = "sandbox-secret"


# A proxy from the environment has no business with this machine's own address.
DIRECTLY = build_opener(ProxyHandler({}))


class CannotStart(Exception):
    """The board cannot start; the message is one sentence for the terminal."""


class Ended(Exception):
    """The board ends before it was up, with this exit code; whoever caused it has said why."""

    def __init__(self, exit_code: int) -> None:
        super().__init__(exit_code)
        self.exit_code = exit_code


def main(argv: Sequence[str] | None = None) -> int:
    """Run a board as the command line and the environment say. Gives the exit code."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a Windows code page may lack our dash
    arguments = _parser().parse_args(argv)
    try:
        settings = Settings.from_environment()
        logs.set_up(settings, "supervisor")
        mode = _mode(arguments, settings)
        return supervise(
            settings,
            mode=mode,
            host=arguments.host,
            port=arguments.port,
            replay=arguments.replay,
            speed=arguments.speed,
            no_password=arguments.no_password,
        )
    except (CannotStart, CannotListen, CacheError, MarketError, SettingsError) as problem:
        print(problem, file=sys.stderr)
        return CANNOT_START


def supervise(
    settings: Settings,
    *,
    mode: Mode,
    host: str,
    port: int,
    replay: Path | None,
    speed: float,
    no_password: bool = False,
) -> int:
    """Run until Ctrl-C or SIGTERM. Raises CannotStart, CannotListen, CacheError or MarketError."""
    assert_guarded(host, replace(settings, demo=mode == "demo"), no_password=no_password)
    with open_listener(host, port) as probe:
        port = probe.getsockname()[1]
    run_directory: Path | None = None
    if mode == "demo":
        run_directory = _demo_directory(settings, port)
        shutil.rmtree(run_directory, ignore_errors=True)  # an earlier market would mix with this one
        settings = replace(
            settings,
            demo=True,
            replay=replay is not None,
            provider="fyers",
            client_id=SANDBOX_CLIENT_ID,
            secret_key=SANDBOX_SECRET,
            redirect_uri=f"{url_of(host, port)}/login/callback",
            access_token="",
            cache_url=f"disk://{(run_directory / 'cache').as_posix()}",
            data_dir=run_directory / "data",
        )
    elif TokenSource(settings).current() is None and not (settings.client_id and settings.secret_key):
        raise CannotStart(
            "There is no FYERS access token: log in with `python -m dashboard.data.fyers.login`, or start with --demo."
        )
    settings = _absolute(settings)
    open_store(settings.cache_url).close()
    try:
        return Board(settings, mode, host, port, replay, speed, no_password=no_password).run()
    finally:
        if run_directory is not None:
            shutil.rmtree(run_directory, ignore_errors=True)  # it is memory on tmpfs


class Board:
    """The processes of one board, from the first start to the last stop."""

    def __init__(
        self,
        settings: Settings,
        mode: Mode,
        host: str,
        port: int,
        replay: Path | None,
        speed: float,
        *,
        no_password: bool = False,
    ) -> None:
        self._settings = settings
        self._mode = mode
        self._host, self._port = host, port
        self._sandbox = (
            Child("sandbox", ["dashboard.sandbox", "--port", "0"], {}, piped=True) if mode == "demo" else None
        )
        if self._sandbox and replay:
            self._sandbox.arguments += ["--replay", str(replay.absolute()), "--speed", str(speed)]
        web = ["dashboard.web", "--host", host, "--port", str(port), *(["--no-password"] if no_password else [])]
        self._web = Child("web process", web, settings.environment())
        self._feed = Child("feed", ["dashboard.data.feed"], settings.environment())
        self._stop_asked = False
        self._announced = False

    def run(self) -> int:
        before = {number: signal.signal(number, self._ask_to_stop) for number in _stop_signals()}
        try:
            self._start()
            return self._keep()
        except Ended as end:
            return end.exit_code
        finally:
            self._stop()
            for number, handler in before.items():
                signal.signal(number, handler)

    def _ask_to_stop(self, number: int, frame: FrameType | None) -> None:
        self._stop_asked = True

    def _start(self) -> None:
        if self._sandbox:
            self._sandbox.start()
            base = self._sandbox_ready()
            self._sandbox.arguments[2] = base.rpartition(":")[2]  # started again, it must be found where it was
            self._settings = at_sandbox(self._settings, base)
        self._web.environment = self._settings.environment()
        self._web.start()
        self._feed.environment = self._settings.environment()
        self._feed.start()

    def _keep(self) -> int:
        children = [child for child in (self._sandbox, self._feed, self._web) if child]
        while not self._stop_asked:
            for child in children:
                if child.exit_code == CANNOT_START:  # it said why
                    return CANNOT_START
                if child.tend() and child is self._sandbox:
                    self._sandbox_ready()
                    self._feed.end(time.monotonic())  # its access token died with the old sandbox
                    self._feed.start()
            if not self._announced:
                self._announce()
            time.sleep(LOOK_EVERY_S)
        return 0

    def _announce(self) -> None:
        url = url_of(self._host, self._port)
        try:
            DIRECTLY.open(f"{url}/healthz", timeout=2).close()
        except HTTPError as answer:
            answer.close()  # 503 until the feed has published: the page itself is there
        except OSError:
            return
        self._announced = True
        print(f"Chainboard ({self._mode}) is at {url}  –  Ctrl-C stops it", flush=True)
        if self._host in ANY_ADDRESS:
            who = (
                "the password"
                if self._settings.password
                else "no password: whoever reaches this machine sees the board"
            )
            print(f"It listens on every interface and asks for {who}.", flush=True)

    def _sandbox_ready(self) -> str:
        """Wait for the sandbox's READY line and give its base URL. Raises CannotStart or Ended."""
        assert self._sandbox is not None
        lines: SimpleQueue[str] = SimpleQueue()
        threading.Thread(target=_forward, args=(self._sandbox.output, lines), daemon=True).start()
        deadline = time.monotonic() + SANDBOX_READY_WITHIN_S
        while time.monotonic() < deadline:
            try:
                return lines.get(timeout=LOOK_EVERY_S)
            except Empty:
                if self._stop_asked:
                    raise Ended(0) from None
                if self._sandbox.exit_code == CANNOT_START:
                    raise Ended(CANNOT_START) from None
                if self._sandbox.exit_code is not None:
                    raise CannotStart(f"The sandbox ended with exit code {self._sandbox.exit_code}.") from None
        raise CannotStart(f"The sandbox was not ready within {SANDBOX_READY_WITHIN_S:.0f} s.")

    def _stop(self) -> None:
        children = [child for child in (self._web, self._feed, self._sandbox) if child]
        for child in children:
            child.ask_to_stop()
        deadline = time.monotonic() + STOP_WITHIN_S
        for child in children:
            child.end(deadline)


def _stop_signals() -> list[int]:
    """Ctrl-C, SIGTERM, Windows' Ctrl-Break, and a closed terminal unless `nohup` said to ignore that."""
    numbers = [signal.SIGINT, signal.SIGTERM]
    numbers += [getattr(signal, name) for name in ("SIGBREAK", "SIGHUP") if hasattr(signal, name)]
    return [number for number in numbers if number == signal.SIGINT or signal.getsignal(number) != signal.SIG_IGN]


def at_sandbox(settings: Settings, base: str) -> Settings:
    """The settings with every FYERS address on the sandbox at `base` (http://127.0.0.1:PORT)."""
    return replace(
        settings,
        api_url=f"{base}/api/v3",
        data_url=f"{base}/data",
        socket_url=f"{base.replace('http://', 'ws://')}/hsm/v1-5/prod",
        public_url=f"{base}/sym_details",
    )


def _forward(output: IO[str], ready: SimpleQueue[str]) -> None:
    """Read the sandbox's output to its end, or it would block on a full pipe."""
    for line in output:
        word, _, url = line.strip().partition(" ")
        if word == "READY":
            ready.put(url)
        else:
            print(line, end="", file=sys.stderr)


def _demo_directory(settings: Settings, port: int) -> Path:
    """Where a demo keeps its cache and files: beside the live cache, one per port, so that nothing ever mixes."""
    cache_url = settings.cache_url if settings.cache_url.startswith("disk://") else default_cache_url()
    return Path(cache_url.removeprefix("disk://")).expanduser().absolute() / f"demo-{port}"


def _absolute(settings: Settings) -> Settings:
    """The settings with no path that depends on the working directory, which for children is the checkout."""
    cache_url = settings.cache_url
    if cache_url.startswith("disk://"):
        cache_url = f"disk://{Path(cache_url.removeprefix('disk://')).expanduser().absolute().as_posix()}"
    return replace(settings, cache_url=cache_url, data_dir=settings.data_dir.expanduser().absolute())


def _mode(arguments: argparse.Namespace, settings: Settings) -> Mode:
    if arguments.replay and arguments.mode == "live":
        raise CannotStart("A recording is played by the demo: leave out --live.")
    if arguments.replay and not arguments.replay.is_file():
        raise CannotStart(f"There is no recording {arguments.replay}.")
    if arguments.mode:
        mode: Mode = arguments.mode
        return mode
    return "live" if not arguments.replay and TokenSource(settings).current() else "demo"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "app.py", description="A live option-chain board. Without --demo or --live: live when there is an access token."
    )
    modes = parser.add_mutually_exclusive_group()
    modes.add_argument(
        "--demo", dest="mode", action="store_const", const="demo", help="a FYERS on this machine; no account"
    )
    modes.add_argument("--live", dest="mode", action="store_const", const="live", help="FYERS itself")
    parser.add_argument("--replay", type=Path, metavar="FILE", help="a demo that plays a recorded day (csv.gz)")
    parser.add_argument("--speed", type=_speed, default=1.0, help="how fast the recording plays (default 1)")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
    parser.add_argument("--port", type=int, default=8050, help="default 8050; 0 takes any free one")
    parser.add_argument("--no-password", action="store_true", help="let the network see it without CHAINBOARD_PASSWORD")
    return parser


def _speed(text: str) -> float:
    speed = float(text)
    if not 0 < speed <= 3600:
        raise argparse.ArgumentTypeError("must be above 0 and at most 3600")
    return speed
