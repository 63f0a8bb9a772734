"""The stylesheet's colours have the contrast that WCAG 2.2 asks for, also where axe-core cannot see the ground."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

STYLES = (Path(__file__).parents[3] / "assets" / "styles.css").read_text()
TEXT, GRAPHICS = 4.5, 3.0
Colour = tuple[float, float, float]


def tokens(theme: str) -> dict[str, str]:
    block = re.search(rf":root\[data-theme='{theme}'\] \{{(.*?)\}}", STYLES, re.DOTALL)
    assert block is not None
    return dict(re.findall(r"--([\w-]+): ([^;]+);", block[1]))


def colour(text: str) -> Colour:
    return tuple(int(text[at : at + 2], 16) for at in (1, 3, 5))  # type: ignore[return-value]


def laid_over(ground: Colour, bar: str) -> Colour:
    """A translucent bar on an opaque ground. bar: `rgb(77 157 224 / 34%)`."""
    red, green, blue, share = (float(part) for part in re.findall(r"[\d.]+", bar))
    return tuple(
        over * share / 100 + under * (1 - share / 100) for over, under in zip((red, green, blue), ground, strict=True)
    )  # type: ignore[return-value]


def contrast(one: Colour, other: Colour) -> float:
    def luminance(of: Colour) -> float:
        linear = [part / 255 / 12.92 if part / 255 <= 0.04045 else ((part / 255 + 0.055) / 1.055) ** 2.4 for part in of]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_that_of_the_standard():
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert contrast(colour("#767676"), (255, 255, 255)) == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_every_text_colour_stands_out_from_every_ground(theme: str):
    of = tokens(theme)
    pairs = [
        (ink, ground)
        for ink in ("ink", "ink-quiet", "muted", "dimmed", "call", "put", "up", "down", "here", "accent")
        for ground in ("ground", "panel", "hover", "itm")
        if (ink, ground) != ("dimmed", "itm")  # dimmed numbers stand on the plain ground
    ]
    pairs += [("here-ink", "here-ground"), ("accent-ink", "accent"), ("ink", "up-ground"), ("ink", "down-ground")]
    low = {pair: contrast(*(colour(of[name]) for name in pair)) for pair in pairs}
    assert {pair: ratio for pair, ratio in low.items() if ratio < TEXT} == {}
    assert contrast(colour(of["warning"]), (255, 255, 255)) >= TEXT


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_numbers_stand_out_from_the_bars_behind_them(theme: str):
    of = tokens(theme)
    low = {}
    for side in ("call", "put"):
        for ground in ("ground", "itm"):
            for bar, ink in ((f"{side}-bar", "ink"), (f"{side}-faint", "muted")):
                low[bar, ground] = contrast(colour(of[ink]), laid_over(colour(of[ground]), of[bar]))
    assert {place: ratio for place, ratio in low.items() if ratio < TEXT} == {}


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_marks_and_edges_stand_out_from_their_ground(theme: str):
    """The edge beside a strike says which side is in the money; the shade behind the cells only helps."""
    of = tokens(theme)
    pairs = [(mark, ground) for mark in ("call", "put", "here", "accent", "edge") for ground in ("ground", "panel")]
    pairs += [("call", "itm"), ("put", "itm")]
    low = {pair: contrast(*(colour(of[name]) for name in pair)) for pair in pairs}
    assert {pair: ratio for pair, ratio in low.items() if ratio < GRAPHICS} == {}
