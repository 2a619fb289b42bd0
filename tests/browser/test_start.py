"""The first page: the opening plays, and then the forget gate is the reader's."""

import json
import re
from collections.abc import Callable

import torch
from playwright.sync_api import Locator, Page, expect

from gatesviz.lessons import lessons
from gatesviz.recordings import Edit, record
from gatesviz.sequences import parse_text
from gatesviz.trained import load_trained
from gatesviz.ui.lessons.address import Place
from gatesviz.ui.start.opening import (
    FIRST_ASKED,
    MODEL,
    SECOND_ASKED,
    TEXT,
    captions,
    legend,
    recorded,
)
from tests.browser.accessibility import check_accessibility, check_in_both_themes
from tests.browser.visiting import settle, visit


def opened(page: Page, app_url: str) -> Locator:
    visit(page, app_url)
    opening = page.get_by_test_id("gv-opening")
    expect(opening).to_have_count(1)
    expect(opening).to_have_attribute("data-engine", re.compile("e-"))
    return opening


def answered(*closed: int) -> str:
    """Return the two answers where the forget gate of all units is 0 at some steps."""
    model = load_trained(MODEL)
    inputs = torch.from_numpy(parse_text(TEXT, model.vocabulary).values)
    edits = [Edit("f", 0.0, steps=list(closed))] if closed else []
    best = model.answers(record(model.module, inputs, edits=edits).output).argmax(-1)
    return " ".join(model.answer_names[best[step]] for step in (FIRST_ASKED, SECOND_ASKED))


def test_the_opening_plays_and_then_one_gate_is_yours(page: Page, app_url: str) -> None:
    opening = opened(page, app_url)
    told = captions(recorded())
    check_in_both_themes(page)
    about = page.get_by_test_id("stMain").locator("p").first.inner_text()
    assert "recurrent neural networks (RNN, LSTM, GRU), which read a sequence" in about
    assert len(about.split()) < 30
    assert len(re.findall(r"\.(\s|$)", about)) == 1
    expect(opening).to_have_attribute("data-caption", "-1")
    expect(opening.get_by_role("button")).to_have_count(1)
    expect(opening).to_contain_text(legend(recorded()))
    page.get_by_role("button", name="Watch an LSTM remember a letter (70 seconds)").click()
    expect(opening).to_have_attribute("data-playing", "true")
    expect(opening.get_by_role("button", name="Skip to closing the forget gate")).to_be_visible()
    expect(opening).to_have_attribute("data-step", "0")  # it has gone on to the second caption
    opening.get_by_role("button", name="Pause").click()
    expect(opening).to_have_attribute("data-playing", "false")
    for _ in range(len(told) - 1 - int(opening.get_attribute("data-caption") or 0)):
        page.keyboard.press("ArrowRight")
    expect(opening).to_have_attribute("data-caption", str(len(told) - 1))
    expect(opening.get_by_role("status").first).to_have_text(told[-1].text)
    expect(opening).to_have_attribute("data-answers", answered())

    gates = opening.get_by_role("button", name=re.compile("^Close the forget gate"))
    expect(gates).to_have_count(len(TEXT))
    gates.first.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(gates.nth(3)).to_have_attribute("aria-pressed", "true")
    assert answered(3) != answered()
    expect(opening).to_have_attribute("data-answers", answered(3))
    expect(opening).to_have_attribute("data-answers-before", answered())
    [edit] = json.loads(opening.get_attribute("data-edits") or "")
    assert (edit["letter"], edit["value"], edit["steps"]) == ("f", 0, [3])
    gates.nth(10).click()
    expect(opening).to_have_attribute("data-answers", answered(3, 10))
    expect(opening.get_by_role("status").first).to_contain_text(
        f"steps 3 (“{TEXT[3]}”), 10 (“{TEXT[10]}”)"
    )
    first = opening.get_by_role("link", name="Go on to lesson 1")
    expect(first).to_have_attribute("href", Place(lessons()[0], 0).href)
    check_accessibility(page)
    gates.nth(3).click()
    expect(opening).to_have_attribute("data-answers", answered(10))
    opening.get_by_role("button", name="Open it again").click()
    expect(opening).to_have_attribute("data-answers", answered())
    page.get_by_role("link", name=re.compile("^What if.*Change")).click()
    expect(page.get_by_test_id("stMain").locator("h1")).to_have_text("What if?")
    settle(page)
    expect(page).to_have_url(f"{app_url}/what_if")


def test_with_less_motion_and_on_a_phone_it_goes_step_by_step(
    new_page: Callable[..., Page], app_url: str
) -> None:
    page = new_page(reduced_motion="reduce", viewport={"width": 390, "height": 844})
    opening = opened(page, app_url)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    opening.get_by_role("button", name="Watch an LSTM remember a letter, step by step").press(
        "Enter"
    )
    expect(opening).to_have_attribute("data-caption", "0")
    expect(opening).to_have_attribute("data-playing", "false")
    expect(opening.get_by_role("button", name="Next")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(opening).to_have_attribute("data-caption", "2")
    page.keyboard.press("Tab")
    skip = opening.get_by_role("button", name=re.compile("^Skip to closing"))
    expect(skip).to_be_focused()
    page.keyboard.press("Enter")
    expect(opening.get_by_role("status").first).to_contain_text("Now break it:")
    gates = opening.get_by_role("button", name=re.compile("^Close the forget gate at step"))
    expect(gates.first).to_be_focused()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(opening).to_have_attribute("data-answers", answered(5))
    opening.get_by_role("button", name="Open it again").press("Enter")
    expect(gates.nth(5)).to_be_focused()
    gates.nth(5).click()
    expect(opening).to_have_attribute("data-answers", answered(5))
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
