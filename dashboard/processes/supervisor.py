"""`python app.py`: what is asked for on the command line and in the settings, checked before anything is started.

demo, replay: sandbox, feed, web. live: feed, web.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from io import TextIOWrapper
from pathlib import Path

from dashboard import logs
from dashboard.data.brokers.registry import assert_installed, broker_of, open_login
from dashboard.data.cache.store import CacheError
from dashboard.data.cache.waiting import wait_for_store
from dashboard.data.history.days import SUFFIX, DailyJournals
from dashboard.market.errors import MarketError
from dashboard.private_files import DataDirectoryError, prepare_data_directory
from dashboard.processes.board import Board, CannotStart, Mode, at_sandbox
from dashboard.processes.child import CANNOT_START
from dashboard.processes.service_manager import ServiceManager
from dashboard.settings import DEFAULT_PROVIDER, Settings, SettingsError, default_cache_url
from dashboard.web.listener import CannotListen, assert_guarded, open_listener, url_of

SANDBOX_CLIENT_ID = "SANDBOX-100"
SANDBOX_SECRET = "sandbox-secret"
DEMO_HISTORY_MB = 500  # its directory lies in memory

__all__ = ["at_sandbox", "main", "supervise"]


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
            replay=_recording(arguments.replay, settings),
            speed=arguments.speed,
            no_password=arguments.no_password,
        )
    except KeyboardInterrupt:  # before there was anything to stop
        return 0
    except (
        CannotStart,
        CannotListen,
        CacheError,
        DataDirectoryError,
        ImportError,
        LookupError,
        MarketError,
        SettingsError,
    ) as problem:
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
    """Run until Ctrl-C or SIGTERM. Raises what `main` turns into a sentence."""
    assert_guarded(host, replace(settings, demo=mode != "live"), no_password=no_password)
    with open_listener(host, port) as probe:
        port = probe.getsockname()[1]
    run_directory: Path | None = None
    if mode != "live":
        run_directory = _demo_directory(settings, port)
        shutil.rmtree(run_directory, ignore_errors=True)  # an earlier market would mix with this one
        settings = replace(
            settings,
            demo=True,
            replay=mode == "replay",
            provider=DEFAULT_PROVIDER,
            client_id=SANDBOX_CLIENT_ID,
            secret_key=SANDBOX_SECRET,
            redirect_uri=f"{url_of(host, port)}/login/callback",
            access_token="",
            cache_url=f"disk://{(run_directory / 'cache').as_posix()}",
            data_dir=run_directory / "data",
            history="off" if settings.history == "off" else "",  # in its own data directory
            archive="",
            history_mb=min(settings.history_mb, DEMO_HISTORY_MB),
        )
    else:
        _assert_live_can_start(settings)
    assert_installed(settings)
    settings = settings.absolute()
    try:
        wait_for_store(settings.cache_url, ServiceManager().waiting)
        return Board(settings, mode, host, port, replay, speed, no_password=no_password).run()
    finally:
        if run_directory is not None:
            shutil.rmtree(run_directory, ignore_errors=True)  # it is memory on tmpfs


def _assert_live_can_start(settings: Settings) -> None:
    prepare_data_directory(settings.data_dir.expanduser().absolute())
    login = open_login(settings)
    if login is not None and not login.has_token() and login.missing_settings():
        raise CannotStart(
            f"There is no {broker_of(settings).name} access token: "
            "log in with `python -m dashboard.data.brokers.login`, or start with --demo."
        )


def _demo_directory(settings: Settings, port: int) -> Path:
    """Where a demo keeps its cache and files: beside the live cache, one per port, so that nothing ever mixes."""
    cache_url = settings.cache_url if settings.cache_url.startswith("disk://") else default_cache_url()
    return Path(cache_url.removeprefix("disk://")).expanduser().absolute() / f"demo-{port}"


def _mode(arguments: argparse.Namespace, settings: Settings) -> Mode:
    if arguments.replay and arguments.mode == "live":
        raise CannotStart("A recording is played by the demo: leave out --live.")
    if arguments.replay:
        return "replay"
    if arguments.mode:
        mode: Mode = arguments.mode
        return mode
    return "live" if _has_token(settings) else "demo"


def _recording(given: Path | None, settings: Settings) -> Path | None:
    """The file to play: the one given, or that of a day (ISO) in the history. Raises CannotStart."""
    if given is None or given.is_file():
        return given
    try:
        day = date.fromisoformat(str(given))
    except ValueError:
        raise CannotStart(f"There is no recording {given}.") from None
    directory = settings.history_dir
    if directory is None:
        raise CannotStart("This board records nothing (CHAINBOARD_HISTORY=off), so it has no day to replay.")
    directory = directory.expanduser().absolute()
    days = DailyJournals(directory).days()
    if day not in days:
        known = f"recorded days are {', '.join(map(str, days))}" if days else "no day is recorded there"
        raise CannotStart(f"There is no recording of {day} in {directory}; {known}.")
    return directory / f"{day}{SUFFIX}"


def _has_token(settings: Settings) -> bool:
    """Whether the broker can be asked at once; true for a broker without a login."""
    login = open_login(settings)
    return login is None or login.has_token()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "app.py", description="A live option-chain board. Without --demo or --live: live when there is an access token."
    )
    modes = parser.add_mutually_exclusive_group()
    modes.add_argument(
        "--demo", dest="mode", action="store_const", const="demo", help="a market on this machine; no account"
    )
    modes.add_argument("--live", dest="mode", action="store_const", const="live", help="the broker itself")
    parser.add_argument(
        "--replay", type=Path, metavar="DAY", help="a demo that plays a recorded day (a date, or a csv.gz)"
    )
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
