"""The two views of "Train live" that look into a run, while it goes on and afterwards."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from gatesviz.ui.train.gates import FOLD
from tests.browser.accessibility import check_accessibility
from tests.browser.test_train import SLOW, click, row
from tests.browser.visiting import settle, visit

RUN = "?trtask=Recall+the+first+letter&trlength=8&trhidden=4&trend=9000&trcells=LSTM"


def title(page: Page) -> str:
    return page.locator(".gv-player .gv-title > span").inner_text()


def test_a_run_is_looked_into_while_it_goes_on_and_scrubbed_when_it_rests(
    page: Page, app_url: str
) -> None:
    visit(page, f"{app_url}/train{RUN}")
    click(page, "Start")
    canvas = page.locator(".gv-growth canvas")
    canvas.wait_for(timeout=SLOW)
    page.get_by_text(FOLD).click()
    page.locator(".gv-player").wait_for(timeout=SLOW)
    rows, shown = canvas.get_attribute("height") or "", title(page)
    speed = page.locator(".gv-player").get_by_label("Speed")
    speed.focus()
    speed.evaluate("menu => { menu.marked = true; }")
    expect(page.locator(".gv-player .gv-title > span")).not_to_have_text(shown, timeout=SLOW)
    expect(canvas).not_to_have_attribute("height", rows, timeout=SLOW)
    expect(row(page, "LSTM")).to_contain_text("running")
    expect(speed).to_be_focused()
    assert speed.evaluate("menu => menu.marked")
    click(page, "Pause")
    expect(row(page, "LSTM")).to_contain_text("paused", timeout=SLOW)
    settle(page)
    choose_a_unit(page)
    follow_a_click(page)
    check_accessibility(page)


def choose_a_unit(page: Page) -> None:
    """A click in a live picture chooses the gate and the unit of the heatmap."""
    lane = page.get_by_role("img", name="Heatmap of o: 4 units by 8 time steps.")
    box = lane.bounding_box()
    assert box is not None
    lane.click(position={"x": box["width"] / 2, "y": box["height"] * 0.6})
    heading = page.locator(".gv-growth figcaption")
    expect(heading).to_have_text("LSTM, o of unit 2, probe 1", timeout=SLOW)
    expect(page).to_have_url(re.compile("trgate=o"), timeout=SLOW)
    expect(page).to_have_url(re.compile("trunit=2"), timeout=SLOW)


def follow_a_click(page: Page) -> None:
    """A click in the picture, then its keys, move the slider, the link and the player."""
    field, readout = page.locator(".gv-growth-field"), page.locator(".gv-growth-readout")
    box = field.bounding_box()
    assert box is not None
    field.click(position={"x": box["width"] * 0.7, "y": box["height"] * 0.4})
    for keys in ((), ("ArrowUp", "ArrowLeft", "Enter")):
        for key in keys:
            page.keyboard.press(key)
        told = re.match(r"after update ([\d,]+), step (\d+)", readout.inner_text())
        assert told is not None
        update, step = told.groups()
        title = page.locator(".gv-player .gv-title > span")
        expect(title).to_have_text(f"LSTM after update {update}", timeout=SLOW)
        expect(page.locator(".gv-player")).to_have_attribute("data-step", step, timeout=SLOW)
        page.wait_for_url(re.compile(rf"trat={update.replace(',', '')}\b"), timeout=SLOW)
        expect(field).to_be_focused()
    assert step == "4"


def test_the_end_of_a_finished_run_is_its_last_update(
    new_page: Callable[..., Page], app_url: str
) -> None:
    page = new_page(viewport={"width": 390, "height": 844}, color_scheme="dark")
    visit(page, f"{app_url}/train{RUN.replace('9000', '75')}")
    click(page, "Start")
    expect(row(page, "LSTM")).to_contain_text("finished", timeout=SLOW)
    heading = page.locator(".gv-learned figcaption")
    expect(heading).to_have_text("LSTM after update 75", timeout=SLOW)
    expect(page.locator(".gv-growth-shown")).to_contain_text("75", timeout=SLOW)
    settle(page)
    slider = page.get_by_role("slider", name="After update")
    slider.focus()
    for _ in range(2):
        page.keyboard.press("ArrowLeft")
    expect(page.get_by_text("Update 73 isn't stored, so you see update")).to_be_visible(
        timeout=SLOW
    )
    expect(heading).to_have_text("LSTM after update 72", timeout=SLOW)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
