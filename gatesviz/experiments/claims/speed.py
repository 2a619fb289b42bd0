"""Time of an update and of a forward pass, as the processor counts it."""

from functools import partial

from gatesviz.experiments.claims.benchmarks import (
    Benchmark,
    Measured,
    Parts,
    Specs,
    Values,
    in_turn,
    ratios,
)
from gatesviz.experiments.claims.claim import Comparison
from gatesviz.experiments.statistics import below
from gatesviz.training.threads import alone

BEFORE, UPDATES = 75, 24
"""Updates 76 to 99 are timed: after none of them held-out samples are looked at. A turn also makes
the network anew, which is some hundredths of its time."""


@alone()
def _updates(specs: Specs, rounds: int) -> tuple[Values, Parts]:
    from gatesviz.training import advance, start

    states = {cell: advance(start(spec), BEFORE)[0] for cell, spec in specs.items()}
    found = in_turn({cell: partial(advance, states[cell], UPDATES) for cell in specs}, rounds)
    return {cell: tuple(each / UPDATES for each in found[cell]) for cell in specs}, {}


@alone()
def _passes(specs: Specs, rounds: int) -> tuple[Values, Parts]:
    import torch

    from gatesviz.training import samples, start

    calls = {}
    for cell, spec in specs.items():
        inputs = samples.drawn(spec, samples.generator(spec.seed)).inputs
        calls[cell] = partial(start(spec).module(), inputs)
    with torch.no_grad():
        return in_turn(calls, rounds), {}


def _of_an_update(found: Measured) -> tuple[Comparison, ...]:
    return ratios(found.values, "time of an update", below)


def _of_a_pass(found: Measured) -> tuple[Comparison, ...]:
    return ratios(found.values, "time of a forward pass", below)


TIME = Benchmark(
    key="time",
    sentence="GRUs train faster: an update takes less time.",
    measures=(
        "Processor time of an update through the same loop as all training here, with the same"
        " number of units, one thread, the cells taking turns. Yes if the ratio GRU / LSTM lies"
        " below 1."
    ),
    y_name="milliseconds of an update",
    _take=_updates,
    _compare=_of_an_update,
)
FORWARD = Benchmark(
    key="forward",
    sentence="GRUs are faster to run.",
    measures=(
        "Processor time of the forward pass alone: torch.nn's own module on a batch, without"
        " gradients, with the same number of units, one thread, the cells taking turns. Yes if the"
        " ratio GRU / LSTM lies below 1."
    ),
    y_name="milliseconds of a forward pass",
    _take=_passes,
    _compare=_of_a_pass,
)
