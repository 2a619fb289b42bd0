"""Processor time of an update and of a forward pass."""

from functools import partial

from gatesviz.experiments.claims.benchmarks import (
    Benchmark,
    Measurement,
    Parts,
    Specs,
    Values,
    processor_times,
    ratios,
)
from gatesviz.experiments.claims.claim import Comparison
from gatesviz.experiments.statistics import below
from gatesviz.training.threads import alone

BEFORE, UPDATES = 75, 24
"""The benchmark times updates 76 to 99, because none of them scores held-out samples. Each timing
also builds the network again, which takes a few percent of it."""


@alone()
def _updates(specs: Specs, rounds: int) -> tuple[Values, Parts]:
    from gatesviz.training import advance, start

    states = {cell: advance(start(spec), BEFORE)[0] for cell, spec in specs.items()}
    calls = {cell: partial(advance, states[cell], UPDATES) for cell in specs}
    times = processor_times(calls, rounds)
    return {cell: tuple(each / UPDATES for each in times[cell]) for cell in specs}, {}


@alone()
def _passes(specs: Specs, rounds: int) -> tuple[Values, Parts]:
    import torch

    from gatesviz.training import samples, start

    calls = {}
    for cell, spec in specs.items():
        inputs = samples.drawn(spec, samples.generator(spec.seed)).inputs
        calls[cell] = partial(start(spec).module(), inputs)
    with torch.no_grad():
        return processor_times(calls, rounds), {}


def _compare_updates(measurement: Measurement) -> tuple[Comparison, ...]:
    return ratios(measurement.values, "time per update", below)


def _compare_passes(measurement: Measurement) -> tuple[Comparison, ...]:
    return ratios(measurement.values, "time per forward pass", below)


TIME = Benchmark(
    key="time",
    sentence="GRUs train faster: each update takes less time.",
    former=("GRUs train faster.", "GRUs train faster: an update takes less time."),
    measures=(
        "We measure processor time per update. All cells use this app's training loop, the same"
        " number of hidden units and one thread. The app measures one cell after another and"
        " repeats this. “Yes” means that the GRU needs less time than the LSTM."
    ),
    y_name="ms of processor time per update",
    _run=_updates,
    _compare=_compare_updates,
)
FORWARD = Benchmark(
    key="forward",
    sentence="GRUs read faster: a forward pass takes less time.",
    former=("GRUs are faster to run.",),
    measures=(
        "We measure processor time of a forward pass of torch.nn's module on one batch, without"
        " gradients. All cells have the same number of hidden units and use one thread. The app"
        " measures one cell after another and repeats this. “Yes” means that the GRU"
        " needs less time than the LSTM."
    ),
    y_name="ms of processor time for a forward pass",
    _run=_passes,
    _compare=_compare_passes,
)
