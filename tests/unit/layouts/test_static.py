"""Static markup: what no callback touches leaves the layout and comes as plain HTML."""

from __future__ import annotations

from typing import Any

import pytest
from dash import dcc, html

from dashboard.layouts.static import static, taken_out


def test_marked_children_become_a_template_and_their_container_stays():
    layout = html.Div(
        [
            html.Section([html.P("a < b"), html.Button("go", title='"now"', hidden=True)], id="one", **static("one")),
            html.Div("stays"),
        ]
    )
    assert taken_out(layout) == (
        '<template id="static-one"><p>a &lt; b</p><button hidden title="&quot;now&quot;">go</button></template>'
    )
    assert layout.children[0].children is None
    assert layout.children[1].children == "stays"


def test_names_of_properties_become_those_of_html():
    spoken: dict[str, Any] = {"aria-label": "z"}
    label = html.Label("x", htmlFor="y", className="a b", tabIndex=0, hidden=False, **spoken)
    layout = html.Div(label, **static("s"))
    assert taken_out(layout) == (
        '<template id="static-s"><label aria-label="z" class="a b" for="y" tabindex="0">x</label></template>'
    )


def test_another_component_than_html_cannot_be_static():
    with pytest.raises(TypeError, match="Store"):
        taken_out(html.Div(dcc.Store(id="x"), **static("s")))
