"""One network address has a bounded number of open tabs, and other addresses don't notice."""

import asyncio
import logging
from typing import Any

import pytest

from gatesviz.limits import TABS_OF_ADDRESS, bound
from gatesviz.ui.tabs import STREAM, TABS, BoundTabs


class Server:
    """A `BoundTabs` before an app that answers pages, and keeps WebSockets until they end."""

    def __init__(self, most: int) -> None:
        self.tabs, self.served = BoundTabs(self._app, most), 0
        self.end = asyncio.Event()

    async def _app(self, scope: Any, receive: Any, send: Any) -> None:
        self.served += 1
        if scope["type"] == "websocket":
            await self.end.wait()
        else:
            await send({"type": "http.response.start", "status": 200})

    async def ask(self, kind: str, address: str, path: str = f"/base{STREAM}") -> list[Any]:
        """Send a request, and return what was answered so far."""
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        headers = [(b"accept", b"text/html")]
        scope = {"type": kind, "client": (address, 1), "path": path, "headers": headers}
        task = asyncio.create_task(self.tabs({**scope, "method": "GET"}, None, send))  # type: ignore[arg-type]
        self.tasks = [*getattr(self, "tasks", ()), task]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return sent


def test_beyond_the_bound_an_address_gets_a_sentence_until_a_tab_is_closed() -> None:
    async def play() -> None:
        server = Server(2)
        for _ in range(2):
            assert await server.ask("websocket", "school") == []
        [closed] = await server.ask("websocket", "school")
        assert closed["type"] == "websocket.close"
        start, body = await server.ask("http", "school", "/feed")
        assert start["status"] == 503
        assert body["body"].startswith(b"2 tabs are open from your network, and at most 2 are")
        served = server.served
        await server.ask("websocket", "elsewhere")
        await server.ask("http", "elsewhere", "/feed")
        await server.ask("websocket", "school", "/rooms/BCDFH")
        assert server.served == served + 3
        server.end.set()
        await asyncio.gather(*server.tasks)
        [start] = await server.ask("http", "school", "/feed")
        assert start["status"] == 200

    asyncio.run(play())


def test_zero_means_no_bound() -> None:
    async def play() -> None:
        server = Server(0)
        for _ in range(5):
            assert await server.ask("websocket", "school") == []
        server.end.set()
        await asyncio.gather(*server.tasks)

    asyncio.run(play())


@pytest.mark.parametrize(("text", "most"), [("0", 0), ("7", 7), ("", 1_000), (" 12 ", 12)])
def test_the_environment_sets_the_bound(
    monkeypatch: pytest.MonkeyPatch, text: str, most: int
) -> None:
    monkeypatch.setenv(TABS, text)
    assert bound(TABS, TABS_OF_ADDRESS) == most


@pytest.mark.parametrize("text", ["many", "-1", "1e3", "²"])
def test_a_wrong_bound_is_named_in_the_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, text: str
) -> None:
    monkeypatch.setenv(TABS, text)
    with caplog.at_level(logging.WARNING):
        assert bound(TABS, TABS_OF_ADDRESS) == TABS_OF_ADDRESS.high
    assert f"{text!r} is no whole number" in caplog.text
    assert TABS_OF_ADDRESS.high >= 3 * 300, "a school of 300 behind one address has three tabs each"
