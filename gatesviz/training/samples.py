"""What a run learns from, what it is scored on, and what its gates are shown on."""

from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray

from gatesviz.tasks import Batch, Task
from gatesviz.training.spec import HELD_OUT, PROBE, PROBES, SAMPLES, SCORED_SAMPLES, TrainingSpec

_DTYPES = (torch.float32, torch.float64)  # a generator keeps a spare normal number of each


def generator(seed: int) -> torch.Generator:
    """Return a generator of its own."""
    return torch.Generator().manual_seed(seed)


def resumed(bits: NDArray[np.uint8]) -> torch.Generator:
    """Return a generator that goes on from ``bits``, what PyTorch's `get_state` returned.

    Raises:
        ValueError: if PyTorch refuses them.
    """
    stream = torch.Generator()
    try:
        return stream.set_state(torch.tensor(bits))
    except RuntimeError as error:
        raise ValueError(f"the state of a random generator is damaged: {error}") from error


def check_stream(bits: NDArray[np.uint8]) -> None:
    """Raise a ValueError unless ``bits`` are the state of a generator that works.

    PyTorch looks at a part of the state alone: it accepts one that draws NaN, or the same number
    for ever.
    """
    stream = resumed(bits)
    if not np.array_equal(stream.get_state().numpy(), bits):
        raise ValueError("the state of a random generator is damaged: PyTorch reads another one")
    normal = [torch.empty(1, dtype=kind).normal_(generator=stream) for kind in _DTYPES]
    drawn = torch.cat([torch.rand(8, generator=stream), *map(torch.Tensor.float, normal)])
    if not drawn.isfinite().all() or len(set(drawn.tolist())) < len(drawn) // 2:
        raise ValueError("the state of a random generator is damaged: its numbers are not random")


@lru_cache(maxsize=4)
def training_set(spec: TrainingSpec) -> Batch:
    """Return the ``data_size`` samples that the run draws from, always the same."""
    if spec.data_size is None:
        raise ValueError("data_size is None, so every update makes new samples")
    return _made(spec, generator(SAMPLES + spec.seed), spec.data_size)


def drawn(spec: TrainingSpec, stream: torch.Generator) -> Batch:
    """Return the next batch: new samples, or some of `training_set` with replacement."""
    if spec.data_size is None:
        return _made(spec, stream, spec.batch_size)
    chosen = torch.randint(spec.data_size, (spec.batch_size,), generator=stream)
    return part(training_set(spec), chosen)


def _made(spec: TrainingSpec, stream: torch.Generator, count: int) -> Batch:
    return spec.learned.batch(stream, count, spec.length, continuing=spec.carry)


def part(batch: Batch, chosen: torch.Tensor | slice) -> Batch:
    """Return the chosen samples of ``batch``."""
    return Batch(*(tensor[:, chosen] for tensor in batch))


def held_out(spec: TrainingSpec) -> Batch:
    """Return the 256 samples that runs of this task and length are scored on."""
    return _held_out(spec.learned, spec.length)


@lru_cache(maxsize=8)
def _held_out(task: Task, length: int) -> Batch:
    return task.batch(generator(HELD_OUT), SCORED_SAMPLES, length, held_out=True)


def probe(spec: TrainingSpec) -> Batch:
    """Return four held-out samples, the same for every run of this task and length.

    Gates are compared on them from checkpoint to checkpoint:
    ``record(history.model_at(update).module(), probe(spec).inputs)``.
    """
    return spec.learned.batch(generator(PROBE), PROBES, spec.length, held_out=True)
