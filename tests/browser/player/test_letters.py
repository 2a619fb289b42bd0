"""A letter of the input is replaced: in the network, in the text, in the link and in the words."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from playwright.sync_api import Locator, Page, expect
from torch import nn

from gatesviz.player.payload import Panel, Selection
from gatesviz.recordings import Recording, record
from gatesviz.recordings.edit_text import edits_from_text
from gatesviz.recordings.edits import Edit
from gatesviz.trained import load_trained
from tests.browser.accessibility import check_accessibility
from tests.browser.player.conftest import Show
from tests.browser.player.test_editing import TEXT, edits_of, panel, recording, set_value

VOCABULARY = load_trained("recall-lstm").vocabulary or ()


def lettered() -> Panel:
    return replace(panel(), features=VOCABULARY)


def reading(text: str) -> Recording:
    """Record the packaged LSTM on another text, without any edit."""
    x = torch.eye(len(VOCABULARY))[[VOCABULARY.index(letter) for letter in text]]
    return record(load_trained("recall-lstm").module, x)


def check_reading(root: Locator, found: Recording, step: int, unit: int = 0) -> None:
    """Compare the lanes with those of a recording."""
    trace = found.trace()
    for letter, array in {**trace.gates, "c": trace.after("c"), "h": trace.after("h")}.items():
        shown = root.locator(f"[data-lane={letter}] .gv-lane-value").inner_text()
        assert float(shown.replace("−", "-")) == pytest.approx(array[step, unit], abs=6e-4), letter


def choose_letter(root: Locator, letter: str, step: int) -> None:
    root.get_by_label("Step", exact=True).fill(str(step))
    root.get_by_label("What to set").select_option("x")
    root.get_by_label("Letter", exact=True).select_option(letter)
    root.get_by_role("button", name="Set", exact=True).click()


def offered(root: Locator) -> list[str]:
    letters: list[str] = root.get_by_label("Letter", exact=True).locator("option").all_inner_texts()
    return letters


def test_a_letter_is_replaced_and_shown_everywhere(page: Page, show: Show) -> None:
    """The run is that of a text with another letter; the link has two ordinary edits."""
    root = show([lettered()], select=Selection(step=15))
    root.get_by_role("button", name="Edit", exact=True).click()
    expect(root.locator("p.gv-hint")).to_contain_text(
        "To replace a letter of the text, choose x in the first list."
    )
    choose_letter(root, "B", 11)
    assert TEXT[11] == "y"
    assert offered(root) == list(VOCABULARY)
    other = reading(TEXT[:11] + "B" + TEXT[12:])
    check_reading(root, other, 11)
    expect(root.locator(".gv-words")).to_contain_text("You replaced the letter “y” by “B” here.")
    expect(root.locator("[data-lane=x] .gv-lane-value")).to_have_text("“B”")
    expect(root.locator("[data-label=x]")).to_have_text("x “y” → “B”")
    expect(root.locator(".gv-readout")).to_have_text("step 11 (0–22) “y” → “B”")
    strip = root.locator(".gv-strip-text")
    expect(strip.locator("del")).to_have_text("y")
    expect(strip.locator("ins")).to_have_text("B")
    label = strip.get_attribute("aria-label") or ""
    assert TEXT[:11] + "B" + TEXT[12:] + ". At step 11: “B” instead of “y”" in label
    expect(root.get_by_role("listitem")).to_have_text(["letter “B” at step 11×"])
    page.wait_for_url("**#edits=x@11=0,x@11.u1=1")
    check_accessibility(page)
    root.get_by_label("Step", exact=True).fill("22")
    check_reading(root, other, 22)
    assert root.get_attribute("data-answer") == name_of(other, 22)
    page.reload()
    expect(root.get_by_role("listitem")).to_have_text(["letter “B” at step 11×"])
    expect(strip.locator("ins")).to_have_text("B")
    root.get_by_role("button", name="Remove letter “B” at step 11").click()
    assert edits_of(root) == []
    expect(strip.locator("del, ins")).to_have_count(0)
    expect(strip).to_have_text(TEXT)
    root.get_by_role("button", name="Undo").click()
    expect(strip.locator("ins")).to_have_text("B")


def name_of(found: Recording, step: int) -> str:
    model = load_trained("recall-lstm")
    name: str = model.answer_names[model.answers(found.output)[step].argmax()]
    return name


def test_an_expected_answer_is_that_of_the_text_without_edits(show: Show) -> None:
    """D is replaced by A, so the answer is A; the player doesn't call it wrong."""
    assert TEXT[9] == "D"
    shown = lettered()
    assert shown.answers is not None
    names = shown.answers.names
    targets = np.full(len(TEXT), np.nan, np.float32)
    targets[22] = names.index("D")
    one = replace(shown, answers=replace(shown.answers, targets=targets))
    root = show([one], select=Selection(step=4, edits="x@9=0,x@9.u0=1"))
    said = root.locator(".gv-answer")
    expect(said).to_contain_text("The only expected answer, at step 22, changes from “D” (")
    expect(said).to_contain_text("): the expected one is that of the text without your edits.")
    root.get_by_label("Step", exact=True).fill("22")
    assert root.get_attribute("data-answer") == "A"
    expect(said).to_contain_text("Expected without your edits: “D”")
    expect(said).not_to_contain_text("wrong")


