import pytest
import torch

from gatesviz.tasks import TASKS
from gatesviz.tasks.adding import RIGHT_WITHIN
from tests.tasks.reading import right, samples

TASK = TASKS["adding"]


@pytest.mark.parametrize("length", [2, 7, 50])
def test_the_answer_is_the_sum_of_one_number_from_each_half(length: int) -> None:
    batch = samples("adding", 500, length)
    half = length // 2
    for column, total in zip(batch.inputs.unbind(1), batch.targets[-1].tolist(), strict=True):
        values, marked = column[:, 0].tolist(), column[:, 1].nonzero()[:, 0].tolist()
        first, second = marked
        assert first < half <= second
        assert column[:, 1].sum() == 2
        assert total == pytest.approx(values[first] + values[second], abs=1e-6)
    assert 0 <= batch.inputs.min() <= batch.inputs.max() <= 1


def test_a_constant_answer_has_the_variance_of_the_sum() -> None:
    batch = samples("adding", 50_000)
    assert TASK.baseline(batch) == pytest.approx(1 / 6, rel=0.02)
    assert TASK.baseline_loss(batch) == pytest.approx(TASK.baseline(batch))


def test_right_within_is_the_papers_in_todays_units() -> None:
    batch = samples("adding", 1_000)
    values, marks = batch.inputs[..., 0], batch.inputs[..., 1]
    papers = 0.5 + ((2 * values - 1) * marks).sum(0) / 4
    assert (papers - batch.targets[-1] / 2).abs().max() < 1e-6  # half the sum: half the room
    for off, share in [(0.99 * RIGHT_WITHIN, 1.0), (1.01 * RIGHT_WITHIN, 0.0)]:
        assert list(TASK.measures(right(TASK, batch) + off, batch).values())[1] == share
    constant = torch.ones(*batch.mask.shape, 1)
    # the sum has a triangle's density: 1 − (1 − .08)² lie within .08 of its mean
    told = list(TASK.measures(constant, batch).values())[1]
    assert told == pytest.approx(1 - 0.92**2, abs=0.04)
