"""What a run learns from, what it is scored on, and what its gates are shown on."""

from functools import lru_cache

import torch

from gatesviz.tasks import Batch, Task
from gatesviz.training.seeds import HELD_OUT, PROBE, PROBES, SAMPLES, SCORED_SAMPLES
from gatesviz.training.spec import TrainingSpec


def generator(seed: int) -> torch.Generator:
    """Return a generator of its own."""
    return torch.Generator().manual_seed(seed)


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
