"""Rooms in SQLite and in PostgreSQL: who is in, what is counted, what is gone when a room ends."""

import csv
import json
import random
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import asdict, replace
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import event, insert

from gatesviz.limits import (
    OPEN_ROOMS,
    ROOM_ANSWERS,
    ROOM_HOURS,
    ROOM_PEOPLE,
    ROOMS_OF_PERSON,
    Limit,
)
from gatesviz.rooms import answers, asked, database, store
from gatesviz.rooms.asked import questions
from gatesviz.rooms.codes import LETTERS, clean_code, hashed, nickname
from gatesviz.rooms.curves import POINTS, Curve, middle
from gatesviz.rooms.database import engine
from gatesviz.rooms.export import COLUMNS, rows
from gatesviz.rooms.pace import HERE, Pace, pace_from
from gatesviz.rooms.question import Member, NoRoomError, Question, UnavailableError
from gatesviz.rooms.store import Rooms
from gatesviz.rooms.tables import MEMBERS, METADATA
from gatesviz.storage import DATABASE, PAUSE, Pause
from gatesviz.ui.downloads import table
from tests.hostile import COMMANDS, MARKUP
from tests.postgres import empty

GATE = Question("guess", "Which gate changes most?", ("f", "i", "g", "o"))
SCORE = Question("run", "Score of the LSTM", unit="%")
SOLVED = Question("run", "Solved after", unit="updates", without="not solved in 600 updates")


class Clock:
    """A clock that a test moves, in seconds."""

    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "SQLite":
        yield f"sqlite:///{tmp_path}/rooms.sqlite3"
        return
    given = request.getfixturevalue("postgres")
    yield given
    empty(given)


@pytest.fixture
def rooms(url: str, clock: Clock) -> Iterator[Rooms]:
    opened = Rooms(url, clock)
    yield opened
    opened.close()


@pytest.fixture
def file_rooms(tmp_path: Path, clock: Clock) -> Iterator[Rooms]:
    opened = Rooms(f"sqlite:///{tmp_path}/rooms.sqlite3", clock)
    yield opened
    opened.close()


def test_texts_that_command_a_database_or_a_spreadsheet_stay_texts(rooms: Rooms) -> None:
    teacher, key = rooms.open("teacher")
    for text in (*COMMANDS, MARKUP):
        with pytest.raises(NoRoomError):
            rooms.join(text, text)
        with pytest.raises(ValueError, match="not the teacher's link"):
            rooms.join(teacher.code, text, text)
        assert not rooms.join(teacher.code, text).teacher
        asked = Question("guess", text[:500], (text[:300], "no"), right=1)
        rooms.answer(teacher, asked, 0, about=text[:100])
    titles = [text[:500] for text in (*COMMANDS, MARKUP)]
    assert sorted(asked.title for asked, *_ in rooms.answers(teacher.code)) == sorted(titles)
    assert rooms.key(teacher.code, "teacher") == key
    _, *lines = csv.reader(StringIO(table(COLUMNS, rows(rooms.answers(teacher.code)))))
    told = [line[2].replace("'", "") for line in lines]  # one stands before each formula
    assert sorted(told) == sorted(title.replace("'", "") for title in titles)
    assert not any(
        cell.lstrip().startswith(("=", "+", "-", "@")) for line in lines for cell in line
    )


def test_answers_are_counted_as_an_independent_count_says(rooms: Rooms) -> None:
    teacher, _ = rooms.open("teacher")
    draw = random.Random(0)
    first: dict[int, int] = {}
    last: dict[int, int] = {}
    settings: dict[int, int] = {}
    students = [rooms.join(teacher.code, f"browser {k}") for k in range(12)]
    for _ in range(60):
        k, option = draw.randrange(12), draw.randrange(4)
        rooms.answer(students[k], GATE, option, about=f"{option % 3}")
        if settings.get(k) != option % 3:  # with other settings, a first answer begins again
            first[k] = option
        last[k], settings[k] = option, option % 3
    board = rooms.board(teacher.code)
    [tally] = board.tallies
    assert (board.people, tally.people) == (12, len(last))
    assert tally.counts == tuple(Counter(last.values())[k] for k in range(4))
    assert tally.first == tuple(Counter(first.values())[k] for k in range(4))
    assert tally.settings == len({option % 3 for option in last.values()})
    assert tally.question == GATE


def test_numbers_have_a_median_and_an_interval_and_may_be_missing(rooms: Rooms) -> None:
    teacher, _ = rooms.open("teacher")
    values = [float(value) for value in np.random.default_rng(1).normal(50, 9, 15)]
    for k, value in enumerate(values):
        student = rooms.join(teacher.code, f"browser {k}")
        rooms.answer(student, SCORE, value, f"seed {k}")
        rooms.answer(student, SOLVED, None if k < 4 else float(k), f"seed {k}")
    found = {tally.question: tally for tally in rooms.board(teacher.code).tallies}
    score, solved = found[SCORE], found[SOLVED]
    assert score.numbers.estimate == np.median(values)
    assert score.numbers.low < score.numbers.estimate < score.numbers.high
    assert solved.numbers.values == tuple(float(k) for k in range(4, 15))
    assert solved.having is not None
    assert (solved.having.count, solved.having.of) == (11, 15)


def test_the_same_seed_on_many_screens_is_one_run(rooms: Rooms) -> None:
    teacher, _ = rooms.open("teacher")
    runs = {"0": 250.0, "1": 163.0, "2": 175.0, "3": None}  # seed -> what its run says
    for k, seed in enumerate(["0"] * 5 + ["1", "2", "2", "3", "3"]):
        rooms.answer(rooms.join(teacher.code, f"browser {k}"), SOLVED, runs[seed], seed)
    [tally] = rooms.board(teacher.code).tallies
    assert (tally.people, tally.settings) == (10, 4)
    assert tally.numbers.values == (163.0, 175.0, 250.0)
    assert not tally.numbers.known
    assert tally.median == (175 + 250) / 2, "the middle of 163, 175, 250, more"
    assert tally.having is not None
    assert (tally.having.count, tally.having.of) == (3, 4)


