"""Record a module: run it on tensors and return a `Recording` of arrays."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from gatesviz.cells import Weights, find_cell
from gatesviz.recordings.edit_text import describe_edits, range_warnings
from gatesviz.recordings.edits import (
    Edit,
    Extent,
    edited_places,
    resolved_edits,
)
from gatesviz.recordings.inputs import Given, one_of, read_inputs
from gatesviz.recordings.layers import Pass, Run, run
from gatesviz.recordings.modules import Network, Recurrent, read_module
from gatesviz.recordings.recording import Recording
from gatesviz.traces import Array, Direction, Trace

_Layer = TypeVar("_Layer")
_OneState = Tensor | Array
State = _OneState | tuple[_OneState, _OneState] | None
Snapshots = dict[tuple[int, Direction], Weights]
"""(layer, direction) -> copies of its weights."""


def record(
    module: Recurrent,
    inputs: Tensor | PackedSequence | None = None,
    state: State = None,
    *,
    edits: Sequence[Edit] = (),
    input: Tensor | PackedSequence | None = None,
    hx: State = None,
) -> Recording:
    """Run ``module`` on ``inputs`` and return every gate and state.

    Arguments are those of ``module(inputs, state)``. You can also use torch's names ``input`` and
    ``hx``. The module can have any number of layers, both directions, ``batch_first``, no bias or a
    projection, in float32 or float64, on any device. Inputs can be unbatched or packed. A
    torch.nn.RNNCell, LSTMCell or GRUCell is recorded for its one step. ``state`` can also be the
    ``state`` of a `Recording`.

    The result equals the module's own up to rounding. It uses the weights that result from weight
    norm, spectral norm, pruning and other parametrizations. The module isn't changed, and autograd
    records nothing. In training mode, dropout acts between layers. It draws from torch's generator
    as the module would; on a CPU, the random numbers are the same. NaN and infinity pass through
    as in the module. A module with hooks or a replaced ``forward`` is refused;
    `gatesviz.record_inside` records what its call really computes. An active TorchFunctionMode is
    refused, too, except that of ``torch.device``.

    With ``edits`` some gates, states or inputs are replaced, in every sample, and everything that
    follows is computed from them by the cell's own equations, in every layer: see
    `gatesviz.Edit`. The recording then holds them in `Recording.edits` and says so wherever it is
    shown. Rounding differs from a recording without edits.

    Limits: some weights make rounding errors grow (a chaotic module). With them, the recording of
    packed samples can differ from the module's output. For a float32 LSTM and one sample, torch
    then gives different results with and without ``torch.no_grad()``; the recording equals the one
    with gradients enabled.

    Raises:
        TypeError: if an argument has the wrong type or dtype, calling the module does something
            other than torch.nn's ``forward``, or autocast would compute in lower precision.
        ValueError: if one has the wrong shape or device, there is no step or sample, a hook or
            a TorchFunctionMode could change the numbers, or an edit names a letter, layer,
            direction, step or unit that does not exist.
    """
    made = read_module(module)
    inputs, state = one_of("inputs", inputs, "input", input), one_of("state", state, "hx", hx)
    device = made.sample.device.type
    with torch.inference_mode():
        given = read_inputs(made, inputs, state)
        changes = resolved_edits(edits, _extent(made, given))
        if not torch.is_autocast_enabled(device):
            return recorded(made, given, run(made, given, edits=changes), edits=changes)
        check_autocast(made, ": recording = gv.record(module, inputs.float())")
        with torch.autocast(device, enabled=False):
            return recorded(made, given, run(made, given, edits=changes), edits=changes)


def _extent(network: Network, given: Given) -> Extent:
    steps, samples, _ = given.x.shape
    return Extent(
        cell=find_cell(network.cell),
        layers=network.layers,
        directions=network.directions,
        steps=steps,
        samples=samples if given.batched else None,
        input_size=network.input_size,
        hidden_size=network.hidden_size,
        state_size=network.state_size,
    )


def check_autocast(network: Network, rest: str) -> None:
    """Check that autocast, which is on, leaves ``network`` alone, as it does float64.

    ``rest`` completes the line that switches it off.

    Raises:
        TypeError: if the module would compute in lower precision.
    """
    device = network.sample.device.type
    if network.sample.dtype is not torch.float64:
        raise TypeError(
            "torch.autocast is on, so the module computes in lower precision, expected float32 or"
            f" float64. Switch it off: with torch.autocast({device!r}, enabled=False){rest}"
        )


class LazyMapping(Mapping[tuple[int, Direction], _Layer]):
    """One for each layer and direction, put together when first asked for; the numbers are there.

    Until then a tapped trace holds oneDNN's whole workspace, a multiple of its gates.
    """

    def __init__(self, makers: Mapping[tuple[int, Direction], Callable[[], _Layer]]) -> None:
        self._makers = dict(makers)
        self._made: dict[tuple[int, Direction], _Layer] = {}

    def __getitem__(self, key: tuple[int, Direction]) -> _Layer:
        if key not in self._made:
            self._made[key] = self._makers[key]()
            self._makers[key] = partial(self._made.__getitem__, key)  # lets go of the tensors
        return self._made[key]

    def __iter__(self) -> Iterator[tuple[int, Direction]]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({[*self]})"  # the values take time and memory to make

    def __reduce__(self) -> tuple[object, ...]:
        return dict, (dict(self),)


def recorded(
    network: Network,
    given: Given,
    done: Run,
    snapshots: Snapshots | None = None,
    edits: tuple[Edit, ...] = (),
) -> Recording:
    """Return what ``done`` computed from ``given`` as plain arrays.

    ``snapshots`` hold the weights of an earlier recording, to be shared where they have not changed
    since, and afterwards those of this one.
    """
    snapshots = {} if snapshots is None else snapshots
    for key, weights in network.weights.items():
        snapshots[key] = _snapshot(weights, snapshots.get(key))
    lengths, edited = lengths_of(given), edited_places(edits)
    output = rows(done.output, given, lengths, spare=0)
    if network.batch_first and given.batched and lengths is None:
        output = output.swapaxes(0, 1)
    state = _final(done, given)
    if network.one_step:  # a cell returns its state without the axes of time and layers
        output, state = output[0], [each[0] for each in state]
    return Recording(
        output=output,
        state=state[0] if len(state) == 1 else (state[0], state[1]),
        traces=LazyMapping(
            {
                key: partial(
                    _trace,
                    network.cell,
                    key[1],
                    passed,
                    snapshots[key],
                    given,
                    lengths,
                    key in edited,
                )
                for key, passed in done.passes.items()
            }
        ),
        notes=(
            *dict.fromkeys(p.note for p in done.passes.values() if p.note),
            *_notes(network, edits),
        ),
        edits=edits,
    )


def _notes(network: Network, edits: tuple[Edit, ...]) -> Iterator[str]:
    """Yield sentences that say what was edited, and which values no gate could have."""
    if edits:
        yield (
            "Edited, so these are not the module's own numbers:"
            f" {describe_edits(edits, network.layers, most=10)}."
        )
    yield from range_warnings(edits, network.cell)


def _snapshot(weights: Weights, earlier: Weights | None) -> Weights:
    """Copy the weights: the module may be trained before the trace is looked at.

    Tensors of ``earlier`` that hold the same numbers are taken instead.
    """
    if earlier is None:
        return Weights(*[None if w is None else w.clone() for w in weights])  # type: ignore[arg-type]
    pairs = zip(weights, earlier, strict=True)
    return Weights(*[None if now is None else _copied(now, known) for now, known in pairs])  # type: ignore[arg-type]  # the matrices are there


def _copied(weight: Tensor, earlier: Tensor | None) -> Tensor:
    same = earlier is not None and torch.equal(weight, earlier)
    return earlier if same and earlier is not None else weight.clone()


def _final(done: Run, given: Given) -> list[Array]:
    """Return h_n and, for the LSTM, c_n: (N, B, ·), or (N, ·) where inputs were unbatched."""
    last = zip(*[passed.last for passed in done.passes.values()], strict=True)
    arrays = [torch.stack(same).numpy(force=True) for same in last]
    if given.unsort is not None:
        arrays = [array[:, given.unsort.numpy(force=True)] for array in arrays]
    return arrays if given.batched else [array[:, 0] for array in arrays]


def _trace(
    cell: str,
    direction: Direction,
    passed: Pass,
    weights: Weights,
    given: Given,
    lengths: NDArray[np.int64] | None,
    edited: bool,
) -> Trace:
    scan = passed.scan
    states = {"h": scan.h} if scan.c is None else {"h": scan.h, "c": scan.c}
    return Trace(
        cell=cell,
        direction=direction,
        inputs=rows(passed.x, given, lengths, spare=0),
        gates={k: rows(_alone(v), given, lengths, spare=0) for k, v in scan.gates.items()},
        states={k: rows(_alone(v), given, lengths, spare=1) for k, v in states.items()},
        weights={k: w.numpy(force=True) for k, w in weights._asdict().items() if w is not None},
        lengths=lengths,
        edited=edited,
    )


def lengths_of(given: Given) -> NDArray[np.int64] | None:
    """Return the steps of each sample (B,) in the caller's order, None unless packed."""
    if given.lengths is None:
        return None
    lengths: NDArray[np.int64] = _sorted_back(given.lengths, given, 0).numpy(force=True)
    return lengths


def rows(tensor: Tensor, given: Given, lengths: NDArray[np.int64] | None, *, spare: int) -> Array:
    """Return ``tensor`` (T + spare, B, ·) as handed out: the caller's samples, NaN beyond."""
    array: Array = _sorted_back(tensor, given, 1).numpy(force=True)
    if lengths is None:
        return array if given.batched else array[:, 0]
    array = array.copy()
    array[np.arange(len(array))[:, None] >= lengths + spare] = np.nan
    return array


def _alone(tensor: Tensor) -> Tensor:
    """Return a copy where ``tensor`` would keep more than itself in memory."""
    if tensor.untyped_storage().nbytes() == tensor.nbytes:
        return tensor
    return tensor.clone(memory_format=torch.contiguous_format)


def _sorted_back(tensor: Tensor, given: Given, axis: int) -> Tensor:
    return tensor if given.unsort is None else tensor.index_select(axis, given.unsort)
