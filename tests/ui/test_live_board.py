"""The WebSocket of a board, without a server: who is let in, what is sent, and when it closes."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from starlette.websockets import WebSocket

from gatesviz.experiments.statistics import interval
from gatesviz.rooms import Member, Question, asked
from gatesviz.rooms.curves import POINTS, Curve
from gatesviz.rooms.pace import Pace
from gatesviz.rooms.store import Rooms
from gatesviz.ui import code_file
from gatesviz.ui.classroom import board, live, pace
from gatesviz.ui.classroom.live import CROWDED, GONE, PAUSE, REFUSED, Live, same_origin
from gatesviz.ui.persons import COOKIE

TEACHER, STUDENT, OTHER = "a" * 32, "b" * 32, "c" * 32
"""Cookies."""
GATE = Question("guess", "Which gate?", ("f", "i"), right=1)


class Browser:
    """One open board: what the server sends, and a way to close it."""

    def __init__(self, code: str, cookie: str, origin: str = "http://here:1", only: str = ""):
        self.sent: list[dict[str, Any]] = []
        self.closing = asyncio.Event()
        self.news = asyncio.Event()
        self.says: asyncio.Queue[str] = asyncio.Queue()
        self._first = True
        headers = [(b"host", b"here:1")]
        headers += [(b"origin", origin.encode())] if origin else []
        headers += [(b"cookie", f"{COOKIE}={cookie}".encode())]
        self.socket = WebSocket(
            {"type": "websocket", "path": f"/rooms/{code}", "headers": headers,
             "query_string": f"only={only}".encode(), "path_params": {"code": code}},
            self.receive, self.send,  # type: ignore[arg-type]
        )  # fmt: skip

    async def receive(self) -> dict[str, Any]:
        if self._first:
            self._first = False
            return {"type": "websocket.connect"}
        said, closed = (
            asyncio.create_task(self.says.get()),
            asyncio.create_task(self.closing.wait()),
        )
        await asyncio.wait((said, closed), return_when=asyncio.FIRST_COMPLETED)
        if said.done():
            return {"type": "websocket.receive", "text": said.result()}
        said.cancel()
        return {"type": "websocket.disconnect", "code": 1000}

    async def send(self, message: dict[str, Any]) -> None:
        self.sent.append(message)
        self.news.set()
        if message["type"] == "websocket.close":
            self.closing.set()

    @property
    def boards(self) -> list[dict[str, Any]]:
        return [json.loads(one["text"]) for one in self.sent if one["type"] == "websocket.send"]

    @property
    def closed(self) -> int | None:
        return next((one["code"] for one in self.sent if one["type"] == "websocket.close"), None)

    async def until(self, holds: Callable[["Browser"], bool]) -> None:
        async with asyncio.timeout(20):
            while not holds(self):
                self.news.clear()
                await self.news.wait()


@pytest.fixture
def rooms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rooms:
    monkeypatch.setenv("GATESVIZ_RESULTS", str(tmp_path))
    made = Rooms(f"sqlite:///{tmp_path}/rooms.sqlite3")
    for module in (board, live, pace):
        monkeypatch.setattr(module, "stored_rooms", lambda: made)
    return made


def run(play: Callable[[Live], Awaitable[None]]) -> None:
    asyncio.run(play(Live()))  # type: ignore[arg-type]


async def opened(hall: Live, code: str, cookie: str, **options: str) -> Browser:
    browser = Browser(code, cookie, **options)
    browser.task = asyncio.create_task(hall.connect(browser.socket))  # type: ignore[attr-defined]
    await browser.until(lambda one: bool(one.boards) or one.closed is not None)
    return browser


def test_an_answer_reaches_every_open_board(rooms: Rooms) -> None:
    teacher, _ = rooms.open(TEACHER)
    rooms.show(teacher, "answers")
    student = rooms.join(teacher.code, STUDENT)

    async def play(hall: Live) -> None:
        boards = [await opened(hall, teacher.code, one) for one in (TEACHER, STUDENT)]
        assert [one.boards[-1]["questions"] for one in boards] == [[], []]
        await asyncio.to_thread(rooms.answer, student, GATE, 1, "")
        for one in boards:
            await one.until(lambda one: bool(one.boards[-1]["questions"]))
            [question] = one.boards[-1]["questions"]
            assert (question["counts"], question["right"], question["first"]) == (
                [0, 1],
                None,
                None,
            )
            one.closing.set()

    run(play)


def test_the_teachers_page_counts_the_students_whose_pages_are_open(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "NOTE", 0.2)
    monkeypatch.setattr(asked, "HERE", 1.0)
    teacher, _ = rooms.open(TEACHER)
    rooms.change_pace(teacher, hold=True)
    for cookie in (STUDENT, OTHER):
        rooms.answer(rooms.join(teacher.code, cookie), GATE, 1, "")

    def counts(one: Browser) -> tuple[int, int]:
        return one.boards[-1]["answered"], one.boards[-1]["students"]

    async def play(hall: Live) -> None:
        lead = await opened(hall, teacher.code, TEACHER, only="pace")
        stays, closes = [
            await opened(hall, teacher.code, one, only="pace") for one in (STUDENT, OTHER)
        ]
        await lead.until(lambda one: counts(one) == (2, 2))
        closes.closing.set()
        await lead.until(lambda one: counts(one) == (1, 1))
        again = await opened(hall, teacher.code, OTHER, only="pace")
        await lead.until(lambda one: counts(one) == (2, 2))
        for one in (lead, stays, again):
            one.closing.set()

    run(play)


def test_a_flood_of_answers_is_a_few_messages(rooms: Rooms) -> None:
    teacher, _ = rooms.open(TEACHER)
    students = [rooms.join(teacher.code, f"student {k}") for k in range(60)]

    async def play(hall: Live) -> None:
        one = await opened(hall, teacher.code, TEACHER)
        began, before = asyncio.get_running_loop().time(), len(one.boards)
        await asyncio.to_thread(lambda: [rooms.answer(each, GATE, 0, "") for each in students])
        await one.until(lambda one: sum(q["people"] for q in one.boards[-1]["questions"]) == 60)
        spent = asyncio.get_running_loop().time() - began
        assert len(one.boards) - before <= spent / PAUSE + 1
        one.closing.set()

    run(play)


def test_the_class_sees_what_the_teacher_shows(rooms: Rooms) -> None:
    teacher, _ = rooms.open(TEACHER)
    student = rooms.join(teacher.code, STUDENT)
    rooms.answer(student, GATE, 0, "")
    rooms.answer(student, GATE, 1, "")
    seen = {}
    for shows in ("people", "answers", "right"):
        rooms.show(teacher, shows)  # type: ignore[arg-type]
        text = board.board_text(teacher.code)
        assert text is not None
        [question] = json.loads(text)["questions"]
        seen[shows] = [question[name] for name in ("people", "counts", "first", "right")]
    assert seen == {
        "people": [1, None, None, None],
        "answers": [1, [0, 1], [1, 0], None],
        "right": [1, [0, 1], [1, 0], 1],
    }
    assert student.person not in text
    rooms.answer(rooms.join(teacher.code, "another one"), GATE, 1, "other settings")
    [question] = json.loads(board.board_text(teacher.code) or "")["questions"]
    assert (question["settings"], question["right"]) == (2, 1), "all settings have this one"
    same = "Students used 2 different settings or seeds. The right answer is the same for all."
    assert question["note"] == same
    unknown = Question(GATE.kind, GATE.title, GATE.options)
    rooms.answer(rooms.join(teacher.code, "a third one"), unknown, 1, "settings of its own")
    [question] = json.loads(board.board_text(teacher.code) or "")["questions"]
    assert (question["settings"], question["right"]) == (3, None)
    assert question["note"].endswith(
        "3 different settings or seeds, so the right answer may differ."
    )


def test_the_board_shows_curves_as_far_as_the_teacher_lets_it(rooms: Rooms) -> None:
    teacher, _ = rooms.open(TEACHER)
    asked = Question("curve", "Draw it.", ("top", "middle", "bottom", "left", "right"))
    flat, measured = (7,) * POINTS, (9,) * POINTS
    rooms.answer(rooms.join(teacher.code, STUDENT), asked, Curve(flat, measured), "")
    seen = {}
    for shows in ("people", "answers", "right"):
        rooms.show(teacher, shows)  # type: ignore[arg-type]
        [question] = json.loads(board.board_text(teacher.code) or "")["questions"]
        seen[shows] = [question[name] for name in ("people", "curves", "middle", "measured")]
    assert seen == {
        "people": [1, None, [], []],
        "answers": [1, [list(flat)], list(flat), []],
        "right": [1, [list(flat)], list(flat), list(measured)],
    }


def test_a_picture_of_curves_says_what_it_leaves_out(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(board, "MOST_CURVES", 2)
    teacher, _ = rooms.open(TEACHER)
    rooms.show(teacher, "answers")
    asked = Question("curve", "Draw it.", ("top", "middle", "bottom", "left", "right"))

    def draw(student: str, settings: str, measured: int) -> tuple[int, int, str, str]:
        curve = Curve((7,) * POINTS, (measured,) * POINTS)
        rooms.answer(rooms.join(teacher.code, student), asked, curve, settings)
        [one] = json.loads(board.board_text(teacher.code) or "")["questions"]
        return one["people"], len(one["curves"]), one["caption"], one["note"]

    plain = "Thin: one student each. Thick: the median at each point."
    assert draw("a", "", 9) == (1, 1, plain, "")
    rooms.show(teacher, "right")
    measured, used = " Dashed: the measured curve.", "Students used 2 different settings or seeds"
    same = f"{used}. The measured curve is the same for all."
    assert draw("b", "other", 9) == (2, 2, plain + measured, same)
    differs = f"{used}, so the measured curve may differ."
    fewer = "Thin: one student each. The last 2 are drawn. Thick: the median at each point,"
    assert draw("c", "other", 8) == (3, 2, f"{fewer} of all students.", differs)


def test_a_run_that_did_not_solve_is_above_every_number(rooms: Rooms) -> None:
    teacher, _ = rooms.open(TEACHER)
    solved = Question("run", "Solved after", unit="updates", without="not solved")
    for k, value in enumerate((100.0, 200.0, None, 300.0, None)):
        rooms.answer(rooms.join(teacher.code, f"student {k}"), solved, value, f"seed {k}")
    [question] = json.loads(board.board_text(teacher.code) or "")["questions"]
    assert question["values"] == [100, 200, 300]
    assert question["median"] == 300, "the middle of 100, 200, 300, more, more"
    assert question["low"] is None
    assert question["solved"] == "3 of 5 runs solved it (95 % interval: 15 % to 95 %)."
    assert question["remark"].startswith("There is no interval, because not every run")
    assert question["note"] == ""


def test_cells_that_are_compared_share_one_axis(rooms: Rooms) -> None:
    teacher, _ = rooms.open(TEACHER)
    student, after = rooms.join(teacher.code, STUDENT), ", 8 units, 600 updates: solved after"
    other = rooms.join(teacher.code, "another student")
    for title, value, third in (
        (f"Count: one b: LSTM{after}", 225.0, 475.0),
        (f"Count: one b: RNN{after}", 256.0, 400.0),
        (f"Recall: RNN{after}", 90.0, 95.0),
    ):
        asked = Question("run", title, unit="updates", without="not solved")
        rooms.answer(student, asked, value, "seed 1")
        rooms.answer(other, asked, third, "seed 2")
    score = Question("run", "Recall: RNN, 8 units, 600 updates: held-out accuracy", unit="%")
    rooms.answer(student, score, 50.0, "seed 1")
    shown = json.loads(board.board_text(teacher.code) or "")["questions"]
    axes = {one["title"].replace(after, ""): one["axis"] for one in shown}
    assert axes.pop(score.title) == [50, 50]
    assert axes == {
        "Count: one b: LSTM": [225, 475], "Count: one b: RNN": [225, 475], "Recall: RNN": [90, 95]
    }  # fmt: skip


def test_students_with_the_same_seed_are_one_run_and_the_board_says_so(rooms: Rooms) -> None:
    solved = Question("run", "Solved after", unit="updates", without="not solved")

    def shown(seeds: list[int]) -> dict[str, Any]:
        teacher, _ = rooms.open(TEACHER)
        for k, seed in enumerate(seeds):
            member = rooms.join(teacher.code, f"student {k}")
            rooms.answer(member, solved, 100.0 + 25 * seed, f"seed {seed}")
        [question] = json.loads(board.board_text(teacher.code) or "")["questions"]
        return dict(question)

    same = shown([3] * 8)
    assert (same["people"], same["values"], same["median"]) == (8, [175], 175)
    assert (same["low"], same["high"], same["solved"]) == (None, None, "")
    assert same["remark"] == ""
    assert same["note"] == (
        "8 students ran the same seed, so this is one run. An interval needs at least 6 seeds."
    )
    some = shown([0, 1, 2, 3, 4, 5, 5, 5])
    assert some["values"] == [100, 125, 150, 175, 200, 225]
    expected = interval(some["values"])
    assert (some["low"], some["high"]) == (expected.low, expected.high)
    assert some["note"] == "8 students ran 6 different seeds. Each seed counts once."
    assert shown(list(range(8)))["note"] == ""


def test_a_run_that_nobody_solved_is_a_plain_sentence(rooms: Rooms) -> None:
    teacher, _ = rooms.open(TEACHER)
    without = "not solved in 600 updates"
    for k in range(6):
        asked = Question("run", "Solved after", unit="updates", without=without)
        rooms.answer(rooms.join(teacher.code, f"student {k}"), asked, None, f"seed {k}")
    [question] = json.loads(board.board_text(teacher.code) or "")["questions"]
    high = 100 * (1 - 0.025 ** (1 / 6))  # Clopper & Pearson, none of six
    assert question["solved"] == (
        f"0 of 6 runs solved it within 600 updates (95 % interval: 0 % to {high:.0f} %)."
    )
    assert (question["remark"], question["values"], question["median"]) == ("", [], None)


def test_the_board_says_why_numbers_have_no_interval(rooms: Rooms) -> None:
    teacher, _ = rooms.open(TEACHER)
    said = []
    for k in range(6):
        member = rooms.join(teacher.code, f"student {k}")
        rooms.answer(member, Question("run", "Score"), 100.0, f"seed {k}")
        [question] = json.loads(board.board_text(teacher.code) or "")["questions"]
        said.append((question["remark"], question["low"]))
    few, same = said[1], said[-1]
    assert few == ("A 95 % interval needs at least 6 seeds.", None)
    assert same == ("All 6 seeds gave the same number, so the interval has no width.", 100)


@pytest.mark.parametrize("origin", ["", "http://evil.example", "http://here:2", "null", "http://["])
def test_a_page_from_elsewhere_is_refused_before_it_is_accepted(rooms: Rooms, origin: str) -> None:
    teacher, _ = rooms.open(TEACHER)

    async def play(hall: Live) -> None:
        one = await opened(hall, teacher.code, TEACHER, origin=origin)
        assert [message["type"] for message in one.sent] == ["websocket.close"]

    run(play)
    assert not same_origin(origin, "here:1")


def test_only_who_is_in_the_room_sees_its_board(rooms: Rooms) -> None:
    teacher, _ = rooms.open(TEACHER)
    left = rooms.join(teacher.code, STUDENT)
    rooms.leave(left)

    async def play(hall: Live) -> None:
        ids = (teacher.person, left.person)  # what a log could hold opens nothing
        for cookie in ("", "guess", STUDENT, OTHER, "' OR 1=1", *ids):
            assert (await opened(hall, teacher.code, cookie)).closed == REFUSED
        assert (await opened(hall, "ZZZZZ", TEACHER)).closed == GONE

    run(play)


def test_no_address_of_a_board_holds_the_id_of_a_person(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(code_file.st, "get_option", lambda _: "base")
    assert live.address("BCDFH") == "/base/rooms/BCDFH"
    assert live.address("BCDFH", "pace") == "/base/rooms/BCDFH?only=pace"


def test_who_leaves_in_one_tab_leaves_in_all(rooms: Rooms) -> None:
    teacher, _ = rooms.open(TEACHER)
    student = rooms.join(teacher.code, STUDENT)
    rooms.join(teacher.code, OTHER)

    async def play(hall: Live) -> None:
        tabs = [await opened(hall, teacher.code, STUDENT, only=only) for only in ("", "pace")]
        others = [await opened(hall, teacher.code, cookie) for cookie in (TEACHER, OTHER)]
        await asyncio.to_thread(rooms.leave, student)
        for tab in tabs:
            await tab.until(lambda one: one.closed == REFUSED)
        for one in others:
            await one.until(lambda one: one.boards[-1]["people"] == 1)
            assert one.closed is None
            one.closing.set()

    run(play)


def test_an_error_while_reading_ends_no_board(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    teacher, _ = rooms.open(TEACHER)
    student = rooms.join(teacher.code, STUDENT)

    async def play(hall: Live) -> None:
        one = await opened(hall, teacher.code, TEACHER)
        failed, read = asyncio.Event(), rooms.board
        loop = asyncio.get_running_loop()

        def fail(code: str) -> None:
            loop.call_soon_threadsafe(failed.set)
            raise KeyError(code)

        monkeypatch.setattr(rooms, "board", fail)
        await asyncio.to_thread(rooms.answer, student, GATE, 0, "")
        await asyncio.wait_for(failed.wait(), 20)
        monkeypatch.setattr(rooms, "board", read)
        await one.until(lambda one: bool(one.boards[-1]["questions"]))
        one.closing.set()

    run(play)
    assert caplog.text.count("a room could not be read") == 1


def test_a_socket_makes_no_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATESVIZ_RESULTS", str(tmp_path))

    async def play(hall: Live) -> None:
        assert (await opened(hall, "BCDFH", TEACHER)).closed == GONE

    run(play)
    assert not list(tmp_path.iterdir())


def test_the_end_of_a_room_closes_its_boards(rooms: Rooms) -> None:
    teacher, _ = rooms.open(TEACHER)
    rooms.join(teacher.code, STUDENT)

    async def play(hall: Live) -> None:
        one = await opened(hall, teacher.code, STUDENT)
        await asyncio.to_thread(rooms.end, teacher)
        await one.until(lambda one: one.closed == GONE)

    run(play)


def test_a_room_that_ends_while_it_is_read_has_ended_for_its_boards(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A board was closed as if its person had left, although the room was over."""
    teacher, _ = rooms.open(TEACHER)
    rooms.join(teacher.code, STUDENT)
    persons = rooms.persons

    def ended(code: str) -> set[str]:
        if rooms.version(code) is not None:
            rooms.end(teacher)
        return persons(code)

    monkeypatch.setattr(rooms, "persons", ended)

    async def play(hall: Live) -> None:
        one = await opened(hall, teacher.code, STUDENT)
        await one.until(lambda one: one.closed is not None)
        assert one.closed == GONE

    run(play)


