"""Fault matrix: clients of the web server that are slow, too many, or send what no page sends."""

from __future__ import annotations

import http.client
import signal
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from dashboard.web import limits
from harness.process import ChildProcess, eventually, free_port
from tests.wire.fault_bench import BoardBench
from tests.wire.web_attack import SLOW, ForgedPage, ask, last_words, port_of, send_huge, slow_clients

pytestmark = [pytest.mark.wire, pytest.mark.timeout(180)]

ANSWERED_WITHIN_S = 3.0  # an attacked board once did not answer for 110 s


def family(process: psutil.Process) -> list[psutil.Process]:
    return [process, *process.children(recursive=True)]


def memory_mb(process: psutil.Process) -> float:
    return sum(one.memory_info().rss for one in family(process)) / 2**20


def workers(process: psutil.Process) -> set[int]:
    return {one.pid for one in family(process)}


def stays_answered(port: int, seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        status, took = ask(port, "/healthz", ANSWERED_WITHIN_S)
        assert status == 200, f"/healthz gave {status} after {took:.1f} s"


@pytest.mark.parametrize("count", [8, 500])
@pytest.mark.parametrize("kind", SLOW)
def test_slow_clients(bench: BoardBench, kind: str, count: int) -> None:
    port = port_of(bench.board.url)
    with bench.fault(f"{count} slow clients: {kind}", recovered=bench.well), slow_clients(port, count, SLOW[kind]):
        stays_answered(port, 4.0)


def test_a_body_of_200_mb(bench: BoardBench, tmp_path: Path) -> None:
    web, port = bench.board.child("dashboard.web"), port_of(bench.board.url)
    before, own = memory_mb(web), workers(web)
    forms = "Content-Length: 200000000", "Transfer-Encoding: chunked"
    kinds = "application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"
    with bench.fault("bodies of 200 MB", recovered=bench.well, remark="413 after at most 64 kB"):
        for form in forms:
            for kind in kinds:
                status, sent = send_huge(port, 200_000_000, f"{form}\r\nContent-Type: {kind}")
                assert status in ("413", ""), status  # "" where the reset overtook the answer
                assert sent < 20_000_000  # what fits into the sockets' buffers
        stays_answered(port, 1.0)
    assert memory_mb(web) - before < 30
    assert workers(web) == own


def test_forged_selections(bench: BoardBench) -> None:
    port = port_of(bench.board.url)
    web, feed = bench.board.child("dashboard.web"), bench.board.child("dashboard.data.feed")
    store = bench.watcher.chains.store
    before, kept = (memory_mb(web), memory_mb(feed)), len(store.keys(""))
    with bench.fault("3,000 forged selections", recovered=bench.well, remark="none is leased"):
        page = ForgedPage(port)
        statuses = {page.tick({"key": f"{'x' * 40_000}{number}|2026-12-01"}) for number in range(300)}
        statuses |= {page.tick({"key": f"{'x' * 100_000}{number}|2026-12-01"}) for number in range(100)}
        statuses |= {page.tick({"key": f"N{number}|2026-12-01"}) for number in range(2_600)}
        page.close()
        assert statuses <= {200, 400, 413, 0}  # 0: the connection of a 413 is closed
        assert 200 in statuses
        stays_answered(port, 1.0)
    assert len(store.keys("")) <= kept + 5
    assert memory_mb(web) - before[0] < 30
    assert memory_mb(feed) - before[1] < 30
    assert not any("N1" in key for key in store.keys("lease/"))


# A web process alone


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChildProcess]:
    """A web process whose hard limit of open files is that of a cautious administrator."""
    folder = tmp_path_factory.mktemp("small")
    environment = {
        "CHAINBOARD_CACHE": f"disk://{folder / 'cache'}",
        "CHAINBOARD_DATA_DIR": str(folder / "data"),
        "CHAINBOARD_DEMO": "1",
    }
    shell = f'ulimit -S -n 400; ulimit -H -n 600; exec "{sys.executable}" -m dashboard.web --port 0'
    with ChildProcess(["bash", "-c", shell], environment) as web:
        eventually(lambda: "serving http" in web.output(), within_s=60, what="the web process listens")
        eventually(lambda: ask(port_of_web(web), "/healthz")[0], within_s=60, what="the web process answers")
        yield web


def port_of_web(web: ChildProcess) -> int:
    line = next(line for line in web.output().splitlines() if "serving http" in line)
    return int(line.rpartition(":")[2])


