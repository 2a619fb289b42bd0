"""Check the inputs and the initial state of a module, and bring them into one layout."""

from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from gatesviz.cells import CELLS
from gatesviz.recordings import refusals
from gatesviz.recordings.modules import Network
from gatesviz.recordings.recording import Recording


class Given(NamedTuple):
    """Inputs and initial state, padded, time first and batched.

    T steps, B samples, I input size, P the size of h, H hidden size, N layers × directions.
    A packed sequence keeps its sorted order here; ``unsort`` restores the caller's.

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


def one_of(ours: str, given: Any, torchs: str, also: Any) -> Any:
    """Return an argument that may come by our name (``given``) or by torch's (``also``).

    Raises:
        TypeError: if both are set.
    """
    if given is not None and also is not None:
        raise TypeError(f"{ours} and {torchs} are both given, expected one: they mean the same")
    return given if also is None else also


def read_inputs(network: Network, inputs: object, state: object) -> Given:
    """Return ``inputs`` and ``state`` in the layout of the scans.

    Raises:
        TypeError: if one has the wrong type or dtype.
        ValueError: if one has the wrong shape or device, or there is no step or sample.
    """
    if isinstance(inputs, PackedSequence):
        if network.one_step:
            raise TypeError(
                "inputs is a PackedSequence, expected one step (B, I): pass inputs.data"
            )
        return _read_packed(network, inputs, state)
    tensor = _checked("inputs", inputs, network)
    shape = tensor.shape
    axes = len(shape) + network.one_step
    if axes not in (2, 3):
        raise refusals.wrong_axes(tensor, network.input_size, _layout(network), network.one_step)
    if shape[-1] != network.input_size:
        raise refusals.wrong_size(tensor, network.input_size, _layout(network))
    if 0 in shape:
        raise ValueError(
            f"inputs has shape {tuple(shape)}, expected at least one step and one sample"
        )
    batched, x = axes == 3, tensor.detach()
    if network.one_step:
        x = x.unsqueeze(0)
    if not batched:
        x = x.unsqueeze(1)
    elif network.batch_first:
        x = x.transpose(0, 1)
    h, c = _read_state(network, state, x, batched)
    return Given(x.clone(memory_format=torch.contiguous_format), h, c, batched)


def _layout(network: Network) -> str:
    if network.one_step:
        return "(B, I) or (I,)"
    return f"{'(B, T, I)' if network.batch_first else '(T, B, I)'} or (T, I)"


def _read_packed(network: Network, packed: PackedSequence, state: object) -> Given:
    data, sizes = packed.data, packed.batch_sizes
    _checked("inputs.data", data, network)
    if data.ndim != 2 or data.shape[-1] != network.input_size:
        raise ValueError(
            f"inputs packs steps of shape {tuple(data.shape[1:])}, expected"
            f" ({network.input_size},), the module's input_size: pack (T, {network.input_size})"
            " for each sample"
        )
    _check_packing(packed)
    steps, samples = len(sizes), int(sizes[0])
    inside = (torch.arange(samples, device=sizes.device) < sizes[:, None]).to(data.device)
    x = data.new_zeros(steps, samples, data.shape[-1])
    x[inside] = data.detach()  # packed data runs step by step, as a mask selects
    h, c = _read_state(network, state, x, batched=True)
    if packed.sorted_indices is not None:
        h = h[:, packed.sorted_indices]
        c = None if c is None else c[:, packed.sorted_indices]
    return Given(x, h, c, True, inside.sum(0), inside, packed.unsorted_indices)


def _check_packing(packed: PackedSequence) -> None:
    """Check what `pack_sequence` ensures, and the constructor of PackedSequence doesn't."""
    sizes = packed.batch_sizes
    if sizes.ndim != 1 or sizes.dtype is not torch.int64 or not len(sizes):
        raise refusals.wrong_packing(
            f"batch_sizes are {sizes.dtype} of shape {tuple(sizes.shape)}, expected torch.int64 of"
            " shape (T,)"
        )
    listed = sizes.tolist()
    if listed != sorted(listed, reverse=True) or listed[-1] < 1 or sum(listed) != len(packed.data):
        raise refusals.wrong_packing(
            f"batch_sizes don't fit its data of {len(packed.data)} steps, expected as many in all,"
            " at least 1 each and never more than before"
        )
    order, back = packed.sorted_indices, packed.unsorted_indices
    if order is None and back is None:
        return
    there = torch.arange(listed[0], device=packed.data.device)
    for given in (order, back):
        if given is None or given.shape != there.shape or not given.sort().values.equal(there):
            break
    else:
        if order is not None and back is not None and order[back].equal(there):
            return
    raise refusals.wrong_packing(
        f"sorted_indices and unsorted_indices don't undo each other, expected two orders of its"
        f" {listed[0]} samples"
    )


