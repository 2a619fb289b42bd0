"""The engine in the browser computes what torch.nn computes, for every cell and network."""

import base64
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from playwright.sync_api import Page
from torch import nn

from gatesviz.player import network
from gatesviz.player.payload import Answers, Panel, Readout, payload
from gatesviz.recordings import Recording, record
from gatesviz.recordings.stepwise import StepModule
from tests.browser.player.conftest import open_bench
from tests.player.making import quiet

EXACT = 2e-6
SAID = (
    "Your browser computes these numbers, with more digits than shown"
    r"\. They (equal|differ from) PyTorch’s"
)
NAMES = (
    "decodePayload, recompute, shownArrays, engineSentence, parseExpression, Engine, RecordedArray"
)
COMPUTE = """texts => texts.map((text) => {
  const model = decodePayload(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)));
  return model.panels.map((panel) => {
    const computed = recompute(panel);
    const said = engineSentence(panel, computed);
    if (computed.problem) return { said };
    const { difference, original } = computed;
    const arrays = Object.fromEntries(Object.entries(shownArrays(panel, original)).map(
      ([name, { data, rows, columns }]) => [name, { rows, columns, data: [...data] }]));
    return { said, difference, arrays };
  });
})"""


@pytest.fixture(scope="module")
def bench(browser: Any) -> Iterator[Page]:
    yield from open_bench(browser, NAMES)


