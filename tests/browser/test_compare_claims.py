"""The page "LSTM or GRU?" in a browser: a claim from the guess to the verdict, and its files."""

import csv
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from gatesviz.experiments.claims import BENCHMARKS, CLAIMS
from gatesviz.tasks import TASKS
from tests.browser.accessibility import check_accessibility
from tests.browser.visiting import settle, visit

LONG = 240_000  # eighteen runs of a second or two, on a busy machine
VERDICT = re.compile(r"(You guessed right|You guessed no)\. Measured: (yes|no|cannot tell)\.")


@pytest.mark.slow
def test_a_claim_from_the_guess_to_the_verdict(page: Page, app_url: str, tmp_path: Path) -> None:
    link = {
        "coview": "what people say",
        "coclaim": CLAIMS["updates"].sentence,
        "codata": TASKS["latch"].title,
    }
    visit(page, f"{app_url}/compare?{urlencode(link)}")
    page.get_by_role("button", name="Start 18 training runs").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("of 18 training runs finished")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("Make a guess to see the result.")).to_be_visible(timeout=LONG)
    page.get_by_role("radio", name="no", exact=True).click()
    expect(page.get_by_text(VERDICT)).to_be_visible(timeout=LONG)
    expect(page.get_by_text("(18 training runs).")).to_be_visible(timeout=LONG)
    settle(page)
    assert "cosays=no" in page.url
    check_accessibility(page)
    lines = list(csv.DictReader(taken(page, "CSV", tmp_path).read_text().splitlines()))
    assert len(lines) == 18
    assert {line["cell"] for line in lines} == {"rnn_tanh", "gru", "lstm"}
    assert "CLAIMS[" in taken(page, "Script", tmp_path).read_text()
    assert "<svg" in taken(page, "SVG", tmp_path).read_text()


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
    link = {"coview": "what people say", "coclaim": BENCHMARKS["memory"].sentence, "cosays": "no"}
    first = new_page()
    visit(first, f"{app_url}/compare?{urlencode(link)}")
    first.get_by_role("button", name="Measure (a few seconds)").click()
    expect(first.get_by_text(VERDICT)).to_be_visible(timeout=120_000)
    second = new_page(viewport={"width": 390, "height": 844})
    visit(second, f"{app_url}/compare?{urlencode(link)}")
    expect(second.get_by_text(VERDICT)).to_be_visible(timeout=60_000)
    wide = second.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0


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
