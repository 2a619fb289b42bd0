"""The edit mode: by keyboard, by pointer and on a phone, with both futures on screen."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from playwright.sync_api import Locator, Page, expect

from gatesviz.player.payload import Answers, Panel, Readout, Selection, Written
from gatesviz.recordings import Recording, record
from gatesviz.recordings.edit_text import edits_from_text
from gatesviz.recordings.edits import Edit
from gatesviz.trained import load_trained
from tests.browser.accessibility import check_accessibility
from tests.browser.player.conftest import Show
from tests.player.making import quiet, traces

TEXT = "Ax..zy..?Dyy.x.....z..?"
STEP = len(TEXT) - 1


def recording(edits: list[Edit]) -> tuple[Recording, Answers]:
    """Record the packaged LSTM, which names the last capital letter at each "?"."""
    model = load_trained("recall-lstm")
    assert model.vocabulary is not None
    x = torch.eye(len(model.vocabulary))[[model.vocabulary.index(letter) for letter in TEXT]]
    found = record(model.module, x, edits=edits)
    weight, bias = (p.detach().numpy() for p in (model.readout.weight, model.readout.bias))
    readout = Readout(weight, bias, "choice")
    values = model.answers(found.output)
    return found, Answers(model.answer_names, values, "The readout answers", readout=readout)


def panel() -> Panel:
    found, answers = recording([])
    return Panel(found.trace(), labels=list(TEXT), text=True, answers=answers, network=found.traces)


def spoken(value: float) -> str:
    return f"{value:.3f}".replace("-", "−")


@pytest.mark.parametrize("name", traces())
def test_the_sentence_says_what_the_cell_computed_and_what_you_set(show: Show, name: str) -> None:
    """A state set at a step: nothing before it changes, so the cell computes what was recorded."""
    trace = traces()[name]
    step, unit, projected = 2, 1, "weight_hr" in trace.weights
    for state in trace.kind.states:
        value = {"h": "0.25", "c": "11"}[state]
        way = ".b" if trace.direction == "backward" else ""
        edit = f"{state}{way}@{step}={value}"
        root = show(trace, select=Selection(step=step, unit=unit, edits=edit))
        said, others = root.locator(".gv-words"), set(trace.kind.states) - {state}
        name = state if trace.cell.startswith("rnn") else f"{state}′"
        computed = f"the cell computes {name} = {spoken(trace.after(state)[step, unit])}."
        expect(said).to_contain_text(f"{computed} You set {name} to {value}.")
        expect(said).not_to_contain_text(re.compile(f"{state} becomes|so {state}′"))
        expect(said).not_to_contain_text("You set the")
        for other in others - ({"h"} if projected else set()):
            expect(said).to_contain_text(f"so {other}′ = ")
        values = root.locator(f"[data-lane={state}] .gv-lane-value")
        expect(values).to_have_text(spoken(float(value)))


def test_a_unit_without_h_has_no_replaced_h(show: Show) -> None:
    """In a projected LSTM, unit 4 has no h: that of another unit isn't said to be replaced."""
    trace = traces()["lstm, projected"]
    root = show(trace, select=Selection(step=2, unit=4, edits="h=0.25"))
    expect(root.locator(".gv-words")).to_contain_text("The projection then makes h′.")
    expect(root.locator(".gv-words")).not_to_contain_text("You set")


def test_a_gate_beyond_1_multiplies(show: Show) -> None:
    root = show(traces()["lstm"], select=Selection(step=2, edits="f@2=7,o@2=-0.5"))
    expect(root.locator(".gv-words")).to_have_text(re.compile(
        r"^f = 7\.000 multiplies c = \S+ by 7\.000\. .* o = −0\.500 multiplies tanh\(c′\) = \S+ by"
        r" −0\.500, so h′ = "
    ))  # fmt: skip


def edits_of(root: Locator) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(root.get_attribute("data-edits") or "")
    return found


