"""A teacher holds results back: students guess, and no page shows them an answer."""

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from gatesviz.experiments.claims import CLAIMS
from gatesviz.lessons import lesson
from gatesviz.lessons.grading import questions
from gatesviz.rooms import UnavailableError, asked
from gatesviz.rooms.asked import stage_of
from gatesviz.rooms.pace import Pace
from gatesviz.rooms.store import rooms
from gatesviz.ui.classroom import held_results
from gatesviz.ui.classroom.board import HELD_BACK, RUNS_COUNTED, board_text
from gatesviz.ui.classroom.held_results import (
    CLOSED,
    CLOSED_EARLY,
    GUESS_NOW,
    GUESS_SHOWN,
    HELD,
    TEACHER_GUESS,
    TEACHER_HELD,
)
from gatesviz.ui.classroom.membership import release_on_board
from gatesviz.ui.compare.parameters import CLAIMED
from gatesviz.ui.gradients.parameters import BACKWARD, EXPLODING, HORIZON
from gatesviz.ui.lessons import class_answers, panel
from gatesviz.ui.lessons.address import Place
from gatesviz.ui.lessons.answers import HELD_IN_LINK
from gatesviz.ui.notices import UNUSED
from gatesviz.ui.teachers import mistakes
from tests.ui.lessons.test_lesson_panel import go_to
from tests.ui.opening import MAIN, opened
from tests.ui.test_classroom import (
    ASKED,
    _cookies,
    _engine,
    _own_database,
    board,
    guess,
    line,
    parts,
    said,
    tally,
    taught,
)
from tests.ui.test_train import SMALL, click, wait

__all__ = ["_cookies", "_engine", "_own_database"]  # fixtures that every test uses


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask the database every time."""
    monkeypatch.setattr(held_results, "FRESH", 0.0)


def hold(teacher: AppTest, *, on: bool = True) -> None:
    change(teacher, hold=on)


def on_training(teacher: AppTest) -> AppTest:
    """The teacher's page *Train live* with the settings of `SMALL`."""
    own = teacher.switch_page("../../pages/train.py")
    for name, value in SMALL.items():
        own.query_params[name] = value
    return own.run()


def show(teacher: AppTest) -> None:
    """Show the results of all guesses so far."""
    shown = rooms().pace(teacher.session_state["room member"].code).shown
    change(teacher, shown=shown + 1)


def change(teacher: AppTest, **values: Any) -> None:
    who = teacher.session_state["room member"]
    rooms().change_pace(who, **values)


def captions(app: AppTest) -> list[str]:
    return [one.value for one in app.caption]


def answers(app: AppTest) -> list[str]:
    """Everything that a page says, apart from captions and the places of the player."""
    kinds = ("markdown", "text", "header", "subheader", "success", "error", "arrow_data_frame")
    said = [str(one.value) for kind in kinds for one in app.get(kind)]
    return [*said, *(one.type for one in app.main if one.type == "plotly_chart")]


@pytest.mark.parametrize("key", ASKED)
def test_a_held_guess_changes_nothing_on_the_page(key: str) -> None:
    teacher, code = taught()
    hold(teacher)
    page, link = ASKED[key]
    app = opened(page, room=code, **link)
    assert GUESS_NOW in captions(app)
    before = answers(app)
    [group] = [one for one in app.get("button_group") if one.key == key]
    guess(app, key, group.options[0])
    assert tally(code, "guess").people == 1
    assert HELD in captions(app)
    assert answers(app) == before
    show(teacher)
    app.run()
    assert HELD not in captions(app)
    assert answers(app) != before


def test_the_next_guess_is_held_again() -> None:
    teacher, code = taught()
    hold(teacher)
    app = opened("feed", room=code)
    guess(app, "guess", "f")
    show(teacher)
    guess(app, "guess", "o")  # a change of the guess that is shown
    assert any("gate **" in one for one in answers(app))
    app.switch_page("../../pages/inside.py").run()
    before = answers(app)
    [group] = [one for one in app.get("button_group") if one.key == "inlose"]
    guess(app, "inlose", group.options[0])
    assert HELD in captions(app)
    assert answers(app) == before
    app.switch_page("../../pages/feed.py").run()
    assert any("gate **" in one for one in answers(app))
    hold(teacher, on=False)
    app.switch_page("../../pages/inside.py").run()
    assert HELD not in captions(app)


