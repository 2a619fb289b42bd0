"""The page "Find the unit" in a browser: a guess, a measurement in the background, a cold link."""

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Locator, Page, expect

from tests.browser.accessibility import check_accessibility
from tests.browser.visiting import settle, visit


def drag(page: Page, heat: Locator, first: int, last: int) -> None:
    """Drag over a heatmap of 40 steps."""
    box = heat.bounding_box()
    assert box is not None
    places = [box["x"] + (step + 0.5) * box["width"] / 40 for step in (first, first + 1, last)]
    page.mouse.move(places[0], box["y"] + 5)
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(place, box["y"] + 5)
    page.mouse.up()


def test_a_unit_is_switched_off_and_a_link_finds_similar_stretches(
    new_page: Callable[..., Page], app_url: str
) -> None:
    page = new_page(color_scheme="light")
    visit(page, f"{app_url}/find_unit")
    main = page.get_by_test_id("stMain")
    expect(main.get_by_text("Of 4 units, unit")).to_have_count(1)
    expect(main.get_by_test_id("stPlotlyChart")).to_have_count(2)
    page.get_by_role("radio", name="it gets better").click()
    main.get_by_role("button", name="Switch off the 4 units one at a time").click()
    expect(main.get_by_text("Not quite, it gets worse: accuracy")).to_have_count(1)
    expect(main.get_by_text("Both measurements agree")).to_have_count(1)
    expect(main.get_by_role("button", name="Stop")).to_have_count(0)
    expect(main.get_by_role("row")).to_have_count(5)  # the head and four units
    settle(page)
    check_accessibility(page)
    page.get_by_role("radio", name="which steps have the same active units?").click()
    expect(main.get_by_text("The chosen segment and the most similar ones")).to_have_count(1)
    begin, end = (page.get_by_role("spinbutton", name=f"{one} step") for one in ("From", "To"))
    player = page.get_by_test_id("gv-player")
    expect(player).to_have_attribute("data-stretch", "8-11")
    drag(page, player.locator("[data-lane=c] .gv-heat"), 20, 25)
    expect(player).to_have_attribute("data-stretch", "20-25")
    expect(begin).to_have_value("20")
    expect(end).to_have_value("25")
    player.focus()
    for key in ("Shift+ArrowRight", "Shift+ArrowRight", "ArrowLeft", "Shift+ArrowLeft"):
        page.keyboard.press(key)  # to step 27; then a new stretch begins at step 26
    expect(player).to_have_attribute("data-stretch", "25-26")
    expect(begin).to_have_value("25")
    expect(end).to_have_value("26")
    player.locator("[data-lane=c] .gv-heat").click(position={"x": 3, "y": 3})
    expect(player).to_have_attribute("data-step", "0")
    expect(player).to_have_attribute("data-stretch", "25-26")
    for field, value in ((begin, "8"), (end, "12")):  # at once: the click is still to be sent
        field.fill(value)
        field.press("Enter")
    expect(page).to_have_url(re.compile("unfrom=8|unto=12"))
    expect(player).to_have_attribute("data-stretch", "8-12")
    expect(main.get_by_text("Segment: steps 8 to 12.")).to_have_count(1)
    player.get_by_role("button", name="Edit", exact=True).click()  # then a drag edits
    value = player.get_by_label("Value")
    value.fill("0")
    value.press("Enter")
    expect(player).to_have_attribute("data-edits", re.compile('"value":0,'))
    expect(page).to_have_url(re.compile("edits="))
    expect(player).to_have_attribute("data-stretch", "8-12")
    player.get_by_role("button", name="Edit", exact=True).click()
    settle(page)
    marked = main.locator("figure").first.locator("tr").first.locator(".gv-inside")
    expect(marked).to_have_text(["8", "9", "10", "11", "12"])
    other = new_page(viewport={"width": 390, "height": 844}, color_scheme="dark")
    visit(other, page.url)
    similar = other.get_by_test_id("stMain").locator("figcaption")
    expect(similar).to_have_count(9)
    expect(main.locator("figcaption")).to_have_text(similar.all_inner_texts())
    expect(other.get_by_text("The page doesn't use all of the link")).to_have_count(0)
    expect(other.get_by_test_id("gv-player")).to_have_attribute("data-stretch", "8-12")
    assert other.evaluate("document.documentElement.scrollWidth") <= 390
    check_accessibility(other)


def test_several_lines_and_a_text_file_on_a_phone(
    new_page: Callable[..., Page], app_url: str, tmp_path: Path
) -> None:
    page = new_page(viewport={"width": 390, "height": 844}, color_scheme="light")
    texts = quote("((a))\n(a)\na()a")
    visit(page, f"{app_url}/find_unit?unread=your+own+text&unlines=true&unown={texts}")
    main = page.get_by_test_id("stMain")
    expect(main.get_by_text("Measured on 3 sequences of 3 to 5 steps")).to_have_count(1)
    expect(page.get_by_text("The page doesn't use all of the link")).to_have_count(0)
    page.get_by_test_id("stExpandSidebarButton").click()
    sidebar = page.get_by_test_id("stSidebar")
    (tmp_path / "lines.txt").write_text("(a(a))\n((a\n")
    sidebar.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(tmp_path / "lines.txt")
    expect(sidebar.get_by_text("Text in use: lines.txt.")).to_have_count(1)
    expect(main.get_by_text("Measured on 2 sequences of 3 to 6 steps")).to_have_count(1)
    settle(page)
    check_accessibility(page)
    sidebar.get_by_role("button", name="Read the typed text instead").click()
    expect(main.get_by_text("Measured on 3 sequences of 3 to 5 steps")).to_have_count(1)
    expect(sidebar.get_by_text("lines.txt")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
