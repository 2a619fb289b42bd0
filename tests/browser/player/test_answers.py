"""Answers beside what was right: the sentence, the lane's words, marks, frames and lines."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from playwright.sync_api import Page, expect

from gatesviz.player.payload import Answers, Panel, Readout, Selection
from gatesviz.recordings import record
from gatesviz.recordings.edits import Edit
from tests.browser.accessibility import check_accessibility
from tests.browser.player.conftest import Show
from tests.player.making import quiet

STEPS = 30
LONG = "fourteen long"


def test_a_choice_is_told_right_or_wrong_in_words(show: Show) -> None:
    values = np.tile(np.array([[0.2, 0.7, 0.1]], np.float32), (STEPS, 1))
    targets = np.array([np.nan, 1.0, 2.0] * 10)
    answers = Answers(("a", LONG, "<i>"), values, "The readout answers", targets)
    root = show([Panel(quiet(), answers=answers)], select=Selection(step=0))
    said, lane = root.locator(".gv-answer"), root.locator("[data-lane=y]")
    expect(said).to_have_text(f"The readout answers “{LONG}” 70 %, “a” 20 %, “<i>” 10 %")
    expect(lane.locator(".gv-lane-value")).to_have_text(f"“{LONG}”")
    root.locator("[data-action=step]").click()
    expect(said).to_contain_text("10 %: ✓ correct")
    expect(lane.locator(".gv-lane-value")).to_have_text(f"✓ “{LONG}”")
    root.locator("[data-action=step]").click()
    expect(said).to_contain_text("10 %: ✗ wrong, expected “<i>”")
    expect(lane.locator(".gv-lane-value")).to_have_text(f"✗ “{LONG}”, y “<i>”")
    about = lane.locator(".gv-heat").get_attribute("aria-label") or ""
    assert about.endswith("Correct at 10 of the 20 steps with an expected answer.")
    value = lane.locator(".gv-lane-value")
    assert value.evaluate("one => one.scrollHeight <= one.clientHeight + 1"), "the name is cut"
    check_accessibility(root.page)


def test_several_numbers_are_told_with_their_names(show: Show) -> None:
    values = np.tile(np.array([[0.5625, -0.25]], np.float32), (STEPS, 1))
    answers = Answers(("number 0", "number 1"), values, "Your readout gives", numbers=True)
    root = show([Panel(quiet(), answers=answers)], select=Selection(step=3))
    lane = root.locator("[data-lane=y]")
    expect(root.locator(".gv-answer")).to_have_text(
        "Your readout gives number 0: 0.563, number 1: −0.250"
    )
    expect(lane.locator(".gv-lane-value")).to_have_text("number 0: 0.563 number 1: −0.250")
    expect(lane.locator(".gv-row-names")).to_have_text("number 0number 1")
    assert [float(one) for one in root.get_attribute("data-answer").split(",")] == pytest.approx(
        [0.5625, -0.25], abs=1e-4
    )


def spoken(value: float) -> str:
    return f"{value:.3f}".replace("-", "−")


@pytest.mark.parametrize(("count", "width"), [(6, 1280), (6, 390), (100, 1280), (100, 390)])
def test_many_numbers_are_counted_and_the_largest_changes_named(
    page: Page, show: Show, count: int, width: int
) -> None:
    """The oracle is torch: the readout of the run with f = 0 at step 3, and of that without."""
    page.set_viewport_size({"width": width, "height": 800})
    module, random = torch.nn.LSTM(2, 5), torch.Generator().manual_seed(1)
    with torch.no_grad():
        for each in module.parameters():
            each.normal_(0, 0.8, generator=random)
    x, weight = torch.randn(STEPS, 2, generator=random), torch.randn(count, 5, generator=random)
    plain, edited = record(module, x), record(module, x, edits=[Edit("f", 0, 3)])
    before, after = (run.output @ weight.numpy().T for run in (plain, edited))
    readout = Readout(weight.numpy(), np.zeros(count, np.float32), "number")
    names = tuple(f"number {k}" for k in range(count))
    answers = Answers(names, before, "Your readout gives", readout=readout, numbers=True)
    panel = Panel(plain.trace(), answers=answers, network=plain.traces)
    root = show([panel], select=Selection(step=3, edits="f@3=0"))
    first = [f"number {k}: {spoken(after[3, k])}" for k in range(3)] + [f"and {count - 3} more"]
    largest = np.argsort(-abs(after[3] - before[3]))
    changed = sum(spoken(a) != spoken(b) for a, b in zip(before[3], after[3], strict=True))
    changes = [
        f"in number {k} from {spoken(before[3, k])} to {spoken(after[3, k])}" for k in largest[:3]
    ]
    said, value = root.locator(".gv-answer"), root.locator("[data-lane=y] .gv-lane-value")
    expect(said).to_have_text(
        f"With your changes, at step 3: Your readout gives {', '.join(first)}. The answer at step 3"
        f" changes {', '.join(changes)} and in {changed - 3} more."
    )
    expect(value).to_have_text(" ".join(first))
    assert said.evaluate("one => one.clientHeight") < (130 if width > 1000 else 200)
    assert value.evaluate("one => one.scrollHeight <= one.clientHeight + 1"), "a number is cut"
    check_accessibility(page)


FRAMED = """canvas => { const context = canvas.getContext("2d");
  const [cell, row] = [canvas.width / 30, canvas.height / 3];
  const light = (t, y) => [...context.getImageData((t + 0.5) * cell, y, 1, 1).data]
    .slice(0, 3).reduce((sum, part) => sum + part);
  const darkest = (t, k) => Math.min(...Array.from({ length: Math.floor(row) - 1 },
    (_, y) => light(t, Math.ceil(k * row) + y)));
  return [0, 1, 2].map((t) => [0, 1, 2].filter((k) => darkest(t, k) < 0.6 * darkest(0, k))); }"""
INK = """canvas => { const context = canvas.getContext("2d"), cell = canvas.width / 30;
  const at = (t) => context.getImageData(t * cell, 0, cell, canvas.height);
  return [0, 1, 2].map((t) => { const { data } = at(t);
    return data.filter((_, k) => k % 4 === 3 && data[k] > 100).length; }); }"""


def test_the_right_one_is_framed_and_each_step_marked(show: Show) -> None:
    values = np.tile(np.array([[0.5, 0.5, 0.5]], np.float32), (STEPS, 1))
    values[:, 1] += 0.01
    targets = np.array([np.nan, 1.0, 2.0] * 10)
    root = show([Panel(quiet(), answers=Answers(tuple("abc"), values, "", targets))])
    root.locator("[data-action=last]").click()  # the cursor is elsewhere
    found = root.locator("[data-lane=y] .gv-heat").evaluate(FRAMED)
    assert found == [[], [1], [2]]
    nothing, hook, cross = root.locator(".gv-marks").evaluate(INK)
    assert nothing == 0
    assert cross > hook > 0


@pytest.mark.parametrize(("targets", "told"), [([1, 0, 1], "✓"), ([1, 1, 0], "✗")])
def test_a_set_is_right_as_a_whole(show: Show, targets: list[int], told: str) -> None:
    values = np.tile(np.array([[0.9, 0.3, 0.6]], np.float32), (STEPS, 1))
    right = np.tile(np.array([targets], np.float32), (STEPS, 1))
    root = show([Panel(quiet(), answers=Answers(tuple("abc"), values, "", right))])
    value = root.locator("[data-lane=y] .gv-lane-value")
    expect(value).to_have_text(f"{told} “a” “c”" + (", y “a” “b”" if told == "✗" else ""))


def test_a_number_and_what_was_right_are_two_lines(show: Show) -> None:
    values = np.full((STEPS, 1), 0.25, np.float32)
    targets = np.where(np.arange(STEPS) < 10, np.nan, 1.75)
    panel = Panel(quiet(), answers=Answers(("sum",), values, "It says", targets))
    root = show([panel], select=Selection(step=3))
    said, lane = root.locator(".gv-answer"), root.locator("[data-lane=y]")
    expect(said).to_have_text("It says 0.250")
    root.locator("[data-action=last]").click()
    expect(said).to_have_text("It says 0.250. Expected 1.750, error 1.500")
    expect(lane.locator(".gv-lane-value")).to_have_text("ŷ 0.250 y 1.750")
    rows = """(canvas) => { const context = canvas.getContext("2d"), cell = canvas.width / 30;
      const at = (t) => context.getImageData(t * cell, 0, cell * 2, canvas.height);
      const ink = (t) => { const { data } = at(t);
        const width = Math.floor(cell * 2), found = new Set();
        for (let k = 3; k < data.length; k += 4) {
          if (data[k] > 150) found.add(Math.floor((k >> 2) / width / canvas.height * 8)); }
        return [...found].sort(); };
      return [ink(2), ink(20)]; }"""
    before, after = lane.locator(".gv-heat").evaluate(rows)
    assert len(after) > len(before)
    assert min(after) < min(before), "1.75 stands above 0.25"


@pytest.mark.parametrize("forecasts", [False, True])
def test_a_forecast_is_drawn_beside_the_last_value(show: Show, forecasts: bool) -> None:
    """x is 1 at every step, between the forecast and the true next value."""
    values, targets = np.full((STEPS, 1), 0.25, np.float32), np.full(STEPS, 1.75, np.float32)
    answers = Answers(("next value",), values, "It says", targets, forecasts=forecasts)
    trace = quiet()
    read = replace(trace, inputs=np.ones_like(trace.inputs))
    root = show([Panel(read, answers=answers)], select=Selection(step=3))
    lane = root.locator("[data-lane=y]")
    expect(lane.locator(".gv-legend small")).to_have_count(3 if forecasts else 2)
    last = " x 1.000" if forecasts else ""
    expect(lane.locator(".gv-lane-value")).to_have_text(f"ŷ 0.250 y 1.750{last}")
    between = """(canvas) => { const context = canvas.getContext("2d"), { width, height } = canvas;
      const { data } = context.getImageData(0, 0.35 * height, width, 0.3 * height);
      return data.filter((value, k) => k % 4 === 3 && value > 100).length; }"""
    ink = lane.locator(".gv-heat").evaluate(between)
    assert (ink > 50) == forecasts
    said = "A dashed line shows the true next value, a dotted one the last value."
    label = lane.locator(".gv-heat").get_attribute("aria-label") or ""
    assert label.endswith(said) == forecasts


def test_each_row_of_the_answer_carries_the_name_of_its_class(show: Show) -> None:
    values = np.tile(np.array([[0.2, 0.7, 0.1]], np.float32), (STEPS, 1))
    root = show([Panel(quiet(), answers=Answers(("a", " ", "<i>"), values))])
    picture = root.locator("[data-lane=y] .gv-heat").bounding_box()
    names = root.locator(".gv-row-names small")
    assert names.all_text_contents() == ["a", "␣", "<i>"]
    assert picture is not None
    for k in range(3):
        box = names.nth(k).bounding_box()
        assert box is not None
        middle = box["y"] + box["height"] / 2
        assert middle == pytest.approx(picture["y"] + (k + 0.5) * picture["height"] / 3, abs=2.5)
        assert box["width"] > 4
        assert box["x"] + box["width"] <= picture["x"]


def test_a_long_name_of_a_class_is_not_cut_and_a_space_is_written_in_one_way(show: Show) -> None:
    values = np.tile(np.array([[0.6, 0.3, 0.1]], np.float32), (STEPS, 1))
    panel = Panel(quiet(), answers=Answers(("nothing", " ", "B"), values), labels=[" "] * STEPS,
                  text=True)  # fmt: skip
    root = show([panel])
    names = root.locator(".gv-row-names small")
    whole = "names => names.map((name) => name.scrollWidth <= name.clientWidth)"
    assert names.evaluate_all(whole) == [True] * 3
    expect(root.locator(".gv-answer")).to_have_text("“nothing” 60 %, “␣” 30 %, “B” 10 %")
    expect(root.locator("[data-lane=y] .gv-lane-value")).to_have_text("“nothing”")
    expect(root.locator(".gv-readout")).to_contain_text("“␣”")
    expect(root.locator(".gv-strip-text")).to_have_text("␣" * STEPS)
    label = root.locator("[data-lane=y] .gv-lane-label")
    left, name = label.locator("b").bounding_box(), names.first.bounding_box()
    assert left is not None
    assert name is not None
    assert left["x"] + left["width"] < name["x"]
