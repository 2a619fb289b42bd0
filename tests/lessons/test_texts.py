"""Every lesson that ships: its measures run, and its texts name only numbers that they give."""

import re
from collections.abc import Iterator

import pytest

from gatesviz.lessons import Check, Lesson, Step, lessons, measured
from gatesviz.lessons.grading import numbers_of
from gatesviz.lessons.lesson import with_numbers
from gatesviz.lessons.markup import blocks
from gatesviz.lessons.measures import MEASURES, find_measure
from gatesviz.lessons.parser import _view
from gatesviz.ui.lessons.views import problems

STEPS = [(each, step) for each in lessons() for step in each.steps]


def checks(step: Step) -> Iterator[tuple[Check, dict[str, str]]]:
    """Yield every question of a step with the numbers that its texts may name."""
    if step.check is not None:
        for check in (step.check, step.check.sibling):
            if check is not None:
                numbers = dict(measured(check.measure).numbers) if check.measure else {}
                yield check, numbers
                if check.reason is not None:
                    own = check.reason.measure
                    yield check.reason, {**numbers, **(measured(own).numbers if own else {})}


@pytest.mark.parametrize(("lesson", "step"), STEPS, ids=lambda each: getattr(each, "title", None))
def test_numbers_come_from_a_measure_and_one_option_is_right(lesson: Lesson, step: Step) -> None:
    known: dict[str, str] = {}
    for check, numbers in checks(step):
        known |= numbers
        texts = (check.question, *check.options.values(), *check.refute.values())
        for text in texts:
            with_numbers(text, numbers)  # raises an error for a number that isn't known
        right = check.right or measured(check.measure).right
        assert right in check.options, f"{check.question}: the measure says {right!r}"
        assert check.right or measured(check.measure).sentence
    known |= measured(step.measure).numbers if step.measure else {}
    for text in (step.text, step.look, step.follows):
        with_numbers(text, known)


def test_every_measure_is_used() -> None:
    used = {
        find_measure(check.measure)[0]
        for _, step in STEPS
        for check, _ in checks(step)
        if check.measure
    }
    used |= {find_measure(step.measure)[0] for _, step in STEPS if step.measure}
    assert used == set(MEASURES.values())


def test_a_text_speaks_of_a_diagram_only_where_there_is_one() -> None:
    """A player with chosen rows shows no diagram of the cell, and most pages draw none."""
    speaking = {
        f"{lesson.name}: {step.title}": step
        for lesson, step in STEPS
        if re.search(r"\bdiagram\b", f"{step.look} {step.text}")
    }
    assert len(speaking) > 5
    for name, step in speaking.items():
        assert "rows" not in step.query, name
        drawn = ("inside", "feed", "what_if")
        assert step.page in drawn or "backward" in step.query["grview"], name


def test_what_a_text_says_to_press_is_not_hidden() -> None:
    """Steps of *Inside the cell* that look at one step only show no buttons for a further one."""
    for lesson, step in STEPS:
        if step.page == "inside":
            asks = bool(re.search(r"\b[Pp]ress\b", f"{step.look} {step.text} {step.follows}"))
            assert asks != ("stepping" in step.hide), f"{lesson.name}: {step.title}"


def test_a_link_in_a_text_names_what_its_page_accepts() -> None:
    """A link brings another network. A fault in it would show its page as it opens."""
    links = [
        (step.title, part.href)
        for _, step in STEPS
        for text in (step.text, step.follows)
        for block in blocks(with_numbers(text, numbers_of(step)) if text else "")
        for part in block.parts
        if part.look == "link" and not part.href.startswith("https:")
    ]
    assert len(links) > 10
    for title, href in links:
        page, query = _view(href)
        asked = Step(title=title, page=page, query=query, show=(), look="", text="")
        assert problems(asked) == [], title


def test_the_longest_reason_is_right_about_as_often_as_any_other() -> None:
    """A reader who guesses by the length of an option learns nothing and should gain nothing."""
    longest: list[bool] = []
    for _, step in STEPS:
        for check, _ in checks(step):
            if len(check.options) > 2 and check is getattr(step.check, "reason", None):
                lengths = {key: len(text) for key, text in check.options.items()}
                right = lengths.pop(check.right or str(measured(check.measure).right))
                longest.append(right > max(lengths.values()))
    assert len(longest) > 30
    assert 0.2 < sum(longest) / len(longest) < 0.4, f"{sum(longest)} of {len(longest)}"
