"""What an ONNX graph shows around a recurrent node, against PyTorch and ONNX's evaluator."""

import re
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import gatesviz as gv
from gatesviz.model_files import choices_of

onnx = pytest.importorskip("onnx", reason="reading ONNX models needs onnx")
from onnx import TensorProto, helper, numpy_helper  # noqa: E402
from onnx.reference import ReferenceEvaluator  # noqa: E402

I, H, O, T = 6, 8, 3, 7  # noqa: E741
pytestmark = pytest.mark.filterwarnings("ignore")
LOGARITHMS = "The model gives logarithms of the softmax of what 'fc' gives."


class Net(nn.Module):
    """An LSTM that reads (B, T, I), and what ``forward`` makes of it."""

    def __init__(self, told: Callable, both: bool, layers: int, width: int) -> None:
        super().__init__()
        self.told, self.both, self.layers = told, both, layers
        self.lstm = nn.LSTM(I, H, layers, bidirectional=both, batch_first=True)
        self.ln, self.bn = nn.LayerNorm(width), nn.BatchNorm1d(width)
        self.fc, self.fc2, self.attn = nn.Linear(width, O), nn.Linear(O, 2), nn.Linear(width, 1)
        self.skip, self.lstm2 = nn.Linear(I, width), nn.LSTM(H + I, H, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        y, (h, c) = self.lstm(x)
        return self.told(self, x, y, h, c)


def exported(path: Path, net: nn.Module, dynamic: bool = True) -> Path:
    axes = {"x": {0: "B", 1: "T"}} if dynamic else None
    torch.onnx.export(
        net, (torch.randn(1, T, I),), path, dynamo=False, input_names=["x"], dynamic_axes=axes
    )
    return path


def made(told: Callable, both: bool = False, layers: int = 1, width: int = 0) -> Net:
    torch.manual_seed(layers + both)
    net = Net(told, both, layers, width or H * (1 + both)).eval()
    nn.init.normal_(net.bn.running_mean)
    return net


SAME = {
    "each step": (lambda m, x, y, h, c: m.fc(y), 0, 1, "output", ""),
    "each step of both directions": (lambda m, x, y, h, c: m.fc(y), 1, 2, "output", ""),
    "dropout": (lambda m, x, y, h, c: m.fc(nn.functional.dropout(y, 0.5, m.training)), 0, 2,
                "output", ""),
    "last step": (lambda m, x, y, h, c: m.fc(y[:, -1]), 0, 2, "last", ""),
    "last step as a slice": (lambda m, x, y, h, c: m.fc(y[:, -1:]).squeeze(1), 0, 1, "last", ""),
    "a squeeze before": (lambda m, x, y, h, c: m.fc(y.squeeze(0))[None], 0, 1, "output", ""),
    "last step of both": (lambda m, x, y, h, c: m.fc(y[:, -1, :]), 1, 1, "output", ""),
    "final state": (lambda m, x, y, h, c: m.fc(h[-1]), 0, 1, "last", ""),
    "final state of the last layer": (lambda m, x, y, h, c: m.fc(h[-1]), 0, 2, "last", ""),
    "final states of both": (
        lambda m, x, y, h, c: m.fc(torch.cat([h[-2], h[-1]], 1)).softmax(1), 1, 1, "h_n", "softmax",
    ),
    "final states of the last layer": (
        lambda m, x, y, h, c: m.fc(torch.cat([h[-2], h[-1]], -1)).log_softmax(-1), 1, 2, "h_n",
        "log_softmax",
    ),
    "final states as one tensor": (
        lambda m, x, y, h, c: m.fc(h[-2:].transpose(0, 1).reshape(1, 2 * H)), 1, 2, "h_n", "",
    ),
    "tanh after": (lambda m, x, y, h, c: m.fc(y).tanh(), 0, 1, "output", "tanh"),
    "relu after the last step": (
        lambda m, x, y, h, c: m.fc(y)[:, -1].relu(), 0, 1, "output", "relu",
    ),
    "sigmoid after": (lambda m, x, y, h, c: m.fc(y).sigmoid(), 0, 1, "output", "sigmoid"),
}  # fmt: skip


@pytest.mark.parametrize("dynamic", [True, False])
@pytest.mark.parametrize("name", SAME)
def test_answers_are_those_of_the_exported_model(tmp_path, name, dynamic):
    forward, both, layers, reads, activation = SAME[name]
    net = made(forward, bool(both), layers)
    opened = gv.open_model(exported(tmp_path / "m.onnx", net, dynamic))
    assert opened.left_out == ((), ())
    assert opened.readout_name == "fc"
    assert opened.readout_input == ("h_n" if reads == "h_n" else "output")
    logarithms = activation == "log_softmax"
    assert opened.activation == ("softmax" if logarithms else activation)
    assert (LOGARITHMS in opened.notes) == logarithms
    told = bool(activation) and not logarithms
    assert (f"'fc' is followed by '{activation}'." in opened.notes) == told
    says_last = any("reads the last step only" in note for note in opened.notes)
    assert says_last == (reads == "last" or name == "last step of both")
    assert not any("starts from given" in note for note in opened.notes)
    x = torch.randn(1, T, I)
    with torch.no_grad():
        wanted = net(x)[0]
    found = opened.answers(gv.record(opened.module, x[0]))
    if activation == "sigmoid":
        found = found.sigmoid()
    elif opened.activation:  # relu and tanh are part of the answers
        found = found.log_softmax(-1) if logarithms else found
        found = found.softmax(-1) if activation == "softmax" else found
    found = found if found.shape == wanted.shape else found[-1]
    torch.testing.assert_close(found, wanted, rtol=0, atol=1e-5)


STD, MEAN = torch.tensor([0.5, 20.0, 3.0]), torch.tensor([-1.0, 7.0, 100.0])
UNSCALED = {
    "columns": (lambda m, x, y, h, c: m.fc(y) * STD + MEAN, ""),
    "one number": (lambda m, x, y, h, c: m.fc(y) * 12.5 - 3, ""),
    "divided": (lambda m, x, y, h, c: (m.fc(y) - MEAN) / STD, ""),
    "turned around": (lambda m, x, y, h, c: MEAN - 2 * m.fc(y), ""),
    "negative": (lambda m, x, y, h, c: -m.fc(y), ""),
    "last step, cut afterwards": (lambda m, x, y, h, c: m.fc(y)[:, -1] * 4 + 1, ""),
    "last step": (lambda m, x, y, h, c: STD * m.fc(y[:, -1]) + MEAN, ""),
    "one of the numbers": (lambda m, x, y, h, c: m.fc2(y).squeeze(-1) * 4 + 1, ""),
    "before a function": (lambda m, x, y, h, c: (m.fc(y) * STD + MEAN).relu(), "relu"),
    "temperature": (lambda m, x, y, h, c: (m.fc(y) / 0.7).softmax(-1), "softmax"),
}  # fmt: skip


@pytest.mark.parametrize("name", UNSCALED)
def test_a_scale_and_a_shift_after_the_readout_are_part_of_the_answers(tmp_path, name):
    forward, activation = UNSCALED[name]
    net = made(forward)
    net.fc2 = nn.Linear(H, 1)
    path = exported(tmp_path / "m.onnx", net)
    opened = gv.open_model(path)
    readout = "fc2" if name == "one of the numbers" else "fc"
    assert opened.readout_name == readout
    assert f"The scale and the shift after '{readout}' are part of the readout." in opened.notes
    assert opened.left_out == ((), ())
    assert opened.activation == activation
    x = np.random.default_rng(3).normal(size=(1, T, I)).astype(np.float32)
    [wanted] = ReferenceEvaluator(str(path)).run(None, {"x": x})
    found = opened.answers(gv.record(opened.module, torch.from_numpy(x[0])))
    found = (found.softmax(-1) if activation == "softmax" else found).numpy()
    found = found if "last" not in name else found[-1]
    np.testing.assert_allclose(found.reshape(wanted[0].shape), wanted[0], rtol=1e-5, atol=1e-5)
    [choices] = choices_of(path)
    assert choices.readout == readout


def test_an_answer_before_its_scale_stays_an_answer_and_two_scales_are_two_layers(tmp_path):
    nodes = [node("Gemm", "S", "C", "b", gives="M"), node("Mul", "M", "two", gives="Z1"),
             node("Mul", "M", "b")]  # fmt: skip
    by_hand(tmp_path / "m.onnx", *nodes, two=np.full(1, 2.0))
    opened = gv.open_model(tmp_path / "m.onnx")
    assert opened.readout is None  # two nodes read what it gives
    nodes = [node("Gemm", "S", "C", "b", gives="M"), node("Mul", "M", "two", gives="Z1"),
             node("Gemm", "S", "C", "b", gives="M2"), node("Mul", "M2", "b")]  # fmt: skip
    model = by_hand(tmp_path / "m.onnx", *nodes, two=np.full(1, 2.0))
    values = {one.name: numpy_helper.to_array(one) for one in model.graph.initializer}
    for name, factor in (("C", values["two"]), ("C of Gemm", values["b"])):
        readout = gv.open_model(tmp_path / "m.onnx", readout=name).readout
        torch.testing.assert_close(readout.weight.detach().numpy(), values["C"].T * factor[:, None])


def attention(m: Net, x: Tensor, y: Tensor, h: Tensor, c: Tensor) -> Tensor:
    return m.fc((m.attn(y).softmax(1) * y).sum(1))


APART = {
    "relu": (lambda m, x, y, h, c: m.fc(y.relu()), "/Relu"),
    "layer norm": (lambda m, x, y, h, c: m.fc(m.ln(y)), "/ln/"),
    "batch norm": (lambda m, x, y, h, c: m.fc(m.bn(y[:, -1])), "/bn/"),
    "mean": (lambda m, x, y, h, c: m.fc(y.mean(1)), "/ReduceMean"),
    "max": (lambda m, x, y, h, c: m.fc(y.max(1).values), "/ReduceMax"),
    "residual": (lambda m, x, y, h, c: m.fc(y + m.skip(x)), "/Add"),
    "cell state": (lambda m, x, y, h, c: m.fc(c[-1]), "/lstm/LSTM"),
    "another step": (lambda m, x, y, h, c: m.fc(y[:, 2]), "/Gather"),
    "backwards": (lambda m, x, y, h, c: m.fc(y.flip(1)), "/Slice"),
    "scaled after a function": (lambda m, x, y, h, c: 2 * m.fc(y).tanh(), "/Mul"),
    "scaled differently at each step": (
        lambda m, x, y, h, c: m.fc(y) * torch.arange(1.0, T + 1)[:, None],
        "/Mul",
    ),
    "residual after": (lambda m, x, y, h, c: m.fc(y) + x[..., :O], "/Add"),
    "two layers": (lambda m, x, y, h, c: m.fc2(m.fc(y).relu()), "/fc2/MatMul"),
    "two functions": (lambda m, x, y, h, c: m.fc(y).relu().exp(), "/Exp"),
    "attention": (attention, "/Reduce"),
    "softmax over the steps": (lambda m, x, y, h, c: m.fc(y).softmax(1), "/Softmax"),
}


@pytest.mark.parametrize("name", APART)
def test_a_layer_that_other_nodes_keep_apart_gives_no_answers(tmp_path, name):
    told, node = APART[name]
    net = made(told)
    path = exported(tmp_path / "m.onnx", net)
    opened = gv.open_model(path)
    assert opened.readout is None
    after = {name for name in APART if "after" in name or "at each" in name}
    after |= {"two layers", "two functions", "softmax over the steps"}
    assert any(node in one and "'fc'" in one for one in opened.notes)
    chosen = gv.open_model(path, readout="fc")
    assert any(one.startswith(node) for one in chosen.left_out.after) == (name not in after)
    without = any(node in one and "the answers are those without it" in one for one in chosen.notes)
    assert without == (name in after)
    [choices] = choices_of(path)
    assert choices.readout is None
    assert ("fc" in choices.readouts) == (name not in after)  # the page warns above the numbers
    assert chosen.left_out.before == ()
    x = torch.randn(1, T, I)
    with torch.no_grad():
        wanted = net(x)[0]
    found = chosen.answers(gv.record(chosen.module, x[0]))
    same = found.shape == wanted.shape and torch.allclose(found, wanted, atol=1e-3)
    assert not same  # the warning is needed


def test_an_inner_layers_final_state_is_not_the_modules(tmp_path):
    net = made(lambda m, x, y, h, c: m.fc(h[0]), layers=2)
    opened = gv.open_model(exported(tmp_path / "m.onnx", net))
    assert opened.readout is None
    assert "'/lstm/LSTM' stands between the module and 'fc'." in opened.notes


def test_one_direction_is_no_readout_of_both(tmp_path):
    net = made(lambda m, x, y, h, c: m.fc(y[..., :H]), both=True, width=H)
    assert gv.open_model(exported(tmp_path / "m.onnx", net)).readout is None


class Started(nn.Module):
    """An LSTM whose first states are weights: random ones, or zeros if ``value`` is 0."""

    def __init__(self, layers: int, value: float | None) -> None:
        super().__init__()
        self.lstm, self.fc = nn.LSTM(I, H, layers, batch_first=True), nn.Linear(H, O)
        first = torch.randn(2, layers, 1, H) if value is None else torch.zeros(2, layers, 1, H)
        self.h0, self.c0 = map(nn.Parameter, first)

    def forward(self, x: Tensor) -> Tensor:
        shape = self.h0.shape[0], x.shape[0], H
        state = self.h0.expand(shape).contiguous(), self.c0.expand(shape).contiguous()
        return self.fc(self.lstm(x, state)[0])


GIVEN = "'/lstm/LSTM' starts from given states; the module starts from zeros."


@pytest.mark.parametrize("dynamic", [True, False])
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("value", [None, 0.0])
def test_learned_first_states_are_named_if_they_are_not_zero(tmp_path, value, layers, dynamic):
    torch.manual_seed(3)
    net = Started(layers, value).eval()
    opened = gv.open_model(exported(tmp_path / "m.onnx", net, dynamic))
    x = torch.randn(1, T, I)
    recording = gv.record(opened.module, x[0])
    with torch.no_grad():
        same = torch.allclose(opened.answers(recording), net(x)[0], atol=1e-5)
    assert same == (value == 0.0)
    assert (GIVEN in opened.notes) == (not same)
    assert bool(opened.left_out.before) == (not same)
    if dynamic and not same:
        assert opened.left_out.before == ("h0", "c0")


class Streaming(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.gru, self.fc = nn.GRU(I, H, batch_first=True), nn.Linear(H, O)

    def forward(self, x: Tensor, h: Tensor) -> tuple[Tensor, Tensor]:
        y, h = self.gru(x, h)
        return self.fc(y), h


def test_a_state_that_the_model_is_given_gets_a_note(tmp_path):
    given = torch.randn(1, T, I), torch.zeros(1, 1, H)
    torch.onnx.export(Streaming().eval(), given, tmp_path / "m.onnx", dynamo=False)
    opened = gv.open_model(tmp_path / "m.onnx")
    assert any("starts from given states" in note for note in opened.notes)
    assert opened.left_out == ((), ())
    assert opened.readout is not None


class Translator(nn.Module):
    """Two LSTMs of one size: the decoder starts from the encoder's state, and ``fc`` reads it."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder, self.decoder = nn.LSTM(I, H), nn.LSTM(I, H)
        self.fc = nn.Linear(H, O)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(self.decoder(x, self.encoder(x)[1])[0])


def test_a_readout_belongs_to_the_part_that_it_reads(tmp_path):
    torch.onnx.export(Translator().eval(), torch.randn(T, 1, I), tmp_path / "m.onnx", dynamo=False)
    encoder, decoder = (
        gv.open_model(tmp_path / "m.onnx", part=f"/{name}/LSTM") for name in ("encoder", "decoder")
    )
    assert encoder.readout is None
    assert decoder.readout_name == "fc"
    assert not any("doesn't say which part" in note for note in decoder.notes)
    assert decoder.left_out == (("/encoder/LSTM",), ())
    with pytest.raises(ValueError, match="no matrix has its size"):
        gv.open_model(tmp_path / "m.onnx", part="/encoder/LSTM", readout="fc")
    assert [one.readout for one in choices_of(tmp_path / "m.onnx")] == [None, "fc"]


class Side(nn.Module):
    """A linear layer on another input, whose size would let it follow the readout."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm, self.fc, self.side = nn.LSTM(I, H), nn.Linear(H, O), nn.Linear(O, 5)

    def forward(self, x: Tensor, other: Tensor) -> tuple[Tensor, Tensor]:
        return self.fc(self.lstm(x)[0]), self.side(other)


def test_a_layer_on_another_input_does_not_follow_the_readout(tmp_path):
    given = torch.randn(T, 1, I), torch.randn(1, O)
    torch.onnx.export(Side().eval(), given, tmp_path / "m.onnx", dynamo=False)
    opened = gv.open_model(tmp_path / "m.onnx")
    assert opened.readout_name == "fc"
    assert not any("two linear layers" in note for note in opened.notes)


def skipped(m: Net, x: Tensor, y: Tensor, h: Tensor, c: Tensor) -> Tensor:
    return m.fc(m.lstm2(torch.cat([y, x], -1))[0])


def test_both_sides_of_a_skip_connection_open(tmp_path):
    net = made(skipped)
    path = exported(tmp_path / "m.onnx", net)
    first, second = (
        gv.open_model(path, part=name, batch_first=True) for name in ("/lstm/LSTM", "/lstm2/LSTM")
    )
    assert first.readout is None
    assert first.left_out == ((), ())
    assert second.left_out == (("/Concat",), ())
    x = torch.randn(1, T, I)
    with torch.no_grad():
        y = first.module(x)[0]
        found = second.readout(second.module(torch.cat([y, x], -1))[0])
        torch.testing.assert_close(found, net(x), rtol=0, atol=1e-5)


class Mixed(nn.Module):
    """Entries and numbers side by side."""

    def __init__(self) -> None:
        super().__init__()
        self.emb, self.lstm, self.fc = nn.Embedding(9, 4), nn.LSTM(6, H), nn.Linear(H, O)

    def forward(self, entries: Tensor, numbers: Tensor) -> Tensor:
        return self.fc(self.lstm(torch.cat([self.emb(entries), numbers], -1))[0])


def test_what_joins_an_embedding_and_numbers_is_left_out(tmp_path):
    given = torch.zeros(T, 1, dtype=torch.int64), torch.randn(T, 1, 2)
    torch.onnx.export(Mixed().eval(), given, tmp_path / "m.onnx", dynamo=False)
    opened = gv.open_model(tmp_path / "m.onnx")
    assert opened.left_out == (("/Concat",), ())
    assert opened.embedding is None


def by_hand(path: Path, *nodes, **more: np.ndarray):
    """Return a model: an LSTM node whose S is (T, H), the nodes, and Z, which they make of it."""
    dice = np.random.default_rng(0)
    held = {
        "W": dice.normal(size=(1, 4 * H, I)), "R": dice.normal(size=(1, 4 * H, H)),
        "C": dice.normal(size=(H, O)), "b": dice.normal(size=O), **more,
    }  # fmt: skip
    tensors = [numpy_helper.from_array(each.astype(np.float32), k) for k, each in held.items()]
    tensors.append(numpy_helper.from_array(np.array([1, 2]), "axes"))
    lstm = helper.make_node("LSTM", ["X", "W", "R"], ["Y"], "lstm", hidden_size=H)
    squeeze = helper.make_node("Squeeze", ["Y", "axes"], ["S"])
    graph = helper.make_graph(
        [lstm, squeeze, *nodes], "g",
        [helper.make_tensor_value_info("X", TensorProto.FLOAT, None)],
        [helper.make_tensor_value_info("Z", TensorProto.FLOAT, None)], tensors,
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    path.write_bytes(model.SerializeToString())
    return model


def node(kind: str, *inputs: str, gives: str = "Z", **attributes):
    return helper.make_node(kind, [*inputs], [gives], **attributes)


@pytest.mark.parametrize(
    "nodes",
    [
        [node("Gemm", "S", "C", "b", alpha=0.5, beta=2.0)],
        [node("Gemm", "S", "C", "b", beta=0.0)],
        [node("Gemm", "S", "Ct", "row", alpha=-3.0, transB=1)],
        [node("Gemm", "S", "C", "one")],
        [node("Gemm", "S", "C", "row")],
        [node("MatMul", "S", "C", gives="M"), node("Add", "row", "M")],
        [node("MatMul", "S", "C", gives="M"), node("Add", "M", "one")],
        [node("MatMul", "S", "C")],
    ],
    ids=range(8),
)
def test_factors_and_shapes_of_a_bias_are_those_of_the_evaluator(tmp_path, nodes):
    row = np.arange(O)[None] + 0.5
    C = np.random.default_rng(1).normal(size=(H, O))
    model = by_hand(tmp_path / "m.onnx", *nodes, row=row, one=np.full(1, 1.5), C=C, Ct=C.T)
    opened = gv.open_model(tmp_path / "m.onnx")
    x = np.random.default_rng(2).normal(size=(T, I)).astype(np.float32)
    [wanted] = ReferenceEvaluator(model).run(["Z"], {"X": x[:, None]})
    found = opened.answers(gv.record(opened.module, torch.from_numpy(x)))
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-5)
    assert opened.left_out == ((), ())


@pytest.mark.parametrize(
    "nodes",
    [
        [node("Gemm", "S", "C", "each")],
        [node("Gemm", "S", "C", "b", transA=1)],
        [node("MatMul", "S", "C", gives="M"), node("Add", "M", "each")],
        [node("MatMul", "S", "C", gives="M"), node("Div", "b", "M")],
        [node("MatMul", "S", "C", gives="M"), node("Div", "M", "zero")],
        [node("MatMul", "S", "C", gives="M"), node("Add", "M", "b", gives="Z0"),
         node("Mul", "M", "Z0")],
    ],
    ids=range(6),
)  # fmt: skip
def test_what_is_no_linear_layer_of_each_step_gives_no_answers(tmp_path, nodes):
    by_hand(tmp_path / "m.onnx", *nodes, each=np.ones((T, O)), zero=np.zeros(1))
    opened = gv.open_model(tmp_path / "m.onnx")
    assert opened.readout is None
    said = "no answers are shown|could be the readout, but other layers"
    assert any(re.search(said, note) for note in opened.notes)


def test_nodes_that_share_a_weight_are_layers_of_their_own(tmp_path):
    """An exporter writes equal weights once: the biases tell the layers apart."""
    gru = helper.make_node("GRU", ["X", "W3", "R3"], ["Y2"], "gru", hidden_size=H)
    turned = helper.make_node("Squeeze", ["Y2", "axes"], ["S2"])
    nodes = [node("Gemm", "S", "C", "one.bias"), gru, turned,
             node("Gemm", "S2", "C", "two.bias", gives="Z2")]  # fmt: skip
    held = {"one.bias": np.zeros(O), "two.bias": np.ones(O)}
    held |= {"W3": np.ones((1, 3 * H, I)), "R3": np.ones((1, 3 * H, H))}
    by_hand(tmp_path / "m.onnx", *nodes, **held)
    for part, name, bias in (("lstm", "one", 0), ("gru", "two", 1)):
        opened = gv.open_model(tmp_path / "m.onnx", part=part)
        assert opened.readout_name == name
        assert (opened.readout.bias == bias).all()


def test_a_readout_can_share_the_embeddings_weight(tmp_path):
    torch.manual_seed(0)
    net = Net(lambda m, x, y, h, c: m.fc(y[:, -1]), False, 1, H).eval()
    emb = nn.Embedding(O, H)
    net.lstm, net.fc = nn.LSTM(H, H, batch_first=True), nn.Linear(H, O, bias=False)
    net.fc.weight = emb.weight
    whole, given = nn.Sequential(emb, net).eval(), torch.tensor([[0, 2, 1, 1]])
    torch.onnx.export(whole, (given,), tmp_path / "m.onnx", dynamo=False)
    opened = gv.open_model(tmp_path / "m.onnx")
    assert opened.embedding is not None
    recording = gv.record(opened.module, opened.features([0, 2, 1, 1]))
    with torch.no_grad():
        wanted = whole(given)[0]
    torch.testing.assert_close(opened.answers(recording)[-1], wanted, rtol=0, atol=1e-5)


def test_what_an_if_reads_is_no_answer(tmp_path):
    inner = helper.make_graph(
        [node("Mul", "M", "M", gives="inner")], "inner", [],
        [helper.make_tensor_value_info("inner", TensorProto.FLOAT, None)],
    )  # fmt: skip
    choice = node("If", "yes", then_branch=inner, else_branch=inner)
    by_hand(tmp_path / "m.onnx", node("MatMul", "S", "C", gives="M"), choice, yes=np.ones(()))
    opened = gv.open_model(tmp_path / "m.onnx")
    assert opened.readout is None
    assert any(note.startswith("'If' changes the values of 'C'.") for note in opened.notes)


@pytest.mark.parametrize(("kind", "opens"), [("BFLOAT16", True), ("FLOAT8E4M3FN", False)])
def test_weights_of_few_bits_are_exact_or_refused(tmp_path, kind, opens):
    model = by_hand(tmp_path / "m.onnx", node("MatMul", "S", "C"), C=np.full((H, O), 0.375))
    tensor = next(one for one in model.graph.initializer if one.name == "C")
    few = helper.make_tensor("C", getattr(TensorProto, kind), [H, O], [0.375] * H * O)
    tensor.CopyFrom(few)
    (tmp_path / "m.onnx").write_bytes(model.SerializeToString())
    if opens:
        assert (gv.open_model(tmp_path / "m.onnx").readout.weight == 0.375).all()
    else:
        with pytest.raises(ValueError, match="'C' is float8_e4m3fn: expected floating-point"):
            gv.open_model(tmp_path / "m.onnx")


def test_a_node_that_reads_backwards_keeps_its_last_step_apart(tmp_path):
    """The module is given the reversed sequence: its last step is the file's first."""
    nodes = [node("Gather", "S", "last", gives="E", axis=0), node("MatMul", "E", "C")]
    model = by_hand(tmp_path / "m.onnx", *nodes)
    model.graph.initializer.append(numpy_helper.from_array(np.array([-1]), "last"))
    (tmp_path / "m.onnx").write_bytes(model.SerializeToString())
    assert gv.open_model(tmp_path / "m.onnx").readout_name == "C"
    model.graph.node[0].attribute.append(helper.make_attribute("direction", "reverse"))
    (tmp_path / "m.onnx").write_bytes(model.SerializeToString())
    assert gv.open_model(tmp_path / "m.onnx").readout is None


def test_graphs_of_many_nodes_are_read_or_refused_soon(tmp_path):
    joined = [node("Concat", *[f"Y{k}"] * 9, gives=f"Y{k + 1}", axis=0) for k in range(10)]
    lstm = helper.make_node("LSTM", ["X", "W", "R"], ["", "Y0"], "lstm2", hidden_size=H)
    started = time.monotonic()
    by_hand(tmp_path / "m.onnx", lstm, *joined, node("MatMul", "Y10", "C"))
    with pytest.raises(ValueError, match="too many nodes that name each other"):
        gv.open_model(tmp_path / "m.onnx", part="lstm")
    long = [node("Relu", "S" if not k else f"N{k - 1}", gives=f"N{k}") for k in range(20_000)]
    heads = [node("MatMul", "N19999", "C", gives=f"M{k}") for k in range(2_000)]
    by_hand(tmp_path / "m.onnx", *long, *heads)
    assert gv.open_model(tmp_path / "m.onnx").readout is None
    assert time.monotonic() - started < 20
