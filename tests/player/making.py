"""Traces for the tests of the player: real ones recorded from torch, one made by hand."""

import numpy as np
import torch
from torch import nn

from gatesviz.recordings import record
from gatesviz.recordings.stepwise import StepModule
from gatesviz.traces import Trace

STEPS = 12


def recorded(
    module: nn.RNNBase | StepModule, *, samples: int | None = None, steps: int = STEPS
) -> "Recorded":
    """Record ``module`` on seeded inputs, with weights and a first state of a visible size."""
    generator = torch.Generator().manual_seed(5)
    with torch.no_grad():
        for weight in module.parameters():
            weight.normal_(0, 0.8, generator=generator)
    batch = () if samples is None else (samples,)
    dtype = next(module.parameters()).dtype
    x = torch.randn(steps, *batch, module.input_size, generator=generator, dtype=dtype)
    x[2, ..., 0] = 0.0  # a term that is 0 is left out of the arithmetic, and counted
    return Recorded(module, x)


class Recorded:
    """A module with what it did."""

    def __init__(self, module: nn.RNNBase | StepModule, x: torch.Tensor) -> None:
        directions = 2 if module.bidirectional else 1
        rows, batch = module.num_layers * directions, x.shape[1:-1]
        generator = torch.Generator().manual_seed(6)
        shape = (rows, *batch, getattr(module, "proj_size", 0) or module.hidden_size)
        h = torch.randn(shape, generator=generator, dtype=x.dtype) / 2
        c = torch.randn((rows, *batch, module.hidden_size), generator=generator, dtype=x.dtype)
        state = (h, c) if isinstance(module, nn.LSTM) else h
        self.recording = record(module, x, state)
        self.trace = self.recording.trace


def traces() -> dict[str, Trace]:
    """Name -> a trace of one sample: each cell, and each way in which one can be special."""
    return {
        "lstm": recorded(nn.LSTM(3, 5), samples=3).trace().sample(1),
        "gru": recorded(nn.GRU(2, 9, num_layers=2)).trace(),
        "gru, reset before": recorded(StepModule("gru_reset_before", 2, 4)).trace(),
        "rnn": recorded(nn.RNN(1, 3), samples=2).trace().sample(0),
        "relu": recorded(nn.RNN(2, 3, nonlinearity="relu"), steps=5).trace(),
        "lstm, first layer": recorded(nn.LSTM(2, 4, num_layers=2)).trace(0),
        "lstm, backward": recorded(nn.LSTM(2, 4, bidirectional=True)).trace(-1, "backward"),
        "gru, backward": recorded(nn.GRU(2, 3, bidirectional=True)).trace(-1, "backward"),
        "lstm, projected": recorded(nn.LSTM(2, 6, proj_size=3), samples=1).trace().sample(0),
        "gru, no bias": recorded(nn.GRU(1, 4, bias=False)).trace(),
        "lstm, float64": recorded(nn.LSTM(2, 3).double()).trace(),
    }


def by_hand(f: list[list[float]]) -> Trace:
    """Return an LSTM's trace whose forget gate is ``f``, (T, H); every other number is 0."""
    gate = np.array(f, np.float32)
    steps, hidden = gate.shape
    nothing, states = np.zeros_like(gate), np.zeros((steps + 1, hidden), np.float32)
    return Trace(
        cell="lstm",
        direction="forward",
        inputs=np.zeros((steps, 1), np.float32),
        gates={"i": nothing, "f": gate, "g": nothing, "o": nothing},
        states={"h": states, "c": states},
        weights={
            "weight_ih": np.zeros((4 * hidden, 1), np.float32),
            "weight_hh": np.zeros((4 * hidden, hidden), np.float32),
        },
    )


def quiet(hidden: int = 4, steps: int = 30) -> Trace:
    """Return an LSTM's trace whose forget gate rises from 0 to almost 1, alike in every unit."""
    return by_hand([[t / steps] * hidden for t in range(steps)])
