"""The player on its offline page, opened from disk: no server, no network."""

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from gatesviz.cells import CELLS, register
from gatesviz.player.assets import MODULES, module
from gatesviz.player.page import to_html
from gatesviz.player.payload import Panel, Selection
from gatesviz.traces import Trace
from tests.minimal_gated_unit import MGU

Show = Callable[..., Locator]


@pytest.fixture
def app_url() -> str:
    """Stands for the app's address, so that no app is started: every file is at home here."""
    return "file:"


@pytest.fixture
def show_on(tmp_path: Path) -> Show:
    """A function of a page and a trace, or panels: opens their player and returns its root."""

    def open_player(
        page: Page,
        shown: Trace | Sequence[Panel],
        *,
        title: str = "gatesviz",
        select: Selection | None = None,
        **options: Any,
    ) -> Locator:
        panels = [Panel(shown, **options)] if isinstance(shown, Trace) else shown
        file = tmp_path / "player.html"
        file.write_text(to_html(panels, title=title, select=select), encoding="utf-8")
        page.goto(file.as_uri())
        root = page.get_by_test_id("gv-player")
        expect(root).to_have_attribute("data-steps", str(panels[0].trace.steps))
        return root

    return open_player


@pytest.fixture
def show(page: Page, show_on: Show) -> Show:
    """The same on the test's own page."""
    return lambda *args, **options: show_on(page, *args, **options)


def open_bench(browser: Browser, names: str, *others: str) -> Iterator[Page]:
    """Open a page with the functions ``names`` of the player and of other files as globals."""
    page, code = browser.new_page(), module(*MODULES, *others)
    page.add_script_tag(type="module", content=f"{code}\nObject.assign(window, {{{names}}});")
    page.wait_for_function("typeof recompute === 'function'")
    yield page
    page.close()


@pytest.fixture(scope="module")
def mgu() -> Iterator[None]:
    """The minimal gated unit, registered while the module's tests run."""
    register(MGU)
    yield
    del CELLS["mgu"]


def standing(root: Locator) -> tuple[int, int, bool]:
    """Return the step and the unit at which a player stands, and whether it plays."""
    data = root.evaluate("root => ({...root.dataset})")
    return int(data["step"]), int(data["unit"]), json.loads(data["playing"])
