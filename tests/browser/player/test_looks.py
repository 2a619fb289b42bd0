"""The offline page as people meet it: themes, phone, focus, screen readers, hostile text."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from gatesviz.player.payload import Panel, Selection
from tests.browser.accessibility import check_accessibility, find_cut_menus
from tests.browser.player.conftest import Show
from tests.browser.visiting import wait_until
from tests.player.making import quiet, traces

THREE = ("rnn", "lstm", "gru")
COLOURS = """element => { const css = getComputedStyle(element);
  return [css.color, css.backgroundColor]; }"""


def panels() -> list[Panel]:
    every = traces()
    return [Panel(every[name]) for name in THREE]


def test_the_page_asks_for_nothing(page: Page, show: Show) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.route(re.compile("^(?!file:)"), lambda route: route.abort())
    root = show(quiet(), labels=list("a <img src=http://example.com/x> b"[:30]), text=True)
    root.focus()
    for key in (" ", " ", "End", "ArrowDown"):
        page.keyboard.press(key)
    page.wait_for_timeout(300)
    assert asked == [page.url]
    assert page.url.startswith("file:")


@pytest.mark.parametrize("size", [(1280, 720), (390, 844)])
def test_no_menu_cuts_its_choice(
    new_page: Callable[..., Page], show_on: Show, size: tuple[int, int]
) -> None:
    page = new_page(viewport=dict(zip(("width", "height"), size, strict=True)))
    root = show_on(page, traces()["lstm"], select=Selection(order="mean", speed=10))
    assert find_cut_menus(root) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]


def brightness(page: Page, css: str) -> float:
    """Return the relative luminance (WCAG) of a colour, painted to learn what it is."""
    red, green, blue = page.evaluate(
        """css => { const context = document.createElement("canvas").getContext("2d");
        context.fillStyle = css; context.fillRect(0, 0, 1, 1);
        return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3); }""",
        css,
    )
    linear = [
        part / 255 / 12.92 if part <= 10 else ((part / 255 + 0.055) / 1.055) ** 2.4
        for part in (red, green, blue)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_both_themes_are_readable(new_page: Callable[..., Page], show_on: Show, theme: str) -> None:
    page = new_page(color_scheme=theme)
    root = show_on(page, quiet())
    under = brightness(page, page.locator("body").evaluate(COLOURS)[1])
    assert (under > 0.5) == (theme == "light")
    for name in (".gv-words", ".gv-numbers", ".gv-lane-value", ".gv-note"):
        text = brightness(page, root.locator(name).first.evaluate(COLOURS)[0])
        bright, dark = max(text, under), min(text, under)
        assert (bright + 0.05) / (dark + 0.05) > 5, name


def test_the_theme_may_change_while_it_is_open(page: Page, show: Show) -> None:
    root = show(quiet(), labels=list("abcdefghijklmnopqrstuvwxyzabcd"), text=True)
    lane = root.locator("[data-lane=x] .gv-heat")
    ink = """canvas => { const data = canvas.getContext("2d")
      .getImageData(0, 0, canvas.width, canvas.height).data;
      const inked = [...data.keys()].filter((k) => k % 4 === 0 && data[k + 3] > 200);
      return inked.reduce((sum, k) => sum + data[k], 0) / inked.length; }"""
    assert lane.evaluate(ink) < 90
    page.emulate_media(color_scheme="dark")
    wait_until(page, lambda: lane.evaluate(ink) > 160)


@pytest.mark.parametrize(("width", "count"), [(390, 1), (390, 3), (768, 3), (1280, 3)])
def test_it_scrolls_in_one_direction_only(
    new_page: Callable[..., Page], show_on: Show, width: int, count: int
) -> None:
    page = new_page(viewport={"width": width, "height": 844})
    root = show_on(page, panels()[-count:])
    for box in root.get_by_label("show the arithmetic").all():
        box.check()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    wide = "svg => svg.getBoundingClientRect().width"
    assert root.locator("svg[data-diagram]").first.evaluate(wide) > min(280, width / count * 0.6)


@pytest.mark.parametrize(("width", "count"), [(1280, 1), (1280, 3), (390, 1)])
def test_no_number_beside_a_lane_is_cut(
    new_page: Callable[..., Page], show_on: Show, width: int, count: int
) -> None:
    page = new_page(viewport={"width": width, "height": 844})
    middle = panels()[1:2] if count == 1 else panels()
    root = show_on(page, middle, select=Selection(step=4, unit=1))
    cut = """root => [...root.querySelectorAll(".gv-lane-value")]
      .filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.textContent)"""
    shown = root.locator(".gv-lane-value").all_inner_texts()
    assert any(number.startswith("−") for number in shown)
    assert root.evaluate(cut) == []


@pytest.mark.parametrize("name", ["lstm", "gru", "rnn"])
def test_axe_finds_nothing_in_a_player_of_each_cell(show: Show, name: str) -> None:
    trace = traces()[name]
    root = show(trace, labels=list("abc defghij!")[: trace.steps], text=True)
    root.get_by_label("show the arithmetic").check()
    check_accessibility(root.page)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_in_three_beside_each_other(
    new_page: Callable[..., Page], show_on: Show, theme: str
) -> None:
    page = new_page(color_scheme=theme)
    show_on(page, panels())
    check_accessibility(page)


def test_axe_finds_nothing_in_a_long_text(show: Show) -> None:
    text = list("a long text to read " * 40)
    root = show(quiet(2, steps=800), labels=text, text=True)
    strip = root.locator(".gv-strip-text")
    assert strip.evaluate("strip => strip.scrollHeight > strip.clientHeight")
    check_accessibility(root.page)
    root.focus()
    root.page.keyboard.press("End")
    seen = """strip => { const [box, here] = [strip, strip.querySelector(".gv-here")]
      .map((one) => one.getBoundingClientRect());
      return here.top >= box.top - 2 && here.bottom <= box.bottom + 2; }"""
    assert strip.evaluate(seen)


OUTLINE = """element => { const css = getComputedStyle(element);
  return css.outlineStyle !== "none" && parseFloat(css.outlineWidth) >= 2; }"""


def test_what_has_the_focus_has_a_ring(page: Page, show: Show) -> None:
    show(quiet())
    ringed = []
    for _ in range(20):
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        if focused.count() == 0:
            break
        ringed.append(focused.evaluate(OUTLINE))
    assert len(ringed) >= 16  # the player, five buttons, slider, unit, two menus, lanes, a box
    assert all(ringed)


SPOKEN = """root => [...root.querySelectorAll("output, [role=status], [role=alert], [aria-live]")]
  .filter((one) => one.getAttribute("aria-live") !== "off").map((one) => one.className)"""


def test_screen_readers_hear_the_sentence_and_not_while_it_plays(
    stopped_clock: None, page: Page, show: Show
) -> None:
    root = show(quiet())
    assert root.evaluate(SPOKEN) == ["gv-unit-note", "gv-stretch-sentence", "gv-words"]
    root.locator("[data-action=play]").click()
    page.clock.run_for(450)
    assert root.evaluate(SPOKEN) == ["gv-unit-note", "gv-stretch-sentence"]
    root.locator("[data-action=play]").click()
    assert root.evaluate(SPOKEN) == ["gv-unit-note", "gv-stretch-sentence", "gv-words"]


HOSTILE = "<img src=x onerror=\"console.error('ran')\"></script><script>console.error('ran')//"


def test_text_from_people_stays_text(page: Page, show: Show) -> None:
    panel = Panel(quiet(), labels=[HOSTILE] * 30, title=HOSTILE, features=[HOSTILE])
    root = show([panel], title=HOSTILE)
    expect(page).to_have_title(HOSTILE)
    expect(root.locator(".gv-title > span")).to_have_text(HOSTILE)
    expect(root.locator(".gv-readout")).to_contain_text(HOSTILE)
    assert page.locator("img").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280
