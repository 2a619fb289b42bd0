"""Scores of a model whose right answers can be read from its inputs or from itself.

Use one as the score of a `Probe`. All of them can be pickled.
"""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

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
    """

    entries: NDArray[np.int64]

    def __call__(self, answers: "Tensor") -> NDArray[np.float64]:
        """Return the score of each sequence, (B,).

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
        there = following >= 0
        logits = answers[:-1].detach().cpu().double().log_softmax(-1)
        surprise = -logits.gather(-1, following.clamp(min=0)[..., None])[..., 0]
        total = torch.where(there, surprise, 0.0).sum(0) / there.sum(0)
        found: NDArray[np.float64] = total.numpy() / math.log(2)
        return found


@dataclass(frozen=True, eq=False)
class NextValue:
    """The mean absolute error of a model that forecasts the next value. Lower is better.

    Attributes:
        values: (T, B, I), the numbers that are read at each step; T is 2 or more.
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
        found: NDArray[np.float64] = errors.mean(axis=(0, 2))
        return found


@dataclass(frozen=True, eq=False)
class SameAnswer:
    """The share of steps at which a model answers as it did before. Higher is better.

    This needs no right answers. It says how much an answer depends on what was changed, not whether
    the answer is good.

    Attributes:
        before: (T, B), the number of the largest answer; or (T, B, O), whether each is above 0.
    """

    before: NDArray[np.int64] | NDArray[np.bool_]

    @staticmethod
    def reading(answers: "Tensor", *, several: bool) -> "SameAnswer":
        """Return the score that compares with ``answers`` (T, B, O), which are logits.

        Args:
            answers: before anything is changed.
            several: whether each of the O answers is a yes or no of its own.
        """
        return SameAnswer(_decided(answers, several=several))

    def __call__(self, answers: "Tensor") -> NDArray[np.float64]:
        """Return the score of each sequence, (B,).

        Args:
            answers: logits after each step, (T, B, O).

        Raises:
            ValueError: if the shapes don't fit.
        """
        now = _decided(answers, several=self.before.ndim == 3)
        if now.shape != self.before.shape:
            raise ValueError(f"answers: expected shape {self.before.shape}, got {now.shape}")
        same = now == self.before
        found: NDArray[np.float64] = same.reshape(*same.shape[:2], -1).all(-1).mean(0)
        return found


def _decided(answers: "Tensor", *, several: bool) -> NDArray[np.int64] | NDArray[np.bool_]:
    decided = answers.detach() > 0 if several else answers.detach().argmax(-1)
    found: NDArray[np.int64] | NDArray[np.bool_] = decided.cpu().numpy()
    return found
