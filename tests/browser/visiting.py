"""Opening a page of the app as a person does: wait until it stands still."""

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

GO = """url => { history.pushState({}, "", url); dispatchEvent(new PopStateEvent("popstate")); }"""

RENEWABLE = """() => 'renewSession' in window && window.loadedWidth === innerWidth
  && document.querySelector("[data-testid=stTopNavLink][href$=glossary]") !== null"""


def visit(page: Page, url: str, *, cold: bool = False) -> None:
    """Open ``url`` in a new session; return when its script has finished and its title is there.

    A page at home (see `homes`) that has been loaded is not loaded again, unless ``cold``.
    """
    title = page.get_by_test_id("stMain").locator("h1").first
    origin = "/".join(url.split("/")[:3])
    renewable = page.url.startswith(f"{origin}/") and page.evaluate(RENEWABLE)
    if cold or not renewable or f"{origin}/glossary" in url:
        page.goto(url)
    else:
        page.evaluate(GO, f"{origin}/glossary")  # no part of the page before is on the next one
        expect(title).to_have_text("Glossary")
        settle(page)
        page.evaluate("() => { sessionStorage.clear(); return renewSession(); }")
        page.evaluate(GO, url)
        expect(title).not_to_have_text("Glossary")
    expect(title).to_be_visible(timeout=60_000)
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


def press_number(page: Page, root: Locator, number: int) -> bool:
    """Answer by a number key that is held. Return whether the question was out of sight."""
    for _ in range(3):  # the browser repeats a held key
        page.keyboard.down(str(number))
    page.keyboard.up(str(number))
    said = root.locator(".gv-lesson-note").text_content()
    if hidden := said == f"Press {number} again to answer.":
        expect(root.locator(".gv-lesson-note")).to_be_visible()
        page.keyboard.press(str(number))
    return hidden
