"""Opening a page of the app as a person does: wait until it stands still."""

from collections.abc import Callable

from playwright.sync_api import Page, expect


def visit(page: Page, url: str) -> None:
    """Open ``url`` cold; return when its script has finished and its title is there."""
    page.goto(url)
    expect(page.get_by_test_id("stMain").locator("h1").first).to_be_visible(timeout=60_000)
    settle(page)


def settle(page: Page) -> None:
    """Return when no script runs any more."""
    app = page.get_by_test_id("stApp")
    expect(app).to_have_attribute("data-test-script-state", "notRunning", timeout=60_000)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0, timeout=60_000)


def wait_until(page: Page, holds: Callable[[], bool]) -> None:
    """Return when ``holds()`` is true; use it where the browser has nothing to wait for."""
    for _ in range(600):
        if holds():
            return
        page.wait_for_timeout(100)
    raise AssertionError("it did not become true within 60 s")