@pytest.mark.parametrize(
    ("page", "link", "key"),
    [
        ("gradients", {}, "grshow"),
        ("gradients", {"grview": BACKWARD}, "grshow"),
        ("gradients", {"grview": HORIZON}, "grshow"),
        ("gradients", {"grview": EXPLODING}, "grshow"),
        ("compare", {}, "compare counts shown"),
        ("inside", ASKED["inz"][1], "inside z shown"),
    ],
)
def test_no_switch_shows_a_held_result(page: str, link: dict[str, str], key: str) -> None:
    teacher, code = taught()
    hold(teacher)
    app = opened(page, room=code, **link)
    assert key not in {one.key for one in app.toggle}
    assert not any("Principle" in one for one in answers(app))
    hold(teacher, on=False)
    app.run()
    assert key in {one.key for one in app.toggle}


def test_a_link_shows_no_held_result() -> None:
    teacher, code = taught()
    hold(teacher)
    app = opened("gradients", room=code, grview=HORIZON)
    before = answers(app)
    linked = opened("gradients", room=code, grview=HORIZON, grshow="true")
    more = [one for one in answers(linked) if one not in before]
    assert all(one == f"**{UNUSED}**" or "grshow" in one for one in more), more


def test_the_title_of_a_card_does_not_tell_a_held_result() -> None:
    teacher, code = taught()
    hold(teacher)
    page, link = ASKED["cosays"]
    app = opened(page, room=code, **link)
    [group] = [one for one in app.get("button_group") if one.key == "cosays"]
    guess(app, "cosays", group.options[0])
    other = opened(page, room=code, coview=CLAIMED, coclaim=CLAIMS["length"].sentence)
    titles = [one.label for one in other.expander]
    app.query_params["coclaim"] = CLAIMS["length"].sentence
    app.session_state["coclaim"] = CLAIMS["length"].sentence
    app.run()
    assert [one.label for one in app.expander] == titles


def test_a_drawn_curve_is_not_compared_yet() -> None:
    teacher, code = taught()
    hold(teacher)
    curve = "_".join(["40"] * 40)
    app = opened("gradients", room=code, grdraw="true", grlen="20", grline=curve)
    assert not any("Your curve" in one for one in answers(app))
    hold(teacher, on=False)
    app.run()
    assert any("Your curve" in one for one in answers(app))


def test_the_projected_screen_shows_no_result_either_and_who_is_in_no_room_sees_it() -> None:
    teacher, _ = taught()
    hold(teacher)
    projected = teacher.switch_page("../../pages/feed.py").run()
    guess(projected, "guess", "f")
    assert TEACHER_HELD in captions(projected)
    show(teacher)
    projected.run()
    assert any("gate **" in one for one in answers(projected))
    alone = opened("feed")
    guess(alone, "guess", "f")
    assert any("gate **" in one for one in answers(alone))


def test_the_board_hides_its_answers_when_results_are_held() -> None:
    teacher, code = taught()
    guess(teacher, "room shows", "right")
    hold(teacher)
    assert board(code).shows == "people"
    guess(teacher, "room shows", "answers")
    change(teacher, pause="Look here")
    assert board(code).shows == "answers", "only the beginning of holding changes it"


def test_the_browser_learns_whether_the_page_was_drawn_with_held_results() -> None:
    teacher, code = taught()
    app = opened("feed", room=code)
    drawn = line(app)
    assert drawn is not None
    assert drawn["held"] is None
    hold(teacher)
    app.run()
    assert (line(app) or {})["held"] == 0
    show(teacher)
    app.run()
    assert (line(app) or {})["held"] == 1


