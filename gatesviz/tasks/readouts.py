"""The weights of a trained readout, for the browser to compute its answers again."""

from typing import TYPE_CHECKING

from gatesviz.player.payload import Readout
from gatesviz.tasks.batches import Kind

if TYPE_CHECKING:
    from torch import nn


def linear_readout(readout: "nn.Linear", kind: Kind) -> Readout | None:
    """Return the weights of ``readout``, or None if it is more than one linear layer."""
    from torch import nn

    if type(readout) is not nn.Linear:
        return None
    weight, bias = (part.detach().numpy() for part in (readout.weight, readout.bias))
    return Readout(weight, bias, kind)
