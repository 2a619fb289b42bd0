"""The page "What if?" in a browser: a guess and its tables, edits by keyboard, a cold link."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.accessibility import check_accessibility
from tests.browser.visiting import settle, visit

SLOW = 60_000
PANELS = "LSTM, edited: f = 0 at step 25"


def test_a_guess_is_answered_with_tables_and_the_link_tells_it_again(
    new_page: Callable[..., Page], app_url: str
) -> None:
    page = new_page(color_scheme="light")
    visit(page, f"{app_url}/what_if")
    expect(page.get_by_test_id("gv-player")).to_be_visible(timeout=SLOW)
    expect(page.get_by_text("Every change of one step")).to_have_count(0)
    page.get_by_role("radio", name="it only guesses", exact=True).click()
    answer = page.get_by_text("Not quite, nothing changes: accuracy 100 % → 100 %")
    expect(answer).to_be_visible(timeout=SLOW)
    expect(page.get_by_text("Why one LSTM repairs its memory")).to_be_visible(timeout=SLOW)
    expect(page.get_by_role("cell", name="c negated at step 25")).to_be_visible(timeout=SLOW)
    expect(page.get_by_text(PANELS)).to_be_visible(timeout=SLOW)
    settle(page)
    check_accessibility(page)
    other = new_page(viewport={"width": 390, "height": 844}, color_scheme="dark")
    visit(other, page.url)
    expect(other.get_by_test_id("stMain")).to_contain_text(answer.inner_text(), timeout=SLOW)
    expect(other.get_by_text("Some settings in the link were ignored")).to_have_count(0)
    assert other.evaluate("document.documentElement.scrollWidth") <= 390


def test_edits_typed_by_keyboard_show_both_futures_and_stay_in_the_link(
    page: Page, app_url: str
) -> None:
    visit(page, f"{app_url}/what_if?wiview=free+play")
    edits = page.get_by_role("textbox", name="Edits")
    edits.fill("f@25=0")
    edits.press("Enter")
    expect(page.get_by_text(PANELS)).to_be_visible(timeout=SLOW)
    expect(page.get_by_text("accuracy 100 % → 100 %")).to_be_visible(timeout=SLOW)
    page.get_by_role("button", name="Add edit").click()
    expect(page.get_by_text("LSTM, edited: f = 0 at step 25; i = 0 at step 25")).to_be_visible(
        timeout=SLOW
    )
    expect(page.get_by_text("it only guesses")).to_be_visible(timeout=SLOW)
    settle(page)
    assert any(
        f"wiedits={text}" in page.url for text in ("f%4025%3D0%2Ci%4025%3D0", "f@25=0,i@25=0")
    )
    page.reload()
    expect(edits).to_have_value("f@25=0,i@25=0", timeout=SLOW)
    page.get_by_role("button", name="Remove all").click()
    expect(page.get_by_text("Add an edit in the sidebar.")).to_be_visible(timeout=SLOW)
