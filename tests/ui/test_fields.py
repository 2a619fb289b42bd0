"""Fields: one row of a table gives the widget, the link and the check."""

from types import SimpleNamespace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from gatesviz.limits import Limit, Span
from gatesviz.ui.fields import Field, from_spec, parameters
from gatesviz.ui.links import Choice, Number, Switch, Text, Whole, complaints

ROWS: dict[str, Any] = {
    "cell": (Choice(("LSTM", "GRU")), "GRU", "select"),
    "part": (Choice(("a", "b")), "b", "segments"),
    "both": (Switch(), True, "toggle"),
    "units": (Whole(Limit("units", 1, 64)), 8, "slider"),
    "batch": (Whole(Limit("batch", 1, 64)), None, "number"),
    "rate": (Number(Span("rate", 0.5, 10)), 1, "number"),
    "told": (Text(20), "", "text"),
    "fill": (Switch(), False, "checkbox"),
    "long": (Text(2_000), "a\nb", "area"),
}


def drawn(**query: str) -> tuple[AppTest, dict[str, Any]]:
    def script() -> None:
        import streamlit as st

        from tests.ui.test_fields import FIELDS

        st.session_state["found"] = {field.key: field.draw() for field in FIELDS}

    app = AppTest.from_function(script)
    app.query_params.update(query)
    app.run(timeout=30)
    assert not app.exception
    return app, app.session_state["found"]


FIELDS = [
    Field(key=key, label=f"The {key}", takes=takes, default=default, look=look, help="Why.")
    for key, (takes, default, look) in ROWS.items()
]


def test_without_a_link_every_widget_holds_its_default() -> None:
    app, found = drawn()
    assert found == {key: default for key, (_, default, _) in ROWS.items()}
    assert isinstance(found["rate"], float)
    assert app.slider[0].min == 1
    assert app.slider[0].max == 64
    assert app.selectbox[0].label == "The cell"
    assert app.selectbox[0].help == "Why."


def test_a_link_fills_every_widget() -> None:
    query = {"cell": "LSTM", "part": "a", "both": "false", "units": "3", "batch": "7"}
    query |= {"rate": "2.5", "told": "two words", "fill": "true", "long": "c"}
    assert complaints({k: [v] for k, v in query.items()}, parameters(FIELDS)) == []
    _, found = drawn(**query)
    assert found == {"cell": "LSTM", "part": "a", "both": False, "units": 3, "batch": 7,
                     "rate": 2.5, "told": "two words", "fill": True, "long": "c"}  # fmt: skip


def test_what_a_link_may_not_say_is_refused_by_the_same_row() -> None:
    [told] = complaints({"units": ["65"]}, parameters(FIELDS))
    assert told == "units=65 was ignored: expected a whole number from 1 to 64."


@pytest.mark.parametrize(("rate", "held"), [(2, 2.0), (None, None)])
def test_a_saved_run_fills_the_widgets_of_its_settings(rate: Any, held: Any) -> None:
    rows = [
        Field(key="r", label="", takes=Number(Span("r", 0, 9)), default=0, setting="rate"),
        Field(key="u", label="", takes=Whole(Limit("u", 0, 9)), default=0, setting="units"),
        Field(key="x", label="", takes=Switch(), default=False),
    ]
    found = from_spec(rows, SimpleNamespace(rate=rate, units=4))
    assert found == {"r": held, "u": 4}
    assert type(found["r"]) is type(held)