def test_one_person_has_a_bounded_number_of_boards(rooms: Rooms) -> None:
    teacher, _ = rooms.open(TEACHER)

    async def play(hall: Live) -> None:
        several = [
            await opened(hall, teacher.code, TEACHER) for _ in range(live.ROOM_SOCKETS.high + 1)
        ]
        assert [one.closed for one in several] == [None] * live.ROOM_SOCKETS.high + [CROWDED]
        for one in several:
            one.closing.set()

    run(play)


def test_a_board_on_another_server_hears_of_it_too(rooms: Rooms, tmp_path: Path) -> None:
    other = Rooms(f"sqlite:///{tmp_path}/rooms.sqlite3")
    teacher, _ = rooms.open(TEACHER)
    student: Member = other.join(teacher.code, STUDENT)

    async def play(hall: Live) -> None:
        one = await opened(hall, teacher.code, TEACHER)
        await asyncio.to_thread(other.answer, student, GATE, 0, "")
        await one.until(lambda one: bool(one.boards[-1]["questions"]))
        one.closing.set()

    run(play)
    other.close()


def test_the_teachers_page_sets_the_pace_of_every_page(rooms: Rooms) -> None:
    teacher, _ = rooms.open(TEACHER)
    student = rooms.join(teacher.code, STUDENT)

    async def play(hall: Live) -> None:
        one, other = [
            await opened(hall, teacher.code, who, only="pace") for who in (TEACHER, STUDENT)
        ]
        assert other.boards == [asdict(Pace()) | {"shows": "people"}]
        assert one.boards == [other.boards[0] | {"answered": 0, "students": 1}]
        followed = Pace(follow=True, address="feed?cell=GRU", pause="Look at the screen.")
        one.says.put_nowait(followed.to_json())
        await other.until(lambda page: page.boards[-1] == asdict(followed) | {"shows": "people"})
        late = await opened(hall, teacher.code, STUDENT, only="pace")
        assert late.boards == [asdict(followed) | {"shows": "people"}]
        sent = len(other.boards)
        await asyncio.to_thread(rooms.answer, student, GATE, 0, "")
        one.says.put_nowait(Pace().to_json())
        await other.until(lambda page: page.boards[-1] == asdict(Pace()) | {"shows": "people"})
        assert len(other.boards) == sent + 1, "an answer is no news of the pace"
        await asyncio.to_thread(rooms.change_pace, teacher, hold=True)
        await asyncio.to_thread(rooms.answer, student, replace(GATE, title="Another one?"), 0, "")
        await one.until(lambda page: page.boards[-1]["answered"] == 1)
        for page in (one, other, late):
            page.closing.set()

    run(play)