def test_one_browser_is_one_person_in_a_room_and_another_one_elsewhere(rooms: Rooms) -> None:
    one, _ = rooms.open("teacher")
    other, _ = rooms.open("teacher")
    student = rooms.join(one.code, "browser")
    assert rooms.join(one.code, "browser") == student
    assert rooms.find("browser") == student
    assert rooms.join(other.code, "browser").person != student.person
    assert rooms.find("teacher") == other, "of two rooms, the one opened last"
    assert rooms.find("teacher") == rooms.find("teacher")
    assert rooms.board(one.code).people == 1
    assert nickname(student.person) == nickname(student.person)


def test_who_has_left_sends_nothing_more(rooms: Rooms) -> None:
    teacher, _ = rooms.open("teacher")
    student = rooms.join(teacher.code, "browser")
    rooms.answer(student, GATE, 1, "")
    rooms.leave(student)
    assert rooms.find("browser") is None
    assert rooms.member(teacher.code, "browser") is None
    assert rooms.persons(teacher.code) == {teacher.person}
    with pytest.raises(NoRoomError, match="you are not in the room"):
        rooms.answer(student, GATE, 2, "")
    assert rooms.board(teacher.code).tallies[0].counts == (0, 1, 0, 0)


def test_a_room_that_ends_leaves_nothing_on_disk(file_rooms: Rooms, tmp_path: Path) -> None:
    teacher, _ = file_rooms.open("teacher")
    student = file_rooms.join(teacher.code, "browser")
    file_rooms.answer(student, GATE, 1, "")
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert GATE.title.encode() in kept
    file_rooms.end(teacher)
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    for trace in (GATE.title, student.person, teacher.person, teacher.code):
        assert trace.encode() not in kept
    for act in (file_rooms.board, file_rooms.join):
        with pytest.raises(NoRoomError):
            act(teacher.code, *(["browser"] if act == file_rooms.join else []))  # type: ignore[operator]


def test_a_room_ends_by_itself(file_rooms: Rooms, clock: Clock, tmp_path: Path) -> None:
    teacher, _ = file_rooms.open("teacher")
    student = file_rooms.join(teacher.code, "browser")
    clock.now += ROOM_HOURS * 3600 - 1
    file_rooms.answer(student, GATE, 0, "")
    clock.now += 1
    code = teacher.code
    for act in (lambda: file_rooms.answer(student, GATE, 1, ""), lambda: file_rooms.board(code)):
        with pytest.raises(NoRoomError):
            act()
    assert file_rooms.version(teacher.code) is None
    assert file_rooms.find("browser") is None
    file_rooms.purge()
    with closing(sqlite3.connect(tmp_path / "rooms.sqlite3")) as file:
        for table in ("gv_rooms", "gv_members", "gv_questions", "gv_entries"):
            assert file.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)


def test_the_teachers_key_is_secret_and_stored_as_a_hash(file_rooms: Rooms, tmp_path: Path) -> None:
    teacher, key = file_rooms.open("teacher")
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert len(key) >= 32
    assert key.encode() not in kept
    assert hashed(key).encode() in kept
    for guessed in (teacher.code, hashed(key), key[:-1], f"{key} ", "x"):
        with pytest.raises(ValueError, match="not the teacher's link"):
            file_rooms.join(teacher.code, "browser", guessed)
    assert not file_rooms.join(teacher.code, "browser").teacher
    assert file_rooms.join(teacher.code, "browser", key).teacher
    assert file_rooms.join(teacher.code, "browser").teacher, "joining again keeps the right"
    assert file_rooms.key(teacher.code, "teacher") == key, (
        "the browser that opened it finds it again"
    )
    assert file_rooms.key(teacher.code, "browser") == ""
    file_rooms.end(teacher)
    assert file_rooms.key(teacher.code, "teacher") == ""
    assert file_rooms.open("teacher")[1] != key


def test_the_first_run_of_a_student_counts(rooms: Rooms) -> None:
    teacher, _ = rooms.open("teacher")
    student = rooms.join(teacher.code, "browser")
    solved = Question("run", "Solved after", unit="updates", without="not solved")
    for value in (225.0, 150.0, None):
        rooms.answer(student, solved, value, f"seed {value}")
    [found] = rooms.board(teacher.code).tallies
    assert (found.people, found.settings, found.numbers.values) == (1, 1, (225.0,))
    rooms.answer(rooms.join(teacher.code, "another"), solved, 300.0, "seed 9")
    assert rooms.board(teacher.code).tallies[0].numbers.values == (225.0, 300.0)


@pytest.mark.parametrize("claims", [False, True])
def test_a_student_can_not_act_as_the_teacher(rooms: Rooms, claims: bool) -> None:
    teacher, _ = rooms.open("teacher")
    person = rooms.join(teacher.code, "browser").person
    for member in (Member(teacher.code, person, claims), Member(teacher.code, "0" * 32, claims)):
        for act in (
            lambda who: rooms.end(who),
            lambda who: rooms.show(who, "right"),
            lambda who: rooms.change_pace(who, pause="Stop"),
        ):
            with pytest.raises(NoRoomError, match=r"you don't teach|you are not in"):
                act(member)
    with pytest.raises(NoRoomError):
        rooms.answer(Member(teacher.code, "0" * 32), GATE, 0, "")
    assert rooms.board(teacher.code).shows == "people"
    assert rooms.pace(teacher.code) == Pace()


def test_the_pace_is_the_teachers_last_one(rooms: Rooms) -> None:
    teacher, _ = rooms.open("teacher")
    assert rooms.pace(teacher.code) == Pace()
    for pace in (
        Pace(True, "feed?cell=GRU"),
        Pace(True, "train", True),
        Pace(hold=True, mirror=True, player='{"step": 3}'),
        Pace(pause="Look here"),
    ):
        before = rooms.version(teacher.code) or 0
        rooms.change_pace(teacher, **asdict(pace))
        assert rooms.pace(teacher.code) == pace
        assert rooms.version(teacher.code) == before + 1
    assert pace_from(json.loads(pace.to_json())) == pace
    rooms.change_pace(teacher, hold=False)
    rooms.change_pace(teacher, shown=4)
    assert rooms.pace(teacher.code) == replace(pace, hold=False, shown=4), "the rest stays"
    with pytest.raises(ValueError, match="pace: lock is no bool"):
        rooms.change_pace(teacher, lock=1)
    rooms.end(teacher)
    with pytest.raises(NoRoomError):
        rooms.pace(teacher.code)


