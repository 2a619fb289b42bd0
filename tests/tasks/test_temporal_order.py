import math
import re

import pytest
import torch

from gatesviz.tasks import TASKS
from gatesviz.tasks.temporal_order import places
from tests.tasks.reading import samples, texts

TASK = TASKS["temporal_order"]


def test_marks_stand_where_the_setting_says() -> None:
    batch = samples("temporal_order", 2_000)
    found = []
    for text, order in zip(texts(TASK, batch), batch.targets[-1].tolist(), strict=True):
        assert re.fullmatch("E[abcd]*[XY][abcd]*[XY][abcd]*B", text)
        first, second = (match.start() for match in re.finditer("[XY]", text))
        assert TASK.answer_names[order] == f"{text[first]} then {text[second]}"
        found.append((first, second))
    firsts, seconds = zip(*found, strict=True)
    assert set(firsts) == {*range(3, 13)}
    assert set(seconds) == {*range(25, 41)}


def test_only_the_end_is_scored_and_learnt_from() -> None:
    batch = samples("temporal_order")
    assert batch.mask[-1].all()
    assert batch.mask.sum() == 40
    output = torch.randn(50, 40, 4, generator=torch.Generator().manual_seed(0))
    changed = output.clone()
    changed[:-1] += 5
    assert torch.equal(TASK.loss(output, batch), TASK.loss(changed, batch))


@pytest.mark.parametrize("length", range(10, 200))
def test_places_never_meet_nor_touch_the_ends(length: int) -> None:
    (a, b), (c, d) = places(length)
    assert 1 <= a <= b < c <= d <= length - 2


def test_a_constant_answer_has_a_quarter_and_the_logarithm_of_four() -> None:
    batch = samples("temporal_order", 20_000)
    assert TASK.baseline(batch) == pytest.approx(0.25, abs=0.01)
    assert TASK.baseline_loss(batch) == pytest.approx(math.log(4), abs=0.001)
