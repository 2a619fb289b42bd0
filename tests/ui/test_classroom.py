"""Rooms on the pages, without a browser: a teacher, students, and pages that feed the board."""

import csv
import json
import re
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl
from uuid import uuid4

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from gatesviz.engine import stop_engine
from gatesviz.experiments.claims import CLAIMS
from gatesviz.lessons import Lesson, lesson, lessons
from gatesviz.lessons.grading import questions
from gatesviz.rooms import Member, Question, UnavailableError, nickname
from gatesviz.rooms.curves import POINTS
from gatesviz.rooms.location import database_url, may_have_rooms
from gatesviz.rooms.store import rooms
from gatesviz.rooms.tally import Board, Tally
from gatesviz.training import TrainingSpec, own_series
from gatesviz.ui.classroom import held_results, membership, page, reports
from gatesviz.ui.classroom.addresses import local_addresses, only_here, origins, picture
from gatesviz.ui.classroom.board import board_text
from gatesviz.ui.classroom.frame import own_seed
from gatesviz.ui.classroom.pace import OWN, lesson_view, pace_texts
from gatesviz.ui.classroom.page import NO_SECRET, as_csv
from gatesviz.ui.compare.parameters import CLAIMED, KNOWN
from gatesviz.ui.gradients.parameters import BACKWARD, EXPLODING, HORIZON, INPUTS
from gatesviz.ui.guesses import GUESSES
from gatesviz.ui.inside.parameters import Z_VIEW
from gatesviz.ui.lessons import class_answers
from gatesviz.ui.lessons.address import Place, place_of
from gatesviz.ui.lessons.answers import places
from gatesviz.ui.menu import address as page_address
from gatesviz.ui.train import class_results
from gatesviz.ui.train.settings import Settings
from gatesviz.ui.what_if.parameters import FOR_GOOD
from tests.challenges.solutions import NEAR_MISSES, SOLUTIONS
from tests.training.making import small
from tests.ui.downloading import made_by_server
from tests.ui.lessons.test_lesson_panel import go_to
from tests.ui.opening import MAIN, opened
from tests.ui.test_challenge import with_weights
from tests.ui.test_train import SMALL, click, wait

VARIES = (
    "Which of i, f, g and o varies most while the LSTM reads this text? We measure the"
    " standard deviation over all steps, in % of the largest possible one, averaged over the units."
)


