"""Presenting in a browser: a clicker turns pages, a picture fills the screen, and it ends."""

import re

from playwright.sync_api import Page, expect

from tests.browser.accessibility import check_in_both_themes
from tests.browser.visiting import settle, visit


def test_a_clicker_turns_pages_and_a_picture_fills_the_screen(page: Page, app_url: str) -> None:
    visit(page, f"{app_url}/feed?present=1")
    heading = page.get_by_test_id("stMain").locator("h1").first
    bar = page.get_by_role("navigation", name="Presenting")
    assert page.evaluate("parseFloat(getComputedStyle(document.documentElement).fontSize)") == 21
    words = page.locator(".gv-player .gv-words")
    assert float(words.evaluate("one => getComputedStyle(one).zoom")) == 1.2
    player = page.get_by_test_id("gv-player")
    player.focus()
    page.keyboard.press("f")
    filled = "() => document.fullscreenElement !== null"
    page.wait_for_function(filled)
    page.keyboard.press("f")
    page.wait_for_function("() => document.fullscreenElement === null")
    check_in_both_themes(page)
    page.keyboard.press("PageDown")
    expect(heading).to_have_text("Inside the cell")
    expect(page).to_have_url(re.compile(r"/inside\?(.*&)?present=1"))
    expect(player).to_have_attribute("data-engine", re.compile("e-"))
    settle(page)
    page.keyboard.press("PageUp")
    expect(heading).to_have_text("Feed a sequence")
    expect(player).to_have_attribute("data-steps", "38")
    expect(player).to_have_attribute("data-engine", re.compile("e-"))
    page.keyboard.press("ArrowRight")  # the player's own key
    expect(player).to_have_attribute("data-step", re.compile("[0-9]+"))
    expect(heading).to_have_text("Feed a sequence")
    menu = page.get_by_test_id("stTopNavLink")  # large type hides its last entries
    menu.filter(has_text="Glossary").dispatch_event("click")
    expect(heading).to_have_text("Glossary")
    settle(page)
    page.locator("body").evaluate("() => document.activeElement.blur()")
    page.keyboard.press("ArrowLeft")
    expect(heading).to_have_text("LSTM or GRU?")
    page.get_by_test_id("stTopNavLink").filter(has_text="What if?").click()
    expect(heading).to_have_text("What if?")
    expect(page).to_have_url(re.compile("present=1"))
    settle(page)
    bar.get_by_role("button", name="End presenting", exact=True).click()
    expect(bar).to_have_count(0)
    expect(page).not_to_have_url(re.compile("present=1"))


def test_in_a_lesson_a_clicker_turns_its_steps(page: Page, app_url: str) -> None:
    visit(page, f"{app_url}/?present=1&lesson=clipping.1")
    panel = page.get_by_test_id("gv-lesson")
    expect(panel).to_have_attribute("data-step", "1")
    page.keyboard.press("PageDown")
    expect(panel).to_have_attribute("data-step", "2")
    expect(page).to_have_url(re.compile("present=1"))
    expect(page.get_by_role("navigation", name="Presenting")).to_have_count(1)
    settle(page)
    page.keyboard.press("ArrowLeft")  # this view has no player, which would take it
    expect(panel).to_have_attribute("data-step", "1")