def test_more_connections_than_it_takes_are_told_so(small: ChildProcess) -> None:
    """The limit follows the descriptors, which were raised to the hard limit; the worker lives through it."""
    own, port = workers(psutil.Process(small.pid)), port_of_web(small)
    most = limits.connections_within(600)
    assert 300 < most < 400
    with slow_clients(port, most + 20, b"GET / HT") as clients:
        eventually(lambda: ask(port, "/healthz")[0] == 503, within_s=5, what="503 for one more")
        refused = last_words(clients[-1], 3.0)
        assert refused.startswith(b"HTTP/1.1 503")
        assert b"Retry-After" in refused
    eventually(lambda: _is_served(port), within_s=5, what="served again")
    assert workers(psutil.Process(small.pid)) == own
    assert "Traceback" not in small.output()


def _is_served(port: int) -> bool:
    """/healthz without a feed is a 503 of its own, so another path is asked."""
    return ask(port, "/_dash-dependencies")[0] == 200


@pytest.mark.parametrize("kind", SLOW)
def test_a_request_that_does_not_come_to_its_end_is_ended(small: ChildProcess, kind: str) -> None:
    with slow_clients(port_of_web(small), 3, SLOW[kind]) as clients:
        began = time.monotonic()
        said = [last_words(client, limits.REQUEST_WITHIN_S + 10) for client in clients]
        took = time.monotonic() - began
    assert all(words.startswith(b"HTTP/1.1 408") for words in said)
    assert took > limits.REQUEST_WITHIN_S / 2


def test_a_client_that_never_stops_dripping_is_ended(small: ChildProcess) -> None:
    with slow_clients(port_of_web(small), 1, b"GET / HTTP/1.1\r\n") as clients:
        drip = b"X-More: drip\r\n"
        eventually(lambda: not _takes(clients[0], drip), within_s=limits.REQUEST_WITHIN_S + 15, what="its end")


def _takes(client: socket.socket, more: bytes) -> bool:
    try:
        client.sendall(more)
    except OSError:
        return False
    return True


def test_a_client_that_says_nothing_is_ended(small: ChildProcess) -> None:
    with slow_clients(port_of_web(small), 1, b"") as clients:
        assert last_words(clients[0], limits.REQUEST_WITHIN_S + 10) == b""


def test_without_a_proxy_no_forwarded_header_is_believed(small: ChildProcess) -> None:
    """gunicorn believes `X-Forwarded-Proto` from loopback unless told otherwise."""
    link = http.client.HTTPConnection("127.0.0.1", port_of_web(small), timeout=5)
    forged = {"X-Forwarded-Proto": "https", "X-Forwarded-Ssl": "on", "X-Forwarded-Protocol": "ssl", "Host": "localhost"}
    link.request("GET", "/healthz", headers=forged)
    answer = link.getresponse()
    link.close()
    assert answer.getheader("Strict-Transport-Security") is None


def test_the_server_of_windows_keeps_the_door_too(tmp_path: Path) -> None:
    """waitress, in the process that runs there: slow clients hold nobody up, a huge body is refused."""
    environment = {"CHAINBOARD_CACHE": f"disk://{tmp_path / 'cache'}", "CHAINBOARD_DEMO": "1"}
    environment |= {"CHAINBOARD_DATA_DIR": str(tmp_path / "data")}
    port = free_port()
    with ChildProcess([sys.executable, "-m", "benchmarks._door_servers", "waitress", str(port), "1"], environment):
        eventually(lambda: _is_served(port), within_s=60, what="waitress answers")
        for sent in SLOW.values():
            with slow_clients(port, 100, sent):
                assert all(_is_served(port) for _ in range(5))
        for form in ("Content-Length: 50000000", "Transfer-Encoding: chunked"):
            status, sent_bytes = send_huge(port, 50_000_000, f"{form}\r\nContent-Type: application/json")
            assert status in ("413", ""), status
            assert sent_bytes < 20_000_000
        assert _is_served(port)


def test_what_is_being_answered_is_answered_when_it_stops(small: ChildProcess) -> None:
    """SIGTERM: the process ends by itself, also with viewers connected."""
    port = port_of_web(small)
    with slow_clients(port, 20, b"") as clients:
        for client in clients:
            client.sendall(b"GET /_dash-dependencies HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert client.recv(64).startswith(b"HTTP/1.1 200")
        small.send(signal.SIGTERM)
        assert small.outcome(8) == 0
