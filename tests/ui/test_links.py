from collections.abc import Callable
from typing import Any

import pytest
import streamlit as st
from hypothesis import given
from hypothesis import strategies as some
from streamlit.testing.v1 import AppTest

from gatesviz.limits import Limit, Span
from gatesviz.player.payload import Selection
from gatesviz.ui import player
from gatesviz.ui.links import Choice, Number, Switch, Text, Whole, complaints, reworded, unused
from gatesviz.ui.player import PARAMETERS as PLAYER
from gatesviz.ui.player import linked

KNOWN = {
    "cell": Choice(("LSTM", "GRU")),
    "hidden": Whole(Limit("units", 1, 64)),
    "period": Number(Span("period", 2, 500)),
    "both": Switch(),
    "text": Text(10),
}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cell", "GRU"),
        ("hidden", "64"),
        ("hidden", "+5"),
        ("hidden", "7.0"),
        ("period", "2.5"),
        ("both", "True"),
        ("text", "anything"),
        ("text", ""),
    ],
)
def test_what_can_be_used_is_not_complained_of(name: str, value: str) -> None:
    assert complaints({name: [value]}, KNOWN) == []


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("cell", "lstmx", "cell=lstmx was ignored: expected one of “LSTM”, “GRU”."),
        ("hidden", "-1", "hidden=-1 was ignored: expected a whole number from 1 to 64."),
        ("hidden", "99999999", "hidden=99999999"),
        ("hidden", "1.5", "hidden=1.5"),
        ("hidden", "1_0", "hidden=1_0"),
        ("both", "yes", "true or false"),
        ("hidden", "٣", "hidden=٣"),
        ("period", "nan", "period=nan was ignored: expected a number from 2 to 500."),
        ("period", "inf", "period=inf"),
        ("text", "x" * 11, "at most 10 characters"),
        ("kell", "x", "“kell” was ignored: this page has no setting with that name."),
        ("kind", "GRU", "this page has no setting with that name. Did you mean cell=GRU?"),
        ("cell", "a\x00\x1b", r"cell=a\x00\x1b was ignored"),
    ],
)
def test_what_cannot_be_used_is_named(name: str, value: str, told: str) -> None:
    [sentence] = complaints({name: [value]}, KNOWN)
    assert told in sentence


def test_an_earlier_wording_of_an_option_still_works() -> None:
    known = {**KNOWN, "claim": Choice(("GRUs win.",), {"The GRU wins": "GRUs win."})}
    link = {"claim": ["The GRU wins"], "cell": ["GRU"]}
    assert reworded(link, known) == {"claim": "GRUs win."}
    assert complaints(link, known) == []
    assert unused(link, known, {"claim": "GRUs win.", "cell": "GRU"}) == []
    assert len(unused(link, known, {"claim": "LSTMs win.", "cell": "GRU"})) == 1
    [sentence] = complaints({"claim": ["The GRU won"]}, known)
    assert "The GRU won was ignored: expected one of “GRUs win.”." in sentence
    assert reworded({"claim": ["The GRU wins"] * 2}, known) == {}


def test_a_parameter_given_twice_is_named() -> None:
    [sentence] = complaints({"cell": ["GRU", "LSTM"]}, KNOWN)
    assert "2 times" in sentence


@given(some.dictionaries(some.text(), some.lists(some.text(), min_size=1, max_size=3)))
def test_no_link_is_too_strange_and_no_complaint_too_long(query: dict[str, list[str]]) -> None:
    for sentence in complaints(query, KNOWN):
        assert len(sentence) < 400
        assert sentence.isprintable()


@pytest.mark.parametrize(
    ("name", "asked", "held", "used"),
    [
        ("cell", "GRU", "GRU", True),
        ("cell", "GRU", "LSTM", False),
        ("hidden", "7.0", 7, True),
        ("hidden", "7", 8, False),
        ("period", "2.50", 2.5, True),
        ("both", "true", True, True),
        ("both", "true", False, False),
        ("text", "ab", "ab", True),
    ],
)
def test_what_a_widget_does_not_hold_was_not_used(
    name: str, asked: str, held: object, used: bool
) -> None:
    assert bool(unused({name: [asked]}, KNOWN, {name: held})) is not used
    assert unused({name: [asked]}, KNOWN, {}), "a widget that is not drawn holds nothing"


