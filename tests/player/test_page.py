"""The offline page as a file: whole, closed to the network, and text in it stays text."""

import base64
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from torch import nn

from gatesviz.player.assets import script, style
from gatesviz.player.page import to_html
from gatesviz.player.payload import Panel, Selection, payload
from tests.player.making import quiet, recorded, traces

TITLE = """</title><script>alert(1)</script>"'&<!--payload-->/*script*/\\g<0>"""


class Elements(HTMLParser):
    """The elements of a page, and the text of each script and of the title."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = [("", {})]
        self.texts: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        tag, attributes = self.tags[-1]
        key = attributes.get("id") or attributes.get("type") or tag
        self.texts[key] = self.texts.get(key, "") + data


def test_it_holds_the_player_its_look_and_its_data() -> None:
    panels, select = [Panel(traces()["gru"])], Selection(step=3)
    page = Elements(to_html(panels, select=select, title="a title"))
    assert script() in page.texts["module"]
    assert style() in page.texts["style"]
    assert base64.b64decode(page.texts["payload"]) == payload(panels, select=select)
    assert page.texts["title"].strip() == page.texts["h1"].strip() == "a title"


def test_it_asks_for_nothing_and_forbids_asking() -> None:
    page = Elements(to_html([Panel(quiet())]))
    assert not [
        name for _, attributes in page.tags for name in attributes if name in ("src", "href")
    ]
    (policy,) = (a["content"] for tag, a in page.tags if a.get("http-equiv"))
    assert policy is not None
    assert policy.startswith("default-src 'none';")
    assert "http" not in policy


def test_a_title_is_text() -> None:
    page = Elements(to_html([Panel(quiet(), title=TITLE)], title=TITLE))
    assert [tag for tag, _ in page.tags].count("script") == 2
    assert page.texts["title"].strip() == page.texts["h1"].strip() == TITLE


def test_half_a_surrogate_pair_can_be_written(tmp_path: Path) -> None:
    page = to_html([Panel(quiet(), title="\ud83d", labels=["\udc00"] * 30)], title="a\ud83d")
    (tmp_path / "player.html").write_text(page, encoding="utf-8")
    assert "<h1>a\ufffd</h1>" in page


def test_every_place_is_filled() -> None:
    page = to_html([Panel(quiet())])
    assert not re.search(r"<!--\w+-->|/\*(style|script)\*/", page)


def test_a_recording_writes_its_own_page(tmp_path: Path) -> None:
    recording = recorded(nn.LSTM(2, 3, bidirectional=True), samples=2).recording
    file, labels = tmp_path / "own.html", list("abcdefghijkl")
    recording.to_html(file, direction="backward", sample=1, labels=labels, title="mine")
    network = {key: trace.sample(1) for key, trace in recording.traces.items()}
    trace = network[0, "backward"]
    panel = Panel(trace, labels=labels, title="mine", text=True, network=network)
    assert file.read_text(encoding="utf-8") == to_html([panel], title="mine")
    with pytest.raises(ValueError, match="expected 12 labels, one a step, got 1"):
        recording.to_html(file, labels=["a"])
