"""Memory that an update needs, counted to the byte: weights, and what the way back is kept for."""

import weakref
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from gatesviz.experiments.claims.benchmarks import (
    Benchmark,
    Measured,
    Parts,
    Specs,
    Values,
    ratios,
)
from gatesviz.experiments.claims.claim import Comparison
from gatesviz.experiments.statistics import below
from gatesviz.training.threads import alone

if TYPE_CHECKING:
    from torch import Tensor

    from gatesviz.training import TrainingSpec

WEIGHTS, ACTIVATIONS = "weights", "activations"


def saved_bytes(forward: "Callable[[], Tensor]", known: "Iterable[Tensor]") -> int:
    """Return the bytes that autograd keeps of ``forward`` until the way back.

    Every storage counts once, and as a whole: a view keeps all of it. A part of the graph that
    ``forward`` does not return is gone with what it kept. Autograd's records of each operation do
    not count: with PyTorch 2.13 about 4 kB a step for the RNN, 15 kB for the GRU, and for the
    LSTM, whose sequence is one operation, 7 kB in all.

    Args:
        known: tensors whose storages do not count, such as weights and inputs.
    """
    from torch.autograd.graph import saved_tensors_hooks

    saved: list[weakref.ref[Tensor]] = []

    def keep(tensor: "Tensor") -> "Tensor":
        shared = tensor.detach()  # a result that held itself would never be let go
        saved.append(weakref.ref(shared))
        return shared

    with saved_tensors_hooks(keep, lambda tensor: tensor):
        result = forward()
    alive = [tensor.untyped_storage() for one in saved if (tensor := one()) is not None]
    sizes = {storage.data_ptr(): storage.nbytes() for storage in alive}
    del result
    for tensor in known:
        sizes.pop(tensor.untyped_storage().data_ptr(), None)
    return sum(sizes.values())


def of_weights(spec: "TrainingSpec") -> int:
    """Return the bytes of the weights, their gradient and what the optimiser remembers of each."""
    from gatesviz.training import start

    state = start(spec)
    return 2 * state.weights.nbytes + state.moments.nbytes


def of_activations(spec: "TrainingSpec", turn: int = 0) -> int:
    """Return the bytes that the forward half of an update keeps; ``turn`` draws other samples."""
    from gatesviz.training import samples
    from gatesviz.training.network import Network

    network = Network(spec)
    batch = samples.drawn(spec, samples.generator(turn))

    def loss() -> "Tensor":
        return spec.learned.loss(network.training_outputs(batch.inputs, None), batch)

    return saved_bytes(loss, [network.weights, *batch])


@alone()
def _take(specs: Specs, rounds: int) -> tuple[Values, Parts]:
    weights = {cell: (float(of_weights(spec)),) * rounds for cell, spec in specs.items()}
    activations = {
        cell: tuple(float(of_activations(spec, turn)) for turn in range(rounds))
        for cell, spec in specs.items()
    }
    both = {cell: zip(weights[cell], activations[cell], strict=True) for cell in specs}
    parts = {WEIGHTS: weights, ACTIVATIONS: activations}
    return {cell: tuple(map(sum, both[cell])) for cell in specs}, parts


def _compare(found: Measured) -> tuple[Comparison, ...]:
    return (
        *ratios(found.values, "bytes of an update", below),
        *ratios(found.parts[ACTIVATIONS], "bytes of activations", below),
        *ratios(found.parts[WEIGHTS], "bytes of weights", below),
    )


MEMORY = Benchmark(
    key="memory",
    sentence="GRUs need less memory to train.",
    measures=(
        "What the tensors of an update hold before the way back, counted to the byte: the weights"
        " with their gradient and Adam's two moments, and the activations, which is all that"
        " autograd keeps of the forward pass, the workspace of a fused kernel included, the batch"
        " not. Yes if the ratio GRU / LSTM of their sum lies below 1. Autograd's records of each"
        " operation are not counted; with few units they can outweigh the rest."
    ),
    y_name="bytes",
    _take=_take,
    _compare=_compare,
)
