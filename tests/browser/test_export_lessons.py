"""Lessons of the static pages in a browser, opened from files without a network."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from playwright.sync_api import Locator, Page, expect

import gatesviz as gv
from gatesviz.export.lesson_pages import file_of
from gatesviz.fresh import fresh
from gatesviz.lessons import lesson, lessons
from gatesviz.lessons.completion import Completion, read_code
from gatesviz.lessons.grading import counted, questions
from gatesviz.lessons.lesson import Check
from gatesviz.presets import preset_values
from gatesviz.sequences import parse_text
from gatesviz.tiny_cell import module_of
from tests.browser.accessibility import check_accessibility
from tests.browser.visiting import press_number
from tests.exporting import exported

LESSON = lesson("memory")
GRADE = """paths => {
  const { steps } = JSON.parse(document.getElementById("lesson").textContent);
  const grade = (step, choices) => gatesviz.gradeChoices(steps[step].check, choices);
  const brief = ({ role, chosen, right }) => [role, chosen, right];
  return paths.map((path) => grade(...path).map(brief));
}"""


@pytest.fixture
def app_url() -> str:
    """Stands for the app's address, so that no app is started: every file is at home here."""
    return "file:"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return exported(tmp_path_factory)


def panel(page: Page, step: int) -> Locator:
    """Return the panel once it shows ``step``."""
    found = page.get_by_test_id("gv-lesson")
    expect(found).to_have_attribute("data-step", str(step))
    return found


def paths(check: Check, made: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield every way of answering a check, also those that are not finished."""
    yield made
    asked = questions(check, made)[-1]
    if not asked.chosen:
        for key in asked.options:
            yield from paths(check, (*made, key))


def answer(page: Page, root: Locator, check: Check, *, wrong: bool) -> None:
    """Answer every question of ``check`` by number keys, the first one wrongly if ``wrong``."""
    made: list[str] = []
    while not (asked := questions(check, made)[-1]).chosen:
        section = root.locator(f'[data-role="{asked.role}"]')
        keys = list(asked.options)
        graded = {key: questions(check, [*made, key])[len(made)] for key in keys}
        chosen = next(k for k in keys if graded[k].correct != (wrong and not made))
        press_number(page, root, keys.index(chosen) + 1)
        said = section.get_by_role("status")
        expect(said).to_contain_text("Right." if graded[chosen].correct else "Not quite.")
        for sentence in graded[chosen].verdict:
            expect(said).to_contain_text(sentence)
        made.append(chosen)


def test_a_lesson_by_keyboard_with_a_wrong_answer(
    new_page: Callable[..., Page], site: Path
) -> None:
    """The first answer is wrong, so its sibling is asked. The address brings the score back."""
    page = new_page(offline=True)
    page.goto((site / "index.html").as_uri())
    page.get_by_role("link", name=LESSON.title).click()
    wrong = True
    for index, step in enumerate(LESSON.steps):
        root = panel(page, index + 1)
        expect(root.get_by_role("heading", level=2)).to_have_text(step.title)
        player = page.get_by_test_id("gv-player")
        expect(player).to_have_attribute("data-step", step.query["t"])
        assert float(player.get_attribute("data-engine") or "nan") < 2e-6
        if step.check is not None:
            answer(page, root, step.check, wrong=wrong)
            wrong = False
        if index + 1 < len(LESSON.steps):
            page.keyboard.press("PageDown")
    count = len(counted(LESSON))
    code = root.locator(".gv-lesson-code").inner_text()
    assert read_code(code) == Completion(LESSON.name, count - 1, count)
    check_accessibility(page)
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme="dark")
    check_accessibility(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390

    page.keyboard.press("PageDown")  # to the next lesson
    expect(page).to_have_title(f"{lessons()[1].steps[0].title} · {lessons()[1].title} · gatesviz")
    page.go_back()
    panel(page, len(LESSON.steps))
    page.reload()
    places = root.get_by_role("navigation").locator("li button")
    expect(places.nth(1)).to_have_attribute("data-state", "wrong")
    expect(places.nth(2)).to_have_attribute("data-state", "right")
    page.keyboard.press("PageUp")
    panel(page, len(LESSON.steps) - 1)
    page.go_back()
    panel(page, len(LESSON.steps))


def test_the_browser_grades_as_python_does(new_page: Callable[..., Page], site: Path) -> None:
    page = new_page(offline=True)
    for each in lessons():
        page.goto((site / file_of(each)).as_uri())
        asked = [
            (index, made)
            for index, step in enumerate(each.steps)
            if step.check is not None
            for made in paths(step.check)
        ]
        graded = page.evaluate(GRADE, asked)
        for (index, made), found in zip(asked, graded, strict=True):
            check = each.steps[index].check
            assert check is not None
            expected = [[one.role, one.chosen, one.right] for one in questions(check, made)]
            assert found == expected, (each.name, index, made)


def expect_value(player: Locator, letter: str, value: float) -> None:
    """Wait until the player shows ``value`` for unit 0 at its step, to three decimals."""
    shown = player.locator(f'[data-lane="{letter}"] .gv-lane-value')
    expect(shown).to_have_text(f"{value:.3f}".replace("-", "−"))


def test_sliders_and_steps_compute_what_pytorch_computes(
    new_page: Callable[..., Page], site: Path
) -> None:
    page = new_page(offline=True)
    page.goto(f"{(site / file_of(lesson('counting'))).as_uri()}#1")
    player = page.get_by_test_id("gv-player")
    expect(player).to_have_attribute("data-steps", "5")
    page.get_by_role("button", name="Step", exact=True).click()
    page.get_by_role("slider", name="Input x").fill("-0.05")
    expect(player).to_have_attribute("data-steps", "6")
    module = module_of("lstm", 1, preset_values("lstm", 1, "count", seed=0))
    inputs = torch.tensor([[1.0]] * 5 + [[-0.05]])
    trace = gv.record(module, inputs, (torch.zeros(1, 1), torch.zeros(1, 1))).trace()
    expect_value(player, "g", float(trace.gates["g"][5, 0]))
    expect_value(player, "c", float(trace.states["c"][6, 0]))
    page.get_by_role("button", name="Undo").click()
    expect(player).to_have_attribute("data-steps", "5")

    page.goto(f"{(site / file_of(lesson('forgetting'))).as_uri()}#3")
    page.get_by_role("slider", name="Forget bias").fill("1.5")
    text = parse_text(lesson("forgetting").steps[2].query["text"], None)
    values = torch.from_numpy(np.asarray(text.values, np.float32))
    trace = gv.record(fresh("lstm", text.size, 16, forget_bias=1.5), values).trace()
    expect_value(player, "f", float(trace.gates["f"][1, 0]))


def test_on_a_phone_the_picture_is_one_tap_away(new_page: Callable[..., Page], site: Path) -> None:
    page = new_page(offline=True, viewport={"width": 390, "height": 844})
    page.goto(f"{(site / file_of(LESSON)).as_uri()}#2")
    root, view = panel(page, 2), page.locator("#view")
    button = root.get_by_role("button", name="Go to the picture")
    expect(view).not_to_be_in_viewport(ratio=0.3)
    button.click()
    expect(view).to_be_in_viewport(ratio=0.3)
    expect(view).to_be_focused()
