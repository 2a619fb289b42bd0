"""Modules and inputs of every kind, and what torch itself says about them."""

import warnings
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_sequence, pad_packed_sequence

from gatesviz.recordings.stepwise import StepModule

TOLERANCE = {torch.float32: 2e-6, torch.float64: 1e-14}
LENGTHS = {"packed": (3, 6, 1, 6), "packed, sorted": (6, 4, 4, 2)}


@dataclass(frozen=True)
class Case:
    """One kind of module, inputs and state. I = 3, H = 5, T = 6, B = 4 unless said."""

    cell: str = "lstm"  # rnn_tanh, rnn_relu, lstm, gru, gru_reset_before, or lstm_proj
    layers: int = 1
    bidirectional: bool = False
    batch_first: bool = False
    bias: bool = True
    dtype: torch.dtype = torch.float32
    layout: str = "batched"  # batched, unbatched, or a key of LENGTHS
    given_state: bool = False
    steps: int = 6
    samples: int = 4
    input_size: int = 3
    hidden_size: int = 5
    seed: int = 0

    def module(self) -> nn.RNNBase:
        options = {"num_layers": self.layers, "bidirectional": self.bidirectional}
        options |= {"batch_first": self.batch_first, "bias": self.bias, "dtype": self.dtype}
        kind, extra = {
            "rnn_tanh": (nn.RNN, {}),
            "rnn_relu": (nn.RNN, {"nonlinearity": "relu"}),
            "lstm": (nn.LSTM, {}),
            "lstm_proj": (nn.LSTM, {"proj_size": 2}),
            "gru": (nn.GRU, {}),
            "gru_reset_before": (partial(StepModule, "gru_reset_before"), {}),
        }[self.cell]
        module = kind(self.input_size, self.hidden_size, **options, **extra)
        with torch.no_grad():
            for name, parameter in module.named_parameters():
                parameter.copy_(self.random(name, parameter.shape))
        return module

    def inputs(self) -> Tensor | PackedSequence:
        if self.layout in LENGTHS:
            samples = [self.random(f"x{k}", (n, self.input_size)) for k, n in enumerate(self.ends)]
            return pack_sequence(samples, enforce_sorted=self.layout == "packed, sorted")
        shape: tuple[int, ...] = (self.steps, self.samples, self.input_size)
        if self.layout == "unbatched":
            shape = (self.steps, self.input_size)
        elif self.batch_first:
            shape = (self.samples, self.steps, self.input_size)
        return self.random("x", shape)

    def state(self) -> Tensor | tuple[Tensor, Tensor] | None:
        if not self.given_state:
            return None
        count = self.layers * (2 if self.bidirectional else 1)
        batch = () if self.layout == "unbatched" else (self.samples,)
        h_size = 2 if self.cell == "lstm_proj" else self.hidden_size
        h = self.random("h", (count, *batch, h_size))
        if not self.cell.startswith("lstm"):
            return h
        return h, self.random("c", (count, *batch, self.hidden_size))

    @property
    def ends(self) -> tuple[int, ...]:
        return LENGTHS[self.layout]

    def random(self, name: str, shape: tuple[int, ...]) -> Tensor:
        dice = np.random.default_rng([self.seed, *name.encode()])
        return torch.from_numpy(dice.normal(0, 0.4, tuple(shape))).to(self.dtype)


def torch_result(module, inputs, state=None) -> tuple[np.ndarray, tuple[np.ndarray, ...]]:
    """Return the output (NaN beyond each end) and the states of ``module(inputs, state)``."""
    with torch.no_grad(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "LSTM with projections is not supported with oneDNN")
        output, state = module(inputs, state)
    if isinstance(output, PackedSequence):
        output, _ = pad_packed_sequence(output, padding_value=float("nan"))
    states = state if isinstance(state, tuple) else (state,)
    return output.numpy(), tuple(s.numpy() for s in states)


def states_of(recording) -> tuple[np.ndarray, ...]:
    state = recording.state
    return state if isinstance(state, tuple) else (state,)
