"""The offline page of a recording shows the sample that was asked for, safely."""

import base64
import html
import re
from html.parser import HTMLParser

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import utils
from torch.nn.utils import parametrizations, prune

from gatesviz.player.payload import Panel, payload
from gatesviz.recordings import record
from tests.hostile import COMMANDS, MARKUP, TITLES
from tests.recordings.cases import Case

EVIL = "</script><script>alert(1)</script>"


class Tags(HTMLParser):
    """Notes all tags of a page, as a browser reads it, with the names of their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found = []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, *(name for name, _ in attributes)))


@pytest.mark.parametrize("text", [*TITLES, *COMMANDS, MARKUP, "-->", "]]>", "<!--<script>"])
def test_whatever_labels_titles_and_answers_hold_the_page_has_no_other_tags(text, tmp_path):
    case, readout = Case("gru"), nn.Linear(5, 2)
    recording, path = record(case.module(), case.inputs()), tmp_path / "page.html"
    found = []
    for each in ("plain", text):
        labels, answers = [f"{each} {t}" for t in range(6)], [each, f"{each}."]
        recording.to_html(path, labels=labels, title=each, readout=readout, answers=answers)
        found.append(Tags(path.read_text(encoding="utf-8")).found)
    assert len(found[0]) > 10
    assert found[0] == found[1]


@pytest.mark.parametrize("layout", ["batched", "unbatched", "packed"])
def test_one_sample_of_one_trace(layout, tmp_path):
    case = Case("gru", layers=2, bidirectional=True, layout=layout)
    recording = record(case.module(), case.inputs())
    sample = 0 if layout == "unbatched" else 2
    network = {key: trace.sample(sample) for key, trace in recording.traces.items()}
    trace = network[0, "backward"]
    labels = [f"step {t}" for t in range(trace.steps)]

    path = tmp_path / "page.html"
    recording.to_html(
        path, layer=0, direction="backward", sample=sample, labels=labels, title="Mine"
    )

    page = path.read_text(encoding="utf-8")
    wanted = payload([Panel(trace, labels=labels, title="Mine", network=network)])
    assert base64.b64encode(wanted).decode() in page
    assert "<title>Mine</title>" in page
    assert not re.search(r"""(src|href)=["']?https?:""", page)


def test_the_default_title_names_the_cell(tmp_path):
    record(Case().module(), Case().inputs()).to_html(tmp_path / "page.html")
    assert "<title>LSTM</title>" in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_a_title_is_text(tmp_path):
    record(Case().module(), Case().inputs()).to_html(tmp_path / "page.html", title=EVIL)
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert EVIL not in page
    assert html.escape(EVIL) in page


def test_what_is_not_there_is_named(tmp_path):
    recording = record(Case().module(), Case().inputs())
    with pytest.raises(IndexError, match="sample 9 does not exist: samples are 0 to 3"):
        recording.to_html(tmp_path / "page.html", sample=9)
    with pytest.raises(ValueError, match="labels"):
        recording.to_html(tmp_path / "page.html", labels=["one"])
    assert not (tmp_path / "page.html").exists()


LABELS = {
    "characters": ("abcdef", True),
    "a character is longer": (["a", "bc", *"defg"], False),
    "digits and letters": ("a1b2c3", True),
    "digits": ("012345", False),
    "numbers": (range(6), False),
    "numbers of NumPy": (np.arange(6) / 2, False),
}


@pytest.mark.parametrize(("labels", "text"), LABELS.values(), ids=LABELS)
def test_single_characters_are_a_text(labels, text, tmp_path):
    recording = record(Case(layout="unbatched").module(), Case(layout="unbatched").inputs())
    recording.to_html(tmp_path / "page.html", labels=labels)
    texts = [str(label) for label in labels]
    wanted = payload([Panel(recording.trace(), labels=texts, title="LSTM", text=text)])
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert base64.b64encode(wanted).decode() in page


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"labels": 5}, "labels: expected one for each step, got 5"),
        ({"labels": np.array(5)}, r"labels: expected one for each step, got array\(5\)"),
        ({"title": 5}, "title: expected a text, got 5"),
    ],
)
def test_what_is_no_text_is_named(wrong, says, tmp_path):
    recording = record(Case().module(), Case().inputs())
    with pytest.raises(TypeError, match=says):
        recording.to_html(tmp_path / "page.html", **wrong)
    assert not (tmp_path / "page.html").exists()


def answers(recording, readout):
    """Return the answers that the page shows for sample 0."""
    return recording._panel(-1, "forward", 0, None, None, readout, None).answers.values


@pytest.mark.parametrize("way", ["weight norm", "old weight norm", "spectral norm", "pruning"])
@pytest.mark.filterwarnings("ignore:.*weight_norm. is deprecated")
def test_a_readout_answers_with_the_weights_it_computes_with(way):
    recording, readout = record(Case().module(), Case().inputs()), nn.Linear(5, 3)
    if way == "weight norm":
        parametrizations.weight_norm(readout)
    elif way == "old weight norm":
        utils.weight_norm(readout)
        readout.weight_g.data *= 5  # the weight follows at the next call
    elif way == "spectral norm":
        utils.spectral_norm(readout).train()
    else:
        prune.l1_unstructured(readout, "weight", 0.5)
    before = {name: value.clone() for name, value in readout.state_dict().items()}
    found = answers(recording, readout)
    for name, value in readout.state_dict().items():
        assert value.equal(before[name])  # the power iteration's vectors, too
    h = torch.from_numpy(recording.trace().after("h")[:, 0]).float()
    np.testing.assert_allclose(found, readout(h).softmax(-1).detach(), atol=1e-6)


def doubled(readout):
    own = readout.forward
    readout.forward = lambda h: 2 * own(h)
    return readout


def hooked(readout, register):
    register(readout, lambda *given: None)
    return readout


class Twice(nn.Linear):
    def forward(self, input):
        return 2 * super().forward(input)


@pytest.mark.parametrize(
    ("readout", "error", "says"),
    [
        (doubled(nn.Linear(5, 3)), ValueError, "'forward' was replaced on this Linear"),
        (hooked(nn.Linear(5, 3), nn.Module.register_forward_hook), ValueError, "a forward hook"),
        (
            hooked(nn.Linear(5, 3), nn.Module.register_forward_pre_hook),
            ValueError,
            "a forward pre-hook",
        ),
        (Twice(5, 3), ValueError, "Twice has its own 'forward'"),
        (nn.Linear(5, 3, device="meta"), ValueError, "its weights have no values"),
        (nn.LSTM(5, 3, 2), TypeError, "expected a torch.nn.Linear, got torch.nn.modules.rnn.LSTM"),
    ],
)
def test_a_readout_that_would_answer_something_else_is_refused(readout, error, says, tmp_path):
    recording = record(Case().module(), Case().inputs())
    with pytest.raises(error, match=re.escape(says)) as caught:
        recording.to_html(tmp_path / "page.html", readout=readout)
    assert str(caught.value).startswith("readout: ")
    assert "expected" in str(caught.value)
    assert "\n" not in str(caught.value)
