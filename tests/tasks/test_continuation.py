"""Free runs, of machines whose continuation is known on paper, and of PyTorch's own modules."""

import math

import pytest
import torch
from torch import Tensor, nn

from gatesviz.fresh import fresh
from gatesviz.tasks import TASKS, Batch, continuation_error, continued, text_task
from gatesviz.training.conv_attention import AttentiveReadout
from tests.tasks.reading import samples

WAVE = TASKS["wave"]


class Oscillator:
    """x[t + 1] = 2 cos(ω) x[t] − x[t − 1], which every sine of that frequency obeys."""

    bidirectional = batch_first = False
    input_size = hidden_size = 1
    proj_size = 0

    def __init__(self, period: float) -> None:
        self.twice = 2 * math.cos(2 * math.pi / period)

    def __call__(self, x: Tensor, state: Tensor | None) -> tuple[Tensor, Tensor]:
        told = []
        last = torch.zeros_like(x[0]) if state is None else state
        for now in x:
            told.append(self.twice * now - last)
            last = now
        return torch.stack(told), last


def test_an_oscillator_continues_its_sine() -> None:
    t = torch.arange(80).double()[:, None, None]
    sine = torch.sin(2 * math.pi * t / 13 + torch.tensor([0.0, 1.0])[:, None])
    told = continued(WAVE, Oscillator(13), nn.Identity(), sine[:10], 70)
    assert (told - sine[10:]).abs().max() < 1e-9


def test_errors_are_counted_from_the_first_free_step() -> None:
    """Who says the last value again is off by how far the values went since."""

    class Last(Oscillator):
        def __call__(self, x: Tensor, state: Tensor | None) -> tuple[Tensor, Tensor]:
            return x, x[-1]

    inputs = torch.arange(10.0).reshape(10, 1, 1).expand(10, 3, 1)
    batch = Batch(inputs, inputs[..., 0] + 1, torch.ones(10, 3, dtype=torch.bool))
    errors = continuation_error(WAVE, Last(2), nn.Identity(), batch, prefix=6)
    assert errors.tolist() == [1, 2, 3, 4, 5]
    assert continuation_error(WAVE, Last(2), nn.Identity(), batch, prefix=10).tolist() == [1]


@pytest.mark.parametrize("cell", ["rnn_tanh", "gru", "lstm"])
@pytest.mark.parametrize("layers", [1, 2])
def test_reading_the_continuation_gives_it_back(cell: str, layers: int) -> None:
    module, readout = fresh(cell, 1, 7, layers=layers).double(), nn.Linear(7, 1).double()
    prefix = samples("wave", 4, 12).inputs.double()
    told = continued(WAVE, module, readout, prefix, 9)
    with torch.no_grad():
        whole = readout(module(torch.cat([prefix, told]))[0])
    assert (whole[11:-1] - told).abs().max() < 1e-12
    assert told.shape == (9, 4, 1)


def test_text_is_continued_by_the_likeliest_or_drawn_as_the_model_says() -> None:
    text = "abc" * 100
    task, prefix = text_task(text), torch.eye(3)[[0, 1]][:, None].expand(2, 4_000, 3)

    class Shift(Oscillator):  # a after c, b after a, c after b: four times as likely as others
        input_size = hidden_size = 3

        def __call__(self, x: Tensor, state: Tensor | None) -> tuple[Tensor, None]:
            return x.roll(1, -1) * math.log(4), None

    shift, same = Shift(2), nn.Identity()
    told = continued(task, shift, same, prefix, 4)
    assert told[:, 0].argmax(-1).tolist() == [2, 0, 1, 2]
    drawn = continued(task, shift, same, prefix, 1, torch.Generator().manual_seed(0))
    shares = drawn[0].mean(0).tolist()
    assert shares == pytest.approx([1 / 6, 1 / 6, 4 / 6], abs=0.03)
    again = continued(task, shift, same, prefix, 1, torch.Generator().manual_seed(0))
    assert torch.equal(drawn, again)


def test_the_tasks_that_can_be_continued() -> None:
    can = {key for key, task in TASKS.items() if task.feeds_back}
    assert can == {"wave", "characters", "temperature", "stock"}


def test_what_cannot_be_continued_is_refused() -> None:
    module, readout, prefix = fresh("lstm", 1, 4), nn.Linear(4, 1), torch.zeros(3, 1, 1)
    with pytest.raises(ValueError, match="“Count brackets” can't be continued"):
        continued(TASKS["brackets"], module, readout, prefix, 2)
    with pytest.raises(ValueError, match="a bidirectional module can't continue"):
        continued(WAVE, fresh("lstm", 1, 4, bidirectional=True), readout, prefix, 2)
    with pytest.raises(ValueError, match="batch_first=False, got batch_first=True"):
        continued(WAVE, nn.LSTM(1, 4, batch_first=True), readout, prefix, 2)
    with pytest.raises(ValueError, match="the module reads 8 numbers a step, the task has 1"):
        continued(WAVE, fresh("lstm", 8, 4), readout, prefix, 2)
    with pytest.raises(ValueError, match="reads 8 numbers and h has 4"):
        continued(WAVE, module, AttentiveReadout(4, 1), prefix, 2)
    with pytest.raises(ValueError, match="at least 1 prefix step and 1 step, got 0 and 2"):
        continued(WAVE, module, readout, prefix[:0], 2)
    with pytest.raises(ValueError, match="at least 1 prefix step and 1 step, got 3 and 0"):
        continued(WAVE, module, readout, prefix, 0)
    batch = samples("wave", 2, 12)
    for place in (0, 13):
        with pytest.raises(ValueError, match=f"prefix: expected 1 to 12 steps, got {place}"):
            continuation_error(WAVE, module, readout, batch, place)
    characters = TASKS["characters"]
    with pytest.raises(ValueError, match="predicts characters: expected a task of numbers"):
        continuation_error(characters, module, readout, samples("characters", 2), 3)
