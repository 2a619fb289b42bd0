"""Read the cell, the sizes and the weights of a recurrent module."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from gatesviz.cells import CELLS, Weights
from gatesviz.recordings.behaviour import check_behaviour
from gatesviz.recordings.refusals import is_plain, not_plain, not_recurrent
from gatesviz.recordings.stepwise import StepModule
from gatesviz.recordings.weights import weights_in_use
from gatesviz.traces import Direction

KINDS: tuple[type[nn.RNNBase], ...] = (nn.RNN, nn.LSTM, nn.GRU)
STEP_KINDS: tuple[type[nn.RNNCellBase], ...] = (nn.RNNCell, nn.LSTMCell, nn.GRUCell)
_RECURRENT = frozenset((*KINDS, *STEP_KINDS))
DTYPES = (torch.float32, torch.float64)
Recurrent = nn.RNN | nn.LSTM | nn.GRU | nn.RNNCell | nn.LSTMCell | nn.GRUCell | StepModule


class Network(NamedTuple):
    """The parts of a module that a recording needs. The weights are the module's own, not copies.

    Attributes:
        cell: key of `gatesviz.cells.CELLS`.
        input_size, hidden_size: I and H.
        state_size: P, the size of h: H, or the LSTM's ``proj_size``.
        layers: number of layers, at least 1.
        directions: ("forward",) or ("forward", "backward").
        batch_first: the layout of unpacked, batched inputs and outputs.
        dropout: probability between layers; 0 unless the module would apply it now.
        weights: weights of each layer and direction.
        sample: one of the weights, for its dtype and device.
        one_step: whether a call takes one step without an axis of time, as LSTMCell's does.
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
    one_step: bool = False


def read_module(module: object) -> Network:
    """Return the parts of ``module``.

    Raises:
        TypeError: if it is not an RNN, LSTM, GRU or cell of torch.nn, if its call computes
            something else, or if its weights are not all float32 or all float64.
        ValueError: if a hook or a mode could change its numbers, or its weights are not on one
            device, do not fit together or have no values (meta device).
    """
    if isinstance(module, StepModule):
        check_behaviour(module, StepModule)
        return _read_layers(module.cell, module, module.weights_in_use())
    kind: type | None = next(filter(_RECURRENT.__contains__, type(module).__mro__), None)
    if kind is None or not isinstance(module, nn.RNNBase | nn.RNNCellBase):
        raise not_recurrent(module)
    check_behaviour(module, kind)
    used = weights_in_use(module)
    if isinstance(module, nn.RNNCellBase):
        cell = kind.__name__.removesuffix("Cell").lower()
        if isinstance(module, nn.RNNCell):
            cell = f"rnn_{module.nonlinearity}"
        _check_cell(cell)
        return step_network(cell, used)
    cell = module.mode.lower() if kind is nn.RNN else kind.__name__.lower()
    _check_cell(cell)
    return _read_layers(cell, module, used)


def _read_layers(
    cell: str, module: nn.RNNBase | StepModule, used: Sequence[Tensor | None]
) -> Network:
    made = network(
        cell,
        used,
        bias=module.bias,
        layers=module.num_layers,
        bidirectional=module.bidirectional,
        batch_first=module.batch_first,
        dropout=float(module.dropout) if module.training else 0.0,
    )
    _check_settings(module, made)
    return made


def _check_settings(module: nn.RNNBase | StepModule, made: Network) -> None:
    """Check the attributes that a call reads, which may have been changed since."""
    if not 0 <= made.dropout <= 1:
        raise ValueError(
            f"the module's dropout is {made.dropout:g}, expected 0 to 1: set module.dropout"
        )
    for name in ("input_size", "hidden_size"):
        if getattr(module, name) != getattr(made, name):
            raise ValueError(
                f"the module's {name} is {getattr(module, name)!r:.40}, expected"
                f" {getattr(made, name)}, the size of its weights: make a new module and load its"
                " state dict"
            )


def _check_cell(cell: str) -> None:
    if cell not in CELLS:
        raise ValueError(
            f"the RNN's nonlinearity is {cell.removeprefix('rnn_')!r}, expected 'tanh' or 'relu':"
            " make a new module with one of them"
        )


def network(
    cell: str,
    used: Sequence[Tensor | None],
    *,
    bias: bool,
    layers: int,
    bidirectional: bool,
    batch_first: bool,
    dropout: float,
) -> Network:
    """Return the network of the weights ``used``, in the order in which torch's kernels take them.

    Raises:
        TypeError, ValueError: if the weights are not what `read_module` expects.
    """
    keys, names = _keys(layers, bidirectional), _names(bias, len(used), layers, bidirectional)
    if len(used) != len(names) * len(keys):
        raise ValueError(
            f"the {cell.upper()} computes with {len(used)} weights, expected {len(names)} for each"
            " layer and direction: make a new module and load its state dict"
        )
    weights, rest = {}, iter(used)
    for key in keys:
        weights[key] = _of_one(dict(zip(names, rest, strict=False)), key)
    return _checked(cell, weights, batch_first=batch_first, dropout=dropout, one_step=False)


@lru_cache(maxsize=64)
def _keys(layers: int, bidirectional: bool) -> tuple[tuple[int, Direction], ...]:
    directions: tuple[Direction, ...] = ("forward", "backward") if bidirectional else ("forward",)
    return tuple((layer, direction) for layer in range(layers) for direction in directions)


