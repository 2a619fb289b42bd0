"""A second witness: every sigmoid and tanh that torch itself computes, caught in the act."""

import numpy as np
import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from gatesviz.recordings import record
from tests.recordings.cases import TOLERANCE, Case, torch_result

ORDER = {  # what one step activates, in torch's order; "" is the tanh of c'
    "rnn_tanh": ["h"],
    "rnn_relu": ["h"],
    "lstm": ["i", "f", "g", "o", ""],
    "lstm_proj": ["i", "f", "g", "o", ""],
    "gru": ["r", "z", "n"],
}


class Witness(TorchDispatchMode):
    """Keeps a copy of every activation's result."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[np.ndarray] = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        if func.overloadpacket.__name__.rstrip("_") in ("sigmoid", "tanh", "relu"):
            self.seen.append(result.numpy().copy())
        return result


@pytest.fixture(autouse=True)
def _without_onednn():
    """With oneDNN one fused operation is all there is to see."""
    torch._C._set_mkldnn_enabled(False)
    yield
    torch._C._set_mkldnn_enabled(True)


@pytest.mark.parametrize("cell", ORDER)
@pytest.mark.parametrize("dtype", TOLERANCE, ids=str)
def test_gates_are_the_activations_torch_computes(cell, dtype):
    case = Case(cell, layers=2, bidirectional=True, given_state=True, dtype=dtype)
    module, inputs, state = case.module(), case.inputs(), case.state()
    with Witness() as witness:
        torch_result(module, inputs, state)
    torch._C._set_mkldnn_enabled(True)  # the recording takes its usual way

    recording = record(module, inputs, state)

    letters = ORDER[cell]
    seen = np.stack(witness.seen).reshape(len(recording.traces), 6, len(letters), 4, 5)
    for activations, trace in zip(seen, recording.traces.values(), strict=True):
        in_order = activations if trace.direction == "forward" else activations[::-1]
        for k, letter in enumerate(letters):
            ours = {**trace.gates, "h": trace.after("h")}.get(letter)
            if ours is None:
                ours = np.tanh(trace.after("c"))
            np.testing.assert_allclose(
                ours, in_order[:, k], atol=TOLERANCE[dtype], rtol=0, err_msg=letter
            )
