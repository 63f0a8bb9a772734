"""A real sandbox process for tests: start it, talk to its control API, stop it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
STOP_DEADLINE_S = 5.0


class SandboxProcess:
    """`with SandboxProcess(seed=7) as sandbox:` gives a running sandbox with its bases and control API.

    Rate limits are lifted unless `rate_limits=True`: a test that polls must not be refused for it.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        seed: int = 7,
        replay: Path | None = None,
        speed: float | None = None,
        start: str | None = None,
        tick_rate: float | None = None,
        rate_limits: bool = False,
        extra: Sequence[str] = (),
    ) -> None:
        self._rate_limits = rate_limits
        options = {"--replay": replay, "--speed": speed, "--from": start, "--tick-rate": tick_rate}
        self._arguments = ["--port", str(port), "--seed", str(seed), *extra]
        for name, value in options.items():
            if value is not None:
                self._arguments += [name, str(value)]
        self._process: subprocess.Popen[str] | None = None
        self.url = ""

    @property
    def api_url(self) -> str:
        return f"{self.url}/api/v3"

    @property
    def data_url(self) -> str:
        return f"{self.url}/data"

    @property
    def socket_url(self) -> str:
        return f"{self.url.replace('http', 'ws', 1)}/hsm/v1-5/prod"

    @property
    def public_url(self) -> str:
        return f"{self.url}/sym_details"

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    @property
    def pid(self) -> int:
        assert self._process is not None, "not started"
        return self._process.pid

    @property
    def environment(self) -> dict[str, str]:
        """The variables that point a feed at this sandbox, with a fresh token."""
        token = self.token()
        return {
            "FYERS_API_URL": self.api_url,
            "FYERS_DATA_URL": self.data_url,
            "FYERS_SOCKET_URL": self.socket_url,
            "FYERS_PUBLIC_URL": self.public_url,
            "FYERS_CLIENT_ID": token["client_id"],
            "FYERS_SECRET_KEY": token["secret_key"],
            "FYERS_ACCESS_TOKEN": token["access_token"],
        }

    def start(self) -> SandboxProcess:
        """Start the process and wait for its READY line."""
        command = [sys.executable, "-m", "dashboard.sandbox", *self._arguments, "--parent-pid", str(os.getpid())]
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        # The line comes or the pipe closes; a sandbox that cannot start exits at once.
        line = self._process.stdout.readline()
        if not line.startswith("READY "):
            raise RuntimeError(f"the sandbox did not start; it ended with {self.stop()}")
        self.url = line.split()[1]
        if not self._rate_limits:
            self.control("limits", {"per_second": 10**9, "per_minute": 10**9, "per_day": 10**9})
        return self

    def stop(self) -> int:
        """Stop the process, by force if it does not follow, and return its exit code."""
        if self._process is None:
            return 0
        process, self._process = self._process, None
        process.terminate()
        try:
            code = process.wait(STOP_DEADLINE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            code = process.wait()
        if process.stdout is not None:
            process.stdout.close()
        return code

    def kill(self) -> None:
        """End it without warning, as a crash would."""
        assert self._process is not None, "not started"
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(STOP_DEADLINE_S)

    def control(self, path: str, body: dict[str, Any] | None = None, *, method: str | None = None) -> dict[str, Any]:
        """Call `/sandbox/<path>`: GET without a body, POST with one."""
        url = f"{self.url}/sandbox/{path}"
        payload = None if body is None else json.dumps(body).encode()
        verb = method or ("GET" if body is None else "POST")
        request = urllib.request.Request(url, payload, {"Content-Type": "application/json"}, method=verb)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                answered: dict[str, Any] = json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                raise RuntimeError(f"{verb} {path}: {error.code} {error.read().decode()}") from None
        return answered

    def state(self) -> dict[str, Any]:
        return self.control("state")

    def token(self, life_s: float | None = None) -> dict[str, Any]:
        return self.control("token" if life_s is None else f"token?life_s={life_s}")

    def trade(self, symbol: str, **fields: float) -> dict[str, Any]:
        """Force a tick: ltp, bid, ask (rupees), oi, volume (units), hold_s."""
        return self.control("trade", {"symbol": symbol, **fields})

    def replay(self, *, seek: str | float | None = None, speed: float | None = None) -> dict[str, Any]:
        return self.control("replay", {"seek": seek, "speed": speed})

    def fault(self, **faults: Any) -> dict[str, Any]:
        """Switch faults on: `sandbox.fault(rest_delay={"seconds": 2}, kill_sockets=True)`."""
        return self.control("faults", faults)

    def clear_faults(self) -> None:
        self.control("faults", method="DELETE")

    def wait_for(self, condition: Callable[[dict[str, Any]], bool], deadline_s: float = 10.0) -> dict[str, Any]:
        """Poll the state until it satisfies `condition`; raises AssertionError after the deadline."""
        until = time.monotonic() + deadline_s
        while True:
            state = self.state()
            if condition(state):
                return state
            assert time.monotonic() < until, f"sandbox never got there: {state}"
            time.sleep(0.05)

    def __enter__(self) -> SandboxProcess:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
