"""A lesson by keyboard, from the first step to the code at its end, on the real pages."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from gatesviz.lessons import Lesson, lesson, lessons
from gatesviz.lessons.completion import Completion, read_code
from gatesviz.lessons.grading import counted, questions
from gatesviz.lessons.lesson import Check
from gatesviz.ui.lessons.address import Place
from gatesviz.ui.menu import entry
from tests.browser.accessibility import check_in_both_themes
from tests.browser.visiting import GO, settle, visit

LESSON = lesson("memory")
SCROLLER = """let scroller = root;
  while (scroller === root || !/auto|scroll/.test(getComputedStyle(scroller).overflowY))
    scroller = scroller.parentElement ?? scroller.getRootNode().host;"""
SCROLL_TO_END = f"root => {{ {SCROLLER} scroller.scrollTo(0, scroller.scrollHeight); }}"
VIEW = (
    f"root => {{ {SCROLLER}"
    + """
  const bottomOf = (element) => element.getBoundingClientRect().bottom;
  const topOf = (element) => element.getBoundingClientRect().top;
  return {
    scrolled: scroller.scrollTop,
    title: topOf(root.querySelector("h2")) - topOf(scroller),
    end: bottomOf(root.querySelector(".gv-lesson-body")),
    answers: [...root.querySelectorAll("[data-act=option]")].map(bottomOf),
    edge: topOf(root.querySelector("nav")),
    sign: root.querySelector(".gv-lesson-more:not([hidden])")?.innerText ?? "",
  };
}"""
)
"""What is seen of a panel: where its parts end, the edge above its buttons, and the sign there."""
LONG_STEPS = [(5, 6), (9, 1), (9, 2), (12, 1)]
"""Numbers of lessons and of their steps, with much text or many answers."""


def panel(page: Page, step: int, of: Lesson = LESSON) -> Locator:
    """Return the panel once it shows ``step`` of a lesson."""
    found = page.locator(f"[data-testid=gv-lesson][data-lesson={of.name}]")
    expect(found).to_have_attribute("data-step", str(step))
    expect(page.get_by_test_id("gv-lesson")).to_have_count(1)  # the last lesson's one is gone
    expect(found).to_have_attribute("data-steps", str(len(of.steps)))
    return found


def answer(page: Page, root: Locator, check: Check, wrong: bool) -> None:
    """Answer every question of ``check`` by number keys, the first one wrongly if ``wrong``."""
    made: list[str] = []
    while not (asked := questions(check, made))[-1].chosen:
        role = asked[-1].role
        section = root.locator(f'[data-role="{role}"]')
        expect(section.locator("button")).to_have_count(len(asked[-1].options))
        keys = list(asked[-1].options)
        decided = next(one.right for one in questions(check, [*made, keys[0]]) if one.role == role)
        chosen = next(k for k in keys if (k == decided) != (wrong and not made))
        page.keyboard.press(str(keys.index(chosen) + 1))
        verdict = "Right." if chosen == decided else "Not quite."
        expect(section.get_by_role("status")).to_contain_text(verdict)
        made.append(chosen)


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
        if height < 720:
            assert seen["sign"], f"{place} fits, so it tests nothing"
        root.evaluate(SCROLL_TO_END)
        expect(root.locator(".gv-lesson-more")).to_be_hidden(timeout=5_000)
        seen = root.evaluate(VIEW)
        assert all(bottom <= seen["edge"] for bottom in seen["answers"])


def test_a_reload_goes_on_with_the_question_that_is_open(page: Page, app_url: str) -> None:
    visit(page, f"{app_url}/{Place(LESSON, 1).href}")
    root = panel(page, 2)
    page.keyboard.press("2")
    answered = root.locator('[data-role="answer"]')
    expect(answered.get_by_role("status")).to_be_visible()
    expect(page).to_have_url(re.compile("got=.*chose=2"))
    said = answered.inner_text()
    page.reload()
    expect(panel(page, 2).locator('[data-role="answer"]')).to_have_text(said, use_inner_text=True)
    page.keyboard.press("1")
    expect(page).to_have_url(re.compile("chose=21"))
    page.keyboard.press("PageDown")
    panel(page, 3)
    expect(page).not_to_have_url(re.compile("chose="))
    page.keyboard.press("PageUp")
    panel(page, 2)
    expect(page).to_have_url(re.compile("chose=21"))


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
        page.keyboard.press("PageDown")  # to the next lesson; after the last one, nothing happens
    assert page.evaluate("globalThis.sameDocument")
