"""The drawn line in the app: by mouse, finger and keys, in the link, and there again later."""

import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from gatesviz.ui.feed.sketch import OWN, PLACES, to_text
from tests.browser.parts import import_part
from tests.browser.visiting import settle, visit

DRAWING = "feed?src=drawing"
FLAT = re.compile(r"^(\d+,-?0(\.0+)? ?)+$")  # places and heights of a line along zero
ROOM = 1.08  # the pad shows heights from −1.08 to 1.08


@pytest.fixture
def pad(page: Page, app_url: str) -> Locator:
    """The pad on a cold page."""
    return opened(page, f"{app_url}/{DRAWING}")


def opened(page: Page, url: str) -> Locator:
    visit(page, url)
    return found(page)


def found(page: Page) -> Locator:
    pad = page.locator(".gv-sketch-pad")
    expect(pad).to_be_visible(timeout=30_000)
    return pad


def shown(pad: Locator) -> list[float]:
    """What the picture shows: a height for each place."""
    points = (pad.locator("polyline").get_attribute("points") or "").split()
    assert [int(point.split(",")[0]) for point in points] == list(range(PLACES))
    return [-float(point.split(",")[1]) for point in points]


def linked(page: Page) -> list[int] | None:
    """What the address bar says, in hundredths."""
    line = parse_qs(urlsplit(page.url).query).get("line")
    return None if line is None else [int(word) for word in line[0].split("_")]


def expect_link(page: Page, pad: Locator) -> list[int]:
    """Wait until the link says what the pad shows; return it."""
    text = "_".join(str(round(100 * height)) for height in shown(pad))
    expect(page).to_have_url(re.compile(rf"[?&]line={text}(&|$)"), timeout=15_000)
    settle(page)
    return [int(word) for word in text.split("_")]


def at(pad: Locator, place: int, height: float) -> tuple[float, float]:
    """Where on the screen a height at a place is."""
    box = pad.bounding_box()
    assert box is not None
    x = box["x"] + (place + 0.5) / PLACES * box["width"]
    return x, box["y"] + (1 - height / ROOM) / 2 * box["height"]


def stroke(page: Page, pad: Locator, *spots: tuple[int, float]) -> None:
    page.mouse.move(*at(pad, *spots[0]))
    page.mouse.down()
    for spot in spots[1:]:
        page.mouse.move(*at(pad, *spot))


def clear(page: Page, pad: Locator) -> None:
    """Press "Clear"; return when the pad shows the flat line that comes back."""
    page.get_by_role("button", name="Clear").click()
    expect(pad.locator("polyline")).to_have_attribute("points", FLAT)


def input_at_first_step(page: Page) -> Locator:
    return page.locator('.gv-lane[data-lane="x"] .gv-lane-value').first


def test_it_is_seen_at_once_and_sent_when_the_hand_lifts(page: Page, pad: Locator) -> None:
    assert shown(pad) == list(OWN)
    stroke(page, pad, (10, 0.5), (20, -0.5))
    page.wait_for_timeout(400)
    drawn = shown(pad)
    assert drawn[10:21] == pytest.approx([0.5 - 0.1 * k for k in range(11)], abs=0.02)
    assert drawn[:10] + drawn[21:] == [*OWN[:10], *OWN[21:]]
    assert linked(page) is None
    page.mouse.up()
    expect_link(page, pad)
    assert shown(pad) == drawn


def test_a_hand_beyond_the_edges_draws_to_them(page: Page, pad: Locator) -> None:
    stroke(page, pad, (30, 0.0), (PLACES + 3, 1.8))
    page.mouse.up()
    assert expect_link(page, pad)[-1] == 100


def test_two_strokes_at_once_are_both_kept(page: Page, pad: Locator) -> None:
    for place in range(0, PLACES, 4):
        stroke(page, pad, (place, 0.9), (place + 3, 0.9))
        page.mouse.up()
    drawn = shown(pad)
    assert drawn == pytest.approx([0.9] * PLACES, abs=0.02)
    expect_link(page, pad)
    assert shown(pad) == drawn


def test_another_button_draws_nothing(page: Page, pad: Locator) -> None:
    page.mouse.move(*at(pad, 5, -1.0))
    page.mouse.down(button="right")
    page.mouse.up(button="right")
    assert shown(pad) == list(OWN)


def stand_still(pad: Locator) -> None:
    """Return when the pad has not moved for half a second."""
    place, last, same = "pad => pad.getBoundingClientRect().left", None, 0
    while same < 5:
        now = pad.evaluate(place)
        same = same + 1 if now == last and now >= 0 else 0
        last = now
        pad.page.wait_for_timeout(100)