@pytest.mark.parametrize(
    "change",
    [{"pause": "x" * 81}, {"pause": "a\x1b"}, {"address": "feed\n"}, {"address": "x" * 6001},
     {"follow": 1}, {"lock": "yes"}, {"pause": None}, {"more": 1},
     {"hold": 0}, {"mirror": "yes"}, {"player": "x" * 6001}, {"player": "a\n"}],
)  # fmt: skip
def test_a_pace_from_a_browser_is_checked(change: dict[str, object]) -> None:
    usual: dict[str, object] = {"follow": True, "address": "feed", "lock": False, "pause": ""}
    assert pace_from(usual) == Pace(follow=True, address="feed")
    assert pace_from({"hold": True}) == Pace(hold=True), "as an earlier version wrote it"
    with pytest.raises(ValueError):  # noqa: PT011  # each sentence names its own value
        pace_from(usual | change)
    with pytest.raises(ValueError, match="pace: expected follow"):
        pace_from([])


@pytest.mark.parametrize("value", [-1, 4, 0.5, None, float("nan"), float("inf")])
def test_only_an_option_of_the_question_is_an_answer(
    file_rooms: Rooms, value: float | None
) -> None:
    teacher, _ = file_rooms.open("teacher")
    student = file_rooms.join(teacher.code, "browser")
    with pytest.raises(ValueError, match="answer: expected an option"):
        file_rooms.answer(student, GATE, value, "")
    assert file_rooms.board(teacher.code).tallies == ()


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e308])
def test_a_number_is_finite(file_rooms: Rooms, value: float) -> None:
    teacher, _ = file_rooms.open("teacher")
    with pytest.raises(ValueError, match="expected a finite number"):
        file_rooms.answer(file_rooms.join(teacher.code, "browser"), SCORE, value, "")


def test_a_person_answers_a_bounded_number_of_questions(file_rooms: Rooms) -> None:
    teacher, _ = file_rooms.open("teacher")
    student = file_rooms.join(teacher.code, "browser")
    asked = [
        Question("guess", f"Question {k}", ("yes", "no")) for k in range(ROOM_ANSWERS.high + 1)
    ]
    for question in asked[:-1]:
        file_rooms.answer(student, question, 0, "")
    with pytest.raises(ValueError, match=f"at most {ROOM_ANSWERS.high} answers"):
        file_rooms.answer(student, asked[-1], 0, "")
    file_rooms.answer(student, asked[0], 1, "")
    assert len(file_rooms.board(teacher.code).tallies) == ROOM_ANSWERS.high


def test_rooms_and_people_are_bounded(file_rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(ROOMS_OF_PERSON.high):
        teacher, _ = file_rooms.open("teacher")
    with pytest.raises(ValueError, match=f"you have {ROOMS_OF_PERSON.high} open rooms"):
        file_rooms.open("teacher")
    for k in range(OPEN_ROOMS.high - ROOMS_OF_PERSON.high):
        file_rooms.open(f"browser {k}")
    with pytest.raises(ValueError, match=f"{OPEN_ROOMS.high} rooms are open"):
        file_rooms.open("another one")
    monkeypatch.setattr("gatesviz.rooms.records.ROOM_PEOPLE", type(ROOM_PEOPLE)("people", 0, 2))
    file_rooms.join(teacher.code, "first")
    with pytest.raises(ValueError, match="is full"):
        file_rooms.join(teacher.code, "second")


def test_many_at_once_lose_nothing(rooms: Rooms) -> None:
    teacher, _ = rooms.open("teacher")
    before = rooms.version(teacher.code) or 0
    heard: list[str] = []
    rooms.listen(heard.append)

    def take_part(k: int) -> None:
        student = rooms.join(teacher.code, f"browser {k}")
        for option in (k % 4, (k + 1) % 4):
            rooms.answer(student, GATE, option, "")

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(take_part, range(40)))
    [tally] = rooms.board(teacher.code).tallies
    assert tally.counts == tally.first == (10, 10, 10, 10)
    assert rooms.version(teacher.code) == before + 120
    assert heard == [teacher.code] * 120


def test_two_processes_share_a_room(rooms: Rooms, url: str, clock: Clock) -> None:
    other = Rooms(url, clock)
    teacher, _ = rooms.open("teacher")
    other.answer(other.join(teacher.code, "browser"), GATE, 2, "")
    assert rooms.board(teacher.code) == other.board(teacher.code)
    assert rooms.board(teacher.code).tallies[0].counts == (0, 0, 1, 0)
    other.close()


def test_the_right_answer_is_known_once_an_answer_brings_it(rooms: Rooms) -> None:
    teacher, _ = rooms.open("teacher")
    known = Question("guess", GATE.title, GATE.options, right=3)
    for k, question in enumerate((GATE, known, GATE)):
        rooms.answer(rooms.join(teacher.code, f"browser {k}"), question, 0, "")
    [tally] = rooms.board(teacher.code).tallies
    assert (tally.question, tally.counts) == (known, (3, 0, 0, 0))
    assert tally.question.right == 3


def test_the_right_answer_later_leaves_the_time_of_the_guess(rooms: Rooms, clock: Clock) -> None:
    teacher, _ = rooms.open("teacher")
    student, start = rooms.join(teacher.code, "browser"), clock.now
    known = Question("guess", GATE.title, GATE.options, right=3)
    curve = Curve((1,) * POINTS)
    for question, value, about, at in (
        (GATE, 0, "a", 0), (known, 0, "a", 0), (known, 1, "a", 2), (known, 1, "b", 3),
        (SOLVED, None, "", 4), (SOLVED, None, "", 4), (SOLVED, 5.25, "", 4), (SOLVED, 5.25, "", 4),
        (PAD, curve, "", 8), (PAD, curve, "", 8),
    ):  # fmt: skip
        rooms.answer(student, question, value, about)
        clock.now += 1
        times = {one.question.title: one.at - start for one in rooms.board(teacher.code).tallies}
        assert times[question.title] == at
    titles = [one.question.title for one in rooms.board(teacher.code).tallies]
    assert titles == [PAD.title, SOLVED.title, GATE.title]


