"""Presenting in a browser: a clicker turns pages, a picture fills the screen, and it ends."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from gatesviz.lessons import lessons
from gatesviz.ui.lessons.address import Place
from tests.browser.accessibility import BACKGROUND, check_in_both_themes
from tests.browser.visiting import settle, visit

FRAME = "xpath=ancestor::*[@data-testid='stElementContainer'][1]"


def test_a_clicker_turns_pages_and_a_picture_fills_the_screen(page: Page, app_url: str) -> None:
    visit(page, f"{app_url}/feed?present=1")
    heading = page.get_by_test_id("stMain").locator("h1").first
    bar = page.get_by_role("navigation", name="Presenting")
    assert page.evaluate("parseFloat(getComputedStyle(document.documentElement).fontSize)") == 21
    words = page.locator(".gv-player .gv-words")
    assert float(words.evaluate("one => getComputedStyle(one).zoom")) == 1.2
    player = page.get_by_test_id("gv-player")
    player.focus()
    page.keyboard.press("f")
    filled = "() => document.fullscreenElement !== null"
    page.wait_for_function(filled)
    page.keyboard.press("f")
    page.wait_for_function("() => document.fullscreenElement === null")
    check_in_both_themes(page)
    page.keyboard.press("PageDown")
    expect(heading).to_have_text("Inside the cell")
    expect(page).to_have_url(re.compile(r"/inside\?(.*&)?present=1"))
    expect(player).to_have_attribute("data-engine", re.compile("e-"))
    settle(page)
    page.keyboard.press("PageUp")
    expect(heading).to_have_text("Feed a sequence")
    expect(player).to_have_attribute("data-steps", "38")
    expect(player).to_have_attribute("data-engine", re.compile("e-"))
    page.keyboard.press("ArrowRight")  # the player's own key
    expect(player).to_have_attribute("data-step", re.compile("[0-9]+"))
    expect(heading).to_have_text("Feed a sequence")
    menu = page.get_by_test_id("stTopNavLink")  # large type hides its last entries
    menu.filter(has_text="Glossary").dispatch_event("click")
    expect(heading).to_have_text("Glossary")
    settle(page)
    page.locator("body").evaluate("() => document.activeElement.blur()")
    page.keyboard.press("ArrowLeft")
    expect(heading).to_have_text("LSTM or GRU?")
    page.get_by_test_id("stTopNavLink").filter(has_text="What if?").click()
    expect(heading).to_have_text("What if?")
    expect(page).to_have_url(re.compile("present=1"))
    settle(page)
    bar.get_by_role("button", name="End presenting", exact=True).click()
    expect(bar).to_have_count(0)
    expect(page).not_to_have_url(re.compile("present=1"))


SIZES = """picture => {
  const tall = selector => picture.querySelector(selector).getBoundingClientRect().height;
  const font = selector => {
    const one = picture.querySelector(selector);
    return parseFloat(getComputedStyle(one).fontSize) * one.currentCSSZoom;
  };
  const lane = ["-label span", "-value", "-side small"].map(one => `[data-lane=g] .gv-lane${one}`);
  const fonts = [...lane, ".gv-row-names small", ".gv-axis-name", ".gv-title",
    ".gv-readout", ".gv-menu select", ".gv-strip-text", ".gv-answer"];
  const found = fonts.map(one => [one, font(one)]);
  return Object.fromEntries([...found, ["diagram", tall(".gv-working > svg text")]]);
}"""
OVERLAPS = """picture => [...picture.querySelectorAll(".gv-lane")].flatMap(lane => {
  const box = one => one.getBoundingClientRect();
  const plot = lane.querySelector(".gv-lane-plot");
  if (!plot || !box(plot).height) return [];
  const faults = [];
  for (const word of lane.querySelectorAll(".gv-lane-label span, .gv-row-names small"))
    if (box(word).right > box(plot).left + 1) faults.push(word.textContent);
  for (const one of lane.querySelectorAll(".gv-lane-value, .gv-legend small"))
    if (box(one).left < box(plot).right || box(one).right > box(picture).right + 1)
      faults.push(one.textContent);
  const names = [...lane.querySelectorAll(".gv-row-names small")];
  names.slice(1).forEach((name, k) => {
    if (box(name).top < box(names[k]).bottom - 1) faults.push(`${name.textContent} on another`);
  });
  return faults;
})"""


def test_the_words_and_numbers_in_the_picture_grow_with_the_page(page: Page, app_url: str) -> None:
    sizes = []
    for link in ("feed", "feed?present=1"):
        visit(page, f"{app_url}/{link}")
        player = page.get_by_test_id("gv-player")
        expect(player).to_have_attribute("data-engine", re.compile("e-"))
        assert player.evaluate(OVERLAPS) == []
        sizes.append(player.evaluate(SIZES))
    usual, presented = sizes
    for part, size in usual.items():
        assert presented[part] >= 1.19 * size, part


def test_with_a_lesson_that_cannot_be_shown_the_buttons_turn_pages(
    page: Page, app_url: str
) -> None:
    visit(page, f"{app_url}/inside?present=1&lesson=nothing.9")
    expect(page.get_by_test_id("stMain")).to_contain_text("names a lesson that can't be shown")
    bar = page.get_by_role("navigation", name="Presenting")
    bar.get_by_role("button", name="Next").click()
    expect(page).not_to_have_url(re.compile("/inside"))


def test_in_a_lesson_a_clicker_turns_its_steps(page: Page, app_url: str) -> None:
    visit(page, f"{app_url}/?present=1&lesson=clipping.1")
    panel = page.get_by_test_id("gv-lesson")
    expect(panel).to_have_attribute("data-step", "1")
    page.keyboard.press("PageDown")
    expect(panel.locator(".gv-lesson-note")).to_contain_text("This question is open.")
    page.keyboard.press("PageDown")
    expect(panel).to_have_attribute("data-step", "2")
    expect(page).to_have_url(re.compile("present=1"))
    expect(page.get_by_role("navigation", name="Presenting")).to_have_count(1)
    settle(page)
    page.keyboard.press("ArrowLeft")  # this view has no player, which would take it
    expect(panel).to_have_attribute("data-step", "1")
    settle(page)
    bar = page.get_by_role("navigation", name="Presenting")
    bar.get_by_role("button", name="Next step").click()  # the step has said that a question is open
    expect(panel).to_have_attribute("data-step", "2")
    expect(page).to_have_url(re.compile("lesson=clipping.2"))
    settle(page)
    bar.get_by_role("button", name="Previous step").click()
    expect(panel).to_have_attribute("data-step", "1")


LUMINANCE = """colour => { const parts = colour.match(/[0-9.]+/g).slice(0, 3)
  .map((one) => one / 255)
  .map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4));
  return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]; }"""


def ink(text: Locator) -> str:
    """Return the colour of a text, also of one in an SVG."""
    return str(
        text.evaluate("""one => { const style = getComputedStyle(one);
      return one.ownerSVGElement ? style.fill : style.color; }""")
    )


def contrast(page: Page, one: str, other: str) -> float:
    """Return the contrast of two colours as WCAG 2 defines it."""
    low, high = sorted(page.evaluate(LUMINANCE, colour) for colour in (one, other))
    return float((high + 0.05) / (low + 0.05))


@pytest.mark.parametrize(
    ("address", "within", "frame", "texts"),
    [
        ("", ".gv-opening", "", [".gv-op-caption", ".gv-op-letter", ".gv-op-head b"]),
        (
            "feed",
            ".gv-player",
            "",
            [".gv-words", ".gv-equation", ".gv-lane-label", ".gv-lane-value"],
        ),
        ("gradients", "[data-testid=stPlotlyChart]", FRAME, [".xtick text", ".ytick text"]),
    ],
)
def test_what_fills_the_screen_has_the_pages_background_and_the_width_of_the_screen(
    page: Page, app_url: str, address: str, within: str, frame: str, texts: list[str]
) -> None:
    picture = page.locator(within).first
    filled = picture.locator(frame) if frame else picture
    chart = picture.locator(".main-svg").first
    for theme, background in BACKGROUND.items():
        page.emulate_media(color_scheme=theme)
        visit(page, f"{app_url}/{address}?present=1&grshow=true")
        expect(page.get_by_test_id("stApp")).to_have_css("background-color", background)
        before = picture.bounding_box()
        page.locator("body").evaluate("() => document.activeElement.blur()")
        picture.hover()
        page.keyboard.press("f")
        page.wait_for_function("() => document.fullscreenElement !== null")
        assert filled.evaluate("one => one.matches(':fullscreen')")
        expect(filled).to_have_css("background-color", background)
        assert filled.evaluate("one => one.scrollWidth - one.clientWidth") == 0
        edges = filled.evaluate(
            "one => [...one.children].map((each) => each.getBoundingClientRect())"
            ".filter((each) => each.width).map((each) => [each.left, each.right])"
        )
        assert edges
        assert all(left >= 20 and right <= 1260 for left, right in edges), edges
        if frame:
            expect(chart).to_have_css("width", "1216px")  # 1280 without the margins of 32
            assert chart.evaluate("one => one.getBoundingClientRect().bottom") <= 720
        for text in texts:
            assert contrast(page, ink(picture.locator(text).first), background) >= 4.5, text
        page.keyboard.press("f")
        page.wait_for_function("() => document.fullscreenElement === null")
        if frame and before:
            expect(chart).to_have_css("width", re.compile(rf"^{int(before['width'])}"))


def test_lessons_and_presentations_have_no_downloads_and_no_heading_of_them(
    page: Page, app_url: str
) -> None:
    lesson = Place(lessons()[0], 0).href.lstrip("/")
    heading = page.get_by_text("Download", exact=True)
    for address, seen in (("feed", True), ("feed?present=1", False), (lesson, False)):
        visit(page, f"{app_url}/{address}")
        expect(heading).to_have_count(1)
        assert heading.is_visible() == seen, address
