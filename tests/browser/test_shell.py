"""The frame: each page opens by a cold link, quietly, and asks nobody else for anything."""

import re
from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from gatesviz.ui.compare.parameters import VIEW as COMPARE_VIEW
from gatesviz.ui.find_unit.parameters import VIEW as FIND_UNIT_VIEW
from gatesviz.ui.gradients.parameters import VIEW_FIELD as GRADIENTS_VIEW
from gatesviz.ui.guesses import GUESSES
from gatesviz.ui.inside.parameters import VIEW as INSIDE_VIEW
from gatesviz.ui.links import Choice
from gatesviz.ui.page_settings import FIELDS
from gatesviz.ui.what_if.parameters import VIEW as WHAT_IF_VIEW
from tests.browser.accessibility import check_in_both_themes, check_names
from tests.browser.visiting import GO, settle, visit
from tests.browser.watching import Watch

PAGES = {
    "": "Start",
    "feed": "Feed a sequence",
    "inside": "Inside the cell",
    "train": "Train live",
    "what_if": "What if?",
    "find_unit": "Find the unit",
    "gradients": "Vanishing gradients",
    "compare": "LSTM or GRU?",
    "glossary": "Glossary",
    "classroom": "Class",
    "teachers": "For teachers",
}
"""Address -> title."""
LISTED = {path: title for path, title in PAGES.items() if path != "teachers"}
"""Those in the menu."""
HEADING = {"Start": "See how a network remembers", "Class": "Work as a class"}
"""Title -> heading, where it is another one."""
VIEWS = {
    "inside": INSIDE_VIEW,
    "what_if": WHAT_IF_VIEW,
    "find_unit": FIND_UNIT_VIEW,
    "gradients": GRADIENTS_VIEW,
    "compare": COMPARE_VIEW,
}
"""Address -> the setting that chooses a view of the page."""


@pytest.mark.parametrize(("path", "title"), PAGES.items())
def test_a_cold_link_opens_its_page_and_asks_nobody_else(
    page: Page, app_url: str, watch: Watch, path: str, title: str
) -> None:
    answered: list[str] = []
    page.on("response", lambda response: answered.append(response.url))
    visit(page, f"{app_url}/{path}", cold=True)
    expect(page.get_by_test_id("stMain").locator("h1")).to_have_text(HEADING.get(title, title))
    expect(page).to_have_title(f"{title} · gatesviz")
    expect(page.get_by_test_id("stTopNavLink")).to_have_text(list(LISTED.values()))
    icon = page.locator("link[rel~=icon]").get_attribute("href")
    assert icon is not None
    assert icon.startswith("data:image/svg+xml")
    page.wait_for_load_state("networkidle")
    assert any(url.startswith(f"{app_url}/static/") for url in answered)
    assert watch.foreign == []


def test_an_old_link_to_feed_opens_feed_with_its_settings(page: Page, app_url: str) -> None:
    visit(page, f"{app_url}/?cell=GRU&text=Ax%3F&t=1")
    expect(page.get_by_test_id("stMain").locator("h1")).to_have_text("Feed a sequence")
    player = page.get_by_test_id("gv-player")
    for name, value in {"cell": "gru", "steps": "3", "step": "1"}.items():
        expect(player).to_have_attribute(f"data-{name}", value)
    expect(page).to_have_url(re.compile(rf"^{app_url}/feed\?cell=GRU&text=Ax%3F&t=1"))


def test_the_menu_leads_from_page_to_page(page: Page, app_url: str) -> None:
    visit(page, app_url)
    for path, title in reversed(LISTED.items()):
        page.get_by_test_id("stTopNavLink").filter(has_text=title).click()
        expect(page.get_by_test_id("stMain").locator("h1")).to_have_text(HEADING.get(title, title))
        settle(page)
        expect(page).to_have_url(f"{app_url}/{path}")


def test_on_a_phone_the_menu_closes_after_a_choice(
    new_page: Callable[..., Page], app_url: str
) -> None:
    page = new_page(viewport={"width": 390, "height": 844}, has_touch=True)
    visit(page, f"{app_url}/feed")
    settle(page)
    for title in ("Glossary", "Train live"):
        page.get_by_test_id("stExpandSidebarButton").tap()
        page.get_by_test_id("stSidebarNavLink").filter(has_text=title).tap()
        expect(page.get_by_test_id("stMain").locator("h1")).to_have_text(title)
        expect(page.get_by_test_id("stSidebarCollapseButton")).not_to_be_in_viewport()
        settle(page)
        expect(page.get_by_test_id("stSidebarCollapseButton")).not_to_be_in_viewport()


@pytest.mark.parametrize("path", PAGES)
def test_both_themes_are_ours_and_accessible_and_a_phone_scrolls_in_one_direction_only(
    page: Page, app_url: str, path: str
) -> None:
    visit(page, f"{app_url}/{path}")
    check_in_both_themes(page)
    for link in with_guesses(path):
        page.evaluate(GO, link)
        settle(page)
        check_names(page)
    page.set_viewport_size({"width": 390, "height": 844})
    page.reload()
    settle(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def with_guesses(path: str) -> list[str]:
    """Return the address of each view of a page, with a guess for each question."""
    if path not in VIEWS:
        return []
    fields = {key: one.takes for key, one in FIELDS[path].items() if key in GUESSES}
    guesses = {key: takes.options[0] for key, takes in fields.items() if isinstance(takes, Choice)}
    view = VIEWS[path]
    assert isinstance(view.takes, Choice)
    return [f"/{path}?{urlencode({view.key: one} | guesses)}" for one in view.takes.options]
