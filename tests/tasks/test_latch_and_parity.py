import math
import re

import pytest
import torch

from gatesviz.tasks import TASKS
from tests.tasks.reading import samples, texts


def test_the_latch_asks_for_the_first_letter_at_the_end() -> None:
    task, batch = TASKS["latch"], samples("latch", 500)
    for text, answer in zip(texts(task, batch), batch.targets[-1].tolist(), strict=True):
        assert re.fullmatch(r"[AB][xyz.]{19}", text)
        assert task.answer_names[answer] == text[0]
    assert batch.mask.nonzero()[:, 0].unique().tolist() == [19]
    assert set("".join(texts(task, batch))) == set(task.vocabulary)


@pytest.mark.parametrize("length", [2, 20, 200])
def test_parity_counts_ones(length: int) -> None:
    task, batch = TASKS["parity"], samples("parity", 50, length)
    for text, answers in zip(texts(task, batch), batch.targets.T.tolist(), strict=True):
        for end, answer in enumerate(answers, 1):
            even = text[:end].count("1") % 2 == 0
            assert task.answer_names[answer] == ("even" if even else "odd")
    assert batch.mask.all()


@pytest.mark.parametrize("key", ["latch", "parity"])
def test_a_constant_answer_has_a_half_and_the_logarithm_of_two(key: str) -> None:
    batch = samples(key, 20_000)
    assert TASKS[key].baseline(batch) == pytest.approx(0.5, abs=0.015)
    assert TASKS[key].baseline_loss(batch) == pytest.approx(math.log(2), abs=0.001)


def test_half_of_the_first_letters_are_each() -> None:
    first = samples("latch", 20_000).targets[0]
    assert float(first.double().mean()) == pytest.approx(0.5, abs=0.015)
    assert torch.equal(first, samples("latch", 20_000).inputs[0].argmax(-1))
