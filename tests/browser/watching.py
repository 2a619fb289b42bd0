"""What a page must never do, noted while it runs."""

import re
from dataclasses import dataclass, field

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request

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

    def follow(self, context: BrowserContext) -> None:
        """Listen to every page that ``context`` opens."""
        context.on("console", self._console)
        context.on("weberror", lambda error: self.errors.append(str(error.error)))
        context.on("request", self._request)
        context.on("page", lambda page: page.on("websocket", lambda ws: self._address(ws.url)))

    def look(self, page: Page) -> None:
        """Note the exceptions that ``page`` shows now."""
        if not page.is_closed():
            self.broken += page.get_by_test_id("stException").all_inner_texts()

    def verify(self) -> None:
        """Fail if anything was noted."""
        assert not self.errors, f"errors in the browser: {self.errors}"
        assert not self.foreign, f"requests that leave the app: {self.foreign}"
        assert not self.broken, f"exceptions on the page: {self.broken}"

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
