"""Turn a call of one of torch's recurrent kernels into a recording."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence
from torch.utils._python_dispatch import _disable_current_modes

from gatesviz.cells import CELLS
from gatesviz.recordings.behaviour import active_modes, is_foreign
from gatesviz.recordings.inputs import Given, read_inputs
from gatesviz.recordings.layers import Run, run
from gatesviz.recordings.modules import Network, network, step_network
from gatesviz.recordings.recorder import Snapshots, check_autocast, recorded
from gatesviz.recordings.recording import Recording

KERNELS: dict[Any, tuple[str, bool]] = {
    getattr(torch._VF, f"{cell}{ending}"): (cell, bool(ending))
    for cell in CELLS
    if CELLS[cell].module is not None
    for ending in ("", "_cell")
}
"""Each of these functions -> key of `gatesviz.cells.CELLS`, and whether it takes one step."""

LAYOUT = ("is_batched", "sorted_indices", "unsorted_indices")
"""Torch's names for the layout of the inputs, which a module knows and its kernel does not."""

_TOLERANCE = {torch.float32: 1e-5, torch.float64: 1e-11}  # between runs of the same kernels


class Caller(NamedTuple):
    """The calling layer, the layout of its inputs, and a mode that gets the result after us."""

    module: nn.Module | None
    layout: dict[str, Any]
    mode: str | None


def caller_of(frame: FrameType | None) -> Caller:
    """Return the layer whose method made the call in ``frame``."""
    mode = None
    while frame is not None:
        known, code = frame.f_locals, frame.f_code
        if isinstance(known.get("self"), nn.RNNBase | nn.RNNCellBase):
            layout = {name: known[name] for name in LAYOUT if name in known}
            return Caller(known["self"], layout, mode)
        if code.co_name == "__torch_function__" and is_foreign(known.get(code.co_varnames[0])):
            mode = f"{type(known[code.co_varnames[0]]).__name__}, a TorchFunctionMode, is active"
        frame = frame.f_back
    return Caller(None, {}, None)


class RandomState(NamedTuple):
    """The state of torch's random generators: the CPU's, and a CUDA device's or None."""

    cpu: Tensor
    cuda: Tensor | None


def random_state(device: torch.device) -> RandomState:
    """Return the state of the generators that a kernel on ``device`` draws from."""
    cuda = torch.cuda.get_rng_state(device) if device.type == "cuda" else None
    return RandomState(torch.random.get_rng_state(), cuda)


class Call(NamedTuple):
    """One finished call.

    Attributes:
        kernel: a key of `KERNELS`.
        args: its arguments.
        layout: names of `LAYOUT` -> the caller's values; unknown ones are missing.
        random: the generators before the call.
        result: its return value.
    """

    kernel: Any
    args: tuple[Any, ...]
    layout: Mapping[str, Any]
    random: RandomState
    result: Any


def record_call(call: Call, snapshots: Snapshots) -> Recording:
    """Return the recording of ``call``, checked against the result of the call.

    ``snapshots`` holds the weights of the layer's previous call, and afterwards those of this one.

    Raises:
        TypeError: if it computed in another precision than float32 or float64.
        ValueError: if it returned other numbers, or was traced.
    """
    if torch._C._get_tracing_state() is not None:
        # What is computed here would become part of the trace.
        raise ValueError("it was traced, expected a plain call: call the model itself in the block")
    device = call.args[0].device
    with torch.inference_mode(), torch._C.DisableTorchFunction(), _disable_current_modes():
        received = _received(call)
        made = received.network
        if torch.is_autocast_enabled(device.type):
            check_autocast(made, ", gv.record_inside(model) as recordings: model(batch)")
        given = read_inputs(made, received.inputs, received.state)
        with torch.autocast(device.type, enabled=False), _drawn_again(made, device, call.random):
            done = run(made, given, torchs_own=True)
        _check_same(made, given, done, call.result)
        return recorded(made, given, done, snapshots)


