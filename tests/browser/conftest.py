"""A real browser for every test in this folder, watched for errors and for foreign requests."""

import os
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.chromium import MISSING, find_chromium
from tests.browser.homes import Homes
from tests.browser.started import Started
from tests.browser.watching import Watch

FOLDER = Path(__file__).parent
VIEWPORT = {"width": 1280, "height": 720}
expect.set_options(timeout=60_000)  # five seconds are little where other tests run beside
STARTED = Started(VIEWPORT)
AT_HOME = {"viewport", "color_scheme", "reduced_motion"}
"""Options that an open page can still be given."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = cache(lambda file: FOLDER in file.parents)
    for item in items:
        if here(item.path):
            item.add_marker("browser")


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> None:
    """Close the browsers after the last test of this folder: their asyncio loop disturbs others."""
    if nextitem is None or FOLDER not in nextitem.path.parents:
        STARTED.close()


@pytest.fixture(scope="module")
def chromium() -> str:
    """The path of a Chromium; without one its tests are skipped, or fail where one is required."""
    path = find_chromium(STARTED.playwright)
    if path is None and os.environ.get("GATESVIZ_REQUIRE_BROWSER") == "1":
        pytest.fail(MISSING)
    if path is None:
        pytest.skip(MISSING)
    return path


@pytest.fixture(scope="module")
def browser(chromium: str) -> Browser:
    """A Chromium whose contexts begin with nothing, not even compiled scripts."""
    return STARTED.browser(chromium)


@pytest.fixture(scope="session")
def profiles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folders where Chromiums keep Streamlit's scripts, compiled."""
    return tmp_path_factory.mktemp("profiles")


@pytest.fixture(scope="module")
def homes(chromium: str, profiles: Path) -> Homes:
    """The two contexts that keep a page from test to test."""
    return STARTED.homes(chromium, profiles)


@pytest.fixture
def watch(app_url: str) -> Watch:
    """What the test's pages did wrong so far; whoever asks for a page is held to it at the end."""
    return Watch(app_url)


@pytest.fixture
def new_page(
    request: pytest.FixtureRequest, watch: Watch, homes: Homes
) -> Iterator[Callable[..., Page]]:
    """A function that opens a page; its options are those of ``Browser.new_context``.

    A test's first two pages are pages at home, which other tests have used; `visit` gives them a
    new session. All others have a context of their own. With ``stopped_clock`` time passes only
    when the test says so. A stopped clock stops every later page of its context, so such a page is
    never at home.
    """
    alone: list[BrowserContext] = []
    pages: list[Page] = []

    def open_page(*, stopped_clock: bool = False, **options: Any) -> Page:
        page = None
        if not stopped_clock and options.keys() <= AT_HOME:
            page = homes.lend(watch, **options)
        if page is None:
            browser = request.getfixturevalue("browser")
            context = browser.new_context(**{"viewport": VIEWPORT} | options)
            watch.follow(context)
            alone.append(context)
            page = context.new_page()
        pages.append(page)
        if stopped_clock:
            page.clock.install()
            page.clock.pause_at("2030-01-01")
        return page

    yield open_page
    watch.leave()
    for page in pages:
        watch.look(page)
    for context in alone:
        context.close()
    homes.take_back()
    watch.verify()


@pytest.fixture
def stopped_clock() -> None:
    """A test that asks for this has a `page` on which time passes only when the test says so."""


@pytest.fixture
def page(request: pytest.FixtureRequest, new_page: Callable[..., Page]) -> Page:
    """A page in the light theme, 1280 by 720."""
    stopped = "stopped_clock" in request.fixturenames
    return new_page(color_scheme="light", stopped_clock=stopped)