def test_of_a_text_with_a_broken_part_the_rest_is_used() -> None:
    text = "f@25=0,g@x=1,c.u3=-1"
    [said] = complaints({"edits": [text]}, PLAYER)
    assert said.startswith(f"Part of edits={text} was ignored: edit 'g@x=1': expected")
    assert linked({"edits": text}, Selection()).edits == "f@25=0,c.u3=-1"
    [said] = complaints({"edits": ["g@x=1"]}, PLAYER)
    assert said.startswith("edits=g@x=1 was ignored: ")
    assert linked({"edits": "g@x=1"}, Selection(edits="o=1")).edits == ""


def test_a_link_chooses_the_rows_of_a_player() -> None:
    assert linked({"rows": "x_c_y"}, Selection()).rows == "x_c_y"
    assert linked({"rows": "x_q"}, Selection()).rows == ""
    [said] = complaints({"rows": ["x_q"]}, PLAYER)
    assert said.startswith("rows=x_q was ignored: 'q' is no row; expected some of x, ")


def test_a_link_of_too_many_parameters_is_told_as_a_whole() -> None:
    told = complaints({"ignored": ["1500"]}, {})
    assert told == ["The link was ignored: it has 1,500 parameters, and at most 1,000 are allowed."]
    assert complaints({"ignored": ["x"]}, {}) == [
        "“ignored” was ignored: this page has no setting with that name."
    ]


@pytest.mark.parametrize(
    ("sent", "step"), [({"step": 3}, 3), ({"step": "x"}, 0), *((k, None) for k in (5, "t", [3]))]
)
def test_a_player_follows_what_a_browser_sends_if_it_is_a_position(
    monkeypatch: pytest.MonkeyPatch, sent: Any, step: int | None
) -> None:
    follow: list[Callable[[], None]] = []
    session = {"p": {"selection": sent}, "p opens": Selection()}
    monkeypatch.setattr(st, "session_state", session)
    monkeypatch.setattr(st, "query_params", {})
    monkeypatch.setattr(player, "player", lambda data, *, key, on_select: follow.append(on_select))
    player.stage.__wrapped__(b"", key="p")  # type: ignore[attr-defined]
    follow[0]()
    last = st.session_state.get("p last")
    assert (None if last is None else last.step) == step


@pytest.mark.parametrize(("sent_turn", "heard"), [(4, True), (3, False), (None, True)])
def test_what_a_player_sent_before_it_was_moved_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, sent_turn: int | None, heard: bool
) -> None:
    follow: list[Callable[[], None]] = []
    stretches: list[tuple[int, int]] = []
    sent: dict[str, Any] = {"step": 0, "stretch": [25, 26]}
    if sent_turn is not None:
        sent["turn"] = sent_turn
    session = {"p": {"selection": sent}, "p opens": Selection(step=8, turn=4)}
    monkeypatch.setattr(st, "session_state", session)
    monkeypatch.setattr(st, "query_params", {})
    monkeypatch.setattr(player, "player", lambda data, *, key, on_select: follow.append(on_select))
    draw = player.stage.__wrapped__  # type: ignore[attr-defined]
    draw(b"", key="p", on_stretch=lambda stretch: bool(stretches.append(stretch)))
    follow[0]()
    assert stretches == ([(25, 26)] if heard else [])
    assert st.query_params == ({"t": "0"} if heard else {})
    del st.session_state["p opens"]  # by a link; the player of before is still in the browser
    follow[0]()
    assert len(stretches) == heard


def test_a_link_moves_a_player_that_the_page_has_moved_before() -> None:
    """Its turn is a new one, so what the player sent before is known to be old."""

    def script() -> None:
        import streamlit as st

        from gatesviz.player.payload import Selection
        from gatesviz.ui import player

        st.session_state["p"] = {}
        opened = [player.opening("p", Selection())]
        player.move("p", step=3)
        opened.append(player.opening("p", Selection()))
        player.forget_positions()
        opened.append(player.opening("p", Selection()))
        st.session_state["opened"] = opened

    app = AppTest.from_function(script).run()
    assert not app.exception
    opened = app.session_state["opened"]
    assert [one.step for one in opened] == [0, 3, 3]
    assert len({one.turn for one in opened}) == 3
