"""Edits in the browser give what `record` gives with the same edits, and links say the same."""

import base64
import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from playwright.sync_api import Page
from torch import nn

from gatesviz.player.payload import Answers, Panel, Readout, payload
from gatesviz.recordings import Recording, record
from gatesviz.recordings.edit_text import edits_from_text, edits_to_text
from gatesviz.recordings.edits import Edit
from gatesviz.recordings.recording import _of_sample
from tests.browser.player.conftest import open_bench
from tests.browser.player.test_engine import (
    HIDDEN,
    INPUTS,
    KINDS,
    SHAPES,
    STEPS,
    drawn,
    seeded,
)
from tests.recordings.cases import Case
from tests.recordings.test_edits import cases_with_edits

EXACT = 2e-6
NAMES = (
    "decodePayload, recompute, shownArrays, editsFromText, editsToText, editProblem, EditHistory"
)
EDITED = """cases => cases.map(([text, edits]) => {
  const model = decodePayload(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)));
  const panel = model.panels[0];
  const { engine, original } = recompute(panel);
  const problems = edits.map((edit) => editProblem(edit, panel, model.steps));
  const plain = (run) => Object.fromEntries(Object.entries(shownArrays(panel, run)).map(
    ([name, { data, rows, columns }]) => [name, { rows, columns, data: [...data] }]));
  return { problems, edited: plain(engine.edit(original, edits)), original: plain(original),
    fresh: plain(engine.read(panel.arrays["network.x"] ?? panel.arrays.x, { edits })) };
})"""


@pytest.fixture(scope="module")
def bench(browser: Any) -> Iterator[Page]:
    yield from open_bench(browser, NAMES)


def start(module: Any) -> Any:
    rows = module.num_layers * (2 if module.bidirectional else 1)
    h = drawn(rows, module.proj_size or module.hidden_size, seed=8) / 3
    c = drawn(rows, module.hidden_size, seed=9) / 2
    return (h, c) if isinstance(module, nn.LSTM) else h


def drawn_edits(draw: random.Random, recording: Recording) -> list[Edit]:
    """Return edits of any letters, steps, units, layers and directions."""
    edits = []
    for _ in range(draw.randint(1, 4)):
        (layer, direction), trace = draw.choice(list(recording.traces.items()))
        letter = draw.choice([*trace.gates, *trace.states, "x"])
        arrays = {"x": trace.inputs, **trace.gates, **trace.states}
        width = arrays[letter].shape[1]
        steps = draw.choice([None, sorted(draw.sample(range(STEPS), draw.randint(1, 4)))])
        units = draw.choice([None, sorted(draw.sample(range(width), draw.randint(1, width)))])
        size = (STEPS if steps is None else len(steps), width if units is None else len(units))
        array = np.round(np.random.default_rng(draw.randint(0, 99)).normal(size=size), 3)
        value: Any = draw.choice([0.0, 1.0, -0.5, array])
        edits.append(Edit(letter, value, steps, units, layer, direction))
    return edits


def with_answers(recording: Recording) -> Answers:
    weight, bias = drawn(3, recording.output.shape[-1], seed=2), drawn(3, seed=3)
    values = (torch.from_numpy(recording.output) @ weight.T + bias).softmax(-1).numpy()
    return Answers(tuple("abc"), values, readout=Readout(weight.numpy(), bias.numpy(), "choice"))


def check(found: dict[str, Any], panel: Panel, what: str) -> None:
    assert panel.answers is not None
    trace, y = panel.trace, panel.answers.values
    for name, array in {"x": trace.inputs, **trace.gates, **trace.states, "y": y}.items():
        sent = found[name]
        values = np.array(sent["data"]).reshape(sent["rows"], sent["columns"])
        np.testing.assert_allclose(values, array, rtol=0, atol=EXACT, err_msg=f"{what} {name}")


@pytest.mark.parametrize("kind", KINDS)
def test_an_edited_run_is_that_of_record(bench: Page, mgu: None, kind: str) -> None:
    draw, cases = random.Random(kind), []
    for seed, options in enumerate([*SHAPES.values()] * 2):
        module = seeded(KINDS[kind](INPUTS, HIDDEN, **options), seed)
        x, state = drawn(STEPS, INPUTS, seed=seed), start(module)
        before = record(module, x, state)
        edits = drawn_edits(draw, before)
        after = record(module, x, state, edits=edits)
        place = draw.choice(list(before.traces))
        shown = [
            Panel(one.traces[place], network=one.traces, answers=with_answers(one))
            for one in (before, after)
        ]
        cases.append((edits, *shown))
    given = [
        [base64.b64encode(payload([before])).decode(), [edit.to_dict(3) for edit in edits]]
        for edits, before, _ in cases
    ]
    for (edits, before, after), found in zip(cases, bench.evaluate(EDITED, given), strict=True):
        assert found["problems"] == [""] * len(edits)
        check(found["edited"], after, f"edited {edits}")
        check(found["original"], before, "original")
        assert found["fresh"] == found["edited"], edits  # to the last bit


