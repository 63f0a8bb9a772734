"""A real sandbox process: start it, talk to its control API, stop it."""

from __future__ import annotations

import json
import os
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self

from harness.process import ChildProcess, eventually


class SandboxProcess(ChildProcess):
    """`with SandboxProcess(seed=7) as sandbox:` gives a running sandbox with its bases and control API.

    Rate limits are lifted unless `rate_limits=True`: a test that polls must not be refused for it.
    """

    stops_within_s = 5.0

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
        arguments = ["--port", str(port), "--seed", str(seed), "--parent-pid", str(os.getpid()), *extra]
        for name, value in options.items():
            if value is not None:
                arguments += [name, str(value)]
        super().__init__([sys.executable, "-m", "dashboard.sandbox", *arguments])
        self.url = ""

    def is_ready(self) -> bool:
        """It has said where it is."""
        ready = [line for line in self.output().splitlines(keepends=True) if line.startswith("READY ")]
        if ready and ready[-1].endswith("\n"):
            self.url = ready[-1].split()[1]
        return bool(self.url)

    def wait_until_ready(self) -> Self:
        super().wait_until_ready()
        if not self._rate_limits:
            self.control("limits", {"per_second": 10**9, "per_minute": 10**9, "per_day": 10**9})
        return self

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
        """The first state that satisfies `condition`."""

        def satisfying() -> dict[str, Any] | None:
            state = self.state()
            return state if condition(state) else None

        found = eventually(satisfying, deadline_s, lambda: f"the sandbox's state, which is {self.state()}")
        assert found is not None
        return found
