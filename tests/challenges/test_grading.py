"""Known solutions pass, near misses fail with the input they failed on, and torch is the judge."""

import math

import numpy as np
import pytest

from gatesviz.cells import compared
from gatesviz.challenges import challenge, challenges, grade
from gatesviz.challenges.challenge import ON
from gatesviz.challenges.grading import given_weights
from gatesviz.challenges.sequences import COUNT, hidden_sequences
from gatesviz.presets import preset_values, presets
from gatesviz.tiny_cell import FARTHEST, UNITS, Handle, Values, handles
from tests.challenges.solutions import NEAR_MISSES, OPEN, SOLUTIONS, WRITE, Cell, cell

PASSES = [(name, one) for name, many in SOLUTIONS.items() for one in many]
FAILS = [(name, one) for name, many in NEAR_MISSES.items() for one in many]


def sigmoid(value: float) -> float:
    return 1 / (1 + math.exp(-value))


def by_hand(key: str, values: Values, inputs: tuple[float, ...]) -> list[float]:
    """Return h after each step of a cell with one unit, in float64 without torch."""
    w = dict(zip(handles(key, 1), values, strict=True))
    h = c = 0.0
    states = []
    for x in inputs:
        a = {handle.block: w[Handle(handle.block, 0, "x")] * x for handle in handles(key, 1)}
        for block in a:
            old, bias = w[Handle(block, 0, "h0")] * h, w.get(Handle(block, 0, "b"), 0.0)
            a[block] += bias + (old if block != "n" else w[Handle("n", 0, "bi")])
        if key == "lstm":
            c = sigmoid(a["f"]) * c + sigmoid(a["i"]) * math.tanh(a["g"])
            h = sigmoid(a["o"]) * math.tanh(c)
        elif key == "gru":
            past = w[Handle("n", 0, "h0")] * h + w[Handle("n", 0, "bh")]
            n = math.tanh(a["n"] + sigmoid(a["r"]) * past)
            h = (1 - sigmoid(a["z"])) * n + sigmoid(a["z"]) * h
        else:
            h = math.tanh(a["h"])
        states.append(h)
    return states


def test_each_challenge_has_a_solution_and_a_near_miss_within_the_sliders() -> None:
    names = [one.name for one in challenges() if one.machine]
    assert list(SOLUTIONS) == list(NEAR_MISSES) == names
    for _, (_, units, values) in PASSES + FAILS:
        assert UNITS.low <= units <= UNITS.high
        assert max(map(abs, values)) <= FARTHEST
        assert [round(value, 1) for value in values] == list(values)  # the sliders' step


@pytest.mark.parametrize(("name", "one"), PASSES)
def test_a_solution_passes(name: str, one: Cell) -> None:
    result = grade(challenge(name), *one)
    assert (result.solved, result.tried, result.wrong) == (True, COUNT, 0)
    assert result.failure is None


@pytest.mark.parametrize(("name", "one"), FAILS)
def test_a_near_miss_fails_with_its_input(name: str, one: Cell) -> None:
    """The input is a hidden one, up to its first wrong step, and no other fails earlier."""
    key, _, values = one
    result = grade(challenge(name), *one)
    assert not result.solved
    assert 0 < result.wrong <= result.tried
    failure = result.failure
    assert failure is not None
    steps = len(failure.inputs)
    assert failure.h == pytest.approx(by_hand(key, values, failure.inputs), abs=2e-5)
    wrong = [(h > ON) != on for h, on in zip(failure.h, failure.on, strict=True)]
    assert wrong == [False] * (steps - 1) + [True]
    inputs, on = hidden_sequences(challenge(name))
    same = np.isclose(inputs[:steps].T, failure.inputs).all(axis=1)
    assert same.any()
    assert tuple(on[:steps, same.argmax()]) == failure.on
    for column, right in zip(inputs.T.tolist(), on.T.tolist(), strict=True):
        early = by_hand(key, values, tuple(column[: steps - 1]))
        assert [h > ON for h in early] == right[: steps - 1]


@pytest.mark.parametrize("units", [1, 2])
@pytest.mark.parametrize("name", SOLUTIONS)
def test_no_preset_solves_a_challenge(name: str, units: int) -> None:
    for kind in compared():
        for preset in presets(kind.key):
            values = preset_values(kind.key, units, preset, seed=0)
            assert not grade(challenge(name), kind.key, units, values).solved


def test_the_smallest_bias_is_the_smallest() -> None:
    one = challenge("forget-bias")

    def tried(bias: float) -> tuple[bool, float | None]:
        rows = {"i": WRITE, "f": OPEN._replace(b=bias), "g": OPEN, "o": OPEN}
        result = grade(one, *cell("lstm", **rows))
        return result.solved, result.smaller

    assert [k / 10 for k in range(20, 80) if tried(k / 10)[0]] == [4.4]
    assert tried(5.0) == (False, 4.9)
    assert tried(4.3) == (False, None)


@pytest.mark.parametrize(
    ("one", "changed"),
    [
        (
            cell("lstm", i=OPEN, f=OPEN, g=OPEN, o=OPEN),
            (("W_ii (weight for x)", 10), ("b_i (b_ii + b_hi)", -7)),
        ),
        (
            cell("lstm", i=WRITE, f=OPEN._replace(h=10), g=OPEN, o=OPEN),
            (("W_hf (weight for h)", 0),),
        ),
        (cell("lstm", 2, i=WRITE, f=OPEN, g=OPEN, o=OPEN), (("", 0),)),
        (cell("gru"), (("", 0),)),
    ],
)
def test_other_weights_than_the_given_ones_are_named(
    one: Cell, changed: tuple[tuple[str, float], ...]
) -> None:
    result = grade(challenge("forget-bias"), *one)
    assert (result.solved, result.tried, result.changed) == (False, 0, changed)


def test_the_given_weights_lack_only_the_bias() -> None:
    smallest = challenge("forget-bias").smallest
    assert smallest is not None
    _, _, solved = SOLUTIONS["forget-bias"][0]
    index = handles("lstm", 1).index(Handle("f", 0, "b"))
    given = given_weights(smallest)
    assert given[index] == 0
    assert (*given[:index], 4.4, *given[index + 1 :]) == solved
