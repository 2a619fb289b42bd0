"""A model file, dropped onto the page in a real browser, and its way over the pages."""

import base64
import io
import re

import torch
from playwright.sync_api import Page, expect
from torch import nn

from tests.browser.accessibility import check_in_both_themes
from tests.browser.test_feed import player
from tests.browser.visiting import settle, visit

DROP = """(zone, [name, data]) => {
  const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([bytes], name));
  for (const type of ["dragenter", "dragover", "drop"])
    zone.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
}"""


def drop(page: Page, name: str, weights: object) -> None:
    file = io.BytesIO()
    torch.save(weights, file)
    zone = page.get_by_test_id("stFileUploaderDropzone")
    zone.evaluate(DROP, [name, base64.b64encode(file.getvalue()).decode()])


def test_a_dropped_file_plays_is_edited_and_asks_what_it_lacks(page: Page, app_url: str) -> None:
    torch.manual_seed(0)
    model = nn.ModuleDict({"memory": nn.LSTM(5, 4), "head": nn.Linear(4, 5)})
    visit(page, f"{app_url}/feed?weights=your+file&text=abcabc&file=gru-7-8-2-1")
    sidebar = page.get_by_test_id("stSidebar")
    expect(sidebar).to_contain_text("a model from a file: GRU, I=7, H=8, 2 layers.")
    check_in_both_themes(page)
    drop(page, "mine.pt", {"state_dict": model.state_dict(), "alphabet": "abc<&"})
    root = player(page)
    expect(root).to_have_attribute("data-steps", "6")
    expect(root).to_have_attribute("data-engine", re.compile(r"^\d(\.\d)?e-[789]$|^0$"))
    expect(root).to_have_attribute("data-answer", re.compile("."))
    expect(page.get_by_test_id("stMain")).to_contain_text("'memory' of 'mine.pt' is opened as LSTM")
    page.wait_for_url(re.compile("file=lstm-5-4-1-1"))
    settle(page)
    drop(page, "rnn.pt", nn.RNN(1, 3).state_dict())
    expect(sidebar).to_contain_text("Choose the nonlinearity of the RNN.")
    sidebar.get_by_role("combobox", name="Nonlinearity of the RNN").click()
    page.get_by_role("option", name="relu").click()
    expect(sidebar).to_contain_text("The model can't read a text: it reads numbers.")
    drop(page, "broken.pt", ["nothing"])
    expect(sidebar).to_contain_text("'broken.pt' has no recurrent layer")
    expect(sidebar).to_contain_text("The earlier file stays in use.")
