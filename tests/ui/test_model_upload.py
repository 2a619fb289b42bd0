"""A model file on the pages, without a browser: its questions, its numbers, and broken files."""

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest
from torch import nn

from gatesviz.model_files import open_model
from gatesviz.ui.model_upload import PARAMETERS, UNKNOWN_CELL, UNKNOWN_INPUT, describe
from tests.model_files.test_hostile_files import FILES
from tests.serving import ROOT
from tests.ui.test_feed import open_feed, player, said

ALPHABET = "abcdefghijklmnopqrstuvwxyz ."
WORDS = ["<unk>", "the", "cat", "sat", "on", "mat"]


class Writer(nn.Module):
    """Embedding, two layers, readout over the same characters."""

    def __init__(self, entries: int = len(ALPHABET), **options: Any) -> None:
        super().__init__()
        self.letters = nn.Embedding(entries, 6)
        self.memory = nn.LSTM(6, 9, **options)
        self.decide = nn.Linear(9 * (1 + self.memory.bidirectional), entries)


def saved(value: object) -> bytes:
    file = io.BytesIO()
    torch.save(value, file)
    return file.getvalue()


def upload(data: bytes, name: str = "model.pt", **query: str) -> AppTest:
    app = open_feed(weights="your file", **query)
    app.file_uploader(key="model file").upload(name, data, "application/octet-stream").run()
    assert not app.exception
    return app


def player_shown(app: AppTest) -> bool:
    return any(one.proto.bytes for one in app.get("bidi_component"))


def sentence(app: AppTest) -> str:
    """The sentence after "That could not be read."."""
    assert [one.value for one in app.error] == ["That could not be read."]
    return said(app)


def test_the_page_of_a_link_says_which_model_is_missing() -> None:
    app = open_feed(weights="your file", file="gru-12-32-1-1")
    [told] = [one.value for one in app.main.info]  # where the sidebar is closed, as on a phone
    assert told.startswith("This link refers to a model from a file: GRU, I=12, H=32. Links don't")
    for more in ({}, {"file": "<b>"}):
        app = open_feed(weights="your file", **more)
        [told] = [one.value for one in app.main.info]
        assert told == "There is no model yet. Follow the instruction in the sidebar."


def test_a_checkpoint_with_its_vocabulary_plays_answers_and_writes() -> None:
    torch.manual_seed(0)
    model = Writer(num_layers=2)
    checkpoint = {"model_state_dict": model.state_dict(), "chars": ALPHABET, "epoch": 3}
    app = upload(saved(checkpoint), text="the cat sat")
    assert not app.error
    shown, arrays = player(app)
    assert "".join(shown["labels"]) == "the␣cat␣sat"
    x = model.letters(torch.tensor([ALPHABET.index(c) for c in "the cat sat"]))
    output = model.memory(x)[0]
    np.testing.assert_allclose(arrays["0.h"][1:], output.detach(), atol=1e-4)
    answers = model.decide(output).softmax(-1).detach()
    np.testing.assert_allclose(arrays["0.y"], answers, atol=1e-4)
    assert shown["panels"][0]["answers"]["names"][:2] == ["a", "b"]
    assert shown["panels"][0]["title"].endswith("layer 2 of 2")
    assert app.query_params["file"] == "lstm-6-9-2-1"
    assert "'letters' is the embedding: V=28, I=6." in said(app)
    assert "each as a vector of its embedding: a b c" in said(app)
    app.button(key="write on").click().run()
    assert not app.exception
    written = "".join(player(app)[0]["labels"]).replace("␣", " ")
    assert len(written) == 211
    assert written.startswith("the cat sat")


