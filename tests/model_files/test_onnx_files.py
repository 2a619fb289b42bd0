"""ONNX models against ONNX's own reference evaluator, and exported ones against PyTorch."""

import json
import re
import sys
import warnings
from itertools import product
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

import gatesviz as gv
from gatesviz.recordings import record

onnx = pytest.importorskip("onnx", reason="reading ONNX models needs onnx")
from onnx import TensorProto, helper, numpy_helper  # noqa: E402
from onnx.reference import ReferenceEvaluator  # noqa: E402

T, B, I, H = 5, 2, 3, 4  # noqa: E741
BLOCKS = {"LSTM": 4, "GRU": 3, "RNN": 1}
FOLDER = Path(__file__).parent / "onnx_files"


def weights(kind: str, D: int, bias: bool, I: int = I, H: int = H, seed: int = 0):  # noqa: E741
    dice, K = np.random.default_rng(seed), BLOCKS[kind]
    found = {"W": (D, K * H, I), "R": (D, K * H, H)} | ({"B": (D, 2 * K * H)} if bias else {})
    return {k: dice.normal(0, 0.6, shape).astype(np.float32) for k, shape in found.items()}


def model(kind: str, held: dict, more_inputs=(), nodes=(), **attributes):
    """Return a model of one node with these weights."""
    attributes = {"hidden_size": held["R"].shape[-1], **attributes}
    names = ["X", "W", "R", "B" if "B" in held else "", *more_inputs]
    node = helper.make_node(kind, names, ["Y"], "layer", **attributes)
    graph = helper.make_graph(
        [*nodes, node], "g",
        [helper.make_tensor_value_info("X", TensorProto.FLOAT, None)],
        [helper.make_tensor_value_info("Y", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(value, name) for name, value in held.items()],
    )  # fmt: skip
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])


def saved(path: Path, made) -> Path:
    path.write_bytes(made.SerializeToString())
    return path


