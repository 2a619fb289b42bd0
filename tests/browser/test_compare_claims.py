"""The page "LSTM or GRU?" in a browser: a claim from the guess to the verdict, and its files."""

import csv
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Locator, Page, expect

from gatesviz.experiments.claims import BENCHMARKS, CLAIMS
from gatesviz.experiments.claims.release import released_findings
from gatesviz.experiments.known import CARDS
from gatesviz.tasks import TASKS
from tests.browser.accessibility import check_accessibility, check_in_both_themes
from tests.browser.visiting import settle, visit

LONG = 240_000  # eighteen runs of a second or two, on a busy machine
VERDICT = re.compile(
    r"(You guessed right|You guessed no)\. Measured( on this task)?: (yes|no|cannot tell)\."
)
SAYING = {"coview": "what people say"}


def test_shipped_results_are_there_after_a_guess_by_keyboard(
    page: Page, app_url: str, tmp_path: Path
) -> None:
    found = released_findings("updates")
    assert found is not None
    visit(page, f"{app_url}/compare?{urlencode(SAYING)}")
    title = card(page, CLAIMS["updates"].sentence)
    title.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Make a guess to see the result.")).to_be_visible(timeout=60_000)
    expect(title).to_be_focused()
    assert "coclaim=GRUs" in page.url
    check_in_both_themes(page)
    page.get_by_role("radio", name="no", exact=True).focus()
    page.keyboard.press("Space")
    expect(page.get_by_text(VERDICT)).to_contain_text(f"Measured on this task: {found.answer}.")
    expect(page.get_by_text("the computer that built this release")).to_be_visible()
    settle(page)
    assert "cosays=no" in page.url
    check_accessibility(page)
    lines = list(csv.DictReader(taken(page, "CSV", tmp_path).read_text().splitlines()))
    assert [float(line["value"]) for line in lines] == [point.y for point in found.points]
    assert "CLAIMS[" in taken(page, "Script", tmp_path).read_text()
    assert "<svg" in taken(page, "SVG", tmp_path).read_text()
    page.set_viewport_size({"width": 390, "height": 844})
    assert sideways(page) <= 0

    other = card(page, CLAIMS["rate"].sentence)
    other.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Make a guess to see the result.")).to_be_visible(timeout=60_000)
    expect(other).to_be_focused()
    expect(title).to_contain_text(f"{found.answer} on one task · ")
    page.go_back()
    expect(page.get_by_text(VERDICT)).to_be_visible(timeout=60_000)


def test_a_lesson_shows_the_cards_that_it_speaks_of(page: Page, app_url: str) -> None:
    visit(page, f"{app_url}/compare?lesson=seeds.2", cold=True)
    expect(card(page, CARDS["T7"].title)).to_be_visible()
    expect(page.locator("summary").filter(has_text="Share this page")).to_be_hidden()
    visit(page, f"{app_url}/compare?lesson=seeds.4", cold=True)
    expect(card(page, CLAIMS["updates"].sentence)).to_be_visible()
    expect(page.get_by_role("radio", name="cannot tell")).to_be_hidden()
    expect(card(page, CLAIMS["rate"].sentence)).to_be_hidden()


@pytest.mark.slow
def test_a_claim_without_a_shipped_result_is_measured(page: Page, app_url: str) -> None:
    link = {
        **SAYING,
        "coclaim": CLAIMS["updates"].sentence,
        "codata": TASKS["parity"].title,
    }
    visit(page, f"{app_url}/compare?{urlencode(link)}")
    expect(page.get_by_text("This isn't measured yet.")).to_be_visible()
    page.get_by_role("button", name="Start 18 training runs").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("of 18 training runs finished")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("Make a guess to see the result.")).to_be_visible(timeout=LONG)
    page.get_by_role("radio", name="no", exact=True).click()
    expect(page.get_by_text(VERDICT)).to_be_visible(timeout=LONG)
    expect(page.get_by_text("(18 training runs).")).to_be_visible(timeout=LONG)


def card(page: Page, title: str) -> Locator:
    """Return the title of a card, which opens and closes it."""
    return page.locator("summary").filter(has_text=title)


def sideways(page: Page) -> int:
    """Return by how many pixels the page is wider than the window."""
    return int(page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))


def taken(page: Page, name: str, folder: Path) -> Path:
    """Return the file behind the button ``name``."""
    with page.expect_download(timeout=60_000) as download:
        page.get_by_role("button", name=name, exact=True).click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def test_a_measurement_here_and_now_is_there_for_the_next_visitor(
    new_page: Callable[..., Page], app_url: str
) -> None:
    link = {**SAYING, "coclaim": BENCHMARKS["memory"].sentence, "cosays": "no"}
    first = new_page()
    visit(first, f"{app_url}/compare?{urlencode(link)}")
    expect(first.get_by_text("the computer that built this release")).to_be_visible()
    first.get_by_role("button", name="Measure again on this server").click()
    expect(first.get_by_text(re.compile("^Setting: .* on this machine"))).to_be_visible(
        timeout=120_000
    )
    second = new_page(viewport={"width": 390, "height": 844})
    visit(second, f"{app_url}/compare?{urlencode(link)}")
    expect(second.get_by_text(re.compile("^Setting: .* on this machine"))).to_be_visible()
    expect(second.get_by_text(VERDICT)).to_be_visible(timeout=60_000)
    assert sideways(second) <= 0


@pytest.mark.slow
def test_a_search_is_begun_stopped_and_gone_on_with(page: Page, app_url: str) -> None:
    link = {"coview": "which one for me?", "comin": "1", "cobest": "LSTM"}
    visit(page, f"{app_url}/compare?{urlencode(link)}")
    page.get_by_role("button", name="Search for 1 minute").click()
    expect(page.get_by_text(re.compile(r"Searching: [1-9]\d* of"))).to_be_visible(timeout=LONG)
    page.get_by_role("button", name="Stop").click()
    again = page.get_by_role("button", name="Continue for 1 minute")
    expect(again).to_be_visible(timeout=60_000)
    again.click()
    expect(page.get_by_role("button", name="Stop")).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="Stop").click()
    expect(again).to_be_visible(timeout=60_000)
    settle(page)
    check_accessibility(page)
