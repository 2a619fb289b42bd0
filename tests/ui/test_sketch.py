"""The drawn line: as a link carries it, and what the pad makes of what it is given."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from gatesviz.ui.feed.parameters import PARAMETERS
from gatesviz.ui.feed.sketch import PLACES, from_text, to_text

LINES = st.lists(st.integers(-100, 100), min_size=PLACES, max_size=PLACES)
FLAT = [0] * PLACES


def linked(hundredths: list[object]) -> str:
    return "_".join(map(str, hundredths))


def pad() -> None:
    import streamlit as st

    from gatesviz.ui.feed.sketch import sketch

    st.session_state["heights"] = sketch()


def answered() -> None:
    import streamlit as st

    from gatesviz.ui.feed import sketch

    st.session_state["sketch"] = {"line": st.session_state["answer"]}
    sketch._keep()
    component, sent = sketch._component, st.session_state
    sketch._component = lambda data, **_: sent.update(data=data)
    try:
        st.session_state["heights"] = sketch.sketch()
    finally:
        sketch._component = component


def opened(line: str | None = None) -> AppTest:
    app = AppTest.from_function(pad, default_timeout=30)
    if line is not None:
        app.query_params["line"] = line
    app.run()
    assert not app.exception
    return app


def is_one_sine(heights: list[float]) -> bool:
    turns = [2 * math.pi * k / (PLACES - 1) for k in range(PLACES)]
    return heights == pytest.approx([math.sin(turn) for turn in turns], abs=0.005)


def test_the_text_is_known() -> None:
    heights = [0.12, 0.4, -0.05, -1.0, 1.0, -0.001] + [0.0] * (PLACES - 6)
    assert to_text(heights) == "12_40_-5_-100_100_0" + "_0" * (PLACES - 6)


@given(LINES)
def test_a_line_comes_back_from_its_text(hundredths: list[int]) -> None:
    heights = [value / 100 for value in hundredths]
    text = to_text(heights)
    assert from_text(text) == heights
    assert PARAMETERS["line"].problem(text) is None


@given(st.text())
def test_any_other_text_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=r"^The line in the link has [\d,]+ heights, expected 40"):
        from_text(text)


@pytest.mark.parametrize(
    ("word", "shown"),
    [
        ("101", "101"),
        ("-101", "-101"),
        ("", ""),
        ("1.5", "1.5"),
        ("1e1", "1e1"),
        ("nan", "nan"),
        ("+5", "+5"),
        (" 5", " 5"),
        ("٣", "٣"),
        ("²", "²"),
        ("9" * 5_000, "9" * 40 + "…"),
    ],
)
def test_a_height_that_is_none_is_named(word: str, shown: str) -> None:
    with pytest.raises(ValueError, match=r"^Height 3 of the line") as caught:
        from_text(linked([0, 0, word, *FLAT[3:]]))
    assert f"“{shown}”" in str(caught.value)
    assert "expected a whole number from -100 to 100." in str(caught.value)


@pytest.mark.parametrize("count", [PLACES - 1, PLACES + 1])
def test_a_line_of_another_length_is_refused(count: int) -> None:
    with pytest.raises(ValueError, match=f"has {count} heights, expected {PLACES}"):
        from_text(linked([0] * count))


def test_an_untouched_pad_holds_one_period_of_a_sine() -> None:
    app = opened()
    assert is_one_sine(app.session_state["heights"])
    assert not app.warning
    assert "line" not in app.query_params


def test_a_link_opens_its_line_and_it_stays() -> None:
    app = opened(linked([*range(PLACES)]))
    expected = [value / 100 for value in range(PLACES)]
    assert app.session_state["heights"] == expected
    assert app.run().session_state["heights"] == expected
    assert not app.warning


def test_a_bad_link_leaves_the_sine_and_says_why_as_plain_text() -> None:
    app = opened(linked(["[a](b)*", *FLAT[1:]]))
    assert is_one_sine(app.session_state["heights"])
    [told] = app.text
    assert "“[a](b)*”" in told.value
    assert len(app.run().warning) == 1


def test_a_line_of_before_goes_back_into_the_link() -> None:
    app = AppTest.from_function(pad, default_timeout=30)
    app.session_state["sketch drawn"] = [0.5] * PLACES
    app.run()
    assert app.session_state["heights"] == [0.5] * PLACES
    assert app.query_params["line"] == linked([50] * PLACES)


@pytest.mark.parametrize(
    "answer",
    [
        None,
        5,
        "abc",
        ["a" * 100] * PLACES,
        [None] * PLACES,
        [[]] * PLACES,
        [math.inf] * PLACES,
        [math.nan] * PLACES,
        [1.01] * PLACES,
        [0.0] * (PLACES + 1),
    ],
)
def test_what_no_pad_draws_is_dropped(answer: object) -> None:
    app = AppTest.from_function(answered, default_timeout=30)
    app.session_state["answer"] = answer
    app.run()
    assert not app.exception
    assert is_one_sine(app.session_state["heights"])
    assert "line" not in app.query_params


def test_what_a_pad_draws_is_kept_and_linked() -> None:
    app = AppTest.from_function(answered, default_timeout=30)
    app.session_state["answer"] = [-0.25] * PLACES
    app.run()
    assert app.session_state["heights"] == [-0.25] * PLACES
    assert app.query_params["line"] == linked([-25] * PLACES)


def test_the_browser_gets_the_line_drawn_last_beside_the_first_one() -> None:
    """With it, a pad that the browser builds again isn't the untouched one."""
    app = AppTest.from_function(answered, default_timeout=30)
    app.session_state["answer"] = [0.25] * PLACES
    app.session_state["sketch opened"] = app.session_state["sketch drawn"] = [0.0] * PLACES
    app.run()
    assert app.session_state["data"] == {"line": [0.0] * PLACES, "drawn": [0.25] * PLACES}