def check_values(root: Locator, edits: list[Edit], step: int, unit: int = 0) -> None:
    """Compare the values beside the lanes, and the answer, with a recording with the same edits."""
    found, answers = recording(edits)
    trace = found.trace()
    for letter, array in {**trace.gates, "c": trace.after("c"), "h": trace.after("h")}.items():
        shown = root.locator(f"[data-lane={letter}] .gv-lane-value").inner_text()
        assert float(shown.replace("−", "-")) == pytest.approx(array[step, unit], abs=6e-4), letter
    assert root.get_attribute("data-answer") == answers.names[answers.values[step].argmax()]


def set_value(root: Locator, letter: str, value: str, *, units: str = "all") -> None:
    root.get_by_label("What to set").select_option(letter)
    root.get_by_label("In which units").select_option(units)
    root.get_by_label("Value").fill(value)
    root.get_by_label("Value").press("Enter")


def test_letters_that_the_model_wrote_are_said_to_stay(show: Show) -> None:
    last = panel().trace.steps - 1
    wrote = replace(panel(), written=Written(last, 0.7, np.array([0.5])))
    root = show([wrote], select=Selection(step=last - 1, edits="f@3=0"))
    said = root.locator(".gv-answer")
    expect(said).to_contain_text(". Without your changes, at temperature 0.7 it drew “")
    expect(said).to_contain_text("The letters stay as they are: the model wrote them without your")
    expect(root.locator(".gv-progress")).to_contain_text(
        "the model wrote what is underlined without your edits, 1 of 1 letters"
    )
    root.get_by_role("button", name="Reset").click()
    expect(root.locator(".gv-progress")).to_contain_text("what is underlined, 1 of 1 letters")


def test_a_drawn_letter_has_its_chance_with_and_without_the_temperature(show: Show) -> None:
    last = panel().trace.steps - 1
    answers = recording([])[1]
    wrote = Written(last, 0.7, np.array([0.5]))
    root = show(
        [replace(panel(), labels=[*TEXT[:-1], "D"], written=wrote)], select=Selection(step=last - 1)
    )
    chance = 100 * answers.values[last - 1, answers.names.index("D")]
    said = (
        root.locator(".gv-answer").inner_text().partition("it drew “D”, which had a chance of ")[2]
    )
    assert shares(said) == pytest.approx([50, chance], abs=0.05)
    assert "(temperature 1 gives " in said


def test_one_step_of_f_at_zero_changes_the_answer(page: Page, show: Show) -> None:
    """By keyboard alone: open the mode, choose what to set, type the value, undo and redo."""
    root = show([panel()], select=Selection(step=15))
    before = root.get_attribute("data-answer-before")
    root.get_by_role("button", name="Edit", exact=True).focus()
    page.keyboard.press("Enter")
    set_value(root, "f", "0")
    edit = {"letter": "f", "value": 0, "steps": [15], "units": None}
    assert edits_of(root) == [edit | {"layer": 0, "direction": "forward"}]
    check_values(root, [Edit("f", 0, 15)], 15)
    expect(root.locator(".gv-words")).to_contain_text("You set f. The cell computed 0.9")
    runs = [recording(edits)[1].values.argmax(-1) for edits in ([], [Edit("f", 0, 15)])]
    first = int((runs[0] != runs[1]).argmax())
    names, count = panel().answers.names, int((runs[0] != runs[1]).sum())
    in_all = f" In all, the answer changes at {count} steps." if count > 1 else ""
    expect(root.locator(".gv-answer")).to_have_text(
        re.compile(
            rf"^With your changes, at step \d+: .*The answer at step 15 stays “nothing”.* The"
            rf" answer at step {first} changes from “{names[runs[0][first]]}” \([^)]*%\) to"
            rf" “{names[runs[1][first]]}” \([^)]*%\)\.{in_all}$"
        )
    )
    numbers = root.locator('[data-target="f"] .gv-numbers')
    expect(numbers).to_contain_text("= 0.000, set by your edit (computed: 0.9")
    root.locator("[data-action=last]").click()
    check_values(root, [Edit("f", 0, 15)], STEP)
    said, answer = root.locator(".gv-answer"), root.get_attribute("data-answer")
    assert root.get_attribute("data-answer-before") == "D" != answer
    expect(said).to_contain_text(f"The answer at step {STEP} changes from “D” (")
    expect(said).to_contain_text(f"to “{answer}” (")
    expect(root.locator("[data-lane=difference]")).to_be_visible()
    root.focus()
    page.keyboard.press("Control+z")
    assert edits_of(root) == []
    check_values(root, [], STEP)
    expect(root.locator("[data-lane=difference]")).to_be_hidden()
    assert before == "nothing"
    page.keyboard.press("Control+y")
    assert len(edits_of(root)) == 1
    root.get_by_role("button", name="Reset").click()
    assert edits_of(root) == []
    root.get_by_role("button", name="Undo").click()
    check_values(root, [Edit("f", 0, 15)], STEP)


