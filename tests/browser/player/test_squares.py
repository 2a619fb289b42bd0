"""A square under the pointer or the finger tells its value; a gate opens the sum behind it."""

import re
from collections.abc import Callable

import numpy as np
import pytest
import torch
from playwright.sync_api import Locator, Page, expect

from gatesviz.player.payload import Answers, Panel, Selection, Written
from gatesviz.traces import Trace
from tests.browser.player.conftest import Show
from tests.browser.player.test_editing import touches
from tests.player.making import traces

TRACE = traces()["lstm"]
TEXT = "".join("abcdefgh"[t % 8] for t in range(TRACE.steps))


def place(root: Locator, lane: str, part: str, x: float, y: float) -> tuple[float, float]:
    """Return the position on the page of a place in a lane; x and y are shares."""
    target = root.locator(f"[data-lane={lane}] {part}").first
    target.scroll_into_view_if_needed()
    box = target.bounding_box()
    assert box is not None
    return box["x"] + x * box["width"], box["y"] + y * box["height"]


def number(text: str) -> float:
    return float(text.rsplit(": ", 1)[1].replace("−", "-"))


@pytest.mark.parametrize(("lane", "step", "unit"), [("f", 3, 0), ("g", 0, 2), ("c", 5, 1)])
def test_the_square_under_the_pointer_tells_its_value(
    page: Page, show: Show, lane: str, step: int, unit: int
) -> None:
    root = show(TRACE)
    steps, units = TRACE.steps, TRACE.hidden_size
    page.mouse.move(*place(root, lane, ".gv-heat", (step + 0.5) / steps, (unit + 0.5) / units))
    told = root.locator(".gv-square")
    expect(told).to_contain_text(f"{lane} of unit {unit}, step {step}: ")
    row = step + (lane == "c")  # row 0 of a state comes before the first step
    array = TRACE.gates.get(lane, TRACE.states.get(lane))
    assert array is not None
    assert number(told.inner_text()) == pytest.approx(array[row, unit], abs=6e-4)
    assert root.get_attribute("data-step") == "0", "hovering chose a step"
    page.mouse.move(*place(root, lane, ".gv-heat", -0.15, 0.5))
    expect(told).to_be_hidden()


def test_rows_keep_their_units_in_another_order_and_a_line_has_the_chosen_one(
    page: Page, show: Show
) -> None:
    root = show(TRACE, select=Selection(unit=2, order="mean"))
    units = TRACE.hidden_size
    lowest = int(TRACE.gates["f"].mean(axis=0).argsort(kind="stable")[-1])
    root.get_by_role("button", name=re.compile("^forget gate")).first.click()
    page.mouse.move(*place(root, "f", ".gv-heat", 0.01, 0.5 / units))
    expect(root.locator(".gv-square")).to_contain_text(f"f of unit {lowest}, step 0: ")
    page.mouse.move(*place(root, "f", ".gv-line", 0.01, 0.5))
    expect(root.locator(".gv-square")).to_contain_text("f of unit 2, step 0: ")


def test_an_answers_row_and_an_inputs_row_have_names(page: Page, show: Show) -> None:
    shares = np.random.default_rng(0).dirichlet(np.ones(3), TRACE.steps)
    features = [f"column {k}" for k in range(TRACE.inputs.shape[-1])]
    root = show(TRACE, answers=Answers(("one", "two", "three"), shares), features=features)
    page.mouse.move(*place(root, "y", ".gv-heat", 0.01, 0.5))
    expect(root.locator(".gv-square")).to_contain_text("answer “two”, step 0: ")
    assert number(root.locator(".gv-square").inner_text()) == pytest.approx(shares[0, 1], abs=6e-4)
    if len(features) > 1:
        page.mouse.move(*place(root, "x", ".gv-heat", 0.01, 0.5 / len(features)))
        expect(root.locator(".gv-square")).to_contain_text("x [column 0], step 0: ")


