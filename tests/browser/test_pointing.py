"""A letter in a lesson's text points at what it names in the player."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.visiting import visit

INPUT_GATE = "feed?text=A......%3F&u=0&t=0&g=i&lesson=lstm.2"
POINTED = """root => [...root.querySelectorAll(".gv-pointed")].map((node) =>
  Object.entries(node.dataset)
    .filter(([name]) => ["lane", "gate", "wire", "label", "target"].includes(name))
    .map(([name, value]) => `${name} ${value}`).join()).sort()"""


def test_a_letter_under_the_pointer_shows_its_row_its_gate_its_wire_and_its_equation(
    page: Page, app_url: str
) -> None:
    visit(page, f"{app_url}/{INPUT_GATE}")
    player = page.get_by_test_id("gv-player")
    expect(player).to_be_visible()
    letters = page.locator(".gv-lesson-text .gv-points")
    expect(letters.first).to_have_text("i")
    letters.first.hover()
    assert player.evaluate(POINTED) == ["gate i", "lane i", "target i", "wire i"]
    letters.get_by_text("c", exact=True).first.hover()
    assert player.evaluate(POINTED) == ["label c", "lane c", "wire c"]
    page.get_by_role("heading", level=1).hover()
    assert player.evaluate(POINTED) == []


def test_only_letters_that_the_player_has_are_marked_and_none_in_an_answer(
    page: Page, app_url: str
) -> None:
    visit(page, f"{app_url}/inside?incell=GRU&lesson=gru.2")
    panel = page.get_by_test_id("gv-lesson")
    marked = panel.locator(".gv-points")
    expect(marked.first).to_be_visible()
    assert set(marked.all_inner_texts()) == {"n", "z", "h"}
    assert "n" in panel.locator("[data-act=option]").last.inner_text()
    expect(panel.locator("[data-act=option] .gv-pointer")).to_have_count(0)
    page.goto(f"{app_url}/gradients?grview=half-life&lesson=half_life.2")  # without a player
    expect(panel).to_have_attribute("data-lesson", "half_life")
    page.wait_for_timeout(2_000)
    expect(marked).to_have_count(0)


def test_a_tap_brings_the_row_into_view(new_page: Callable[..., Page], app_url: str) -> None:
    page = new_page(viewport={"width": 390, "height": 844}, has_touch=True)
    visit(page, f"{app_url}/{INPUT_GATE}")
    letter = page.locator(".gv-lesson-text .gv-points").first
    row = page.locator(".gv-lane[data-lane=i]")
    expect(letter).to_be_visible()
    expect(row).not_to_be_in_viewport()
    letter.tap()
    expect(row).to_be_in_viewport()
    expect(row).to_have_class(re.compile("gv-pointed"))
    expect(row).not_to_have_class(re.compile("gv-pointed"), timeout=5_000)
