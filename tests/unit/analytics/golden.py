"""The golden frame: every number of one chain, written once and compared ever after.

`python -m tests.unit.analytics.golden` rewrites it; the diff of the JSON then shows which numbers changed, and the
commit says why.
"""

import dataclasses
import json
import math
from pathlib import Path
from typing import Any

import numpy as np

from dashboard.analytics.enrich import enrich
from dashboard.analytics.enriched import Enriched, LegNumbers
from dashboard.market.chain import Chain
from dashboard.market.instruments import Side
from tests.unit.analytics.chains import NOW, RATE, nifty_chain, with_leg

PATH = Path(__file__).with_name("golden_frame.json")
DIGITS = 12
BY_STRIKE = (
    "otm_iv", "strike_pcr", "straddle", "gex_crore", "dex_crore", "vanna_crore", "charm_crore", "touch_probability",
    "max_pain_curve",
)  # fmt: skip


def golden_chain() -> Chain:
    """Thirteen strikes, nine days: most legs clean, and one of each kind of trouble."""
    chain = nifty_chain(np.arange(23_400.0, 24_601.0, 100.0), future=24_030.0, kind="M", spot_change=-98.0)
    never, wide, old, dead = 0, 10, 11, 1
    chain = with_leg(chain, "call", bid={never: np.nan}, ask={never: np.nan}, ltp={never: np.nan}, oi={never: np.nan})
    chain = with_leg(chain, "call", bid={wide: 20.0}, ask={wide: 80.0}, ltp={wide: np.nan})
    chain = with_leg(chain, "call", bid={old: np.nan}, ask={old: np.nan}, trade_ts={old: NOW - 3_600.0})
    chain = with_leg(chain, "call", bid={dead: np.nan}, ask={dead: np.nan}, ltp={dead: 400.0})
    return with_leg(chain, "put", ltp_change={2: 0.0, 3: -1.0}, oi_change={3: -650.0, 4: np.nan}, prev_oi={4: np.nan})


def frame(enriched: Enriched) -> dict[str, Any]:
    """Everything in it as JSON values; unknown is null."""
    legs = {
        side.value: {
            item.name: column(getattr(enriched.numbers(side), item.name)) for item in dataclasses.fields(LegNumbers)
        }
        for side in Side
    }
    return {
        "years_to_expiry": number(enriched.years_to_expiry),
        "forward": number(enriched.forward),
        "forward_source": enriched.forward_source,
        "basis": number(enriched.basis),
        "atm_strike": number(enriched.atm_strike),
        "metrics": {name: number(value) for name, value in enriched.metrics.items()},
        "window_metrics": {str(count): values for count, values in enriched.window_metrics.items()},
        "reasons": enriched.reasons,
        "coverage": {name: list(have_of) for name, have_of in enriched.coverage.items()},
        **legs,
        "by_strike": {name: column(getattr(enriched, name)) for name in BY_STRIKE},
    }


def column(values: np.ndarray) -> list[float | None]:
    return [number(value) for value in values.tolist()]


def number(value: float | None) -> float | None:
    return None if value is None or math.isnan(value) else float(f"{value:.{DIGITS}g}")


def golden_frame() -> dict[str, Any]:
    return frame(enrich(golden_chain(), rate=RATE, now_ts=NOW, day_move=196.0))


if __name__ == "__main__":
    PATH.write_text(json.dumps(golden_frame(), indent=1) + "\n", encoding="utf-8")
