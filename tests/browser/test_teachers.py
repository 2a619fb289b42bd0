"""The page for teachers in a browser: it prints on one sheet, and its links open lessons."""

import re

from playwright.sync_api import Page, expect

from gatesviz.lessons import lessons
from gatesviz.ui.teachers.page import SIZES
from gatesviz.ui.teachers.plan import plan
from tests.browser.visiting import settle, visit

A4 = {"width": 718, "height": 1047}  # without the margins, in CSS pixels
BELOW = """() => [...document.querySelectorAll("h3")]
  .filter((one) => one.textContent.endsWith("people"))
  .map((one) => {
    const next = one.closest("[data-testid=stElementContainer]").nextElementSibling;
    const top = next.querySelector("p").getBoundingClientRect().top;
    return [one.textContent, one.getBoundingClientRect().bottom <= top + 1];
  })"""
"""Each size of a class, and whether its heading ends above the text."""
SHEET = re.compile(rb"/Type\s*/Page\b(?!s)")


def test_the_page_prints_on_one_sheet_and_opens_lessons(page: Page, app_url: str) -> None:
    visit(page, f"{app_url}/teachers")
    tables = page.get_by_test_id("gv-sheet")
    expect(tables.locator("tbody tr")).to_have_count(len(lessons()) + len(plan()))
    expect(tables.nth(1).locator("tbody tr").last).to_contain_text("40–45")
    expect(tables.nth(1).get_by_role("link", name="Lesson 3")).to_be_visible()
    answers = page.get_by_text("Step 2 of the lesson. One text is")
    expect(answers).to_have_count(0)
    page.get_by_text("Show the answers").click()
    expect(answers).to_be_visible()
    printed = page.pdf(format="A4", prefer_css_page_size=True)
    assert len(SHEET.findall(printed)) == 1
    before = page.viewport_size
    page.set_viewport_size(A4)
    page.emulate_media(media="print")
    expect(answers).not_to_be_visible()
    for text in (
        "For teachers",
        lessons()[-1].goal,
        "A class of 45 minutes",
        "300 people",
        "end the room.",
    ):
        found = page.get_by_test_id("stMain").get_by_text(text).first
        expect(found).to_be_visible()
        box = found.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= A4["height"], text
    assert page.evaluate(BELOW) == [[f"{people} people", True] for people in SIZES]
    page.emulate_media(media="screen")
    assert before is not None
    page.set_viewport_size(before)
    page.get_by_role("link", name=lessons()[1].title).click()
    expect(page.get_by_test_id("gv-lesson")).to_have_attribute("data-lesson", "forgetting")
    settle(page)