@pytest.fixture(autouse=True)
def _own_database(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setenv("GATESVIZ_RESULTS", str(tmp_path))


@pytest.fixture(autouse=True)
def _cookies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give each session a cookie, as a browser does."""

    def cookie() -> str:
        made: str = st.session_state.setdefault("cookie of the test", uuid4().hex)
        return made

    monkeypatch.setattr(membership, "person", cookie)


@pytest.fixture(scope="module", autouse=True)
def _engine() -> Iterator[None]:
    yield
    stop_engine()


def taught() -> tuple[AppTest, str]:
    """Return a teacher's page and the code of the room."""
    app = click(opened("classroom"), "Open a room")
    assert not app.exception
    return app, app.session_state["room member"].code


def parts(app: AppTest) -> list[dict[str, Any]]:
    """Return the data of the parts that the browser draws."""
    return [json.loads(one.proto.json) for one in app.get("bidi_component") if one.proto.json]


def line(app: AppTest) -> dict[str, Any] | None:
    """Return the line above the page."""
    return next((one for one in parts(app) if one and "teacher" in one), None)


def said(app: AppTest) -> str:
    return " ".join(one.value for one in [*app.text, *app.markdown, *app.code])


def guess(app: AppTest, key: str, option: str) -> None:
    [group] = [one for one in app.get("button_group") if one.key == key]
    group.set_value(option).run()
    assert not app.exception


def board(code: str) -> Board:
    return rooms().board(code)


def tally(code: str, kind: str) -> Tally:
    [one] = [one for one in board(code).tallies if one.question.kind == kind]
    return one


def test_without_a_room_no_page_asks_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise AssertionError("a page asked the database")

    monkeypatch.setattr(membership, "stored_rooms", fail)
    monkeypatch.setattr(reports, "stored_rooms", fail)
    monkeypatch.setattr(held_results, "stored_rooms", fail)
    assert not may_have_rooms()
    app = opened("feed")
    guess(app, "guess", "f")
    assert line(app) is None


def test_a_teacher_opens_a_room_and_two_students_guess() -> None:
    teacher, code = taught()
    drawn = line(teacher)
    assert drawn is not None
    assert (drawn["code"], drawn["teacher"], drawn["page"]) == (code, True, "classroom")
    assert drawn["private"] == ["classroom", "teachers"]
    assert f"room={code}" in said(teacher)
    first, second = (opened("feed", room=code.lower()) for _ in range(2))
    for app in (first, second):
        drawn = line(app)
        assert drawn is not None
        assert drawn["name"] == nickname(app.session_state["room member"].person)
        assert "room" not in app.query_params
        assert not [one.value for one in app.text if "ignored" in one.value]
    guess(first, "guess", "f")
    guess(second, "guess", "o")
    guess(second, "guess", "f")
    one = tally(code, "guess")
    chosen = one.question.options.index("f")
    assert one.question.title == VARIES
    assert (one.people, one.counts[chosen], sum(one.counts)) == (2, 2, 2)
    assert (one.first[chosen], one.first[one.question.options.index("o")]) == (1, 1)
    assert one.settings == 1


@pytest.mark.parametrize(
    ("page", "key", "pattern"),
    [
        ("feed", "guess", r"gate \*\*(\w)\*\* varies most"),
        ("inside", "inlose", r"can erase \*\*([^*]+)\*\*"),
        ("what_if", "wiguess", r"^(?:Yes|Not quite)\. ([^:]+):"),
        ("compare", "coshare", r"exactly \*\*([^*]+)\*\*"),
        ("gradients", "grfate", r"Gradient descent without clipping ([^.]+)\."),
        ("gradients", "grguess", r"\*\*(\d+) steps back\*\*, ‖∂L/∂c‖ falls below 1 %"),
        ("inside", "inz", r"PyTorch \*\*([^*]+)\*\*"),
    ],
)
def test_the_right_answer_of_the_board_is_the_one_that_the_page_says(
    page: str, key: str, pattern: str
) -> None:
    _, code = taught()
    link = {
        "grfate": {"grview": "exploding"},
        "grguess": {"grlen": "12", "grhid": "4", "grseed": "4"},
        "inz": {"incell": "GRU", "inview": Z_VIEW},
    }
    app = opened(page, room=code, **link.get(key, {}))
    [group] = [one for one in app.get("button_group") if one.key == key]
    guess(app, key, group.options[0])
    found = [re.search(pattern, one.value) for one in app.markdown]
    [said_right] = [one[1] for one in found if one]
    one = tally(code, "guess").question
    assert one.right is not None
    right = one.options[one.right].lower()
    assert right.removesuffix(" it") == said_right.lower()  # "keeps it" is "keeps the old state"


ASKED: dict[str, tuple[str, dict[str, str]]] = {
    "guess": ("feed", {}),
    "inlose": ("inside", {}),
    "inz": ("inside", {"incell": "GRU", "inview": Z_VIEW}),
    "wiguess": ("what_if", {}),
    "wigate": ("what_if", {"wiview": FOR_GOOD}),
    "grguess": ("gradients", {}),
    "grback": ("gradients", {"grview": BACKWARD}),
    "grwhich": ("gradients", {"grview": INPUTS}),
    "grhor": ("gradients", {"grview": HORIZON}),
    "grfate": ("gradients", {"grview": EXPLODING}),
    "coshare": ("compare", {}),
    "cosays": ("compare", {"coview": CLAIMED, "coclaim": CLAIMS["updates"].sentence}),
    "coholds": ("compare", {"coview": KNOWN}),
}
"""Key of a question -> where it is asked with the settings that a page begins with."""
LATER = {"trguess", "grcourse", "unguess", "cobest"}
"""Questions whose right answer needs a run that the reader starts."""


def test_every_question_of_a_page_is_checked_for_its_right_answer() -> None:
    assert ASKED.keys() | LATER == GUESSES - {"grline"}, "grline is a drawn curve"


@pytest.mark.parametrize("key", ASKED)
def test_each_question_has_its_right_answer_on_the_board_and_in_the_table(key: str) -> None:
    teacher, code = taught()
    guess(teacher, "room shows", "right")
    page, link = ASKED[key]
    app = opened(page, room=code, **link)
    [group] = [one for one in app.get("button_group") if one.key == key]
    guess(app, key, group.options[0])
    for _ in range(100):  # some are measured in several runs of the page
        if tally(code, "guess").question.right is not None:
            break
        app.run()
    right = tally(code, "guess").question.right
    assert right is not None
    [shown] = json.loads(board_text(code) or "")["questions"]
    assert shown["right"] == right
    [row] = csv.DictReader(as_csv(teacher.session_state["room member"]).splitlines())
    assert row["right answer"] == shown["options"][right]


def test_the_table_names_the_settings_that_a_guess_was_made_for() -> None:
    """The same question about 3 and about 4 hidden units. A typed text stays with who typed it."""
    teacher, code = taught()
    for units in ("3", "4"):
        app = opened("train", **{**SMALL, "trhidden": units, "trseed": "5"}, room=code)
        guess(app, "trguess", app.get("button_group")[0].options[0])
    typed = opened("feed", room=code, text="=SUM(A1)", temp="0.5")
    guess(typed, "guess", "f")
    found = [*csv.DictReader(as_csv(teacher.session_state["room member"]).splitlines())]
    assert len({row["question"] for row in found[:2]}) == 1
    for units, row in zip(("3", "4"), found, strict=False):
        told = row["settings"].split("; ")
        assert {f"Hidden units: {units}", "Seed: 5", "Cells: LSTM and RNN"} <= {*told}
        assert "Batch size: 32" not in told, "it is the usual one"
    assert found[2]["settings"] == "Temperature: 0.5; Model: characters"
    who = typed.session_state["room member"]
    rooms().answer(who, Question("guess", "A guess", ("yes", "no")), 0, "", "=1+1; =2+2")
    told = as_csv(teacher.session_state["room member"])
    assert "'=1+1; '=2+2" in told, "a spreadsheet computes nothing"


def _unavailable(*_: object) -> None:
    raise UnavailableError("the server can't reach the database of its rooms")


def _late() -> None:
    """Draw a question whose right answer is measured later."""
    import streamlit as st

    from gatesviz.ui.guesses import ask_guess, tell_right

    state = st.session_state
    about = state.get("setting", 0)
    ask_guess("Q?", ["a", "b"], key="late", about=about, right=lambda: state.get("measured"))
    tell_right("late", state.get("in a part"))


@pytest.mark.parametrize("where", ["measured", "in a part"])
def test_the_right_answer_is_told_when_it_is_measured_after_the_guess(
    where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, code = taught()
    app = AppTest.from_function(_late, default_timeout=60).run()
    app.session_state["room member"] = rooms().join(code, "f" * 32)
    guess(app, "late", "a")
    assert tally(code, "guess").question.right is None
    version = board(code).version
    app.run()
    assert board(code).version == version, "nothing new is known"
    app.session_state["setting"], app.session_state[where] = 1, "b"
    app.run()
    assert tally(code, "guess").question.right is None, "that is the answer for other settings"
    app.session_state["setting"] = 0
    with monkeypatch.context() as failing:
        failing.setattr(type(rooms()), "answer", _unavailable)
        app.run()
    assert tally(code, "guess").question.right is None
    app.run()  # when the database answers again
    assert (tally(code, "guess").question.right, tally(code, "guess").counts) == (1, (1, 0))
    version = board(code).version
    app.run()
    assert board(code).version == version, "it is told once"


def test_a_drawn_curve_is_on_the_board_once_a_student_draws_it() -> None:
    _, code = taught()
    app = opened(
        "gradients", room=code, grdraw="true", grlen="20", grline="_".join(["40"] * POINTS)
    )
    assert board(code).tallies == (), "a curve of a link is not the student's"
    app.session_state["gradient stroke"] = True  # as the pad leaves it behind
    app.run()
    assert not app.exception
    one = tally(code, "curve")
    assert one.curves == ((40,) * POINTS,)
    assert len(one.measured) == POINTS
    assert one.question.options[-1] == "20 steps back"


def test_the_guess_of_a_link_or_of_the_teacher_is_not_an_answer() -> None:
    teacher, code = taught()
    opened("feed", room=code, guess="o")
    app = teacher.switch_page("../../pages/feed.py").run()
    guess(app, "guess", "i")
    assert board(code).tallies == ()


def test_who_leaves_sends_nothing_more_and_the_room_is_not_joined_again() -> None:
    _, code = taught()
    app = opened("feed", room=code)
    guess(app, "guess", "f")
    rooms().leave(app.session_state["room member"])  # in another tab
    guess(app, "guess", "o")
    assert line(app.run()) is None, "the page has noticed"
    one = tally(code, "guess")
    assert one.counts[one.question.options.index("o")] == 0


def test_a_typed_code_joins_and_a_wrong_one_is_named() -> None:
    _, code = taught()
    app = opened("classroom")
    for text, sentence in (
        ("<b>", "'<b>' isn't a room code. A room code has 5 letters, such as BCDFH."),
        ("ZZZZZ", "There is no room ZZZZZ; ask for the code again."),
    ):
        app.text_input(key="room code").set_value(text)
        click(app, "Join")
        assert sentence in said(app)
        assert line(app) is None
    app.text_input(key="room code").set_value(f" {code[:2]}-{code[2:].lower()}")
    click(app, "Join")
    assert line(app) is not None
    assert "is no code" not in said(app)


@pytest.mark.parametrize("text", ["", "%00", "BCDFH", "' OR 1=1 --", "💥" * 30])
def test_a_link_to_no_room_is_one_sentence_and_the_page_works(text: str) -> None:
    app = opened("feed", room=text, t="3")
    assert line(app) is None
    assert app.session_state["feed opens"].step == 3
    assert "room" in said(app)


def test_back_to_a_link_to_no_room_says_the_problem_again() -> None:
    app = opened("feed", room="ZZZZZ")
    del app.query_params["room"]
    assert "ZZZZZ" not in said(app.run())
    app.query_params["room"] = "ZZZZZ"
    for _ in range(2):
        app.run()
        assert not app.exception
        assert "There is no room ZZZZZ; ask for the code again." in said(app)


def test_a_browser_without_a_cookie_opens_and_joins_no_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _, code = taught()
    monkeypatch.setattr(membership, "person", lambda: "")
    app = click(opened("classroom"), "Open a room")
    assert line(app) is None
    assert "Your browser sends no cookie" in said(app)
    other = opened("feed", room=code)
    assert line(other) is None
    assert "Your browser sends no cookie" in said(other)
    assert board(code).people == 0


def test_a_student_is_found_again_after_the_database_failed_for_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _, code = taught()
    cookie = "a" * 32
    monkeypatch.setattr(membership, "person", lambda: cookie)
    student = rooms().join(code, cookie)
    asked: list[int] = []

    def fail() -> None:
        asked.append(1)
        raise UnavailableError("the server can't reach the database of its rooms")

    with monkeypatch.context() as failing:
        failing.setattr(membership, "stored_rooms", fail)
        app = opened("feed")
        app.run()
    assert line(app) is None
    assert len(asked) == 1, "there is a pause between two attempts"
    monkeypatch.setattr(membership, "time", SimpleNamespace(monotonic=lambda: 1e12))
    app.run()
    assert app.session_state["room member"] == student
    assert line(app) is not None


def test_the_teachers_link_makes_a_teacher_and_leaves_the_address() -> None:
    teacher, code = taught()
    key = teacher.session_state["room secret"]
    assert f"teach={key}" in said(teacher)
    other = opened("classroom", room=code, teach=key)
    assert other.session_state["room member"].teacher
    assert not {"room", "teach"} & set(other.query_params)
    wrong = opened("classroom", room=code, teach="guessed")
    assert line(wrong) is None
    assert "not the teacher's link" in said(wrong)


def test_after_a_reload_the_teacher_still_has_the_own_link() -> None:
    teacher, code = taught()
    key = teacher.session_state["room secret"]
    again = AppTest.from_file(MAIN, default_timeout=60)
    again.session_state["cookie of the test"] = teacher.session_state["cookie of the test"]
    again = again.switch_page("../../pages/classroom.py").run()
    assert again.session_state["room member"].teacher
    assert f"teach={key}" in said(again)
    assert NO_SECRET not in [one.value for one in again.caption]
    student = opened("classroom", room=code)
    assert "teach=" not in said(student)
    other = opened("classroom", room=code, teach=key)
    assert f"teach={key}" in said(other)
    del other.session_state["room secret"]  # as after a reload: the server stores only its hash
    other.run()
    assert "teach=" not in said(other)
    assert NO_SECRET in [one.value for one in other.caption]


def test_a_teacher_who_joins_another_room_can_come_back() -> None:
    teacher, code = taught()
    _, other = taught()
    first = teacher.session_state["room member"]
    teacher.query_params["room"] = other
    teacher.run()
    assert not teacher.session_state["room member"].teacher
    assert rooms().member(code, teacher.session_state["cookie of the test"]) == first
    teacher.query_params["room"] = code
    teacher.run()
    assert teacher.session_state["room member"] == first
    assert board(other).people == 0


def test_the_end_of_a_room_ends_it_for_everybody() -> None:
    teacher, code = taught()
    student = opened("feed", room=code)
    guess(student, "guess", "f")
    member = teacher.session_state["room member"]
    table = made_by_server(lambda: as_csv(member))
    assert f'"1","guess","{VARIES}","f"' in table
    click(teacher, "End the room and delete everything")
    assert line(teacher) is None
    guess(student, "guess", "o")
    assert line(student.run()) is None
    assert rooms().version(code) is None


@pytest.mark.parametrize("over", [True, False])
def test_a_screen_whose_connection_ended_for_good_forgets_the_room(over: bool) -> None:
    teacher, code = taught()
    student = opened("feed", room=code)
    who = student.session_state["room member"]
    app = AppTest.from_function(_call_back, default_timeout=60)
    app.session_state["room member"] = who
    app.session_state["cookie of the test"] = student.session_state["cookie of the test"]
    assert app.run().session_state["room member"] == who, "it is still in the room"
    if over:
        rooms().end(teacher.session_state["room member"])
    else:
        rooms().leave(who)
    assert "room member" not in app.run().session_state
    expected = f"Room {code} has ended." if over else f"You have left room {code}."
    assert [one.value for one in app.text] == [expected]


def _call_back() -> None:
    import streamlit

    from gatesviz.ui.classroom.membership import check_room, problem

    check_room()
    streamlit.text(problem())


def test_the_end_of_a_room_is_said_long_enough_to_read_it(monkeypatch: pytest.MonkeyPatch) -> None:
    teacher, code = taught()
    click(teacher, "End the room and delete everything")
    sentence = f"Room {code} has ended. Its data is deleted."
    for _ in range(3):  # its connections end late, and each starts a run
        assert sentence in [one.value for one in teacher.text]
        teacher.run()
    later = time.monotonic() + membership.SAID_FOR + 1
    monkeypatch.setattr(membership, "time", SimpleNamespace(monotonic=lambda: later))
    assert sentence not in [one.value for one in teacher.run().text]


def test_what_the_board_shows_is_the_teachers_choice() -> None:
    teacher, code = taught()
    guess(teacher, "room shows", "right")
    assert board(code).shows == "right"


def _late_choice() -> None:
    """Choose what the board shows, by a request that was on its way when the room ended."""
    import streamlit as st

    from gatesviz.rooms import Member
    from gatesviz.ui.classroom.membership import problem
    from gatesviz.ui.classroom.page import _show

    _show(Member("BCDFH", "f" * 32, teacher=True))
    st.text(problem())


def test_a_late_choice_for_a_board_that_is_gone_says_nothing() -> None:
    app = AppTest.from_function(_late_choice, default_timeout=60).run()
    assert not app.exception
    assert [one.value for one in app.text] == [""]


def test_a_lesson_tells_where_a_student_is_and_what_they_chose(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent: list[tuple[Question, float | None]] = []
    monkeypatch.setattr(class_answers, "report", lambda *answer: sent.append(answer))
    each = lesson("memory")
    index = next(k for k, step in enumerate(each.steps) if step.check is not None)
    place = Place(each, index)
    check = each.steps[index].check
    assert check is not None
    shown = list(questions(check, [])[0].options)
    for key in shown:
        class_answers.report_choice(place, questions(check, [key])[0])
    class_answers.report_step(place)
    *checks, (progress, at) = sent
    assert [value for _, value in checks] == list(range(len(check.options)))
    assert len({question.id for question, _ in checks}) == 1
    [asked] = {question for question, _ in checks}
    answered = questions(check, [next(iter(check.options))])[0]
    assert asked.right == shown.index(answered.right)
    assert (at, len(progress.options)) == (index, len(each.steps))


def test_a_step_of_a_lesson_is_where_the_class_is() -> None:
    _, code = taught()
    step = lesson("memory").steps[1]
    opened(step.page, **step.query, lesson="memory.2", room=code)
    one = tally(code, "progress")
    assert one.counts[1] == sum(one.counts) == 1
    assert one.question.options[1] == f"2. {step.title}"


def test_finished_runs_of_two_seeds_are_one_question_each() -> None:
    _, code = taught()
    for seed in ("0", "1"):
        app = opened("train", **SMALL, trcells="LSTM", trseed=seed, room=code)
        click(app, "Start")
        wait(app, made=10)
        app.run()
    end = time.monotonic() + 30
    while len(board(code).tallies) < 2 and time.monotonic() < end:
        app.run()
    score, solved = sorted(board(code).tallies, key=lambda one: one.question.unit)
    assert (score.people, solved.people) == (2, 2)
    assert score.question.title.startswith("Recall the first letter: LSTM, 3 units, 10 updates")
    assert "held-out accuracy" in score.question.title
    assert solved.question.without == "not solved in 10 updates"
    assert score.numbers.n == 2
    assert all(0 <= value <= 100 for value in score.numbers.values)
    teacher = Member(code, "anyone", teacher=True)
    found = [row["seed"] for row in csv.DictReader(as_csv(teacher).splitlines())]
    assert sorted(found) == ["0", "0", "1", "1"], "two questions for each run"


def test_each_student_has_a_seed_and_a_link_or_a_lesson_has_its_own() -> None:
    _, code = taught()
    app = opened("train", **SMALL, room=code)
    seed = own_seed(app.session_state["room member"])
    assert app.session_state["trseed"] == seed
    assert app.number_input(key="trseed").value == seed
    assert opened("train", **SMALL, room=code, trseed="5").session_state["trseed"] == 5
    other = opened("train", room=code, lesson="seeds.2", **lesson("seeds").steps[1].query)
    assert other.session_state["trseed"] != own_seed(other.session_state["room member"])


def test_a_student_keeps_the_own_seed_on_each_way_to_the_page(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Also where the screen follows the teacher, which opens an address as Back does."""
    _, code = taught()
    first, second = (opened("train", **SMALL, room=code) for _ in range(2))
    seeds = [own_seed(app.session_state["room member"]) for app in (first, second)]
    assert len({*seeds, 0}) == 3
    for app, seed in zip((first, second), seeds, strict=True):
        for query in (dict(SMALL), {**SMALL, "trend": "20"}):
            go_to(app, query, monkeypatch)
            assert app.number_input(key="trseed").value == seed
            assert app.query_params["trseed"] == str(seed)
    go_to(first, {**SMALL, "trseed": "5"}, monkeypatch)
    assert first.number_input(key="trseed").value == 5
    go_to(first, {**SMALL, "lock": "trseed"}, monkeypatch)
    assert first.number_input(key="trseed").value == 0
    go_to(first, dict(SMALL), monkeypatch)
    assert first.number_input(key="trseed").value == seeds[0]
    go_to(first, place_of("counting.5").query, monkeypatch)
    assert first.session_state["trseed"] == 0, "the lesson's own"


@pytest.mark.parametrize("each", lessons(), ids=lambda one: one.name)
def test_a_step_that_a_class_follows_is_that_of_its_own_link(each: Lesson) -> None:
    for place in places(Place(each, 0)):
        led = {name: text for name, text in place.query.items() if name not in OWN}
        followed = parse_qsl(lesson_view(page_address(place.step.page, led)))
        assert {**dict(followed), **led} == place.query
        assert not led.keys() & dict(followed).keys()
        other = "compare" if place.step.page == "feed" else "feed"
        assert lesson_view(page_address(other, led)) == ""
    assert not any(map(lesson_view, ("", "feed", "feed?lesson=none.2", "feed?lesson=memory.99")))


def test_a_screen_that_follows_a_step_sees_the_same_as_its_teacher() -> None:
    teacher, code = taught()
    place = place_of("forgetting.2")
    led = {name: text for name, text in place.query.items() if name not in OWN}
    followed = page_address(place.step.page, led)
    rooms().change_pace(teacher.session_state["room member"], follow=True, address=followed)
    told = json.loads((pace_texts(code) or ("",))[0])
    assert dict(parse_qsl(told["view"])) == {"t": "1", "rows": "x_h", "edits": "h@1=0"}
    student = opened("feed", room=code, **led, **dict(parse_qsl(told["view"])))
    for app in (opened("feed", **place.query), student):
        opens = app.session_state["feed opens"]
        assert (opens.step, opens.rows, opens.edits) == (1, "x_h", "h@1=0")


def test_a_try_at_a_challenge_is_on_the_board_and_a_solved_one_stays_solved() -> None:
    _, code = taught()
    for solved in (0, 1):
        cell = (NEAR_MISSES, SOLUTIONS)[solved]["latch"][0]
        app = opened("inside", room=code, **with_weights("latch", cell))
        click(app, "Try it")
    one = tally(code, "challenge")
    assert one.question.title == "Challenge: Latch"
    assert one.question.options == ("solved", "tried, not solved yet")
    assert one.counts == (1, 1)
    app.slider(key="inside weight i_0_b").set_value(9.0).run()
    click(app, "Try it")
    assert "Not yet" in " ".join(each.value for each in app.error)
    assert tally(code, "challenge").counts == (1, 1)


def test_runs_on_your_own_data_stay_with_you(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(class_results, "member", lambda: Member("BCDFH", "0" * 32))
    monkeypatch.setattr(class_results, "report", lambda *_: pytest.fail("sent"))
    data = own_series([float(k % 7) for k in range(200)], "my secret column")
    settings = Settings({"lstm": TrainingSpec(data, "lstm")}, 10)
    view = SimpleNamespace(status="finished")
    class_results.report_runs(settings, {"lstm": view})  # type: ignore[dict-item]


def test_a_run_that_finished_before_joining_is_not_sent_and_one_that_failed_is_sent_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent: list[float | None] = []
    works = {"works": False}
    state: dict[str, Any] = {}
    now = [0.0]

    def report(question: Question, value: float | None, **about: object) -> bool:
        sent.append(value)
        return works["works"]

    found = [(Question("run", "Score", unit="%"), 50.0)]
    monkeypatch.setattr(class_results, "results", lambda *_: found)
    monkeypatch.setattr(class_results, "report", report)
    monkeypatch.setattr(class_results.st, "session_state", state)
    monkeypatch.setattr(class_results, "time", SimpleNamespace(monotonic=lambda: now[0]))
    settings = Settings({"lstm": small(cell="lstm")}, 10)

    def finished(run_id: str, member: Member | None) -> int:
        monkeypatch.setattr(class_results, "member", lambda: member)
        view = SimpleNamespace(status="finished", run_id=run_id, updates=10)
        class_results.report_runs(settings, {"lstm": view})  # type: ignore[dict-item]
        return len(sent)

    student = Member("BCDFH", "0" * 32)
    assert finished("before", None) == 0
    assert finished("before", student) == 0
    assert finished("after", student) == 1
    assert finished("after", student) == 1, "there is a pause"
    now[0], works["works"] = 1e6, True
    assert finished("after", student) == 2
    assert finished("after", student) == 2


def test_a_choice_for_the_board_that_fails_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    teacher, code = taught()

    def fail(*_: object) -> None:
        raise UnavailableError("the server can't reach the database of its rooms")

    with monkeypatch.context() as failing:
        failing.setattr(type(rooms()), "show", fail)
        guess(teacher, "room shows", "right")
    assert "The server can't reach the database of its rooms." in said(teacher)
    assert teacher.session_state["room shows"] == board(code).shows == "people"
    rooms().end(teacher.session_state["room member"])  # in another tab
    guess(teacher, "room shows", "right")
    assert "There is no room" in said(teacher)
    assert line(teacher) is None


def test_the_teacher_sees_when_the_room_ends_and_is_warned_in_the_last_hour(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    teacher, code = taught()
    at = time.gmtime(rooms().expires(code))
    other_day = at.tm_mday != time.gmtime().tm_mday
    day = "tomorrow" if other_day else "today"
    sentence = f"This room ends {day} at {at.tm_hour:02}:{at.tm_min:02} UTC."
    assert any(one.value.startswith(sentence) for one in teacher.caption)
    assert not [one for one in teacher.warning if "minutes" in one.value]
    now = rooms().expires(code) - 20 * 60
    monkeypatch.setattr(page, "time", SimpleNamespace(time=lambda: now))
    teacher.run()
    [warning] = [one.value for one in teacher.warning if "minutes" in one.value]
    assert warning.startswith("This room ends in 20 minutes. Download what the class answered")


def test_the_end_of_a_room_has_its_day_by_the_clock_of_the_browser(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = datetime(2026, 11, 30, 20, 44, tzinfo=UTC).timestamp()
    monkeypatch.setattr(page.time, "time", lambda: now)
    said = {}
    for zone in ("Europe/Berlin", "America/New_York", "nowhere"):
        monkeypatch.setattr(page.st, "context", SimpleNamespace(timezone=zone))
        said[zone] = [page.end_time(now + hours * 3600) for hours in (1, 12, 60)]
    assert said == {
        "Europe/Berlin": ["today at 22:44", "tomorrow at 09:44", "on 3 December 2026 at 09:44"],
        "America/New_York": ["today at 16:44", "tomorrow at 03:44", "on 3 December 2026 at 03:44"],
        "nowhere": [
            "today at 21:44 UTC", "tomorrow at 08:44 UTC", "on 3 December 2026 at 08:44 UTC",
        ],
    }  # fmt: skip


def test_the_picture_is_an_svg_of_the_link() -> None:
    drawn = picture("http://192.168.1.5:8501/?room=BCDFH")
    assert drawn.startswith("<svg")
    assert "#fff" in drawn
    assert drawn != picture("http://192.168.1.5:8501/?room=BCDFJ")


def test_addresses_are_those_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    import psutil

    def address(text: str) -> SimpleNamespace:
        return SimpleNamespace(family=socket.AF_INET, address=text)

    interfaces = {
        "lo": [address("127.0.0.1")],
        "a": [address("10.0.0.7"), address("169.254.1.1")],
        "b": [address("192.168.1.5")],
    }
    monkeypatch.setattr(psutil, "net_if_addrs", lambda: interfaces)
    module = "gatesviz.ui.classroom.addresses"
    monkeypatch.setattr(f"{module}._way_out", lambda: "192.168.1.5")
    assert local_addresses() == ["192.168.1.5", "10.0.0.7"]
    for url, expected in (
        ("http://localhost:8501/classroom", "http://192.168.1.5:8501 http://10.0.0.7:8501"),
        ("http://10.0.0.7:8501/", "http://10.0.0.7:8501 http://192.168.1.5:8501"),
        ("https://gates.example.org/classroom", "https://gates.example.org"),
    ):
        monkeypatch.setattr(f"{module}.st.context", SimpleNamespace(url=url))
        assert origins() == expected.split()


def test_a_server_behind_a_proxy_of_its_machine_is_open_to_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    module = "gatesviz.ui.classroom.addresses.st"
    for address, url, alone in (
        ("127.0.0.1", "http://localhost:8501/classroom", True),
        ("127.0.0.1", None, True),
        ("localhost", "http://[::1]:8501/", True),
        ("127.0.0.1", "https://gates.example.org/classroom", False),
        ("127.0.0.1", "http://10.0.0.7/classroom", False),
        ("", "http://localhost:8501/classroom", False),
    ):
        monkeypatch.setattr(f"{module}.get_option", lambda _, given=address: given)
        monkeypatch.setattr(f"{module}.context", SimpleNamespace(url=url))
        assert only_here() == alone, (address, url)


def test_the_database_is_next_to_the_results_or_where_the_url_says(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    assert database_url() == f"sqlite:///{tmp_path}/rooms.sqlite3"
    monkeypatch.setenv("GATESVIZ_DATABASE", "postgresql+psycopg://me@host/gates")
    assert database_url() == "postgresql+psycopg://me@host/gates"
    assert may_have_rooms()


def test_a_database_that_fails_leaves_every_page_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATESVIZ_DATABASE", "sqlite:////proc/nothing/rooms.sqlite3")
    guess(opened("feed"), "guess", "f")
    app = click(opened("classroom"), "Open a room")
    assert not app.exception
    assert "The server can't reach the database of its rooms." in said(app)
    assert "/proc" not in said(app)


def test_the_way_in_is_folded_when_the_teacher_comes_back_to_a_class_that_is_there() -> None:
    teacher, code = taught()
    opened("feed", room=code)
    teacher.run()
    assert not teacher.expander, "it stays as it is while the page is open"
    teacher.switch_page("../../pages/feed.py").run()
    teacher.switch_page("../../pages/classroom.py").run()
    assert any(code in one.label for one in teacher.expander)
    assert f"room={code}" in said(teacher)
    for hold in (True, False):
        rooms().change_pace(teacher.session_state["room member"], hold=hold)
        held_results._LAST.clear()
        teacher.run()
        assert (page.FALLS_BACK in [one.value for one in teacher.caption]) is hold