def test_a_range_all_steps_and_a_unit_that_is_switched_off(show: Show) -> None:
    root = show([panel()], select=Selection(step=15, unit=2))
    root.get_by_role("button", name="Edit", exact=True).click()
    root.get_by_label("At which steps").select_option("range")
    root.get_by_label("From step").fill("9")
    root.get_by_label("To step").fill("11")
    set_value(root, "i", "0,5", units="unit")
    edits = [Edit("i", 0.5, range(9, 12), [2])]
    check_values(root, edits, 15, 2)
    root.get_by_label("At which steps").select_option("all")
    set_value(root, "o", "−0.5")
    edits.append(Edit("o", -0.5))
    check_values(root, edits, 15, 2)
    expect(root.locator(".gv-edit-status")).to_have_text(
        "o = −0.5 is outside the gate’s range 0 to 1. No input could make the cell do this."
    )
    warning = edits[-1].range_warning("lstm")
    expect(root.locator(".gv-edit-status")).to_have_text(warning.replace("'", "’"))
    root.get_by_role("button", name="Switch unit 2 off").click()
    check_values(root, [*edits, Edit("h", 0, None, [2])], 15, 2)
    root.get_by_role("button", name="Switch unit 2 on again").click()
    check_values(root, edits, 15, 2)
    root.get_by_role("button", name="Switch unit 2 off").click()
    edits.append(Edit("h", 0, None, [2]))
    check_values(root, edits, 15, 2)
    expect(root.locator("[data-lane=h] .gv-lane-value")).to_have_text("0.000")
    assert [edit["letter"] for edit in edits_of(root)] == ["i", "o", "h"]


def test_a_single_edit_is_removed_by_pointer_and_by_key(page: Page, show: Show) -> None:
    root = show([panel()], select=Selection(step=15, edits="f@3=0,i@4-6.u1=0.5,c@15=0,o=1"))
    items = root.get_by_role("listitem")
    expect(items).to_have_count(4)
    root.get_by_role("button", name="Remove i = 0.5 at steps 4 to 6, unit 1").click()
    assert [edit["letter"] for edit in edits_of(root)] == ["f", "c", "o"]
    edits = [Edit("f", 0, 3), Edit("c", 0, 15), Edit("o", 1)]
    check_values(root, edits, 15)
    root.get_by_role("button", name="Remove c = 0 at step 15, all units").focus()
    page.keyboard.press("Delete")
    check_values(root, [edits[0], edits[2]], 15)
    focused = root.get_by_role("button", name="Remove o = 1 at all steps, all units")
    expect(focused).to_be_focused()
    page.keyboard.press("Enter")
    check_values(root, edits[:1], 15)
    page.keyboard.press("Backspace")
    check_values(root, [], 15)
    expect(root.get_by_text("No edits yet.")).to_be_visible()
    root.get_by_role("button", name="Undo").click()
    check_values(root, edits[:1], 15)
    expect(items).to_have_text(["f = 0 at step 3, all units×"])


