"""The score of the next entry, against cross-entropy and a model whose score is known."""

import math
import pickle

import numpy as np
import pytest
import torch
from torch import nn

import gatesviz as gv
from gatesviz.detective.scores import NextEntry, NextValue, SameAnswer
from gatesviz.experiments.statistics import difference_of_means

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


def overflowing() -> tuple[nn.RNN, nn.Linear, torch.Tensor]:
    """A ReLU RNN whose first unit grows by 1.4 at each step, up to infinity."""
    module = nn.RNN(3, 4, nonlinearity="relu")
    readout = nn.Linear(4, 3)
    with torch.no_grad():
        module.weight_hh_l0.copy_(torch.diag(torch.tensor([1.4, 0.5, 0.5, 0.5])))
        module.weight_ih_l0.fill_(0.5)
        for bias in (module.bias_ih_l0, module.bias_hh_l0):
            bias.zero_()  # a random one can keep the unit at 0
    return module, readout, torch.eye(3)[torch.from_numpy(DICE.integers(3, size=(1500, 1)))]


@pytest.mark.parametrize("stretch", [0, 60])
def test_an_answer_that_is_no_number_is_no_score(stretch: int) -> None:
    module, readout, inputs = overflowing()
    entries = inputs.argmax(-1).numpy()
    with torch.no_grad():
        answers = readout(module(inputs)[0])
    assert 0.1 < float(answers.isfinite().all(-1).double().mean()) < 0.3
    for score in (
        NextEntry(entries, stretch),
        SameAnswer.reading(answers, several=False, stretch=stretch),
        SameAnswer.reading(answers, several=True, stretch=stretch),
    ):
        found = score(answers)
        assert len(found) == (25 if stretch else 1)
        assert math.isnan(found[-1])
        assert math.isfinite(found[0]) == bool(stretch)
        with pytest.raises(ValueError, match="score: expected finite numbers, got nan for"):
            gv.ablate((module, readout, inputs, score, "lower"))


def test_a_unit_whose_absence_leads_to_an_overflow_is_refused_in_a_sentence() -> None:
    """Unit 1 keeps unit 0 at 0. Without it, unit 0 grows up to infinity."""
    module, readout, inputs = overflowing()
    with torch.no_grad():
        module.weight_hh_l0[0, 1] = -100.0
        module.bias_ih_l0[1] = 100.0
    score = NextEntry(inputs.argmax(-1).numpy(), 60)
    [fine] = gv.ablate((module, readout, inputs, score, "lower"), [2])
    assert math.isfinite(fine.score)
    with pytest.raises(ValueError, match="score: expected finite numbers, got nan for sequence"):
        gv.ablate((module, readout, inputs, score, "lower"), [1])


def test_the_score_over_all_is_the_mean_over_entries_not_over_stretches() -> None:
    entries = DICE.integers(4, size=(40, 2))
    entries[7:, 1] = -1  # 39 entries are predicted in one sequence, 6 in the other one
    module, readout = nn.GRU(4, 3), nn.Linear(3, 4)
    inputs = torch.eye(4)[torch.from_numpy(entries.clip(0))]
    with torch.no_grad():
        answers = readout(module(inputs)[0])
    there = torch.from_numpy(entries[1:] >= 0)
    following = torch.from_numpy(entries[1:])[there]
    bits = float(nn.functional.cross_entropy(answers[:-1][there], following)) / math.log(2)
    for stretch in (0, 5):
        score = NextEntry(entries, stretch)
        assert score.weights.sum() == 45
        [one] = gv.ablate((module, readout, inputs, score, "lower"), [0])
        assert one.unchanged == pytest.approx(bits, abs=1e-6)
        assert one.unchanged != pytest.approx(score(answers).mean(), abs=1e-6)
    inside, turned = entries >= 0, answers.clone()
    turned[:3] = -turned[:3]
    same = SameAnswer.reading(answers, several=False, inside=inside, stretch=5)
    assert same.weights.sum() == inside.sum()
    share = (turned.argmax(-1) == answers.argmax(-1)).numpy()[inside].mean()
    assert np.average(same(turned), weights=same.weights) == pytest.approx(share)


def test_the_harm_is_the_difference_of_both_scores_where_stretches_are_unequal() -> None:
    """A scrap of 3 steps counts a twentieth of a stretch of 60, in the interval, too."""
    entries = DICE.integers(4, size=(600, 2))
    entries[3:, 1] = -1
    module, readout = nn.GRU(4, 3), nn.Linear(3, 4, bias=False)
    with torch.no_grad():  # so that each unit changes some answers
        for k, weight in enumerate([*module.parameters(), *readout.parameters()]):
            weight.copy_(torch.randn(weight.shape, generator=torch.Generator().manual_seed(k)))
    inputs = torch.eye(4)[torch.from_numpy(entries.clip(0))]
    score = NextEntry(entries, 60)
    assert sorted(set(score.weights.tolist())) == [2, 59, 60]
    with torch.no_grad():
        answers = readout(module(inputs)[0])
    same = SameAnswer.reading(answers, several=False, inside=entries >= 0, stretch=60)
    for each, better, sign in ((score, "lower", 1), (same, "higher", -1)):
        for one in gv.ablate((module, readout, inputs, each, better)):
            assert one.harm.estimate == pytest.approx(sign * (one.score - one.unchanged), abs=1e-12)
            assert one.harm.estimate != pytest.approx(np.mean(one.harm.values), abs=1e-6)
            assert one.harm.low < one.harm.estimate < one.harm.high


def test_a_scrap_that_breaks_alone_does_not_decide() -> None:
    """Without the unit, only a sequence of 3 steps is answered otherwise."""
    entries = np.full((2000, 2), -1)
    entries[:, 0], entries[:3, 1] = np.arange(2000) % 5, [0, 1, 2]
    score = NextEntry(entries, 60)
    following = torch.from_numpy((np.arange(2000) + 1) % 5)
    before = 5.0 * torch.eye(5)[following][:, None].repeat(1, 2, 1)
    after = before.clone()
    after[:, 1] *= -4
    found = difference_of_means(score(after), score(before), score.weights)
    surprise = score(after)[-1] - score(before)[-1]
    assert found.estimate == pytest.approx(surprise * 2 / (1999 + 2))
    assert surprise > 20
    assert found.low == 0


def test_the_error_of_a_forecast_is_the_mean_over_all_forecasts_of_unequal_sequences() -> None:
    module, readout = nn.GRU(2, 3), nn.Linear(3, 2)
    rows = [torch.from_numpy(DICE.normal(size=(steps, 2)).astype(np.float32)) for steps in (9, 3)]
    packed = nn.utils.rnn.pack_sequence(rows)
    values = np.full((9, 2, 2), np.nan)
    for k, row in enumerate(rows):
        values[: len(row), k] = row
    score = pickle.loads(pickle.dumps(NextValue(values)))
    assert score.weights.tolist() == [8, 2]
    [one] = gv.ablate((module, readout, packed, score, "lower"), [0])
    with torch.no_grad():
        errors = [(readout(module(row)[0])[:-1] - row[1:]).abs() for row in rows]
    assert one.unchanged == pytest.approx(torch.cat(errors).mean().item(), abs=1e-6)
    assert one.unchanged != pytest.approx(np.mean([each.mean() for each in errors]), abs=1e-4)
    assert one.harm.n == 2
