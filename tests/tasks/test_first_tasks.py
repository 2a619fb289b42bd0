"""Recall, brackets, wave and characters, read back by programs that know only what they promise."""

import math

import numpy as np
import pytest
import torch

from gatesviz.tasks import TASKS
from gatesviz.tasks.brackets import DEPTH
from tests.tasks.reading import samples, texts


def test_recall_asks_for_the_last_capital() -> None:
    task, batch = TASKS["recall"], samples("recall")
    for text, targets in zip(texts(task, batch), batch.targets.T.tolist(), strict=True):
        last, wanted = "", []
        for character in text:
            last = character if character in "ABCD" else last
            wanted.append(last if character == "?" else "nothing")
        assert [task.answer_names[target] for target in targets] == wanted
        assert text[0] in "ABCD"
        assert text[-1] == "?"
        assert "??" not in text
    assert torch.equal(batch.mask, batch.targets > 0)


def test_brackets_are_counted_and_never_close_too_early() -> None:
    task, batch = TASKS["brackets"], samples("brackets", length=200)
    for text, targets in zip(texts(task, batch), batch.targets.T.tolist(), strict=True):
        steps = np.array([(c == "(") - (c == ")") for c in text])
        np.testing.assert_array_equal(targets, steps.cumsum())
    assert batch.targets.min() == 0
    assert batch.targets.max() == DEPTH


def test_waves_obey_the_recurrence_of_two_sines() -> None:
    batch = samples("wave", length=60)
    assert torch.equal(batch.inputs[1:, :, 0], batch.targets[:-1])
    assert batch.inputs.abs().max() <= 1
    for x in batch.inputs[:, :, 0].T.double().numpy():
        # x[t] + x[t−4] = p (x[t−1] + x[t−3]) + q x[t−2] for any two sines
        left, right = x[4:] + x[:-4], np.stack([x[3:-1] + x[1:-3], x[2:-2]], 1)
        fit, *_ = np.linalg.lstsq(right, left, rcond=None)
        assert np.abs(right @ fit - left).max() < 1e-4


def test_held_out_text_is_not_trained_on() -> None:
    task, generator = TASKS["characters"], torch.Generator().manual_seed(0)
    trained = "\n".join(texts(task, task.batch(generator, 4_000, 200)))
    for text in texts(task, task.batch(generator, 20, 150, held_out=True)):
        assert text not in trained


def test_characters_ask_for_the_next_one() -> None:
    task, batch = TASKS["characters"], samples("characters")
    assert torch.equal(batch.inputs[1:].argmax(-1), batch.targets[:-1])
    assert " the " in " ".join(texts(task, batch))


def test_baselines_are_what_their_formulas_say() -> None:
    recall, brackets, wave = (samples(key, 300) for key in ("recall", "brackets", "wave"))
    letters = recall.targets[recall.mask].bincount()
    assert TASKS["recall"].baseline(recall) == pytest.approx(float(letters.max() / letters.sum()))
    assert TASKS["recall"].baseline(recall) == pytest.approx(1 / 4, abs=0.05)
    depths = brackets.targets.long().flatten().bincount()
    assert TASKS["brackets"].baseline(brackets) == pytest.approx(float(depths.max() / depths.sum()))
    spread = wave.targets[wave.mask].double().std(correction=0)
    assert TASKS["wave"].baseline(wave) == pytest.approx(float(spread), rel=1e-6)


def test_bits_of_an_even_guess() -> None:
    task, batch = TASKS["characters"], samples("characters")
    even = torch.zeros(*batch.targets.shape, task.output_size)
    assert task.score(even, batch) == pytest.approx(math.log2(task.output_size))
    assert task.baseline(batch) < math.log2(task.output_size)


def test_steps_that_are_not_scored_are_trained_too() -> None:
    task, batch = TASKS["recall"], samples("recall")
    silent = torch.zeros(*batch.targets.shape, task.output_size)
    loud = silent.clone()
    loud[..., 1][~batch.mask] = 5.0
    assert task.score(silent, batch) == task.score(loud, batch)
    assert task.loss(loud, batch) > task.loss(silent, batch)


def test_the_letters_of_a_sample_can_be_seen() -> None:
    characters, recall, wave = TASKS["characters"], TASKS["recall"], TASKS["wave"]
    assert characters.vocabulary is not None
    text = "the cat"
    inputs = torch.eye(characters.input_size)[[characters.vocabulary.index(c) for c in text]]
    assert characters.letters(inputs) == tuple("the␣cat")
    assert recall.letters(torch.eye(recall.input_size)) == recall.vocabulary
    assert wave.letters(torch.zeros(3, 1)) is None
