"""What is drawn, measured in the picture and held against the numbers of the recording."""

import math
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator

from gatesviz.player.payload import Selection
from gatesviz.traces import Trace
from tests.browser.player.conftest import Show
from tests.browser.player.test_numbers import truth
from tests.player.making import traces

UNIT = 1
LINE = """(canvas, [steps, colour]) => {
  const probe = document.createElement("i");
  probe.style.color = colour;
  document.body.append(probe);
  const ink = getComputedStyle(probe).color.match(/[\\d.]+/g).map(Number);
  probe.remove();
  const { width, height } = canvas, context = canvas.getContext("2d");
  return Array.from({ length: steps }, (_, t) => {
    const { data } = context.getImageData(Math.floor(((t + 0.5) / steps) * width), 0, 1, height);
    const rows = Array.from({ length: height }, (_, y) => y).filter((y) =>
      data[4 * y + 3] > 140 && [0, 1, 2].every((k) => Math.abs(data[4 * y + k] - ink[k]) < 40));
    return rows.length ? rows.reduce((sum, y) => sum + y + 0.5, 0) / rows.length / height : NaN;
  }); }"""
WIRES = """diagram => Object.fromEntries([...diagram.querySelectorAll("[data-wire]")]
  .filter((wire) => wire.dataset.wire)
  .map((wire) => { const flow = wire.querySelectorAll("path")[1];
    return [wire.dataset.wire, ["stroke-width", "stroke-opacity", "stroke"]
      .map((name) => flow.getAttribute(name))]; }))"""
GAUGES = """diagram => Object.fromEntries([...diagram.querySelectorAll("[data-gate]")]
  .map((gate) => [gate.dataset.gate, [...gate.querySelectorAll("rect")]
    .map((bar) => ["y", "height"].map((name) => Number(bar.getAttribute(name))))]))"""
FLAT = 4.0  # from here on tanh is flat: a sum of this size has the widest wire


def ends(trace: Trace, letter: str) -> tuple[float, float]:
    """Return the ends of a lane: a state's go as far as its values, an h's at least to 1."""
    for gate in trace.kind.gates:
        if gate.letter == letter:
            return gate.low, gate.high
    most = float(np.abs(trace.inputs if letter == "x" else trace.states[letter]).max())
    most = max(most, 1.0) if letter == "h" and trace.cell != "rnn_relu" else most
    return -most, most


def line(root: Locator, letter: str, steps: int) -> list[float]:
    """Return where the line of a lane is at each step, from 0 at its top to 1 at its bottom."""
    lane = root.locator(f"[data-lane={letter}]")
    ink = lane.locator(".gv-lane-label b").evaluate("one => getComputedStyle(one).borderLeftColor")
    found: list[float] = lane.locator(".gv-line").first.evaluate(LINE, [steps, ink])
    return found


@pytest.mark.parametrize("name", ["lstm", "gru", "rnn", "lstm, backward"])
def test_the_line_of_a_unit_stands_at_its_values(show: Show, name: str) -> None:
    trace = traces()[name]
    root = show(trace, select=Selection(unit=UNIT))
    height = root.locator(".gv-line").first.evaluate("canvas => canvas.clientHeight")
    for letter in (*trace.gates, *trace.states):
        low, high = ends(trace, letter)
        values = trace.gates[letter] if letter in trace.gates else trace.after(letter)
        share = (values[:, UNIT].astype(float) - low) / (high - low)
        wanted = (3 + (1 - share) * (height - 6)) / height
        assert line(root, letter, trace.steps) == pytest.approx(wanted, abs=0.035), letter


def test_the_thin_line_stands_at_the_values_without_edits(show: Show) -> None:
    trace = traces()["lstm"]
    root = show(trace, select=Selection(unit=UNIT, edits="c=0"))
    lane = root.locator("[data-lane=h] .gv-line").first
    ink = root.evaluate("one => getComputedStyle(one).color")
    height = lane.evaluate("canvas => canvas.clientHeight")
    low, high = ends(trace, "h")
    share = (trace.after("h")[:, UNIT].astype(float) - low) / (high - low)
    wanted = (3 + (1 - share) * (height - 6)) / height
    found = np.array(lane.evaluate(LINE, [trace.steps, ink]), float)
    seen = ~np.isnan(found)  # a line between two rows of pixels is too pale
    assert seen.sum() >= 8
    assert found[seen].tolist() == pytest.approx(wanted[seen].tolist(), abs=0.035)


def carried(trace: Trace, step: int) -> dict[str, float]:
    """Return what flows through each wire of the diagram at a step of the unit."""
    v = truth(trace, step, UNIT)
    if trace.inputs.shape[1] == 1:
        v["x"] = float(trace.inputs[step, 0])
    if trace.cell == "lstm":
        return v | {"fc": v["f"] * v["c"], "ig": v["i"] * v["g"], "tc": math.tanh(v["c'"])}
    if trace.cell == "gru":
        more = {"zh": v["z"] * v["h"], "zn": (1 - v["z"]) * v["n"], "rh": v["r"] * v["Wh_n"]}
        return v | more | {"1-z": 1 - v["z"]}
    if trace.cell == "gru_reset_before":
        more = {"zh": v["z"] * v["h"], "zn": (1 - v["z"]) * v["n"], "rh": v["r"] * v["h"]}
        row = 2 * trace.hidden_size + UNIT
        read = trace.gates["r"][step] * trace.before("h")[step]
        hn = trace.weights["weight_hh"][row] @ read + trace.weights["bias_hh"][row]
        return v | more | {"1-z": 1 - v["z"], "hn": float(hn)}
    return v | {"a": v["Wx_h"] + v["Wh_h"]}


