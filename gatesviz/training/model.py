"""A trained model: the weights of a run after some updates, and the history of that run."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gatesviz.cells import CELLS
from gatesviz.tasks import Continuation, Task, continue_text
from gatesviz.training.parts import Floats, Parts, empty_parts, views
from gatesviz.training.snapshots import Snapshot, checkpoints
from gatesviz.training.spec import TrainingSpec
from gatesviz.training.user_data import OwnData

if TYPE_CHECKING:
    from torch import Tensor, nn

    from gatesviz.fresh import Module


@dataclass(frozen=True, eq=False)
class History:
    """What a run left behind, however its updates were sliced.

    The bound, for U updates and P weights: `nbytes` ≤ 4·64·P for the weights, or 8 MB where that
    is less, though never below 4·21·P; 8·U for losses and norms; and 20·(U / 25 + 17) for the
    scores. Gates are not kept: a recording made from a checkpoint's weights is exact, and larger.

    Attributes:
        spec: of the run.
        losses, gradient_norms: (U,) float32: entry u − 1 belongs to update u. The norms are those
            before clipping.
        rates: (first update that used it, learning rate) in order.
        scored: (K,) int32: after which updates it was scored.
        scores, train_scores: (K,) float64 on held-out samples and on the training set; the
            latter are NaN where there is no fixed one.
        weights: update -> (P,) for every one of `checkpoints` but 0, whose weights the seed gives.
    """

    spec: TrainingSpec
    losses: Floats = field(default_factory=lambda: np.empty(0, np.float32))
    gradient_norms: Floats = field(default_factory=lambda: np.empty(0, np.float32))
    rates: tuple[tuple[int, float], ...] = ()
    scored: NDArray[np.int32] = field(default_factory=lambda: np.empty(0, np.int32))
    scores: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    train_scores: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    weights: Mapping[int, Floats] = field(default_factory=dict)

    def __repr__(self) -> str:
        last = f", last loss {self.losses[-1]:.4g}" if len(self.losses) else ""
        return f"History({self.updates:,} updates{last}, {self.spec!r})"

    @property
    def updates(self) -> int:
        """U, how many updates are known."""
        return len(self.losses)

    @property
    def checkpoints(self) -> tuple[int, ...]:
        """After which updates there are weights, in order; 0 is before the first. At most 64."""
        return checkpoints(self.updates, self.spec.weight_count)

    @property
    def nbytes(self) -> int:
        """How many bytes the arrays take."""
        series: tuple[NDArray[Any], ...]
        series = (self.losses, self.gradient_norms, self.scored, self.scores, self.train_scores)
        kept = sum(weights.nbytes for weights in self.weights.values())
        return kept + sum(array.nbytes for array in series)

    def add(self, snapshots: Iterable[Snapshot]) -> "History":
        """Return a history that goes on with ``snapshots``.

        Raises:
            ValueError: if they do not begin at the next update, or leave one out.
        """
        new = list(snapshots)
        for expected, snapshot in enumerate(new, self.updates + 1):
            if snapshot.update != expected:
                raise ValueError(
                    f"update {snapshot.update:,} given, update {expected:,} comes next"
                )
        tests = [s for s in new if s.score is not None]
        weights = {**self.weights, **{s.update: s.weights for s in new if s.weights is not None}}
        kept = checkpoints(self.updates + len(new), self.spec.weight_count)
        return History(
            self.spec,
            _longer(self.losses, [s.loss for s in new]),
            _longer(self.gradient_norms, [s.gradient_norm for s in new]),
            _changes(self.rates, new),
            _longer(self.scored, [s.update for s in tests]),
            _longer(self.scores, [s.score for s in tests]),
            _longer(self.train_scores, [_or_nan(s.train_score) for s in tests]),
            {update: weights[update] for update in kept if update},
        )

    def model_at(self, update: int) -> "TrainedModel":
        """Return the model at a checkpoint.

        Raises:
            ValueError: if ``update`` is none of `checkpoints`.
        """
        if update not in self.checkpoints:
            raise ValueError(
                f"no weights are kept after update {update:,}, only after"
                f" {', '.join(f'{u:,}' for u in self.checkpoints)}"
            )
        if update:
            return TrainedModel(self.spec, update, self.weights[update], self)
        from gatesviz.training.initial import initial_weights

        return TrainedModel(self.spec, 0, initial_weights(self.spec))


@dataclass(frozen=True, eq=False)
class TrainedModel:
    """The weights of a run after some updates.

    C is `TrainingSpec.input_size`: the I inputs of the task, or the channels of a convolution.

    Attributes:
        spec: the settings of the run.
        updates: how many updates were made.
        weights: (P,) float32: every parameter of the recurrent module in PyTorch's order; the
            readout's weight (O, D·H), or (O, 2·D·H) with attention, and bias (O,); then, where
            they exist, the convolution's weight (C, I, k) and bias (C,), and the attention's
            W_a (D·H, D·H).
        history: losses, scores and stored weights of the whole run, also after other updates than
            this one. Empty by default.
        key: a string for caches, unique in a browser session. "" by default.
    """

    spec: TrainingSpec
    updates: int
    weights: Floats
    history: History = None  # type: ignore[assignment]  # an empty one once it is made
    key: str = ""

    def __post_init__(self) -> None:
        if self.history is None:
            object.__setattr__(self, "history", History(self.spec))

    def __repr__(self) -> str:
        return f"TrainedModel({self.updates:,} updates, {self.spec!r})"

    @property
    def cell(self) -> str:
        """Key of `gatesviz.cells.CELLS`."""
        return self.spec.cell

    @property
    def task(self) -> Task:
        """The task that the run learns."""
        return self.spec.learned

    @property
    def vocabulary(self) -> tuple[str, ...] | None:
        """The characters it reads, one-hot in this order; None where it reads numbers."""
        return self.task.vocabulary

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the table columns it reads; () where it reads at most one."""
        data = self.spec.task
        if not isinstance(data, OwnData) or not data.input_names:
            return ()
        return data.title, *data.input_names

    @property
    def example(self) -> str:
        """A good first input."""
        return self.task.example

    @property
    def name(self) -> str:
        """The cell and the update, as in "LSTM after 600 updates"."""
        return f"{CELLS[self.cell].name} after {self.updates:,} updates"

    @property
    def description(self) -> str:
        """The cell, its size, its task and its last held-out score, for a page."""
        known, units = self.history.scored <= self.updates, self.spec.actual_hidden_size
        score = "no score yet"
        if known.any():
            score = self.task.describe_score(float(self.history.scores[known][-1]))
            score = " ".join(filter(None, (score, self.task.scored)))
        spec, around = self.spec, ""
        if spec.convolution is not None:
            around = (
                f" The cell reads {spec.input_size} channels of a convolution over the last"
                f" {spec.convolution} inputs, so x is what the convolution returns."
            )
        if spec.attention:
            around += " Attention reads all earlier states for an answer."
        return (
            f"Your {CELLS[self.cell].name} with {units} hidden {'unit' if units == 1 else 'units'}"
            f" after {self.updates:,} updates. Task: {self.task.title}. On held-out sequences:"
            f" {score}.{around}"
        )

    def standardised(self, rows: ArrayLike) -> Floats:
        """Return rows (T, 1 + K) of its `columns` on the model's scale: `OwnData.standardised`.

        Raises:
            TypeError: if it reads no columns of a table.
        """
        if not isinstance(self.spec.task, OwnData):
            raise TypeError(f"“{self.task.title}” isn't trained on your own table")
        return self.spec.task.standardised(rows)

    def module(self) -> "Module":
        """Return a new ``torch.nn`` module with these weights; time first, evaluation mode.

        It reads `features`: the inputs, or a convolution's output.
        """
        return self._parts().module

    def readout(self) -> "nn.Linear":
        """Return a new readout with these weights, h (T, B, D·H) -> (T, B, O).

        A ``torch.nn.Linear``; with attention an `AttentiveReadout`, which takes whole sequences.
        """
        return self._parts().readout

    def modules(self) -> "tuple[Module, nn.Linear]":
        """Return the module and the readout."""
        parts = self._parts()
        return parts.module, parts.readout

    def features(self, inputs: ArrayLike) -> "Tensor":
        """Return what the recurrent module reads at ``inputs`` (T, B, I): (T, B, C)."""
        import torch

        with torch.no_grad():
            return self._parts().features(_tensor(inputs))

    def outputs(self, inputs: ArrayLike) -> "Tensor":
        """Return the readout's output for ``inputs`` (T, B, I), from a zero state: (T, B, O)."""
        import torch

        parts = self._parts()
        with torch.no_grad():
            outputs: Tensor = parts.readout(parts.module(parts.features(_tensor(inputs)))[0])
        return outputs

    def answers(self, output: ArrayLike) -> Floats:
        """Return the readout's answers (..., O) for the module's ``output`` (..., D·H).

        See `Task.answers`: a number, or probabilities.
        """
        import torch

        with torch.no_grad():
            read = self.readout()(torch.tensor(np.asarray(output, np.float32)))
            answers: Floats = self.task.answers(read).numpy()
        return answers

    def continue_text(
        self, prompt: str, letters: int = 200, *, temperature: float = 0.7, seed: int = 0
    ) -> Continuation:
        """Return ``letters`` letters that the model writes after ``prompt``.

        The same arguments give the same text: see `gatesviz.tasks.continue_text`.

        Raises:
            ValueError: if the model doesn't predict characters or knows none of the prompt's, if it
                reads in both directions or has a convolution or attention, or if an argument is
                outside its limit.
        """
        module, readout = self.modules()
        return continue_text(
            self.task, module, readout, prompt, letters, temperature=temperature, seed=seed
        )

    def attention(self, inputs: ArrayLike) -> Floats:
        """Return the attention weights for ``inputs`` (T, B, I): (B, T, T) float32.

        Row t has the weights of step t for each step s; it adds up to 1, and is 0 for s > t.

        Raises:
            ValueError: if the model has no attention.
        """
        import torch

        from gatesviz.training.conv_attention import AttentiveReadout

        parts = self._parts()
        if not isinstance(parts.readout, AttentiveReadout):
            raise ValueError("the model has no attention: its readout sees one step at a time")
        with torch.no_grad():
            h, _ = parts.module(parts.features(_tensor(inputs)))
            weights: Floats = parts.readout.attention(h).numpy()
        return weights

    def _parts(self) -> Parts:
        import torch

        parts = empty_parts(self.spec)
        weights = views(torch.tensor(self.weights), parts.parameters)
        with torch.no_grad():
            for parameter, part in zip(parts.parameters, weights, strict=True):
                parameter.copy_(part)
        parts.module.eval()
        return parts


def _tensor(inputs: ArrayLike) -> "Tensor":
    import torch

    return torch.as_tensor(inputs, dtype=torch.float32)


def _longer(series: NDArray[Any], more: list[Any]) -> NDArray[Any]:
    return np.concatenate([series, np.asarray(more, series.dtype)])


def _changes(
    rates: tuple[tuple[int, float], ...], more: list[Snapshot]
) -> tuple[tuple[int, float], ...]:
    for snapshot in more:
        if not rates or rates[-1][1] != snapshot.learning_rate:
            rates = (*rates, (snapshot.update, snapshot.learning_rate))
    return rates


def _or_nan(score: float | None) -> float:
    return np.nan if score is None else score
