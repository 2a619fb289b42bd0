"""The page "LSTM or GRU?" in a browser: from the count to the cards, a run begun and stopped."""

import re

from playwright.sync_api import Page, expect

from gatesviz.experiments.known import CARDS
from tests.browser.accessibility import check_accessibility
from tests.browser.visiting import settle, visit

SLOW = 60_000


def test_from_the_count_to_a_card_that_is_begun_and_stopped(page: Page, app_url: str) -> None:
    visit(page, f"{app_url}/compare")
    page.get_by_role("radio", name="3/4", exact=True).click()
    expect(page.get_by_text("Yes. The GRU has 1,248 parameters and the LSTM 1,664.")).to_be_visible(
        timeout=SLOW
    )
    player = page.locator(".gv-player")
    expect(player).to_have_count(0)
    page.get_by_text("Compare an LSTM and a GRU on the same input").click()
    expect(player).to_contain_text("LSTM", timeout=SLOW)
    expect(player).to_contain_text("GRU")
    page.get_by_role("link", name=f"{len(CARDS)} known results").click()
    page.get_by_role("radio", name="all", exact=True).first.click(timeout=SLOW)
    page.get_by_role("radio", name="trained", exact=True).click(timeout=SLOW)
    page.get_by_text(CARDS["T1"].title).click(timeout=SLOW)
    begin = page.get_by_role("button", name=re.compile("^(Start|Repeat) ")).first
    expect(begin).to_be_visible(timeout=SLOW)
    settle(page)
    check_accessibility(page)
    page.set_viewport_size({"width": 390, "height": 844})
    rights = page.locator("table").evaluate_all(
        "tables => tables.map((table) => table.getBoundingClientRect().right)"
    )
    assert max(rights) <= 390, "on a phone, a table is cut"
    page.set_viewport_size({"width": 1280, "height": 720})
    begin.click(timeout=SLOW)
    stop = page.get_by_role("button", name="Stop")
    stop.click(timeout=SLOW)
    expect(stop).to_have_count(0, timeout=SLOW)
    expect(begin).to_be_visible(timeout=SLOW)