def test_another_letter_takes_the_place_of_the_first_one(show: Show) -> None:
    """One undo takes back one letter. Python reads the same run from the link."""
    root = show([lettered()], select=Selection(step=11))
    root.get_by_role("button", name="Edit", exact=True).click()
    for letter in "BC":
        choose_letter(root, letter, 11)
    expect(root.get_by_role("listitem")).to_have_text(["letter “C” at step 11×"])
    root.get_by_role("button", name="Undo").click()
    check_reading(root, reading(TEXT[:11] + "B" + TEXT[12:]), 11)
    root.get_by_role("button", name="Redo").click()
    root.get_by_label("At which steps").select_option("range")
    for name, step in (("From step", "10"), ("To step", "13")):
        root.get_by_label(name).fill(step)
    choose_letter(root, "A", 11)
    expect(root.get_by_role("listitem")).to_have_text(["letter “A” at steps 10 to 13×"])
    other = reading(TEXT[:10] + "AAAA" + TEXT[14:])
    check_reading(root, other, 11)
    edits = [Edit("x", 0.0, range(10, 14), None, 0), Edit("x", 1.0, range(10, 14), [0], 0)]
    root.page.wait_for_url("**#edits=x@10-13=0,x@10-13.u0=1")
    assert list(edits_from_text("x@10-13=0,x@10-13.u0=1")) == edits
    assert np.allclose(recording(edits)[0].output, other.output, atol=1e-6)


def test_a_letter_is_typed_where_a_number_is_expected(show: Show) -> None:
    root = show([lettered()], select=Selection(step=11, unit=1))
    root.get_by_role("button", name="Edit", exact=True).click()
    set_value(root, "x", "D", units="all")
    expect(root.get_by_role("listitem")).to_have_text(["letter “D” at step 11×"])
    set_value(root, "x", "Q", units="unit")
    expect(root.locator(".gv-edit-status")).to_have_text(
        "“Q” is neither a number nor a letter that can be set here. Letters:"
        f" {', '.join(f'“{letter}”' for letter in VOCABULARY)}."
    )
    expect(root.get_by_label("In which units").locator("option:checked")).to_have_text(
        "in unit 1 (“B”)"
    )
    set_value(root, "x", "0.5", units="unit")
    expect(root.get_by_role("listitem")).to_have_text(
        ["letter “D” at step 11×", "x = 0.5 at step 11, unit 1 (“B”)×"]
    )
    expect(root.locator(".gv-words")).to_contain_text(
        "You set the input here. It was “y” and now stands for no letter."
    )
    expect(root.locator(".gv-strip-text del")).to_have_text("y")
    expect(root.locator(".gv-strip-text ins")).to_have_count(0)
    root.get_by_label("What to set").select_option("f")
    assert root.get_by_label("In which units").input_value() == "unit"
    set_value(root, "f", "D")
    expect(root.locator(".gv-edit-status")).to_have_text(
        "“D” isn’t a number. Type one, such as 0 or −0.5."
    )


def embedded(bidirectional: bool = False, layers: int = 1) -> tuple[Any, Any, str]:
    torch.manual_seed(3)
    text = "abcabcadba"
    module = nn.LSTM(3, 4, num_layers=layers, bidirectional=bidirectional)
    return module, nn.Embedding(4, 3), text


def embedded_panel(module: Any, embedding: Any, text: str, **place: Any) -> tuple[Panel, Recording]:
    with torch.no_grad():
        found = record(module, embedding(torch.tensor([ord(letter) - 97 for letter in text])))
    shown = Panel(found.trace(**place), labels=list(text), text=True, network=found.traces)
    return shown, found


@pytest.mark.parametrize("bidirectional", [False, True])
def test_a_letter_of_an_embedding_is_replaced(show: Show, bidirectional: bool) -> None:
    """Its numbers come from the text. Both directions read the other letter."""
    module, embedding, text = embedded(bidirectional)
    shown, _ = embedded_panel(module, embedding, text)
    root = show([shown], select=Selection(step=3))
    root.get_by_role("button", name="Edit", exact=True).click()
    choose_letter(root, "d", 3)
    assert offered(root) == list("abcd")
    _, other = embedded_panel(module, embedding, text[:3] + "d" + text[4:])
    for step in (3, 9):
        root.get_by_label("Step", exact=True).fill(str(step))
        check_reading(root, other, step)
    expect(root.locator(".gv-strip-text ins")).to_have_text("d")
    rows = ["letter “d” at step 3, layer 1×", "letter “d” at step 3, layer 1, backward×"]
    expect(root.get_by_role("listitem")).to_have_text(
        rows if bidirectional else ["letter “d” at step 3×"]
    )
    root.get_by_role("button", name="Undo").click()
    assert edits_of(root) == []


def test_a_layer_above_reads_no_letters(show: Show) -> None:
    module, embedding, text = embedded(layers=2)
    shown, _ = embedded_panel(module, embedding, text)
    root = show([shown], select=Selection(step=3))
    root.get_by_role("button", name="Edit", exact=True).click()
    set_value(root, "x", "d")
    expect(root.locator(".gv-edit-status")).to_have_text(
        "“d” isn’t a number. Type one, such as 0 or −0.5. This layer reads the h of the layer"
        " below, not letters."
    )
    expect(root.get_by_label("In which units").locator("option[value=letter]")).to_be_hidden()