def test_what_cannot_be_set_gets_a_sentence(show: Show) -> None:
    root = show([panel()])
    root.get_by_role("button", name="Edit", exact=True).click()
    status = root.locator(".gv-edit-status")
    for text in ("abc", "NaN", "1e999", "<b>"):
        set_value(root, "f", text)
        expect(status).to_have_text(f"“{text}” isn’t a number. Type one, such as 0 or −0.5.")
    set_value(root, "f", " ")
    expect(status).to_have_text("Type a value, such as 0 or −0.5.")
    root.get_by_label("At which steps").select_option("range")
    root.get_by_label("From step").fill("9")
    root.get_by_label("To step").fill("40")
    set_value(root, "f", "0")
    expect(status).to_have_text(
        f"Expected steps from 0 to {STEP}, the smaller number first. You typed 9 to 40."
    )
    for name in ("From step", "To step"):
        root.get_by_label(name).fill("")
    set_value(root, "f", "0.5")
    expect(status).to_have_text(
        f"Expected steps from 0 to {STEP}, the smaller number first. You typed nothing to nothing."
    )
    assert edits_of(root) == []


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("f@2=x", "The link’s edit “f@2=x” was ignored: expected a letter, steps and a value"),
        ("<img src=x>", "The link’s edit “<img src=x>” was ignored: expected a letter"),
        ("z@2=1", "z = 1 at step 2, all units has no effect. The LSTM has no z."),
        ("f@900=1", "has no effect. Step 900 doesn’t exist: steps are 0 to 22."),
        ("f@2.u77=1", "has no effect. Unit 77 of f doesn’t exist: units are 0 to 5."),
        ("f.l2@2=1", "has no effect. Layer 3, forward, can’t be edited"),
    ],
)
def test_a_broken_link_says_so_and_the_recording_stays(
    show: Show, text: str, sentence: str
) -> None:
    root = show([panel()], select=Selection(step=5, edits=text))
    expect(root.locator(".gv-edit-status")).to_contain_text(sentence)
    check_values(root, [], 5)


def drag(page: Page, held: Locator, across: float, to: float) -> None:
    box = held.bounding_box()
    assert box is not None
    x = box["x"] + across * box["width"]
    page.mouse.move(x, box["y"] + box["height"] / 2)
    page.mouse.down()
    for share in (0.5, to):
        page.mouse.move(x + 40, box["y"] + box["height"] * share)
    page.mouse.up()


def test_a_line_and_a_gate_of_the_diagram_can_be_dragged(page: Page, show: Show) -> None:
    root = show([panel()], select=Selection(step=3, unit=1))
    drag(page, root.locator("[data-lane=f] .gv-line"), 0.5, 1.2)
    assert edits_of(root) == []  # only in edit mode
    root.get_by_role("button", name="Edit", exact=True).click()
    lanes = root.locator(".gv-lanes")
    width, height = lanes.evaluate("lanes => [lanes.offsetWidth, lanes.offsetHeight]")
    drag(page, root.locator("[data-lane=f] .gv-line"), 0.5, 1.2)
    (edit,) = edits_of(root)
    assert (edit["letter"], edit["value"], edit["units"]) == ("f", 0, [1])
    assert edit["steps"] == [int(root.get_attribute("data-step") or "")] == [11]
    check_values(root, [Edit("f", 0, 11, [1])], 11, 1)
    assert lanes.evaluate("lanes => [lanes.offsetWidth, lanes.offsetHeight]") == [width, height]
    expect(root.locator("[data-lane=difference] b")).to_have_text("Δc")  # not Δf
    drag(page, root.locator("[data-gate=o]"), 0.5, 0.02)
    expect(root.locator("[data-lane=difference] b")).to_have_text("Δh")
    assert page.evaluate("getSelection().toString()") == ""
    (_, edit) = edits_of(root)
    assert (edit["letter"], edit["steps"]) == ("o", [11])
    assert edit["value"] > 0.9
    check_values(root, [Edit("f", 0, 11, [1]), Edit("o", edit["value"], 11, [1])], 11, 1)
    root.get_by_role("button", name="Undo").click()
    assert len(edits_of(root)) == 1  # a drag is one edit


