"""The Sequence itself: what it accepts, scaling, windows."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatesviz.sequences import Sequence, numbers, parse_text

FINITE = st.floats(width=32, allow_nan=False, allow_infinity=False)


@pytest.fixture
def sequence() -> Sequence:
    return numbers([1.0, 2.0, 3.0, 6.0], "four numbers")


def test_importing_loads_no_heavy_library():
    code = (
        "import sys, gatesviz.sequences;"
        "print({'pandas', 'plotly', 'vega_datasets', 'torch', 'streamlit'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_numbers_are_one_feature(sequence):
    assert sequence.values.dtype == np.float32
    assert sequence.values.tolist() == [[1], [2], [3], [6]]
    assert sequence.labels == ("0", "1", "2", "3")
    assert sequence.features == ("value",)
    assert (sequence.steps, sequence.size, sequence.kind) == (4, 1, "numbers")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"values": np.zeros(4, np.float32)}, r"values: expected shape \(T, I\), got \(4,\)"),
        (
            {"values": np.zeros((1, 1), np.float32)},
            "steps in a sequence: 1 is outside the allowed range 2 to 1,000",
        ),
        (
            {"values": np.zeros((1001, 1), np.float32)},
            "1,001 is outside the allowed range 2 to 1,000",
        ),
        ({"values": np.zeros((4, 257), np.float32)}, "257 is outside the allowed range 1 to 256"),
        ({"values": np.float32([[1], [2], [np.nan], [4]])}, r"values\[2, 0\] is nan"),
        ({"labels": ("a", "b")}, "labels: expected one for each of 4 steps, got 2"),
        ({"features": ("a", "b")}, "features: expected 1 names, got 2"),
        ({"kind": "sound"}, "kind: expected 'numbers' or 'text', got 'sound'"),
    ],
)
def test_what_does_not_fit_is_named(sequence, change, sentence):
    with pytest.raises(ValueError, match=sentence):
        replace(sequence, **change)


def test_other_types_are_named(sequence):
    with pytest.raises(TypeError, match="values: expected a float32 array, got float64"):
        replace(sequence, values=np.zeros((4, 1)))
    with pytest.raises(TypeError, match="values: expected a float32 array, got list"):
        replace(sequence, values=[[1.0]])


def test_beyond_float32_is_refused():
    with pytest.raises(ValueError, match=r"values\[1, 0\] is inf: all must be finite"):
        numbers([0, 1e39], "too large")


def test_as_is_changes_nothing(sequence):
    assert sequence.scaled("as is") is sequence


def test_standard_known_answer(sequence):
    scaled = sequence.scaled("standard")  # mean 3, squared distances 4 + 1 + 0 + 9 = 14
    np.testing.assert_allclose(scaled.values[:, 0], np.array([-2, -1, 0, 3]) / np.sqrt(14 / 4))
    assert scaled.notes == (
        "“value” is scaled: its mean (3.00) is subtracted, and the result is divided by its"
        " standard deviation (1.87).",
    )


def test_unit_known_answer(sequence):
    scaled = sequence.scaled("unit")
    np.testing.assert_allclose(scaled.values[:, 0], [-1, -0.6, -0.2, 1], rtol=1e-6)
    assert "its midpoint (3.50) is subtracted" in scaled.notes[0]
    assert "divided by its half range (2.50)" in scaled.notes[0]


@pytest.mark.parametrize("how", ["standard", "unit"])
def test_a_constant_becomes_zero_and_says_so(how):
    scaled = numbers([0.1] * 7, "constant").scaled(how)
    assert not scaled.values.any()
    assert scaled.notes == ("Scaled: “value” is 0.1 at every step, so it becomes 0 at every step.",)


def test_features_are_scaled_one_by_one(sequence):
    values = np.float32([[0, 5], [10, 5], [20, 5]])
    two = replace(sequence, values=values, labels=("a", "b", "c"), features=("x", "y"))
    scaled = two.scaled("unit")
    assert scaled.values.tolist() == [[-1, 0], [0, 0], [1, 0]]
    assert len(scaled.notes) == 2


@given(st.lists(FINITE, min_size=2, max_size=50))
def test_scaling_any_numbers(values):
    sequence = numbers(values, "any")
    unit = sequence.scaled("unit").values
    standard = sequence.scaled("standard").values.astype(np.float64)
    changing = min(values) < max(values)
    assert (unit.min(), unit.max()) == ((-1, 1) if changing else (0, 0))
    assert standard.mean() == pytest.approx(0, abs=1e-5)
    assert standard.std() == pytest.approx(float(changing), abs=1e-5)


def test_unknown_scale_and_text_are_refused(sequence):
    with pytest.raises(
        ValueError, match="scale: expected one of 'as is', 'standard', 'unit', got 'log'"
    ):
        sequence.scaled("log")
    with pytest.raises(ValueError, match="one-hot text can only be left 'as is'"):
        parse_text("ab").scaled("unit")


def test_window(sequence):
    part = sequence.window(1, 2)
    assert part.values.tolist() == [[2], [3]]
    assert part.labels == ("1", "2")
    assert part.notes == ("Cut: steps 1 to 2 of 4 are used.",)
    assert sequence.window(0, 4) is sequence


@pytest.mark.parametrize(("start", "steps"), [(-1, 2), (3, 2), (0, 5)])
def test_window_outside_is_named(sequence, start, steps):
    with pytest.raises(ValueError, match="are not all in the sequence, which has steps 0 to 3"):
        sequence.window(start, steps)
