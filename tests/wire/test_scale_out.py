"""docs/how-to/scale-with-redis.md, run: one feed, one Redis, two web processes with nothing else in common, a proxy."""

from __future__ import annotations

import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from functools import partial
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

import pytest

from dashboard.data.cache.redis import connect
from dashboard.data.cache.store import CacheError, open_store
from dashboard.data.contract import keys
from dashboard.data.reader.live import LiveChains
from dashboard.market.instruments import Series
from harness.feed import report_of
from harness.process import eventually
from harness.redis import RedisProcess
from harness.sandbox import SandboxProcess
from tests.wire.farm import AUTHORISATION, PASSWORD, Feed, ReverseProxy, Web, get

pytestmark = [pytest.mark.wire, pytest.mark.redis, pytest.mark.timeout(240)]

NAME = "board.example"
CHAIN = "/api/chain?underlying=NIFTY"
FROZEN_S = 8.0  # twice the life of the feed's lock
HUNG_ANSWER_S = 1.5  # a waiting web process answers within: one time-out of half a second, and two busy cores


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxProcess]:
    with SandboxProcess(seed=17) as running:
        yield running


def ports(count: int) -> list[int]:
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    found = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return found


class Farm:
    """The worked example."""

    def __init__(self, sandbox: SandboxProcess, folder: Path) -> None:
        self.redis_port, port_a, port_b = ports(3)
        self.redis = RedisProcess(self.redis_port, folder / "redis", "--requirepass", "hunter2")
        self.cache = f"redis://:hunter2@127.0.0.1:{self.redis_port}/0"
        shared = {
            "CHAINBOARD_CACHE": self.cache,
            "CHAINBOARD_UNDERLYINGS": "NIFTY",
            "CHAINBOARD_PASSWORD": PASSWORD,
            "CHAINBOARD_SIGNING_KEY": "k" * 64,
            "CHAINBOARD_TRUSTED_HOSTS": NAME,
            "CHAINBOARD_PROXIES": "1",
            "CHAINBOARD_API_PER_S": "0",
        }
        fyers = sandbox.environment | {"FYERS_REDIRECT_URI": f"https://{NAME}/login/callback"}
        self.feed_environment = {**shared, **fyers, "CHAINBOARD_DATA_DIR": str(folder / "a" / "data")}
        self.feed = Feed(self.feed_environment)
        self.a, self.b = Web(port_a, folder / "a", {**shared, **fyers}), Web(port_b, folder / "b", shared)
        self.proxy = ReverseProxy(NAME, [port_a, port_b], login=port_a)

    def status(self, web: Web) -> str:
        return str((get(web.port, "/healthz")[1] or {}).get("status"))

    def version(self, port: int) -> int:
        status, chain = get(port, CHAIN)
        return int(chain["version"]) if status == 200 and chain["state"] == "live" else 0

    def is_later(self, web: Web, version: int) -> bool:
        return self.version(web.port) > version


@pytest.fixture(scope="module")
def farm(sandbox: SandboxProcess, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Farm]:
    farm = Farm(sandbox, tmp_path_factory.mktemp("farm"))
    with farm.redis, farm.feed, farm.a, farm.b, farm.proxy:
        for web in (farm.a, farm.b):
            eventually(partial(farm.version, web.port), within_s=60, what="numbers are live")
        yield farm


# Two web processes, one board


def test_both_show_the_same_frames_through_the_proxy(farm: Farm) -> None:
    farm.proxy.answered.clear()
    versions = []
    for _ in range(8):
        versions.append(eventually(lambda: farm.version(farm.proxy.port), within_s=10, what="a live chain"))
    assert set(farm.proxy.answered) == {farm.a.port, farm.b.port}
    assert versions == sorted(versions), "a page never gets an older frame from the other process"


