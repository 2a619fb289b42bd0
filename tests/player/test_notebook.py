"""The player as a notebook's widget, as far as Python goes; its script runs in tests/browser."""

import builtins
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import load
from torch import nn

from gatesviz.player import notebook
from gatesviz.player.assets import script, style
from gatesviz.player.payload import Answers, Panel, Readout, Selection, payload
from tests.player.making import quiet, recorded

pytest.importorskip("anywidget")


def test_it_carries_the_payload_and_follows_the_reader() -> None:
    panels, select = [Panel(quiet())], Selection(step=4)
    widget = notebook.widget(panels, select=select)
    state = widget.get_state()
    assert bytes(state["payload"]) == payload(panels, select=select)
    assert state["selection"] == {}
    heard: list[Any] = []
    widget.observe(lambda change: heard.append(change["new"]), names="selection")
    widget.set_state({"selection": {"step": 7, "unit": 1, "panel": 0, "lane": "f"}})
    assert heard == [widget.selection] == [{"step": 7, "unit": 1, "panel": 0, "lane": "f"}]


def test_a_recording_has_its_player() -> None:
    recording = recorded(nn.GRU(2, 3, num_layers=2, bidirectional=True), samples=2).recording
    labels = list("abcdefghijkl")
    widget = recording.player(0, "backward", 1, labels=labels, title="mine")
    traces = [{key: t.sample(k) for key, t in recording.traces.items()} for k in (0, 1)]
    shown = Panel(
        traces[1][0, "backward"], labels=labels, title="mine", text=True, network=traces[1]
    )
    assert widget.payload == payload([shown])
    last = Panel(traces[0][1, "forward"], title="GRU", network=traces[0])
    assert recording.player().payload == payload([last])
    with pytest.raises(IndexError, match="sample 2 does not exist"):
        recording.player(sample=2)


def test_a_readout_answers_at_each_step_under_the_names_given() -> None:
    recording = recorded(nn.LSTM(2, 3, num_layers=2, bidirectional=True), samples=2).recording
    readout = nn.Linear(6, 3)
    widget = recording.player(0, sample=1, readout=readout, answers=["yes", "no", 7])
    with torch.no_grad():
        expected = readout(torch.from_numpy(recording.output[:, 1])).softmax(-1)
    traces = {key: trace.sample(1) for key, trace in recording.traces.items()}
    weights = (part.detach().numpy() for part in (readout.weight, readout.bias))
    answers = Answers(
        ("yes", "no", "7"),
        expected.numpy(),
        "The readout answers",
        readout=Readout(*weights, "choice"),
    )
    shown = Panel(traces[0, "forward"], title="LSTM", answers=answers, network=traces)
    ours, theirs = load(widget.payload), load(payload([shown]))
    assert ours.keys() == theirs.keys()
    for name, array in ours.items():
        np.testing.assert_allclose(array, theirs[name], atol=1)  # int16 of probabilities
    with pytest.raises(ValueError, match="expected 6 inputs, the size of h, got 5"):
        recording.player(readout=nn.Linear(5, 3))
    with pytest.raises(ValueError, match="expected 3 names, one for each output"):
        recording.player(readout=readout, answers=["a"])
    with pytest.raises(ValueError, match="expected a readout that gives them"):
        recording.player(answers=["a"])
    with pytest.raises(TypeError, match=r"expected a torch\.nn\.Linear, got 'x'"):
        recording.player(readout="x")


def test_its_plain_text_says_what_it_is() -> None:
    widget = recorded(nn.GRU(2, 3)).recording.player(title="mine")
    assert repr(widget) == "Player(mine, T=12)"
    bundle = widget._repr_mimebundle_()
    assert (bundle[0] if isinstance(bundle, tuple) else bundle)["text/plain"] == repr(widget)


def test_its_script_and_look_are_the_players() -> None:
    state = notebook.widget([Panel(quiet())]).get_state()
    assert state["_esm"].startswith(script())
    assert state["_css"] == style()


def test_every_widget_is_of_one_class() -> None:
    first, second = (notebook.widget([Panel(quiet(steps=steps))]) for steps in (5, 6))
    parents = [set(type(widget).__mro__[1:]) for widget in (first, second)]  # anywidget subclasses
    assert parents[0] == parents[1]
    assert first.payload != second.payload


def test_without_anywidget_the_sentence_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(name: str, *args: Any, **options: Any) -> Any:
        if name == "anywidget":
            raise ImportError(name)
        return real(name, *args, **options)

    real = builtins.__import__
    monkeypatch.setattr(builtins, "__import__", refuse)
    notebook._widget_class.cache_clear()
    with pytest.raises(ImportError, match=r"pip install 'gatesviz\[notebook\]'"):
        notebook.widget([Panel(quiet())])
