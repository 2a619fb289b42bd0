"""The page "What if?" in a browser: a guess and its tables, edits by keyboard, a cold link."""

import re
from collections.abc import Callable
from pathlib import Path

import torch
from playwright.sync_api import Page, expect
from torch import nn

from tests.browser.accessibility import (
    check_accessibility,
    check_in_both_themes,
    find_cut_menus,
)
from tests.browser.test_model_upload import drop
from tests.browser.visiting import settle, visit

SLOW = 60_000
BARE = """() => [...document.querySelectorAll('[role=radiogroup] > button')]
    .filter((one) => ['Left', 'Right'].some((side) => {
        const style = getComputedStyle(one);
        return /, 0\\)$/.test(style[`border${side}Color`]) || style[`border${side}Width`] === '0px';
    })).map((one) => one.innerText)"""
"""The choices of which a border can't be seen."""


def test_a_guess_is_answered_with_tables_and_the_link_tells_it_again(
    new_page: Callable[..., Page], app_url: str
) -> None:
    page = new_page(color_scheme="light")
    visit(page, f"{app_url}/what_if")
    expect(page.get_by_test_id("gv-player")).to_be_visible(timeout=SLOW)
    table = page.get_by_role("heading", name="Compare all changes at this step")
    expect(table).to_have_count(0)
    page.get_by_role("radio", name="no better than guessing", exact=True).click()
    answer = page.get_by_text("Not quite. As well as before: accuracy 100 % → 100 %")
    expect(answer).to_be_visible(timeout=SLOW)
    expect(table).to_be_visible()
    expect(page.get_by_text("Why one LSTM repairs its memory")).to_be_visible(timeout=SLOW)
    expect(page.get_by_role("cell", name="c negated", exact=True)).to_be_visible(timeout=SLOW)
    expect(page.get_by_test_id("gv-player")).to_have_attribute(
        "data-edits", re.compile('"letter":"f"'), timeout=SLOW
    )
    settle(page)
    page.mouse.move(0, 0)
    assert page.evaluate(BARE) == [], "a neighbour of the choice has no border"
    check_accessibility(page)
    other = new_page(viewport={"width": 390, "height": 844}, color_scheme="dark")
    visit(other, page.url)
    expect(other.get_by_test_id("stMain")).to_contain_text(answer.inner_text(), timeout=SLOW)
    expect(other.get_by_text("The page doesn't use all of the link")).to_have_count(0)
    assert other.evaluate("document.documentElement.scrollWidth") <= 390


def test_edits_made_in_the_player_are_measured_and_stay_in_the_link_and_the_file(
    page: Page, new_page: Callable[..., Page], app_url: str, tmp_path: Path
) -> None:
    visit(page, f"{app_url}/what_if?wiview=free+play&t=25")
    shown = page.get_by_test_id("gv-player")
    expect(shown).to_be_visible(timeout=SLOW)
    toolbar = shown.locator(".gv-toolbar").bounding_box()
    assert toolbar is not None
    assert toolbar["height"] < 60, "the toolbar has a second row"
    assert find_cut_menus(shown) == []
    page.get_by_role("button", name="Edit", exact=True).click()
    page.get_by_label("What to set").select_option("c")
    page.get_by_label("In which units").select_option("all")
    value = page.get_by_label("Value", exact=True)
    value.fill("0")
    value.press("Enter")
    measure = page.get_by_role("button", name="Measure these edits on 500 sequences")
    expect(measure).to_be_visible(timeout=SLOW)
    measure.click()
    expect(page.get_by_text("no better than guessing")).to_be_visible(timeout=SLOW)
    settle(page)
    assert any(f"edits={text}" in page.url for text in ("c%4025%3D0", "c@25=0"))
    check_accessibility(page)
    page.reload()
    expect(shown).to_have_attribute("data-edits", re.compile('"letter":"c"'), timeout=SLOW)
    expect(measure).to_be_visible(timeout=SLOW)
    settle(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the player").click()
    download.value.save_as(tmp_path / "player.html")
    offline = new_page()
    offline.goto((tmp_path / "player.html").as_uri())
    saved = offline.get_by_test_id("gv-player")
    expect(saved).to_have_attribute("data-step", "25")
    expect(saved).to_have_attribute("data-edits", re.compile('"letter":"c"'))
    saved.get_by_role("button", name="Undo").click()
    expect(saved).to_have_attribute("data-edits", "[]")


def test_your_own_file_is_edited_and_a_cold_link_says_that_it_is_missing(
    page: Page, new_page: Callable[..., Page], app_url: str, tmp_path: Path
) -> None:
    torch.manual_seed(2)
    model = nn.ModuleDict({"memory": nn.LSTM(5, 4), "head": nn.Linear(4, 5)})
    with torch.no_grad():
        for weight in model.parameters():
            weight.mul_(4)
    visit(page, f"{app_url}/what_if?wimodel=your+file")
    expect(page.get_by_text("There is no model yet.")).to_be_visible(timeout=SLOW)
    expect(page.get_by_role("radio")).to_have_text(["free play"])
    expect(page.get_by_text("they aren't offered for your model")).to_be_visible()
    drop(page, tmp_path / "mine.pt", {"state_dict": model.state_dict(), "alphabet": "abc<&"})
    shown = page.get_by_test_id("gv-player")
    expect(shown).to_be_visible(timeout=SLOW)
    page.get_by_role("textbox", name="Text", exact=True).fill("abc<&abcab")
    page.keyboard.press("Control+Enter")
    expect(shown).to_have_attribute("data-steps", "10", timeout=SLOW)
    settle(page)
    top = shown.bounding_box()
    page.get_by_role("button", name="Edit", exact=True).click()
    page.get_by_label("What to set").select_option("h")
    page.get_by_label("In which units").select_option("all")
    value = page.get_by_label("Value", exact=True)
    value.fill("-1")
    value.press("Enter")
    main = page.get_by_test_id("stMain")
    told = "of the probability moves to other answers. The share that moves is largest at step"
    expect(main).to_contain_text(told, timeout=SLOW)
    expect(main).to_contain_text(re.compile("The most likely answer (changes|stays)"))
    settle(page)
    assert shown.bounding_box() == {**(top or {}), "height": (shown.bounding_box() or {})["height"]}
    x = torch.eye(5)[["abc<&".index(character) for character in "abc<&abcab"]]
    step = int(shown.get_attribute("data-step") or "")
    h = model["memory"](x)[0]
    with torch.no_grad():
        before = model["head"](h[step]).softmax(0)
        after = model["head"](-torch.ones(4)).softmax(0)
    for name, answers in (("data-answer-before", before), ("data-answer", after)):
        expect(shown).to_have_attribute(name, re.compile(f"^{'abc<&'[int(answers.argmax())]}"))
    check_in_both_themes(page)
    other = new_page(viewport={"width": 390, "height": 844})
    visit(other, page.url)
    missing = "This link refers to a model from a file: LSTM, I=5, H=4. Links don't carry weights."
    expect(other.get_by_test_id("stMain")).to_contain_text(missing, timeout=SLOW)
    assert other.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_test_id("stTopNavLink").filter(has_text="Feed a sequence").click()
    expect(page.locator("h1")).to_have_text("Feed a sequence")