@lru_cache(maxsize=64)
def _names(bias: bool, used: int, layers: int, bidirectional: bool) -> tuple[str, ...]:
    """Return the names of one layer's weights, given that ``used`` are there in all."""
    names = Weights._fields[: 4 if bias else 2]
    return (*names, "weight_hr") if used > len(names) * layers * (1 + bidirectional) else names


def step_network(cell: str, used: Sequence[Tensor | None]) -> Network:
    """Return the network of one of torch's cells: weight_ih, weight_hh and both biases or None."""
    named = dict(zip(Weights._fields[:4], used, strict=True))
    named = {name: w for name, w in named.items() if w is not None or name.startswith("weight")}
    weights: dict[tuple[int, Direction], Weights] = {(0, "forward"): _of_one(named, None)}
    return _checked(cell, weights, batch_first=False, dropout=0.0, one_step=True)


def _suffix(key: tuple[int, Direction]) -> str:
    return f"_l{key[0]}" + ("_reverse" if key[1] == "backward" else "")


def _of_one(named: Mapping[str, Tensor | None], key: tuple[int, Direction] | None) -> Weights:
    for name, weight in named.items():
        if not isinstance(weight, Tensor):
            raise ValueError(
                f"{name}{_suffix(key) if key else ''} is {weight!r:.40}, expected a tensor:"
                " make a new module and load its state dict"
            )
        if is_lazy(weight):
            raise ValueError(
                f"{name}{_suffix(key) if key else ''} has no values yet, expected a tensor: load"
                " the module's state dict first"
            )
        if not is_plain(weight):
            raise not_plain(f"{name}{_suffix(key) if key else ''}", weight)
    return Weights(**named)  # type: ignore[arg-type]  # all are tensors now


def _checked(
    cell: str,
    weights: Mapping[tuple[int, Direction], Weights],
    *,
    batch_first: bool,
    dropout: float,
    one_step: bool,
) -> Network:
    directions: tuple[Direction, ...] = ("forward",)
    if (0, "backward") in weights:
        directions = ("forward", "backward")
    first = weights[0, "forward"]
    shape = first.weight_ih.shape
    made = Network(
        cell=cell,
        input_size=shape[-1],
        hidden_size=shape[0] // len(CELLS[cell].blocks),
        state_size=first.weight_hh.shape[-1],
        layers=len(weights) // len(directions),
        directions=directions,
        batch_first=batch_first,
        dropout=dropout,
        weights=weights,
        sample=first.weight_ih,
        one_step=one_step,
    )
    if not _fits(made):
        _check_values([w for each in weights.values() for w in each if w is not None])
        _check_shapes(made)
    return made


def _fits(made: Network) -> bool:
    """Return whether all weights are as they must be, soon where they are."""
    dtype, device, first = made.sample.dtype, made.sample.device, made.weights[0, "forward"]
    H, P = made.hidden_size, made.state_size
    if dtype not in DTYPES or made.sample.is_meta or (P != H and first.weight_hr is None):
        return False
    shapes = _shapes(made.cell, made.input_size, H, P)
    for (layer, _), weights in made.weights.items():
        if layer == 1:
            shapes = _shapes(made.cell, P * len(made.directions), H, P)
        for weight, shape in zip(weights, shapes, strict=True):
            if weight is None:
                continue
            if weight.shape != shape or weight.dtype is not dtype or weight.device != device:
                return False
    return True


def _check_values(present: list[Tensor]) -> None:
    dtypes = sorted({str(weight.dtype) for weight in present})
    if len(dtypes) > 1:
        raise TypeError(
            f"the module's weights are {' and '.join(dtypes)}, expected one dtype: record a copy,"
            " gv.record(copy.deepcopy(module).float(), inputs.float())"
        )
    if present[0].dtype not in DTYPES:
        raise TypeError(
            f"the module's weights are {dtypes[0]}, expected torch.float32 or torch.float64:"
            " record a copy, gv.record(copy.deepcopy(module).float(), inputs.float())"
        )
    devices = sorted({str(weight.device) for weight in present})
    if len(devices) > 1:
        raise ValueError(
            f"the module's weights are on {' and '.join(devices)}, expected one device:"
            " move them with module.to('cpu')"
        )
    if devices == ["meta"]:
        raise ValueError(
            "the module is on the meta device and has no values, expected weights: call"
            " module.to_empty(device='cpu') and load its state dict"
        )


@lru_cache(maxsize=256)
def _shapes(cell: str, I: int, H: int, P: int) -> tuple[tuple[int, ...], ...]:  # noqa: E741
    """Return the shapes of one layer's weights, in the order of `gatesviz.cells.Weights`."""
    rows = len(CELLS[cell].blocks) * H
    return (rows, I), (rows, P), (rows,), (rows,), (P, H)


def _check_shapes(made: Network) -> None:
    H, P = made.hidden_size, made.state_size
    for key, weights in made.weights.items():
        size = made.input_size if key[0] == 0 else P * len(made.directions)
        expected = _shapes(made.cell, size, H, P)
        for name, weight, shape in zip(Weights._fields, weights, expected, strict=True):
            if weight is not None and weight.shape != shape:
                raise ValueError(
                    f"{name}{'' if made.one_step else _suffix(key)} has shape"
                    f" {tuple(weight.shape)}, expected {shape}: make a new module and load its"
                    " state dict"
                )
        if P != H and weights.weight_hr is None:
            rows = expected[0][0]
            raise ValueError(f"weight_hh has shape {(rows, P)}, expected {(rows, H)}")
