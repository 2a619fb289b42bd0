"""What a page must never do, noted while it runs."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import (
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    WebError,
    WebSocket,
)

OWN_404S = re.compile(r"/\w+/_stcore/(health|host-config)")
"""Streamlit looks for its server below a deep link first, and Chromium reports both misses."""


@dataclass
class Watch:
    """Everything wrong with the pages of one browser context.

    Attributes:
        origin: the app's address; requests to anywhere else are foreign.
        errors: what the console and uncaught exceptions said.
        foreign: addresses of requests and WebSockets that would have left the app.
        broken: the exceptions that Streamlit showed on a page.
    """

    origin: str
    errors: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    _followed: list[BrowserContext] = field(default_factory=list)

    def follow(self, context: BrowserContext) -> None:
        """Listen to every page that ``context`` opens."""
        for event, heard in self._hearing().items():
            context.on(event, heard)
        for page in context.pages:
            page.on("websocket", self._websocket)
        self._followed.append(context)

    def leave(self) -> None:
        """Listen no more."""
        for context in self._followed:
            for event, heard in self._hearing().items():
                context.remove_listener(event, heard)
            for page in context.pages:
                page.remove_listener("websocket", self._websocket)
        self._followed.clear()

    def look(self, page: Page) -> None:
        """Note the exceptions that ``page`` shows now."""
        if not page.is_closed():
            self.broken += page.get_by_test_id("stException").all_inner_texts()

    def verify(self) -> None:
        """Fail if anything was noted."""
        assert not self.errors, f"errors in the browser: {self.errors}"
        assert not self.foreign, f"requests that leave the app: {self.foreign}"
        assert not self.broken, f"exceptions on the page: {self.broken}"

    def _hearing(self) -> dict[Any, Callable[[Any], None]]:
        heard = {"console": self._console, "weberror": self._error, "request": self._request}
        return {**heard, "page": self._page}

    def _error(self, error: WebError) -> None:
        self.errors.append(str(error.error))

    def _page(self, page: Page) -> None:
        page.on("websocket", self._websocket)

    def _websocket(self, socket: WebSocket) -> None:
        self._address(socket.url)

    def _console(self, message: ConsoleMessage) -> None:
        where = message.location["url"].removeprefix(self.origin)
        missed = "status of 404" in message.text and OWN_404S.fullmatch(where)
        if message.type == "error" and not missed:
            self.errors.append(f"{message.text} ({where})")

    def _request(self, request: Request) -> None:
        self._address(request.url)

    def _address(self, url: str) -> None:
        inside = (f"{self.origin}/", f"{self.origin.replace('http', 'ws', 1)}/")
        if not url.startswith((*inside, "data:", "blob:", "file:", "about:")):
            self.foreign.append(url)
