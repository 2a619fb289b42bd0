"""What a link carries comes back exactly, and what it cannot mean gets its sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatesviz.ui.inside.moment import from_text, to_text
from gatesviz.ui.inside.parameters import PARAMETERS
from gatesviz.ui.links import complaints


@given(st.lists(st.floats(-3, 3), min_size=1, max_size=60))
def test_numbers_survive_a_link_exactly(values: list[float]) -> None:
    text = to_text(tuple(values))
    assert from_text("inpast", text, tuple(range(1, 61)), 3.0) == tuple(values)
    assert PARAMETERS["inpast"].problem(text) is None


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "number 1 is ''"),
        ("1_x", "number 2 is 'x'"),
        ("nan", "number 1 is 'nan'"),
        ("1e400", "number 1 is '1e400'"),
        ("-inf", "number 1"),
        ("3.01", "number 1 is '3.01', expected a number from −3 to 3"),
        ("1_2_3", "has 3 numbers, expected 1 to 2"),
        ("1" * 5000, "number 1"),
    ],
)
def test_a_broken_row_of_numbers_gets_its_sentence(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match="was ignored") as caught:
        from_text("inh", text, (1, 2), 3.0)
    assert problem in str(caught.value)
    assert len(str(caught.value)) < 120


def test_every_parameter_is_short_and_this_pages_own() -> None:
    own = PARAMETERS.keys() - {"challenge"}  # a link of its own, as "lesson" is
    assert all(name.startswith("in") and len(name) <= 8 for name in own)


def test_bad_parameters_are_complained_of() -> None:
    query = {"incell": ["lstmx"], "inunits": ["99999999"], "inx": ["nan"], "inseed": ["1e9"]}
    assert len(complaints(query, PARAMETERS)) == 4
    good = {
        "incell": ["GRU"],
        "inunits": ["2"],
        "inx": ["-3"],
        "inset": ["average"],
        "inz": ["keeps it"],
    }
    assert complaints(good, PARAMETERS) == []
