"""Challenges in a browser: from the list on Start to a try that fails, and to one that succeeds."""

import re

from playwright.sync_api import Page, expect

from gatesviz.challenges import challenge, challenge_code, grade
from gatesviz.ui.challenges import href
from gatesviz.ui.inside.challenge import describe
from gatesviz.ui.inside.moment import to_text
from gatesviz.ui.inside.presets import preset_values
from tests.browser.accessibility import check_in_both_themes
from tests.browser.test_inside import link, player
from tests.browser.visiting import GO, settle, visit
from tests.challenges.solutions import SOLUTIONS


def test_a_failed_try_is_loaded_into_the_player(page: Page, app_url: str) -> None:
    visit(page, app_url)
    page.get_by_role("link", name=re.compile("^Toggle")).click()
    expect(page.get_by_text("Challenge: Toggle.")).to_be_visible()
    settle(page)
    assert link(page) == {"challenge": ["toggle"]}
    page.get_by_role("button", name="Try it").click()

    result = grade(challenge("toggle"), "lstm", 1, preset_values("lstm", 1, "switch", seed=0))
    assert result.failure is not None
    inputs = result.failure.inputs
    expect(page.get_by_test_id("stAlert")).to_contain_text(describe(challenge("toggle"), result))
    expect(player(page)).to_have_attribute("data-steps", str(len(inputs)))
    expect(player(page)).to_have_attribute("data-step", str(len(inputs) - 1))
    settle(page)
    assert link(page)["inpast"] == [to_text(inputs[:-1])]
    assert link(page)["inx"] == [f"{inputs[-1]:g}"]
    table = page.get_by_test_id("stMarkdownContainer").locator("table")
    expect(table).to_contain_text("✗")
    check_in_both_themes(page)
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    player(page).locator("[data-action=back]").click()
    expect(player(page)).to_have_attribute("data-step", str(len(inputs) - 2))


def test_a_solution_gives_a_code_and_leads_to_the_next_challenge(page: Page, app_url: str) -> None:
    key, units, values = SOLUTIONS["count"][0]
    visit(page, f"{app_url}/inside?challenge=count&inset=own&inw={to_text(values)}")
    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_test_id("stAlert")).to_contain_text("Solved.")
    expect(page.get_by_text(challenge_code("count", key, units))).to_be_visible()
    page.get_by_role("button", name="Next challenge: Latch").click()
    expect(page.get_by_text("Challenge: Latch.")).to_be_visible()
    expect(page).to_have_url(re.compile("challenge=latch"))
    settle(page)
    page.get_by_test_id("stTopNavLink").filter(has_text="Start").click()
    card = page.get_by_role("link", name=re.compile("^Count to five and back"))
    expect(card).to_contain_text("solved")
    expect(page.get_by_role("link", name=re.compile("^Latch"))).not_to_contain_text("solved")
    page.reload()
    settle(page)
    expect(card).to_contain_text("solved")
    card.click()
    expect(page.get_by_text("Challenge: Count to five and back.")).to_be_visible()
    settle(page)
    page.get_by_role("combobox", name="Challenge").click()
    page.get_by_role("option", name="none").click()
    expect(page.get_by_text("Make a guess to see the result.")).to_be_visible()
    settle(page)
    assert "challenge" not in link(page)
    page.get_by_role("button", name="Challenges").click()
    expect(page.get_by_text("Challenge: Latch.")).to_be_visible()
    expect(page).to_have_url(re.compile("challenge=latch"))


def test_runs_decide_the_fewest_units(page: Page, app_url: str) -> None:
    """One unit fails and eight succeed. The page then names the sizes between as not tried."""
    address = f"{app_url}/{href(challenge('fewest-units'))}&trend=600&trhidden="
    visit(page, f"{address}1")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_text("Solved with 1 unit: not in 600 updates.")).to_be_visible()
    expect(page.get_by_text("No size has solved the task yet.")).to_be_visible()
    page.evaluate(GO, f"{address}8")
    expect(page.get_by_role("button", name="Start", exact=True)).to_be_enabled()
    page.get_by_role("button", name="Start", exact=True).click()
    tried = re.compile(r"^Solved with 1 unit: not in 600 updates; 8 units: after \d+ updates\.$")
    expect(page.get_by_text(tried)).to_be_visible()
    left = "8 units can do it. Can fewer? Not tried yet: 2, 3, 4, 5, 6, 7."
    expect(page.get_by_text(left)).to_be_visible()
