"""Answers of a readout for a player: computed from the recorded h of the last layer."""

from collections.abc import Mapping, Sequence
from reprlib import repr as shortened
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn

from gatesviz.recordings.activated import ActivatedLinear, activated, follows
from gatesviz.recordings.behaviour import change_of_call
from gatesviz.recordings.refusals import full_name, is_plain
from gatesviz.recordings.weights import linear_in_use
from gatesviz.traces import Direction, Trace

if TYPE_CHECKING:
    from gatesviz.player.payload import Answers


def answers_of(
    network: Mapping[tuple[int, Direction], Trace],
    readout: nn.Linear,
    names: Sequence[object] | None,
) -> "Answers":
    """Return what ``readout`` makes of the last layer's h at each step.

    One answer is a number. Several are probabilities: the softmax of the readout's outputs. After
    the activation of an opened model, such as tanh, they are numbers.

    Args:
        network: (layer, direction) -> trace of one sample.
        readout: from D·P values of h to O answers.
        names: O names; "0", "1", … by default.

    Raises:
        TypeError: if ``readout`` is not a torch.nn.Linear or ``names`` not a sequence.
        ValueError: if their sizes don't fit.
    """
    from gatesviz.player.payload import Answers, Readout

    used, offset = _weights(readout)
    last = max(layer for layer, _ in network)
    parts = [trace.after("h") for (layer, _), trace in network.items() if layer == last]
    h = torch.from_numpy(np.concatenate(parts, axis=-1)).to("cpu", torch.float64)
    count, size = used.shape
    if size != h.shape[-1]:
        raise ValueError(f"readout: expected {h.shape[-1]} inputs, the size of h, got {size}")
    texts = _named(names, count)
    weight = used.to("cpu", torch.float64)
    bias = weight.new_zeros(count) if offset is None else offset.to("cpu", torch.float64)
    values = activated(readout, h @ weight.T + bias)
    numbers = count == 1 or isinstance(readout, ActivatedLinear)
    if not numbers:
        values = values.softmax(-1)
    own = Readout(weight.numpy(), bias.numpy(), follows(readout) if numbers else "choice")
    several = numbers and count > 1
    question = f"The readout {'gives' if several else 'answers'}"
    return Answers(texts, values.numpy(), question, readout=own, numbers=several)


def _weights(readout: object) -> tuple[Tensor, Tensor | None]:
    """Return the weight and the bias that a call of ``readout`` computes with."""
    if not isinstance(readout, nn.Linear):
        got = full_name(readout) if isinstance(readout, nn.Module) else shortened(readout)
        raise TypeError(f"readout: expected a torch.nn.Linear, got {got}")
    change = change_of_call(
        readout, ActivatedLinear if isinstance(readout, ActivatedLinear) else nn.Linear
    )
    if change is not None:
        raise ValueError(
            f"readout: {change}, which can change its answers, expected a torch.nn.Linear without"
            " it: leave the readout out"
        )
    weight, bias = linear_in_use(readout)
    if not is_plain(weight) or weight.is_meta:
        raise ValueError("readout: its weights have no values, expected numbers: load them first")
    return weight, bias


def _named(names: Sequence[object] | None, count: int) -> tuple[str, ...]:
    if names is None:
        return ("value",) if count == 1 else tuple(map(str, range(count)))
    try:
        texts = tuple(str(name) for name in names)
    except TypeError:
        raise TypeError(f"answers: expected {count} names, got {shortened(names)}") from None
    if len(texts) != count:
        raise ValueError(
            f"answers: expected {count} names, one for each output of the readout, got {len(texts)}"
        )
    return texts