def widest(trace: Trace, wire: str) -> float:
    """Return at which size a wire is widest: the summands in the measure of their sum."""
    whole = {"fc": "c", "ig": "c", "zh": "h", "zn": "h"}.get(wire, wire.rstrip("'"))
    if wire in ("a", "hn") or (wire == "rh" and trace.cell == "gru"):
        return FLAT
    if whole in (*trace.gates, *trace.states, "x"):
        return max(map(abs, ends(trace, whole)))
    return 1.0


@pytest.mark.parametrize("name", ["lstm", "gru", "gru, reset before", "rnn"])
def test_wires_are_as_wide_as_their_values_are_large(show: Show, name: str) -> None:
    trace = traces()[name]
    for step in (0, 4, trace.steps - 1):
        root = show(trace, select=Selection(step=step, unit=UNIT))
        found, values = root.locator("[data-diagram]").first.evaluate(WIRES), carried(trace, step)
        assert len(found) >= 4
        for wire, (width, opacity, ink) in found.items():
            if wire not in values:
                assert (wire, float(opacity)) == ("x", 0)  # several inputs have no one value
                continue
            share = min(1.0, abs(values[wire]) / widest(trace, wire))
            assert float(width) == pytest.approx(1.5 + 9 * share, abs=0.02), wire
            assert float(opacity) == pytest.approx(0.35 + 0.6 * share, abs=0.011), wire
            assert ("--gv-neg" in ink) == (values[wire] < 0), wire
            title = root.locator(f'[data-wire="{wire}"] title').first.text_content() or ""
            said = title.removesuffix(".").partition("hickest at ±")[2]
            names = {"f": "f: ", "fc": "f·c: ", "h'": "h′: ", "zn": "(1−z)·n: "}
            assert wire not in names or title.startswith(f"{names[wire]}thickest at")
            assert float(said.split()[0]) == pytest.approx(widest(trace, wire), rel=5e-3), wire


@pytest.mark.parametrize("name", ["lstm", "rnn"])
def test_the_title_says_where_wires_are_thickest(show: Show, name: str) -> None:
    trace = traces()[name]
    said = show(trace).locator(".gv-title small").last.inner_text()
    named = [*trace.kind.states, *(["x"] if trace.inputs.shape[1] == 1 else [])]
    scales = {f"|{one}|": widest(trace, one) for one in named}
    assert set(scales.values()) != {1.0}
    start, end = said.strip(" ·").split(" at ")
    assert start == "a line is thickest"
    sizes = [size.split(" = ") for size in end.split(", ")]
    shown = {letter: float(size) for letter, size in sizes}
    assert shown == pytest.approx(scales, rel=5e-3)


@pytest.mark.parametrize("name", ["lstm", "gru"])
def test_a_gate_is_filled_from_zero_to_its_value(show: Show, name: str) -> None:
    trace = traces()[name]
    for step in (0, 4, trace.steps - 1):
        root = show(trace, select=Selection(step=step, unit=UNIT))
        found = root.locator("[data-diagram]").first.evaluate(GAUGES)
        assert found.keys() == trace.gates.keys()
        for letter, (frame, *bars) in found.items():
            low, _ = ends(trace, letter)
            top, tall = frame[0] + 4, frame[1] - 8
            place = [(max(value, low) - low) / (1 - low) for value in (0.0, 1.0)]
            zero = top + tall * (1 - place[0])
            value = float(trace.gates[letter][step, UNIT])
            tip = top + tall * (1 - (value - low) / (1 - low))
            for y, height in bars:
                assert [y, y + height] == pytest.approx(sorted([zero, tip]), abs=0.12), letter


@pytest.mark.parametrize("letter", ["c", "h", "g", "f"])
def test_each_cell_of_a_lane_has_the_colour_of_its_value(show: Show, letter: str) -> None:
    trace = traces()["lstm"]
    root = show(trace)
    values = trace.gates[letter] if letter in trace.gates else trace.after(letter)
    canvas: Any = root.locator(f"[data-lane={letter}] .gv-heat").first
    found = np.array(canvas.evaluate(CELLS, list(values.shape)), float)
    low, high = ends(trace, letter)
    if low < 0:
        signed = found[..., 3] / 255 * np.where(found[..., 0] > found[..., 2], 1, -1)
        np.testing.assert_allclose(signed, values / high, rtol=0, atol=0.006)
    else:  # cividis grows lighter from dark blue to yellow
        light = found[..., :3] @ [0.299, 0.587, 0.114]
        order = np.argsort(values, axis=None)
        assert (np.diff(light.ravel()[order]) >= -0.5).all()
        shares = np.array([light.min(), light.max()])
        assert shares == pytest.approx([light.ravel()[order[0]], light.ravel()[order[-1]]])


CELLS = """(canvas, [steps, units]) => Array.from({ length: steps }, (_, t) =>
  Array.from({ length: units }, (_, u) => [...canvas.getContext("2d").getImageData(
    Math.floor(((t + 0.5) / steps) * canvas.width), Math.floor(((u + 0.5) / units) * canvas.height),
    1, 1).data]))"""
