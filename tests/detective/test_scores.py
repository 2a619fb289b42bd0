"""The score of the next entry, against cross-entropy and a model whose score is known."""

import math
import pickle

import numpy as np
import pytest
import torch
from torch import nn

import gatesviz as gv
from gatesviz.detective.scores import NextEntry

DICE = np.random.default_rng(0)


def test_it_is_the_cross_entropy_of_the_next_entry_in_bits() -> None:
    entries = DICE.integers(5, size=(7, 3))
    answers = torch.randn(7, 3, 5, generator=torch.Generator().manual_seed(0))
    found = NextEntry(entries)(answers)
    for k in range(3):
        loss = nn.functional.cross_entropy(answers[:-1, k], torch.from_numpy(entries[1:, k]))
        assert found[k] == pytest.approx(float(loss) / math.log(2))
    short = entries.copy()
    short[4:, 1] = -1
    ended = answers.clone()
    ended[4:, 1] = math.nan
    loss = nn.functional.cross_entropy(answers[:3, 1], torch.from_numpy(entries[1:4, 1]))
    assert NextEntry(short)(ended)[1] == pytest.approx(float(loss) / math.log(2))
    with pytest.raises(ValueError, match=r"expected shape \(7, 3, 'V'\), got \(6, 3, 5\)"):
        NextEntry(entries)(answers[1:])


def test_a_readout_without_its_units_is_as_surprised_as_a_uniform_guess() -> None:
    """The answers of a readout without bias are all 0 when the only unit is off."""
    module, readout = nn.LSTM(4, 1), nn.Linear(1, 4, bias=False)
    entries = DICE.integers(4, size=(9, 40))
    inputs = torch.eye(4)[torch.from_numpy(entries)]
    score = pickle.loads(pickle.dumps(NextEntry(entries)))
    [one] = gv.ablate((module, readout, inputs, score, "lower"))
    assert one.score == pytest.approx(2.0)
    with torch.no_grad():
        expected = score(readout(module(inputs)[0])).mean()
    assert one.unchanged == pytest.approx(expected, abs=1e-6)