def test_a_database_that_fails_holds_nothing_new(monkeypatch: pytest.MonkeyPatch) -> None:
    _, code = taught()
    app = opened("feed", room=code)

    def fail(*_: object) -> Pace:
        raise UnavailableError("the server can't reach the database of its rooms")

    monkeypatch.setattr(type(rooms()), "pace", fail)
    guess(app, "guess", "f")
    assert any("gate **" in one for one in answers(app))


def test_one_look_serves_all_questions_of_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held_results, "FRESH", 60.0)
    monkeypatch.setattr(held_results, "_LAST", {})
    looks: list[str] = []
    own = type(rooms()).pace

    def counted(self: Any, code: str) -> Pace:
        looks.append(code)
        return own(self, code)

    monkeypatch.setattr(type(rooms()), "pace", counted)
    _, code = taught()
    looks.clear()
    held_results._LAST.clear()
    opened("feed", room=code)
    assert looks == [code]


def _lesson() -> tuple[Place, dict[str, str]]:
    each = lesson("memory")
    index = next(k for k, step in enumerate(each.steps) if step.check is not None)
    place = Place(each, index)
    return place, {**each.steps[index].query, "lesson": str(place)}


def _held_lesson() -> tuple[AppTest, str, AppTest]:
    """Return a teacher who holds results back, the code, and a student at a lesson's question."""
    teacher, code = taught()
    hold(teacher)
    place, query = _lesson()
    return teacher, code, opened(place.step.page, room=code, **query)


def _panel(app: AppTest) -> dict[str, Any]:
    return next(one for one in parts(app) if one and "questions" in one)


