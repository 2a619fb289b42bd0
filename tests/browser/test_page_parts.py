"""A click that changes a part of a page leaves the rest of it alone, in a real browser."""

import re

from playwright.sync_api import Page, expect

from tests.browser.test_feed import player
from tests.browser.visiting import settle, visit

SEED_SAID = "fresh weights from seed"


def mark(page: Page) -> None:
    """Mark the nodes of the title and of the player: a node that is made anew has no mark."""
    for name in ("h1", "[data-testid=gv-player]"):
        page.locator(name).evaluate("node => node.dataset.marked = 'yes'")


def is_marked(page: Page) -> None:
    for name in ("h1", "[data-testid=gv-player]"):
        expect(page.locator(name)).to_have_attribute("data-marked", "yes")


def test_a_new_seed_and_a_guess_keep_everything_else(page: Page, app_url: str) -> None:
    visit(page, f"{app_url}/feed?weights=fresh&cell=GRU&t=3")
    root = player(page)
    settle(page)
    mark(page)
    seed = page.get_by_role("spinbutton", name="Seed")
    more = (
        page.get_by_test_id("stNumberInput").filter(has=seed).get_by_test_id("stNumberInputStepUp")
    )
    for _ in range(6):  # as fast as a hand
        more.click()
    expect(seed).to_have_value("6")
    expect(page.get_by_text(f"{SEED_SAID} 6")).to_be_visible()
    expect(page).to_have_url(re.compile("seed=6"))
    expect(root).to_have_attribute("data-step", "3")
    page.get_by_role("radio", name="z", exact=True).click()
    expect(page.get_by_text("Standard deviations, in")).to_be_visible()
    expect(page).to_have_url(re.compile("guess=z"))
    expect(page).to_have_url(re.compile("seed=6"))
    is_marked(page)
    expect(page.get_by_text("Download", exact=True)).to_have_count(1)

    seed.fill("7")
    seed.press("Enter")
    expect(page.get_by_text("Make a guess to see the result.")).to_be_visible()
    page.get_by_role("textbox", name="Text").fill("abcabc")
    page.get_by_role("textbox", name="Text").press("Control+Enter")
    expect(root).to_have_attribute("data-steps", "6")
    expect(page.get_by_text(f"{SEED_SAID} 7")).to_be_visible()

    page.reload()
    expect(player(page)).to_have_attribute("data-steps", "6")
    expect(page.get_by_text(f"{SEED_SAID} 7")).to_be_visible()


def test_an_open_link_follows_every_part(page: Page, app_url: str) -> None:
    visit(page, f"{app_url}/feed?weights=fresh")
    page.get_by_text("Share this page").click()
    code = page.get_by_test_id("stMain").get_by_test_id("stCode").last
    expect(code).to_contain_text("weights=fresh")
    settle(page)
    seed = page.get_by_role("spinbutton", name="Seed")
    seed.fill("5")
    seed.press("Enter")
    expect(code).to_contain_text("seed=5")
    settle(page)
    page.get_by_role("radio", name="f", exact=True).click()
    expect(page.get_by_role("checkbox", name="Show my guesses")).to_be_attached()


def test_a_new_length_draws_the_curves_alone(page: Page, app_url: str) -> None:
    visit(page, f"{app_url}/gradients?grguess=10&grlen=20")
    expect(page.get_by_text("Two paths of the LSTM's gradient")).to_be_visible()
    settle(page)
    page.locator("h1").evaluate("node => node.dataset.marked = 'yes'")
    steps = page.get_by_role("slider", name="Steps T")
    steps.focus()
    page.keyboard.press("ArrowRight")
    expect(
        page.get_by_text("Make a guess to see the curves of the RNN, the GRU and the LSTM.")
    ).to_be_visible()
    expect(page).to_have_url(re.compile("grlen=21"))
    settle(page)
    page.get_by_role("radio", name="20", exact=True).click()
    expect(page.get_by_text("Two paths of the LSTM's gradient")).to_be_visible()
    expect(page).to_have_url(re.compile("grguess=20"))
    expect(page.locator("h1")).to_have_attribute("data-marked", "yes")