def test_rows_without_units_are_reached_by_keyboard(page: Page, show: Show) -> None:
    shares = np.random.default_rng(0).dirichlet(np.ones(3), TRACE.steps)
    root = show(TRACE, answers=Answers(("one", "two", "three"), shares))
    rows = root.get_by_role("slider", name="Row of the answer")
    expect(rows).to_have_attribute("aria-valuetext", re.compile("^answer “one”, step 0: "))
    rows.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")  # still moves the player's step
    expect(root).to_have_attribute("data-step", "1")
    expect(root).to_have_attribute("data-unit", "0")
    told = root.locator(".gv-square")
    expect(told).to_contain_text("answer “two”, step 1: ")
    assert number(told.inner_text()) == pytest.approx(shares[1, 1], abs=6e-4)
    assert rows.get_attribute("aria-valuetext") == told.inner_text()
    for _ in range(4):
        page.keyboard.press("ArrowDown")
    expect(told).to_contain_text("answer “three”, step 1: ")
    expect(rows).to_have_attribute("aria-valuenow", "2")
    page.keyboard.press("Tab")
    expect(told).to_be_hidden()


def test_a_tap_tells_the_value_and_chooses_step_and_unit(
    new_page: Callable[..., Page], show_on: Show
) -> None:
    page = new_page(viewport={"width": 390, "height": 844}, has_touch=True)
    root = show_on(page, TRACE)
    steps, units = TRACE.steps, TRACE.hidden_size
    page.touchscreen.tap(*place(root, "f", ".gv-heat", 4.5 / steps, 1.5 / units))
    told = root.locator(".gv-square")
    expect(told).to_contain_text("f of unit 1, step 4: ")
    assert number(told.inner_text()) == pytest.approx(TRACE.gates["f"][4, 1], abs=6e-4)
    expect(root).to_have_attribute("data-step", "4")
    expect(root).to_have_attribute("data-unit", "1")
    box = told.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    root.evaluate("""root => { root.style.minHeight = `${root.offsetHeight + 40}px`;
      return new Promise((done) => requestAnimationFrame(() => setTimeout(done, 100))); }""")
    assert told.is_visible(), "longer sentences below the lanes hid the value"


@pytest.mark.parametrize("editing", [False, True])
def test_a_finger_that_scrolls_the_page_chooses_nothing(
    new_page: Callable[..., Page], show_on: Show, editing: bool
) -> None:
    """It begins on the squares. A finger that moves sideways does choose steps."""
    page = new_page(viewport={"width": 390, "height": 844}, has_touch=True)
    root = show_on(page, TRACE, select=Selection(step=2, unit=3))
    if editing:
        root.get_by_role("button", name="Edit", exact=True).tap()
    steps, send = TRACE.steps, touches(page)
    x, y = place(root, "f", ".gv-heat", 8.5 / steps, 0.1)
    stood = page.evaluate("scrollY")
    send("touchStart", {"x": x, "y": y})
    for by in range(3, 120, 3):
        send("touchMove", {"x": x - by / 20, "y": y - by})
    send("touchEnd")
    page.wait_for_function(f"scrollY !== {stood}")
    chosen = [root.get_attribute(f"data-{name}") for name in ("step", "unit", "edits")]
    assert chosen == ["2", "3", "[]"]
    assert root.locator(".gv-square").is_hidden()
    x, y = place(root, "i", ".gv-heat", 4.5 / steps, 0.5)
    across, _ = place(root, "i", ".gv-heat", 9.5 / steps, 0.5)
    send("touchStart", {"x": x, "y": y})
    for by in range(1, 11):
        send("touchMove", {"x": x + (across - x) * by / 10, "y": y})
    send("touchEnd")
    expect(root).to_have_attribute("data-step", "9")
    assert root.get_attribute("data-unit") == "3"


def test_the_value_follows_an_edit(page: Page, show: Show) -> None:
    root = show(TRACE, select=Selection(step=4, unit=1, edits="f@4=0.25"))
    steps, units = TRACE.steps, TRACE.hidden_size
    page.mouse.move(*place(root, "f", ".gv-heat", 4.5 / steps, 1.5 / units))
    told = root.locator(".gv-square")
    expect(told).to_have_text("f of unit 1, step 4: 0.250")
    root.focus()
    page.keyboard.press("Control+z")
    assert number(told.inner_text()) == pytest.approx(TRACE.gates["f"][4, 1], abs=6e-4)
    assert told.is_visible()
    page.keyboard.press("Control+y")
    expect(told).to_have_text("f of unit 1, step 4: 0.250")
    page.mouse.move(*place(root, "difference", ".gv-heat", 4.5 / steps, 1.5 / units))
    expect(told).to_contain_text("Δ")
    page.keyboard.press("Control+z")
    expect(told).to_be_hidden()


