"""A lesson by keyboard, from the first step to the code at its end, on the real pages."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from gatesviz.lessons import lesson, lessons, measured
from gatesviz.lessons.completion import Completion, read_code
from gatesviz.lessons.grading import counted
from gatesviz.ui.lessons.address import Place
from gatesviz.ui.menu import entry
from tests.browser.accessibility import check_in_both_themes
from tests.browser.answering import SCROLLER, VIEW, answer, panel
from tests.browser.visiting import GO, press_number, settle, visit

LESSON = lesson("memory")
SCROLL_TO_END = f"root => {{ {SCROLLER} scroller.scrollTo(0, scroller.scrollHeight); }}"
CONTROLS_SCROLLED = "() => document.querySelector('[data-testid=stSidebarContent]').scrollTop"
LONG_STEPS = [(5, 6), (9, 1), (10, 1), (10, 2), (12, 2)]
"""Numbers of lessons and of their steps, with much text or many answers."""


def test_a_whole_lesson_by_keyboard(page: Page, app_url: str) -> None:
    """Two steps on, quickly; the first check wrong, with its sibling; the others right."""
    first = Place(LESSON, 0)
    visit(page, f"{app_url}/{first.href}")
    root = panel(page, 1)
    expect(page.get_by_test_id("stSidebar")).to_be_hidden()
    wrong = True
    for index, step in enumerate(LESSON.steps):
        root = panel(page, index + 1)
        expect(root.get_by_role("heading", level=2)).to_have_text(step.title)
        player = page.get_by_test_id("gv-player")
        if "t" in step.query:
            expect(player).to_have_attribute("data-step", step.query["t"])
        if step.check is not None:
            answer(page, root, step.check, wrong)
            wrong = False
        if index + 1 < len(LESSON.steps):
            page.keyboard.press("PageDown")
    dots = root.locator("nav li button")
    expect(dots.first).to_have_attribute("data-state", "read")  # it has no question
    count = len(counted(LESSON))
    code = root.locator(".gv-lesson-code").inner_text()
    assert read_code(code) == Completion(LESSON.name, count - 1, count)
    settle(page)
    check_in_both_themes(page)

    page.keyboard.press("PageUp")
    page.keyboard.press("PageUp")
    root = panel(page, len(LESSON.steps) - 2)
    expect(page).to_have_url(re.compile(rf"lesson={LESSON.name}\.{len(LESSON.steps) - 2}"))
    page.go_back()
    panel(page, len(LESSON.steps) - 1)
    expect(page.locator(".gv-toolbar")).to_be_visible()
    settle(page)
    page.get_by_test_id("stMain").evaluate("main => main.scrollTo(0, 500)")
    menu, toolbar = page.get_by_test_id("stHeader"), page.locator(".gv-toolbar")
    seen = [one.bounding_box() or {} for one in (menu, toolbar)]
    assert seen[1]["y"] == seen[0]["y"] + seen[0]["height"]  # below the menu, not behind it
    root.get_by_role("button", name="Show everything").click()
    expect(page.get_by_test_id("stSidebar")).to_be_visible()
    root.get_by_role("button", name="Leave the lesson").click()
    expect(page.get_by_test_id("gv-lesson")).to_have_count(0)
    assert "lesson=" not in page.url


@pytest.mark.parametrize("height", [720, 480])
def test_a_step_opens_at_its_top_and_says_what_is_below(
    new_page: Callable[..., Page], app_url: str, height: int
) -> None:
    """Each step follows one whose panel was scrolled to its end."""
    page = new_page(viewport={"width": 1280, "height": height})
    places = [Place(lessons()[number - 1], step - 1) for number, step in LONG_STEPS]
    visit(page, f"{app_url}/{places[0].href}")
    for place in places:
        if f"lesson={place.lesson.name}.{place.index}" in page.url:
            page.keyboard.press("PageDown")
            if page.locator(".gv-lesson-note").is_visible():  # it says that a question is open
                page.keyboard.press("PageDown")
        else:
            page.evaluate(GO, f"/{place.href}")
        root = panel(page, place.index + 1, place.lesson)
        settle(page)
        seen = root.evaluate(VIEW)
        assert seen["scrolled"] == 0
        assert seen["title"] >= 0
        below = [bottom for bottom in seen["answers"] if bottom > seen["edge"]]
        if below:
            assert re.fullmatch(r"↓ \d answers? below", seen["sign"])
        assert bool(seen["sign"]) == (seen["end"] > seen["edge"] + 10)
        assert not seen["sign"] or seen["signTop"] >= seen["edge"], "it lies over the answers"
        if height < 720:
            assert seen["sign"], f"{place} fits, so it tests nothing"
        if below and below[-1] == seen["answers"][-1]:
            page.keyboard.press(str(len(seen["answers"])))  # it is out of sight: no answer yet
            seen = root.evaluate(VIEW)
            assert seen["answers"][-1] <= seen["edge"]
            assert root.locator(".gv-lesson-verdict").count() == 0
        if place.step.show == ("hidden", "layers", "both", "layer", "dir", "text"):
            button = root.get_by_role("button", name="More controls below")
            button.click()
            assert page.evaluate(CONTROLS_SCROLLED) > 50
            page.locator("[data-testid=stSidebarContent]").evaluate("one => one.scrollTo(0, 9999)")
            expect(button).to_be_hidden()
        root.evaluate(SCROLL_TO_END)
        expect(root.locator("nav .gv-lesson-more")).to_be_hidden(timeout=5_000)
        seen = root.evaluate(VIEW)
        assert all(bottom <= seen["edge"] for bottom in seen["answers"])


def test_a_reload_goes_on_with_the_question_that_is_open(page: Page, app_url: str) -> None:
    visit(page, f"{app_url}/{Place(LESSON, 1).href}")
    root = panel(page, 2)
    page.keyboard.press("2")
    answered = root.locator('[data-role="answer"]')
    expect(answered.get_by_role("status")).to_be_visible()
    expect(page).to_have_url(re.compile(r"got=memory\.[01-]+&chose=memory\.2\.[a-z]+$"))
    said = answered.inner_text()
    page.reload()
    root = panel(page, 2)
    expect(root.locator('[data-role="answer"]')).to_have_text(said, use_inner_text=True)
    settle(page)
    press_number(page, root, 1)
    expect(root.locator('[data-role="reason"]').get_by_role("status")).to_be_visible()
    settle(page)
    expect(page).to_have_url(re.compile(r"chose=memory\.2\.[a-z]+\.[a-z]+$"))
    page.keyboard.press("PageDown")
    expect(root.locator(".gv-lesson-note")).to_contain_text("“Try another one” is still open.")
    page.keyboard.press("PageDown")
    panel(page, 3)
    expect(page).not_to_have_url(re.compile("chose="))
    page.keyboard.press("PageUp")
    panel(page, 2)
    expect(page).to_have_url(re.compile(r"chose=memory\.2\.[a-z]+\.[a-z]+$"))


def test_a_link_of_a_step_opens_its_view_on_the_same_page(page: Page, app_url: str) -> None:
    """The edited run, again after the reader moved on, and another set of weights."""
    visit(page, f"{app_url}/{Place(LESSON, 2).href}")
    root, player = panel(page, 3), page.get_by_test_id("gv-player")
    check = LESSON.steps[2].check
    assert check is not None
    answer(page, root, check, wrong=False)
    expect(player).to_have_attribute("data-step", "6")
    link = root.locator(".gv-lesson-follows a")
    for _ in range(2):
        link.click()
        expect(player).to_have_attribute("data-step", "7")
        expect(player).to_have_attribute("data-edits", re.compile('"letter": ?"c"'))
        after = measured("erased_state").numbers["after"]
        expect(player.locator("[data-lane=y] .gv-lane-value")).to_contain_text(after)
        page.locator(".gv-toolbar [data-action=first]").click()
        expect(player).to_have_attribute("data-step", "0")
        expect(page).to_have_url(re.compile("t=0"))
    again = root.get_by_role("button", name="Show the view of this step again")
    again.click()
    expect(player).to_have_attribute("data-step", "6")
    expect(player).to_have_attribute("data-edits", "[]")
    expect(again).to_have_count(0)
    expect(root.locator(".gv-lesson-verdict")).not_to_have_count(0)  # the answers stay
    gru = lesson("gru")
    page.evaluate(GO, f"/{Place(gru, 1).href}")
    root = panel(page, 2, gru)
    check = gru.steps[1].check
    assert check is not None
    answer(page, root, check, wrong=False)
    shown = page.get_by_test_id("gv-player").locator("[data-lane=z] .gv-lane-value")
    expect(shown).to_have_text("0.269")  # σ(−1)
    root.locator(".gv-lesson-follows a").first.click()
    z = float(measured("update_gate preset=keep").numbers["z"])
    expect(shown).to_have_text(f"{z:.3f}")


@pytest.mark.timeout(600)
def test_all_other_lessons_by_keyboard_without_a_reload(page: Page, app_url: str) -> None:
    """Every question is answered rightly, and PageDown leads on to the next lesson."""
    others = lessons()[1:]
    visit(page, f"{app_url}/{Place(others[0], 0).href}")
    page.evaluate("globalThis.sameDocument = true")
    for each in others:
        for index, step in enumerate(each.steps):
            root = panel(page, index + 1, each)
            expect(root.get_by_role("heading", level=2)).to_have_text(step.title)
            titles = page.get_by_test_id("stMain").locator("h1")
            expect(titles).to_have_text([entry(step.page).title])
            if step.check is not None:
                answer(page, root, step.check, wrong=False)
            expect(page.get_by_test_id("stException")).to_have_count(0)
            if index + 1 < len(each.steps):
                page.keyboard.press("PageDown")
        count = len(counted(each))
        code = root.locator(".gv-lesson-code").inner_text()
        assert read_code(code) == Completion(each.name, count, count)
        page.keyboard.press("PageDown")  # to the next lesson; after the last one, to the first page
    assert page.evaluate("globalThis.sameDocument")