class _Stay(HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def through_proxy(farm: Farm, path: str, data: bytes | None = None, **headers: str) -> tuple[int, Any]:
    try:
        with build_opener(_Stay).open(
            Request(f"http://127.0.0.1:{farm.proxy.port}{path}", data, headers), timeout=10
        ) as answer:
            return answer.status, answer.headers
    except HTTPError as error:
        with error:
            return error.code, error.headers


def test_a_session_of_one_is_good_on_the_other(farm: Farm) -> None:
    assert through_proxy(farm, "/_dash-layout")[0] == 401
    status, headers = through_proxy(farm, "/password", f"password={PASSWORD.replace(' ', '+')}".encode())
    assert status == 303
    assert "Secure" in headers["Set-Cookie"]
    cookie = "; ".join(f"{name}={item.value}" for name, item in SimpleCookie(headers["Set-Cookie"]).items())
    farm.proxy.answered.clear()
    assert {through_proxy(farm, "/_dash-layout", Cookie=cookie)[0] for _ in range(4)} == {200}
    assert set(farm.proxy.answered) == {farm.a.port, farm.b.port}


def test_a_login_goes_to_the_machine_of_the_feed(farm: Farm) -> None:
    status, headers = through_proxy(farm, "/login", Authorization=AUTHORISATION)
    assert status == 302
    assert "generate-authcode" in headers["Location"]
    assert farm.proxy.answered[-1] == farm.a.port


def test_any_of_them_answers_for_all_in_the_metrics(farm: Farm) -> None:
    def workers() -> set[str]:
        text = get(farm.b.port, "/metrics")[1]
        return {line.split('worker="')[1].split('"')[0] for line in text.splitlines() if "web_requests_total{" in line}

    get(farm.a.port, "/metrics")
    eventually(lambda: len(workers()) >= 2, within_s=10, what="both are counted")
    assert "chainboard_up 1.0" in get(farm.b.port, "/metrics")[1]


def test_without_one_of_them_nobody_notices(farm: Farm) -> None:
    farm.b.kill()
    try:
        codes = [get(farm.proxy.port, CHAIN)[0] for _ in range(6)]
        assert codes == [200] * 6
    finally:
        farm.b.start().wait_until_ready()
    eventually(lambda: farm.version(farm.b.port), within_s=30, what="the other one is back")


# Redis


def test_a_redis_that_hangs_does_not_hold_the_pages(farm: Farm) -> None:
    before = farm.version(farm.a.port)
    assert before
    farm.redis.send(signal.SIGSTOP)
    try:
        slowest, until = 0.0, time.monotonic() + 7
        states = set()
        while time.monotonic() < until:
            for path in ("/healthz", "/_dash-layout", CHAIN):
                started = time.monotonic()
                code, told = get(farm.a.port, path)
                slowest = max(slowest, time.monotonic() - started)
                assert code == (503 if path == "/healthz" and told["status"] == "down" else 200)
                states.add(told.get("status"))
        assert slowest < HUNG_ANSWER_S, f"a page waited {slowest:.2f} s"
        assert "down" in states, "numbers that cannot be refreshed are not called live"
    finally:
        farm.redis.send(signal.SIGCONT)
    for web in (farm.a, farm.b):
        eventually(partial(farm.is_later, web, before), within_s=15, what="live again")
    print(f"slowest answer while Redis hung: {slowest * 1000:.0f} ms")


def test_a_redis_that_restarts_empty_is_filled_again(farm: Farm) -> None:
    before = farm.version(farm.a.port)
    farm.redis.stop()
    code, chain = get(farm.a.port, CHAIN)
    assert code == 200, "the last numbers stay"
    assert chain["version"] >= before
    eventually(lambda: farm.status(farm.a) == "down", within_s=10, what="it says so")
    farm.redis.start().wait_until_ready()
    back = time.monotonic()
    for web in (farm.a, farm.b):
        eventually(partial(farm.is_later, web, before), within_s=15, what="live again")
    print(f"live {time.monotonic() - back:.1f} s after Redis was back")
    assert farm.feed.exit_code is None, "the feed has lived through it"


# Fencing


def test_a_frozen_feed_that_wakes_up_overwrites_nothing(farm: Farm, tmp_path: Path) -> None:
    screen = LiveChains(open_store(farm.cache))
    old = report_of(screen)["pid"]
    farm.feed.send(signal.SIGSTOP)
    successor = Feed(farm.feed_environment | {"CHAINBOARD_DATA_DIR": str(tmp_path / "data")})
    with successor:
        new = eventually(
            lambda: (pid := report_of(screen).get("pid")) != old and pid, within_s=40, what="another feed serves"
        )
        eventually(lambda: farm.version(farm.a.port), within_s=40, what="its numbers are live")
        store = open_store(farm.cache)
        frame = keys.frame(Series.from_key(report_of(screen)["series"][0]["key"]))
        versions = [store.version(frame)]
        farm.feed.send(signal.SIGCONT)
        speakers, until = set(), time.monotonic() + 4
        while time.monotonic() < until:
            speakers.add(report_of(screen).get("pid"))
            versions.append(store.version(frame))
        assert speakers == {new}, "the woken feed got a word in"
        assert versions == sorted(versions)
        assert farm.feed.outcome(10) == 3
        assert "Another feed has taken over the cache" in farm.feed.output()
    farm.feed.start()
    eventually(lambda: report_of(screen).get("pid") != new, within_s=30, what="the first machine has it again")
    eventually(lambda: farm.version(farm.a.port), within_s=40, what="numbers are live")


# TLS


def test_redis_over_tls_with_a_password(sandbox: SandboxProcess, tmp_path: Path, free_port: int) -> None:
    certificate = self_signed(tmp_path)
    tls = ["--port", "0", "--tls-port", str(free_port), "--bind", "127.0.0.1", "--tls-auth-clients", "no"]
    tls += ["--tls-cert-file", str(certificate / "cert.pem"), "--tls-key-file", str(certificate / "key.pem")]
    tls += ["--tls-ca-cert-file", str(certificate / "cert.pem"), "--requirepass", "hunter2"]
    url = f"rediss://:hunter2@127.0.0.1:{free_port}/0?ssl_ca_certs={certificate / 'cert.pem'}"
    with RedisProcess(free_port, tmp_path / "redis", *tls):
        environment = sandbox.environment | {
            "CHAINBOARD_CACHE": url,
            "CHAINBOARD_UNDERLYINGS": "NIFTY",
            "CHAINBOARD_DATA_DIR": str(tmp_path / "data"),
        }
        with Feed(environment) as feed:
            store = open_store(url)
            eventually(lambda: store.keys("frame/"), within_s=40, what="frames arrive over TLS")
            assert "hunter2" not in feed.output()
            store.close()


def self_signed(folder: Path) -> Path:
    files = ["-keyout", "key.pem", "-out", "cert.pem"]
    subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *files, *subject],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    return folder


def test_a_certificate_nobody_vouches_for_is_refused(tmp_path: Path, free_port: int) -> None:
    certificate = self_signed(tmp_path)
    tls = ["--port", "0", "--tls-port", str(free_port), "--bind", "127.0.0.1", "--tls-auth-clients", "no"]
    tls += ["--tls-cert-file", str(certificate / "cert.pem"), "--tls-key-file", str(certificate / "key.pem")]
    tls += ["--tls-ca-cert-file", str(certificate / "cert.pem")]
    with RedisProcess(free_port, tmp_path / "redis", *tls), pytest.raises(CacheError, match="does not answer"):
        connect(f"rediss://127.0.0.1:{free_port}/0")
