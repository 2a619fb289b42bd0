"""The fold: ``start(spec) -> state``, ``advance(state, updates) -> (state, snapshots)``."""

from dataclasses import replace
from reprlib import repr as shortened

import numpy as np
import torch
from torch import Tensor

from gatesviz.limits import RUN_UPDATES, UPDATES_AT_ONCE
from gatesviz.tasks import Batch
from gatesviz.training import samples
from gatesviz.training.initial import initial_weights
from gatesviz.training.network import Network
from gatesviz.training.optimisers import STEPS
from gatesviz.training.snapshots import Snapshot, is_checkpoint, is_scored
from gatesviz.training.spec import DROPOUT, SAMPLES, SCORED_SAMPLES, TrainingSpec
from gatesviz.training.state import MOMENTS, State, carried_shape, with_learning_rate
from gatesviz.training.stops import LARGEST_NORM, stops, why_stopped
from gatesviz.training.threads import alone

_SMALLEST_NORM = (
    1e-15  # PyTorch adds up well, in float32, squares of norms from here to LARGEST_NORM
)


def start(spec: TrainingSpec) -> State:
    """Create a run: return its state before the first update.

    Raises:
        TypeError: if ``spec`` is not a `TrainingSpec`.
        ModuleNotFoundError: if the task needs a library that is not there; see `Task.missing`.
    """
    if not isinstance(spec, TrainingSpec):
        raise TypeError(
            f"spec: expected a TrainingSpec, got {shortened(spec)}."
            ' Write start(TrainingSpec("recall"))'
        )
    with alone():
        samples.probe(spec)
    seeds = [SAMPLES + spec.seed, DROPOUT + spec.seed][: 2 if spec.dropout else 1]
    weights = initial_weights(spec)
    return State(
        spec=spec,
        updates=0,
        learning_rate=spec.learning_rate,
        rates=(),
        weights=weights,
        moments=np.zeros((MOMENTS[spec.optimiser], weights.size), np.float32),
        streams=np.stack([samples.generator(seed).get_state().numpy() for seed in seeds]),
        carried=np.zeros(carried_shape(spec), np.float32),
    )


def advance(state: State, updates: int) -> tuple[State, tuple[Snapshot, ...]]:
    """Make ``updates`` more updates. Return the new state and a snapshot of each update.

    The result is the same, bit for bit, however the updates are divided into calls, after pickling,
    and in any process with the same machine and PyTorch. Training uses one thread and its own
    random generators. ``state`` is not changed. If a loss or a gradient is not finite, the run
    stops with a message in `State.stopped` and keeps the weights before that update. A stopped
    state is returned unchanged.

    Raises:
        TypeError: if ``state`` is not a `State` or ``updates`` is not a whole number.
        ValueError: if ``updates`` is outside `UPDATES_AT_ONCE`, or the run would have more than
            `RUN_UPDATES` allows.
    """
    if not isinstance(state, State):
        hint = ": pass start(spec)" if isinstance(state, TrainingSpec) else ""
        raise TypeError(f"state: expected a State, got a {type(state).__name__}{hint}")
    updates = UPDATES_AT_ONCE.check(updates)
    RUN_UPDATES.check(state.updates + updates)
    if state.stopped:
        return state, ()
    with alone():
        trainer, snapshots = _Trainer(state), []
        for _ in range(updates):
            snapshot = trainer.update()
            if snapshot is None:
                break
            snapshots.append(snapshot)
        return trainer.state(), tuple(snapshots)


def replay(state: State) -> State:
    """Return the same state made again from its spec and its changes of learning rate."""
    again = start(state.spec)
    changes = dict(state.rates)
    stops = sorted({*changes, state.updates})
    for stop in stops:
        while again.updates < stop:
            again, _ = advance(again, min(stop - again.updates, UPDATES_AT_ONCE.high))
        if stop in changes:
            again = with_learning_rate(again, changes[stop])
    return again


class _Trainer:
    """A state in motion: the same numbers in tensors that change in place."""

    def __init__(self, state: State) -> None:
        self._before, self._spec, self._updates = state, state.spec, state.updates
        self._task = state.spec.learned
        self._network = Network(state.spec)
        self._network.weights.copy_(torch.tensor(state.weights))
        self._moments = torch.tensor(state.moments)
        self._streams = [samples.resumed(bits) for bits in state.streams]
        self._carried = torch.tensor(state.carried)
        self._stopped: str | None = None

    def update(self) -> Snapshot | None:
        """Make one update; None, and nothing is changed, if a number is not finite."""
        (loss, after), norm, network = self._loss(), self._clip(), self._network
        broken = stops("loss", loss)
        if broken or stops("gradient", norm):
            update = self._updates + 1
            if broken:
                self._stopped = why_stopped(update, "loss", loss)
            else:
                self._stopped = why_stopped(update, "gradient", norm)
            return None
        # Such a norm leaves every number below 2e19 and every step below 2e20: none overflows.
        self._updates += 1
        self._carried = after if self._spec.carry else self._carried
        step, rate = STEPS[self._spec.optimiser], self._before.learning_rate
        step(network.weights, network.gradient, self._moments, self._updates, rate)
        return self._snapshot(loss, norm)

    def state(self) -> State:
        """Return where the run stands now."""
        return replace(
            self._before,
            updates=self._updates,
            weights=self._network.weights.numpy().copy(),
            moments=self._moments.numpy().copy(),
            streams=np.stack([stream.get_state().numpy() for stream in self._streams]),
            carried=self._carried.numpy().copy(),
            stopped=self._stopped,
        )

    def _loss(self) -> tuple[float, Tensor]:
        """Return the next batch's loss, and the states after it; the gradient is the network's."""
        batch = samples.drawn(self._spec, self._streams[0])
        masks = self._streams[1] if self._spec.dropout else None
        self._network.gradient.zero_()
        before = self._carried if self._spec.carry else None
        answers, after = self._network.read_on(batch.inputs, masks, before)
        loss = self._task.loss(answers, batch)
        loss.backward()  # type: ignore[no-untyped-call]
        return loss.item(), after

    def _clip(self) -> float:
        """Shorten the gradient where the spec says so; return its norm before.

        PyTorch squares in float32. Where the squares don't fit, the norm is taken in float64.
        """
        gradients = [each.grad for each in self._network.parameters if each.grad is not None]
        norm = torch.nn.utils.get_total_norm(gradients)
        if not _SMALLEST_NORM < norm.item() < LARGEST_NORM:
            wide = torch.linalg.vector_norm(self._network.gradient, dtype=torch.float64)
            return float(wide)
        if self._spec.clip is not None:
            torch.nn.utils.clip_grads_with_norm_(self._network.parameters, self._spec.clip, norm)
        return norm.item()

    def _snapshot(self, loss: float, norm: float) -> Snapshot:
        number, score, train_score, weights = self._updates, None, None, None
        if is_scored(number):
            score = self._score(samples.held_out(self._spec))
            if self._spec.data_size is not None:
                whole = samples.training_set(self._spec)
                train_score = self._score(samples.part(whole, slice(SCORED_SAMPLES)))
        if is_checkpoint(number, self._network.weights.numel()):
            weights = self._network.weights.numpy().copy()
        rate = self._before.learning_rate
        return Snapshot(number, loss, norm, rate, score, train_score, weights)

    @torch.no_grad()
    def _score(self, batch: Batch) -> float:
        return self._task.score(self._network.outputs(batch.inputs), batch)
