"""Several servers behind haproxy: one is killed, and its student continues on the other one.

The clients speak Streamlit's protocol and connect again as a browser does; a real one is in
tests/browser/test_resuming.py.
"""

import asyncio
import json
import time
import urllib.request
from collections.abc import Callable, Iterator
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest
import websockets

from benchmarks.class_student import Student
from benchmarks.streamlit_client import Client
from gatesviz.lessons import lesson
from gatesviz.lessons.grading import counted
from gatesviz.ui.persons import COOKIE
from tests.postgres import empty
from tests.several_servers import SeveralServers, newest_run

RUN = {"trtask": "Recall the first letter", "trcells": "LSTM", "trlength": "100",
       "trhidden": "64", "trend": "5000"}  # fmt: skip
"""A run that takes many slices also on a fast machine."""
RECORD = "1" + "-" * (len(counted(lesson("memory"))) - 1)
BACK = 10.0  # seconds in which everything is there again


@pytest.fixture
def servers(postgres: str, tmp_path: Path) -> Iterator[SeveralServers]:
    started = SeveralServers(tmp_path, postgres)
    try:
        started.start()
        yield started
    finally:
        started.stop()
        empty(postgres)


class Tab(Student):
    """A page, the last data of each component on it, and by how much its run grew each time."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.data: dict[str, Any] = {}
        self.steps: list[int] = []

    def _see(self, element: Any) -> None:
        before = self.made
        super()._see(element)
        self.steps += [self.made - before] if self.made > before else []
        if element.WhichOneof("type") == "bidi_component" and element.bidi_component.json:
            name = element.bidi_component.component_name.rpartition("gatesviz_")[2]
            self.data[name] = json.loads(element.bidi_component.json)

    async def guess(self, place: int) -> None:
        """Choose an option of the page's question."""
        [asked] = [label for label in self.client.labels("button_group") if "?" in label][:1]
        await self.client.click(asked, self.client.options(asked)[place])


class Person:
    """A browser: its cookie, and the server that it is on."""

    def __init__(self, servers: SeveralServers, server: str) -> None:
        here = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        request = urllib.request.Request(f"{servers.url}/", headers={"accept": "text/html"})
        with here.open(request, timeout=20) as answer:
            found = SimpleCookie(", ".join(answer.headers.get_all("set-cookie")))
        self.tabs: list[Tab] = []
        self.servers, self.cookie = servers, f"{COOKIE}={found[COOKIE].value}; SRV={server}"

    def tab(self, page: str, **link: str) -> Tab:
        client = Client(int(self.servers.url.rsplit(":")[-1]), page, dict(link))
        client.cookie = self.cookie
        self.tabs.append(Tab(client))
        return self.tabs[-1]

    async def leave(self) -> None:
        """Close all tabs."""
        await asyncio.gather(*(tab.client.close() for tab in self.tabs))
        self.tabs.clear()

    def board(self, code: str) -> Any:
        address = f"{self.servers.url}/rooms/{code}".replace("http", "ws")
        headers = {"cookie": self.cookie, "origin": self.servers.url}
        return websockets.connect(address, additional_headers=headers, proxy=None)


async def until(holds: Callable[[], Any], seconds: float = 60) -> None:
    async with asyncio.timeout(seconds):
        while not holds():
            await asyncio.sleep(0.05)


async def until_board(socket: Any, holds: Callable[[Any], bool]) -> None:
    async with asyncio.timeout(60):
        async for text in socket:
            if holds(json.loads(text)):
                return


async def connected(make: Callable[[], Tab]) -> Tab:
    """Open a page, and try again while no server answers, as a browser does."""
    tab = make()
    while True:
        try:
            await tab.come()
            return tab
        except (OSError, websockets.WebSocketException):
            await asyncio.sleep(0.2)


def guesses(board: Any) -> list[int]:
    """Return how many chose the first two options of the question."""
    asked = [each["counts"] for each in board["questions"] if each["kind"] == "guess"]
    found = [counts[:2] for counts in asked if counts]  # none until the teacher shows them
    return found[0] if found else []


def test_a_killed_server_is_replaced_by_the_other_one(
    servers: SeveralServers, postgres: str
) -> None:
    """A teacher and her board are on server a. A student is on b, which is killed."""
    asyncio.run(_lesson(servers, postgres))


async def _lesson(servers: SeveralServers, database: str) -> None:
    teacher, student = Person(servers, "a"), Person(servers, "b")
    desk = teacher.tab("classroom")
    await desk.come()
    await desk.click("Open a room", True)
    code = desk.data["room"]["code"]
    await desk.click("The board shows", "the guesses")
    feed = student.tab("feed", room=code, lesson="memory.2", got=RECORD, chose="same")
    train = student.tab("train", **RUN)
    await feed.come()
    async with teacher.board(code) as board:
        await feed.guess(0)
        await until_board(board, lambda one: guesses(one) == [1, 0])  # from server b to server a
        await train.come()
        await train.start()
        await until(lambda: len(train.steps) > 4)
        seen, killed = train.made, servers.kill("b")
        left = newest_run(database)
        assert 0 < seen <= left + max(train.steps), "more than one slice is lost"
        link = feed.client.link
        await student.leave()
        assert "room" not in link
        train, feed = await asyncio.gather(
            connected(lambda: student.tab("train", **RUN)),
            connected(lambda: student.tab("feed", **link)),
        )
        on_feed = feed.data
        assert train.made == left
        assert train.data["room"]["code"] == on_feed["room"]["code"] == code
        assert (on_feed["lesson"]["place"], on_feed["lesson"]["record"]) == ("memory.2", RECORD)
        assert on_feed["lesson"]["questions"][0]["chosen"], "it is asked again"
        back = time.monotonic() - killed
        await feed.guess(1)
        await until_board(board, lambda one: guesses(one) == [0, 1])
        await train.client.click("Continue")
        await until(lambda: train.made > left)
        assert back < BACK, f"back after {back:.1f} s"
    for person in (teacher, student):
        await person.leave()
