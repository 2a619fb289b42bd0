"""Scores of a model whose right answers can be read from its inputs or from itself.

Use one as the score of a `Probe`. All of them can be pickled. An answer that is not a number makes
a score NaN, which `ablate` refuses.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, eq=False)
class NextEntry:
    """Bits for each entry: how surprised the model is by the next one. Lower is better.

    Attributes:
        entries: (T, B), the number of the entry that is read at each step; −1 beyond the end of a
            sequence. Each sequence has two or more.
        stretch: steps. Each sequence is cut into stretches of about so many, one score for each;
            0 gives each sequence one score.
    """

    entries: NDArray[np.int64]
    stretch: int = 0

    def __call__(self, answers: "Tensor") -> NDArray[np.float64]:
        """Return the score of each stretch, the first sequence's first: (B,) without stretches.

        Args:
            answers: logits of the next entry after each step, (T, B, V).

        Raises:
            ValueError: if the shapes don't fit.
        """
        import torch

        following = torch.from_numpy(self.entries[1:])
        if answers.shape[:2] != self.entries.shape:
            raise ValueError(
                f"answers: expected shape {(*self.entries.shape, 'V')}, got {tuple(answers.shape)}"
            )
        logits = answers[:-1].detach().cpu().double().log_softmax(-1)
        surprise = -logits.gather(-1, following.clamp(min=0)[..., None])[..., 0]
        return _means(surprise.numpy() / math.log(2), self._there, self.stretch)

    @property
    def weights(self) -> NDArray[np.int64]:
        """How many entries each score counts."""
        return _sizes(self._there, self.stretch)

    @property
    def _there(self) -> NDArray[np.bool_]:
        """The steps after which an entry follows, (T − 1, B)."""
        return self.entries[1:] >= 0


@dataclass(frozen=True, eq=False)
class NextValue:
    """The mean absolute error of a model that forecasts the next value. Lower is better.

    Attributes:
        values: (T, B, I), the numbers that are read at each step; NaN beyond the end of a sequence.
            Each sequence has two steps or more.
    """

    values: NDArray[np.float64]

    def __call__(self, answers: "Tensor") -> NDArray[np.float64]:
        """Return the score of each sequence, (B,).

        Args:
            answers: the forecast of the next step after each step, (T, B, I).

        Raises:
            ValueError: if the shapes don't fit.
        """
        if tuple(answers.shape) != self.values.shape:
            raise ValueError(
                f"answers: expected shape {self.values.shape}, got {tuple(answers.shape)}"
            )
        errors = np.abs(answers[:-1].detach().cpu().double().numpy() - self.values[1:])
        return _means(errors.mean(-1), self._there, 0)

    @property
    def weights(self) -> NDArray[np.int64]:
        """How many forecasts each score counts."""
        return _sizes(self._there, 0)

    @property
    def _there(self) -> NDArray[np.bool_]:
        """The steps whose values are forecast, (T − 1, B)."""
        return np.asarray(~np.isnan(self.values[1:]).any(-1))


@dataclass(frozen=True, eq=False)
class SameAnswer:
    """The share of steps at which a model answers as it did before. Higher is better.

    This needs no right answers. It says how much an answer depends on what was changed, not whether
    the answer is good.

    Attributes:
        before: (T, B), the number of the largest answer; or (T, B, O), whether each is above 0.
        inside: (T, B), false beyond the end of a sequence; None if all have T steps.
        stretch: as of `NextEntry`.
    """

    before: NDArray[np.int64] | NDArray[np.bool_]
    inside: NDArray[np.bool_] | None = None
    stretch: int = 0

    @staticmethod
    def reading(
        answers: "Tensor",
        *,
        several: bool,
        inside: NDArray[np.bool_] | None = None,
        stretch: int = 0,
    ) -> "SameAnswer":
        """Return the score that compares with ``answers`` (T, B, O), which are logits.

        Args:
            answers: before anything is changed.
            several: whether each of the O answers is a yes or no of its own.
            inside, stretch: as of this class.
        """
        return SameAnswer(_decided(answers, several=several), inside, stretch)

    def __call__(self, answers: "Tensor") -> NDArray[np.float64]:
        """Return the score of each stretch, the first sequence's first: (B,) without stretches.

        Args:
            answers: logits after each step, (T, B, O).

        Raises:
            ValueError: if the shapes don't fit.
        """
        now = _decided(answers, several=self.before.ndim == 3)
        if now.shape != self.before.shape:
            raise ValueError(f"answers: expected shape {self.before.shape}, got {now.shape}")
        same = now == self.before
        shares = same.reshape(*same.shape[:2], -1).all(-1).astype(np.float64)
        shares[answers.detach().isnan().any(-1).cpu().numpy()] = math.nan  # no answer at all
        return _means(shares, _there(self.before, self.inside), self.stretch)

    @property
    def weights(self) -> NDArray[np.int64]:
        """How many steps each score counts."""
        return _sizes(_there(self.before, self.inside), self.stretch)


@dataclass(frozen=True, eq=False)
class SameNumbers:
    """How far a model's numbers move: the root mean square of the difference. Lower is better.

    This needs no right answers either. The score over all sequences is the RMSE over all of their
    steps, not the mean of the scores.

    Attributes:
        before: (T, B, O), the answers before anything is changed.
        inside, stretch: as of `SameAnswer`.
    """

    before: NDArray[np.float64]
    inside: NDArray[np.bool_] | None = None
    stretch: int = 0
    power: ClassVar[int] = 2
    """Of the mean over sequences: see `gatesviz.experiments.statistics.difference_of_means`."""

    @staticmethod
    def reading(
        answers: "Tensor", *, inside: NDArray[np.bool_] | None = None, stretch: int = 0
    ) -> "SameNumbers":
        """Return the score that compares with ``answers`` (T, B, O)."""
        return SameNumbers(answers.detach().cpu().double().numpy(), inside, stretch)

    def __call__(self, answers: "Tensor") -> NDArray[np.float64]:
        """Return the score of each stretch, the first sequence's first: (B,) without stretches.

        Args:
            answers: after each step, (T, B, O).

        Raises:
            ValueError: if the shapes don't fit.
        """
        if tuple(answers.shape) != self.before.shape:
            raise ValueError(
                f"answers: expected shape {self.before.shape}, got {tuple(answers.shape)}"
            )
        moved = answers.detach().cpu().double().numpy() - self.before
        found: NDArray[np.float64] = np.sqrt(
            _means((moved**2).mean(-1), _there(self.before, self.inside), self.stretch)
        )
        return found

    @property
    def weights(self) -> NDArray[np.int64]:
        """How many steps each score counts."""
        return _sizes(_there(self.before, self.inside), self.stretch)


@dataclass(frozen=True, eq=False)
class ReadsFinal:
    """A readout of a bidirectional module that reads its final states h_n, once.

    Use it as the readout of a `Probe`. It takes the forward state of the last step and the backward
    state of the first step from the module's output.

    Attributes:
        layer: such as a ``torch.nn.Linear`` from 2·P to O.
        lengths: (B,), the steps of each sequence; None if all have T.
    """

    layer: "Callable[[Tensor], Tensor]"
    lengths: NDArray[np.int64] | None = None

    def __call__(self, output: "Tensor") -> "Tensor":
        """Return the answers (1, B, O), one for each sequence, for an output (T, B, 2·P)."""
        import torch

        steps, count, size = output.shape
        last = np.full(count, steps) if self.lengths is None else self.lengths
        onward = output[torch.from_numpy(last - 1), torch.arange(count), : size // 2]
        return self.layer(torch.cat([onward, output[0, :, size // 2 :]], -1))[None]


def _there(before: NDArray[Any], inside: NDArray[np.bool_] | None) -> NDArray[np.bool_]:
    """Return the steps that exist, (T, B)."""
    return np.ones(before.shape[:2], bool) if inside is None else inside


def _parts(there: NDArray[np.bool_], stretch: int) -> list[tuple[NDArray[np.intp], int]]:
    """Return the steps and the sequence of each stretch, the first sequence's first.

    Args:
        there: (T, B), the steps of each sequence that are scored, at least one.
        stretch: as of `NextEntry`.
    """
    parts = []
    for number, column in enumerate(there.T):
        steps = np.flatnonzero(column)
        count = -(-len(steps) // stretch) if stretch else 1
        parts += [(part, number) for part in np.array_split(steps, count)]
    return parts


def _means(
    values: NDArray[np.float64], there: NDArray[np.bool_], stretch: int
) -> NDArray[np.float64]:
    """Return the mean of ``values`` (T, B) over each stretch. A value that is NaN makes it NaN."""
    means = [values[steps, number].mean() for steps, number in _parts(there, stretch)]
    return np.array(means, np.float64)


def _sizes(there: NDArray[np.bool_], stretch: int) -> NDArray[np.int64]:
    return np.array([len(steps) for steps, _ in _parts(there, stretch)], np.int64)


def _decided(answers: "Tensor", *, several: bool) -> NDArray[np.int64] | NDArray[np.bool_]:
    decided = answers.detach() > 0 if several else answers.detach().argmax(-1)
    found: NDArray[np.int64] | NDArray[np.bool_] = decided.cpu().numpy()
    return found
