"""The page "Find the unit" in a browser: a guess, a measurement in the background, a cold link."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.accessibility import check_accessibility
from tests.browser.visiting import settle, visit


def test_a_unit_is_switched_off_and_a_link_finds_similar_stretches(
    new_page: Callable[..., Page], app_url: str
) -> None:
    page = new_page(color_scheme="light")
    visit(page, f"{app_url}/find_unit")
    main = page.get_by_test_id("stMain")
    expect(main.get_by_text("tracks the property “bracket depth” best: |r|")).to_have_count(1)
    expect(main.get_by_test_id("stPlotlyChart")).to_have_count(2)
    page.get_by_role("radio", name="it gets better").click()
    main.get_by_role("button", name="Switch off unit").click()
    expect(main.get_by_text("Not quite, it gets worse: accuracy")).to_have_count(1)
    expect(main.get_by_text("Correlation and ablation agree")).to_have_count(1)
    expect(main.get_by_role("button", name="Stop")).to_have_count(0)
    expect(main.get_by_role("row")).to_have_count(5)  # the head and four units
    settle(page)
    check_accessibility(page)
    page.get_by_role("radio", name="where else is it on?").click()
    expect(main.get_by_text("The most similar stretches")).to_have_count(1)
    page.get_by_label("To step").fill("12")
    page.get_by_label("To step").press("Enter")
    expect(page).to_have_url(re.compile("unto=12"))
    settle(page)
    marked = main.locator("figure").first.locator("tr").first.locator(".gv-inside")
    expect(marked).to_have_text(["8", "9", "10", "11", "12"])
    other = new_page(viewport={"width": 390, "height": 844}, color_scheme="dark")
    visit(other, page.url)
    similar = other.get_by_test_id("stMain").locator("figcaption")
    expect(similar).to_have_count(9)
    expect(main.locator("figcaption")).to_have_text(similar.all_inner_texts())
    expect(other.get_by_text("Some settings in the link were ignored")).to_have_count(0)
    assert other.evaluate("document.documentElement.scrollWidth") <= 390
    check_accessibility(other)