def test_a_state_that_the_reader_chose_stays_while_gates_are_edited(page: Page, show: Show) -> None:
    root = show([panel()], select=Selection(step=3, unit=1))
    root.get_by_role("button", name="Edit", exact=True).click()
    shown = root.locator("[data-lane=difference] b")
    root.locator("[data-lane=c] .gv-lane-label").click()
    drag(page, root.locator("[data-gate=o]"), 0.5, 0.02)
    assert [edit["letter"] for edit in edits_of(root)] == ["o"]
    expect(shown).to_have_text("Δc")
    root.locator("[data-lane=f] .gv-lane-label").click()
    drag(page, root.locator("[data-gate=o]"), 0.5, 0.9)
    expect(shown).to_have_text("Δh")  # a gate has no effect on itself
    drag(page, root.locator("[data-lane=c] .gv-line"), 0.5, 0.2)
    expect(shown).to_have_text("Δc")


def test_a_value_dragged_outside_the_chosen_range_is_set_at_its_own_step(
    page: Page, show: Show
) -> None:
    root = show([panel()], select=Selection(step=3, unit=1))
    root.get_by_role("button", name="Edit", exact=True).click()
    root.get_by_label("At which steps").select_option("range")
    root.get_by_label("Step", exact=True).fill("20")
    drag(page, root.locator("[data-gate=i]"), 0.5, 0.98)
    assert [edit["steps"] for edit in edits_of(root)] == [[20]]
    root.get_by_label("Step", exact=True).fill("5")
    drag(page, root.locator("[data-gate=i]"), 0.5, 0.98)
    assert [edit["steps"] for edit in edits_of(root)] == [[20], [3, 4, 5, 6, 7, 8]]


@pytest.mark.parametrize(
    ("name", "edit", "says"),
    [
        ("lstm", "h=5", "h = 5 is outside the range of h, −1 to 1. No input could make the cell"),
        ("lstm", "g=-3", "g = −3 is outside the candidate’s range −1 to 1. No input could make"),
        ("lstm, projected", "h=5", ""),
        ("relu", "h=5", ""),
        ("lstm", "c=5", ""),
    ],
)
def test_values_that_no_input_could_give_are_named(
    show: Show, name: str, edit: str, says: str
) -> None:
    root = show(traces()[name], select=Selection(step=3, edits=edit))
    assert len(edits_of(root)) == 1
    said = root.locator(".gv-edit-status")
    if says:
        expect(said).to_contain_text(says)
    else:
        expect(said).to_have_text("")


MIDDLE = """canvas => { const { width, height } = canvas, context = canvas.getContext("2d");
  const inked = (t) => { const x = Math.floor(((t + 0.5) / 30) * width);
    const { data } = context.getImageData(x, 0, 1, height);
    const rows = [...Array(height).keys()].filter((y) => data[4 * y + 3] > 100);
    return rows.filter((y, k) => k === 0 || y > rows[k - 1] + 1).length; };
  return [2, 20].map(inked); }"""


def test_both_futures_are_drawn(show: Show) -> None:
    """After the edited step, the line of c has a second one and the line of the change is not 0."""
    x = torch.zeros(30, 1)
    module = torch.nn.LSTM(1, 1)
    with torch.no_grad():
        for weight in module.parameters():
            weight.zero_()
        module.bias_ih_l0[:] = torch.tensor([3.0, 3.0, 0.0, 3.0])  # i and f open, g = 0
        found = record(module, x, (torch.zeros(1, 1), torch.full((1, 1), 0.8)))
    root = show(found.trace(), select=Selection(step=20, edits="c@10=-0.8"))
    lane = root.locator("[data-lane=c] .gv-line")
    before, after = lane.evaluate(MIDDLE)
    assert after == before + 1
    states = [found.trace().after("c")[20, 0]]
    with torch.no_grad():
        edited = record(module, x, (torch.zeros(1, 1), torch.full((1, 1), 0.8)),
                        edits=[Edit("c", -0.8, 10)])  # fmt: skip
    change = edited.trace().after("c")[20, 0] - states[0]
    shown = root.locator("[data-lane=difference] .gv-lane-value").inner_text()
    assert float(shown.replace("−", "-")) == pytest.approx(change, rel=0.01)
    root.locator("[data-lane=h] .gv-lane-label").click()
    expect(root.locator("[data-lane=difference] b")).to_have_text("Δh")


