"""The training loss of a task, and the least loss of a constant answer."""

from typing import TYPE_CHECKING, Literal

from gatesviz.tasks.batches import Batch, Kind

if TYPE_CHECKING:
    from torch import Tensor

Learns = Literal["balanced", "scored", "even"]
"""The steps that training uses. "balanced": scored and other steps, with equal total weight.
"scored": the scored steps only; the others have no answer. "even": every step alike."""

_SURE = 30.0  # log odds of a certain member of a set; infinite ones give 0·∞


def loss(output: "Tensor", batch: Batch, kind: Kind, learns: Learns) -> "Tensor":
    """Return the loss of the readout's ``output`` (T, B, O), a scalar.

    The squared error of a number, the cross-entropy of a choice, in nats, or the mean over the O
    members of the binary cross-entropy of a set.
    """
    each = _each(output, batch.targets, kind)
    if learns == "even" or batch.mask.all():
        return each.mean()
    if learns == "scored":
        return each[batch.mask].mean()
    return each[batch.mask].mean() + each[~batch.mask].mean()


def least_constant(batch: Batch, kind: Kind, learns: Learns, size: int) -> "Tensor":
    """Return the constant output (T, B, O) with the least loss on ``batch``."""
    weights, targets = _weights(batch, learns), batch.targets.double()
    if kind == "number":
        constant = (weights * targets).sum().reshape(1)
    elif kind == "choice":
        flat = batch.targets.flatten()
        constant = flat.bincount(weights.flatten(), minlength=size).log()
    else:
        share = (weights[..., None] * targets).sum((0, 1))
        constant = share.logit().clamp(-_SURE, _SURE)
    return constant.expand(*batch.mask.shape, size)


def _each(output: "Tensor", targets: "Tensor", kind: Kind) -> "Tensor":
    """Return the loss of each step, (T, B)."""
    from torch.nn import functional

    if kind == "number":
        return (output[..., 0] - targets) ** 2
    if kind == "choice":
        flat = functional.cross_entropy(output.flatten(0, 1), targets.flatten(), reduction="none")
        return flat.view_as(targets)
    return functional.binary_cross_entropy_with_logits(
        output, targets.to(output.dtype), reduction="none"
    ).mean(-1)


def _weights(batch: Batch, learns: Learns) -> "Tensor":
    """Return the weight of each step in the loss, (T, B), with sum 1."""
    import torch

    if learns == "even" or batch.mask.all():
        weights = torch.ones_like(batch.mask, dtype=torch.float64)
    else:
        weights = batch.mask / batch.mask.double().sum()
        if learns == "balanced":
            weights = weights + ~batch.mask / (~batch.mask).double().sum()
    return weights / weights.sum()
