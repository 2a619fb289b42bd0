"""One update of a flat vector of weights, as ``torch.optim`` makes it with its usual settings.

``torch.optim``'s own classes import a compiler when the first one is made, which takes a second
and 95 MB; and they keep their memory in one tensor for each parameter. The arithmetic here is
the same to the bit, which the tests hold against them.
"""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

Step = Callable[[Tensor, Tensor, Tensor, int, float], None]
"""(weights (P,), gradient (P,), moments (M, P), number of this update from 1, learning rate);
changes weights and moments in place."""


def _adam(weights: Tensor, gradient: Tensor, moments: Tensor, update: int, rate: float) -> None:
    torch._fused_adam_(
        [weights],
        [gradient],
        [moments[0]],
        [moments[1]],
        [],
        [torch.tensor(float(update))],
        lr=rate,
        beta1=0.9,
        beta2=0.999,
        weight_decay=0.0,
        eps=1e-8,
        amsgrad=False,
        maximize=False,
    )


def _sgd(weights: Tensor, gradient: Tensor, moments: Tensor, update: int, rate: float) -> None:
    weights.add_(gradient, alpha=-rate)


def _rmsprop(weights: Tensor, gradient: Tensor, moments: Tensor, update: int, rate: float) -> None:
    square = moments[0].mul_(0.99).addcmul_(gradient, gradient, value=1 - 0.99)
    weights.addcdiv_(gradient, square.sqrt().add_(1e-8), value=-rate)


STEPS: Mapping[str, Step] = {"adam": _adam, "sgd": _sgd, "rmsprop": _rmsprop}