def test_an_edit_acts_on_every_panel_that_has_its_letter(show: Show) -> None:
    shown = [Panel(traces()[name]) for name in ("rnn", "lstm", "gru")]
    root = show(shown, select=Selection(step=4, edits="h@4=0.25,f@4=0.5"))
    values = root.locator("[data-lane=h] .gv-lane-value").all_inner_texts()
    assert values == ["0.250"] * 3
    expect(root.locator("[data-lane=f] .gv-lane-value")).to_have_text("0.500")
    title = shown[1].trace.kind.name
    expect(root.get_by_role("listitem")).to_have_text(
        [
            "h = 0.25 at step 4, all units, in all 3 cells×",
            f"f = 0.5 at step 4, all units, only in {title}×",
        ]
    )
    root.locator("[data-cell=lstm] [data-lane=g] .gv-lane-label").click()
    expect(root.locator(".gv-where")).to_have_text(f"only in {title}")
    root.get_by_label("What to set").select_option("x")
    expect(root.locator(".gv-where")).to_have_text("in all 3 cells")
    check_accessibility(root.page)


def test_a_link_keeps_its_good_edits_and_names_the_broken_one(show: Show) -> None:
    root = show([panel()], select=Selection(step=15, edits="f@15=0,i@x=1"))
    said = root.locator(".gv-edit-status")
    expect(said).to_contain_text("The link’s edit “i@x=1” was ignored: expected a letter")
    check_values(root, [Edit("f", 0, 15)], 15)


def test_a_page_keeps_its_edits_in_its_address(page: Page, show: Show) -> None:
    root = show([panel()], select=Selection(step=15))
    root.get_by_role("button", name="Edit", exact=True).click()
    set_value(root, "f", "0")
    page.wait_for_url("**#edits=f@15=0")
    change = root.locator("[data-lane=difference]")
    said = change.inner_text(), change.get_by_role("img").get_attribute("aria-label")
    page.reload()
    assert [edit["letter"] for edit in edits_of(root)] == ["f"]
    check_values(root, [Edit("f", 0, 15)], 15)
    root.get_by_label("Step", exact=True).fill("15")
    assert (change.inner_text(), change.get_by_role("img").get_attribute("aria-label")) == said
    root.get_by_role("button", name="Reset").click()
    page.wait_for_url("**/player.html#")


def test_an_edited_recording_opens_with_both_futures(show: Show) -> None:
    found, answers = recording([Edit("f", 0.0, 15)])
    edits = [edit.to_dict(1) for edit in found.edits]
    shown = Panel(found.trace(), answers=answers, network=found.traces, edits=edits)
    root = show([shown], select=Selection(step=STEP))
    assert float(root.get_attribute("data-engine") or "nan") < 2e-6
    assert [edit["letter"] for edit in edits_of(root)] == ["f"]
    assert root.get_attribute("data-answer-before") == "D" != root.get_attribute("data-answer")
    root.get_by_role("button", name="Undo").click()
    check_values(root, [], STEP)
    root.get_by_role("button", name="Redo").click()
    root.get_by_role("button", name="Reset").click()
    check_values(root, [], STEP)


def shares(text: str) -> list[float]:
    return [float(share) for share in re.findall(r"([\d.]+)\s%", text)]


