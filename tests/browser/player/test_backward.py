"""Gradients in the player: their lanes, the wires that carry them, playing in reverse, words."""

import re

import numpy as np
import pytest
import torch
from playwright.sync_api import Locator, expect

from gatesviz.player.payload import Panel, Selection
from gatesviz.traces import Array, Trace
from tests.browser.player.conftest import Show, standing
from tests.player.making import traces


def gradients(trace: Trace) -> dict[str, Array]:
    """Numbers that a loss could have left, over far more decades than float32 holds."""
    draw = np.random.default_rng(3)
    sizes = 10.0 ** np.linspace(-60, -1, trace.steps + 1)[:, None]
    return {k: draw.normal(size=v.shape) * sizes for k, v in trace.states.items()}


def told(text: str) -> float:
    return float(text.replace("−", "-"))


def wire(root: Locator, name: str) -> float:
    return told(root.locator(f'[data-label="{name}"] tspan').last.text_content() or "")


def slopes(trace: Trace, step: int, unit: int) -> dict[str, float]:
    """What autograd says of h' by the wires inside a cell, from the cell's own last equations."""
    made = {
        k: torch.tensor(float(v[step, unit]), dtype=torch.double) for k, v in trace.gates.items()
    }
    h, before = (float(a("h")[step, unit]) for a in (trace.after, trace.before))
    nudge = torch.zeros((), dtype=torch.double, requires_grad=True)
    if trace.cell == "lstm":
        ways = {"tc": made["o"] * nudge}
    elif trace.cell == "gru":
        inside = torch.tanh(torch.atanh(made["n"]) + nudge)
        ways = {"rh": (1 - made["z"]) * inside + made["z"] * before}
        ways["1-z"] = (1 - made["z"] + nudge) * made["n"] + made["z"] * before
    elif trace.cell == "gru_reset_before":
        inside = torch.tanh(torch.atanh(made["n"]) + nudge)
        ways = {"hn": (1 - made["z"]) * inside + made["z"] * before}
        ways["1-z"] = (1 - made["z"] + nudge) * made["n"] + made["z"] * before
    elif trace.cell == "rnn_tanh":
        ways = {"a": torch.tanh(torch.atanh(torch.tensor(h, dtype=torch.double)) + nudge)}
    else:
        ways = {"a": torch.relu(torch.tensor(h if h > 0 else -1.0) + nudge)}
    return {k: float(torch.autograd.grad(way, nudge)[0]) for k, way in ways.items()}


def through_candidates(trace: Trace, step: int, after: Array) -> Array:
    """What autograd says of r·h, which every unit's candidate reads: (H,)."""
    w = {k: torch.tensor(np.asarray(v, np.float64)) for k, v in trace.weights.items()}
    r, z = (torch.tensor(np.asarray(trace.gates[k][step], np.float64)) for k in "rz")
    x, h = (
        torch.tensor(np.asarray(a[step], np.float64)) for a in (trace.inputs, trace.before("h"))
    )
    rows = slice(2 * trace.hidden_size, None)
    read = (r * h).requires_grad_()
    inputs = w["weight_ih"][rows] @ x + w["bias_ih"][rows] + w["bias_hh"][rows]
    new = (1 - z) * torch.tanh(inputs + w["weight_hh"][rows] @ read) + z * h
    (new * torch.tensor(after)).sum().backward()
    assert read.grad is not None
    return read.grad.numpy()


