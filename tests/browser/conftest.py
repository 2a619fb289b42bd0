"""A real browser for every test in this folder, watched for errors and for foreign requests."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.chromium import FLAGS, MISSING, find_chromium
from tests.browser.watching import Watch

HERE = Path(__file__).parent
expect.set_options(timeout=60_000)  # five seconds are little where other tests run beside


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("browser")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium, one for each module: its asyncio loop must not outlive the tests that need it."""
    with sync_playwright() as playwright:
        path = find_chromium(playwright)
        if path is None and os.environ.get("GATESVIZ_REQUIRE_BROWSER") == "1":
            pytest.fail(MISSING)
        if path is None:
            pytest.skip(MISSING)
        chromium = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def watch(app_url: str) -> Watch:
    """What the test's pages did wrong so far; whoever asks for a page is held to it at the end."""
    return Watch(app_url)


@pytest.fixture
def new_page(browser: Browser, watch: Watch) -> Iterator[Callable[..., Page]]:
    """A function that opens an empty page; its options are those of ``Browser.new_context``."""
    pages: list[Page] = []

    def open_page(**options: Any) -> Page:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 720}} | options)
        watch.follow(context)
        pages.append(context.new_page())
        return pages[-1]

    yield open_page
    for page in pages:
        watch.look(page)
        page.context.close()
    watch.verify()


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    """An empty page in the light theme, 1280 by 720."""
    return new_page(color_scheme="light")
