"""The weights of a trained readout, for the browser to compute its answers again."""

from typing import TYPE_CHECKING

import numpy as np

from gatesviz.player.payload import Readout
from gatesviz.tasks.batches import Kind

if TYPE_CHECKING:
    from torch import nn


def linear_readout(readout: "nn.Linear", kind: Kind) -> Readout | None:
    """Return the weights of ``readout``, or None if a browser can't compute its answers.

    It computes one linear layer, and an activation if the answers are the numbers after it.
    """
    from torch import nn

    from gatesviz.recordings.activated import ActivatedLinear, follows

    known = (nn.Linear, ActivatedLinear) if kind == "number" else (nn.Linear,)
    if type(readout) not in known:
        return None
    weight = readout.weight.detach().numpy()
    given: nn.Parameter | None = readout.bias
    bias = np.zeros(len(weight), weight.dtype) if given is None else given.detach().numpy()
    return Readout(weight, bias, follows(readout) if kind == "number" else kind)
