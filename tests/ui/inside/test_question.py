"""The answer is measured over every x."""

import math
from dataclasses import replace

import pytest

from gatesviz.ui.inside.parameters import SHARES
from gatesviz.ui.inside.question import compare_guess
from gatesviz.ui.inside.step import GRID, recorded, shares_kept
from tests.ui.inside.moments import moment


@pytest.mark.parametrize(
    ("label", "preset", "word"),
    [
        ("LSTM", "keep", SHARES[0]),
        ("GRU", "keep", SHARES[0]),
        ("LSTM", "switch", SHARES[2]),
        ("LSTM", "replace", SHARES[2]),
        ("RNN", "replace", SHARES[2]),
        ("GRU", "average", SHARES[1]),
    ],
)
def test_the_answer_is_measured_over_every_x(label: str, preset: str, word: str) -> None:
    here = moment(label, 1, preset)
    trace = recorded(here)
    kept = shares_kept(here, trace)
    assert kept.shape == (len(GRID),)
    assert compare_guess(here, word, kept).startswith(f"Yes. One step can erase **{word}**")
    other = next(share for share in SHARES if share != word)
    assert compare_guess(here, other, kept).startswith(f"Not quite. One step can erase **{word}**")


def test_shares_are_what_single_steps_from_the_same_state_have() -> None:
    here = moment("LSTM", 2)
    kept = shares_kept(here, recorded(here))
    for index in (0, 25, 60):
        step = recorded(replace(here, x=GRID[index]))
        assert kept[index] == pytest.approx(step.gates["f"][-1, 0], abs=1e-6)


def test_the_rnns_share_is_a_difference_of_two_steps() -> None:
    here = moment("RNN", 1, "fade")
    kept = shares_kept(here, recorded(here))
    x = GRID[40]
    assert kept[40] == pytest.approx((math.tanh(x + 0.7) - math.tanh(x - 0.7)) / 2, abs=1e-6)


def test_a_state_that_comes_back_with_the_opposite_sign_is_not_lost() -> None:
    """The RNN that flips keeps h = ±1 as ∓tanh(2) at x = 0, and least at x = ±3."""
    here = moment("RNN", 1, "flip")
    kept = shares_kept(here, recorded(here))
    least = (math.tanh(3 + 2) - math.tanh(3 - 2)) / 2
    assert kept.max() < 0
    assert -kept[-1] == pytest.approx(least, abs=1e-6)
    assert compare_guess(here, "some", kept).startswith("Yes. One step can erase **some**")
    assert f"lies between −{least:.3f} (at x = " in compare_guess(here, "some", kept)
