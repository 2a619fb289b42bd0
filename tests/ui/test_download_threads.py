"""Every download of every page is made without a session, as Streamlit's server makes it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

import gatesviz as gv
from gatesviz.engine import stop_engine
from gatesviz.ui.compare.parameters import ANSWERS, HOLDS
from tests.ui.downloading import made_by_server, offered
from tests.ui.opening import opened
from tests.ui.test_model_upload import ALPHABET, Writer, saved
from tests.ui.test_train import SMALL, click, wait


def yours() -> dict[str, Any]:
    """A session with a model of your own."""
    spec = gv.TrainingSpec(task="recall", hidden_size=3, length=12)
    model = replace(gv.start(spec).model, key="my run")
    return {"handed models": (model,), "handed run": "trcells=LSTM"}


def of_file(page: str, **query: str) -> None:
    """Open the page with a model from a file."""
    app = opened(page, None, **query)
    data = saved({"state_dict": Writer().state_dict(), "chars": ALPHABET})
    app.file_uploader(key="model file").upload("model.pt", data, "").run()
    assert not app.exception


def trained() -> None:
    """Open *Train live* after a run."""
    app = opened("train", **SMALL, trcells="RNN")
    wait(click(app, "Train 10 updates"), made=10)
    stop_engine()


PAGES: dict[str, tuple[Callable[[], object], int]] = {
    "feed": (lambda: opened("feed", cell="several cells", edits="f@1=0"), 10),
    "feed, fresh": (lambda: opened("feed", weights="fresh", cell="GRU"), 4),
    "feed, yours": (lambda: opened("feed", yours(), weights="yours", cell="LSTM"), 4),
    "feed, file": (lambda: of_file("feed", weights="your file", text="the cat"), 4),
    "what if": (lambda: opened("what_if", wiview="free play", edits="f@25=0"), 2),
    "what if, yours": (
        lambda: opened(
            "what_if", yours(), wiview="free play", wimodel="yours: LSTM", edits="f@3=0"
        ),
        2,
    ),
    "what if, file": (lambda: of_file("what_if", wimodel="your file", text="the cat"), 2),
    "train": (trained, 2),
    "what people say": (lambda: opened("compare", coview="what people say", cosays=ANSWERS[0]), 3),
    "known results": (lambda: opened("compare", coview="known results", coholds=HOLDS[0]), 2),
}


@pytest.mark.parametrize("page", PAGES)
def test_a_download_needs_no_session(page: str) -> None:
    run, count = PAGES[page]
    with offered() as files:
        run()
    assert len(files) >= count, [*files]
    for make in files.values():
        assert len(made_by_server(make)) > 100
