"""Which question is asked next, what counts, and the code at the end."""

from dataclasses import replace

import pytest

from gatesviz.lessons import Check, Lesson, Step, lessons
from gatesviz.lessons.completion import Completion, completion_code, read_code
from gatesviz.lessons.grading import (
    answered,
    counted,
    empty_record,
    fits,
    numbers_of,
    questions,
    with_answers,
    with_marks,
)

REASON = Check("Why?", {"a": "A", "b": "B"}, right="a", refute={"b": "B is wrong."})
SIBLING = Check(
    "And with h alone?",
    {"kept": "Kept", "other": "Other"},
    measure="erased_state letters=h",
    refute={"other": "It still answers {after}."},
    reason=replace(REASON, question="Why, with h alone?"),
)
CHECK = Check(
    "What is the answer?",
    {"kept": "Kept", "other": "Other"},
    measure="erased_state",
    refute={"kept": "It answers {after}, at {after_sure}."},
    reason=REASON,
    sibling=SIBLING,
)
STEP = Step("One", "feed", {}, (), "", "Text {step}.", check=CHECK)
LESSON = Lesson("tested", "Title", 5, "You can.", (replace(STEP, check=None), STEP, STEP))


def roles(choices: list[str]) -> list[str]:
    return [one.role for one in questions(CHECK, choices)]


def test_a_right_answer_leads_to_the_reason_and_then_to_the_end() -> None:
    assert roles([]) == ["answer"]
    assert roles(["other"]) == ["answer", "reason"]
    assert roles(["other", "a"]) == ["answer", "reason"]
    assert [answered(CHECK, made) for made in ([], ["other"], ["other", "a"])] == [0, 0, 1]


@pytest.mark.parametrize("wrong", [["kept", "a"], ["other", "b"]])
def test_a_wrong_answer_or_reason_leads_to_the_sibling(wrong: list[str]) -> None:
    assert roles(wrong) == ["answer", "reason", "sibling"]
    assert roles([*wrong, "kept"]) == ["answer", "reason", "sibling", "sibling reason"]
    assert not answered(CHECK, [*wrong, "kept"])
    assert answered(CHECK, [*wrong, "kept", "b"])


def test_the_measure_decides_and_says_its_numbers() -> None:
    wrong, _ = questions(CHECK, ["kept"])
    assert (wrong.right, wrong.correct) == ("other", False)
    assert wrong.verdict[0] == "It answers B, at 40 %."
    assert wrong.verdict[1].startswith("With h and c set to 0")
    right, reason = questions(CHECK, ["other"])
    assert right.correct
    assert len(right.verdict) == 1  # nothing is refuted
    assert (reason.chosen, reason.right, reason.verdict) == ("", "", ())
    assert questions(CHECK, ["other", "b"])[1].verdict == ("B is wrong.",)


def test_an_unknown_choice_leaves_the_question_open() -> None:
    assert questions(CHECK, ["<script>"])[0].chosen == ""


@pytest.mark.parametrize("lesson", lessons(), ids=lambda each: each.name)
def test_no_place_is_right_too_often(lesson: Lesson) -> None:
    """Who always chooses the first option, or the second, is right half the time at most."""
    asked = []
    for check in (step.check for step in lesson.steps if step.check is not None):
        answer = questions(check, [next(iter(check.options))])[0]
        asked += [one for one in questions(check, [answer.right, *_first(check.reason)]) if one]
    assert len(asked) >= 6
    places = [list(one.options).index(one.right) for one in asked]
    behind = [len(one.options) - 1 for one in asked]
    for place in range(3):
        assert places.count(place) <= len(places) / 2, places
    last = sum(place == end for place, end in zip(places, behind, strict=True))
    assert last <= len(places) / 2 + 1, places


def _first(check: Check | None) -> list[str]:
    return [] if check is None else [next(iter(check.options))]


def test_a_stored_answer_moves_to_its_place_and_a_scale_is_only_turned_round() -> None:
    stored = Check("?", {"a": "A", "b": "B", "c": "C"}, right="a")
    orders = ["".join(replace(stored, place=place).shown_order("a")) for place in range(4)]
    assert orders == ["abc", "bac", "bca", "abc"]
    scale = Check("?", {"a": "little", "b": "more", "c": "much"}, measure="erased_state")
    for right, expected in (("a", "FFTFTT"), ("b", "FFFTTT"), ("c", "TFFTTF")):
        shown = ["".join(replace(scale, place=each).shown_order(right)) for each in range(6)]
        assert shown == ["cba" if turned == "T" else "abc" for turned in expected]


def test_only_first_tries_count() -> None:
    record = empty_record(LESSON)
    assert counted(LESSON) == ((1, "answer"), (1, "reason"), (2, "answer"), (2, "reason"))
    assert record == "----"
    record = with_answers(record, LESSON, 1, ["kept"])
    assert record == "0---"
    record = with_answers(record, LESSON, 1, ["kept", "a", "kept", "a"])
    assert record == "01--"
    assert with_answers(record, LESSON, 1, ["other", "b"]) == "01--"  # a second try
    assert with_answers(record, LESSON, 2, ["other", "b"]) == "0110"
    assert with_answers(record, LESSON, 0, ["other"]) == record


@pytest.mark.parametrize("record", ["", "---", "-----", "--2-", "<b>-"])
def test_a_record_of_another_lesson_does_not_fit(record: str) -> None:
    assert not fits(record, LESSON)
    assert fits("01-0", LESSON)


def test_numbers_come_from_the_check_and_from_the_step() -> None:
    assert numbers_of(STEP)["step"] == "6"
    assert numbers_of(replace(STEP, measure="same_last_input"))["one"] == "A"


def test_a_code_says_the_score_and_finds_changes() -> None:
    lesson = lessons()[0]
    count = len(counted(lesson))
    code = completion_code(lesson.name, 1, count)
    assert read_code(f" {code}\n") == Completion(lesson.name, 1, count)
    for changed in (code.replace("-1-", "-2-"), code[:-1] + ("A" if code[-1] != "A" else "B")):
        with pytest.raises(ValueError, match="the check sum is wrong"):
            read_code(changed)
    with pytest.raises(ValueError, match="is no code"):
        read_code("memory")
    with pytest.raises(ValueError, match="no lesson 'nothing'"):
        read_code(completion_code("nothing", 1, count))
    with pytest.raises(ValueError, match=f"has {count} questions that count"):
        read_code(completion_code(lesson.name, 1, count + 1))


def test_marks_of_another_record_fill_only_what_is_open() -> None:
    assert with_marks("1--0", "00-1") == "10-0"
    assert with_marks("----", "----") == "----"
