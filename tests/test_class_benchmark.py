"""The clients of the class benchmark: they wait for a page as a person does, however long."""

import asyncio
from typing import Any

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks import class_student, streamlit_client
from benchmarks.class_student import START, Student
from benchmarks.streamlit_client import Client


class Server:
    """The other end of a client's socket; the test says when a page is drawn."""

    def __init__(self, client: Client) -> None:
        client._socket = self
        self.take, self.asked = client._take, 0

    async def send(self, message: bytes) -> None:
        self.asked += 1

    def draw(self, page: str, *buttons: str) -> None:
        """Send a whole page with these buttons."""
        self._tell(lambda m: m.new_session.SetInParent())
        self._tell(lambda m: self._navigate(m, page))
        for label in buttons:
            self._tell(lambda m, label=label: self._add(m, label))
        self._tell(lambda m: setattr(m, "script_finished", ForwardMsg.FINISHED_SUCCESSFULLY))

    @staticmethod
    def _navigate(message: Any, page: str) -> None:
        for name in ("feed", "train"):
            message.navigation.app_pages.add(page_script_hash=f"hash {name}", url_pathname=name)
        message.navigation.page_script_hash = f"hash {page}"

    @staticmethod
    def _add(message: Any, label: str) -> None:
        message.delta.new_element.button.label = label

    def _tell(self, fill: Any) -> None:
        message = ForwardMsg()
        fill(message)
        self.take(message)


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


def test_the_end_of_the_page_before_is_not_the_end_of_the_page_asked_for() -> None:
    async def play() -> None:
        client = Client(0, "feed")
        server = Server(client)
        came = asyncio.create_task(client.rerun())
        await settle()
        server.draw("feed")
        await came
        went = asyncio.create_task(client.go("train", {}))
        await settle()
        server.draw("feed", "Guess")  # it was on its way
        await settle()
        assert not went.done()
        assert not client.has("Guess")  # the server would never answer it
        server.draw("train", START)
        await went
        assert client.has(START)

    asyncio.run(play())


def test_a_student_waits_for_a_late_page_and_its_wait_is_counted_as_patience(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(streamlit_client, "PATIENCE", 0.01)

    async def play() -> None:
        student = Student(Client(0, "feed"))
        server = Server(student.client)
        went = asyncio.create_task(student.go("train", {}))
        while not student.clicks:  # until its patience is over
            await asyncio.sleep(0.01)
        assert len(student.clicks) == 1
        assert not went.done()
        assert not student.client.has(START)  # pressing it now would be an error
        server.draw("train", START)
        await went
        assert student.client.has(START)

    asyncio.run(play())


def test_a_student_leaves_a_lesson_whose_page_does_not_come(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(streamlit_client, "PATIENCE", 0.01)
    monkeypatch.setattr(streamlit_client, "LONGEST", 0.02)
    monkeypatch.setattr(class_student, "PATIENCE", 0.01)

    async def play() -> None:
        student = Student(Client(0, "feed"))
        server = Server(student.client)
        monkeypatch.setattr(student.client, "open", student.client.rerun)
        took = asyncio.create_task(student.take_lesson(0, 0))
        await settle()
        server.draw("feed")
        await took
        assert student.left
        assert server.asked == 2  # the first page, and the one that did not come

    asyncio.run(play())
