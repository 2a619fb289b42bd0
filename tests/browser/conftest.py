"""A real browser for every test in this folder, watched for errors and for foreign requests."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    Playwright,
    expect,
    sync_playwright,
)

from tests.browser.chromium import COMPILED, FLAGS, MISSING, find_chromium
from tests.browser.watching import Watch

BENCHMARKS = Path(__file__).parent
VIEWPORT = {"width": 1280, "height": 720}
expect.set_options(timeout=60_000)  # five seconds are little where other tests run beside
AT_HOME = {"viewport", "color_scheme", "reduced_motion"}
"""Options that an open page can still be given."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if BENCHMARKS in item.path.parents:
            item.add_marker("browser")


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """One for each module: its asyncio loop must not outlive the tests that need it."""
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="module")
def chromium(playwright: Playwright) -> str:
    """The path of a Chromium; without one its tests are skipped, or fail where one is required."""
    path = find_chromium(playwright)
    if path is None and os.environ.get("GATESVIZ_REQUIRE_BROWSER") == "1":
        pytest.fail(MISSING)
    if path is None:
        pytest.skip(MISSING)
    return path


@pytest.fixture(scope="module")
def browser(playwright: Playwright, chromium: str) -> Iterator[Browser]:
    """A Chromium whose contexts begin with nothing, not even compiled scripts."""
    started = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
    yield started
    started.close()


@pytest.fixture(scope="session")
def profile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder where a Chromium keeps Streamlit's scripts, compiled, from module to module."""
    return tmp_path_factory.mktemp("profile")


@pytest.fixture(scope="module")
def home(playwright: Playwright, chromium: str, profile: Path) -> Iterator[BrowserContext]:
    """A context that finds compiled what was loaded before, which halves the cost of a page."""
    context = playwright.chromium.launch_persistent_context(
        profile, executable_path=chromium, args=[*FLAGS, COMPILED], viewport=VIEWPORT
    )
    yield context
    context.close()


@pytest.fixture
def watch(app_url: str) -> Watch:
    """What the test's pages did wrong so far; whoever asks for a page is held to it at the end."""
    return Watch(app_url)


@pytest.fixture
def new_page(request: pytest.FixtureRequest, watch: Watch) -> Iterator[Callable[..., Page]]:
    """A function that opens an empty page; its options are those of ``Browser.new_context``.

    A test's first page is opened at `home`, every other one in a context of its own: nobody finds
    what another page has kept. With ``stopped_clock`` time passes only when the test says so. A
    stopped clock stops every later page of its context, so such a page is never at home.
    """
    pages: dict[Page, bool] = {}  # whether it is at home

    def open_page(*, stopped_clock: bool = False, **options: Any) -> Page:
        at_home = not pages and not stopped_clock and options.keys() <= AT_HOME
        if at_home:
            context = request.getfixturevalue("home")
        else:
            browser = request.getfixturevalue("browser")
            context = browser.new_context(**{"viewport": VIEWPORT} | options)
        watch.follow(context)
        page = context.new_page()
        pages[page] = at_home
        if at_home:
            page.set_viewport_size(options.pop("viewport", VIEWPORT))
            page.emulate_media(**options)
        if stopped_clock:
            page.clock.install()
            page.clock.pause_at("2030-01-01")
        return page

    yield open_page
    watch.leave()
    for page, at_home in pages.items():
        watch.look(page)
        if at_home:
            forget(page)
        else:
            page.context.close()
    watch.verify()


def forget(page: Page) -> None:
    """Close every page at home, and keep nothing of them but scripts that are compiled."""
    assert not page.evaluate("'__pwClock' in globalThis"), "its clock stops later pages, too"
    kept = {"origin": "*", "storageTypes": "cookies,local_storage,indexeddb,service_workers"}
    if page.url.startswith("http"):
        kept["origin"] = "/".join(page.url.split("/")[:3])
    page.context.new_cdp_session(page).send("Storage.clearDataForOrigin", kept)
    page.context.clear_cookies()
    for open_page in page.context.pages[1:]:  # the first one keeps the browser open
        open_page.close()


@pytest.fixture
def stopped_clock() -> None:
    """A test that asks for this has a `page` on which time passes only when the test says so."""


@pytest.fixture
def page(request: pytest.FixtureRequest, new_page: Callable[..., Page]) -> Page:
    """An empty page in the light theme, 1280 by 720."""
    stopped = "stopped_clock" in request.fixturenames
    return new_page(color_scheme="light", stopped_clock=stopped)