def reference(made, x: np.ndarray) -> np.ndarray:
    """Return what the reference evaluator computes, as (T, B, D·H)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        [y] = ReferenceEvaluator(made).run(["Y"], {"X": x})
    return y.transpose(0, 2, 1, 3).reshape(len(x), x.shape[1], -1)


@pytest.mark.parametrize(
    ("kind", "direction", "bias", "linear"),
    [
        each
        for each in product(
            BLOCKS, ("forward", "bidirectional", "reverse"), (True, False), (0, 1, None)
        )
        if each[0] == "GRU" or each[3] is None
    ],
)
def test_gate_orders_and_biases_are_those_of_the_reference(tmp_path, kind, direction, bias, linear):
    D = 2 if direction == "bidirectional" else 1
    more = {} if linear is None else {"linear_before_reset": linear}
    made = model(kind, weights(kind, D, bias), direction=direction, **more)
    x = np.random.default_rng(9).normal(size=(T, B, I)).astype(np.float32)
    opened = gv.open_model(saved(tmp_path / "m.onnx", made))
    backwards = direction == "reverse"
    found = record(opened.module, torch.from_numpy(x[::-1].copy() if backwards else x))
    output = found.output[::-1] if backwards else found.output
    np.testing.assert_allclose(output, reference(made, x), rtol=0, atol=1e-5)
    wanted = {"LSTM": "lstm", "RNN": "rnn_tanh", "GRU": "gru" if linear else "gru_reset_before"}
    assert found.trace().cell == wanted[kind]
    assert any("from its last step to its first" in n for n in opened.notes) == backwards
    assert opened.backwards == backwards
    entries = [2, 0, 1, 1, 2]
    hot = np.eye(I, dtype=np.float32)[entries]
    found = record(opened.module, opened.features(entries)).output
    output = found[::-1] if backwards else found
    np.testing.assert_allclose(output, reference(made, hot[:, None])[:, 0], rtol=0, atol=1e-5)


def test_relu(tmp_path):
    held = weights("RNN", 1, True)
    opened = gv.open_model(saved(tmp_path / "m.onnx", model("RNN", held, activations=["Relu"])))
    x, h = np.random.default_rng(1).normal(size=(T, I)).astype(np.float32), np.zeros(H)
    for step, now in enumerate(x):
        sums = held["W"][0] @ now + held["R"][0] @ h + held["B"][0].reshape(2, H).sum(0)
        h = np.maximum(sums, 0)
        found = record(opened.module, torch.from_numpy(x)).output[step]
        np.testing.assert_allclose(found, h, rtol=0, atol=1e-5)


class Net(nn.Module):
    def __init__(self, rnn: nn.Module) -> None:
        super().__init__()
        self.emb, self.rnn = nn.Embedding(11, 6), rnn
        self.fc = nn.Linear(rnn.hidden_size * (1 + rnn.bidirectional), 7)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.fc(self.rnn(self.emb(x))[0])


def matches(opened: gv.OpenedModel, net: nn.Module) -> None:
    with torch.no_grad():
        wanted = net.eval()(torch.tensor([[1, 2, 3, 0, 5]]))[0]
        found = opened.readout(opened.module(opened.features([1, 2, 3, 0, 5]))[0])
    torch.testing.assert_close(found, wanted, rtol=0, atol=1e-5)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN])
def test_a_model_that_pytorch_exported_opens_with_everything_around_it(tmp_path, kind):
    torch.manual_seed(0)
    net = Net(kind(6, 5, 2, bidirectional=True, batch_first=True)).eval()
    given = (torch.tensor([[1, 2, 3, 0, 5]]),)
    torch.onnx.export(net, given, tmp_path / "m.onnx", dynamo=False)
    opened = gv.open_model(tmp_path / "m.onnx")
    assert opened.module.num_layers == 2
    assert opened.readout.weight.shape == (7, 10)
    assert "'fc' is the readout: from 10 to 7." in opened.notes
    matches(opened, net)


DYNAMO = json.loads((FOLDER / "expected.json").read_text())


@pytest.mark.parametrize("name", ["lstm", "gru"])
def test_a_model_of_the_new_exporter_opens(name):
    """See make_onnx_files.py."""
    opened = gv.open_model(FOLDER / f"{name}.onnx")
    with torch.no_grad():
        found = opened.readout(opened.module(opened.features([1, 2, 3, 0, 5]))[0])
    np.testing.assert_allclose(found, DYNAMO[name], rtol=0, atol=1e-5)
    assert opened.left_out == ((), ())
    assert opened.readout_input == "output"
    assert not any("starts from given" in note for note in opened.notes)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("rnn", "unrolls an nn.RNN: export with dynamo=False"), ("projected", "has no projection")],
)
def test_what_the_new_exporter_writes_otherwise_is_refused(name, sentence):
    with pytest.raises(ValueError, match=re.escape(sentence)):
        gv.open_model(FOLDER / f"{name}.onnx")


def changed(**attributes):
    return lambda: model("LSTM", weights("LSTM", 1, True), **attributes)


def with_weights(**held):
    good = weights("LSTM", 1, True)
    return lambda: model("LSTM", {k: v for k, v in (good | held).items() if v is not None})


def peepholes():
    held = weights("LSTM", 1, True) | {"P": np.ones((1, 3 * H), np.float32)}
    return model("LSTM", held, more_inputs=["", "", "", "P"])


def projected():
    held = weights("LSTM", 1, True) | {
        "h0": np.zeros((1, 1, 2), "f4"),
        "c0": np.zeros((1, 1, 4), "f4"),
    }
    return model("LSTM", held, more_inputs=["", "h0", "c0"])


def computed():
    held = weights("LSTM", 1, True)
    held["V"] = held.pop("W")
    made = model("LSTM", held | {"W": held["V"]})
    del made.graph.initializer[-1]
    made.graph.node.insert(0, helper.make_node("Relu", ["V"], ["W"]))
    return made


def elsewhere():
    made = model("LSTM", weights("LSTM", 1, True))
    tensor = made.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="/etc/passwd")
    return made


def claims():
    made = model("LSTM", weights("LSTM", 1, True))
    made.graph.initializer[0].dims[:] = [1, 10**9, 10**9]
    return made


def short():
    made = model("LSTM", weights("LSTM", 1, True))
    made.graph.initializer[0].raw_data = b"1234"
    return made


def nothing():
    made = model("LSTM", weights("LSTM", 1, True))
    made.graph.node[0].op_type = "Relu"
    return made


def long():
    made = model("GRU", weights("GRU", 1, True))
    made.graph.node.extend([made.graph.node[0]] * 256)
    return made


def longer():
    made = model("GRU", weights("GRU", 1, True))
    made.graph.node.extend([helper.make_node("Relu", ["X"], ["Z"])] * 50_000)
    return made


def many():
    made = model("LSTM", weights("LSTM", 1, True))
    made.graph.initializer[0].name = "W0"
    for k in range(10):
        again = helper.make_node("Concat", [f"W{k}"] * 6, [f"W{k + 1}"], axis=0)
        made.graph.node.insert(0, again)
    made.graph.node[-1].input[1] = "W10"
    return made


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (long, "has 257 recurrent nodes, expected up to 256"),
        (longer, "has 50,001 nodes, expected up to 50,000"),
        (many, "too many nodes that name each other|more than 10,000,000 constant values"),
        (changed(activations=["HardSigmoid", "Tanh", "Tanh"]), "has activations .*HardSigmoid"),
        (changed(clip=3.0), "has clip=3.0, expected none"),
        (changed(input_forget=1), "has input_forget=1, expected none"),
        (peepholes, "has peepholes"),
        (projected, "ONNX has no projection"),
        (computed, "computes its weight 'W': expected a constant"),
        (elsewhere, "is in another file, such as m.onnx.data: .* external_data=False"),
        (claims, "claims shape"),
        (short, "is damaged"),
        (nothing, "has no LSTM, GRU or RNN node. Its nodes are 'Relu'"),
        (with_weights(W=np.zeros((1, 15, 3), "f4")), r"has W \(1, 15, 3\) and R"),
        (with_weights(R=np.zeros((2, 16, 4), "f4")), r"has W .* and R \(2, 16, 4\)"),
        (with_weights(R=np.zeros((16, 4), "f4")), "and R"),
        (with_weights(B=np.zeros((1, 16), "f4")), r"has B \(1, 16\), expected \(1, 32\)"),
        (with_weights(W=np.full((1, 16, 3), np.nan, "f4")), "are NaN or infinite"),
        (with_weights(W=np.zeros((1, 16, 3), int)), "is int64: expected floating-point"),
    ],
)
def test_what_gatesviz_would_compute_otherwise_is_refused(tmp_path, make, sentence):
    path = saved(tmp_path / "m.onnx", make())
    with pytest.raises(ValueError, match=sentence) as caught:
        gv.open_model(path)
    assert len(str(caught.value)) < 500


def test_cut_and_changed_files_open_or_are_refused(tmp_path):
    data = model("GRU", weights("GRU", 2, True), direction="bidirectional").SerializeToString()
    dice, path = np.random.default_rng(0), tmp_path / "m.onnx"
    for length in range(0, len(data) - 1, len(data) // 40):
        path.write_bytes(data[:length])
        with pytest.raises(ValueError, match=r"m\.onnx"):
            gv.open_model(path)
    for _ in range(150):
        other = bytearray(data)
        for place in dice.integers(0, len(data), 3):
            other[place] = dice.integers(256)
        path.write_bytes(other)
        try:
            gv.open_model(path)
        except ValueError:
            continue


def test_without_onnx_the_sentence_says_how_to_get_it(tmp_path, monkeypatch):
    path = saved(tmp_path / "m.onnx", model("GRU", weights("GRU", 1, True)))
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'gatesviz\[onnx\]'"):
        gv.open_model(path)


def test_a_node_before_the_module_is_left_out(tmp_path):
    scale = helper.make_node("Mul", ["X0", "two"], ["X1"], "scale")
    turned = helper.make_node("Transpose", ["X1"], ["X"], "turn", perm=[0, 1, 2])
    held = weights("GRU", 1, True) | {"two": np.full((), 2, np.float32)}
    made = model("GRU", held, nodes=[scale, turned], linear_before_reset=1)
    made.graph.input[0].name = "X0"
    x = np.random.default_rng(2).normal(size=(T, B, I)).astype(np.float32)
    [y] = ReferenceEvaluator(made).run(["Y"], {"X0": x})
    opened = gv.open_model(saved(tmp_path / "m.onnx", made))
    assert opened.left_out.before == ("scale",)
    np.testing.assert_allclose(
        record(opened.module, torch.from_numpy(2 * x)).output, y[:, 0], atol=1e-5
    )
    assert abs(record(opened.module, torch.from_numpy(x)).output - y[:, 0]).max() > 0.01
    plain = gv.open_model(saved(tmp_path / "m.onnx", model("GRU", weights("GRU", 1, True))))
    assert plain.left_out == ((), ())
