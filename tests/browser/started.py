"""Playwright and its browsers, kept from file to file.

A new browser compiles all scripts of the app again, which takes some seconds of processor time.
"""

from pathlib import Path

from playwright.sync_api import Browser, Playwright, ViewportSize, sync_playwright

from tests.browser.chromium import FLAGS
from tests.browser.homes import Homes


class Started:
    """What has been started since the last `close`."""

    def __init__(self, viewport: ViewportSize) -> None:
        self._viewport = viewport
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None
        self._homes: Homes | None = None

    @property
    def playwright(self) -> Playwright:
        """Playwright, started if it wasn't."""
        if self._playwright is None:
            self._playwright = sync_playwright().start()
        return self._playwright

    def browser(self, chromium: str) -> Browser:
        """Return the browser whose contexts begin with nothing."""
        if self._browser is None or not self._browser.is_connected():
            self._browser = self.playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        return self._browser

    def homes(self, chromium: str, profiles: Path) -> Homes:
        """Return the contexts that keep a page from test to test."""
        if self._homes is None:
            self._homes = Homes(self.playwright, chromium, profiles, self._viewport)
        return self._homes

    def close(self) -> None:
        """End them all."""
        if self._homes is not None:
            self._homes.close()
        if self._browser is not None:
            self._browser.close()
        if self._playwright is not None:
            self._playwright.stop()
        self._homes = self._browser = self._playwright = None