def drawn(*shape: int, seed: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def seeded(module: Any, seed: int = 0, gain: float = 1.0) -> Any:
    """Give ``module`` weights of torch's own range, from a seed."""
    generator = torch.Generator().manual_seed(seed)
    bound = gain / module.hidden_size**0.5
    with torch.no_grad():
        for weight in module.parameters():
            weight.uniform_(-bound, bound, generator=generator)
    return module.eval()


KINDS: dict[str, Callable[..., Any]] = {
    "rnn": nn.RNN,
    "relu": lambda *a, **k: nn.RNN(*a, nonlinearity="relu", **k),
    "gru": nn.GRU,
    "lstm": nn.LSTM,
    "lstm, projected": lambda *a, **k: nn.LSTM(*a, proj_size=2, **k),
    "gru, reset before": lambda *a, **k: StepModule("gru_reset_before", *a, **k),
    "mgu": lambda *a, **k: StepModule("mgu", *a, **k),
}
SHAPES: dict[str, dict[str, Any]] = {
    "one layer": {},
    "no bias": {"bias": False},
    "both directions": {"bidirectional": True},
    "three layers, both directions": {"num_layers": 3, "bidirectional": True},
}
STEPS, INPUTS, HIDDEN = 23, 3, 5


def recorded(module: Any, x: torch.Tensor) -> Recording:
    """Record from a first state that isn't 0."""
    rows = module.num_layers * (2 if module.bidirectional else 1)
    h = drawn(rows, module.proj_size or module.hidden_size, seed=8) / 3
    c = drawn(rows, module.hidden_size, seed=9) / 2
    return record(module, x, (h, c) if isinstance(module, nn.LSTM) else h)


def panels(recording: Recording, answers: Answers | None = None) -> list[Panel]:
    """Return a panel for each layer and direction, each with the whole network."""
    traces = recording.traces
    return [Panel(trace, network=traces, answers=answers) for trace in traces.values()]


def computed(bench: Page, shown: list[Panel]) -> list[dict[str, Any]]:
    """Return what the browser computed for each panel."""
    texts = [base64.b64encode(payload([panel])).decode() for panel in shown]
    return [one for (one,) in bench.evaluate(COMPUTE, texts)]


def compare(panel: Panel, found: dict[str, Any]) -> None:
    trace = panel.trace
    expected = {"x": trace.inputs, **trace.gates, **trace.states}
    if panel.answers is not None and panel.answers.readout is not None:
        expected["y"] = panel.answers.values
    assert found["arrays"].keys() == expected.keys()
    for name, array in expected.items():
        sent = found["arrays"][name]
        values = np.array(sent["data"]).reshape(sent["rows"], sent["columns"])
        np.testing.assert_allclose(values, array, rtol=0, atol=EXACT, err_msg=name)
    assert 0 <= found["difference"] <= EXACT
    assert re.match(SAID, found["said"])


@pytest.mark.parametrize("kind", KINDS)
def test_it_computes_what_torch_computes(bench: Page, mgu: None, kind: str) -> None:
    shown: list[Panel] = []
    for seed, options in enumerate(SHAPES.values()):
        module = seeded(KINDS[kind](INPUTS, HIDDEN, **options), seed)
        shown += panels(recorded(module, drawn(STEPS, INPUTS, seed=seed)))
    for panel, found in zip(shown, computed(bench, shown), strict=True):
        compare(panel, found)


def test_it_computes_every_size(bench: Page) -> None:
    shown = []
    sizes = [(2, 1, 1), (50, 1, 64), (200, 60, 12), (7, 40, 3)]
    for steps, inputs, hidden in sizes:
        for kind in ("rnn", "gru", "lstm"):
            x = drawn(steps, inputs, seed=steps)
            if inputs == 60:
                x = torch.eye(60)[torch.arange(steps) * 7 % 60]  # one-hot
            if inputs == 40:
                x[:, torch.arange(40) % 4 > 0] = 0  # more zeros than other numbers
            shown += panels(recorded(seeded(KINDS[kind](inputs, hidden)), x))
    for panel, found in zip(shown, computed(bench, shown), strict=True):
        compare(panel, found)


@pytest.mark.parametrize("kind", ["number", "choice", "set"])
def test_it_computes_the_answers(bench: Page, kind: Any) -> None:
    module = seeded(nn.GRU(INPUTS, HIDDEN, 2, bidirectional=True))
    recording = recorded(module, drawn(STEPS, INPUTS, seed=1))
    names = ("a",) if kind == "number" else ("a", "b", "c")
    weight, bias = drawn(len(names), 2 * HIDDEN, seed=2), drawn(len(names), seed=3)
    if kind == "choice":
        bias = (bias * 8).round() / 8 + 1000  # exact in float32, and beyond what exp can hold
    sums = torch.from_numpy(recording.output).double() @ weight.T.double() + bias.double()
    values = {"number": sums, "choice": sums.softmax(-1), "set": sums.sigmoid()}[kind].numpy()
    answers = Answers(names, values, readout=Readout(weight.numpy(), bias.numpy(), kind))
    shown = panels(recording, answers)
    for panel, found in zip(shown, computed(bench, shown), strict=True):
        compare(panel, found)


def test_a_chaotic_network_says_that_differences_grow(bench: Page) -> None:
    module = seeded(nn.RNN(INPUTS, 24), gain=6)
    shown = panels(recorded(module, drawn(100, INPUTS, seed=1)))
    (found,) = computed(bench, shown)
    assert found["difference"] > 1e-4
    text = r"differ from PyTorch’s by up to \d·10\S+: small rounding differences grow"
    assert re.search(text, found["said"])


def test_a_recording_that_does_not_follow_from_its_weights_is_not_computed(bench: Page) -> None:
    (found,) = computed(bench, [Panel(quiet())])
    assert found == {
        "said": "Your browser gets other numbers from these weights, so the recording can’t be"
        " edited here."
    }


def test_a_difference_in_the_recording_is_found(bench: Page) -> None:
    """int16 hides the sixth digit of a gate, and none of a state."""
    trace = recorded(seeded(nn.LSTM(1, 4)), drawn(30, 1, seed=1)).trace()
    for name, off in (("c", 5e-6), ("h", 5e-6)):
        state = trace.states[name].copy()
        state[20, 2] += off
        other = replace(trace, states=dict(trace.states) | {name: state})
        (found,) = computed(bench, [Panel(other)])
        assert 4e-6 < found["difference"] < 6e-6, name
    (found,) = computed(bench, [Panel(trace)])
    assert found["difference"] < 5e-7


def test_parts_of_a_network_say_what_is_missing(bench: Page, monkeypatch: Any) -> None:
    large = recorded(seeded(nn.GRU(2, 4, 2)), drawn(9, 2, seed=1))
    monkeypatch.setattr(network, "NETWORK_WEIGHTS", 100)
    said = [one["said"] for one in computed(bench, panels(large))]
    assert "aren’t part of this player: they have 120 weights." in said[0]
    monkeypatch.setattr(network, "WEIGHTS", 100)
    (found,) = computed(bench, panels(large)[1:])
    assert found == {
        "said": "Your browser can’t compute this cell again: its 120 weights aren’t part of this"
        " player."
    }


CONTINUE = """text => {
  const { panels: [panel] } = decodePayload(
    Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)));
  const { engine, original } = recompute(panel), { data, columns } = panel.arrays["network.x"];
  const part = (from, to) => ({ data: data.subarray(from * columns, to * columns),
    rows: to - from, columns });
  const first = engine.read(part(0, 10));
  const second = engine.read(part(10, 23), { first: first.last() });
  return [first, second, original].map((run) => [...run.answers]);
}"""


@pytest.mark.parametrize("kind", KINDS)
def test_it_reads_new_inputs_and_goes_on_from_a_state(bench: Page, mgu: None, kind: str) -> None:
    module = seeded(KINDS[kind](INPUTS, HIDDEN, num_layers=2))
    recording = recorded(module, drawn(STEPS, INPUTS, seed=4))
    weight, bias = drawn(2, recording.output.shape[-1], seed=2), drawn(2, seed=3)
    values = (torch.from_numpy(recording.output) @ weight.T + bias).softmax(-1).numpy()
    readout = Readout(weight.numpy(), bias.numpy(), "choice")
    panel = Panel(
        recording.trace(),
        network=recording.traces,
        answers=Answers(("a", "b"), values, readout=readout),
    )
    first, second, whole = bench.evaluate(CONTINUE, base64.b64encode(payload([panel])).decode())
    assert first + second == whole
    np.testing.assert_allclose(np.reshape(whole, values.shape), values, rtol=0, atol=EXACT)


HOSTILE = (
    *("alert(1)", "constructor", "__proto__", "a.b", "Wx_h[0]", "tanh", "h; h", "(h", "h)", ""),
    *(
        "h h",
        "toString(h)",
        "`h`",
        "h / c",
        "h = 1",
        "tanh(",
        "1e3 * h",
        "W_hr @ h",
        "@ h",
        "- -",
        "Wh_g(h)",
    ),
)
COMPILE = """text => { try {
  new Engine({ cell: { equations: [["h'", text]], blocks: ["h"], gates: [], states: ["h"] },
    layers: [[{ layer: 0, direction: "forward", first: { h: [0] }, weights: {
      weight_ih: new RecordedArray(new Float32Array(1), [1, 1], 1),
      weight_hh: new RecordedArray(new Float32Array(1), [1, 1], 1) } }]], readout: null });
  return "compiled"; } catch (error) { return error.name; } }"""


def test_an_expression_with_anything_else_is_a_syntax_error(bench: Page) -> None:
    heard: list[str] = []
    bench.on("dialog", lambda dialog: (heard.append(dialog.message), dialog.dismiss()))
    assert {text: bench.evaluate(COMPILE, text) for text in HOSTILE} == dict.fromkeys(
        HOSTILE, "SyntaxError"
    )
    assert not heard
    for text in (
        "tanh(Wx_h + Wh_h)",
        "tanh(Wx_h + Wh_h(h * h))",
        "0.5 * -h",
        "(1 - h) * h",
        "1",
        "2 - 1",
    ):
        assert bench.evaluate(COMPILE, text) == "compiled", text
