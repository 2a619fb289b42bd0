"""A flood of messages is read slowly, and nothing of it is lost."""

import asyncio
from typing import Any

from gatesviz.ui.pace import Pace
from gatesviz.ui.persons import COOKIE

ADA, BOB = (f"{COOKIE}={letter * 32}".encode() for letter in "ab")


class Server:
    """A `Pace` before an app that reads everything, with a clock that sleeping moves."""

    def __init__(self, **options: float) -> None:
        self.now, self.read = 0.0, []
        self.pace = Pace(self._app, clock=lambda: self.now, sleep=self._sleep, **options)

    async def _sleep(self, seconds: float) -> None:
        self.now += seconds

    async def _app(self, scope: Any, receive: Any, send: Any) -> None:
        while (message := await receive())["type"] != "websocket.disconnect":
            self.read.append((message["bytes"], self.now))
            self.now += 1_000 * (message["bytes"] == b"pause")

    def take(self, cookie: bytes, messages: list[bytes]) -> None:
        """Let a tab send ``messages`` as fast as it can."""
        coming = [{"type": "websocket.receive", "bytes": each} for each in messages]
        asyncio.run(self._serve(cookie, [*coming, {"type": "websocket.disconnect"}]))

    async def _serve(self, cookie: bytes, coming: list[dict[str, Any]]) -> None:
        async def receive() -> dict[str, Any]:
            return coming.pop(0)

        scope = {"type": "websocket", "headers": [(b"cookie", cookie)]}
        await self.pace(scope, receive, self._sleep)


def test_a_flood_comes_at_the_rate_and_all_of_it_comes() -> None:
    server = Server(rate=10, burst=5)
    messages = [str(number).encode() for number in range(25)]
    server.take(ADA, messages)
    assert [message for message, _ in server.read] == messages
    assert [at for _, at in server.read[:5]] == [0.0] * 5
    assert server.now == 2.0


def test_a_pause_earns_a_burst_but_no_more() -> None:
    server = Server(rate=10, burst=5)
    server.take(ADA, [b""] * 4 + [b"pause"] + [b""] * 10)
    assert server.now == 1_000.5


CLOSED = [{"type": "websocket.disconnect"}]


def test_tabs_of_one_person_share_and_other_people_do_not() -> None:
    async def together(cookies: list[bytes]) -> float:
        server = Server(rate=10, burst=5)
        tab = [{"type": "websocket.receive", "bytes": b""}] * 5
        await asyncio.gather(*(server._serve(cookie, [*tab, *CLOSED]) for cookie in cookies))
        return server.now

    assert asyncio.run(together([ADA, BOB])) == 0
    assert asyncio.run(together([b"", b""])) == 0
    assert asyncio.run(together([ADA, ADA])) > 0


def test_other_requests_pass_untouched() -> None:
    passed: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        passed.append(scope["type"])

    asyncio.run(Pace(app)({"type": "http"}, None, None))  # type: ignore[arg-type]
    assert passed == ["http"]


def test_a_new_connection_earns_nothing_and_who_has_gone_is_forgotten() -> None:
    server = Server(rate=10, burst=5)
    for _ in range(3):
        server.take(ADA, [b""] * 5)
    assert server.now == 1.0
    server.now += 1_000
    server.take(BOB, [])
    assert not server.pace._people
