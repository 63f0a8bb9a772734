"""The state of a series as a viewer reads it: one sentence, and since when. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.data.contract.report import HISTORY, NO_ROOM, FeedReport
from dashboard.data.contract.state import number, reported_state
from dashboard.market.instruments import Series
from dashboard.market.session import FeedState, ist, ist_date

SOME_BROKER = "the broker"  # of a feed that has not named its own
BEHIND_S = 10.0  # chains that wait so long to be recorded are worth a sentence


@dataclass(frozen=True, slots=True)
class SeriesStatus:
    """What the numbers on a screen are. message: one sentence for the viewer.

    since_ts: when this state began; as_of_ts: our clock when the series' newest data arrived. Both, like market_ts (the
    market's clock at the feed's last report), recorded_ts (in a replay the same moment as it was recorded) and
    token_expires_ts, UTC epoch seconds, None when unknown. problem_code, problem_message: why the series itself cannot
    be published, None when it can. recording: a sentence when the feed records late or not at all although it should,
    else None; the numbers are not affected.
    """

    state: FeedState
    message: str
    since_ts: float | None = None
    as_of_ts: float | None = None
    demo: bool = False
    token_expires_ts: float | None = None
    problem_code: str | None = None
    problem_message: str | None = None
    market_ts: float | None = None
    recorded_ts: float | None = None
    recording: str | None = None


def series_status(
    report: FeedReport | None,
    series: Series | None,
    now_ts: float,
    *,
    frame_as_of_ts: float | None = None,
    problem: dict[str, Any] | None = None,
) -> SeriesStatus:
    """The state of a series (None: of the feed as a whole) from the feed's report, with its sentence.

    frame_as_of_ts: the time of the frame on screen, used where the report has none.
    """
    state, since_ts, as_of_ts, entry = reported_state(report, series, now_ts)
    health: Mapping[str, Any] = report or {}
    if as_of_ts is None:
        as_of_ts = frame_as_of_ts
    market, recorded_ts = health.get("market"), number(health.get("recorded_ts"))
    return SeriesStatus(
        state=state,
        message=sentence(
            state,
            as_of_ts,
            now_ts,
            demo=bool(health.get("demo")),
            broker=str(health.get("broker") or SOME_BROKER),
            market=market if isinstance(market, dict) else {},
            recorded_ts=recorded_ts,
            slow=_slow(health, entry),
        ),
        since_ts=since_ts,
        as_of_ts=as_of_ts,
        demo=bool(health.get("demo")),
        token_expires_ts=number(health.get("token_expires_ts")),
        problem_code=problem.get("code") if problem else None,
        problem_message=problem.get("message") if problem else None,
        market_ts=number(health.get("market_ts")),
        recorded_ts=recorded_ts,
        recording=None if state is FeedState.OFFLINE else _recording(health),
    )


def sentence(
    state: FeedState,
    as_of_ts: float | None,
    now_ts: float,
    *,
    demo: bool,
    broker: str = SOME_BROKER,
    market: dict[str, Any] | None = None,
    recorded_ts: float | None = None,
    slow: str = "",
) -> str:
    """What the state means for the numbers on screen, as a sentence for the viewer.

    broker: its name. market: hours, of the health report. recorded_ts: the recording's clock. slow: why the series is
    polled too seldom.
    """
    if state is FeedState.LIVE:  # hundreds of times a second
        return "Live from the demo market." if demo else f"Live from {broker}."
    market = market or {}
    when = None if as_of_ts is None else spoken_time(as_of_ts, now_ts)
    dated = "no numbers have arrived yet." if when is None else f"numbers are those of {when}."
    match state:
        case FeedState.REPLAY:
            when = "" if recorded_ts is None else f": {ist(recorded_ts):%d-%b-%y %H:%M:%S} IST"
            return f"Replaying a recorded session{when}."
        case FeedState.STALE if when is None:
            return "Waiting for the first numbers."
        case FeedState.STALE if slow:
            return f"{slow}; {dated}"
        case FeedState.STALE if market.get("open") is None and market.get("reason"):
            return f"No new data is coming in, and whether the market is open is unknown: {market['reason']}; {dated}"
        case FeedState.STALE:
            return f"No new data is coming in; {dated}"
        case FeedState.CLOSED:
            return f"The market is closed{_why_closed(market, now_ts)}; {dated}"
        case FeedState.LOGIN_NEEDED:
            return f"{broker} asks for a new login; {dated}"
        case FeedState.OFFLINE:
            return f"The feed is not running; {dated}"
        case FeedState.RECORDED:
            return f"Recorded; {dated}"


def _slow(health: Mapping[str, Any], entry: Mapping[str, Any]) -> str:
    """Why a series without ticks is stale although polls are answered; "" where that is not the reason."""
    every_s, count = number(entry.get("poll_every_s")), health.get("polled_series")
    if not entry.get("slow") or health.get("silent") or every_s is None:
        return ""
    return f"This series is polled every {every_s:.0f} s because {count} series are watched"


def _recording(health: Mapping[str, Any]) -> str | None:
    """Why there is no record of this moment, or not yet; None where there is, and where the feed records nothing."""
    sinks = health.get("sinks")
    history = sinks.get(HISTORY) if isinstance(sinks, dict) else None
    if not isinstance(history, dict):
        return None
    if history.get("problem"):
        full = history["problem"] == NO_ROOM
        return f"Recording has stopped: {'the disk is full' if full else 'the history cannot be written'}."
    lag_s = number(history.get("lag_s")) or 0.0
    return f"Recording is {lag_s:.0f} s behind." if lag_s >= BEHIND_S else None


def _why_closed(market: dict[str, Any], now_ts: float) -> str:
    """` (Guru Nanak Jayanti) and opens 25-Nov-26 09:15:00 IST`, as far as it is known."""
    reason, opens_ts = market.get("reason"), number(market.get("opens_ts"))
    opens = f" and opens {spoken_time(opens_ts, now_ts)}" if opens_ts is not None and opens_ts > now_ts else ""
    return (f" ({reason})" if reason else "") + opens


def spoken_time(epoch_s: float, now_ts: float) -> str:
    """`11:03:01 IST`, with the date when it is not today's."""
    today = ist_date(epoch_s) == ist_date(now_ts)
    return f"{ist(epoch_s):{'' if today else '%d-%b-%y '}%H:%M:%S} IST"
