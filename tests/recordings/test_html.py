"""The offline page of a recording shows the sample that was asked for, safely."""

import base64
import html
import re

import numpy as np
import pytest

from gatesviz.player.payload import Panel, payload
from gatesviz.recordings import record
from tests.recordings.cases import Case

EVIL = "</script><script>alert(1)</script>"


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
