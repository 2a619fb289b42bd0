"""What a module is given: checked, and brought into one layout for the scans."""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from gatesviz.recordings.modules import Network


class Given(NamedTuple):
    """Inputs and initial state, padded, time first and batched.

    T steps, B samples, I input size, P the size of h, H hidden size, N layers × directions.
    A packed sequence keeps its own sorted order here; ``unsort`` leads back.

    Attributes:
        x: (T, B, I), a copy; 0 beyond a sample's end.
        h: (N, B, P).
        c: (N, B, H) for the LSTM, else None.
        batched: whether the caller's arrays have the axis B.
        lengths: (B,) of a packed sequence, longest first, else None.
        inside: (T, B), true up to each sample's end, where ``lengths`` is given.
        unsort: (B,) where the caller's order is another one.
    """

    x: Tensor
    h: Tensor
    c: Tensor | None
    batched: bool
    lengths: Tensor | None = None
    inside: Tensor | None = None
    unsort: Tensor | None = None


def read_inputs(network: Network, inputs: object, state: object) -> Given:
    """Return ``inputs`` and ``state`` in the layout of the scans.

    Raises:
        TypeError: if one has the wrong type or dtype.
        ValueError: if one has the wrong shape or device, or there is no step or sample.
    """
    if isinstance(inputs, PackedSequence):
        return _read_packed(network, inputs, state)
    _check_tensor("inputs", inputs, network)
    assert isinstance(inputs, Tensor)
    layout = "(B, T, I)" if network.batch_first else "(T, B, I)"
    if inputs.ndim not in (2, 3):
        raise ValueError(
            f"inputs has shape {tuple(inputs.shape)},"
            f" {layout} or (T, I) with I = {network.input_size} is wanted"
        )
    if inputs.shape[-1] != network.input_size:
        raise ValueError(
            f"inputs has shape {tuple(inputs.shape)}, its last size must be the module's"
            f" input_size of {network.input_size}"
        )
    if not inputs.shape[0] or not inputs.shape[1]:
        raise ValueError(
            f"inputs has shape {tuple(inputs.shape)}, at least one step and one sample are wanted"
        )
    batched = inputs.ndim == 3
    x = inputs.detach()
    if not batched:
        x = x.unsqueeze(1)
    elif network.batch_first:
        x = x.transpose(0, 1)
    h, c = _read_state(network, state, x.shape[1], batched)
    return Given(x.clone(memory_format=torch.contiguous_format), h, c, batched)


def _read_packed(network: Network, packed: PackedSequence, state: object) -> Given:
    data, sizes = packed.data, packed.batch_sizes
    _check_tensor("inputs.data", data, network)
    if data.ndim != 2 or data.shape[-1] != network.input_size:
        raise ValueError(
            f"inputs packs steps of shape {tuple(data.shape[1:])},"
            f" ({network.input_size},) is wanted: the module's input_size"
        )
    steps, samples = len(sizes), int(sizes[0])
    inside = (torch.arange(samples, device=sizes.device) < sizes[:, None]).to(data.device)
    x = data.new_zeros(steps, samples, data.shape[-1])
    x[inside] = data.detach()  # packed data runs step by step, as a mask selects
    h, c = _read_state(network, state, samples, batched=True)
    if packed.sorted_indices is not None:
        h = h[:, packed.sorted_indices]
        c = None if c is None else c[:, packed.sorted_indices]
    return Given(x, h, c, True, inside.sum(0), inside, packed.unsorted_indices)


def _read_state(
    network: Network, state: object, samples: int, batched: bool
) -> tuple[Tensor, Tensor | None]:
    """Return h (N, B, P) and, for the LSTM, c (N, B, H); zeros where ``state`` is None."""
    count = network.layers * len(network.directions)
    zeros = network.sample.new_zeros
    if state is None:
        h = zeros(count, samples, network.state_size)
        return h, zeros(count, samples, network.hidden_size) if network.cell == "lstm" else None
    sizes = {"h": network.state_size}
    if network.cell == "lstm":
        sizes["c"] = network.hidden_size
    shapes = {name: (count, samples, size) for name, size in sizes.items()}
    tensors = [
        _read_one_state(network, f"{name}_0 of state", tensor, shapes[name], batched)
        for name, tensor in zip(sizes, _parts(network, state), strict=True)
    ]
    return tensors[0], tensors[1] if len(tensors) > 1 else None


def _parts(network: Network, state: object) -> tuple[object, ...]:
    if network.cell != "lstm":
        if not isinstance(state, Tensor):
            raise TypeError(f"state is a {type(state).__qualname__}, one tensor h_0 is wanted")
        return (state,)
    if not isinstance(state, tuple | list) or len(state) != 2:
        count = f" of {len(state)}" if isinstance(state, tuple | list) else ""
        raise TypeError(
            f"state is a {type(state).__qualname__}{count},"
            " a tuple of two tensors (h_0, c_0) is wanted for an LSTM"
        )
    return tuple(state)


def _read_one_state(
    network: Network, what: str, tensor: object, shape: tuple[int, int, int], batched: bool
) -> Tensor:
    _check_tensor(what, tensor, network)
    assert isinstance(tensor, Tensor)
    wanted = shape if batched else (shape[0], shape[2])
    if tensor.shape != wanted:
        raise ValueError(
            f"{what} has shape {tuple(tensor.shape)}, {wanted} is wanted:"
            f" (layers × directions, {'samples, ' if batched else ''}size)"
        )
    return tensor.detach().reshape(shape)


def _check_tensor(what: str, tensor: object, network: Network) -> None:
    if not isinstance(tensor, Tensor):
        also = " or a PackedSequence" if what == "inputs" else ""
        raise TypeError(f"{what} is a {type(tensor).__qualname__}, a torch.Tensor{also} is wanted")
    weight = network.sample
    if tensor.layout is not torch.strided or tensor.is_nested:
        raise TypeError(f"{what} is a sparse or nested tensor, a dense one is wanted")
    if tensor.dtype is not weight.dtype:
        raise TypeError(f"{what} is {tensor.dtype}, the module's {weight.dtype} is wanted")
    if tensor.device != weight.device:
        raise ValueError(f"{what} is on {tensor.device}, the module's {weight.device} is wanted")
