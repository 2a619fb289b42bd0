"""A lesson on a phone and on a tablet, where the picture and the controls are below the text."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from gatesviz.lessons import lesson
from gatesviz.ui.inside.parameters import INPUT
from gatesviz.ui.inside.step_controls import STEPPING
from gatesviz.ui.lessons.views import control
from tests.browser.answering import VIEW, answer, answer_all, open_step, panel
from tests.browser.visiting import settle

HALF_LIFE = lesson("half_life")


@pytest.mark.parametrize(("width", "sheet"), [(1000, False), (760, True)])
def test_on_a_tablet_the_controls_leave_the_text_in_view(
    new_page: Callable[..., Page], app_url: str, width: int, sheet: bool
) -> None:
    page = new_page(viewport={"width": width, "height": 900})
    root = open_step(page, app_url, "forgetting", 3)
    answer_all(page, root, lesson("forgetting").steps[2])  # the controls wait for it
    button = root.get_by_role("button", name="Show the controls for this step")
    button.scroll_into_view_if_needed()
    scrolled = root.evaluate(VIEW)["scrolled"]
    button.click()
    expect(page.locator(".st-key-fbias")).to_be_in_viewport()
    expect(page.get_by_test_id("gv-player")).to_be_in_viewport(ratio=0.1)
    assert root.evaluate(VIEW)["scrolled"] == scrolled
    assert page.evaluate("'gvControls' in document.documentElement.dataset") == sheet
    page.keyboard.press("PageDown")
    panel(page, 4, lesson("forgetting"))
    sidebar = page.get_by_test_id("stSidebar")
    expect(sidebar).to_have_attribute("data-collapsed", "true" if sheet else "false")
    assert not page.evaluate("'gvControls' in document.documentElement.dataset")


@pytest.mark.parametrize(
    ("name", "step", "word", "target"),
    [
        ("gru", 5, "cards", ".st-key-gatesviz-card-gru-0"),
        ("breaking", 5, "table", ".stTable"),
        ("gru", 1, "picture", '.gv-lane[data-lane="n"]'),
    ],
)
def test_on_a_phone_a_tap_leads_to_what_the_text_is_about(
    new_page: Callable[..., Page], app_url: str, name: str, step: int, word: str, target: str
) -> None:
    page = new_page(viewport={"width": 390, "height": 844})
    root = open_step(page, app_url, name, step)
    root.get_by_role("button", name=f"Go to the {word}").click()
    expect(page.locator(target).first).to_be_in_viewport(ratio=0.3)


def test_on_a_phone_a_slider_and_the_whole_diagram_are_in_view_together(
    new_page: Callable[..., Page], app_url: str
) -> None:
    """What takes further steps is away, and a question stays in view, or the weights' sheet."""
    page = new_page(viewport={"width": 390, "height": 844})
    drawing = page.locator(".gv-working > svg")
    slider = page.locator(control(INPUT.key))
    for step, beside in ((6, "[data-act=option] >> nth=-1"), (3, ".st-key-inset")):
        root = open_step(page, app_url, "gru", step)
        expect(drawing).to_be_visible()
        for away in (".gv-toolbar", f".st-key-{STEPPING}"):
            expect(page.locator(away)).to_be_hidden()
        root.get_by_role("button", name="Show the controls for this step").click()
        for seen in (drawing, slider, page.locator(beside)):
            expect(seen).to_be_in_viewport(ratio=0.95)
        edge = page.locator("[data-testid=gv-lesson] nav").bounding_box()
        sheet = page.get_by_test_id("stSidebar").bounding_box() if step == 3 else None
        box = drawing.bounding_box()
        assert edge is not None
        assert box is not None
        assert box["y"] + box["height"] <= (sheet or edge)["y"]  # not behind what lies below
    open_step(page, app_url, "counting", 1)  # its text says: press Step
    expect(page.locator(f".st-key-{STEPPING}")).to_be_visible()
    expect(page.locator(".gv-toolbar")).to_be_visible()


def test_on_a_phone_no_text_field_asks_for_keys_that_are_not_there(
    new_page: Callable[..., Page], app_url: str
) -> None:
    page = new_page(viewport={"width": 390, "height": 844})
    root = open_step(page, app_url, "shapes", 2)
    root.get_by_role("button", name="Show the controls for this step").click()
    page.locator(".st-key-text textarea").fill("see")
    said = page.locator(".st-key-text").get_by_test_id("InputInstructions")
    expect(said).to_be_visible()
    size, instead = said.evaluate(
        "one => [getComputedStyle(one).fontSize, getComputedStyle(one, '::after').content]"
    )
    assert (size, instead) == ("0px", '"Tap outside to apply"')


def test_a_step_without_a_picture_offers_none(new_page: Callable[..., Page], app_url: str) -> None:
    page = new_page(viewport={"width": 390, "height": 844})
    root = open_step(page, app_url, "half_life", 5)
    button = root.locator("[data-act=picture]")
    expect(button).to_be_hidden()
    check = HALF_LIFE.steps[4].check
    assert check is not None
    answer(page, root, check, wrong=False)
    settle(page)
    expect(button).to_be_visible()


FOCUSED = """() => { let at = document.activeElement;
  while (at.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  return at.dataset.testid ?? at.dataset.role; }"""


def test_on_a_phone_the_picture_the_controls_and_the_menu_are_one_tap_away(
    new_page: Callable[..., Page], app_url: str
) -> None:
    page = new_page(viewport={"width": 390, "height": 844})
    root = open_step(page, app_url, "forgetting", 3)
    player, controls_sheet = page.get_by_test_id("gv-player"), page.get_by_test_id("stSidebar")
    root.get_by_role("button", name="Go to the picture").click()
    expect(player).to_be_in_viewport(ratio=0.3)
    assert page.evaluate(FOCUSED) == "gv-player"
    root.get_by_role("button", name="Back to the text").click()
    expect(root.locator("[data-act=option]").first).to_be_in_viewport()
    assert page.evaluate(FOCUSED) == "answer"
    expect(root.get_by_role("button", name="Back to the text")).to_be_hidden()

    answer_all(page, root, lesson("forgetting").steps[2])
    root.get_by_role("button", name="Show the controls for this step").click()
    expect(page.locator(".st-key-fbias")).to_be_in_viewport()
    expect(player).to_be_in_viewport(ratio=0.3)  # beside the controls, not behind them
    box = controls_sheet.bounding_box()
    assert box is not None
    assert box["y"] > 400
    assert (box["x"], box["width"]) == (0, 390)
    expect(page.get_by_test_id("stSidebarNav")).to_be_hidden()
    page.locator("[data-testid=stSidebarCollapseButton] button").click()
    page.keyboard.press("PageDown")
    panel(page, 4, lesson("forgetting"))
    settle(page)
    page.get_by_test_id("stExpandSidebarButton").click()  # this step has no controls
    expect(page.get_by_test_id("stSidebarNavLink").first).to_be_in_viewport()
    page.locator("[data-testid=stSidebarCollapseButton] button").click()
