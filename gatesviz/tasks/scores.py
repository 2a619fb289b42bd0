"""Scores of answers, and the constant answers with the best scores.

Scores take the readout's output (T, B, O) and the batch. They are NaN where a scored answer is NaN,
which is neither right nor wrong. Constants take the batch and return a readout's output.
"""

import math
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec, cast

from gatesviz.tasks.batches import Batch

if TYPE_CHECKING:
    from torch import Tensor

_More = ParamSpec("_More")
_Share = Callable[Concatenate["Tensor", Batch, _More], float]


def of_numbers(share: _Share[_More]) -> _Share[_More]:
    """Return ``share`` with NaN where a scored answer is NaN, which comparisons would count."""

    @wraps(share)
    def scored(output: "Tensor", batch: Batch, *more: _More.args, **named: _More.kwargs) -> float:
        if output[batch.mask].isnan().any():
            return math.nan
        return share(output, batch, *more, **named)

    return cast("_Share[_More]", scored)


@of_numbers
def share_right(output: "Tensor", batch: Batch) -> float:
    """Return the share of scored steps whose likeliest answer is right."""
    right = output.argmax(-1) == batch.targets
    return float(right[batch.mask].double().mean())


@of_numbers
def share_rounded(output: "Tensor", batch: Batch) -> float:
    """Return the share of scored steps whose answer rounds to the right whole number."""
    right = output[..., 0].round() == batch.targets
    return float(right[batch.mask].double().mean())


def root_mean_square(output: "Tensor", batch: Batch) -> float:
    """Return the root mean square error of the scored steps."""
    error = (output[..., 0] - batch.targets)[batch.mask]
    return math.sqrt(float((error.double() ** 2).mean()))


def bits(output: "Tensor", batch: Batch) -> float:
    """Return the mean surprise of the scored steps, in bits."""
    surprise = -output.double().log_softmax(-1).gather(-1, batch.targets[..., None])[..., 0]
    return float(surprise[batch.mask].mean()) / math.log(2)


def frequencies(batch: Batch, size: int) -> "Tensor":
    """Return log counts of the scored answers at every step, (T, B, O)."""
    counts = batch.targets[batch.mask].long().bincount(minlength=size).double()
    return counts.log().expand(*batch.targets.shape, size)


def commonest(batch: Batch) -> "Tensor":
    """Return the most common scored answer at every step, (T, B, 1)."""
    return batch.targets[batch.mask].mode().values.expand(*batch.targets.shape, 1)


def mean(batch: Batch) -> "Tensor":
    """Return the mean scored answer at every step, (T, B, 1)."""
    return batch.targets[batch.mask].mean().expand(*batch.targets.shape, 1)


def mean_square(output: "Tensor", batch: Batch) -> float:
    """Return the mean squared error of the scored steps."""
    return root_mean_square(output, batch) ** 2


@of_numbers
def share_within(output: "Tensor", batch: Batch, room: float) -> float:
    """Return the share of scored steps whose error is below ``room``."""
    error = (output[..., 0] - batch.targets)[batch.mask].abs()
    return float((error < room).double().mean())


def rights(output: "Tensor", batch: Batch) -> "Tensor":
    """Return at which steps the predicted set is right, (T, B); NaN makes it wrong.

    The set holds every name with a probability above 1/2.
    """
    return ((output > 0) == (batch.targets > 0)).all(-1) & ~output.isnan().any(-1)


@of_numbers
def share_of_sets(output: "Tensor", batch: Batch) -> float:
    """Return the share of scored steps whose set is right."""
    return float(rights(output, batch)[batch.mask].double().mean())


@of_numbers
def share_of_likeliest(output: "Tensor", batch: Batch) -> float:
    """Return the share of scored steps whose likeliest answer is in the set."""
    likeliest = output.argmax(-1, keepdim=True)
    return float(batch.targets.gather(-1, likeliest)[..., 0][batch.mask].double().mean())


@of_numbers
def share_of_texts(output: "Tensor", batch: Batch) -> float:
    """Return the share of samples whose sets are right at every scored step."""
    return float((rights(output, batch) | ~batch.mask).all(0).double().mean())


def commonest_set(batch: Batch) -> "Tensor":
    """Return the most common scored set at every step, as log odds of ±1, (T, B, O)."""
    import torch

    scored = batch.targets[batch.mask]
    binary = (scored * 2.0 ** torch.arange(scored.shape[-1])).sum(-1)
    return (2 * scored[binary == binary.mode().values][0] - 1).expand(*batch.targets.shape)


def last_value(batch: Batch) -> "Tensor":
    """Return the input of every step as the forecast, (T, B, 1): persistence."""
    return batch.inputs[..., :1]


def counted(score: Callable[["Tensor", Batch], float], batch: Batch) -> "Tensor":
    """Return how much each sample counts in a score over all, (B,).

    These are its scored steps. `share_of_texts` counts each sample once.
    """
    steps = batch.mask.sum(0)
    return (steps > 0).long() if score is share_of_texts else steps


def power(score: Callable[["Tensor", Batch], float]) -> int:
    """Return p, if a score over all is the mean of the scores of samples to the power of p."""
    return 2 if score is root_mean_square else 1
