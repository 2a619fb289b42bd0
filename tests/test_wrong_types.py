"""Every public name with a plausible wrong argument: one sentence, never Python's own words."""

from functools import cache
from types import SimpleNamespace

import numpy as np
import pytest
import torch

import gatesviz as gv
from gatesviz.sequences import parse_numbers, parse_table, parse_text, read_file, read_table
from gatesviz.training import History

PYTHONS_OWN = ("not supported between", "object has no attribute", "unhashable", "argument of type")


@cache
def made() -> SimpleNamespace:
    lstm, x = torch.nn.LSTM(4, 8, 2, bidirectional=True), torch.zeros(20, 3, 4)
    spec = gv.TrainingSpec("recall", hidden_size=4, length=10)
    state, snapshots = gv.advance(gv.start(spec), 2)
    recording, flow = gv.record(lstm, x), gv.gradient_flow(lstm, x, lambda y: y.sum())
    return SimpleNamespace(
        lstm=lstm, x=x, spec=spec, state=state, recording=recording, flow=flow,
        trace=recording.trace(), history=History(spec).add(snapshots), snapshot=snapshots[0],
    )  # fmt: skip


def trace(**wrong):
    t = made().trace
    names = ("cell", "direction", "inputs", "gates", "states", "weights")
    return gv.Trace(**{name: getattr(t, name) for name in names} | wrong)


WRONG = {
    "singular_values(recording)": (lambda m: gv.singular_values(m.recording), "pass its .trace()"),
    "singular_values(flow)": (lambda m: gv.singular_values(m.flow), "pass its .layer().trace"),
    "singular_values(layer)": (lambda m: gv.singular_values(m.flow.layer()), "pass its .trace"),
    "singular_values(tensor)": (lambda m: gv.singular_values(m.x), "a Trace, got a Tensor"),
    "singular_values('0')": (lambda m: gv.singular_values(m.trace, "0"), "got '0'"),
    "jacobians(recording)": (lambda m: gv.jacobians(m.recording), "pass its .trace()"),
    "jacobians(1.5)": (lambda m: gv.jacobians(m.trace, 1.5), "a whole number, got 1.5"),
    "advance 1.5": (lambda m: gv.advance(m.state, updates=1.5), "a whole number, got 1.5"),
    "advance x": (lambda m: gv.advance(m.state, updates="x"), "a whole number, got 'x'"),
    "advance True": (lambda m: gv.advance(m.state, updates=True), "a whole number, got True"),
    "advance(spec)": (lambda m: gv.advance(m.spec, 1), "got a TrainingSpec: pass start(spec)"),
    "start(name)": (lambda m: gv.start("recall"), 'Write start(TrainingSpec("recall"))'),
    "trace('0')": (lambda m: m.recording.trace("0"), "layer: expected a whole number, got '0'"),
    "trace(0.0)": (lambda m: m.recording.trace(0.0), "layer: expected a whole number, got 0.0"),
    "flow.layer('0')": (lambda m: m.flow.layer("0"), "layer: expected a whole number, got '0'"),
    "sample('0')": (lambda m: m.trace.sample("0"), "sample: expected a whole number, got '0'"),
    "before(x)": (lambda m: m.trace.before("x"), "expected one of ['h', 'c'], got 'x'"),
    "after([h])": (lambda m: m.trace.after(["h"]), "expected one of ['h', 'c'], got ['h']"),
    "half_life([h])": (
        lambda m: m.flow.layer().half_life(["h"]),
        "state: expected h or c, got ['h']",
    ),
    "reach(x)": (lambda m: m.flow.layer().reach(share="x"), "share: expected a number above 0"),
    "to_html(None)": (lambda m: m.recording.to_html(None), "path: expected a file name"),
    "to_html(layer)": (lambda m: m.recording.to_html("x.html", layer="0"), "layer: expected a who"),
    "save(3)": (lambda m: m.recording.save(3), "path: expected a file name"),
    "load(None)": (lambda m: gv.load(None), "path: expected a file name"),
    "load(NUL)": (lambda m: gv.load("a\0b"), "path: expected a file name without a NUL, got 'a"),
    "save(NUL)": (lambda m: m.recording.save("a\0b"), "path: expected a file name without a NUL"),
    "load(bytes)": (lambda m: gv.load(b"abc"), "path: expected a file name"),
    "load_trained(None)": (lambda m: gv.load_trained(None), "no trained model None; expected"),
    "record": (lambda m: gv.record(m.x, m.lstm), "module is a torch.Tensor"),
    "record(recording)": (
        lambda m: gv.record(m.lstm, m.x, m.recording),
        "state is a Recording, expected its final state: pass recording.state",
    ),
    "continue_text(5)": (
        lambda m: gv.load_trained("characters-lstm").continue_text(5),
        "prompt: expected a str, got 5",
    ),
    "record(edits)": (
        lambda m: gv.record(m.lstm, m.x, edits=gv.Edit("f", 0)),
        "edits: expected a list such as [gv.Edit('f', 0.0, steps=25)], got Edit('f', 0)",
    ),
    "Edit value": (lambda m: gv.Edit("f", "0"), "value: expected a number or an array"),
    "Edit steps": (lambda m: gv.Edit("f", 0, steps=1.5), "steps: expected a whole number, got 1.5"),
    "gradient_flow": (lambda m: gv.gradient_flow(m.recording, m.x, torch.sum), "module is a gates"),
    "influence": (lambda m: gv.influence(m.lstm, m.x, None), "outputs is a NoneType"),
    "Trace cell": (lambda m: trace(cell=["lstm"]), "], got ['lstm']"),
    "Trace tensor": (lambda m: trace(inputs=m.x), "inputs: expected a NumPy array, got a Tensor"),
    "Trace list": (lambda m: trace(inputs=[[1.0]]), "inputs: expected a NumPy array, got a list"),
    "Trace gates": (lambda m: trace(gates=None), "gates: expected a mapping of names to arrays"),
    "Trace weights": (lambda m: trace(weights={"weight_ih": 1, "weight_hh": 2}), "weight_ih: exp"),
    "Recording": (lambda m: gv.Recording(1, 2, 3), "traces: expected a mapping"),
    "Recording, empty": (lambda m: gv.Recording(m.x, m.x, {}), "traces: expected a mapping"),
    "GradientFlow": (lambda m: gv.GradientFlow(1, {}, 3), "recording: expected a Recording, got"),
    "Sequence": (lambda m: gv.Sequence([1], ("0",), ("a",), "text", "t"), "float32 array, got li"),
    "parse_table(bytes)": (lambda m: parse_table(b"a,b"), "text: expected a str, got b'a,b'"),
    "parse_table(None)": (lambda m: parse_table(None), "text: expected a str, got None"),
    "parse_numbers(bytes)": (lambda m: parse_numbers(b"1 2"), "text: expected a str, got b'1 2'"),
    "parse_text(bytes)": (lambda m: parse_text(b"abc"), "text: expected a str, got b'abc'"),
    "read_table(str)": (lambda m: read_table("a,b", "a.csv"), "expected the bytes of a file, as "),
    "read_file(str)": (lambda m: read_file("a,b", "a.csv"), "expected the bytes of a file, as "),
    "TrainingSpec": (lambda m: gv.TrainingSpec("recall", hidden_size="8"), "hidden_size is '8'"),
}  # fmt: skip


