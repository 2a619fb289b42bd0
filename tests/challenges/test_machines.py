"""What each challenge expects, against a rule that is written down again without a machine."""

import random
from collections.abc import Callable

import numpy as np
import pytest

from gatesviz.challenges import challenge, challenges
from gatesviz.challenges.sequences import COUNT, DENSITIES, draw, hidden_sequences
from gatesviz.limits import HAND_INPUT, HAND_STEPS

Inputs = list[float]


def _last_mark(x: Inputs) -> float:
    return next((value for value in reversed(x) if abs(value) == 1), 0.0)


def _first_mark(x: Inputs) -> float:
    return next((value for value in x if abs(value) == 1), 0.0)


RULES: dict[str, Callable[[Inputs], bool]] = {
    "latch": lambda x: 1 in x,
    "stop-sign": lambda x: _last_mark(x) == 1,
    "first-mark": lambda x: _first_mark(x) == 1,
    "toggle": lambda x: x.count(1) % 2 == 1,
    "count": lambda x: sum(x) == 5,
    "forget-bias": lambda x: x[0] == 1,
}
NAMES = [one.name for one in challenges() if one.machine]


def test_every_challenge_has_a_rule() -> None:
    assert list(RULES) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_the_machine_expects_what_the_rule_says(name: str) -> None:
    inputs, on = hidden_sequences(challenge(name))
    rounded = np.round(inputs.astype(float), 6)
    for sequence, right in zip(rounded.T.tolist(), on.T.tolist(), strict=True):
        assert [RULES[name](sequence[: k + 1]) for k in range(len(sequence))] == right


@pytest.mark.parametrize("name", NAMES)
def test_hidden_sequences_fit_the_page_and_have_every_case(name: str) -> None:
    one = challenge(name)
    inputs, on = hidden_sequences(one)
    assert inputs.shape == on.shape == (one.machine.steps, COUNT)
    assert one.machine.steps <= HAND_STEPS.high
    assert abs(inputs).max() <= HAND_INPUT.high
    assert len(np.unique(inputs.T, axis=0)) > 0.9 * COUNT
    quiet = np.isclose(abs(inputs), 1) == 0
    assert abs(inputs[quiet]).max() <= one.machine.noise + 1e-6
    if name != "forget-bias":
        assert not on.all()
        assert (on.any(axis=0)).mean() > 0.3
    if name == "count":
        totals = inputs.cumsum(axis=0).round()
        assert (totals.min(), totals.max()) == (0, 5)
        assert (on[:-1] & ~on[1:]).any()  # and back


def test_the_same_sequences_come_each_time_and_another_seed_gives_others() -> None:
    one = challenge("toggle")
    again = draw(one.machine, random.Random("hidden toggle"), COUNT)
    assert np.array_equal(again.inputs, hidden_sequences(one).inputs)
    assert not np.array_equal(again.inputs, draw(one.machine, random.Random(1), COUNT).inputs)


def test_sequences_have_rare_and_frequent_marks() -> None:
    inputs = hidden_sequences(challenge("toggle")).inputs
    shares = [inputs[:, k :: len(DENSITIES)].mean() for k in range(len(DENSITIES))]
    assert shares == pytest.approx(DENSITIES, abs=0.02)