@pytest.mark.parametrize(
    ("edit", "asked", "largest"),
    [
        ("h@16=0.3", False, 16),
        ("h@16=0.3", True, STEP),  # where an answer is expected
        ("o@5=1", True, 5),  # nothing changes where an answer is expected
    ],
)
def test_a_loss_of_confidence_is_told_where_no_answer_changes(
    show: Show, edit: str, asked: bool, largest: int
) -> None:
    """The largest change of an answer's probability, against PyTorch's."""
    found, answers = recording([])
    before, after = answers.values, recording([*edits_from_text(edit)])[1].values
    chosen = before.argmax(-1)
    assert (chosen == after.argmax(-1)).all()
    was, now = (float(100 * one[largest, chosen[largest]]) for one in (before, after))
    assert was - now > 3
    right = np.where([letter == "?" for letter in TEXT], chosen, np.nan).astype(np.float32)
    shown = replace(answers, targets=right if asked else None)
    panels = [Panel(found.trace(), answers=shown, network=found.traces)]
    root = show(panels, select=Selection(step=2, edits=edit))
    said = root.locator(".gv-answer")
    name = answers.names[chosen[largest]]
    none = "None of these answers changes." if asked else "No answer changes."
    expect(said).to_contain_text(f"{none} At step {largest}, “{name}” falls from ")
    told = re.findall(r"([\d.]+)\s%", said.inner_text().partition("falls from")[2])
    assert [float(share) for share in told] == pytest.approx([was, now], abs=0.5)
    root.get_by_label("Step", exact=True).fill(str(largest))  # which has a sentence of its own
    last = (
        r"now\. No answer changes\.$"
        if largest == STEP or not asked
        else r" At step \d+, where none is expected, “\w+” falls from \S+\s% to \S+\s%\.$"
    )
    expect(said).to_contain_text(re.compile(last))


def asked_at(steps: list[int], edits: list[Edit]) -> tuple[Panel, Any, Any]:
    """Return a panel that expects the right letter at some steps, and PyTorch's answers."""
    found, answers = recording([])
    targets = np.full(len(TEXT), np.nan, np.float32)
    targets[steps] = answers.values.argmax(-1)[steps]
    shown = Panel(found.trace(), answers=replace(answers, targets=targets), network=found.traces)
    return shown, answers.values, recording(edits)[1].values


def test_the_answer_that_is_expected_comes_first(show: Show) -> None:
    """One is expected at the end: whatever the chosen step, the sentence says what became of it."""
    edits = [Edit("f", 0, 15)]
    shown, before, after = asked_at([STEP], edits)
    was, now = (shown.answers.names[one[STEP].argmax()] for one in (before, after))
    root = show([shown], select=Selection(step=3, edits="f@15=0"))
    said = root.locator(".gv-answer")
    expect(said).to_contain_text(re.compile(
        rf"\. The only expected answer, at step {STEP}, changes from “{was}”"
        rf" \([^)]*\) to “{now}” \([^)]*\): it is now wrong\.$"
    ))  # fmt: skip
    told = said.inner_text().partition("changes from")[2]
    expected = [100 * before[STEP].max(), 100 * after[STEP].max()]
    assert shares(told) == pytest.approx(expected, abs=0.5)
    root = show([shown], select=Selection(step=3, edits="f@15=0.9,h@3.u1=0.9"))
    text = said.inner_text().partition(f"The only expected answer, at step {STEP}, stays “D”")[2]
    assert "At step 3, where none is expected, “" in text
    assert said.inner_text().startswith("The only expected answer")  # which has all shares


def test_of_several_answers_that_are_expected_the_changed_ones_are_counted(show: Show) -> None:
    edits = [Edit("f", 0, 15), Edit("c", -1, 3)]
    shown, before, after = asked_at([8, 12, STEP], edits)
    changed = [t for t in (8, 12, STEP) if before[t].argmax() != after[t].argmax()]
    assert changed == [8, STEP]
    root = show([shown], select=Selection(step=5, edits="f@15=0,c@3=-1"))
    said = root.locator(".gv-answer")
    names = shown.answers.names
    was, now = (names[one[changed[0]].argmax()] for one in (before, after))
    expect(said).to_contain_text(
        f"An answer is expected at 3 steps. 2 of these answers change, first at step {changed[0]}:"
        f" from “{was}” ("
    )
    expect(said).to_contain_text(f" to “{now}” (")
    root.get_by_label("Step", exact=True).fill(str(STEP))
    expect(said).to_contain_text(f"The answer at step {STEP} changes from “D” (")
    expect(said).to_contain_text("In all, 2 of the 3 expected answers change.")


