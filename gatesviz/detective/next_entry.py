"""The score of a model that predicts the next entry of what it reads."""

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

    Use it as the score of a `Probe`. It can be pickled.

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