@pytest.mark.parametrize(
    ("answers", "right"),
    [
        ([(3, "a"), (None, "b")], None),  # nobody knows it for b
        ([(3, "a"), (1, "b")], None),
        ([(3, "a"), (3, "b")], 3),
        ([(3, "a"), (1, "a")], None),
        ([(3, "a"), (None, "a")], 3),
        ([(None, "a")], None),
    ],
)
def test_the_board_has_a_right_answer_only_if_all_settings_have_this_one(
    rooms: Rooms, clock: Clock, answers: list[tuple[int | None, str]], right: int | None
) -> None:
    teacher, _ = rooms.open("teacher")
    for k, (known, about) in enumerate(answers):
        clock.now += 1
        question = Question("guess", GATE.title, GATE.options, right=known)
        rooms.answer(rooms.join(teacher.code, f"browser {k}"), question, 0, about)
    [tally] = rooms.board(teacher.code).tallies
    assert tally.question.right == right
    place = COLUMNS.index("right answer")
    told = [row[place] for row in rows(rooms.answers(teacher.code))]
    assert told == [None if known is None else GATE.options[known] for known, _ in answers]


def test_a_person_finds_the_own_answer_again_for_the_settings_that_it_was_made_for(
    rooms: Rooms,
) -> None:
    teacher, _ = rooms.open("teacher")
    first, other = (rooms.join(teacher.code, f"browser {k}") for k in range(2))
    assert rooms.own_answer(first, GATE, "a") is None
    for value, about in ((0, "a"), (3, "a"), (1, "b:1")):
        rooms.answer(first, GATE, value, about, f"Width: {value}")
        assert rooms.own_answer(first, GATE, about) == (value, False)
        assert rooms.own_answer(first, GATE, "b") is None
        assert rooms.own_answer(other, GATE, about) is None
        place = COLUMNS.index("settings")
        assert [row[place] for row in rows(rooms.answers(teacher.code))] == [f"Width: {value}"]
    assert rooms.own_answer(first, GATE, "a") is None, "the last answer counts"
    graded = Question("guess", GATE.title, GATE.options, right=2)
    rooms.answer(first, graded, 1, "b")
    assert rooms.own_answer(first, GATE, "b") == (1, True)


def test_a_later_answer_for_other_settings_takes_the_right_answer_with_it(rooms: Rooms) -> None:
    teacher, _ = rooms.open("teacher")
    student = rooms.join(teacher.code, "browser")
    for right, about, kept in ((3, "a", 3), (None, "a", 3), (None, "b", None), (1, "b", 1)):
        rooms.answer(student, Question("guess", GATE.title, GATE.options, right), 0, about)
        assert rooms.board(teacher.code).tallies[0].question.right == kept


def test_a_question_that_is_newer_than_the_list_of_questions_is_left_out(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    teacher, _ = rooms.open("teacher")
    student = rooms.join(teacher.code, "browser")
    rooms.answer(student, GATE, 1, "")

    def read(connection: object, code: str) -> dict[str, Question]:
        found = questions(connection, code)  # type: ignore[arg-type]
        rooms.answer(student, SCORE, 50, "")  # between the two statements
        return found

    with monkeypatch.context() as between:
        between.setattr(answers, "questions", read)
        assert [one.question for one in rooms.board(teacher.code).tallies] == [GATE]
        rooms.end(teacher)


def test_a_database_of_an_earlier_version_gets_its_new_columns(url: str) -> None:
    Rooms(url).close()
    old = engine(url)
    with old.begin() as connection:
        for table, column in (("entries", "correct"), ("rooms", "stage"), ("questions", "waits")):
            connection.exec_driver_sql(f"ALTER TABLE gv_{table} DROP COLUMN {column}")
    old.dispose()
    again = Rooms(url)
    teacher, _ = again.open("teacher")
    again.answer(again.join(teacher.code, "browser"), GATE, 1, "")
    assert again.board(teacher.code).tallies[0].counts == (0, 1, 0, 0)
    again.close()


def test_rows_have_no_id_of_a_person(rooms: Rooms, clock: Clock) -> None:
    teacher, _ = rooms.open("teacher")
    students = [rooms.join(teacher.code, f"browser {k}") for k in range(2)]
    for student, question, value in (
        (students[1], GATE, 0),
        (students[0], SOLVED, None),
        (students[1], SOLVED, 120),
    ):
        clock.now += 1
        rooms.answer(student, question, value, "")
    clock.now = 0
    rooms.answer(students[1], GATE, 3, "")
    table = list(rows(rooms.answers(teacher.code)))
    assert {len(row) for row in table} == {len(COLUMNS)}
    assert [row[0] for row in table] == [1, 2, 1]
    assert table[0][2:5] == (GATE.title, "f", "o")
    assert table[1][3:6] == (SOLVED.without, SOLVED.without, "updates")
    assert table[2][3:5] == (120, 120)
    assert table[0][-1] == "1970-01-01T00:00:00+00:00"
    assert not any(student.person in map(str, row) for student in students for row in table)


@pytest.mark.parametrize(
    "text", ["", "BCDF", "BCDFHH", "ABCDE", "BCDF1", "' OR 1", "💥💥💥💥💥", "B" * 90]
)
def test_what_is_no_code_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="isn't a room code"):
        clean_code(text)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("bcdfg", "such as BCDFH. G is never in a code"),
        ("fbxrq", "such as BCDFH. Q is never in a code"),
        ("QGBAB", "such as BCDFH. A, G and Q are never in a code"),
        ("BCDF1", "such as BCDFH"),
    ],
)
def test_a_letter_that_no_code_has_is_named(text: str, hint: str) -> None:
    with pytest.raises(ValueError, match=f"{hint}$"):
        clean_code(text)


def test_a_code_may_be_typed_in_any_case() -> None:
    assert clean_code("bcd-fh") == clean_code(" bC dfH ") == "BCDFH"
    assert not set(LETTERS) & set("AEIOU01258GQV")


