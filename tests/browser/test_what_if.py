"""The page "What if?" in a browser: a guess and its tables, edits by keyboard, a cold link."""

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.accessibility import check_accessibility, find_cut_menus
from tests.browser.visiting import settle, visit

SLOW = 60_000


def test_a_guess_is_answered_with_tables_and_the_link_tells_it_again(
    new_page: Callable[..., Page], app_url: str
) -> None:
    page = new_page(color_scheme="light")
    visit(page, f"{app_url}/what_if")
    expect(page.get_by_test_id("gv-player")).to_be_visible(timeout=SLOW)
    table = page.get_by_role("heading", name="Compare all changes at this step")
    expect(table).to_have_count(0)
    page.get_by_role("radio", name="the model only guesses", exact=True).click()
    answer = page.get_by_text("Not quite, the answers stay as good: accuracy 100 % → 100 %")
    expect(answer).to_be_visible(timeout=SLOW)
    expect(table).to_be_visible()
    expect(page.get_by_text("Why one LSTM repairs its memory")).to_be_visible(timeout=SLOW)
    expect(page.get_by_role("cell", name="c negated at step 25")).to_be_visible(timeout=SLOW)
    expect(page.get_by_test_id("gv-player")).to_have_attribute(
        "data-edits", re.compile('"letter":"f"'), timeout=SLOW
    )
    settle(page)
    check_accessibility(page)
    other = new_page(viewport={"width": 390, "height": 844}, color_scheme="dark")
    visit(other, page.url)
    expect(other.get_by_test_id("stMain")).to_contain_text(answer.inner_text(), timeout=SLOW)
    expect(other.get_by_text("Some settings in the link were ignored")).to_have_count(0)
    assert other.evaluate("document.documentElement.scrollWidth") <= 390


def test_edits_made_in_the_player_are_measured_and_stay_in_the_link_and_the_file(
    page: Page, new_page: Callable[..., Page], app_url: str, tmp_path: Path
) -> None:
    visit(page, f"{app_url}/what_if?wiview=free+play&t=25")
    shown = page.get_by_test_id("gv-player")
    expect(shown).to_be_visible(timeout=SLOW)
    toolbar = shown.locator(".gv-toolbar").bounding_box()
    assert toolbar is not None
    assert toolbar["height"] < 60, "the toolbar has a second row"
    assert find_cut_menus(shown) == []
    page.get_by_role("button", name="Edit", exact=True).click()
    page.get_by_label("What to set").select_option("c")
    page.get_by_label("In which units").select_option("all")
    value = page.get_by_label("Value", exact=True)
    value.fill("0")
    value.press("Enter")
    measure = page.get_by_role("button", name="Measure these edits on 500 sequences")
    expect(measure).to_be_visible(timeout=SLOW)
    measure.click()
    expect(page.get_by_text("the model only guesses")).to_be_visible(timeout=SLOW)
    settle(page)
    assert any(f"edits={text}" in page.url for text in ("c%4025%3D0", "c@25=0"))
    check_accessibility(page)
    page.reload()
    expect(shown).to_have_attribute("data-edits", re.compile('"letter":"c"'), timeout=SLOW)
    expect(measure).to_be_visible(timeout=SLOW)
    settle(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the player").click()
    download.value.save_as(tmp_path / "player.html")
    offline = new_page()
    offline.goto((tmp_path / "player.html").as_uri())
    saved = offline.get_by_test_id("gv-player")
    expect(saved).to_have_attribute("data-step", "25")
    expect(saved).to_have_attribute("data-edits", re.compile('"letter":"c"'))
    saved.get_by_role("button", name="Undo").click()
    expect(saved).to_have_attribute("data-edits", "[]")
