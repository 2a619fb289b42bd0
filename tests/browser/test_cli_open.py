"""``gatesviz open FILE`` as a server of its own: the page shows the model's own gates."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from playwright.sync_api import Page, expect
from torch import nn

from tests.browser.visiting import visit
from tests.serving import ROOT, free_port, serving

START = "import sys; from gatesviz.cli import main; main(sys.argv[1:])"


def model() -> nn.ModuleDict:
    torch.manual_seed(3)
    return nn.ModuleDict({"embed": nn.Embedding(4, 3), "rnn": nn.GRU(3, 5)})


@pytest.fixture(scope="module")
def app_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the server that the command starts."""
    folder: Path = tmp_path_factory.mktemp("opened")
    torch.save(model().state_dict(), folder / "m.pt")
    (folder / "v.json").write_text('["a", "b", "c", " "]')
    port = free_port()
    command = [sys.executable, "-c", START, "open", str(folder / "m.pt"), "--port", str(port)]
    command += ["--text", "a cab", "--vocabulary", str(folder / "v.json")]
    with serving(command, port, ROOT, folder / "log") as url:
        yield url


def test_the_page_of_an_opened_file_shows_its_own_states(page: Page, app_url: str) -> None:
    visit(page, f"{app_url}/feed")
    player = page.get_by_test_id("gv-player")
    player.locator("[data-action=last]").click()
    player.get_by_label("Unit", exact=True).fill("2")
    player.get_by_label("Unit", exact=True).press("Enter")
    for name, value in {"cell": "gru", "steps": "5", "step": "4", "unit": "2"}.items():
        expect(player).to_have_attribute(f"data-{name}", value)
    expect(player).to_have_attribute("data-engine", re.compile(r"^\d(\.\d)?e-[789]$|^0$"))
    expect(page.get_by_test_id("stSidebar")).to_contain_text("In use: m.pt")
    parts = model()
    h = parts["rnn"](parts["embed"](torch.tensor([0, 3, 2, 0, 1])))[0][4, 2]
    shown = player.locator('[data-lane="h"] .gv-lane-value').inner_text()
    assert float(shown.replace("−", "-")) == pytest.approx(float(h.detach()), abs=6e-4)
    page.get_by_test_id("stTopNavLink").filter(has_text="What if?").click()
    expect(page.locator("h1")).to_have_text("What if?")
    expect(page.get_by_role("combobox", name="Model", exact=True)).to_have_value("your file")
    expect(player).to_have_attribute("data-cell", "gru")
    expect(player).to_have_attribute("data-steps", "5")
    expect(page.get_by_text("No task is known for your model")).to_be_visible()