def test_a_single_input_is_set_and_dragged(page: Page, show: Show) -> None:
    trace = traces()["rnn"]
    root = show(trace, select=Selection(step=4, unit=2))
    root.get_by_role("button", name="Edit", exact=True).click()
    set_value(root, "x", "1.5", units="unit")
    edit = {"letter": "x", "value": 1.5, "steps": [4], "units": None}
    assert edits_of(root) == [edit | {"layer": 0, "direction": "forward"}]
    expect(root.locator("[data-lane=x] .gv-lane-value")).to_have_text("1.500")
    expect(root.locator(".gv-words")).to_contain_text("You set the input here.")
    drag(page, root.locator("[data-lane=x] .gv-heat"), 0.5, 0.02)
    (_, edit) = edits_of(root)
    assert (edit["steps"], edit["units"]) == ([6], None)
    assert edit["value"] == pytest.approx(abs(trace.inputs).max(), rel=0.1)


def test_panels_with_different_edits_keep_their_own(show: Show) -> None:
    found, answers = recording([Edit("f", 0.0, 15)])
    edits = [edit.to_dict(1) for edit in found.edits]
    edited = Panel(found.trace(), answers=answers, network=found.traces, edits=edits)
    plain = recording([])[0]
    root = show([Panel(plain.trace(), network=plain.traces), edited], select=Selection(step=16))
    shown = [
        float(text.replace("−", "-"))
        for text in root.locator("[data-lane=c] .gv-lane-value").all_inner_texts()
    ]
    expected = [one.trace().after("c")[16, 0] for one in (plain, found)]
    assert shown == pytest.approx(expected, abs=6e-4)
    assert abs(expected[0] - expected[1]) > 0.1
    assert edits_of(root) == []
    expect(root.locator("[data-lane=difference]")).to_have_count(1)


def test_what_cannot_be_computed_cannot_be_edited(show: Show) -> None:
    root = show(quiet(), select=Selection(edits="f@2=0"))
    expect(root.get_by_role("button", name="Edit", exact=True)).to_be_hidden()
    assert root.get_attribute("data-engine") is None
    expect(root.locator(".gv-engine")).to_contain_text("can’t be edited here")


def touches(page: Page) -> Callable[..., None]:
    """Return a function that sends a kind of touch and its place, if it has one, to the page."""
    session = page.context.new_cdp_session(page)

    def send(kind: str, *points: dict[str, float]) -> None:
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": list(points)})

    return send


def test_on_a_phone_a_thumb_drags_a_gate_to_0(new_page: Callable[..., Page], show_on: Show) -> None:
    page = new_page(viewport={"width": 390, "height": 844}, has_touch=True)
    root = show_on(page, [panel()], select=Selection(step=3, unit=1))
    root.get_by_role("button", name="Edit", exact=True).tap()
    gate = root.locator("[data-gate=f]")
    gate.scroll_into_view_if_needed()
    box = gate.locator("rect").first.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + 2
    stood, send = page.evaluate("scrollY"), touches(page)
    send("touchStart", {"x": x, "y": y})
    for down in range(5, 120, 5):
        send("touchMove", {"x": x, "y": y + down})
    send("touchEnd")
    (edit,) = edits_of(root)
    assert (edit["letter"], edit["value"], edit["steps"], edit["units"]) == ("f", 0, [3], [1])
    assert page.evaluate("scrollY") == stood


def test_on_a_phone_a_thumb_drags_a_line(new_page: Callable[..., Page], show_on: Show) -> None:
    page = new_page(viewport={"width": 390, "height": 844}, has_touch=True)
    root = show_on(page, [panel()], select=Selection(step=3, unit=1))
    root.get_by_role("button", name="Edit", exact=True).tap()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    line = root.locator("[data-lane=c] .gv-line")
    line.scroll_into_view_if_needed()
    box = line.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    send = touches(page)
    send("touchStart", {"x": x, "y": y})
    for up in (5, 10, 40):
        send("touchMove", {"x": x, "y": y - up})
    send("touchEnd")
    (edit,) = edits_of(root)
    assert (edit["letter"], edit["steps"], edit["units"]) == ("c", [11], [1])
    assert edit["value"] > 0.5
    check_accessibility(page)
    remove = root.get_by_role("button", name="Remove c =")
    size = remove.bounding_box()
    assert size is not None
    assert min(size["width"], size["height"]) >= 40
    remove.tap()
    assert edits_of(root) == []
