"""Wrong input gets one sentence that names what was given and what is wanted."""

import re

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils import parametrize, prune
from torch.nn.utils.rnn import pack_sequence

from gatesviz.recordings import record

LSTM, GRU = nn.LSTM(3, 5), nn.GRU(3, 5, batch_first=True)
X = torch.zeros(6, 4, 3)


class _Twice(nn.Module):
    def forward(self, weight):
        return 2 * weight


class _Own(nn.LSTM):
    def forward(self, x):
        return x


def _parametrized() -> nn.LSTM:
    module = nn.LSTM(3, 5)
    parametrize.register_parametrization(module, "weight_hh_l0", _Twice())
    return module


def _mixed(kind: type[nn.RNNBase], **to: object) -> nn.RNNBase:
    module = kind(3, 5, num_layers=2)
    module.weight_hh_l1 = nn.Parameter(module.weight_hh_l1.to(**to))
    return module


def _h(*shape: int) -> torch.Tensor:
    return torch.zeros(shape)


WRONG = {
    "a linear layer": (nn.Linear(3, 5), X, None, "torch.nn.modules.linear.Linear"),
    "a cell": (nn.LSTMCell(3, 5), X, None, "LSTMCell, a torch.nn.RNN, torch.nn.LSTM or"),
    "no module": ("lstm", X, None, "module is a builtins.str"),
    "own forward": (_Own(3, 5), X, None, "_Own"),
    "parametrized": (_parametrized(), X, None, "weight_hh_l0 of the LSTM is no plain"),
    "pruned": (
        prune.random_unstructured(nn.GRU(3, 5), "weight_ih_l0", 0.5),
        X,
        None,
        "weight_ih_l0 of the GRU is no plain parameter",
    ),
    "half": (nn.LSTM(3, 5).half(), X.half(), None, "torch.float16, torch.float32 or torch.flo"),
    "bfloat16": (nn.GRU(3, 5).bfloat16(), X.bfloat16(), None, "weights are torch.bfloat16"),
    "two dtypes": (
        _mixed(nn.LSTM, dtype=torch.float64),
        X,
        None,
        "weights are torch.float32 and torch.float64, one dtype is wanted",
    ),
    "two devices": (
        _mixed(nn.GRU, device="meta"),
        X,
        None,
        "weights are on cpu and meta, one device is wanted",
    ),
    "meta": (nn.LSTM(3, 5, device="meta"), X, None, "on the meta device"),
    "an array": (LSTM, np.zeros((6, 4, 3)), None, "inputs is a ndarray, a torch.Tensor or"),
    "a list": (LSTM, [[0.0] * 3], None, "inputs is a list"),
    "one dimension": (LSTM, X[0, 0], None, "shape (3,), (T, B, I) or (T, I) with I = 3"),
    "four dimensions": (GRU, X[None], None, "shape (1, 6, 4, 3), (B, T, I) or (T, I)"),
    "features": (LSTM, X[..., :2], None, "(6, 4, 2), its last size must be the module's input"),
    "no step": (LSTM, X[:0], None, "(0, 4, 3), at least one step and one sample"),
    "no step, unbatched": (LSTM, X[:0, 0], None, "(0, 3), at least one step"),
    "no sample": (LSTM, X[:, :0], None, "(6, 0, 3), at least one step and one sample"),
    "integers": (LSTM, X.long(), None, "inputs is torch.int64, the module's torch.float32"),
    "double": (LSTM, X.double(), None, "torch.float64, the module's torch.float32 is wanted"),
    "complex": (LSTM, X + 0j, None, "torch.complex64"),
    "sparse": (LSTM, X.to_sparse(), None, "sparse or nested"),
    "device": (LSTM, X.to("meta"), None, "inputs is on meta, the module's cpu is wanted"),
    "tensor for LSTM": (LSTM, X, _h(1, 4, 5), "state is a Tensor, a tuple of two tensors (h_0"),
    "triple": (LSTM, X, (_h(1, 4, 5),) * 3, "state is a tuple of 3, a tuple of two"),
    "tuple for GRU": (GRU, X, (_h(1, 4, 5),) * 2, "state is a tuple, one tensor h_0 is wanted"),
    "array state": (LSTM, X, (np.zeros((1, 4, 5)),) * 2, "h_0 of state is a ndarray"),
    "batch of h": (LSTM, X, (_h(1, 3, 5), _h(1, 4, 5)), "h_0 of state has shape (1, 3, 5), (1, 4"),
    "size of c": (LSTM, X, (_h(1, 4, 5), _h(1, 4, 6)), "c_0 of state has shape (1, 4, 6)"),
    "layers of h": (GRU, X, _h(2, 6, 5), "h_0 of state has shape (2, 6, 5), (1, 6, 5)"),
    "batched state": (GRU, X[0], _h(1, 1, 5), "(1, 1, 5), (1, 5) is wanted"),
    "state dtype": (GRU, X, _h(1, 6, 5).double(), "h_0 of state is torch.float64"),
    "packed features": (LSTM, pack_sequence([X[:, 0, :2]]), None, "(2,), (3,) is wanted"),
    "packed integers": (LSTM, pack_sequence([X[:, 0].long()]), None, "inputs.data is torch.int64"),
}


@pytest.mark.parametrize(("module", "inputs", "state", "says"), WRONG.values(), ids=WRONG)
def test_one_sentence(module, inputs, state, says):
    with pytest.raises((TypeError, ValueError), match=re.escape(says)) as caught:
        record(module, inputs, state)
    text = str(caught.value)
    assert "\n" not in text
    assert len(text) < 320
    assert "wanted" in text or "must be" in text


def test_a_quantised_lstm_is_refused():
    from torch.ao.nn.quantized.dynamic import LSTM as Quantised  # noqa: N811

    with pytest.raises(TypeError, match="quantized"):
        record(Quantised.__new__(Quantised), X)
