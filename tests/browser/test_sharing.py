"""A link that you put together: locked values stay, and hidden controls can be brought back."""

import re

from playwright.sync_api import Page, expect

from tests.browser.accessibility import check_in_both_themes
from tests.browser.visiting import settle, visit


def test_a_shared_link_hides_and_locks_and_survives_a_click(page: Page, app_url: str) -> None:
    visit(page, f"{app_url}/compare?cohid=5")
    page.get_by_text("Share this page").click()
    body = page.get_by_test_id("stMain")
    for label, choice in (
        ("Hide these controls", "Inputs I"), ("Lock these values", "Hidden units H"),
    ):  # fmt: skip
        settle(page)
        body.get_by_role("combobox", name=label).click()
        page.keyboard.type(choice)
        expect(page.get_by_role("option", name=choice, exact=True)).to_be_visible()
        page.keyboard.press("Enter")
        page.keyboard.press("Escape")
    code = body.get_by_test_id("stCode").last
    expect(code).to_contain_text(re.compile(r"cohid=5&hide=coin&lock=cohid"))
    page.locator("h1").click()  # the list closes
    check_in_both_themes(page)
    query = code.inner_text().strip().partition("?")[2]

    visit(page, f"{app_url}/compare?{query}")
    units = page.get_by_role("slider", name="Hidden units H")
    expect(units).to_be_disabled()
    expect(units).to_have_value("5")
    inputs = page.get_by_role("slider", name="Inputs I")
    expect(inputs).to_be_hidden()
    page.get_by_role("button", name="Show everything").click()
    expect(inputs).to_be_visible()
    inputs.focus()
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile("coin=9"))
    expect(page).to_have_url(re.compile("lock=cohid"))
    expect(units).to_be_disabled()
