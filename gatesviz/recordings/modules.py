"""What a recurrent module is made of: its cell, its sizes and the weights it computes with."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from gatesviz.cells import CELLS, Weights
from gatesviz.recordings.behaviour import check_behaviour
from gatesviz.recordings.refusals import not_recurrent
from gatesviz.recordings.weights import weights_in_use
from gatesviz.traces import Direction

KINDS: tuple[type[nn.RNNBase], ...] = (nn.RNN, nn.LSTM, nn.GRU)
STEP_KINDS: tuple[type[nn.RNNCellBase], ...] = (nn.RNNCell, nn.LSTMCell, nn.GRUCell)
DTYPES = (torch.float32, torch.float64)
Recurrent = nn.RNN | nn.LSTM | nn.GRU | nn.RNNCell | nn.LSTMCell | nn.GRUCell


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
    """Return what ``module`` is made of.

    Raises:
        TypeError: if it is no RNN, LSTM, GRU or cell of torch.nn, if a call of it does something
            else, or if its weights are not all in float32 or all in float64.
        ValueError: if a hook could change its numbers, or its weights are not on one device, do
            not fit together or have no values (meta device).
    """
    kind = next((k for k in (*KINDS, *STEP_KINDS) if isinstance(module, k)), None)
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
    return network(
        cell,
        used,
        bias=module.bias,
        layers=module.num_layers,
        bidirectional=module.bidirectional,
        batch_first=module.batch_first,
        dropout=float(module.dropout) if module.training else 0.0,
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
    directions: tuple[Direction, ...] = ("forward", "backward") if bidirectional else ("forward",)
    keys = [(layer, direction) for layer in range(layers) for direction in directions]
    names = ["weight_ih", "weight_hh", *(["bias_ih", "bias_hh"] if bias else [])]
    names += ["weight_hr"] if len(used) > len(names) * len(keys) else []
    if len(used) != len(names) * len(keys):
        raise ValueError(
            f"the {cell.upper()} computes with {len(used)} weights, expected {len(names)} for each"
            " layer and direction: make a new module and load its state dict"
        )
    weights = {}
    for k, key in enumerate(keys):
        some = used[k * len(names) : (k + 1) * len(names)]
        weights[key] = _of_one(dict(zip(names, some, strict=True)), _suffix(key))
    return _checked(cell, weights, batch_first=batch_first, dropout=dropout, one_step=False)


def step_network(cell: str, used: Sequence[Tensor | None]) -> Network:
    """Return the network of one of torch's cells: weight_ih, weight_hh and both biases or None."""
    named = dict(zip(Weights._fields[:4], used, strict=True))
    named = {name: w for name, w in named.items() if w is not None or name.startswith("weight")}
    weights: dict[tuple[int, Direction], Weights] = {(0, "forward"): _of_one(named, "")}
    return _checked(cell, weights, batch_first=False, dropout=0.0, one_step=True)


def _suffix(key: tuple[int, Direction]) -> str:
    return f"_l{key[0]}" + ("_reverse" if key[1] == "backward" else "")


def _of_one(named: Mapping[str, Tensor | None], suffix: str) -> Weights:
    for name, weight in named.items():
        if not isinstance(weight, Tensor):
            raise ValueError(
                f"{name}{suffix} is {weight!r:.40}, expected a tensor: make a new module and load"
                " its state dict"
            )
    return Weights(**named)  # type: ignore[arg-type]  # all are tensors now


def _checked(
    cell: str,
    weights: Mapping[tuple[int, Direction], Weights],
    *,
    batch_first: bool,
    dropout: float,
    one_step: bool,
) -> Network:
    _check_values([w for each in weights.values() for w in each if w is not None])
    directions = tuple(direction for layer, direction in weights if layer == 0)
    first = weights[0, "forward"]
    made = Network(
        cell=cell,
        input_size=first.weight_ih.shape[-1],
        hidden_size=first.weight_ih.shape[0] // len(CELLS[cell].blocks),
        state_size=first.weight_hh.shape[-1],
        layers=len(weights) // len(directions),
        directions=directions,
        batch_first=batch_first,
        dropout=dropout,
        weights=weights,
        sample=first.weight_ih,
        one_step=one_step,
    )
    _check_shapes(made)
    return made


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


def _check_shapes(made: Network) -> None:
    rows, H, P = len(CELLS[made.cell].blocks) * made.hidden_size, made.hidden_size, made.state_size
    for key, weights in made.weights.items():
        size = made.input_size if key[0] == 0 else P * len(made.directions)
        expected = Weights((rows, size), (rows, P), (rows,), (rows,), (P, H))  # type: ignore[arg-type]
        for name, weight, shape in zip(Weights._fields, weights, expected, strict=True):
            if weight is not None and tuple(weight.shape) != shape:
                raise ValueError(
                    f"{name}{'' if made.one_step else _suffix(key)} has shape"
                    f" {tuple(weight.shape)}, expected {shape}: make a new module and load its"
                    " state dict"
                )
        if P != H and weights.weight_hr is None:
            raise ValueError(f"weight_hh has shape {(rows, P)}, expected {(rows, H)}")
