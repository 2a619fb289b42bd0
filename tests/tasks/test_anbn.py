from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from gatesviz.tasks import TASKS
from gatesviz.tasks.anbn import largest_n, strings
from tests.tasks.reading import right, samples, texts

TASK = TASKS["anbn"]


def legal(prefix: str, n_most: int = 40) -> set[str]:
    """The letters that may follow, found by trying every text of the language."""
    language = ["S" + n * "a" + n * "b" + "T" for n in range(1, n_most)]
    return {text[len(prefix)] for text in language if text.startswith(prefix)}


@pytest.mark.parametrize("length", [3, 4, 21, 30])
def test_the_letters_that_may_come_next(length: int) -> None:
    batch = samples("anbn", 60, length)
    counts = set()
    for column, text in enumerate(texts(TASK, batch)):
        n = text.count("a")
        counts.add(n)
        assert text == ("S" + n * "a" + n * "b").ljust(length, "T")
        for step in range(2 * n + 1):
            members = {TASK.answer_names[i] for i in batch.targets[step, column].nonzero()[:, 0]}
            assert members == legal(text[: step + 1])
        assert batch.mask[:, column].tolist() == [step <= 2 * n for step in range(length)]
    assert counts == {*range(1, (length - 1) // 2 + 1)}


def test_no_constant_answer_has_a_text_right() -> None:
    batch = samples("anbn", 500)
    assert TASK.baseline(batch) == 0
    for members in range(8):
        bits = torch.tensor([members & 1, members & 2, members & 4]).bool().float()
        assert TASK.score((2 * bits - 1).expand_as(batch.targets), batch) == 0


def test_one_wrong_step_costs_its_text_and_the_filling_costs_nothing() -> None:
    batch = strings(torch.tensor([1, 2, 3, 4]), 9)
    output = right(TASK, batch)
    output[~batch.mask] = -output[~batch.mask]
    assert TASK.score(output, batch) == 1
    output[4, 1] = 1.0
    assert TASK.score(output, batch) == 0.75
    told = TASK.measures(output, batch)["accuracy on steps"]
    assert told == pytest.approx(1 - 1 / (3 + 5 + 7 + 9))


def counter(most: int) -> Callable[[Tensor], Tensor]:
    """A machine that counts, but not beyond ``most``."""

    def answers(inputs: Tensor) -> Tensor:
        a, b = (inputs[..., i].cumsum(0).clamp(max=most) for i in (1, 2))
        ends = (a == b) & (a > 0)
        return torch.stack([b == 0, (a > b), ends], -1).float() - 0.5

    return answers


@pytest.mark.parametrize("most", [1, 7, 40])
def test_the_largest_n_of_a_machine_that_is_known(most: int) -> None:
    # beyond what it can count to it sees the end at b number `most`, too early
    assert largest_n(counter(most), limit=60) == most


def test_the_largest_n_of_those_that_know_all_or_nothing() -> None:
    assert largest_n(counter(10**9), limit=30) == 30
    assert largest_n(lambda inputs: torch.zeros(*inputs.shape[:2], 3), limit=30) == 0


def test_one_gap_ends_the_count() -> None:
    def answers(inputs: Tensor) -> Tensor:
        said = counter(10**9)(inputs)
        said[:, 4] = -said[:, 4]  # n = 5
        return said

    assert largest_n(answers, limit=30) == 4


@pytest.mark.parametrize("limit", [0, 1_001])
def test_a_limit_out_of_range_is_refused(limit: int) -> None:
    with pytest.raises(ValueError, match=f"limit is {limit:,}"):
        largest_n(counter(3), limit)