@pytest.mark.parametrize("name", ["lstm", "gru"])
def test_a_gate_opens_the_sum_behind_it_by_mouse_and_by_keyboard(
    page: Page, show: Show, name: str
) -> None:
    trace: Trace = traces()[name]
    root = show(trace, select=Selection(step=2))
    for gate in trace.kind.gates:
        button = root.locator(f"[data-gate={gate.letter}]")
        terms = root.locator(f'.gv-equation[data-target="{gate.letter}"] > div').last
        expect(button).to_have_attribute("aria-expanded", "false")
        expect(terms).to_be_hidden()
        button.click()
        expect(button).to_have_attribute("aria-expanded", "true")
        expect(terms).to_be_visible()
        expect(terms).to_contain_text("(bias)")
        button.focus()
        page.keyboard.press("Enter")
        expect(terms).to_be_hidden()
        page.keyboard.press("Space")
        expect(terms).to_be_visible()
        assert root.get_attribute("data-playing") == "false", "Space also played"
    page.keyboard.press("ArrowRight")  # the arrows still move
    expect(root).to_have_attribute("data-step", "3")


def one_hot(text: str) -> Trace:
    from gatesviz.recordings import record

    module = torch.nn.LSTM(8, 4)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(torch.linspace(-1, 1, parameter.numel()).reshape(parameter.shape))
    return record(module, torch.eye(8)[["abcdefgh".index(c) for c in text]]).trace()


def written_panel() -> Panel:
    shares = np.full((12, 8), 1 / 8)
    chances = np.linspace(0.1, 0.6, 6)
    return Panel(
        one_hot("abcdefghabcd"),
        labels=list("abcdefghabcd"),
        text=True,
        answers=Answers(tuple("abcdefgh"), shares, "It answers"),
        written=Written(6, 0.7, chances),
    )


def test_letters_of_the_model_appear_one_by_one_and_stop(page: Page, show: Show) -> None:
    root = show([written_panel()], select=Selection(step=5, until=6, speed=1))
    letters = root.locator(".gv-strip-text span:visible")
    button = root.locator(".gv-writing")
    expect(letters).to_have_count(6)
    expect(button).to_have_text("Write on")
    page.mouse.move(*place(root, "f", ".gv-heat", 11.5 / 12, 0.5))
    expect(root.locator(".gv-square")).to_be_hidden()  # not written yet
    button.click()
    expect(button).to_have_text("Stop writing")
    expect(letters).to_have_count(8)
    button.click()
    expect(root).to_have_attribute("data-playing", "false")
    shown = letters.count()
    step = int(root.get_attribute("data-step") or "")
    assert shown == step + 1 < 12
    marked = root.locator(".gv-strip-text .gv-written:visible")
    assert marked.count() == shown - 6
    own = "abcdefghabcd"[6:shown]
    expect(root.locator(".gv-strip-text")).to_have_attribute(
        "aria-label", re.compile(f": abcdef. The model wrote: {own}$")
    )
    expect(root.locator(".gv-answer")).to_contain_text(
        f"At temperature 0.7 it drew “{'abcdefghabcd'[step + 1]}”, which had a chance of"
    )
    root.locator("[data-action=last]").click()
    expect(letters).to_have_count(12)
    expect(button).to_be_hidden()
    expect(root.locator(".gv-cover")).to_be_hidden()


def test_a_player_of_a_written_text_opens_with_all_of_it(show: Show) -> None:
    root = show([written_panel()])
    expect(root.locator(".gv-strip-text span:visible")).to_have_count(12)
    expect(root.locator(".gv-strip-text .gv-written")).to_have_count(6)
    expect(root.locator(".gv-writing")).to_be_hidden()
    expect(root.locator(".gv-progress")).to_contain_text("6 of 6 letters")
