"""Edits as JSON and as the text of a link: exact round trips, and a sentence for anything else."""

import json
import re

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import gatesviz as gv
from gatesviz.recordings.edit_text import edits_from_text, edits_to_text
from gatesviz.recordings.edits import Edit, read_edits
from tests.hostile import MARKUP, TITLES

NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
SOME = st.one_of(st.none(), st.lists(st.integers(0, 999), min_size=1, max_size=5, unique=True))


@st.composite
def edits(draw):
    steps, units = draw(SOME), draw(SOME)
    wide = (3 if steps is None else len(steps), 2 if units is None else len(units))
    value = draw(NUMBERS)
    if draw(st.booleans()):
        value = np.array(draw(st.lists(NUMBERS, min_size=wide[0] * wide[1], max_size=40)))
        value = value[: wide[0] * wide[1]].reshape(wide)
    letter, direction = (
        draw(st.sampled_from("ifgochx")),
        draw(st.sampled_from(["forward", "backward"])),
    )
    return Edit(letter, value, steps, units, draw(st.integers(0, 3)), direction)


@settings(max_examples=80, derandomize=True)
@given(st.lists(edits(), max_size=4))
def test_json_round_trip_is_exact(made):
    text = json.dumps([edit.to_dict() for edit in made], allow_nan=False)
    again = read_edits(json.loads(text))
    assert again == tuple(made)
    assert {*map(hash, again)} == {*map(hash, made)}


@settings(max_examples=80, derandomize=True)
@given(st.lists(edits(), max_size=2))
def test_the_text_of_a_link_brings_the_same_numbers(made):
    text = edits_to_text(made)
    assert re.fullmatch(r"[a-z0-9@.,=-]*", text)  # nothing that a link would change, "+" included
    assert numbers(edits_from_text(text)) == numbers(made)
    assert edits_to_text(edits_from_text(text)) == text


def numbers(made):
    """Return (letter, layer, direction, step, unit) -> value; None for all steps or units."""
    found = {}
    for edit in made:
        value = np.asarray(edit.value)
        steps, units = edit.steps or (None,), edit.units or (None,)
        if value.ndim == 2:
            steps = range(len(value)) if edit.steps is None else edit.steps
            units = range(value.shape[1]) if edit.units is None else edit.units
        value = np.broadcast_to(value, (len(steps), len(units)))
        for step, row in zip(steps, value, strict=True):
            for unit, number in zip(units, row, strict=True):
                found[edit.letter, edit.layer, edit.direction, step, unit] = float(number)
    return found


WRITTEN = {
    "f@25=0": Edit("f", 0, 25, layer=0),
    "c@10-19.u3=-1": Edit("c", -1, range(10, 20), 3, layer=0),
    "f.l1.b@3=0": Edit("f", 0, 3, layer=1, direction="backward"),
    "h=0.5": Edit("h", 0.5, layer=0),
    "x.u0.u2=-0.25": Edit("x", -0.25, units=[0, 2], layer=0),
    "o@0-49=1e-9": Edit("o", 1e-9, range(50), layer=0),
    "g.b=1e300": Edit("g", 1e300, layer=0, direction="backward"),
}


@pytest.mark.parametrize(("text", "edit"), WRITTEN.items(), ids=[*WRITTEN])
def test_each_part_has_its_place(text, edit):
    assert edits_from_text(text) == (edit,)
    assert edits_to_text([edit]) == text


def test_several_edits_and_none():
    assert edits_from_text("") == ()
    assert edits_to_text([]) == ""
    assert edits_from_text(",".join(WRITTEN)) == tuple(WRITTEN.values())
    scattered = Edit("f", 0, [9, 1, 2, 3, 5])
    assert edits_to_text([scattered]) == "f@1-3=0,f@5=0,f@9=0"
    patched = Edit("c", [[1, 2], [3, 4]], [1, 7], [0, 2])
    assert edits_to_text([patched]) == "c@1.u0=1,c@1.u2=2,c@7.u0=3,c@7.u2=4"
    assert edits_to_text([Edit("f", 0, 3)], layers=2) == "f.l1@3=0"


