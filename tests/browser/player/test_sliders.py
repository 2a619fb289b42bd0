"""While a slider moves, the browser computes what PyTorch records a moment later."""

import base64
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page

from gatesviz.player.payload import Panel, payload
from gatesviz.tiny_cell import handles
from gatesviz.traces import Trace
from gatesviz.ui.inside.moment import Moment, Walk
from gatesviz.ui.inside.sliders import slider_places, state_slots
from gatesviz.ui.inside.step import recorded
from tests.browser.player.conftest import open_bench
from tests.ui.inside.moments import EVERY_CELL, moment

EXACT = 2e-6
NAMES = "decodePayload, recompute, movedModel, engineSentence"
MOVE = """([text, moves]) => {
  const model = decodePayload(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)));
  const networks = model.panels.map((panel) => recompute(panel));
  return moves.map((move) => {
    const moved = movedModel(model, networks, move);
    const [panel] = moved.panels;
    const rows = (array) => [...Array(array.rows).keys()].map(
      (row) => [...Array(array.columns).keys()].map((column) => array.at(row, column)));
    const arrays = Object.entries(panel.arrays).map(([name, array]) => [name, rows(array)]);
    const lanes = panel.lanes.map(({ letter, array }) => [letter, array === panel.arrays[letter]]);
    return { steps: moved.steps, labels: panel.labels, arrays: Object.fromEntries(arrays), lanes,
      said: engineSentence(panel, recompute(panel)), difference: recompute(panel).difference };
  });
}"""


@pytest.fixture(scope="module")
def bench(browser: Any) -> Iterator[Page]:
    yield from open_bench(browser, NAMES, "sliders.js")


def cases(here: Moment, trace: Trace) -> Iterator[tuple[list[list[Any]], Moment]]:
    """Yield moves of the sliders, and the moment that the page then has."""
    places = list(slider_places(here, trace).values())
    x, slots = places[0], state_slots(trace)
    states, weights = places[1 : 1 + len(slots)], places[1 + len(slots) :]
    yield [[*x, -1.25]], replace(here, x=-1.25)
    for index in range(len(handles(here.cell, here.units))):
        moved = [*here.weights]
        moved[index] = 1.5 - index / 8
        yield [[*weights[index], moved[index]]], replace(here, weights=tuple(moved))
    for slot, place in zip(slots, states, strict=True):
        old = {name: [*map(float, trace.before(name)[-1]), 0.0][:2] for name in trace.states}
        old[slot.name][slot.unit] = 0.35
        walk = Walk(**{name: tuple(values) for name, values in old.items()})
        yield [[*place, 0.35]], replace(here, walk=walk)
        yield [[*place, 0.35], [*x, 2.0]], replace(here, walk=walk, x=2.0)


@pytest.mark.parametrize(("label", "units"), EVERY_CELL)
def test_it_computes_what_pytorch_records_then(bench: Page, label: str, units: int) -> None:
    here = moment(label, units)
    trace = recorded(here)
    text = base64.b64encode(payload([Panel(trace, features=["x"])])).decode()
    asked = [*cases(here, trace)]
    found = bench.evaluate(MOVE, [text, [moves for moves, _ in asked]])
    for (moves, then), one in zip(asked, found, strict=True):
        expected = recorded(then)
        assert one["steps"] == expected.steps == len(one["labels"])
        arrays = {"x": expected.inputs, **expected.gates, **expected.states, **expected.weights}
        for name, array in arrays.items():
            values = np.array(one["arrays"][name]).reshape(array.shape)
            np.testing.assert_allclose(values, array, rtol=0, atol=EXACT, err_msg=f"{moves} {name}")
        assert all(same for _, same in one["lanes"])
        assert one["said"].startswith("Your browser computes these numbers from your sliders, with")
        assert one["difference"] <= EXACT


def test_several_sliders_count_together_and_the_recording_stays(bench: Page) -> None:
    here = moment("LSTM", 2)
    trace = recorded(here)
    text = base64.b64encode(payload([Panel(trace, features=["x"])])).decode()
    moves = [["x", 2, 0, 0.5], ["bias_ih", 3, 0, -2.0], ["weight_hh", 1, 1, 4.0]]
    one, none = bench.evaluate(MOVE, [text, [moves, []]])
    weights = dict(zip(handles("lstm", 2), here.weights, strict=True))
    for handle in weights:
        if handle[:3] == ("f", 1, "b"):
            weights[handle] = -2.0
        if handle[:3] == ("i", 1, "h1"):
            weights[handle] = 4.0
    expected = recorded(replace(here, x=0.5, weights=tuple(weights.values())))
    np.testing.assert_allclose(one["arrays"]["c"], expected.states["c"], rtol=0, atol=EXACT)
    np.testing.assert_allclose(none["arrays"]["c"], trace.states["c"], rtol=0, atol=EXACT)
    assert np.abs(expected.states["c"] - trace.states["c"]).max() > 0.1
