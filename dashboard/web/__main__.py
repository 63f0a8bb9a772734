"""Production entry point: `python -m dashboard.web [--host 127.0.0.1] [--port 8050] [--workers 1]`.

gunicorn with gevent where they exist, else waitress, which also means Windows. Never starts a feed.
"""

from __future__ import annotations

import argparse
import logging
import select
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib.util import find_spec
from typing import Any

from dashboard import logs
from dashboard.data.cache.glance import GlancingStore
from dashboard.data.cache.store import CacheError, open_store
from dashboard.data.cache.waiting import wait_for_store
from dashboard.data.reader.live import LiveChains
from dashboard.private_files import DataDirectoryError, prepare_data_directory
from dashboard.processes.child import CANNOT_START
from dashboard.processes.service_manager import ServiceManager
from dashboard.processes.watchdog import HEALTH_PATH, beat_while_answering
from dashboard.settings import Settings, SettingsError
from dashboard.web import limits
from dashboard.web.listener import ANY_ADDRESS, CannotListen, assert_guarded, open_listener, url_of

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
    if has_gunicorn():
        from dashboard.web.gunicorn_server import serve_with_gunicorn

        return serve_with_gunicorn(lambda: board(settings), listener, workers=arguments.workers)
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

    store = GlancingStore(open_store(settings.cache_url))
    return create_app(settings, LiveChains(store, warm=settings.underlyings)).server


def serve_with_waitress(application: Callable[[], Any], listener: socket.socket, *, threads: int, proxied: bool) -> int:
    """Serve from this process alone: waitress has no `workers`."""
    from waitress.server import create_server

    server = create_server(
        application(),
        sockets=[listener],
        threads=threads,
        channel_timeout=limits.KEEP_ALIVE_S,
        # Only a request that has arrived completely gets a thread; of silent connections there are this many.
        connection_limit=limits.connections_within(limits.raise_descriptors()),
        max_request_body_size=limits.BODY_BYTES,
        asyncore_use_poll=hasattr(select, "poll"),  # `select` itself ends at 1,024 descriptors
        ident=None,
        clear_untrusted_proxy_headers=not proxied,  # with CHAINBOARD_PROXIES they are read further in
    )
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    server.run()
    return 0


def has_gunicorn() -> bool:
    return sys.platform != "win32" and all(find_spec(name) is not None for name in ("gunicorn", "gevent"))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m dashboard.web", description="Serve the board from the cache.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
    parser.add_argument("--port", type=int, default=8050)
    parser.add_argument("--no-password", action="store_true", help="let the network see it without CHAINBOARD_PASSWORD")
    viewers = f"processes; one serves some {limits.VIEWERS} viewers (not on Windows)"
    parser.add_argument("--workers", type=int, default=1, help=viewers)
    parser.add_argument("--threads", type=int, default=8, help="threads that answer (on Windows only)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