def _choose(app: AppTest, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Choose an option as the panel does."""
    place, _ = _lesson()
    with monkeypatch.context() as patch:
        sent = {"place": str(place), "value": value, "answered": 0}
        patch.setattr(panel, "_event", lambda name: (place, sent))
        patch.setattr(panel, "report_step", lambda place: panel._choose())
        app.session_state[panel.AT] = ""  # the step is opened anew, which calls `report_step`
        app.run()
    assert not app.exception


def test_a_held_answer_of_a_lesson_can_be_changed_and_is_graded_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    teacher, code, app = _held_lesson()
    place, query = _lesson()
    assert _panel(app)["held"] == {"picked": "", "text": GUESS_NOW}
    keys = [one["key"] for one in _panel(app)["questions"][0]["options"]]
    for key in keys[:2]:
        _choose(app, key, monkeypatch)
        app.run()
        shown = _panel(app)
        assert shown["held"] == {"picked": key, "text": HELD}
        assert shown["questions"][-1]["chosen"] == ""
        assert shown["chose"] == shown["record"] == ""
    assert shown["kept"] == {str(place): keys[1]}, "the tab stores it for a reload"
    counts = tally(code, "check")
    assert (counts.counts[1], counts.first[0], sum(counts.counts)) == (1, 1, 1)
    again = opened(place.step.page, room=code, **query)  # after a reload the tab tells it
    with monkeypatch.context() as patch:
        sent = {"record": "", "chosen": {}, "kept": shown["kept"], "place": str(place)}
        patch.setattr(panel, "_event", lambda name: (place, sent))
        patch.setattr(panel, "report_step", lambda place: panel._take_stored())
        again.session_state[panel.AT] = ""
        again.run()
    assert _panel(again)["held"] == {"picked": keys[1], "text": HELD}
    other = Place(place.lesson, place.index + 1)
    app.query_params.update({**other.step.query, "lesson": str(other)})
    show(teacher)
    app.run()
    assert _panel(app)["record"], "it is graded at whatever step the student is"
    assert _panel(app)["held"] == {"picked": "", "text": GUESS_NOW}
    app.query_params.update({**place.step.query, "lesson": str(place)})
    app.run()
    again.run()
    shown = _panel(app)
    assert shown["questions"][0]["chosen"] == keys[1]
    assert _panel(again)["questions"][0]["chosen"] == keys[1]
    assert shown["record"]
    app.run()
    assert len(_panel(app)["chose"]) == len(shown["chose"]), "it is answered once"


def test_the_teachers_page_shows_what_the_class_has_been_shown_also_without_a_guess() -> None:
    teacher, code = taught()
    hold(teacher)
    projected = teacher.switch_page("../../pages/feed.py").run()
    assert TEACHER_GUESS in captions(projected)
    show(teacher)
    projected.run()
    assert TEACHER_GUESS in captions(projected), "the class has answered nothing"
    student = opened("feed", room=code)
    guess(student, "guess", "f")
    show(teacher)
    projected.run()
    assert TEACHER_GUESS not in captions(projected)
    [result] = [one for one in answers(projected) if "varies most." in one]
    assert result.startswith("The "), "no verdict on a guess"
    guess(projected, "guess", "f")
    student.run()
    assert [one for one in answers(projected) if "varies most." in one] == [
        one for one in answers(student) if "varies most." in one
    ]


def test_a_lesson_shows_the_teacher_what_the_class_has_been_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    teacher, _, app = _held_lesson()
    place, query = _lesson()
    teacher.query_params.update(query)
    own = teacher.switch_page(f"../../pages/{place.step.page}.py").run()
    assert _panel(own)["held"] == {"picked": "", "text": TEACHER_GUESS}
    _choose(app, _panel(app)["questions"][0]["options"][0]["key"], monkeypatch)
    show(teacher)
    own.run()
    app.run()
    [shown, *later] = _panel(own)["questions"]
    graded = _panel(app)["questions"][0]
    assert shown["right"] == graded["right"] in {one["key"] for one in shown["options"]}
    assert shown["chosen"] not in {one["key"] for one in shown["options"]}
    assert shown["verdict"] == graded["verdict"][-len(shown["verdict"]) :] != []
    assert [one["chosen"] for one in later] == [""], "the next question is held"
    assert _panel(own)["chose"] == _panel(own)["record"] == "", "it isn't graded"


def test_a_student_who_guesses_late_or_loads_the_page_again_sees_what_the_class_has_seen() -> None:
    teacher, code = taught()
    hold(teacher)
    first, late = opened("feed", room=code), opened("feed", room=code)
    guess(first, "guess", "f")
    show(teacher)
    late.run()
    assert GUESS_SHOWN in captions(late)
    assert not any("gate **" in one for one in answers(late)), "a guess comes first"
    guess(late, "guess", "i")
    for app in (late, opened("feed", room=code, guess="f")):
        assert any("gate **" in one for one in answers(app))


def test_who_looked_ahead_sees_no_result_before_the_class_does() -> None:
    """The projected screen, if the teacher has looked at the next page and then shown results."""
    teacher, code = taught()
    hold(teacher)
    page = teacher.switch_page("../../pages/inside.py").run()
    page = page.switch_page("../../pages/feed.py").run()
    guess(opened("feed", room=code), "guess", "f")
    show(page)
    page = page.switch_page("../../pages/inside.py").run()
    before = answers(page)
    [group] = [one for one in page.get("button_group") if one.key == "inlose"]
    guess(page, "inlose", group.options[0])
    assert answers(page) == before
    assert TEACHER_HELD in captions(page)
    show(page)
    page.run()
    assert any("can erase **" in one for one in answers(page))


def test_the_board_shows_no_right_answer_of_a_question_that_is_held() -> None:
    """As where one student is a question ahead of the class."""
    teacher, code = taught()
    hold(teacher)
    ahead = opened("feed", room=code)
    guess(ahead, "guess", "f")
    page = ahead.switch_page("../../pages/inside.py").run()
    [group] = [one for one in page.get("button_group") if one.key == "inlose"]
    show(teacher)
    rooms().show(teacher.session_state["room member"], "people")
    guess(page, "inlose", group.options[0])
    rooms().show(teacher.session_state["room member"], "right")
    told = {one["title"]: one for one in json.loads(board_text(code) or "")["questions"]}
    rights = {title: one["right"] for title, one in told.items()}
    assert sum(right is not None for right in rights.values()) == 1
    [held] = [one for one in told.values() if one["right"] is None]
    assert held["note"] == HELD_BACK
    assert "erase" in held["title"]
    assert held["counts"]
    show(teacher)
    told = json.loads(board_text(code) or "")
    assert all(one["right"] is not None for one in told["questions"])


def test_a_result_that_was_seen_stays() -> None:
    teacher, code = taught()
    app = opened("feed", room=code)
    guess(app, "guess", "f")
    hold(teacher)
    app.run()
    assert any("gate **" in one for one in answers(app)), "only those of new guesses are held"


def test_another_room_has_its_own_count() -> None:
    teacher, code = taught()
    hold(teacher)
    for _ in range(3):
        show(teacher)
    app = opened("feed", room=code)
    guess(app, "guess", "f")
    second, other = taught()
    hold(second)
    app.query_params["room"] = other
    app.run()
    assert HELD in captions(app)
    guess(opened("feed", room=other), "guess", "i")
    show(second)
    app.run()
    assert HELD not in captions(app)


def test_a_database_that_fails_for_a_moment_shows_no_held_answer_of_a_lesson(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _, _, app = _held_lesson()
    key = _panel(app)["questions"][0]["options"][0]["key"]
    _choose(app, key, monkeypatch)

    def fail(*_: object) -> Pace:
        raise UnavailableError("the server can't reach the database of its rooms")

    with monkeypatch.context() as patch:
        patch.setattr(type(rooms()), "pace", fail)
        app.run()
    app.run()
    assert _panel(app)["held"] == {"picked": key, "text": HELD}


@pytest.mark.parametrize("before", [True, False])
def test_an_answer_is_shown_after_a_reload_whether_shown_before_or_meanwhile(
    before: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    teacher, code, app = _held_lesson()
    place, query = _lesson()
    key = _panel(app)["questions"][0]["options"][0]["key"]
    _choose(app, key, monkeypatch)
    app.run()
    if before:
        show(teacher)
        app.run()
    stored = {name: _panel(app)[name] for name in ("record", "chosen", "kept")}
    if not before:
        show(teacher)
    again = opened(place.step.page, room=code, **query)
    with monkeypatch.context() as patch:
        sent = {**stored, "place": str(place)}
        patch.setattr(panel, "_event", lambda name: (place, sent))
        patch.setattr(panel, "report_step", lambda place: panel._take_stored())
        again.session_state[panel.AT] = ""
        again.run()
    again.run()
    assert _panel(again)["questions"][0]["chosen"] == key


def test_a_guess_is_still_there_after_another_page_that_an_address_opens(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As where a class follows its teacher to another page and back."""
    app = opened("feed")
    guess(app, "guess", "f")
    app.query_params.clear()
    app.switch_page("../../pages/inside.py").run()
    app.switch_page("../../pages/feed.py")
    go_to(app, {}, monkeypatch)
    assert any("gate **" in one for one in answers(app))
    assert app.query_params["guess"] == "f"


def test_a_guess_is_still_there_after_a_lesson() -> None:
    """As where a class follows its teacher into a lesson and back."""
    app = opened("feed")
    guess(app, "guess", "f")
    _, query = _lesson()
    app.query_params.update(query)
    app.run()
    assert not app.exception
    app.query_params.clear()
    app.switch_page("../../pages/inside.py").run()
    assert not app.exception
    app.switch_page("../../pages/feed.py").run()
    assert any("gate **" in one for one in answers(app))


def anew(app: AppTest, page: str, **link: str) -> AppTest:
    """Return a new session of the same browser, which opens a link."""
    again = AppTest.from_file(MAIN, default_timeout=60)
    again.session_state["cookie of the test"] = app.session_state["cookie of the test"]
    for name, value in link.items():
        again.query_params[name] = value
    again = again.switch_page(f"../../pages/{page}.py").run()
    assert not again.exception
    return again


def test_a_student_who_opens_a_link_anew_finds_the_own_guess_again() -> None:
    """The link of a class has no guess, and a reload begins a new session. The room has it."""
    teacher, code = taught()
    hold(teacher)
    app = opened("feed", room=code)
    guess(app, "guess", "f")
    guess(app, "guess", "o")
    again = anew(app, "feed")
    assert HELD in captions(again)
    assert again.session_state["guess"] == "o"
    assert sum(tally(code, "guess").first) == 1
    assert GUESS_NOW in captions(opened("feed", room=code)), "it is this student's alone"
    other = anew(app, "feed", text="hello")
    assert GUESS_NOW in captions(other), "it was made for another text"
    show(teacher)
    again.run()
    assert any("gate **" in one for one in answers(again))
    hold(teacher, on=False)
    assert any("gate **" in one for one in answers(anew(app, "feed")))


def test_a_guess_that_is_found_again_is_graded_by_the_runs_that_follow() -> None:
    _, code = taught()
    link = {**SMALL, "trend": "11", "trcells": "LSTM", "trseed": "1"}
    app = opened("train", **link, room=code)
    guess(app, "trguess", "yes")
    again = anew(app, "train", **link)
    assert again.session_state["trguess"] == "yes"
    assert tally(code, "guess").question.right is None
    click(again, "Start")
    wait(again, made=11)
    again.run()
    assert tally(code, "guess").question.right is not None
    assert "guess sent trguess" not in anew(app, "train", **link).session_state


def test_an_answer_that_the_database_could_not_take_is_sent_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _, code = taught()
    place, query = _lesson()
    app = opened(place.step.page, room=code, **query)
    keys = [one["key"] for one in _panel(app)["questions"][0]["options"]]

    def fail(*_: object) -> None:
        raise UnavailableError("the server can't reach the database of its rooms")

    with monkeypatch.context() as patch:
        patch.setattr(type(rooms()), "answer", fail)
        _choose(app, keys[0], monkeypatch)
        app.run()
    assert "check" not in {one.question.kind for one in board(code).tallies}
    app.run()
    assert tally(code, "check").counts[0] == 1
    app.run()
    assert tally(code, "check").people == 1


def test_a_guess_stays_when_the_class_goes_to_other_settings_of_its_page(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The address of the class has no guess. The question isn't about the setting that changed."""
    _, code = taught()
    app = opened("gradients", room=code, grlen="20")
    guess(app, "grguess", "5")
    before = [one for one in answers(app) if "You guessed" in one]
    assert before
    go_to(app, {"grlen": "20", "grdraw": "true"}, monkeypatch)
    assert [one for one in answers(app) if "You guessed" in one] == before
    assert app.session_state["grguess"] == "5"


def test_the_board_stays_on_the_question_of_the_teachers_page() -> None:
    teacher, code = taught()
    hold(teacher)
    teacher.switch_page("../../pages/feed.py").run()
    student = opened("feed", room=code)
    guess(student, "guess", "f")
    teacher.switch_page("../../pages/classroom.py").run()
    guess(teacher, "room shows", "answers")
    student.switch_page("../../pages/inside.py").run()
    [group] = [one for one in student.get("button_group") if one.key == "inlose"]
    guess(student, "inlose", group.options[0])
    first, later = json.loads(board_text(code) or "")["questions"]
    assert first["counts"] is not None
    assert (later["counts"], later["waits"], later["people"]) == (None, True, 1)
    release_on_board(teacher.session_state["room member"], later["id"])
    assert json.loads(board_text(code) or "")["questions"][1]["counts"] is not None
    teacher.run()
    assert board(code).shows == "answers", "the page of the board asks nothing"
    teacher.switch_page("../../pages/inside.py").run()
    assert board(code).shows == "people"
    assert board(code).tallies[0].question.id == later["id"]
    show(teacher)
    rooms().show(teacher.session_state["room member"], "right")
    teacher.run()
    assert board(code).shows == "right", "the page is the same"


def test_the_question_of_a_lessons_step_is_on_the_stage_and_that_of_its_page_is_not() -> None:
    teacher, code = taught()
    place, query = _lesson()
    teacher.query_params.update(query)
    teacher.switch_page(f"../../pages/{place.step.page}.py").run()
    assert not teacher.exception
    with rooms()._begin() as connection:
        stage = stage_of(connection, code)
    check = place.step.check
    assert check is not None
    asked = [class_answers._in_room(place, one).id for one in questions(check, [])]
    assert stage == {*asked}


def test_a_links_answer_to_a_lesson_waits_for_the_teacher() -> None:
    teacher, code = taught()
    place, query = _lesson()
    check = place.step.check
    assert check is not None
    brought = {**query, "chose": f"{place}.{next(iter(check.options))}"}
    assert _panel(opened(place.step.page, **brought))["questions"][0]["right"], "without a room"
    hold(teacher)
    app = opened(place.step.page, room=code, **brought)
    [shown] = _panel(app)["questions"]
    assert (shown["chosen"], shown["right"], shown["verdict"]) == ("", "", [])
    assert HELD_IN_LINK in [one.value for one in app.text]
    app.run()
    assert [one.value for one in app.text].count(HELD_IN_LINK) == 1
    hold(teacher, on=False)
    assert _panel(opened(place.step.page, room=code, **brought))["questions"][0]["right"]


def test_the_page_for_teachers_shows_no_answers_to_a_student_while_results_are_held() -> None:
    teacher, code = taught()
    app = opened("teachers", room=code)
    assert not any("✗" in one.value for one in app.markdown)
    app.toggle("mistakes shown").set_value(True).run()
    assert any("✗" in one.value for one in app.markdown)
    hold(teacher)
    app.run()
    assert not any("✗" in one.value for one in app.markdown)
    assert mistakes.HELD in [one.value for one in app.markdown]
    own = teacher.switch_page("../../pages/teachers.py").run()
    own.toggle("mistakes shown").set_value(True).run()
    assert any("✗" in one.value for one in own.markdown)


def test_a_student_stays_in_the_lesson_while_results_are_held() -> None:
    """Without the lesson, the page would show what the step hides."""
    teacher, _, app = _held_lesson()
    assert _panel(app)["stays"] is True
    place, query = _lesson()
    teacher.query_params.update(query)
    own = teacher.switch_page(f"../../pages/{place.step.page}.py").run()
    assert _panel(own)["stays"] is False
    hold(teacher, on=False)
    app.run()
    assert _panel(app)["stays"] is False
    assert _panel(opened(place.step.page, **query))["stays"] is False


def test_a_students_show_everything_ends_when_the_class_moves_on() -> None:
    teacher, code = taught()
    place, query = _lesson()
    app = opened(place.step.page, room=code, **query)
    other = Place(place.lesson, place.index + 1)
    for follow in (False, True):
        change(teacher, follow=follow)
        app.query_params.update({**place.step.query, "lesson": str(place)})
        app.run()
        app.session_state["lesson all"] = True
        app.run()
        assert _panel(app)["everything"] is True
        app.query_params.update({**other.step.query, "lesson": str(other)})
        app.run()
        assert _panel(app)["everything"] is not follow


def test_a_held_guess_about_training_ends_with_the_start() -> None:
    teacher, code = taught()
    hold(teacher)
    on_training(teacher)
    app = opened("train", **SMALL, room=code)

    def control() -> Any:
        [found] = [one for one in app.get("button_group") if one.key == "trguess"]
        return found

    options = control().options
    guess(app, "trguess", options[0])
    guess(app, "trguess", options[1])
    assert tally(code, "guess").counts[1] == 1, "before the start, it can change"
    click(app, "Start")
    wait(app, made=10)
    app.run()
    assert control().proto.disabled
    assert CLOSED in captions(app)
    late_press = control()
    late_press.proto.disabled = False  # as it was drawn before the start
    late_press.set_value(options[0]).run()
    assert (control().value, tally(code, "guess").counts[1]) == (options[1], 1)
    told = {one["kind"]: one for one in json.loads(board_text(code) or "")["questions"]}
    assert told["run"]["values"] is None
    assert "median" not in told["run"]
    assert told["run"]["hidden"] == RUNS_COUNTED
    click(app, "Reset")
    assert CLOSED in captions(app), "it has seen the curves"
    late = opened("train", **SMALL, room=code)
    click(late, "Start")
    wait(late, made=10)
    late.run()
    assert CLOSED_EARLY in captions(late)
    show(teacher)
    app.run()
    assert not control().proto.disabled
    told = {one["kind"]: one for one in json.loads(board_text(code) or "")["questions"]}
    assert told["run"]["values"] is not None


def test_new_settings_of_training_are_a_new_question(monkeypatch: pytest.MonkeyPatch) -> None:
    """A student who has seen the curves of other settings can guess, but not of another seed."""
    monkeypatch.setattr(asked, "HERE", 3600.0)  # a browser's page would say that it is open
    teacher, code = taught()
    hold(teacher)
    own = on_training(teacher)
    app = opened("train", **SMALL, trseed="1", room=code)

    def is_closed() -> bool:
        [found] = [one for one in app.get("button_group") if one.key == "trguess"]
        return bool(found.proto.disabled)

    guess(app, "trguess", "RNN")
    click(app, "Start")
    wait(app, made=10)
    app.run()
    assert is_closed()
    app.number_input("trseed").set_value(2).run()
    assert is_closed(), "the curves of another seed answer it, too"
    show(teacher)
    own.run()
    assert board(code).shows == "right"
    app.run()
    assert not is_closed(), "the class has been shown this question, with whatever seed"
    for page in (own, app):
        page.slider("trhidden").set_value(4).run()
    assert board(code).shows == "people", "the teacher's page asks a new question"
    assert not is_closed()
    assert GUESS_NOW in captions(app)
    assert rooms().lead(code)[2] == (0, 1), "the guess before was about other settings"
    guess(app, "trguess", "LSTM")
    assert HELD in captions(app)
    assert rooms().lead(code)[2] == (1, 1)
    [told] = [
        one for one in json.loads(board_text(code) or "")["questions"] if one["kind"] == "guess"
    ]
    assert (told["counts"], told["right"]) == (None, None)
    go_to(app, {**SMALL, "trhidden": "3", "trseed": "1"}, monkeypatch)
    go_to(app, {**SMALL, "trhidden": "4", "trseed": "2"}, monkeypatch)
    assert app.session_state["trguess"] == app.query_params["trguess"] == "LSTM"


def test_the_class_is_asked_one_question_about_training_with_all_its_seeds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(asked, "HERE", 3600.0)
    teacher, code = taught()
    hold(teacher)
    own = on_training(teacher)
    assert TEACHER_GUESS in captions(own)
    first, late = (opened("train", **SMALL, room=code) for _ in range(2))
    assert first.session_state["trseed"] != late.session_state["trseed"]
    guess(first, "trguess", "RNN")
    assert rooms().lead(code)[2] == (1, 2)
    show(teacher)
    own.run()
    assert TEACHER_GUESS not in captions(own), "the class has been shown the result"
    assert board(code).shows == "right"
    own.number_input("trseed").set_value(7).run()
    assert board(code).shows == "right", "another seed is no new question"
    late.run()
    assert GUESS_SHOWN in captions(late)
    guess(late, "trguess", "LSTM")
    assert HELD not in captions(late)
    assert rooms().lead(code)[2] == (0, 2)
    assert tally(code, "guess").settings == 2, "the right answer may depend on the seed"


def test_curves_of_almost_the_same_runs_answer_a_held_guess() -> None:
    teacher, code = taught()
    hold(teacher)
    link = {**SMALL, "trend": "11", "trcells": "LSTM", "trlayers": "2"}
    app = opened("train", **link, trseed="1", room=code)
    click(app, "Start")
    wait(app, made=11)
    for key, value in (
        *(("trseed", 2), ("trend", 10), ("trrate", 0.011), ("trnorm", 1.01)),
        *(("trbatch", 33), ("trdrop", 0.01), ("trdata", 9_000)),
    ):
        app.number_input(key).set_value(value).run()
        assert CLOSED_EARLY in captions(app), key
    app.slider("trhidden").set_value(4).run()
    assert GUESS_NOW in captions(app), "with other units, it is another question"


def test_the_seed_of_a_class_is_ignored_by_other_pages_without_a_word() -> None:
    _, code = taught()
    assert "was ignored" not in said(opened("feed", room=code, trseed="5"))
    assert "“trseed” was ignored" in said(opened("feed", trseed="5"))