def test_what_the_shapes_leave_open_is_asked_and_bad_vocabularies_are_refused() -> None:
    torch.manual_seed(1)
    parts = nn.ModuleDict({"first": nn.GRU(5, 4), "second": nn.RNN(5, 3, nonlinearity="relu")})
    app = upload(saved(parts.state_dict()), text="abcde")
    app.selectbox(key="file part 1").select_index(1).run()
    assert UNKNOWN_CELL in [one.value for one in app.info]
    app.selectbox(key="file cell 1").select("RNN, ReLU").run()
    app.selectbox(key="file input 1").select("one-hot entries of a vocabulary").run()
    assert "Paste its vocabulary" in sentence(app)
    app.text_area(key="file vocabulary").set_value("abcd").run()
    assert "4 characters, 1 words and 1 lines: expected 5 of one of them" in said(app)
    for pasted in (
        "abcde",
        '["a", "b", "c", "d", "e"]',
        '{"a":0,"b":1,"c":2,"d":3,"e":4}',
        "a\nb\nc\nd\ne",
    ):
        app.text_area(key="file vocabulary").set_value(pasted).run()
        assert not app.error
        shown, arrays = player(app)
        x = torch.eye(5)
        np.testing.assert_allclose(arrays["0.h"][1:], parts["second"](x)[0].detach(), atol=1e-4)
        assert shown["panels"][0]["features"] == [*"abcde"]


@pytest.mark.parametrize("pasted", ["/etc/passwd.txt", "a.json", "[" * 5000, '{"a": 1}', "\0" * 9])
def test_a_pasted_vocabulary_is_never_a_path(pasted: str) -> None:
    app = upload(saved(nn.LSTM(5, 3).state_dict()), text="abcde")
    app.selectbox(key="file input 1").select("one-hot entries of a vocabulary").run()
    app.text_area(key="file vocabulary").set_value(pasted).run()
    assert not app.exception
    assert "ocabulary" in said(app)


def test_numbers_are_read_from_every_source_and_columns_from_a_table() -> None:
    torch.manual_seed(2)
    one = nn.GRU(1, 4, bidirectional=True)
    app = upload(saved(one.state_dict()), src="wave", steps="30")
    assert not app.error
    shown, arrays = player(app)
    x = torch.tensor(arrays["0.x"], dtype=torch.float32)
    np.testing.assert_allclose(arrays["0.h"][1:], one(x)[0][:, :4].detach(), atol=1e-3)
    assert app.query_params["file"] == "gru-1-4-1-2"
    three = nn.LSTM(3, 4)
    app = upload(saved(three.state_dict()), src="wave")
    app.selectbox(key="file input 1").select("numbers").run()
    assert "reads 3 numbers at each step, and this input has 1" in sentence(app)
    app.selectbox(key="src").select("table").run()
    rows = "\n".join(f"{k},{k * k % 7},{k % 3},{k % 5}" for k in range(12))
    app.text_area(key="pasted").set_value(f"a,b,c,d\n{rows}").run()
    app.selectbox(key="scale").select("not scaled").run()
    app.multiselect(key="file columns").set_value(["d", "b", "c"]).run()
    assert not app.error
    shown, arrays = player(app)
    assert shown["panels"][0]["features"] == ["d", "b", "c"]
    x = torch.tensor([[k % 5, k * k % 7, k % 3] for k in range(12)], dtype=torch.float32)
    np.testing.assert_allclose(arrays["0.h"][1:], three(x)[0].detach(), atol=1e-4)


def test_words_and_numbers_of_entries_are_read_as_entries() -> None:
    model = Writer(len(WORDS), bidirectional=True)
    app = upload(saved(model.state_dict()), text="the cat saw the mat")
    app.text_area(key="file vocabulary").set_value(json.dumps(WORDS)).run()
    shown, _ = player(app)
    assert shown["labels"] == ["the", "cat", "<unk>", "the", "mat"]
    assert "because the model doesn't know them: “saw”." in said(app)
    assert not shown["text"]
    app.selectbox(key="src").select("numbers").run()
    app.text_area(key="num").set_value("1 2 3 6").run()
    assert "a whole number from 0 to 5. This input has 6 at step 3" in sentence(app)
    app.text_area(key="num").set_value("1 2 3 5").run()
    assert player(app)[0]["labels"] == ["the", "cat", "sat", "mat"]


