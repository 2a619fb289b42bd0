"""Any text on "Feed a sequence": the character model reads it, and writes on letter by letter."""

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from gatesviz.trained import load_trained
from tests.browser.accessibility import check_in_both_themes
from tests.browser.test_feed import player
from tests.browser.visiting import settle, visit


def shown(root: Locator) -> str:
    letters = root.locator(".gv-strip-text span:visible").all_inner_texts()
    return "".join(letters).replace("␣", " ")


def test_a_typed_text_is_continued_until_it_is_stopped_and_the_link_restores_it(
    new_page: Callable[..., Page], app_url: str
) -> None:
    page = new_page()
    visit(page, f"{app_url}/feed")
    page.get_by_label("Text", exact=True).fill("The class!")
    page.keyboard.press("Control+Enter")
    sidebar = page.get_by_test_id("stSidebar")
    expect(sidebar).to_contain_text("so the model “characters” reads your text.")
    root = player(page)
    expect(root).to_have_attribute("data-steps", "9")
    root.evaluate("root => { root.marked = true }")
    page.get_by_role("button", name="Let the model write 200 characters").click()
    expect(root).to_have_attribute("data-steps", "209")
    button = root.locator(".gv-writing")
    expect(button).to_have_text("Stop writing")
    expect(root).not_to_have_attribute("data-step", re.compile("^([0-9]|1[0-4])$"))
    button.click()
    expect(root).to_have_attribute("data-playing", "false")
    text = shown(root)
    whole = str(load_trained("characters-lstm").continue_text("the class", 200))
    assert 9 < len(text) < 209
    assert text == whole[: len(text)]
    assert root.evaluate("root => root.marked"), "the player was mounted anew"
    page.wait_for_url(re.compile(f"until={len(text)}(&|$)"))
    again = new_page()
    visit(again, page.url)
    other = player(again)
    expect(other).to_have_attribute("data-playing", "false")
    assert shown(other) == text
    again.get_by_role("button", name="Write 200 more characters").click()
    expect(other).to_have_attribute("data-steps", "409")
    expect(other.locator(".gv-writing")).to_have_text("Stop writing")
    assert len(shown(other)) < 209, "it did not go on where it had stopped"


def test_a_written_text_is_accessible(page: Page, app_url: str) -> None:
    visit(page, f"{app_url}/feed?text=a+list&write=40&t=9&until=20")
    player(page)
    settle(page)
    check_in_both_themes(page)
    page.emulate_media(color_scheme="light")
    visit(page, f"{app_url}/feed?weights=characters&t=3")
    expect(page.get_by_role("button", name="Let the model write 200 characters")).to_be_visible()
    check_in_both_themes(page)
