"""For teachers: mistakes follow the measures of lessons, and class sizes are measured."""

from dataclasses import replace
from pathlib import Path

from gatesviz.lessons import lesson, lessons, measured
from gatesviz.lessons.answers import answered_questions
from gatesviz.lessons.grading import questions
from gatesviz.ui.lessons.address import Place, place_of
from gatesviz.ui.teachers.class_sizes import (
    Measured,
    describe,
    describe_machine,
    measurements,
    save,
)
from gatesviz.ui.teachers.mistakes import described
from gatesviz.ui.teachers.page import needs, said
from gatesviz.ui.teachers.plan import TALK, plan, rows

ONE = Measured(30, "2026-11-29", "Some CPU", 2, 0.1, 0.4, 1.5, 0.05, 0.25, 0.4)


def test_right_and_wrong_answers_are_those_that_grade_a_student() -> None:
    place = Place(lesson("memory"), 2)
    check = place.step.check
    assert check is not None
    own, reason, *_ = answered_questions(place.step)
    graded = questions(check, ["kept", "only"])
    assert own.right == graded[0].options[graded[0].right]
    assert own.measured == measured(check.measure).sentence
    wrong = {one.text: one.refutation for one in own.wrong}
    assert own.right not in wrong
    assert wrong[graded[0].options["kept"]] == graded[0].verdict[0]
    assert reason.right == check.reason.options["only"]  # type: ignore[union-attr]
    text = described(own, place)
    assert text.startswith("**Step 3 of the lesson. We set c and h to 0")
    assert "- ✗ “It answers ‘nothing’, because it knows no letter”: “?” tells" in text
    assert "{" not in text


def test_each_lesson_builds_on_earlier_ones_and_says_so() -> None:
    assert needs(lesson("memory")) == "nothing"
    assert needs(lesson("way_back")) == "lessons 2 and 3"
    assert needs(lesson("counting")) == "lesson 4; students train models"
    names = [one.name for one in lessons()]
    for place, one in enumerate(lessons()):
        assert set(one.builds_on) <= set(names[:place])


def test_the_plan_fills_45_minutes_with_lessons_that_a_class_can_follow() -> None:
    parts = plan()
    assert [row[0] for row in rows(parts)] == ["0–5", "5–16", "16–28", "28–40", "40–45"]
    planned = [one for one in parts if "lesson=" in one.href]
    names = [place_of(one.href.split("lesson=")[1]).lesson.name for one in planned]
    for place, (name, one) in enumerate(zip(names, planned, strict=True)):
        assert one.minutes == lesson(name).minutes + TALK
        assert {*lesson(name).builds_on} <= {*names[:place]}
        left_out = int(one.pace.rpartition("step ")[2].removesuffix("."))
        assert left_out == len(lesson(name).steps), "a slow class leaves out the last step"
        following = int(one.pace.split("lesson ")[1].split(".")[0])
        assert {*lessons()[following - 1].builds_on} <= {*names[: place + 1]}


def test_a_size_is_described_by_its_measurement_alone(tmp_path: Path) -> None:
    path = tmp_path / "measured.json"
    assert measurements(path) == ()
    save(replace(ONE, students=300), path)
    save(replace(ONE, click_p50=9.0), path)
    save(ONE, path)  # replaces the one before
    stored = [(one.students, one.click_p50) for one in measurements(path)]
    assert stored == [(30, 0.05), (300, 0.05)]
    assert (
        "The app answered a click in 50 ms (median), and 95 of 100 clicks in at most 250 ms."
        in describe(ONE)
    )
    assert said(30, {30: ONE}).endswith("One machine with 2 cores is enough.")
    assert "is too slow" in said(30, {30: replace(ONE, click_p95=1.2)})
    busy = replace(ONE, load=3.0, click_p95=1.2)
    assert said(30, {30: busy}) == (
        "We simulated a lesson in which 30 students each train a model. It used 40 % of one core of"
        " the server."
    )
    assert said(300, {5: replace(ONE, students=5), 30: busy}) == (
        "We didn't measure 300 students. If all train, we expect 4.0 cores (1.33 % of a core each,"
        " as in the class of 30). A copy of the app stays fast up to 70 % of a core, so start 6"
        " copies on 6 cores."
    )
    assert said(10, {30: busy}).endswith("so start 1 copy on 1 core.")
    assert "other work" in describe_machine(busy)
    assert "other work" not in describe_machine(ONE)
    assert "29 November 2026 on 2 cores (Some CPU)" in describe_machine(ONE)
    assert said(30, {}) == "This size isn't measured yet."


def test_stored_measurements_are_sound() -> None:
    assert measurements()
    for one in measurements():
        assert 0 < one.click_p50 <= one.click_p95
        assert 0 < one.first_p50 <= one.first_p95
        assert one.cores >= 1
        assert one.processor