@settings(max_examples=60, derandomize=True, deadline=None)
@given(cases_with_edits())
def test_the_cases_of_python_give_the_same_in_the_browser(
    bench: Page, drawn: tuple[Case, list[dict[str, Any]]]
) -> None:
    """The cases that tests/recordings/test_edits.py compares with a loop in float64."""
    case, written = replace(drawn[0], dtype=torch.float32), drawn[1]
    module, inputs, state = case.module(), case.inputs(), case.state()
    before = record(module, inputs, state)
    after = record(module, inputs, state, edits=[Edit(**one) for one in written])
    for sample in range(case.samples):
        plain = {key: trace.sample(sample) for key, trace in before.traces.items()}
        acting = [_of_sample(edit, sample, plain[0, "forward"].steps) for edit in after.edits]
        edits = [edit.to_dict(case.layers) for edit in acting if edit is not None]
        for key, trace in plain.items():
            panel = base64.b64encode(payload([Panel(trace, network=plain)])).decode()
            [found] = bench.evaluate(EDITED, [[panel, edits]])
            assert found["problems"] == [""] * len(edits)
            edited = after.traces[key].sample(sample)
            for name, array in {"x": edited.inputs, **edited.gates, **edited.states}.items():
                sent = found["edited"][name]
                values = np.array(sent["data"]).reshape(sent["rows"], sent["columns"])
                said = f"{case} {written} {key} {name}"
                np.testing.assert_allclose(values, array, rtol=2e-5, atol=2e-5, err_msg=said)


TEXTS = [
    "",
    "f@25=0",
    "c@10-19.u3=-1",
    "f.l1.b@3=0",
    "x=0.5,h.u0.u12=1e-7,z@0-999=1e+30",
    "i.b@4=.5,o@7.u2=-0",
]
WRONG = (
    *("f", "F=1", "f@3", "f@5-3=1", "f@1000=1", "f=nan", "f=1,", "f=0x1", "f=1;alert(1)", "ff=1"),
    *("f@=1", "f.u=1", "f.lx=1", "f= 1", "__proto__=1", "f=1e999", "<b>=1", "f=1," * 2000),
)
READ = """texts => texts.map((text) => {
  try { const edits = editsFromText(text); return [edits, editsToText(edits)]; }
  catch (error) { return error.name === "SyntaxError" ? error.message : String(error); } })"""


def test_links_say_the_same_in_python(bench: Page) -> None:
    for text, (edits, written) in zip(TEXTS, bench.evaluate(READ, TEXTS), strict=True):
        expected = edits_from_text(text)
        assert edits == [edit.to_dict() for edit in expected], text
        assert written == edits_to_text(expected), text
        assert bench.evaluate(READ, [written])[0][0] == edits
    for text, said in zip(WRONG, bench.evaluate(READ, list(WRONG)), strict=True):
        assert isinstance(said, str), text
        assert said.endswith("."), text
        with pytest.raises(ValueError, match=r"\w"):
            edits_from_text(text)


def test_an_array_becomes_one_edit_for_each_value(bench: Page) -> None:
    edit = Edit("c", np.array([[1.0, 2.5], [3.0, -4.0]]), [3, 5], [0, 2], 1, "backward")
    found = bench.evaluate("edits => editsToText(edits)", [edit.to_dict()])
    assert found == edits_to_text([edit])
    assert found == "c.l1.b@3.u0=1,c.l1.b@3.u2=2.5,c.l1.b@5.u0=3,c.l1.b@5.u2=-4"


HISTORY = """() => {
  const history = new EditHistory(), seen = [];
  const edit = (value, step) => ({ letter: "f", value, steps: [step], units: null, layer: 0,
    direction: "forward" });
  const note = (one = history) => seen.push([editsToText(one.list), one.canUndo, one.canRedo]);
  note();
  history.undo(); history.redo(); note();
  history.add(edit(0, 3)); note();
  history.add(edit(1, 5)); note();
  history.add(edit(0.5, 3)); note();
  history.undo(); note();
  history.undo(); history.undo(); note();
  history.redo(); note();
  history.add(edit(7, 9)); note();
  history.set([]); history.set([]); note();
  history.undo(); note();
  const opened = new EditHistory([edit(0, 3), edit(1, 5)]);
  opened.undo(); note(opened);
  opened.undo(); note(opened);
  opened.redo(); opened.redo(); note(opened);
  return seen;
}"""


def test_undo_and_redo_go_back_and_forth(bench: Page) -> None:
    assert bench.evaluate(HISTORY) == [
        ["", False, False],
        ["", False, False],
        ["f@3=0", True, False],
        ["f@3=0,f@5=1", True, False],
        ["f@5=1,f@3=0.5", True, False],
        ["f@3=0,f@5=1", True, True],
        ["", False, True],
        ["f@3=0", True, True],
        ["f@3=0,f@9=7", True, False],
        ["", True, False],
        ["f@3=0,f@9=7", True, True],
        ["f@3=0", True, True],
        ["", False, True],
        ["f@3=0,f@5=1", True, False],
    ]
