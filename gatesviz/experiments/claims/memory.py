"""Memory of one update, counted in bytes: weights, and activations for the backward pass."""

import weakref
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from gatesviz.experiments.claims.benchmarks import (
    Benchmark,
    Measurement,
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
    """Return the bytes that autograd saves in ``forward`` for the backward pass.

    Every storage counts once and in full, even if a view uses part of it. Parts of the graph that
    ``forward`` does not return do not count. Autograd's own records do not count either: with
    PyTorch 2.13 about 4 kB a step for the RNN and 15 kB for the GRU. The LSTM's sequence is one
    operation with 7 kB in total.

    Args:
        known: tensors whose storages do not count, such as weights and inputs.
    """
    from torch.autograd.graph import saved_tensors_hooks

    saved: list[weakref.ref[Tensor]] = []

    def save(tensor: "Tensor") -> "Tensor":
        shared = tensor.detach()  # a result that saves itself would never be freed
        saved.append(weakref.ref(shared))
        return shared

    with saved_tensors_hooks(save, lambda tensor: tensor):
        result = forward()
    alive = [tensor.untyped_storage() for one in saved if (tensor := one()) is not None]
    sizes = {storage.data_ptr(): storage.nbytes() for storage in alive}
    del result
    for tensor in known:
        sizes.pop(tensor.untyped_storage().data_ptr(), None)
    return sum(sizes.values())


def weight_bytes(spec: "TrainingSpec") -> int:
    """Return the bytes of the weights, their gradient and the state of the optimiser."""
    from gatesviz.training import start

    state = start(spec)
    return 2 * state.weights.nbytes + state.moments.nbytes


def activation_bytes(spec: "TrainingSpec", seed: int = 0) -> int:
    """Return the bytes that one forward pass saves; ``seed`` draws the samples."""
    from gatesviz.training import samples
    from gatesviz.training.network import Network

    network = Network(spec)
    batch = samples.drawn(spec, samples.generator(seed))

    def loss() -> "Tensor":
        return spec.learned.loss(network.training_outputs(batch.inputs, None), batch)

    return saved_bytes(loss, [network.weights, *batch])


@alone()
def _run(specs: Specs, rounds: int) -> tuple[Values, Parts]:
    weights = {cell: (float(weight_bytes(spec)),) * rounds for cell, spec in specs.items()}
    activations = {
        cell: tuple(float(activation_bytes(spec, seed)) for seed in range(rounds))
        for cell, spec in specs.items()
    }
    both = {cell: zip(weights[cell], activations[cell], strict=True) for cell in specs}
    parts = {WEIGHTS: weights, ACTIVATIONS: activations}
    return {cell: tuple(map(sum, both[cell])) for cell in specs}, parts


def _compare(measurement: Measurement) -> tuple[Comparison, ...]:
    return (
        *ratios(measurement.values, "bytes for an update", below),
        *ratios(measurement.parts[ACTIVATIONS], "bytes for activations", below),
        *ratios(measurement.parts[WEIGHTS], "bytes for weights", below),
    )


MEMORY = Benchmark(
    key="memory",
    sentence="GRUs need less memory to train.",
    measures=(
        "We count the bytes that one update needs. Weights: the weights, their gradients and the"
        " two averages that Adam keeps for each weight. Activations: what the forward pass saves"
        " for the backward pass, without the input batch. “Yes” means that the GRU needs"
        " fewer bytes for both together than the LSTM. PyTorch's own bookkeeping is not counted."
        " With few units, it can be larger than the activations."
    ),
    y_name="bytes",
    _run=_run,
    _compare=_compare,
)