@pytest.mark.parametrize(
    "name", ["lstm", "gru", "gru, reset before", "rnn", "relu", "lstm, backward"]
)
def test_the_numbers_are_those_of_the_arrays(show: Show, name: str) -> None:
    trace, unit = traces()[name], 1
    found = gradients(trace)
    root = show([Panel(trace, gradients=found)], select=Selection(unit=unit, reverse=True))
    for step in (0, trace.steps // 2, trace.steps - 1):
        root.get_by_role("slider", name="Step").fill(str(step))
        assert root.locator("[data-lane]").first.get_attribute("data-lane") == "dh"
        row = step + 1 if trace.direction == "forward" else step
        before = 2 * step + 1 - row
        for letter, array in found.items():
            shown = root.locator(f"[data-lane=d{letter}] .gv-lane-value").inner_text()
            assert told(shown) == pytest.approx(array[row, unit], rel=6e-3)
            assert wire(root, f"{letter}'") == pytest.approx(array[row, unit], rel=6e-2)
            assert wire(root, letter) == pytest.approx(array[before, unit], rel=6e-2)
        for letter, slope in slopes(trace, step, unit).items():
            expected = found["h"][row, unit] * slope
            assert wire(root, letter) == pytest.approx(expected, rel=6e-2), letter
        if trace.cell == "gru_reset_before":
            expected = through_candidates(trace, step, found["h"][row])[unit]
            assert wire(root, "rh") == pytest.approx(expected, rel=6e-2)
        kept = ("h", "z")
        passed = {"lstm": ("c", "f"), "gru": kept, "gru_reset_before": kept}.get(trace.cell)
        if passed:
            state, gate = passed
            share = float(trace.gates[gate][step, unit])
            words = root.locator(".gv-words").inner_text()
            found_words = re.search(
                r"= (\S+), at the later side of this step\..*? back[^:]*: (\S+)\. ", words
            )
            assert found_words is not None, words
            after, back = (told(number) for number in found_words.groups())
            assert after == pytest.approx(found[state][row, unit], rel=6e-3)
            assert back == pytest.approx(found[state][row, unit] * share, rel=6e-3)


def test_it_plays_from_the_last_step_to_the_first_when_reversed(show: Show) -> None:
    trace = traces()["gru"]
    root = show([Panel(trace, gradients=gradients(trace))], select=Selection(step=0))
    expect(root.locator(".gv-words")).to_contain_text("keeps")
    carried = root.locator('[data-wire="h\'"] path').nth(1)
    forward = carried.get_attribute("stroke-width")
    root.get_by_label("Direction of play").select_option("reversed")
    expect(root.locator(".gv-words")).to_contain_text("∂L/∂h")
    assert carried.get_attribute("stroke-width") != forward
    root.locator("[data-action=first]").click()
    assert standing(root)[0] == trace.steps - 1
    root.focus()
    root.page.keyboard.press("ArrowRight")
    assert standing(root)[0] == trace.steps - 2
    root.locator("[data-action=play]").click()
    expect(root).to_have_attribute("data-step", "0", timeout=30_000)
    expect(root).to_have_attribute("data-playing", "false")


def test_a_gradient_is_coloured_by_decades_above_its_floor(show: Show) -> None:
    trace = traces()["rnn"]
    decades = np.tile(10.0 ** np.arange(-11, 2)[:, None], (1, 3))
    decades[5] *= -1
    root = show([Panel(trace, gradients={"h": decades})])
    lane = root.locator("[data-lane=dh]")
    expect(lane.locator(".gv-legend")).to_have_text("−10¹10¹blank < 10⁻⁷")
    pixels = lane.locator(".gv-heat").evaluate(
        """canvas => { const context = canvas.getContext("2d"), cell = canvas.width / 12;
        return [...Array(12).keys()].map((t) =>
          [...context.getImageData((t + 0.5) * cell, 3, 1, 1).data]); }"""
    )
    shares = np.clip((np.arange(-10, 2) + 7) / 8, 0, 1)
    np.testing.assert_allclose([pixel[3] for pixel in pixels], 255 * shares, atol=2)
    assert pixels[4][2] > pixels[4][0]  # the negative one is blue
    assert pixels[5][0] > pixels[5][2]


def test_directions_beside_each_other_play_along_one_axis(show: Show) -> None:
    every = traces()
    pair = [Panel(every["lstm, first layer"], labels=list("abcdefghijkl"), text=True)]
    pair.append(Panel(every["lstm, backward"], labels=[f"day {k}" for k in range(12)]))
    root = show(pair)
    readout = root.locator(".gv-readout")
    root.locator("[data-action=step]").click()
    expect(readout).to_have_text("step 1 (0–11) “b”")
    expect(root.locator(".gv-strip")).to_have_count(1)
    expect(root.locator(".gv-column").first.locator(".gv-here")).to_have_text("b")
    root.locator(".gv-title").nth(1).click()
    expect(readout).to_have_text("step 1 (0–11) day 1")
    shown = root.locator(".gv-column").nth(1).locator("[data-lane=h] .gv-lane-value")
    assert told(shown.inner_text()) == pytest.approx(
        every["lstm, backward"].after("h")[1, 0], abs=6e-4
    )
    root.get_by_label("Direction of play").select_option("reversed")
    root.locator("[data-action=step]").click()
    assert standing(root)[0] == 0


TIPS = """root => Object.fromEntries([...root.querySelectorAll("[data-wire]")]
  .filter((wire) => wire.dataset.wire)
  .map((wire) => [wire.dataset.wire, wire.querySelector("[data-heads]").getAttribute("d")
    .split("M").filter(Boolean).map((head) => head.trim().split(" ")[0]).filter(Boolean)]))"""


@pytest.mark.parametrize(
    ("name", "onward", "back"),
    [
        # c comes in from the left; the sum leaves to the right and up into tanh.
        ("lstm", {"c": ["115,88"], "f": ["130,103"]}, {"c": ["0,88"], "f": ["130,226"]}),
        ("gru", {"zh": ["559,88"], "n": ["574,173"]}, {"zh": ["193,88"], "n": ["574,214"]}),
        ("rnn", {"a": ["346,210"]}, {"a": ["245,210"]}),
    ],
)
def test_arrowheads_point_the_way_the_gradient_flows(
    show: Show, name: str, onward: dict[str, list[str]], back: dict[str, list[str]]
) -> None:
    """In the backward view every arrow stands at the end where its wire begins."""
    trace = traces()[name]
    root = show([Panel(trace, gradients=gradients(trace))])
    for order, tips in (("onward", onward), ("reverse", back), ("onward", onward)):
        root.get_by_label("Direction of play").select_option(order)
        found = root.evaluate(TIPS)
        assert {wire: found[wire] for wire in tips} == tips
