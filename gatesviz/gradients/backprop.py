"""The derivative of a loss by everything that a module computes, as NumPy arrays."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from gatesviz.cells import CELLS, Weights
from gatesviz.gradients.flow import GradientFlow, LayerFlow
from gatesviz.gradients.layers import back, repeated
from gatesviz.gradients.losses import (
    Leaf,
    Loss,
    OutputGradient,
    check_scalar,
    independent,
    one_dtype,
    side_by_side,
    takes_state,
    value_of,
)
from gatesviz.gradients.norms import norm
from gatesviz.gradients.scans import Derivatives
from gatesviz.recordings.behaviour import check_backward
from gatesviz.recordings.inputs import Given, one_of, read_inputs
from gatesviz.recordings.layers import Run, run
from gatesviz.recordings.modules import DTYPES, Network, Recurrent, read_module
from gatesviz.recordings.recorder import LazyMapping, State, lengths_of, recorded, rows
from gatesviz.recordings.recording import Recording
from gatesviz.traces import Array, Direction

Inputs = Tensor | PackedSequence | None
_VALUES_AT_ONCE = (
    1_000_000  # factors of one layer, for many losses together: as much as a cache holds
)


def gradient_flow(
    module: Recurrent,
    inputs: Inputs = None,
    loss: Loss | None = None,
    state: State = None,
    *,
    input: Inputs = None,
    hx: State = None,
    dtype: torch.dtype = torch.float64,
) -> GradientFlow:
    """Return the gradient of ``loss`` with respect to each state, gate and input of ``module``.

    These are total derivatives, along every path from a state to the loss, as autograd gives for
    an unrolled loop. (``retain_grad()`` on a module's output gives only what enters at that step.)
    One pass back over the recorded gates computes them, see `gatesviz.gradients.scans`.

    ``module``, ``inputs`` and ``state`` are as for `gatesviz.record`. The last two can also be
    passed as ``input`` and ``hx``. ``loss`` is a function of the output, or of the output and the
    final state, as ``module(inputs, state)`` returns them: in the module's own layout, but in
    ``dtype``. For a cell, the output is its h. ``loss`` must return one number.

    - ``loss(output)``: a tensor. For packed inputs it is a PackedSequence: use ``output.data``,
      or ``pad_packed_sequence(output)``.
    - ``loss(output, state)``: state is h_n, or (h_n, c_n) for an LSTM. Use this for an encoder
      that passes its state to a decoder. A loss that needs two arguments, or accepts any number
      (``*args``), gets both. Default values are kept.

    Steps that the loss does not depend on have the gradient 0.

    Everything is computed on copies in ``dtype``. The default is float64, since in float32 the
    gradient of an untrained cell underflows to exactly 0 about 100 steps back. If the loss has
    its own weights in float32, write ``readout(output.float())``.

    The module does not change, and no ``.grad`` changes. The result is the same in evaluation
    mode, on a GPU, and under ``torch.no_grad()``. In training mode, dropout draws the same random
    numbers as the module. NaN in the inputs of a sample makes all its gradients NaN, even if the
    loss looks only at earlier steps: 0 · NaN is NaN, as in autograd of the module. To exclude
    those steps, pass ``inputs[:t]``.

    Raises:
        TypeError: if an argument has the wrong type or dtype, or the loss takes other arguments,
            mixes dtypes or does not return a tensor.
        ValueError: if an argument has the wrong shape or device, there is no step or sample, a
            hook could change the numbers, or the loss is not one number or depends neither on the
            output nor on the state.
    """
    read = one_of("inputs", inputs, "input", input), one_of("state", state, "hx", hx)
    with _evaluated("loss", loss, module, *read, dtype) as run:
        [gradient] = run.gradients
        assert gradient is not None
        found, _ = back(run.network, run.given, run.done, gradient, bottom=False)
        recording = recorded(run.network, run.given, run.done)
        layers = {
            key: partial(_layer, recording, key, one, run.given) for key, one in found.items()
        }
        return GradientFlow(float(run.value.detach()), LazyMapping(layers), recording)


def influence(
    module: Recurrent,
    inputs: Inputs = None,
    outputs: Loss | None = None,
    state: State = None,
    *,
    input: Inputs = None,
    hx: State = None,
    dtype: torch.dtype = torch.float64,
) -> Array:
    """Return how strongly each input changes each of ``outputs``: ‖∂output_k / ∂x_t‖.

    ``outputs`` takes the same arguments as the loss of `gradient_flow`, and returns a tensor of any
    shape (K…). To see how each input step t changes unit 3 at each output step t′ of an unbatched
    module, pass ``outputs=lambda y: y[:, 3]``. Norms are Euclidean over the features of x_t.

    Returns:
        (K…, T, B), without B for unbatched inputs. It is 0 for inputs after the output, and NaN
        beyond the end of a packed sample. All K scans run together.

    Raises:
        TypeError, ValueError: as for `gradient_flow`, but ``outputs`` may return several values.
    """
    read = one_of("inputs", inputs, "input", input), one_of("state", state, "hx", hx)
    with _evaluated("outputs", outputs, module, *read, dtype) as run:
        finals = next(len(gradient.finals) for gradient in run.gradients if gradient is not None)
        nothing = OutputGradient(torch.zeros_like(run.done.output), (None,) * finals)
        gradients = [nothing if gradient is None else gradient for gradient in run.gradients]
        norms = torch.cat(list(_norms(run, gradients)), 1)  # (T, K·B)
        T, B = run.given.x.shape[:2]
        each = norms.view(T, len(gradients), B).movedim(2, 1)  # (T, B, K)
        array = np.moveaxis(_rows(each, run.given, spare=0), -1, 0)
        return array.reshape(*run.value.shape, *array.shape[1:])


class _Evaluated(NamedTuple):
    """A recorded run and what the user's function returned for its output.

    Attributes:
        network, given, done: the run, in the dtype of the gradients.
        value: what the function returned.
        gradients: of each number in ``value``, by the output and the final state; None if it
            depends on neither. One at least is not None.
    """

    network: Network
    given: Given
    done: Run
    value: Tensor
    gradients: list[OutputGradient | None]


@contextmanager
def _evaluated(
    what: str, function: Loss | None, module: Recurrent, inputs: Inputs, state: State,
    dtype: torch.dtype,
) -> Iterator[_Evaluated]:  # fmt: skip
    """Run a copy of ``module``, evaluate the function, and yield both for the way back.

    ``what`` is the name of the argument: "loss", which must be one number, or "outputs".
    """
    with_state = takes_state(what, function)
    assert function is not None
    network = read_module(module)
    check_backward(module)
    with _without_autocast(network):
        network, given, done = _forward(network, inputs, state, dtype)
        packed = inputs if isinstance(inputs, PackedSequence) else None
        with torch.inference_mode(False), torch.enable_grad():
            leaf = Leaf(network, given, packed, done, with_state=with_state)
            with one_dtype(what, leaf):
                value = value_of(what, function, leaf)
                numbers: tuple[Tensor, ...] = (value,)
                if what == "loss":
                    check_scalar(value)
                else:
                    numbers = value.flatten().unbind(0)
                gradients = [leaf.gradient(one, again=len(numbers) > 1) for one in numbers]
        if all(gradient is None for gradient in gradients):
            raise independent(what)
        with torch.inference_mode():
            yield _Evaluated(network, given, done, value, gradients)


def _norms(run: _Evaluated, gradients: list[OutputGradient]) -> Iterator[Tensor]:
    """Yield ‖∂/∂x_t‖ (T, k·B) for as many ``gradients`` at a time as the cache holds."""
    T, B = run.given.x.shape[:2]
    blocks = len(CELLS[run.network.cell].blocks)
    size = max(1, _VALUES_AT_ONCE // (T * B * blocks * run.network.hidden_size))
    for start in range(0, len(gradients), size):
        some = gradients[start : start + size]
        again = repeated(run.given, run.done, len(some))
        _, inputs = back(run.network, *again, side_by_side(some))
        yield torch.from_numpy(norm(inputs.numpy(force=True))).to(inputs.device)


@contextmanager
def _without_autocast(network: Network) -> Iterator[None]:
    device = network.sample.device.type
    if not torch.is_autocast_enabled(device):
        yield
        return
    with torch.autocast(device, enabled=False):
        yield


def _forward(
    network: Network, inputs: Inputs, state: State, dtype: torch.dtype
) -> tuple[Network, Given, Run]:
    """Run a copy of ``network`` in ``dtype`` and record everything."""
    if dtype not in DTYPES:
        raise TypeError(f"dtype: expected torch.float64 or torch.float32, got {dtype}")
    with torch.inference_mode():
        given = read_inputs(network, inputs, state)
        if network.sample.dtype is dtype:
            return network, given, run(network, given)
        given = given._replace(
            x=given.x.to(dtype),
            h=given.h.to(dtype),
            c=None if given.c is None else given.c.to(dtype),
        )

        def named(each: Weights) -> Iterator[tuple[str, Tensor]]:
            return ((k, w) for k, w in each._asdict().items() if w is not None)

        weights = {
            key: Weights(**{k: w.detach().to(dtype) for k, w in named(each)})
            for key, each in network.weights.items()
        }
        network = network._replace(weights=weights, sample=network.sample.detach().to(dtype))
        return network, given, run(network, given)


def _rows(tensor: Tensor, given: Given, *, spare: int) -> Array:
    return rows(tensor, given, lengths_of(given), spare=spare)


def _layer(
    recording: Recording, key: tuple[int, Direction], found: Derivatives, given: Given
) -> LayerFlow:
    trace = recording.traces[key]
    blocks = CELLS[trace.cell].blocks
    sums = dict(zip(blocks, found.sums.unbind(2), strict=True))
    states = {"h": found.h} if found.c is None else {"h": found.h, "c": found.c}
    return LayerFlow(
        trace=trace,
        gradients={name: _rows(each, given, spare=1) for name, each in states.items()},
        sums={letter: _rows(each, given, spare=0) for letter, each in sums.items()},
        outputs=_rows(found.outputs, given, spare=0),
        c_n=None if found.c_n is None else _rows(found.c_n.unsqueeze(0), given, spare=0)[0],
        by_gate=_all_rows(found.gates, given),
        from_state=None
        if found.from_state is None
        else _all_rows(dict(zip(blocks, found.from_state.unbind(2), strict=True)), given),
    )


def _all_rows(tensors: dict[str, Tensor] | None, given: Given) -> dict[str, Array] | None:
    if tensors is None:
        return None
    return {letter: _rows(each, given, spare=0) for letter, each in tensors.items()}
