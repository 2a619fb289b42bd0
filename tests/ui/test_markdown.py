"""Text from people stays text: no page takes it for Markdown, which could fetch a picture."""

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import torch
from streamlit.testing.v1 import AppTest
from torch import nn

import gatesviz as gv
from gatesviz.training import TrainedModel, own_series, own_text
from gatesviz.ui.what_if.parameters import FOR_GOOD, ONE_STEP, VIEWS
from tests.ui.opening import opened
from tests.ui.test_model_upload import saved

PICTURE = "![x](http://evil.example/p.png)"
CELL = "LSTM"


def sinks(app: AppTest) -> Iterator[str]:
    """Yield every text of a page that Streamlit reads as Markdown, labels and help included."""
    for kind in (
        "markdown",
        "info",
        "error",
        "warning",
        "success",
        "caption",
        "header",
        "subheader",
    ):
        for one in app.get(kind):
            yield one.value
    for one in [*app.main, *app.sidebar]:
        proto = getattr(one, "proto", None)
        yield getattr(proto, "label", "") or ""
        yield getattr(proto, "help", "") or ""
    for group in app.get("button_group"):
        yield group.proto.label
        yield from (option.content for option in group.proto.options)
    for table in app.table:
        yield table.value.to_csv()


def texts(app: AppTest) -> str:
    return "\n".join(one.value for one in app.text)


def check(app: AppTest) -> None:
    assert not app.exception
    assert not [text for text in sinks(app) if "evil.example" in text or "![" in text]


def own(kind: str) -> dict[str, Any]:
    """A session with a model that was trained on data with that text."""
    values = [[math.sin(k / 3), k * k % 7] for k in range(120)]
    data = own_series(values, PICTURE, ["b"]) if kind == "column" else own_text(PICTURE * 20)
    spec = gv.TrainingSpec(task=data, cell="lstm", hidden_size=3, length=8)
    model: TrainedModel = replace(gv.start(spec).model, key=f"own {kind}")
    return {"handed models": (model,), "handed run": "trcells=LSTM"}


@pytest.mark.parametrize("kind", ["column", "text"])
@pytest.mark.parametrize("view", VIEWS)
def test_what_if_shows_your_own_data_as_text(kind: str, view: str) -> None:
    app = opened("what_if", own(kind), wiview=view, wimodel=f"yours: {CELL}")
    check(app)
    if view in (ONE_STEP, FOR_GOOD):
        assert PICTURE[:20] in texts(app)


@pytest.mark.parametrize("page", ["feed", "find_unit", "gradients"])
@pytest.mark.parametrize("kind", ["column", "text"])
def test_other_pages_show_your_own_data_as_text(page: str, kind: str) -> None:
    weights = {"feed": "weights", "find_unit": "unmodel", "gradients": "grweights"}[page]
    label = f"yours: {CELL}" if page == "find_unit" else "yours"
    check(opened(page, own(kind), **{weights: label, "cell": CELL, "src": "table"}))


@pytest.mark.parametrize("page", ["feed", "what_if"])
def test_a_pasted_vocabulary_that_does_not_fit_is_shown_as_text(page: str) -> None:
    torch.manual_seed(0)
    query = {"wimodel": "your file"} if page == "what_if" else {"weights": "your file"}
    app = opened(page, text="abc", **query)
    app.file_uploader(key="model file").upload("m.pt", saved(nn.GRU(4, 3).state_dict()), "").run()
    app.selectbox(key="file input 1").select("one-hot entries of a vocabulary").run()
    app.text_area(key="file vocabulary").set_value(f"{[PICTURE, PICTURE, 'a', 'b']}").run()
    check(app)
    assert "The vocabulary doesn't fit." in [one.value for one in app.main.info]
    assert f"Vocabulary: '{PICTURE}' occurs twice" in "\n".join(o.value for o in app.main.text)