def test_a_finger_draws_and_scrolls_nothing(new_page: Callable[..., Page], app_url: str) -> None:
    page = new_page(viewport={"width": 390, "height": 500}, has_touch=True, is_mobile=True)
    visit(page, f"{app_url}/{DRAWING}")
    page.get_by_test_id("stExpandSidebarButton").tap()
    pad = found(page)
    pad.scroll_into_view_if_needed()
    stand_still(pad)  # the sidebar slides in
    x, y = at(pad, 0, 1.0)
    touch = page.context.new_cdp_session(page)
    spots = [at(pad, 3, height / 10) for height in range(-9, 9)]
    for kind, points in (
        ("touchStart", spots[:1]),
        *(("touchMove", [spot]) for spot in spots[1:]),
        ("touchEnd", []),
    ):
        sent = [{"x": x, "y": y} for x, y in points]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": sent})
    assert expect_link(page, pad)[3] == pytest.approx(80, abs=2)
    assert at(pad, 0, 1.0) == (x, y)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_keys_choose_a_place_and_change_its_height(page: Page, pad: Locator) -> None:
    assert pad.get_attribute("role") == "slider"
    pad.focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowLeft", "Home", "ArrowUp", "ArrowUp", "ArrowUp"):
        page.keyboard.press(key)
    expect(pad).to_have_attribute("aria-valuetext", f"point 1 of {PLACES}, height 0.30")
    assert pad.get_attribute("aria-valuenow") == "0.3"
    page.keyboard.press("End")
    page.keyboard.press("ArrowRight")
    for _ in range(12):
        page.keyboard.press("ArrowDown")
    expect(pad).to_have_attribute("aria-valuetext", f"point {PLACES} of {PLACES}, height −1.00")
    line = expect_link(page, pad)
    assert line == [30, *(round(100 * height) for height in OWN[1:-1]), -100]
    expect(pad).to_be_focused()


def test_what_the_keys_changed_is_not_lost_by_leaving(page: Page, pad: Locator) -> None:
    pad.focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Clear")).to_be_focused()
    assert expect_link(page, pad)[0] == 10


def test_clear_draws_a_flat_line_that_the_cell_reads(page: Page, app_url: str) -> None:
    pad = opened(page, f"{app_url}/{DRAWING}&line={to_text([0.5] * PLACES)}")
    assert shown(pad) == [0.5] * PLACES
    expect(input_at_first_step(page)).to_have_text("0.500")
    clear(page, pad)
    assert expect_link(page, pad) == [0] * PLACES
    expect(input_at_first_step(page)).to_have_text("0.000")


def test_a_broken_link_says_why_and_can_be_drawn_over(page: Page, app_url: str) -> None:
    pad = opened(page, f"{app_url}/{DRAWING}&line=1_2_<b>")
    assert shown(pad) == list(OWN)
    alert = page.get_by_test_id("stSidebar").get_by_role("alert")
    expect(alert).to_have_text("The line in the link was not used.")
    told = f"The line in the link has 3 heights, expected {PLACES}."
    expect(page.get_by_test_id("stSidebar")).to_contain_text(told)
    clear(page, pad)
    expect_link(page, pad)
    expect(alert).to_have_count(0)


def test_it_is_there_again_after_another_source(page: Page, pad: Locator) -> None:
    stroke(page, pad, (5, -0.7), (30, 0.7))
    page.mouse.up()
    line = expect_link(page, pad)
    for source in ("wave", "drawing"):
        page.get_by_role("combobox", name="Input").click()
        page.get_by_role("option", name=source, exact=True).click()
        settle(page)
    assert [round(100 * height) for height in shown(found(page))] == line
    expect_link(page, pad)


def test_it_is_there_again_after_a_source_that_is_left_at_once(page: Page, pad: Locator) -> None:
    """The second choice stops the first one's run. The browser then builds the pad again."""
    stroke(page, pad, (5, -0.7), (30, 0.7))
    page.mouse.up()
    line = expect_link(page, pad)
    page.get_by_role("combobox", name="Input").click()
    page.get_by_role("option", name="wave", exact=True).click()
    page.locator(".gv-sketch-pad").wait_for(state="detached")
    page.get_by_role("combobox", name="Input").click()
    page.get_by_role("option", name="drawing", exact=True).click()
    settle(page)
    assert [round(100 * height) for height in shown(found(page))] == line
    expect_link(page, pad)


def test_it_is_there_again_after_another_page(page: Page, pad: Locator) -> None:
    clear(page, pad)
    line = expect_link(page, pad)
    for title in ("Inside the cell", "Feed a sequence"):
        page.get_by_test_id("stTopNavLink").filter(has_text=title).click()
        expect(page.get_by_test_id("stMain").locator("h1")).to_have_text(title)
        settle(page)
    page.get_by_role("combobox", name="Input").click()
    page.get_by_role("option", name="drawing", exact=True).click()
    assert [round(100 * height) for height in shown(found(page))] == line
    assert expect_link(page, pad) == line


def test_a_pad_that_is_built_again_shows_the_line_drawn_last(page: Page) -> None:
    """The host still gives the first line: another one would undo strokes on their way."""
    import_part(page, "showSketch", "dom.js", "sketch.js")
    first, drawn, other = ([height] * PLACES for height in (0.5, -0.25, 0.75))
    give = """([line, drawn]) =>
      showSketch(document.querySelector("main"), { line, drawn }, () => {})"""
    page.evaluate(give, [first, drawn])
    assert shown(found(page)) == drawn
    page.get_by_role("button", name="Clear").click()
    expect(found(page).locator("polyline")).to_have_attribute("points", FLAT)
    page.evaluate(give, [first, drawn])
    expect(found(page).locator("polyline")).to_have_attribute("points", FLAT)
    page.evaluate(give, [other, other])
    assert shown(found(page)) == other


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_is_accessible_in_both_themes(
    new_page: Callable[..., Page], app_url: str, theme: str
) -> None:
    page = new_page(color_scheme=theme)
    pad = opened(page, f"{app_url}/{DRAWING}")
    pad.focus()
    within = ["[data-testid=stSidebar] [data-testid=stBidiComponentIsolated]", ".gv-sketch"]
    found = Axe().run(page, context={"fromShadowDom": within}).response
    assert "color-contrast" in {rule["id"] for rule in found["passes"]}
    assert found["violations"] == []
