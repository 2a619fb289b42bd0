"""Fused kernels: the whole sequence in one call, compared with a loop over single steps.

On a CPU, PyTorch has one fused kernel: oneDNN's LSTM in float32. Its GRU and RNN multiply all
inputs at once and then run a loop of small operations in C++.
"""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from gatesviz.cells import CELLS, GRU, LSTM
from gatesviz.experiments.claims.benchmarks import (
    Benchmark,
    Measurement,
    Parts,
    Specs,
    Values,
    processor_times,
    ratio,
    ratios,
)
from gatesviz.experiments.claims.claim import Comparison
from gatesviz.experiments.claims.comparisons import in_order
from gatesviz.experiments.statistics import above, below
from gatesviz.fresh import one_step
from gatesviz.training.threads import alone

if TYPE_CHECKING:
    from torch import Tensor

WHOLE, STEPS = "whole sequence", "step by step"


def step_by_step(cell: "Callable[..., Any]", inputs: "Tensor") -> "Tensor":
    """Return h (T, B, H) after each step of ``inputs`` (T, B, I), from a state of zeros."""
    import torch

    state, outputs = None, []
    for x in inputs.unbind(0):
        state = cell(x, state)
        outputs.append(state[0] if isinstance(state, tuple) else state)
    return torch.stack(outputs)


@alone()
def _run(specs: Specs, rounds: int) -> tuple[Values, Parts]:
    import torch

    from gatesviz.training import samples, start

    calls = {}
    for cell, spec in specs.items():
        inputs = samples.drawn(spec, samples.generator(spec.seed)).inputs
        module = start(spec).module()
        calls[cell + WHOLE] = partial(module, inputs)
        calls[cell + STEPS] = partial(step_by_step, one_step(module), inputs)
    with torch.no_grad():
        times = processor_times(calls, rounds)
    parts = {part: {cell: times[cell + part] for cell in specs} for part in (WHOLE, STEPS)}
    both = {cell: zip(parts[STEPS][cell], parts[WHOLE][cell], strict=True) for cell in specs}
    return {cell: tuple(steps / whole for steps, whole in both[cell]) for cell in specs}, parts


def _compare(measurement: Measurement) -> tuple[Comparison, ...]:
    whole, steps = measurement.parts[WHOLE], measurement.parts[STEPS]
    return (
        *ratios(measurement.values, "speed-up by the whole sequence", above, LSTM, GRU),
        *(
            ratio(whole[cell], steps[cell], f"{CELLS[cell].name} time, {WHOLE} / {STEPS}",
                  below)
            for cell in in_order(LSTM)
        ),
        *ratios(steps, f"time {STEPS}", below),
    )  # fmt: skip


FUSED = Benchmark(
    key="fused",
    sentence="Computing all steps in one PyTorch call speeds up LSTMs more than GRUs.",
    former=(
        "One call for all steps (a fused kernel) speeds up LSTMs more than GRUs.",
        "Fused kernels (many operations in one call) speed up LSTMs more than GRUs.",
        "Fused kernels speed up LSTMs more than GRUs.",
        "LSTMs gain more from fused kernels than GRUs do.",
    ),
    measures=(
        "A fused kernel computes many operations in one call. We measure processor time of a"
        " forward pass in two ways: the whole sequence in one call of torch.nn's module, and step"
        " by step with its cell, on the same weights. The speed-up is the time step by step,"
        " divided by the time of one call. “Yes” means that the LSTM's speed-up divided by"
        " the GRU's is above 1. On a CPU only the LSTM has a fused kernel (oneDNN). On a GPU the"
        " GRU has one, too, but GPUs are not measured here."
    ),
    y_name="ms of processor time for a forward pass",
    _run=_run,
    _compare=_compare,
)
