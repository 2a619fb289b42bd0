"""What a recurrent module is made of: its cell, its sizes and its plain weights."""

from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch import Tensor, nn

from gatesviz.cells import Weights
from gatesviz.traces import Direction

KINDS: tuple[type[nn.RNNBase], ...] = (nn.RNN, nn.LSTM, nn.GRU)
DTYPES = (torch.float32, torch.float64)


class Network(NamedTuple):
    """A module as recording sees it. Nothing is copied: the weights are the module's own.

    Attributes:
        cell: key of `gatesviz.cells.CELLS`.
        input_size, hidden_size: I and H.
        state_size: P, the size of h: H, or the LSTM's ``proj_size``.
        layers: how many, at least one.
        directions: ("forward",) or ("forward", "backward").
        batch_first: the layout of unpacked, batched inputs and outputs.
        dropout: probability between layers; 0 unless the module would apply it now.
        weights: of each layer and direction.
        sample: one of them, for its dtype and its device.
    """

    cell: str
    input_size: int
    hidden_size: int
    state_size: int
    layers: int
    directions: tuple[Direction, ...]
    batch_first: bool
    dropout: float
    weights: Mapping[tuple[int, Direction], Weights]
    sample: Tensor


def read_module(module: object) -> Network:
    """Return what ``module`` is made of.

    Raises:
        TypeError: if it is no torch.nn.RNN, LSTM or GRU, or not all in float32 or in float64.
        ValueError: if its weights are not plain parameters, not on one device, or have no values
            (meta device).
    """
    kind = next((k for k in KINDS if isinstance(module, k)), None)
    if (
        not isinstance(module, nn.RNNBase)
        or kind is None
        or type(module).forward is not kind.forward
    ):
        raise TypeError(
            f"module is a {type(module).__module__}.{type(module).__qualname__},"
            " a torch.nn.RNN, torch.nn.LSTM or torch.nn.GRU with its own forward is wanted"
        )
    directions: tuple[Direction, ...] = ("forward", "backward")
    if not module.bidirectional:
        directions = directions[:1]
    weights = _read_weights(module, directions)
    sample = weights[0, "forward"].weight_ih
    _check_values(sample)
    _check_alike(weights)
    return Network(
        cell=module.mode.lower(),
        input_size=module.input_size,
        hidden_size=module.hidden_size,
        state_size=module.proj_size or module.hidden_size,
        layers=module.num_layers,
        directions=directions,
        batch_first=module.batch_first,
        dropout=float(module.dropout) if module.training else 0.0,
        weights=weights,
        sample=sample,
    )


def _read_weights(
    module: nn.RNNBase, directions: tuple[Direction, ...]
) -> dict[tuple[int, Direction], Weights]:
    names = ["weight_ih", "weight_hh"]
    names += ["bias_ih", "bias_hh"] if module.bias else []
    names += ["weight_hr"] if module.proj_size else []
    weights = {}
    for layer in range(module.num_layers):
        for direction in directions:
            suffix = f"_l{layer}" + ("_reverse" if direction == "backward" else "")
            tensors = {name: _parameter(module, name + suffix) for name in names}
            weights[layer, direction] = Weights(**tensors)
    return weights


def _parameter(module: nn.RNNBase, name: str) -> Tensor:
    parameter = module._parameters.get(name)
    if parameter is None:
        raise ValueError(
            f"{name} of the {module.mode} is no plain parameter (weight norm, pruning or another"
            " parametrization computes it), plain parameters are wanted: remove the"
            " parametrization before recording"
        )
    return parameter


def _check_values(weight: Tensor) -> None:
    if weight.dtype not in DTYPES:
        raise TypeError(
            f"the module's weights are {weight.dtype}, torch.float32 or torch.float64 is wanted:"
            " record a copy made with copy.deepcopy(module).float()"
        )
    if weight.device.type == "meta":
        raise ValueError("the module is on the meta device and has no values, weights are wanted")


def _check_alike(weights: Mapping[tuple[int, Direction], Weights]) -> None:
    present = [w for layer in weights.values() for w in layer if w is not None]
    dtypes = sorted({str(weight.dtype) for weight in present})
    if len(dtypes) > 1:
        raise TypeError(f"the module's weights are {' and '.join(dtypes)}, one dtype is wanted")
    devices = sorted({str(weight.device) for weight in present})
    if len(devices) > 1:
        raise ValueError(
            f"the module's weights are on {' and '.join(devices)}, one device is wanted"
        )
