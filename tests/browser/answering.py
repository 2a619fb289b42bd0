"""Answering the questions of a lesson in a browser."""

from playwright.sync_api import Locator, Page, expect

from gatesviz.lessons import Lesson, lesson
from gatesviz.lessons.grading import questions
from gatesviz.lessons.lesson import Check, Step
from gatesviz.ui.lessons.address import Place
from tests.browser.visiting import press_number, settle, visit

SCROLLER = """let scroller = root;
  while (scroller === root || !/auto|scroll/.test(getComputedStyle(scroller).overflowY))
    scroller = scroller.parentElement ?? scroller.getRootNode().host;"""
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
    top: Math.max(topOf(scroller), bottomOf(document.querySelector("[data-testid=stHeader]"))),
    verdicts: [...root.querySelectorAll(".gv-lesson-verdict")].map(topOf),
    last: bottomOf([...root.querySelectorAll(".gv-lesson-questions > :not(button)")].at(-1)),
    sign: root.querySelector("nav .gv-lesson-more:not([hidden])")?.innerText ?? "",
    signTop: topOf(root.querySelector("nav .gv-lesson-more")),
  };
}"""
)
"""What is seen of a panel: where its parts end, the edge above its buttons, and the sign there."""


FIRST = lesson("memory")


def panel(page: Page, step: int, of: Lesson = FIRST) -> Locator:
    """Return the panel once it shows ``step`` of a lesson."""
    found = page.locator(f"[data-testid=gv-lesson][data-lesson={of.name}]")
    expect(found).to_have_attribute("data-step", str(step))
    expect(page.get_by_test_id("gv-lesson")).to_have_count(1)  # the last lesson's one is gone
    expect(found).to_have_attribute("data-steps", str(len(of.steps)))
    return found


def answer(page: Page, root: Locator, check: Check, wrong: bool) -> None:
    """Answer every question of ``check`` by number keys, the first one wrongly if ``wrong``.

    What is said of an answer must come into sight, and the next question as far as it fits.
    """
    made: list[str] = []
    while not (asked := questions(check, made))[-1].chosen:
        role = asked[-1].role
        section = root.locator(f'[data-role="{role}"]')
        expect(section.locator("button")).to_have_count(len(asked[-1].options))
        keys = list(asked[-1].options)
        decided = next(one.right for one in questions(check, [*made, keys[0]]) if one.role == role)
        chosen = next(k for k in keys if (k == decided) != (wrong and not made))
        press_number(page, root, keys.index(chosen) + 1)
        verdict = "Right." if chosen == decided else "Not quite."
        expect(section.get_by_role("status")).to_contain_text(verdict)
        made.append(chosen)
        seen = root.evaluate(VIEW)
        assert seen["top"] <= seen["verdicts"][-1] <= seen["edge"]
        assert seen["last"] <= seen["edge"] or seen["verdicts"][-1] <= seen["top"] + 20


def at(name: str, step: int) -> Place:
    """Return step number ``step`` of a lesson."""
    return Place(lesson(name), step - 1)


def open_step(page: Page, app_url: str, name: str, step: int, *, cold: bool = False) -> Locator:
    """Open a step of a lesson and return its panel."""
    place = at(name, step)
    visit(page, f"{app_url}/{place.href}", cold=cold)
    return panel(page, step, place.lesson)


def answer_all(page: Page, root: Locator, step: Step) -> None:
    """Answer the questions of a step by clicks, each time with the first option shown."""
    assert step.check is not None
    made: list[str] = []
    while not (asked := questions(step.check, made))[-1].chosen:
        made.append(next(iter(asked[-1].options)))
        root.locator(f'[data-role="{asked[-1].role}"] [data-option="{made[-1]}"]').click()
    settle(page)
