"""Pages that stay open from test to test: opening one costs more than most tests do.

A page at home can begin a new session without being loaded again; `visiting.visit` does so.
"""

from pathlib import Path
from typing import Any
from uuid import uuid4

from playwright.sync_api import BrowserContext, Page, Playwright, ViewportSize

from gatesviz.ui.persons import COOKIE
from tests.browser.chromium import COMPILED, FLAGS
from tests.browser.watching import Watch

NAMES = ("home", "guest")
STORED = "local_storage,indexeddb,service_workers"
"""The cookies stay, except that each test is another person, who has no runs to take over."""
USUAL = {"color_scheme": "light", "reduced_motion": "no-preference"}
RENEWABLE = """(() => {
  const sockets = [];
  let forget = false;
  window.WebSocket = class extends WebSocket {
    constructor(url, protocols) {
      if (!protocols) { super(url); return; } // the board of a class
      super(url, forget ? protocols.slice(0, 2) : protocols); // the third one names the session
      forget = false;
      sockets.push(this);
    }
  };
  /** End the session and begin another one; return when the server has it. */
  window.renewSession = () => new Promise((done) => {
    const before = sockets.length;
    forget = true;
    sockets.at(-1).close();
    const look = setInterval(() => {
      if (sockets.length === before || sockets.at(-1).readyState !== WebSocket.OPEN) return;
      clearInterval(look);
      done();
    }, 20);
  });
  window.loadedWidth = innerWidth;
})()"""
"""Lets a page of Streamlit connect as a new page does, which has no session yet."""


class Homes:
    """Two browser contexts with one page each, so that one person's page meets another's."""

    def __init__(
        self, playwright: Playwright, chromium: str, profiles: Path, viewport: ViewportSize
    ) -> None:
        self._playwright, self._chromium, self._profiles = playwright, chromium, profiles
        self._viewport = viewport
        self._contexts: dict[str, BrowserContext] = {}
        self._pages: dict[str, Page] = {}
        self._lent: list[str] = []

    def lend(self, watch: Watch, **options: Any) -> Page | None:
        """Return a page that the test doesn't have yet, or None. ``watch`` follows it."""
        free = [name for name in NAMES if name not in self._lent]
        if not free:
            return None
        name = free[0]
        context = self._context(name)
        page = self._pages.get(name)
        if page is None or page.is_closed():
            page = self._pages[name] = context.new_page()
        if not page.url.startswith(watch.origin):  # a page of another file, perhaps of an app
            page.goto("about:blank")  # that has ended. What it asks for isn't this test's fault.
        watch.follow(context)
        self._lent.append(name)
        page.set_viewport_size(options.pop("viewport", self._viewport))
        page.emulate_media(**{**USUAL, **options})
        return page

    def _context(self, name: str) -> BrowserContext:
        if name not in self._contexts:
            context = self._playwright.chromium.launch_persistent_context(
                self._profiles / name,
                executable_path=self._chromium,
                args=[*FLAGS, COMPILED],
                viewport=self._viewport,
            )
            context.add_init_script(RENEWABLE)
            self._contexts[name] = context
        return self._contexts[name]

    def take_back(self) -> None:
        """Forget what the pages of a test have stored. Other pages of theirs are closed."""
        for name in self._lent:
            context, page = self._contexts[name], self._pages[name]
            page.unroute_all(behavior="ignoreErrors")
            for other in context.pages[1:]:  # the first one keeps the browser open
                if other != page:
                    other.close()
            if not page.is_closed():
                _forget(page)
        self._lent.clear()

    def close(self) -> None:
        """Close both browsers."""
        for context in self._contexts.values():
            context.close()


def _forget(page: Page) -> None:
    assert not page.evaluate("'__pwClock' in globalThis"), "its clock stops later pages, too"
    if page.url.startswith("http"):
        origin = "/".join(page.url.split("/")[:3])
        clearing = page.context.new_cdp_session(page)
        clearing.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": STORED})
        clearing.detach()
        page.evaluate("sessionStorage.clear()")
        page.context.add_cookies([{"name": COOKIE, "value": uuid4().hex, "url": origin}])
        if page.get_by_test_id("gv-room").count() or page.get_by_test_id("gv-lesson").count():
            page.goto("about:blank")  # a class or a lesson may open its own page later