def test_the_meaning_of_answers_is_asked() -> None:
    class Counter(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.rnn, self.head = nn.LSTM(1, 4), nn.Linear(4, 3)

    model = Counter()
    app = upload(saved(model.state_dict()), src="wave")
    assert player(app)[0]["panels"][0]["answers"] is None
    app.selectbox(key="file meaning 1").select_index(1).run()
    shown, arrays = player(app)
    x = torch.tensor(arrays["0.x"], dtype=torch.float32)
    expected = model.head(model.rnn(x)[0]).sigmoid().detach()
    np.testing.assert_allclose(arrays["0.y"], expected, atol=1e-3)
    assert shown["panels"][0]["answers"]["kind"] == "set"


def test_a_link_says_which_model_is_missing() -> None:
    app = open_feed(weights="your file", file="lstm-20-64-2-2", text="hello")
    assert not app.exception
    assert not app.error
    [info] = [one.value for one in app.sidebar.info]
    assert "LSTM, I=20, H=64, 2 layers, both directions." in info
    for code in ("lstm-20-64", "evil-1-1-1-1", "lstm-1-1-1-3", "<b>", "lstm-9999999-1-1-1"):
        assert PARAMETERS["file"].problem(code)
    assert describe("gru-1-4-1-1") == "GRU, I=1, H=4"


def test_broken_and_hostile_files_get_a_sentence(tmp_path: Path) -> None:
    """Some that fail when they are listed, and some that fail when their weights are read."""
    app = open_feed(weights="your file")
    for name in ("runs code", "whole module", "bomb", "short record", "empty", "text"):
        make, _ = FILES[name]
        data = make(tmp_path / "m")
        app.file_uploader(key="model file").upload(f"{name}.pt", data, "text/plain").run()
        assert not app.exception
        assert f"'{name.replace(' ', '_')}.pt'" in sentence(app)
        assert not (ROOT / "hacked").exists()
    make, _ = FILES["NaN"]
    app.file_uploader(key="model file").upload("n.pt", make(tmp_path / "m"), "text/plain").run()
    app.selectbox(key="file input 1").select("numbers").run()
    assert "'n.pt': 'weight_hh_l0': 64 of its 64 values are NaN" in said(app)
    assert not player_shown(app)


def test_an_open_question_leaves_the_earlier_model() -> None:
    app = upload(saved({"state_dict": Writer().state_dict(), "vocab": ALPHABET}), text="a cat")
    before = player(app)[0]["id"]
    app.selectbox(key="file input 1").select("numbers").run()
    assert "it reads numbers. Choose another input" in sentence(app)
    app.file_uploader(key="model file").upload("n.pt", saved(nn.LSTM(9, 4).state_dict()), "").run()
    assert not app.exception
    assert UNKNOWN_INPUT in [one.value for one in app.info]
    assert player(app)[0]["id"] == before


def test_a_broken_file_leaves_the_earlier_model() -> None:
    app = upload(saved(nn.GRU(1, 4).state_dict()), src="wave")
    before = player(app)[0]["id"]
    app.file_uploader(key="model file").clear().run()
    assert player(app)[0]["id"] == before
    app.file_uploader(key="model file").upload("x.pt", b"nothing", "text/plain").run()
    assert "'x.pt' has an unknown format" in sentence(app)
    assert player(app)[0]["id"] == before


def test_the_model_is_on_the_gradients_page() -> None:
    model = Writer(num_layers=1)
    app = upload(saved({"state_dict": model.state_dict(), "vocab": ALPHABET}))
    app.switch_page("../../pages/gradients.py")
    app.query_params["grw"], app.query_params["grlen"] = "your file", "20"
    app.query_params["grshow"] = "true"
    app.run()
    assert not app.exception
    assert "'memory' of 'model.pt' is opened as LSTM" in said(app)
    app.query_params.clear()
    lost = AppTest.from_file(str(ROOT / "gatesviz" / "ui" / "main.py"), default_timeout=60)
    lost.switch_page("../../pages/gradients.py")
    lost.query_params["grw"], lost.query_params["file"] = "your file", "lstm-6-9-1-1"
    lost.run()
    assert not lost.exception
    assert any("LSTM, I=6, H=9." in one.value for one in lost.sidebar.info)


def test_opening_without_an_embedding_or_readout(tmp_path: Path) -> None:
    path = tmp_path / "m.pt"
    torch.save(Writer().state_dict(), path)
    opened = open_model(path, embedding=False, readout=False)
    assert opened.embedding is None
    assert opened.readout is None
    assert "Left alone" in opened.notes[-1]
