"""Wrong input gets one sentence that names what was given and what is wanted."""

import pathlib
import re
import warnings

import numpy as np
import pytest
import torch
from torch import nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.nn.utils.rnn import PackedSequence, pack_sequence

from gatesviz.gradients import gradient_flow
from gatesviz.recordings import record

LSTM, GRU, CELL = nn.LSTM(3, 5), nn.GRU(3, 5, batch_first=True), nn.LSTMCell(3, 5)
X = torch.zeros(6, 4, 3)


class _Own(nn.LSTM):
    def forward(self, x):
        return x


class _Tagger(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(9, 3)
        self.layers = nn.ModuleList([nn.Linear(3, 3), nn.LSTM(3, 5)])


def _mixed(kind: type[nn.RNNBase], **to: object) -> nn.RNNBase:
    module = kind(3, 5, num_layers=2)
    module.weight_hh_l1 = nn.Parameter(module.weight_hh_l1.to(**to))
    return module


def _misshapen() -> nn.RNNBase:
    module = nn.LSTM(3, 5, num_layers=2)
    module.weight_ih_l1 = nn.Parameter(torch.zeros(20, 6))
    return module


def _short() -> nn.RNNBase:
    module = nn.GRU(3, 5)
    module._flat_weights = module._flat_weights[:3]
    return module


def _without_a_weight() -> nn.RNNBase:
    module = nn.LSTM(3, 5)
    module._flat_weights[1] = None
    return module


def _scripted(module: nn.Module) -> nn.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return torch.jit.script(module)


def _h(*shape: int) -> torch.Tensor:
    return torch.zeros(shape)


def _several() -> nn.Module:
    return nn.ModuleDict({"a b": nn.GRU(3, 5), "cell": nn.LSTMCell(3, 5)})


COPY = "gv.record(copy.deepcopy(module).float(), inputs.float())"
INSIDE = "with gv.record_inside(model) as recordings: model(batch)"

MODULES = {
    "a linear layer": (nn.Linear(3, 5), "torch.nn.modules.linear.Linear, expected a torch.nn.RNN,"),
    "a model": (
        _Tagger(),
        f"Pass model.layers[1], or record its calls in the whole model: {INSIDE}",
    ),
    "several": (_several(), "Pass one of model.get_submodule('a b'), model.cell, or record all"),
    "many": (nn.ModuleList(nn.GRU(3, 5) for _ in range(9)), "model[2], model[3] and 5 more"),
    "parallel": (nn.DataParallel(nn.LSTM(3, 5)), "Pass model.module, or record its calls"),
    "scripted": (_scripted(nn.LSTM(3, 5)), "TorchScript module cannot be looked into. Pass"),
    "a transformer": (nn.TransformerEncoderLayer(4, 2), "Transformer, whose attention has no gate"),
    "no module": ("lstm.pt", "module is a builtins.str"),
    "a path": (pathlib.Path("lstm.pt"), "Load the file first: torch.load gives a state dict"),
    "a state dict": (
        nn.GRU(3, 5).state_dict(),
        "Make the module, for one layer torch.nn.GRU(3, 5)",
    ),
    "a model's state dict": (
        _Tagger().state_dict(),
        "for one layer torch.nn.LSTM(3, 5), then call",
    ),
    "another mapping": ({"a": 1}, "If it is a state dict, make the module"),
    "a class": (nn.LSTM, "module is the class LSTM, expected a torch.nn.RNN"),
    "a method": (LSTM.forward, "Pass the module itself, not its method: gv.record(module, inputs)"),
    "nothing": (None, "module is a builtins.NoneType"),
    "own forward": (
        _Own(3, 5),
        "_Own, which has its own 'forward', expected that of torch.nn.LSTM",
    ),
    "half": (
        nn.LSTM(3, 5).half(),
        "weights are torch.float16, expected torch.float32 or torch.float64: record a copy,"
        f" {COPY}",
    ),
    "bfloat16": (
        nn.GRU(3, 5).bfloat16(),
        "weights are torch.bfloat16, expected torch.float32 or torch.float64: record a"
        f" copy, {COPY}",
    ),
    "two dtypes": (
        _mixed(nn.LSTM, dtype=torch.float64),
        f"weights are torch.float32 and torch.float64, expected one dtype: record a copy, {COPY}",
    ),
    "two devices": (
        _mixed(nn.GRU, device="meta"),
        "weights are on cpu and meta, expected one device: move them with module.to(",
    ),
    "meta": (
        nn.LSTM(3, 5, device="meta"),
        "on the meta device and has no values, expected weights: call module.to_empty",
    ),
    "misshapen": (
        _misshapen(),
        "weight_ih_l1 has shape (20, 6), expected (20, 5): make a new module",
    ),
    "a nonlinearity": (
        nn.RNNCell(3, 5, nonlinearity="gelu"),
        "the RNN's nonlinearity is 'gelu', expected 'tanh' or 'relu'",
    ),
    "a weight short": (_short(), "the GRU computes with 3 weights, expected 4 for each layer"),
    "no weight": (_without_a_weight(), "weight_hh_l0 is None, expected a tensor"),
}

WRONG = {
    "an array": (
        LSTM,
        np.zeros((6, 4, 3)),
        None,
        "inputs is a ndarray, expected a torch.Tensor or a PackedSequence: pass"
        " torch.from_numpy(inputs).to(torch.float32)",
    ),
    "an array of float32": (
        LSTM,
        np.zeros((6, 4, 3), np.float32),
        None,
        "pass torch.from_numpy(inputs)",
    ),
    "a list": (
        LSTM,
        [[0.0] * 3],
        None,
        "inputs is a list, expected a torch.Tensor or a PackedSequence: pass"
        " torch.tensor(inputs, dtype=torch.float32)",
    ),
    "a list of tensors": (LSTM, [X[:, 0], X[:2, 0]], None, "with torch.nn.utils.rnn.pack_sequence"),
    "padded with lengths": (
        LSTM,
        (X, torch.ones(4)),
        None,
        "padded ones with pack_padded_sequence",
    ),
    "none": (
        LSTM,
        None,
        None,
        "inputs is a NoneType, expected a torch.Tensor or a PackedSequence: pass what"
        " module(inputs) takes",
    ),
    "one step": (
        LSTM,
        X[0, 0],
        None,
        "shape (3,), expected (T, B, I) or (T, I) with I = 3: one step is inputs.unsqueeze(0)",
    ),
    "one number": (
        LSTM,
        X.sum(),
        None,
        "shape (), expected (T, B, I) or (T, I) with I = 3: pass at least one step",
    ),
    "a series": (nn.RNN(1, 2), _h(9), None, "a series of one feature is inputs.unsqueeze(-1)"),
    "series": (
        nn.RNN(1, 2),
        _h(9, 4),
        None,
        "add the axis of the one feature with inputs.unsqueeze(-1)",
    ),
    "four dimensions": (
        GRU,
        X[None],
        None,
        "shape (1, 6, 4, 3), expected (B, T, I) or (T, I) with I = 3: join the axes",
    ),
    "features": (
        LSTM,
        X[..., :2],
        None,
        "shape (6, 4, 2), expected (T, B, I) or (T, I) with I = 3, the module's input_size:"
        " pass 3 features, or a module with input_size 2",
    ),
    "features first": (
        LSTM,
        X.movedim(-1, 1),
        None,
        "if axis 1 holds the features, pass inputs.movedim(1, -1)",
    ),
    "no step": (LSTM, X[:0], None, "(0, 4, 3), expected at least one step and one sample"),
    "no step, unbatched": (LSTM, X[:0, 0], None, "(0, 3), expected at least one step"),
    "no sample": (LSTM, X[:, :0], None, "(6, 0, 3), expected at least one step and one sample"),
    "token ids": (
        LSTM,
        torch.zeros(6, 4, dtype=torch.long),
        None,
        "inputs is torch.int64, expected the module's torch.float32: pass"
        " inputs.to(torch.float32), or where they are token ids what the embedding makes of"
        " them",
    ),
    "double": (
        LSTM,
        X.double(),
        None,
        "torch.float64, expected the module's torch.float32: pass inputs.to(torch.float32)",
    ),
    "bfloat16": (
        LSTM,
        X.bfloat16(),
        None,
        "inputs is torch.bfloat16, expected the module's torch.float32: pass"
        " inputs.to(torch.float32)",
    ),
    "complex": (
        LSTM,
        X + 0j,
        None,
        "torch.complex64, expected the module's torch.float32: pass its real part",
    ),
    "sparse": (
        LSTM,
        X.to_sparse(),
        None,
        "sparse or nested tensor, expected a dense one: pass inputs.to_dense()",
    ),
    "device": (
        LSTM,
        X.to("meta"),
        None,
        "inputs is on meta, expected the module's cpu: pass inputs.to('cpu')",
    ),
    "tensor for LSTM": (
        LSTM,
        X,
        _h(1, 4, 5),
        "state is a Tensor, expected a tuple of two tensors (h_0",
    ),
    "triple": (LSTM, X, (_h(1, 4, 5),) * 3, "state is a tuple of 3, expected a tuple of two"),
    "tuple for GRU": (GRU, X, (_h(1, 4, 5),) * 2, "state is a tuple, expected one tensor h_0"),
    "a list as state": (GRU, X, [[0.0] * 5], "state is a list, expected one tensor h_0"),
    "integers as state": (
        LSTM,
        X,
        (np.zeros((1, 4, 5), int),) * 2,
        "h_0 of state is a ndarray, expected a torch.Tensor: pass"
        " torch.from_numpy(h_0).to(torch.float32)",
    ),
    "another dtype of array": (
        LSTM,
        X,
        (np.zeros((1, 4, 5)),) * 2,
        "h_0 of state is a ndarray, expected a torch.Tensor: pass"
        " torch.from_numpy(h_0).to(torch.float32)",
    ),
    "batch of h": (
        LSTM,
        X,
        (_h(1, 3, 5), _h(1, 4, 5)),
        "h_0 of state has shape (1, 3, 5), expected (1, 4",
    ),
    "batch first": (
        LSTM,
        X,
        (_h(1, 6, 5),) * 2,
        "has shape (1, 6, 5), expected (1, 4, 5): (layers × directions, samples, size). The"
        " module has batch_first=False; if the inputs are laid out for batch_first=True,"
        " pass inputs.transpose(0, 1)",
    ),
    "time first": (
        GRU,
        X,
        _h(1, 4, 5),
        "The module has batch_first=True; if the inputs are laid out for batch_first=False,"
        " pass inputs.tr",
    ),
    "size of c": (LSTM, X, (_h(1, 4, 5), _h(1, 4, 6)), "c_0 of state has shape (1, 4, 6)"),
    "layers of h": (GRU, X, _h(2, 6, 5), "h_0 of state has shape (2, 6, 5), expected (1, 6, 5)"),
    "batched state": (GRU, X[0], _h(1, 1, 5), "(1, 1, 5), expected (1, 5)"),
    "state dtype": (GRU, X, _h(1, 6, 5).double(), "h_0 of state is torch.float64"),
    "packed features": (LSTM, pack_sequence([X[:, 0, :2]]), None, "(2,), expected (3,)"),
    "packed integers": (
        LSTM,
        pack_sequence([X[:, 0].long()]),
        None,
        "inputs.data is torch.int64, expected the module's torch.float32: pass inputs.to(",
    ),
    "a sequence for a cell": (
        CELL,
        X,
        None,
        "shape (6, 4, 3), expected (B, I) or (I,) with I = 3: a cell takes one step, as"
        " inputs[0]; gv.record_inside(model) records a model's whole loop",
    ),
    "features of a cell": (
        CELL,
        X[0, :, :2],
        None,
        "shape (4, 2), expected (B, I) or (I,) with I = 3",
    ),
    "packed for a cell": (
        CELL,
        pack_sequence([X[:, 0]]),
        None,
        "expected one step (B, I): pass inputs.data",
    ),
    "state of a cell": (
        CELL,
        X[0],
        (_h(1, 4, 5),) * 2,
        "h_0 of state has shape (1, 4, 5), expected (4, 5): (samples, size)",
    ),
}


def _changed(attribute, value):
    module = nn.LSTM(3, 5, 2, dropout=0.5)
    setattr(module, attribute, value)
    return module


def _packed(sizes, *orders):
    return PackedSequence(torch.zeros(5, 3), torch.as_tensor(sizes), *map(torch.tensor, orders))


class Dispatching(torch.Tensor):
    """A tensor that computes in a way of its own, as those of other libraries do."""

    __torch_dispatch__ = classmethod(lambda *given: None)


with FakeTensorMode():
    FAKE = torch.zeros(20, 5)
UNFIT = "batch_sizes don't fit its data of 5 steps, expected as many in all"
UNDONE = "sorted_indices and unsorted_indices don't undo each other, expected two orders of its 3"
ODD = {
    "hidden size": (_changed("hidden_size", 6), X, "hidden_size is 6, expected 5, the size of its"),
    "input size": (_changed("input_size", 4), X, "input_size is 4, expected 3, the size of its"),
    "dropout": (_changed("dropout", 1.5), X, "the module's dropout is 1.5, expected 0 to 1"),
    "no dropout": (_changed("dropout", float("nan")), X, "the module's dropout is nan, expected 0"),
    "no values": (
        _changed("weight_hh_l0", nn.UninitializedParameter()),
        X,
        "weight_hh_l0 has no values yet, expected a tensor: load",
    ),
    "a weight": (
        _changed("weight_hh_l0", nn.Parameter(FAKE)),
        X,
        "weight_hh_l0 is a FakeTensor without numbers of its own, expected a plain tensor",
    ),
    "a tensor": (LSTM, X.as_subclass(Dispatching), "inputs is a Dispatching without numbers of"),
    "growing": (LSTM, _packed([2, 3]), UNFIT),
    "too many": (LSTM, _packed([3, 3]), UNFIT),
    "an empty sample": (LSTM, _packed([3, 2, 0]), UNFIT),
    "below 0": (LSTM, _packed([6, -1]), UNFIT),
    "no steps": (LSTM, _packed([]), "batch_sizes are torch.float32 of shape (0,), expected torch."),
    "sizes as floats": (LSTM, _packed([3.0, 2.0]), "batch_sizes are torch.float32 of shape (2,)"),
    "sizes in rows": (LSTM, _packed([[3, 2]]), "batch_sizes are torch.int64 of shape (1, 2)"),
    "a short order": (LSTM, _packed([3, 2], [0, 1, 2], [0, 1]), UNDONE),
    "twice the same": (LSTM, _packed([3, 2], [0, 0, 0], [0, 0, 0]), UNDONE),
    "not undone": (LSTM, _packed([3, 2], [1, 2, 0], [1, 2, 0]), UNDONE),
}


def says_one_sentence(module, inputs, state, says):
    with pytest.raises((TypeError, ValueError), match=re.escape(says)) as caught:
        record(module, inputs, state)
    text = str(caught.value)
    assert "\n" not in text
    assert len(text) < 360
    assert "expected" in text


@pytest.mark.parametrize(("module", "says"), MODULES.values(), ids=MODULES)
def test_a_wrong_module_gets_one_sentence_with_the_next_step(module, says):
    says_one_sentence(module, X, None, says)


@pytest.mark.parametrize(("module", "inputs", "state", "says"), WRONG.values(), ids=WRONG)
def test_wrong_inputs_get_one_sentence_with_the_next_step(module, inputs, state, says):
    says_one_sentence(module, inputs, state, says)


@pytest.mark.parametrize(("module", "inputs", "says"), ODD.values(), ids=ODD)
def test_what_was_made_by_hand_is_checked(module, inputs, says):
    says_one_sentence(module, inputs, None, says)


@pytest.mark.parametrize("around", [torch.vmap, torch.func.jacrev])
@pytest.mark.parametrize("function", [record, lambda *given: gradient_flow(*given, torch.sum)])
def test_transforms_of_functions_are_refused(around, function):
    with pytest.raises(TypeError, match="expected a plain tensor: run this outside of torch"):
        around(lambda x: torch.tensor(len(repr(function(LSTM, x)))))(X)
    with FakeTensorMode() as fake, pytest.raises(TypeError, match="inputs is a FakeTensor without"):
        function(LSTM, fake.from_tensor(X))


def test_a_quantised_lstm_is_refused():
    from torch.ao.nn.quantized.dynamic import LSTM as Quantised  # noqa: N811

    with pytest.raises(TypeError, match="Pass the model as it was before quantisation"):
        record(Quantised.__new__(Quantised), X)


def test_both_names_of_an_argument():
    with pytest.raises(TypeError, match="inputs and input are both given, expected one"):
        record(LSTM, X, input=X)
    with pytest.raises(TypeError, match="state and hx are both given, expected one"):
        record(GRU, X, _h(1, 6, 5), hx=_h(1, 6, 5))
