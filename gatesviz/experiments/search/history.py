"""Data in order of time: the training part, then the held-out part to forecast."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gatesviz.tasks.forecasts import standardised
from gatesviz.tasks.texts import held_out_from
from gatesviz.training import OwnData, TrainedModel

WARM_UP = 200
"""Number of the last training steps that a model reads before its first forecast."""


@dataclass(frozen=True, eq=False)
class History:
    """Data in order.

    Attributes:
        rows: (N, C) float32 for a series, standardised, the forecast column first; (N,) uint8 for
            a text, the index of each character.
        cut: the first held-out row.
        size: number of different characters of a text; 0 for a series.
    """

    rows: NDArray[Any]
    cut: int
    size: int = 0

    @property
    def held_out(self) -> int:
        """H, the number of held-out steps."""
        return len(self.rows) - self.cut

    @property
    def warm_up(self) -> int:
        """Number of training steps that a model reads before its first forecast."""
        return min(WARM_UP, self.cut)

    def score(self, costs: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the scores of mean ``costs``: their square root for a series, else the bits."""
        return costs if self.size else np.sqrt(costs)


def history(data: OwnData) -> History:
    """Return ``data`` in order, prepared as its task prepares it."""
    if isinstance(data.content, str):
        vocabulary = data.task.vocabulary or ()
        index = {character: i for i, character in enumerate(vocabulary)}
        rows = np.array([index[character] for character in data.content], np.uint8)
        return History(rows, held_out_from(len(rows)), len(vocabulary))
    columns = standardised(data.values.reshape(-1, 1 + len(data.input_names)))
    return History(columns.values, columns.cut)


def roll(model: TrainedModel, known: History) -> NDArray[np.float64]:
    """Return the cost of each held-out step for ``model``, (H,), forecast one step ahead in order.

    The model starts from a state of zero, reads `History.warm_up` training steps, and carries its
    state on to the end. Before each forecast it has read every earlier row.

    Returns:
        The squared error at each step of a series, or the surprise in bits at each step of a text.
    """
    import torch

    rows = torch.from_numpy(known.rows[known.cut - known.warm_up :])
    inputs, targets = rows[:-1], rows[known.warm_up :]
    if known.size:
        inputs = torch.nn.functional.one_hot(inputs.long(), known.size).float()
    module, readout = model.modules()
    with torch.no_grad():
        answers = readout(module(inputs[:, None])[0])[known.warm_up - 1 :, 0].double()
        if known.size:
            odds = answers.log_softmax(-1).gather(-1, targets.long()[:, None])[:, 0]
            return np.asarray((-odds / np.log(2)).numpy(), np.float64)
        return np.asarray(((answers[:, 0] - targets[:, 0].double()) ** 2).numpy(), np.float64)
