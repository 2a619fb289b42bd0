"""Fused kernels: a cell on the whole sequence at once, against the same cell step by step.

On a processor PyTorch has one such kernel: oneDNN's, for the LSTM in float32. Its GRU and its RNN
multiply all inputs at once and then run a loop of small operations, in C++.
"""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from gatesviz.cells import CELLS
from gatesviz.experiments.claims.benchmarks import (
    Benchmark,
    Measured,
    Parts,
    Specs,
    Values,
    in_turn,
    ratio,
    ratios,
)
from gatesviz.experiments.claims.claim import Comparison
from gatesviz.experiments.statistics import above, below
from gatesviz.training.threads import alone

if TYPE_CHECKING:
    from torch import Tensor

    from gatesviz.fresh import Module

WHOLE, STEPS = "whole sequence", "cell by cell"
PAIRS = (("lstm", "gru"), ("lstm", "rnn_tanh"), ("gru", "rnn_tanh"))


def cell_of(module: "Module") -> "Callable[..., Any]":
    """Return ``torch.nn``'s ``LSTMCell``, ``GRUCell`` or ``RNNCell`` with the module's weights.

    Args:
        module: of one layer and direction; an RNN's activation is tanh.
    """
    from torch import nn

    kinds: dict[str, Callable[..., nn.RNNCellBase]] = {
        "LSTM": nn.LSTMCell,
        "GRU": nn.GRUCell,
        "RNN_TANH": nn.RNNCell,
    }
    cell = kinds[module.mode](module.input_size, module.hidden_size, device="meta")
    for name, _ in list(cell.named_parameters()):
        setattr(cell, name, getattr(module, f"{name}_l0"))
    return cell


def step_by_step(cell: "Callable[..., Any]", inputs: "Tensor") -> "Tensor":
    """Return h (T, B, H) after each step of ``inputs`` (T, B, I), from a state of zeros."""
    import torch

    state, told = None, []
    for x in inputs.unbind(0):
        state = cell(x, state)
        told.append(state[0] if isinstance(state, tuple) else state)
    return torch.stack(told)


@alone()
def _take(specs: Specs, rounds: int) -> tuple[Values, Parts]:
    import torch

    from gatesviz.training import samples, start

    calls = {}
    for cell, spec in specs.items():
        inputs = samples.drawn(spec, samples.generator(spec.seed)).inputs
        module = start(spec).module()
        calls[cell + WHOLE] = partial(module, inputs)
        calls[cell + STEPS] = partial(step_by_step, cell_of(module), inputs)
    with torch.no_grad():
        found = in_turn(calls, rounds)
    parts = {part: {cell: found[cell + part] for cell in specs} for part in (WHOLE, STEPS)}
    both = {cell: zip(parts[STEPS][cell], parts[WHOLE][cell], strict=True) for cell in specs}
    return {cell: tuple(steps / whole for steps, whole in both[cell]) for cell in specs}, parts


def _compare(found: Measured) -> tuple[Comparison, ...]:
    whole, steps = found.parts[WHOLE], found.parts[STEPS]
    return (
        *ratios(found.values, "gain by the whole sequence at once", above, PAIRS),
        *(
            ratio(whole[cell], steps[cell], f"time of the {CELLS[cell].name}, {WHOLE} / {STEPS}",
                  below)
            for cell in ("lstm", "gru", "rnn_tanh")
        ),
        *ratios(steps, f"time {STEPS}", below),
    )  # fmt: skip


FUSED = Benchmark(
    key="fused",
    sentence="LSTMs gain more from fused kernels than GRUs do.",
    measures=(
        "Processor time of a forward pass of torch.nn's LSTM, GRU and RNN on the whole sequence at"
        " once, against a loop over torch.nn's LSTMCell, GRUCell and RNNCell with the same weights."
        " On a processor the LSTM alone has a fused kernel (oneDNN's); on a graphics card all have"
        " one, which is not measured here. The gain is cell by cell / whole sequence; yes if the"
        " ratio of the gains, LSTM / GRU, lies above 1."
    ),
    y_name="milliseconds of a forward pass",
    _take=_take,
    _compare=_compare,
)
