"""The weights of a trained readout, for the browser to compute its answers again."""

from typing import TYPE_CHECKING

import numpy as np

from gatesviz.player.payload import Readout
from gatesviz.tasks.batches import Kind

if TYPE_CHECKING:
    from torch import nn


def linear_readout(readout: "nn.Linear", kind: Kind) -> Readout | None:
    """Return the weights of ``readout``, or None if it is more than one linear layer."""
    from torch import nn

    if type(readout) is not nn.Linear:
        return None
    weight = readout.weight.detach().numpy()
    given: nn.Parameter | None = readout.bias
    bias = np.zeros(len(weight), weight.dtype) if given is None else given.detach().numpy()
    return Readout(weight, bias, kind)
