"""Servers that `benchmarks/door.py` compares: `python -m benchmarks._door_servers SERVER PORT WORKERS`.

Each serves the board of production from the cache in CHAINBOARD_CACHE, on one machine and with one worker unless told
otherwise. Only Dash's ASGI backend cannot serve the board's Flask routes: it serves the page's tick callback alone.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from typing import Any

from dashboard.data.cache.glance import GlancingStore
from dashboard.data.cache.store import open_store
from dashboard.data.reader.live import LiveChains
from dashboard.settings import Settings
from dashboard.web import limits
from dashboard.web.__main__ import board, serve_with_waitress
from dashboard.web.listener import BACKLOG, open_listener

THREADS = 8  # of the servers that have threads
LEAST = "benchmarks._door_servers"


def application() -> Any:
    """The board, as each server's worker makes it."""
    return board(Settings.from_environment())


def asgi_application() -> Any:
    """The tick callback on Dash's FastAPI backend."""
    from dash import Dash, Input, Output, State, dcc, html

    from dashboard.callbacks.live import refresh_chain
    from dashboard.data.reader.time_machine import TimeMachine
    from dashboard.data.reader.views import Views
    from dashboard.layouts.ids import LiveId, SelectionId, TimeId

    settings = Settings.from_environment()
    chains = LiveChains(GlancingStore(open_store(settings.cache_url)))
    app = Dash("asgi", backend="fastapi")
    stores = (LiveId.ANSWER, LiveId.VIEW, LiveId.SEEN, SelectionId.CHOSEN, SelectionId.STORE, TimeId.MOMENT)
    app.layout = html.Div([dcc.Interval(id=LiveId.TICK), *(dcc.Store(id=name) for name in stores)])
    app.callback(
        Output(LiveId.ANSWER, "data"),
        Input(LiveId.TICK, "n_intervals"),
        Input(SelectionId.CHOSEN, "data"),
        Input(TimeId.MOMENT, "data"),
        Input(LiveId.VIEW, "data"),
        State(SelectionId.STORE, "data"),
        State(LiveId.SEEN, "data"),
    )(partial(refresh_chain, chains=chains, time_machine=TimeMachine(settings), views=Views()))
    return app.server


def ours(port: int, workers: int) -> None:
    from dashboard.web.gunicorn_server import serve_with_gunicorn

    serve_with_gunicorn(application, open_listener("127.0.0.1", port), workers=workers)


def gunicorn(worker_class: str, port: int, workers: int) -> None:
    """gunicorn's own workers, with the settings that the board had before it got one of its own."""
    from dashboard.web.gunicorn_server import Server

    limits.raise_descriptors()
    listener = open_listener("127.0.0.1", port)
    options = {
        "bind": f"fd://{listener.fileno()}",
        "workers": workers,
        "worker_class": worker_class,
        "threads": THREADS,
        "worker_connections": limits.CONNECTIONS,
        "keepalive": 75,
        "graceful_timeout": 1,
        "loglevel": "critical",
        "control_socket_disable": True,
        "worker_tmp_dir": "/dev/shm",
    }
    Server(application, options).run()


def waitress(port: int, workers: int) -> None:
    serve_with_waitress(application, open_listener("127.0.0.1", port), threads=THREADS, proxied=False)


def granian(port: int, workers: int) -> None:
    from granian.constants import Interfaces
    from granian.http import HTTP1Settings
    from granian.server import Server

    limits.raise_descriptors()
    Server(
        f"{LEAST}:application",
        address="127.0.0.1",
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=THREADS,
        backlog=BACKLOG,
        backpressure=limits.CONNECTIONS,
        http1_settings=HTTP1Settings(header_read_timeout=int(limits.REQUEST_WITHIN_S * 1000)),
        factory=True,
        log_enabled=False,
    ).serve()


def uvicorn(port: int, workers: int) -> None:
    import uvicorn as server

    limits.raise_descriptors()
    server.run(
        f"{LEAST}:asgi_application",
        factory=True,
        host="127.0.0.1",
        port=port,
        workers=workers,
        backlog=BACKLOG,
        limit_concurrency=limits.CONNECTIONS,
        log_level="critical",
    )


SERVERS: dict[str, Callable[[int, int], None]] = {
    "gunicorn gevent, ours": ours,
    "gunicorn gthread (before)": partial(gunicorn, "gthread"),
    "granian, WSGI": granian,
    "waitress": waitress,
    "uvicorn, Dash on FastAPI": uvicorn,
    "gunicorn gevent, plain": partial(gunicorn, "gevent"),
}


def main() -> None:
    name, port, workers = sys.argv[1:]
    SERVERS[name](int(port), int(workers))


if __name__ == "__main__":
    main()