@pytest.mark.parametrize(("call", "says"), WRONG.values(), ids=WRONG)
def test_one_sentence(call, says):
    with pytest.raises((TypeError, ValueError)) as caught:
        call(made())
    text = str(caught.value)
    assert says in text
    assert "\n" not in text
    assert not any(words in text for words in PYTHONS_OWN)
    assert len(text) < 300


def test_whole_numbers_of_numpy_and_torch_are_whole_numbers():
    m = made()
    assert m.recording.trace(np.int64(1)) is m.recording.trace(torch.tensor(1))
    assert gv.singular_values(m.trace, np.int32(2)).shape == (21, 8)


@pytest.mark.parametrize("write", ["to_html", "save"])
def test_a_folder_that_is_not_there_is_named(write, tmp_path):
    path = tmp_path / "no" / "such.html"
    with pytest.raises(FileNotFoundError, match=r"the folder '.*no' does not exist") as caught:
        getattr(made().recording, write)(path)
    assert "None" not in str(caught.value)


def test_what_is_made_describes_itself_in_a_line():
    m = made()
    sizes = "T=20, B=3, I=4, H=8"
    assert repr(m.recording) == f"Recording(lstm, 2 layers, both directions, {sizes}, float32)"
    assert repr(m.trace) == "Trace(lstm, forward, T=20, B=3, I=16, H=8, float32)"
    assert repr(m.flow).endswith(f"Recording(lstm, 2 layers, both directions, {sizes}, float64))")
    assert repr(m.flow.layer(0)) == f"LayerFlow(lstm, forward, {sizes}, float64)"
    assert repr(m.spec) == (
        "TrainingSpec(task='recall', cell='lstm', hidden_size=4, length=10, seed=0)"
    )
    assert eval(repr(m.spec), {"TrainingSpec": gv.TrainingSpec}) == m.spec
    usual = gv.TrainingSpec("recall", dropout=0.5, layers=2)
    assert eval(repr(usual), {"TrainingSpec": gv.TrainingSpec}) == usual
    assert repr(m.state) == f"State(2 updates, {m.spec!r})"
    assert repr(m.history).startswith("History(2 updates, last loss ")
    assert "H=6" in repr(gv.load_trained("recall-lstm"))
    projected = torch.nn.LSTM(3, 5, proj_size=2)
    unbatched = gv.record(projected, torch.zeros(7, 3))
    assert repr(unbatched) == "Recording(lstm, 1 layer, T=7, unbatched, I=3, H=5, P=2, float32)"
    player = m.recording.player()
    for one in (m.recording, m.trace, m.flow, m.flow.layer(), m.state, m.snapshot, player):
        assert len(repr(one)) < 200
        assert "\n" not in repr(one)