class _Received(NamedTuple):
    """The arguments of one call of a kernel, in the form of `read_inputs`."""

    network: Network
    inputs: Tensor | PackedSequence
    state: Any


def _received(call: Call) -> _Received:
    cell, one_step = KERNELS[call.kernel]
    batched, args = call.layout.get("is_batched", True), call.args
    if one_step:
        x, state, *weights = args
        _check_dtype(weights[0])
        made = step_network(cell, weights)
        return _Received(made, *((x, state) if batched else _squeezed(x, state, 0, 0)))
    packed = not isinstance(args[3], bool)
    x, sizes, state, weights, bias, layers, dropout, train, both, *rest = (
        args if packed else (args[0], None, *args[1:])
    )
    _check_dtype(weights[0])
    made = network(
        cell,
        weights,
        bias=bias,
        layers=layers,
        bidirectional=both,
        batch_first=bool(rest and rest[0]),
        dropout=dropout if train else 0.0,
    )
    if not packed:
        axis = 0 if made.batch_first else 1
        return _Received(made, *((x, state) if batched else _squeezed(x, state, axis, 1)))
    unsort = call.layout.get("unsorted_indices")
    if unsort is not None:  # the kernel has the state in the order of the packed samples
        state = _each(state, lambda part: part[:, unsort])
    return _Received(
        made, PackedSequence(x, sizes, call.layout.get("sorted_indices"), unsort), state
    )


def _squeezed(x: Tensor, state: Any, axis: int, axis_of_state: int) -> tuple[Tensor, Any]:
    return x.squeeze(axis), _each(state, lambda part: part.squeeze(axis_of_state))


def _each(state: Any, change: Callable[[Tensor], Tensor]) -> Any:
    return tuple(map(change, state)) if isinstance(state, tuple | list) else change(state)


def _check_dtype(weight: Tensor) -> None:
    if weight.dtype not in _TOLERANCE:
        raise TypeError(
            f"it computes in {weight.dtype}, expected torch.float32 or torch.float64: run a copy"
            " on float32 inputs, with gv.record_inside(copy.deepcopy(model).float())"
        )


def _check_same(made: Network, given: Given, done: Run, result: Any) -> None:
    """Check that ``done`` equals the result of the call, to rounding."""
    ours = [torch.stack(last) for last in zip(*(p.last for p in done.passes.values()), strict=True)]
    theirs = result if isinstance(result, tuple) else (result,)
    if made.one_step:
        ours = [each[0] for each in ours]
    elif given.inside is not None:
        ours.insert(0, done.output[given.inside])
    else:
        ours.insert(0, done.output.transpose(0, 1) if made.batch_first else done.output)
    tolerance = _TOLERANCE[made.sample.dtype]
    for mine, its in zip(ours, theirs, strict=True):
        if mine.dtype is not its.dtype or not torch.allclose(
            mine, its.detach(), tolerance, tolerance, equal_nan=True
        ):
            difference = float((mine - its).abs().max())
            hint = "run the model in evaluation mode, on a CPU and without a compiler"
            if others := [mode for mode in active_modes() if is_foreign(mode)]:
                hint = f"leave the block of {type(others[-1]).__name__}, a TorchFunctionMode"
            elif given.inside is not None:
                hint = (
                    "rounding may grow from step to step in this layer, where packed samples are"
                    " grouped another way; run the samples one at a time, unpacked"
                )
            raise ValueError(
                "computed again it gives other numbers than it returned, expected the same"
                f" (largest difference {difference:.2g}): {hint}"
            )


@contextmanager
def _drawn_again(made: Network, device: torch.device, random: RandomState) -> Iterator[None]:
    """Let dropout repeat the random numbers of the call, and restore torch's generators."""
    if not made.dropout:
        yield
        return
    with torch.random.fork_rng([device] if random.cuda is not None else []):
        torch.random.set_rng_state(random.cpu)
        if random.cuda is not None:
            torch.cuda.set_rng_state(random.cuda, device)
        yield
