"""A model file, dropped onto the page in a real browser, and its way over the pages."""

import re
from pathlib import Path

import torch
from playwright.sync_api import Page, expect
from torch import nn

from tests.browser.accessibility import check_in_both_themes
from tests.browser.test_feed import player
from tests.browser.visiting import settle, visit


def drop(page: Page, path: Path, weights: object) -> None:
    """Save ``weights``, and drag the file into the upload box with the browser's own drag."""
    torch.save(weights, path)
    zone = page.get_by_test_id("stFileUploaderDropzone")
    zone.scroll_into_view_if_needed()
    box = zone.bounding_box()
    assert box is not None
    place = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    data = {"items": [], "files": [str(path)], "dragOperationsMask": 1}
    session = page.context.new_cdp_session(page)
    for kind in ("dragEnter", "dragOver", "drop"):
        session.send("Input.dispatchDragEvent", {"type": kind, **place, "data": data})
    session.detach()


def test_a_dropped_file_plays_is_edited_and_asks_what_it_lacks(
    page: Page, app_url: str, tmp_path: Path
) -> None:
    torch.manual_seed(0)
    model = nn.ModuleDict({"memory": nn.LSTM(5, 4), "head": nn.Linear(4, 5)})
    visit(page, f"{app_url}/feed?weights=your+file&text=abcabc&file=gru-7-8-2-1")
    sidebar = page.get_by_test_id("stSidebar")
    expect(sidebar).to_contain_text("a model from a file: GRU, I=7, H=8, 2 layers.")
    check_in_both_themes(page)
    drop(page, tmp_path / "mine.pt", {"state_dict": model.state_dict(), "alphabet": "abc<&"})
    root = player(page)
    expect(root).to_have_attribute("data-steps", "6")
    expect(root).to_have_attribute("data-engine", re.compile(r"^\d(\.\d)?e-[789]$|^0$"))
    expect(root).to_have_attribute("data-answer", re.compile("."))
    expect(page.get_by_test_id("stMain")).to_contain_text("'memory' of 'mine.pt' is opened as LSTM")
    page.wait_for_url(re.compile("file=lstm-5-4-1-1"))
    settle(page)
    box = page.get_by_test_id("stFileUploader")
    expect(box).to_have_text(re.compile(r"^Model file.*mine\.pt\d\.\dKB"))
    expect(box).not_to_contain_text("Drag and drop")  # the drag is over
    drop(page, tmp_path / "rnn.pt", nn.RNN(1, 3).state_dict())
    expect(sidebar).to_contain_text("Choose the nonlinearity of the RNN.")
    sidebar.get_by_role("combobox", name="Nonlinearity of the RNN").click()
    page.get_by_role("option", name="relu").click()
    # it can't read a text
    expect(sidebar.get_by_role("combobox", name="Input", exact=True)).to_have_value("wave")
    drop(page, tmp_path / "broken.pt", ["nothing"])
    expect(sidebar).to_contain_text("'broken.pt' has no recurrent layer")
    expect(sidebar).to_contain_text("The earlier file stays in use.")


def test_the_first_choice_of_a_file_sets_the_input_that_gradients_are_measured_on(
    page: Page, app_url: str, tmp_path: Path
) -> None:
    torch.manual_seed(0)
    model = nn.ModuleDict({"memory": nn.LSTM(5, 4), "head": nn.Linear(4, 5)})
    visit(page, f"{app_url}/gradients")  # its input is noise here
    page.get_by_role("link", name="Feed a sequence").first.click()
    expect(page.locator("h1")).to_have_text("Feed a sequence")  # both pages have these menus
    settle(page)
    page.get_by_role("combobox", name="Model", exact=True).click()
    page.get_by_role("option", name="your file").click()
    drop(page, tmp_path / "mine.pt", {"state_dict": model.state_dict(), "alphabet": "abc<&"})
    expect(page.get_by_test_id("stMain")).to_contain_text("'memory' of 'mine.pt' is opened as LSTM")
    page.get_by_role("link", name="Vanishing gradients").first.click()
    expect(page.locator("h1")).to_have_text("Vanishing gradients")
    settle(page)
    page.get_by_role("combobox", name="Model", exact=True).click()
    page.get_by_role("option", name="your file").click()
    shown = page.get_by_role("combobox", name="Input")
    expect(shown).to_have_value("text")
    for guess in ("10", "20"):
        page.get_by_role("radio", name=guess, exact=True).click()
        settle(page)
        expect(shown).to_have_value("text")
        expect(page.get_by_test_id("stSidebar")).to_contain_text("It reads “")
    assert "grin=" not in page.url  # a link begins with the first input, too
    shown.click()
    page.get_by_role("option", name="random noise").click()
    page.wait_for_url(re.compile(r"grin=random"))
    expect(page.get_by_test_id("stSidebar")).not_to_contain_text("It reads “")


def test_back_from_another_page_shows_the_file_and_its_text_again(
    page: Page, app_url: str, tmp_path: Path
) -> None:
    torch.manual_seed(0)
    model = nn.ModuleDict({"memory": nn.LSTM(5, 4), "head": nn.Linear(4, 5)})
    visit(page, f"{app_url}/feed?weights=your+file&text=abca")
    drop(page, tmp_path / "mine.pt", {"state_dict": model.state_dict(), "alphabet": "abc<&"})
    root = player(page)
    expect(root).to_have_attribute("data-steps", "4")
    page.wait_for_url(re.compile("file=lstm-5-4-1-1"))
    settle(page)
    page.get_by_role("link", name="Find the unit →").click()
    expect(page.locator("h1")).to_have_text("Find the unit")
    settle(page)
    page.go_back()
    expect(page.locator("h1")).to_have_text("Feed a sequence")
    settle(page)
    expect(page.get_by_role("combobox", name="Model", exact=True)).to_have_value("your file")
    expect(root).to_have_attribute("data-steps", "4")
    page.get_by_role("link", name="What if? →").click()
    expect(page.locator("h1")).to_have_text("What if?")
    expect(root).to_have_attribute("data-steps", "4")