@pytest.mark.parametrize(
    "text",
    [
        *("", "{", "[]", "[" * 5_000, "null", '{"follow": true}'),
        *(Pace(address=address).to_json() for address in (
            "https://evil.example", "//evil.example", "/feed", "../feed", "classroom",
            "nowhere?a=1",
            "javascript:alert(1)", "feed?a#b",
        )),
    ],
)  # fmt: skip
def test_what_is_no_pace_changes_nothing(rooms: Rooms, text: str) -> None:
    teacher, _ = rooms.open(TEACHER)

    async def play(hall: Live) -> None:
        one = await opened(hall, teacher.code, TEACHER, only="pace")
        one.says.put_nowait(text)
        one.says.put_nowait(Pace(pause="Stop").to_json())
        await one.until(lambda page: page.boards[-1]["pause"] == "Stop")
        assert rooms.pace(teacher.code) == Pace(pause="Stop")
        assert all(board["address"] == "" for board in one.boards)
        one.closing.set()

    run(play)


def test_a_student_sets_no_pace(rooms: Rooms) -> None:
    teacher, _ = rooms.open(TEACHER)
    rooms.join(teacher.code, STUDENT)

    async def play(hall: Live) -> None:
        one = await opened(hall, teacher.code, STUDENT, only="pace")
        one.says.put_nowait(Pace(pause="Stop").to_json())
        one.closing.set()
        await one.task  # type: ignore[attr-defined]
        assert rooms.pace(teacher.code) == Pace()

    run(play)