def test_what_a_link_cannot_hold_is_said():
    with pytest.raises(ValueError, match="one value for all samples"):
        edits_to_text([Edit("c", np.zeros((1, 2, 3)), 5)])
    with pytest.raises(ValueError, match=r"characters in the edits of a link: .* is outside"):
        edits_to_text([Edit("c", np.full((30, 30), 0.123))])
    with pytest.raises(ValueError, match=r"steps slice\(3, None\) count from the end"):
        edits_to_text([Edit("f", 0, slice(3, None))])
    with pytest.raises(ValueError, match="steps: expected numbers from 0, got -1"):
        edits_to_text([Edit("f", 0, -1)])
    with pytest.raises(ValueError, match="layer -2 does not exist"):
        edits_to_text([Edit("f", 0, layer=-2)])
    recording = gv.record(
        torch.nn.GRU(2, 3), torch.zeros(5, 2), edits=[Edit("z", 0, slice(3, None))]
    )
    assert edits_to_text(recording.edits) == "z@3-4=0"


HOSTILE = [
    *TITLES,
    MARKUP,
    "f", "f@", "f=", "=0", "f@=0", "f@25", "F@1=0", "ff@1=0", "f@1=0,", ",f@1=0", "f@1=0,,g@1=0",
    "f@1=nan", "f@1=NaN", "f@1=inf", "f@1=-Infinity", "f@1=1e999", "f@1=--1", "f@1=+1", "f@1=0x1",
    "f@1=1_0", "f@1=٣", "f@٣=0", "f@1= 0", " f@1=0", "f@1=0\n", "f@-1=0", "f@1.5=0", "f@9-3=0",
    "f@0-999999999=0", "f@1000=0", "f@99999999999999999999=0", "f@1-2-3=0", "f.u=0", "f.u-1=0",
    "f.u3@1=0", "f.l=0", "f.l-1=0", "f.b.l1=0", "f.b.b=0", "f.u1.u1=0", "f.__class__=0", "f@1=0;",
    "../../etc/passwd", "f@1=0&x=1", "f@1=1e9999999999", "f" * 5_000, "f@1=0," * 900, "é@1=0",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_another_text_is_refused_with_one_sentence(text):
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        edits_from_text(text)
    says = str(caught.value)
    assert says.startswith(("edit", "characters in the edits"))
    assert "\n" not in says
    assert len(says) < 200


@pytest.mark.parametrize("text", [None, 5, b"f@1=0", ["f@1=0"]])
def test_no_text_is_refused(text):
    with pytest.raises(TypeError, match="edits: expected a text, got"):
        edits_from_text(text)


RIGHT = {"letter": "f", "value": 0, "steps": [1], "units": None, "layer": 0, "direction": "forward"}
DAMAGE = {
    "no object": (5, "an edit: expected an object, got 5"),
    "no value": ({"letter": "f"}, "expected a letter and a value, of letter, value, steps"),
    "no letter": ({"value": 1}, "expected a letter and a value"),
    "a stranger": (RIGHT | {"__class__": 1}, "got ['letter', 'value', 'steps'"),
    "letter": (RIGHT | {"letter": "forget"}, "letter: expected a gate's letter, "),
    "letter, no text": (RIGHT | {"letter": ["f"]}, "letter: expected a gate's letter, "),
    "value, text": (RIGHT | {"value": "0"}, "value: expected a number or an array of numbers, got"),
    "value, bool": (RIGHT | {"value": True}, "value: expected a number or an array of numbers"),
    "value, null": (RIGHT | {"value": None}, "value: expected a number or an array of numbers"),
    "value, ragged": (RIGHT | {"value": [[1], [1, 2]]}, "value: expected a number or an array"),
    "value, empty": (RIGHT | {"value": []}, "value has shape (0,), expected (steps, units)"),
    "value, deep": (RIGHT | {"value": [[[[1]]]]}, "value has shape (1, 1, 1, 1), expected"),
    "value, huge": (RIGHT | {"value": 10**400}, "value: expected a number or an array of numbers"),
    "value, NaN": (RIGHT | {"value": float("nan")}, "value: expected finite numbers, got nan"),
    "value, inf": (RIGHT | {"value": [[1, float("-inf")]]}, "expected finite numbers, got -inf"),
    "steps, number": (RIGHT | {"steps": 1}, "steps: expected a list or null, got 1"),
    "steps, text": (RIGHT | {"steps": "12"}, "steps: expected a list or null, got '12'"),
    "steps, none": (RIGHT | {"steps": []}, "steps: expected at least one step, got none"),
    "steps, real": (RIGHT | {"steps": [1.5]}, "steps: expected a whole number, got 1.5"),
    "steps, bool": (RIGHT | {"steps": [True]}, "steps: expected a whole number, got True"),
    "steps, below 0": (RIGHT | {"steps": [2, -1]}, "steps: expected numbers from 0, got -1"),
    "steps, twice": (RIGHT | {"steps": [2, 2]}, "steps: expected each step once, got 2 twice"),
    "units": (RIGHT | {"units": [None]}, "units: expected a whole number, got None"),
    "units, below 0": (RIGHT | {"units": [-3]}, "units: expected numbers from 0, got -3"),
    "layer": (RIGHT | {"layer": -1}, "layer: expected 0 or more, got -1"),
    "layer, text": (RIGHT | {"layer": "0"}, "layer: expected a whole number, got '0'"),
    "direction": (RIGHT | {"direction": "sideways"}, "direction: expected 'forward' or 'backward'"),
    "direction, list": (RIGHT | {"direction": []}, "direction: expected 'forward' or 'backward'"),
}  # fmt: skip


@pytest.mark.parametrize(("written", "says"), DAMAGE.values(), ids=DAMAGE)
def test_other_json_is_refused_with_one_sentence(written, says):
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        read_edits([RIGHT, written])
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300


def test_what_json_may_leave_out():
    assert Edit.from_dict({"letter": "f", "value": 1}) == Edit("f", 1, layer=0)
    with pytest.raises(ValueError, match="edits: expected a list, got"):
        read_edits({"letter": "f"})
    with pytest.raises(ValueError, match="edits of a recording: 1,001 is outside"):
        read_edits([RIGHT] * 1_001)


PYTHONS = {
    "value, text": (lambda: Edit("f", "0"), "value: expected a number or an array of numbers"),
    "value, complex": (lambda: Edit("f", 1j), "value: expected a number or an array of numbers"),
    "value, object": (lambda: Edit("f", object()), "value: expected a number or an array"),
    "value, gradient": (
        lambda: Edit("f", torch.zeros(2, requires_grad=True)),
        "value: expected a number or an array of numbers",
    ),
    "NaN": (lambda: Edit("f", float("nan")), "value: expected finite numbers, got nan"),
    "letter": (lambda: Edit("F", 0), 'letter: expected a gate\'s letter, "c", "h" or "x"'),
    "steps": (lambda: Edit("f", 0, "3"), "steps: expected a whole number, got '3'"),
    "steps, 2 axes": (lambda: Edit("f", 0, [[3]]), "steps: expected a whole number, got [3]"),
    "slice": (lambda: Edit("f", 0, slice("a", 3)), "steps: expected a whole number, got 'a'"),
    "slice of 0": (lambda: Edit("f", 0, slice(0, 3, 0)), "a slice with a step other than 0"),
    "layer": (lambda: Edit("f", 0, layer=0.5), "layer: expected a whole number, got 0.5"),
}


@pytest.mark.parametrize(("make", "says"), PYTHONS.values(), ids=PYTHONS)
def test_an_edit_that_can_never_be_is_refused(make, says):
    with pytest.raises((TypeError, ValueError)) as caught:
        make()
    assert says in str(caught.value)


def test_numbers_of_numpy_and_torch_are_numbers():
    same = Edit("f", 0.5, steps=3, units=[1, 2], layer=1)
    assert Edit("f", np.float32(0.5), np.int64(3), np.array([1, 2]), np.int32(1)) == same
    assert Edit("f", torch.tensor(0.5), torch.tensor(3), torch.tensor([1, 2]), 1) == same
    assert Edit("f", 0.5, range(3, 4), (1, 2), 1) == same
    assert Edit("f", 0.5, steps=4, units=[1, 2], layer=1) != same


def test_an_array_is_copied():
    value = np.ones((1, 2))
    edit = Edit("f", value, 3)
    value[:] = 7
    assert edit == Edit("f", np.ones((1, 2)), 3)


@pytest.mark.parametrize(
    ("edit", "words", "python"),
    [
        (Edit("f", 0.0, 25), "f = 0 at step 25", "Edit('f', 0, steps=25)"),
        (
            Edit("c", -1, range(10, 20), 3),
            "c = -1 at steps 10 to 19, unit 3",
            "Edit('c', -1, steps=range(10, 20), units=3)",
        ),
        (
            Edit("h", 0.25, [1, 4], [0, 5], 1, "backward"),
            "h = 0.25 at 2 steps, units 0 and 5, layer 1, backward",
            "Edit('h', 0.25, steps=[1, 4], units=[0, 5], layer=1, direction='backward')",
        ),
        (Edit("x", [[1, 2]], units=range(6)), "x from an array at all steps, 6 units", None),
        (Edit("f", 0, slice(5, None)), "f = 0 at steps slice(5, None)", None),
    ],
)
def test_an_edit_describes_itself(edit, words, python):
    assert str(edit) == words
    assert python in (None, repr(edit))
    if python:
        assert eval(python, {"Edit": Edit}) == edit
