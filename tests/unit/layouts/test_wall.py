"""What a wall is made of, and the link that says so."""

from __future__ import annotations

import json
from datetime import datetime
from enum import StrEnum

import pytest
from dash.development.base_component import Component

from dashboard.callbacks.wall import open_wall
from dashboard.data.contract import codec, keys
from dashboard.data.reader.live import LiveChains
from dashboard.layouts.wall import ids
from dashboard.layouts.wall.builder import build_builder
from dashboard.layouts.wall.link import FOUR_CHARTS, BadLink, Plan, Scene, plan_of
from dashboard.layouts.wall.page import build_overview, build_wall
from dashboard.layouts.wall.scenes import build_scenes
from dashboard.market.session import IST
from harness.builders import make_directory
from tests.components import components
from tests.fakes import FakeClock, FakeStore

LINK = "?scene=chain:NIFTY:near&scene=charts:BANKNIFTY:month&scene=board&dwell=20&theme=light"


def test_a_link_is_a_plan():
    plan = plan_of(LINK)
    assert plan == Plan(
        (Scene("chain", "NIFTY"), Scene("charts", "BANKNIFTY", "month", FOUR_CHARTS), Scene("board")), 20, "light"
    )


def test_no_link_is_the_board_and_a_bare_name_the_nearest_expiry():
    assert plan_of("") == plan_of(None) == Plan()
    assert plan_of("?scene=chain:nifty").scenes == (Scene("chain", "NIFTY", "near"),)


def test_a_date_two_charts_and_a_stock_of_both_exchanges_can_be_meant():
    scenes = plan_of("?scene=charts:BSE.RELIANCE:2026-12-31:oi,gex&scene=board:month").scenes
    assert scenes == (Scene("charts", "BSE:RELIANCE", "2026-12-31", ("oi", "gex")), Scene("board", when="month"))
    assert scenes[0].source == "/frames/chain?underlying=BSE%3ARELIANCE&expiry=2026-12-31"


def test_a_link_can_name_a_recorded_moment_and_go_on_from_it():
    at_ts = datetime(2026, 11, 23, 11, 42, 5, tzinfo=IST).timestamp()
    for at in ("2026-11-23T11:42:05", "2026-11-23T06:12:05Z", "2026-11-23T11:42:05%2B05:30", str(at_ts)):
        assert plan_of(f"?at={at}") == Plan(at_ts=at_ts), at
    plan = plan_of("?scene=board&at=2026-11-23T11:42:05&play=60")
    assert (plan.at_ts, plan.play) == (at_ts, 60)
    given = build_scenes(plan).to_plotly_json()["props"]
    assert (given["data-at"], given["data-play"]) == (str(at_ts), "60")
    assert "data-at" not in build_scenes(Plan()).to_plotly_json()["props"]


@pytest.mark.parametrize(
    ("link", "words"),
    [
        ("?at=yesterday", "at is a time such as 2026-11-23T11:42:05 [(]IST[)].*; it is “yesterday”"),
        ("?at=", "at is a time such as"),
        ("?at=2026-11-23T11:42:05&play=61", "play is how many times .*, 1 to 60; it is “61”"),
        ("?at=2026-11-23T11:42:05&play=0", "1 to 60; it is “0”"),
        ("?at=2026-11-23T11:42:05&play=fast", "1 to 60; it is “fast”"),
        ("?at=2026-11-23T11:42:05&play=" + "9" * 5_000, "1 to 60; it is “9{20}”"),
        ("?play=60", "play goes on from a recorded moment; at= names it"),
        ("?dwell=" + "9" * 5_000, "dwell is seconds"),
        ("?scene=chian:NIFTY:near", "“chian:NIFTY:near” is not a scene"),
        ("?scene=", "“” is not a scene"),
        ("?scene=chain", "names no underlying"),
        ("?scene=chain:NIFTY:soon", "near, next, month or a date"),
        ("?scene=chain:NIFTY:near:oi", "says too much"),
        ("?scene=charts:NIFTY:near:oi,pie", "two or four different charts of oi,"),
        ("?scene=charts:NIFTY:near:oi,oi", "two or four different charts"),
        ("?scene=board:2026-12-01", "near, next or month"),
        ("?scene=board&dwell=2", "5 to 3600"),
        ("?scene=board&dwell=½", "dwell is seconds"),
        ("?scene=board&theme=pink", "dark or light"),
        ("?scenes=board", "“scenes” is not a part"),
        ("?" + "&".join(["scene=board"] * 13), "13 scenes are too many"),
    ],
)
def test_a_malformed_link_is_refused_in_words(link, words):
    with pytest.raises(BadLink, match=words.replace("|", "[|]")):
        plan_of(link)


@pytest.fixture
def chains() -> LiveChains:
    store = FakeStore(FakeClock())
    store.put(keys.DIRECTORY, codec.encode_directory(make_directory()))
    return LiveChains(store, clock=FakeClock())


def test_a_wall_shows_scenes_the_builder_or_why_not(chains):
    def words(search, path="/wall/"):
        return json.dumps(open_wall(search, path, chains, ["NIFTY"]).to_plotly_json(), default=_plain)

    assert "data-dwell" in words(LINK)
    assert "cannot be shown" in words("?scene=chian")
    assert "no page" in words("", "/wall/nowhere")
    assert "SENSEX" in words("", "/wall/builder")
    waiting = LiveChains(FakeStore(FakeClock()))
    assert "NIFTY" in json.dumps(open_wall("", "/wall/builder", waiting, ["NIFTY"]).to_plotly_json(), default=_plain)


def test_ids_are_declared_once_and_all_laid_out():
    pages = [build_wall(demo=True, build="0"), build_builder(["NIFTY"])]
    groups = [group for group in vars(ids).values() if isinstance(group, type) and issubclass(group, StrEnum)]
    declared = [member.value for group in groups if group is not StrEnum for member in group]
    assert len(declared) == len(set(declared))
    assert {found for page in pages for found in _ids(page)} >= set(declared)
    shared = {"wall-stage", "wall-band", "wall-caption", "wall-dots", "wall-state", "wall-clock", "status-spoken"}
    assert set(_ids(build_overview(demo=True, build="0"))) == shared


def test_the_same_chart_twice_on_a_wall_has_two_ids():
    scenes = build_scenes(plan_of("?scene=charts:NIFTY:near&scene=charts:SENSEX:near"))
    found = _ids(scenes)
    assert len(found) == len(set(found)) == 8


def test_the_desk_board_links_its_tiles_and_the_wall_does_not():
    kinds = {type(part).__name__ for part in components(build_overview(demo=True, build="0")) if _is_tile(part)}
    assert kinds == {"A"}
    kinds = {type(part).__name__ for part in components(build_scenes(Plan())) if _is_tile(part)}
    assert kinds == {"Section"}


def _is_tile(part: Component) -> bool:
    return "tile" in str(getattr(part, "className", "")).split()


def _ids(page: Component) -> list[str]:
    return [
        str(part.to_plotly_json()["props"]["id"])
        for part in components(page)
        if isinstance(getattr(part, "id", None), str)
    ]


def _plain(value):
    return value.to_plotly_json() if isinstance(value, Component) else str(value)