def test_a_database_that_fails_is_named_without_its_address(tmp_path: Path) -> None:
    folder = tmp_path / "rooms.sqlite3"
    folder.mkdir()
    for url in (
        f"sqlite:///{folder}",
        "nonsense",
        "sqlite://a:b/",
        "postgresql+nothing://me:secret@host/x",
    ):
        with pytest.raises(UnavailableError) as caught:
            Rooms(url)
        assert "secret" not in str(caught.value)
        assert str(tmp_path) not in str(caught.value)


def test_a_database_that_cannot_be_reached_is_not_asked_again_for_ten_seconds(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, away = tmp_path / "rooms.sqlite3", tmp_path / "away"
    rooms = Rooms(f"sqlite:///{path}", pause=Pause(clock))
    teacher, _ = rooms.open("teacher")
    rooms.close()
    path.rename(away)
    path.mkdir()
    with pytest.raises(UnavailableError):
        rooms.version(teacher.code)
    path.rmdir()
    away.rename(path)
    clock.now += PAUSE - 0.1
    with pytest.raises(UnavailableError):  # at once
        rooms.version(teacher.code)
    clock.now += 0.1
    assert rooms.version(teacher.code) == 1
    with pytest.raises(NoRoomError):
        rooms.shows("nowhere")
    assert rooms.version(teacher.code) == 1
    rooms.close()

    asked: list[str] = []
    monkeypatch.setattr(store, "opened", lambda url: asked.append(url) or engine("nonsense"))
    monkeypatch.setenv(DATABASE, "sqlite:///nowhere")
    for _ in range(3):
        with pytest.raises(UnavailableError):
            store.rooms()
    assert asked == ["sqlite:///nowhere"]


def test_a_damaged_file_is_deleted_and_new_rooms_can_be_opened(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Damaged while no server runs, and damaged while one runs. The text of neither has a path."""
    monkeypatch.delenv(DATABASE, raising=False)
    monkeypatch.setenv("GATESVIZ_RESULTS", str(tmp_path))
    path = tmp_path / "rooms.sqlite3"
    path.write_bytes(b"no database" * 999)
    path.with_suffix(".damaged").write_text("somebody's")
    rooms = Rooms(f"sqlite:///{path}")
    teacher, _ = rooms.open("teacher")
    assert path.read_bytes().startswith(b"SQLite format 3")
    rooms.close()
    path.write_bytes(b"something else" * 999)
    with pytest.raises(UnavailableError, match="was damaged, so its rooms are lost"):
        rooms.version(teacher.code)
    assert path.read_bytes().startswith(b"SQLite format 3")
    with pytest.raises(NoRoomError):
        rooms.shows(teacher.code)
    again, _ = rooms.open("teacher")
    assert rooms.version(again.code) == 1
    deleted = [each for each in caplog.records if "deleted the damaged" in each.getMessage()]
    assert len(deleted) == 2
    assert path.with_suffix(".damaged").read_text() == "somebody's"
    damaged = [each.name for each in tmp_path.iterdir() if "damaged" in each.name]
    assert damaged == ["rooms.damaged"]  # the others held what people answered
    rooms.close()


@pytest.mark.parametrize("name", ["grades.txt", "rooms.sqlite3"])
def test_a_file_that_a_url_names_is_never_deleted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    path = tmp_path / name
    monkeypatch.setenv("GATESVIZ_RESULTS", str(tmp_path))
    monkeypatch.setenv(DATABASE, f"sqlite:///{path}")
    path.write_bytes(b"Ada 1, Bob 2\n" * 999)
    for _ in range(2):
        with pytest.raises(UnavailableError, match=r"is no database\. It is left as it is"):
            Rooms(f"sqlite:///{path}")
    assert path.read_bytes() == b"Ada 1, Bob 2\n" * 999
    assert [each.name for each in tmp_path.iterdir()] == [name]


def test_tables_that_could_not_be_made_are_made_later(url: str, clock: Clock) -> None:
    """As after a full disk, at the moment at which a new file replaced a damaged one."""
    rooms = Rooms(url, clock)
    METADATA.drop_all(rooms._engine)
    with pytest.raises(UnavailableError):
        rooms.open("teacher")
    assert rooms.open("teacher")[0].teacher
    rooms.close()


def test_an_answer_that_breaks_a_rule_of_the_table_is_no_damage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(DATABASE, raising=False)
    monkeypatch.setenv("GATESVIZ_RESULTS", str(tmp_path))
    rooms = Rooms(f"sqlite:///{tmp_path}/rooms.sqlite3")
    teacher, _ = rooms.open("teacher")
    twice = insert(MEMBERS).values([(teacher.code, "person", False)] * 2)
    with pytest.raises(UnavailableError, match="can't reach"), rooms._begin() as connection:
        connection.execute(twice)
    assert rooms.board(teacher.code).people == 0  # and the room is still there
    rooms.close()


def test_a_locked_file_delays_one_page_and_not_every_page(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "PATIENCE", 0.2)
    path = tmp_path / "rooms.sqlite3"
    rooms = Rooms(f"sqlite:///{path}", pause=Pause(clock))
    teacher, _ = rooms.open("teacher")
    begun: list[object] = []
    with closing(sqlite3.connect(path, isolation_level=None)) as blocking:
        blocking.execute("BEGIN EXCLUSIVE")
        event.listen(rooms._engine, "begin", begun.append)
        for _ in range(3):
            with pytest.raises(UnavailableError):
                rooms.join(teacher.code, "student")
        assert len(begun) == 1  # the others did not wait
        blocking.execute("COMMIT")
    clock.now += PAUSE
    assert not rooms.join(teacher.code, "student").teacher
    rooms.close()


def test_servers_that_start_at_once_create_the_tables_once(url: str) -> None:
    with ThreadPoolExecutor(6) as threads:
        opened = list(threads.map(lambda _: Rooms(url), range(6)))
    teacher, _ = opened[0].open("teacher")
    assert opened[-1].member(teacher.code, "teacher") == teacher
    for one in opened:
        one.close()


def test_a_server_that_vanishes_in_the_middle_of_a_change_blocks_no_room(
    postgres: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With SQLite all servers are on one machine, whose system frees the lock."""
    rooms = Rooms(postgres, clock)
    teacher, _ = rooms.open("teacher")
    monkeypatch.setattr("gatesviz.databases.LOCK", 200)
    monkeypatch.setattr("gatesviz.databases.FORGOTTEN", 500)
    gone, other = Rooms(postgres, clock), Rooms(postgres, clock)
    change = gone._changed(teacher.code)
    change.__enter__()  # and no word from it ever again
    with pytest.raises(UnavailableError):
        other.join(teacher.code, "browser")
    assert other.board(teacher.code).people == 0, "a lock is no reason to pause"
    deadline = time.monotonic() + 10
    while True:
        try:
            other.join(teacher.code, "browser")
            break
        except UnavailableError:
            assert time.monotonic() < deadline
    with pytest.raises(UnavailableError):
        change.__exit__(None, None, None)
    assert rooms.board(teacher.code).people == 1
    for one in (rooms, gone, other):
        one.close()
    empty(postgres)


PAD = Question("curve", "Draw what is left.", ("all", "10⁻⁶", "10⁻¹²", "0 steps back", "9 steps"))


def test_drawn_curves_are_one_picture_with_their_median(rooms: Rooms) -> None:
    teacher, _ = rooms.open("teacher")
    students = [rooms.join(teacher.code, f"student {k}") for k in range(3)]
    drawn = np.random.default_rng(0).integers(-100, 101, (4, POINTS))
    measured = tuple(range(100, 100 - POINTS, -1))
    for who, line in zip((*students, students[0]), drawn.tolist(), strict=True):
        rooms.answer(who, PAD, Curve(tuple(line), measured), "setting")
    [tally] = rooms.board(teacher.code).tallies
    last = drawn[1:]
    assert sorted(tally.curves) == sorted(map(tuple, last.tolist())), "a later curve replaces one"
    assert (tally.people, tally.measured) == (3, measured)
    assert middle(tally.curves) == pytest.approx(np.median(last, axis=0))
    told = [row[3:5] for row in rows(rooms.answers(teacher.code))]
    assert (None, " ".join(map(str, drawn[3]))) in told
    rooms.answer(students[1], PAD, Curve(tuple(drawn[0].tolist())), "another setting")
    assert rooms.board(teacher.code).tallies[0].measured == (), "unknown for one setting"


@pytest.mark.parametrize(
    "line", [(1,) * 39, (0.5,) * POINTS, (101,) * POINTS, (True,) * POINTS, ()]
)
def test_a_curve_that_is_none_is_refused(line: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"^curve: expected"):
        Curve(line)
    if line:
        with pytest.raises(ValueError, match=r"^curve: expected"):
            Curve((0,) * POINTS, line)


def test_a_curve_answers_only_a_question_that_asks_for_one(file_rooms: Rooms) -> None:
    teacher, _ = file_rooms.open("teacher")
    student = file_rooms.join(teacher.code, "student")
    curve = Curve((0,) * POINTS)
    for question, value in ((GATE, curve), (PAD, 1.0), (PAD, None), (SCORE, curve)):
        with pytest.raises(ValueError, match="answer: expected"):
            file_rooms.answer(student, question, value, "")
    assert file_rooms.board(teacher.code).tallies == ()


def test_a_student_who_is_ahead_takes_nothing_off_the_board(rooms: Rooms, clock: Clock) -> None:
    teacher, _ = rooms.open("teacher")
    code = teacher.code
    first, second, third = (rooms.join(code, f"student {k}") for k in range(3))
    later = replace(GATE, title="The next question?")
    last = replace(GATE, title="The last question?")

    def shown() -> list[tuple[str, bool]]:
        clock.now += 1
        return [(one.question.title, one.waits) for one in rooms.board(code).tallies]

    rooms.change_pace(teacher, hold=True)
    rooms.put_on_stage(teacher, [GATE.id])
    for student in (first, second, third):
        rooms.answer(student, GATE, 0, "")
    rooms.answer(first, later, 0, "")
    assert shown() == [(GATE.title, False), (later.title, True)]
    rooms.show(teacher, "answers")
    rooms.answer(second, later, 1, "")
    clock.now += 1
    rooms.answer(first, last, 1, "")
    assert rooms.shows(code) == "answers"
    assert shown() == [(GATE.title, False), (last.title, True), (later.title, True)]
    rooms.answer(second, GATE, 1, "")
    rooms.put_on_stage(teacher, [GATE.id])  # the teacher's page is loaded again
    rooms.change_pace(teacher, shown=1)
    rooms.show(teacher, "right")
    rooms.answer(third, last, 1, "")
    assert rooms.shows(code) == "right"
    assert rooms.lead(code)[2] == (0, 3), "the teacher has asked nothing new yet"
    rooms.put_on_stage(teacher, [later.id])
    assert rooms.lead(code)[2] == (2, 3)
    assert rooms.shows(code) == "people", "the teacher goes on"
    assert shown() == [(later.title, False), (GATE.title, False), (last.title, True)]
    held = {one.question.title for one in rooms.board(code).tallies if one.held}
    assert held == {later.title, last.title}, "the class hasn't seen their results"
    rooms.release(teacher, last.id)
    rooms.show(teacher, "answers")
    assert [one for one, waits in shown() if waits] == []
    rooms.change_pace(teacher, shown=2)
    assert [one for one in rooms.board(code).tallies if one.held] == []
    with pytest.raises(NoRoomError, match="you don't teach"):
        rooms.put_on_stage(first, [last.id])
    with pytest.raises(NoRoomError, match="you don't teach"):
        rooms.release(first, last.id)


@pytest.mark.parametrize("stage", [[], ["reason"]])
def test_results_are_shown_of_questions_on_the_teachers_page_that_students_answered_first(
    rooms: Rooms, stage: list[str]
) -> None:
    """A lesson asks for the reason once a student has answered, before the teacher's page does."""
    teacher, _ = rooms.open("teacher")
    student = rooms.join(teacher.code, "student")
    reason = replace(GATE, title="Why?")
    rooms.change_pace(teacher, hold=True)
    if stage:
        rooms.put_on_stage(teacher, [GATE.id])
    rooms.answer(student, GATE, 0, "")
    rooms.show(teacher, "answers")
    rooms.answer(student, reason, 1, "")
    if stage:
        rooms.put_on_stage(teacher, [GATE.id, reason.id])
    waits = {one.question.title: one.waits for one in rooms.board(teacher.code).tallies}
    assert waits == {GATE.title: False, "Why?": True}
    rooms.change_pace(teacher, shown=1)
    shown = rooms.board(teacher.code).tallies
    assert [(one.held, one.waits) for one in shown] == [(False, False)] * 2
    assert rooms.asked(teacher.code, reason, "") == 0


def test_a_page_that_asks_one_more_question_or_one_that_is_shown_blanks_no_board(
    rooms: Rooms,
) -> None:
    teacher, _ = rooms.open("teacher")
    student = rooms.join(teacher.code, "student")
    reason, other = replace(GATE, title="Why?"), replace(GATE, title="Another page?")
    rooms.show(teacher, "answers")
    rooms.put_on_stage(teacher, [other.id])
    assert rooms.shows(teacher.code) == "answers", "results aren't held"
    rooms.change_pace(teacher, hold=True)
    assert rooms.shows(teacher.code) == "people"
    rooms.put_on_stage(teacher, [GATE.id])
    rooms.answer(student, GATE, 0, "")
    rooms.show(teacher, "right")
    rooms.put_on_stage(teacher, [GATE.id, reason.id])  # after the answer, the page asks why
    rooms.answer(student, reason, 0, "")
    assert rooms.shows(teacher.code) == "right"
    waits = {one.question.title: one.waits for one in rooms.board(teacher.code).tallies}
    assert waits == {GATE.title: False, reason.title: True}
    rooms.change_pace(teacher, shown=1)
    rooms.put_on_stage(teacher, [other.id])
    rooms.show(teacher, "right")
    rooms.put_on_stage(teacher, [GATE.id])
    assert rooms.shows(teacher.code) == "right", "its result has been shown"


@pytest.mark.parametrize("stage", [[], [GATE.id]])
def test_shown_results_are_on_the_board_and_the_next_question_is_only_counted(
    rooms: Rooms, stage: list[str]
) -> None:
    teacher, _ = rooms.open("teacher")
    student = rooms.join(teacher.code, "student")
    later = replace(GATE, title="Later?")
    rooms.change_pace(teacher, hold=True)
    if stage:
        rooms.put_on_stage(teacher, stage)
    rooms.change_pace(teacher, shown=1)
    assert rooms.shows(teacher.code) == "people", "there was nothing to show"
    rooms.answer(student, replace(GATE, right=2), 0, "")
    rooms.change_pace(teacher, shown=2)
    assert rooms.shows(teacher.code) == "right"
    [shown] = rooms.board(teacher.code).tallies
    assert (shown.question.right, shown.held, shown.waits) == (2, False, False)
    rooms.answer(student, replace(later, right=1), 0, "")
    waits = {one.question.title: one.waits for one in rooms.board(teacher.code).tallies}
    assert waits == {GATE.title: False, later.title: True}
    assert rooms.lead(teacher.code)[2] == (0 if stage else 1, 1)
    rooms.put_on_stage(teacher, [later.id])
    assert rooms.shows(teacher.code) == "people"
    assert rooms.lead(teacher.code)[2] == (1, 1)
    rooms.change_pace(teacher, shown=3)
    rooms.put_on_stage(teacher, [later.id], changed=True)
    assert rooms.shows(teacher.code) == "right", "the result for these settings has been shown"
    rooms.put_on_stage(teacher, [later.id], hidden=True, changed=True)
    assert rooms.shows(teacher.code) == "people"


def test_a_teacher_who_opens_no_question_shows_the_answers_of_all(rooms: Rooms) -> None:
    teacher, _ = rooms.open("teacher")
    student = rooms.join(teacher.code, "student")
    rooms.change_pace(teacher, hold=True)
    rooms.answer(student, GATE, 0, "")
    rooms.show(teacher, "answers")
    rooms.answer(student, SCORE, 40, "")
    rooms.answer(student, replace(GATE, title="Later?"), 0, "")
    waits = {one.question.title: one.waits for one in rooms.board(teacher.code).tallies}
    assert waits == {GATE.title: False, SCORE.title: False, "Later?": True}
    rooms.change_pace(teacher, shown=1)
    assert not any(one.held for one in rooms.board(teacher.code).tallies)
    rooms.change_pace(teacher, hold=False, shown=2)
    assert not any(one.waits for one in rooms.board(teacher.code).tallies)


def test_an_answer_and_the_teachers_bar_read_the_pace_once(rooms: Rooms) -> None:
    teacher, _ = rooms.open("teacher")
    student = rooms.join(teacher.code, "student")
    rooms.change_pace(teacher, hold=True)
    read: list[str] = []

    @event.listens_for(rooms._engine, "before_cursor_execute")
    def _note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if "gv_paces.pace" in statement:
            read.append(statement)

    rooms.answer(student, GATE, 0, "")
    assert len(read) == 1
    pace, shows, counts = rooms.lead(teacher.code)
    assert len(read) == 2
    assert (pace.hold, shows, counts) == (True, "people", (1, 1))


def test_the_teacher_sees_how_many_students_answered_what_is_held_back(rooms: Rooms) -> None:
    teacher, _ = rooms.open("teacher")
    other = replace(GATE, title="Another one?")
    assert rooms.lead(teacher.code)[2] == (0, 0)
    students = [rooms.join(teacher.code, f"student {k}") for k in range(3)]
    elsewhere, _ = rooms.open("other teacher")
    stranger = rooms.join(elsewhere.code, "stranger")
    rooms.change_pace(elsewhere, hold=True)
    rooms.answer(stranger, GATE, 0, "")
    assert rooms.lead(elsewhere.code)[2] == (1, 1)
    rooms.answer(students[0], other, 0, "")
    assert rooms.lead(teacher.code)[2] == (0, 3), "nothing is held"
    rooms.change_pace(teacher, hold=True)
    assert rooms.lead(teacher.code)[2] == (0, 3)
    for count, student in enumerate(students[:2], start=1):
        rooms.answer(student, GATE, 1, "")
        rooms.answer(student, GATE, 2, "")
        assert rooms.lead(teacher.code)[2] == (count, 3)
    rooms.answer(students[1], replace(GATE, title="The next one?"), 0, "")  # this one is ahead
    rooms.answer(students[2], SCORE, 80.0, "")  # a run is no question to wait for
    assert rooms.lead(teacher.code)[2] == (2, 3)
    rooms.leave(students[0])
    assert rooms.lead(teacher.code)[2] == (1, 2)
    rooms.change_pace(teacher, shown=1)
    assert rooms.lead(teacher.code)[2] == (0, 2)


def test_students_whose_pages_are_closed_are_not_counted(rooms: Rooms, clock: Clock) -> None:
    teacher, _ = rooms.open("teacher")
    students = [rooms.join(teacher.code, f"student {k}") for k in range(3)]
    rooms.change_pace(teacher, hold=True)
    for student in students[:2]:
        rooms.answer(student, GATE, 1, "")
    assert rooms.lead(teacher.code)[2] == (2, 3)
    clock.now += HERE + 1
    version = rooms.version(teacher.code)
    rooms.note_here(teacher.code, [one.person for one in students[1:]])
    assert rooms.version(teacher.code) == version, "no board is read again"
    assert rooms.lead(teacher.code)[2] == (1, 2)
    assert rooms.board(teacher.code).people == 3, "they are still in the room"
    rooms.note_here(teacher.code, [students[0].person])  # the page is opened again
    assert rooms.lead(teacher.code)[2] == (2, 3)
    clock.now += HERE + 1
    rooms.answer(students[0], GATE, 2, "")  # whose page has no live connection
    assert rooms.lead(teacher.code)[2] == (1, 1)


def test_what_is_a_students_own_makes_no_other_question_of_the_class(rooms: Rooms) -> None:
    teacher, _ = rooms.open("teacher")
    students = [rooms.join(teacher.code, f"student {k}") for k in range(3)]
    rooms.change_pace(teacher, hold=True)
    rooms.answer(students[0], replace(GATE, right=1), 1, "units:one")
    rooms.answer(students[1], replace(GATE, right=2), 1, "units:two")
    assert rooms.asked(teacher.code, GATE, "units:three") == 0
    assert rooms.asked(teacher.code, GATE, "unit:one") is None
    assert rooms.lead(teacher.code)[2] == (2, 3)
    rooms.change_pace(teacher, shown=1)
    rooms.answer(students[2], GATE, 1, "units:three")
    assert rooms.lead(teacher.code)[2] == (0, 3)
    [one] = rooms.board(teacher.code).tallies
    assert (one.settings, one.question.right) == (3, None)


def test_a_question_is_held_until_results_are_shown(rooms: Rooms) -> None:
    teacher, _ = rooms.open("teacher")
    student = rooms.join(teacher.code, "student")
    before, other = replace(GATE, title="Before?"), replace(GATE, title="Later?")
    rooms.answer(student, before, 0, "one")
    rooms.change_pace(teacher, hold=True)
    assert rooms.asked(teacher.code, before, "one") == -1
    assert rooms.asked(teacher.code, before, "two") is None, "with other settings, it is another"
    rooms.answer(student, GATE, 0, "one")
    rooms.change_pace(teacher, shown=1)
    rooms.answer(student, GATE, 1, "one")
    assert rooms.asked(teacher.code, GATE, "one") == 0, "its first answer counts"
    rooms.note_asked(teacher, other, "one")
    assert rooms.asked(teacher.code, other, "one") == 1
    tallies = {one.question.title: one.held for one in rooms.board(teacher.code).tallies}
    assert tallies == {before.title: False, GATE.title: False}
    with pytest.raises(NoRoomError, match="you don't teach"):
        rooms.note_asked(student, other, "two")


def test_a_room_notes_a_bounded_number_of_settings(
    file_rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asked, "ROOM_ASKED", Limit("questions", 0, 3))
    teacher, _ = file_rooms.open("teacher")
    student = file_rooms.join(teacher.code, "student")
    for about in "abcde":
        file_rooms.answer(student, GATE, 0, about)
    known = [file_rooms.asked(teacher.code, GATE, about) is not None for about in "abcde"]
    assert known == [True] * 3 + [False] * 2


def test_runs_are_only_counted_while_results_are_held(rooms: Rooms) -> None:
    teacher, _ = rooms.open("teacher")
    student, late = (rooms.join(teacher.code, name) for name in ("student", "late"))
    earlier, ahead = (replace(SCORE, title=title) for title in ("Earlier", "Other units"))

    def hidden() -> dict[str, bool]:
        found = rooms.board(teacher.code).tallies
        return {one.question.title: one.held or one.waits for one in found if one.question.is_run}

    rooms.answer(student, earlier, 40, "seed 1")
    rooms.change_pace(teacher, hold=True)
    rooms.put_on_stage(teacher, [GATE.id, SCORE.id])
    rooms.show(teacher, "answers")  # the guesses, to talk about them
    rooms.answer(student, SCORE, 40, "seed 1")
    rooms.answer(student, ahead, 40, "seed 1")
    assert hidden() == {earlier.title: False, SCORE.title: True, ahead.title: True}
    assert rooms.lead(teacher.code)[2] == (0, 2), "no question to wait for"
    rooms.change_pace(teacher, shown=1)
    assert hidden() == {earlier.title: False, SCORE.title: False, ahead.title: True}
    rooms.answer(late, SCORE, 50, "seed 2")
    assert not hidden()[SCORE.title], "its other seeds have been shown"
    rooms.release(teacher, ahead.id)
    assert not any(hidden().values())
    rooms.put_on_stage(teacher, [GATE.id])
    rooms.answer(student, replace(SCORE, title="Next"), 40, "seed 1")
    assert hidden()["Next"]
    rooms.change_pace(teacher, hold=False, shown=2)
    assert not any(hidden().values())