def _read_state(
    network: Network, state: object, x: Tensor, batched: bool
) -> tuple[Tensor, Tensor | None]:
    """Return h (N, B, P) and, for the LSTM, c (N, B, H); zeros where ``state`` is None."""
    count, samples = network.layers * len(network.directions), x.shape[1]
    zeros = network.sample.new_zeros
    if state is None:
        h = zeros(count, samples, network.state_size)
        if "c" not in CELLS[network.cell].states:
            return h, None
        same = network.state_size == network.hidden_size  # then one serves as both
        return h, h if same else zeros(count, samples, network.hidden_size)
    sizes = {"h": network.state_size}
    if "c" in CELLS[network.cell].states:
        sizes["c"] = network.hidden_size
    tensors = [
        _read_one_state(network, f"{name}_0 of state", part, (count, samples, sizes[name]), batched)
        for name, part in zip(sizes, _parts(network, state), strict=True)
    ]
    return tensors[0], tensors[1] if len(tensors) > 1 else None


def _parts(network: Network, state: object) -> tuple[object, ...]:
    if isinstance(state, Recording):
        raise TypeError("state is a Recording, expected its final state: pass recording.state")
    if "c" not in CELLS[network.cell].states:
        if not isinstance(state, Tensor | np.ndarray):
            raise TypeError(
                f"state is a {type(state).__qualname__}, expected one tensor h_0: only an LSTM"
                " has a second state"
            )
        return (state,)
    if not isinstance(state, tuple | list) or len(state) != 2:
        count = f" of {len(state)}" if isinstance(state, tuple | list) else ""
        raise TypeError(
            f"state is a {type(state).__qualname__}{count}, expected a tuple of two tensors"
            " (h_0, c_0) for an LSTM"
        )
    return tuple(state)


def _read_one_state(
    network: Network, what: str, given: object, shape: tuple[int, int, int], batched: bool
) -> Tensor:
    dtype = str(network.sample.dtype).removeprefix("torch.")
    if isinstance(given, np.ndarray) and given.dtype == dtype:
        given = torch.tensor(given, device=network.sample.device)  # a recording's own state
    tensor = _checked(what, given, network)
    expected = shape[1:] if network.one_step else shape
    if not batched:
        expected = (*expected[:-2], expected[-1])
    if tensor.shape != expected:
        names = "size" if not batched else "samples, size"
        names = names if network.one_step else f"layers × directions, {names}"
        raise ValueError(
            f"{what} has shape {tuple(tensor.shape)}, expected {expected}: ({names})"
            f"{_other_layout(network, tensor, expected, batched)}"
        )
    # a copy: the caller may write to it before a trace is looked at
    return tensor.detach().reshape(shape).clone(memory_format=torch.contiguous_format)


def _other_layout(
    network: Network, tensor: Tensor, expected: tuple[int, ...], batched: bool
) -> str:
    """Return the next step where the state has another number of samples than the inputs."""
    if network.one_step or not batched or tensor.ndim != 3:
        return ""
    if tensor.shape[0] != expected[0] or tensor.shape[2] != expected[2]:
        return ""
    now, other = ("True", "False") if network.batch_first else ("False", "True")
    return (
        f". The module has batch_first={now}; if the inputs are laid out for batch_first={other},"
        " pass inputs.transpose(0, 1)"
    )


def _checked(what: str, given: object, network: Network) -> Tensor:
    """Return ``given``, a dense tensor of the module's dtype and on its device."""
    weight = network.sample
    if not isinstance(given, Tensor):
        raise refusals.no_tensor(what, given, weight.dtype)
    if not refusals.is_plain(given):
        raise refusals.not_plain(what, given)
    if given.layout is not torch.strided or given.is_nested:
        raise TypeError(
            f"{what} is a sparse or nested tensor, expected a dense one: pass inputs.to_dense(),"
            " or pack sequences of several lengths with torch.nn.utils.rnn.pack_sequence"
        )
    if given.dtype is not weight.dtype:
        raise refusals.wrong_dtype(what, given, weight.dtype)
    if given.device != weight.device:
        raise ValueError(
            f"{what} is on {given.device}, expected the module's {weight.device}:"
            f" pass {what.removesuffix(' of state')}.to({str(weight.device)!r})"
        )
    return given
