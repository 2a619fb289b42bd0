"""Clicks on a slow network: the browser sends several before it hears of the first one."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_inside import link, slider, value
from tests.browser.visiting import settle, visit

SLOW = """
const Own = window.WebSocket;
window.lag = 0;
window.WebSocket = class extends Own {
  set onmessage(hear) { super.onmessage = (e) => setTimeout(() => hear.call(this, e), window.lag); }
  get onmessage() { return super.onmessage; }
  addEventListener(kind, hear, ...more) {
    const late = (e) => setTimeout(() => hear.call(this, e), window.lag);
    super.addEventListener(kind, kind === "message" ? late : hear, ...more);
  }
};
"""


def test_two_moves_count_on_a_slow_network(new_page: Callable[..., Page], app_url: str) -> None:
    """The first one sets the menu to "own"; the second one is sent before the browser knows it."""
    page = new_page(locale="en-GB")  # with a context of its own, which the script is for
    page.add_init_script(SLOW)
    visit(page, f"{app_url}/inside?incell=GRU&inset=reset&ingate=z")
    settle(page)
    page.evaluate("window.lag = 1500")
    slider(page, "b_z (b_iz + b_hz)").press("ArrowRight")
    page.wait_for_timeout(600)
    slider(page, "Input x").press("ArrowLeft")
    page.wait_for_url(re.compile("inx="))
    settle(page)
    page.wait_for_timeout(2_000)
    page.evaluate("window.lag = 0")
    assert link(page)["inset"] == ["own"]
    menu = page.get_by_role("combobox", name="Weights", exact=True)
    expect(menu).to_have_value("own")
    assert value(page, "b_z (b_iz + b_hz)") == pytest.approx(-0.9)


def test_quick_clicks_on_a_slow_network_break_no_page(
    new_page: Callable[..., Page], app_url: str
) -> None:
    """The last run refers to a large message that three runs before it haven't used.

    With Streamlit's own setting, the browser has forgotten the message by then, and the page stays
    broken. See ``maxCachedMessageAge`` in the configuration.
    """
    page = new_page(locale="en-GB")
    page.add_init_script(SLOW)
    visit(page, f"{app_url}/what_if?wiview=free+play")
    expect(page.get_by_test_id("gv-player")).to_have_count(1)
    settle(page)
    page.evaluate("window.lag = 2500")
    for view in ("one step", "one gate at all steps", "one step", "free play"):
        page.get_by_role("radio", name=view, exact=True).click()
        page.wait_for_timeout(450)
    page.wait_for_timeout(3_000)
    page.evaluate("window.lag = 0")
    expect(page.get_by_test_id("gv-player")).to_have_count(1)
    settle(page)
    page.get_by_role("radio", name="one gate at all steps", exact=True).click()
    page.wait_for_url(re.compile("wiview=one\\+gate"))
    settle(page)
