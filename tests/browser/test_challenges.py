"""Challenges in a browser: from the list on Start to a try that fails, and to one that succeeds."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from gatesviz.challenges import challenge, challenge_code, grade
from gatesviz.presets import preset_values
from gatesviz.ui.challenges import href
from gatesviz.ui.inside.challenge import SHOW_WEIGHTS as SHOW
from gatesviz.ui.inside.challenge import describe
from gatesviz.ui.inside.moment import to_text
from tests.browser.accessibility import check_accessibility, check_in_both_themes
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


def test_a_button_opens_the_weights_where_the_sidebar_is_closed(
    new_page: Callable[..., Page], app_url: str
) -> None:
    """On a phone, as a sheet that stays while you use the page above it."""
    page = new_page(viewport={"width": 390, "height": 844})
    visit(page, f"{app_url}/inside?challenge=latch")
    sidebar, button = page.get_by_test_id("stSidebar"), page.get_by_role("button", name=SHOW)
    check_in_both_themes(page)
    button.focus()
    page.keyboard.press("Enter")
    weight = sidebar.get_by_role("slider").first
    expect(weight).to_be_focused()
    expect(sidebar.get_by_test_id("stSlider").first).to_be_in_viewport()
    expect(button).to_be_hidden()
    box = sidebar.bounding_box()
    assert box is not None
    assert (box["x"], box["width"], box["y"] > 400) == (0, 390, True)
    check_accessibility(page)
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile("inset=own"))
    settle(page)
    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_test_id("stAlert")).to_contain_text("Not yet")
    expect(sidebar).to_have_attribute("data-collapsed", "false")
    page.evaluate(GO, f"{app_url}/{href(challenge('fewest-units'))}")  # its page has no such sheet
    expect(sidebar).to_have_attribute("data-collapsed", "true")
    assert not page.evaluate("'gvControls' in document.documentElement.dataset")


def test_the_weights_can_be_opened_again_on_a_wide_window(page: Page, app_url: str) -> None:
    visit(page, f"{app_url}/inside?challenge=latch")
    sidebar, button = page.get_by_test_id("stSidebar"), page.get_by_role("button", name=SHOW)
    expect(sidebar).to_have_attribute("data-collapsed", "false")
    expect(button).to_be_hidden()
    sidebar.hover()
    page.get_by_test_id("stSidebarCollapseButton").get_by_role("button").click()
    button.click()
    expect(sidebar.get_by_role("slider").first).to_be_focused()
    box = sidebar.bounding_box()
    assert box is not None
    assert box["y"] == 0  # in its usual place, not a sheet


def test_a_link_that_hides_the_sidebar_offers_no_button(
    new_page: Callable[..., Page], app_url: str
) -> None:
    page = new_page(viewport={"width": 390, "height": 844})
    visit(page, f"{app_url}/inside?challenge=latch&hide=all")
    expect(page.get_by_role("button", name="Try it")).to_be_visible()
    expect(page.get_by_role("button", name=SHOW)).to_have_count(0)
