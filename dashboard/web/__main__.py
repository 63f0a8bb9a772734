"""Production entry point: `python -m dashboard.web [--host 127.0.0.1] [--port 8050] [--workers 1] [--threads 8]`.

gunicorn where it exists (threads x workers), else waitress. Never starts a feed.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib.util import find_spec
from typing import Any

from dashboard import logs
from dashboard.child import CANNOT_START
from dashboard.data.cache.glance import GlancingStore
from dashboard.data.cache.store import CacheError, open_store
from dashboard.data.cache.waiting import wait_for_store
from dashboard.data.queries import Chains
from dashboard.listener import ANY_ADDRESS, CannotListen, assert_guarded, open_listener, url_of
from dashboard.private_directory import DataDirectoryError, prepare_data_directory
from dashboard.service_manager import ServiceManager
from dashboard.settings import Settings, SettingsError
from dashboard.watchdog import HEALTH_PATH, beat_while_answering

KEEP_ALIVE_S = 75  # longer than any polling interval: a viewer keeps its connection
LEAVE_WITHIN_S = 1

log = logging.getLogger("dashboard.web")


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until told to stop. Gives CANNOT_START, after one sentence, when there is no port or no cache."""
    arguments = _parser().parse_args(argv)
    manager = ServiceManager()
    try:
        settings = reachable_as(arguments.host, Settings.from_environment())
        logs.set_up(settings, "web")
        assert_guarded(arguments.host, settings, no_password=arguments.no_password)
        prepare_data_directory(settings.data_dir)
        wait_for_store(settings.cache_url, manager.waiting)
        listener = open_listener(arguments.host, arguments.port)
    except KeyboardInterrupt:  # while it waits
        return 0
    except (SettingsError, CacheError, CannotListen, DataDirectoryError) as error:
        print(error, file=sys.stderr)
        return CANNOT_START
    url = url_of(arguments.host, listener.getsockname()[1])
    log.info("serving %s", url)
    if manager.is_there:
        beat_while_answering(url + HEALTH_PATH, manager)
    if _has_gunicorn():
        return serve_with_gunicorn(
            lambda: board(settings), listener, workers=arguments.workers, threads=arguments.threads
        )
    return serve_with_waitress(
        lambda: board(settings), listener, threads=arguments.threads, proxied=settings.proxies > 0
    )


def reachable_as(host: str, settings: Settings) -> Settings:
    """The settings with the names under which somebody may reach what listens on `host`."""
    own = socket.gethostname()
    names = (own, f"{own}.local") if host in ANY_ADDRESS else (host,)
    return replace(settings, trusted_hosts=settings.trusted_hosts + names)


def board(settings: Settings) -> Any:
    """The WSGI application with its own connection to the cache; call it in the process that serves."""
    from app import create_app

    return create_app(settings, Chains(GlancingStore(open_store(settings.cache_url)))).server


def serve_with_gunicorn(application: Callable[[], Any], listener: socket.socket, *, workers: int, threads: int) -> int:
    from gunicorn.app.base import BaseApplication
    from gunicorn.glogging import Logger

    class OurLines(Logger):  # type: ignore[misc]
        """Hands what gunicorn has to say to our own log instead of writing it in a form of its own."""

        def setup(self, cfg: Any) -> None:
            super().setup(cfg)
            self.error_log.handlers = []
            self.error_log.propagate = True

    class Server(BaseApplication):  # type: ignore[misc]
        def load_config(self) -> None:
            options = {
                "bind": f"fd://{listener.fileno()}",
                "workers": workers,
                "worker_class": "gthread",
                "threads": threads,
                "keepalive": KEEP_ALIVE_S,
                "graceful_timeout": LEAVE_WITHIN_S,
                "loglevel": "warning",
                "logger_class": OurLines,
                "control_socket_disable": True,
                # The heartbeat file is touched every second; on a disk that can stall a worker.
                "worker_tmp_dir": "/dev/shm" if os.access("/dev/shm", os.W_OK) else None,
            }
            for name, value in options.items():
                self.cfg.set(name, value)

        def load(self) -> Any:
            return application()  # in the worker: SQLite handles and sockets must not cross a fork

    Server().run()
    return 0


def serve_with_waitress(application: Callable[[], Any], listener: socket.socket, *, threads: int, proxied: bool) -> int:
    """Serve from this process alone: waitress has no `workers`."""
    from waitress.server import create_server

    server = create_server(
        application(),
        sockets=[listener],
        threads=threads,
        channel_timeout=KEEP_ALIVE_S,
        ident=None,
        clear_untrusted_proxy_headers=not proxied,  # with CHAINBOARD_PROXIES they are read further in
    )
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    server.run()
    return 0


def _has_gunicorn() -> bool:
    return sys.platform != "win32" and find_spec("gunicorn") is not None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m dashboard.web", description="Serve the board from the cache.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
    parser.add_argument("--port", type=int, default=8050)
    parser.add_argument("--no-password", action="store_true", help="let the network see it without CHAINBOARD_PASSWORD")
    parser.add_argument("--workers", type=int, default=1, help="processes; one serves some 400 viewers (gunicorn only)")
    parser.add_argument("--threads", type=int, default=8, help="threads of each worker")
    return parser


if __name__ == "__main__":
    sys.exit(main())
