"""The faults of the sandbox, by name.

A fault is switched on with POST /sandbox/faults {"<name>": true | {parameters}} and off with DELETE /sandbox/faults
(all of them) or DELETE /sandbox/faults?name=<name>. Lasting faults also take `for_s` (ends after so many seconds)
and `count` (ends after it has struck so often). Endpoints are named by their last path element.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

# name -> effect. These strike once, at once.
ACTIONS: dict[str, str] = {
    "kill_sockets": "abort the TCP connection of every socket (RST)",
    "close_sockets": "close every socket with a close frame; `code` (default 1001)",
    "garbage_frame": "send one binary frame of random bytes; `size` (default 64)",
    "text_frame": "send one text message",
    "truncated_frame": "send one data frame cut off in the middle of a record",
    "unknown_record": "send one data frame whose first record is of an unknown kind, before good ones",
    "framing_garbage": "write raw bytes that break the websocket framing: the client waits for ever",
    "expire_tokens": "treat every token issued so far as expired; open sockets are aborted unless `keep_sockets`",
}

# name -> effect. These last until cleared.
CONDITIONS: dict[str, str] = {
    "freeze_sockets": "half-open: open and new sockets stop sending, reading and ponging; what is frozen stays frozen",
    "refuse_upgrades": "answer websocket upgrades with `status` (default 403)",
    "slow_upgrade": "answer websocket upgrades after `seconds` (default 5)",
    "auth_nak": "refuse the key of every socket; the link stays open",
    "subscribe_nak": "refuse every subscription",
    "plan_limit": "accept `limit` symbols (default 200), answer the rest with custom message 51001",
    "mute_symbols": "accept the subscription of `symbols` (default: every tenth) and send no data of them",
    "market_closed": "the market status says CLOSED; combine with `silence`",
    "silence": "send no data, but answer pings",
    "symbol_token_failure": "symbol-token answers 502 with an HTML page",
    "rest_delay": "wait `seconds` (default 5) before answering; `endpoint` (default all)",
    "rest_429": "answer 429 as if over the limit; `endpoint` (default all)",
    "rest_html": "answer `status` (default 503) with an HTML page; `endpoint` (default all)",
    "rest_hang": "never answer; `endpoint` (default all)",
    "rest_auth": "refuse tokens with `code` (default -16); `endpoint` (default all)",
    "wrong_expiry": "the chain answer carries rows of another expiry",
    "missing_fields": "every third chain row lacks `fields` (default ltp, oi, volume); the answer lacks indiavixData",
    "duplicate_strikes": "some chain rows come twice, the second with other numbers",
    "spot_spike": "multiply the LTP of `symbol` (default every index) by `factor` (default 1.1), REST and socket",
    "index_interleaving": "every other index tick of `symbol` (default NIFTY) carries an option's premium",
    "master_corrupt": "symbol masters are cut in half and end in HTML; `file` (default all)",
    "master_missing": "symbol masters answer 404; `file` (default all)",
}


@dataclass(slots=True)
class _Active:
    parameters: dict[str, Any]
    ends_at: float
    strikes_left: int | None


@dataclass(slots=True)
class Faults:
    """The conditions now in force."""

    monotonic: Callable[[], float] = time.monotonic
    struck: dict[str, int] = field(default_factory=dict)
    _active: dict[str, _Active] = field(default_factory=dict)

    def switch_on(self, name: str, parameters: Mapping[str, Any]) -> None:
        if name not in CONDITIONS:
            raise KeyError(name)
        chosen = dict(parameters)
        for_s, count = chosen.pop("for_s", None), chosen.pop("count", None)
        ends_at = float("inf") if for_s is None else self.monotonic() + float(for_s)
        self._active[name] = _Active(chosen, ends_at, None if count is None else int(count))

    def clear(self, name: str | None = None) -> None:
        if name is None:
            self._active.clear()
        else:
            self._active.pop(name, None)

    def active(self, name: str) -> dict[str, Any] | None:
        """Parameters of a condition in force, else None; does not count as a strike."""
        fault = self._active.get(name)
        if fault is None:
            return None
        if self.monotonic() >= fault.ends_at or fault.strikes_left == 0:
            del self._active[name]
            return None
        return fault.parameters

    def strike(self, name: str, *, endpoint: str | None = None) -> dict[str, Any] | None:
        """Parameters of a condition in force for this endpoint, counting one strike; else None."""
        parameters = self.active(name)
        if parameters is None or (endpoint is not None and parameters.get("endpoint", endpoint) != endpoint):
            return None
        fault = self._active[name]
        if fault.strikes_left is not None:
            fault.strikes_left -= 1
        self.struck[name] = self.struck.get(name, 0) + 1
        return parameters

    def report(self) -> dict[str, object]:
        in_force = {name: self.active(name) for name in tuple(self._active)}
        return {"active": {n: p for n, p in in_force.items() if p is not None}, "struck": dict(self.struck)}
