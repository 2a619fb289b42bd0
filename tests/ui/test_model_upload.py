"""A model file on the pages, without a browser: its questions, its numbers, and broken files."""

import base64
import io
import json
from dataclasses import replace
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
from tests.ui.test_what_if import open_page

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


def test_a_model_that_reads_backwards_is_refused_with_what_to_do() -> None:
    pytest.importorskip("h5py", reason="reading Keras files needs h5py")
    folder = ROOT / "tests" / "model_files" / "keras_files"
    data = (folder / "masked_backwards.keras").read_bytes()
    app = upload(data, "m.keras")
    assert (
        "“gru” reads a sequence from its last step to its first, which the pages can't show. In"
        " Python, gatesviz.open_model opens it, and features(text) returns the steps in that order."
    ) in said(app)
    assert not player_shown(app)


def test_what_the_shapes_leave_open_is_asked_and_bad_vocabularies_are_refused() -> None:
    torch.manual_seed(1)
    parts = nn.ModuleDict({"first": nn.GRU(5, 4), "second": nn.RNN(5, 3, nonlinearity="relu")})
    app = upload(saved(parts.state_dict()), text="abcde")
    app.selectbox(key="file part 1").select_index(1).run()
    assert UNKNOWN_CELL in [one.value for one in app.info]
    app.selectbox(key="file cell 1").select("RNN, ReLU").run()
    app.selectbox(key="file input 1").select("one-hot entries of a vocabulary").run()
    assert not app.error  # the file is good; only its vocabulary is missing
    assert "still shows the last valid" not in said(app)
    [told] = [one.value for one in app.main.info]
    assert told.startswith("Your model is open. To read a text, it also needs its vocabulary")
    assert "each of its 5 entries" in told
    assert not player_shown(app)
    app.text_area(key="file vocabulary").set_value("abcd").run()
    assert "This text has 4 characters, 1 word and 1 line." in said(app)
    [told] = [one.value for one in app.main.info]
    assert told == "The vocabulary doesn't fit."
    [told] = [one.value for one in app.main.text]
    assert told.startswith("Vocabulary: expected 5 different")
    app.selectbox(key="src").select("numbers").run()  # they begin with numbers of entries
    assert player(app)[0]["labels"] == ["0", "1", "2", "3", "4", "0", "1", "2"]
    app.selectbox(key="src").select("text").run()
    for pasted in (
        "abcde",
        '["a", "b", "c", "d", "e"]',
        '{"a":0,"b":1,"c":2,"d":3,"e":4}',
        "a\nb\nc\nd\ne",
        "chars = ['a', 'b', 'c', 'd', 'e']",
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
    app.file_uploader(key="model file").upload("3.pt", saved(three.state_dict())).run()
    [told] = [one.value for one in app.main.info]
    assert told == f"{UNKNOWN_INPUT} The menu is in the sidebar."
    assert not player_shown(app)  # the model of before is no longer in use
    app.selectbox(key="file input 2").select("numbers").run()
    assert not app.error
    assert app.selectbox(key="src").value == "table"  # the only input with 3 numbers
    app.selectbox(key="src").select("numbers").run()
    assert "reads 3 numbers at each step, and this input has 1" in sentence(app)
    app.selectbox(key="src").select("table").run()
    rows = "\n".join(f"{k},{k * k % 7},{k % 3},{k % 5}" for k in range(12))
    app.text_area(key="pasted").set_value(f"a,b,c,d\n{rows}").run()
    assert app.selectbox(key="scale").value == "not scaled"  # the numbers as they are
    assert app.multiselect(key="file columns").value == ["b", "c", "d"]  # a counts the rows
    app.multiselect(key="file columns").set_value(["d", "b", "c"]).run()
    assert not app.error
    shown, arrays = player(app)
    assert shown["panels"][0]["features"] == ["d", "b", "c"]
    assert shown["labels"][:2] == ["row 2", "row 3"]  # of the table, not numbers that are read
    x = torch.tensor([[k % 5, k * k % 7, k % 3] for k in range(12)], dtype=torch.float32)
    np.testing.assert_allclose(arrays["0.h"][1:], three(x)[0].detach(), atol=1e-4)


def test_another_part_of_the_file_takes_as_many_columns_as_it_reads() -> None:
    torch.manual_seed(1)
    parts = nn.ModuleDict({"wide": nn.GRU(3, 4), "thin": nn.LSTM(2, 5)})
    rows = "a,b,c\n1,2,3\n4,5,6\n7,8,9\n2,3,4"
    app = open_feed(weights="your file", src="table", file_input="numbers")
    app.session_state["pasted"] = rows
    app.file_uploader(key="model file").upload("m.pt", saved(parts.state_dict()), "").run()
    assert not app.exception
    app.multiselect(key="file columns").set_value(["c", "a", "b"]).run()
    for number, chosen in ((1, ["c", "a"]), (0, ["c", "a", "b"]), (1, ["c", "a"])):
        app.selectbox(key="file part 1").select_index(number).run()
        assert not app.exception
        assert app.multiselect(key="file columns").value == chosen
        read = [["abc".index(name) for name in chosen]]
        values = np.float32([[1, 2, 3], [4, 5, 6], [7, 8, 9], [2, 3, 4]])[:, read[0]]
        with torch.no_grad():
            expected = [*parts.values()][number](torch.from_numpy(values))[0]
        np.testing.assert_allclose(player(app)[1]["0.h"][1:], expected, atol=1e-3)
    app.multiselect(key="file columns").set_value(["c"]).run()  # the reader takes one away
    assert "the model reads 2 columns, and 1 is chosen" in said(app).lower()
    app.multiselect(key="file columns").set_value(["c", "b"]).run()
    assert "The model reads “c”, “b”, in this order. Not used: “a”." in said(app)
    app.selectbox(key="file part 1").select_index(0).run()
    assert "Not used" not in said(app)  # all three are read
    app.text_area(key="pasted").set_value("a,b\n1,2\n4,5\n7,8").run()
    assert "the model reads 3 columns, and this table has 2 columns of numbers" in said(app).lower()


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


def test_the_numbers_of_a_table_begin_as_they_are_for_a_model_from_a_file() -> None:
    app = open_feed(src="table", weights="fresh")
    app.text_area(key="pasted").set_value("a\n10\n20\n60\n").run()
    assert app.selectbox(key="scale").value == "mean 0, deviation 1"
    app.selectbox(key="weights").select("your file").run()
    data = saved(nn.GRU(1, 3).state_dict())
    app.file_uploader(key="model file").upload("one.pt", data).run()
    assert app.selectbox(key="scale").value == "not scaled"
    np.testing.assert_allclose(player(app)[1]["0.x"][:, 0], [10, 20, 60], rtol=1e-3)
    app.selectbox(key="scale").select("−1 to 1").run()
    assert app.selectbox(key="scale").value == "−1 to 1"
    app.selectbox(key="weights").select("fresh").run()
    assert app.selectbox(key="scale").value == "−1 to 1"  # a choice stays
    assert not app.exception


def test_a_scale_that_is_another_inputs_default_stays_if_you_chose_it() -> None:
    app = upload(saved(nn.GRU(1, 3).state_dict()), "one.pt", src="table")
    app.text_area(key="pasted").set_value("a\n10\n20\n60\n").run()
    assert app.selectbox(key="scale").value == "not scaled"
    app.selectbox(key="scale").select("mean 0, deviation 1").run()
    app.selectbox(key="src").select("real series").run()
    assert app.selectbox(key="scale").value == "mean 0, deviation 1"
    app.selectbox(key="src").select("table").run()
    assert app.selectbox(key="scale").value == "mean 0, deviation 1"
    assert not app.exception


def test_a_scale_that_nobody_chose_is_the_default_of_each_input() -> None:
    app = upload(saved(nn.GRU(1, 3).state_dict()), "one.pt", src="table")
    app.text_area(key="pasted").set_value("a\n10\n20\n60\n").run()
    for source, scale in (("real series", "mean 0, deviation 1"), ("table", "not scaled")) * 2:
        app.selectbox(key="src").select(source).run()
        assert app.selectbox(key="scale").value == scale


@pytest.mark.parametrize("page", ["feed", "what_if"])
@pytest.mark.parametrize(
    ("known", "read"), [(["a"], "a"), (["<unk>", "cat"], "cat"), (["<unk>"], "<unk>")]
)
def test_the_first_text_of_a_tiny_vocabulary_can_be_read(
    page: str, known: list[str], read: str
) -> None:
    app = open_feed(weights="your file") if page == "feed" else open_page(wimodel="your file")
    model = Writer(len(known))
    data = saved({"state_dict": model.state_dict(), "vocab": known})
    app.file_uploader(key="model file").upload("tiny.pt", data, "").run()
    assert not app.exception
    assert not app.error
    shown, arrays = player(app)
    assert set(shown["labels"]) == {read}
    x = model.letters(torch.full((len(shown["labels"]),), known.index(read)))
    assert len(x) > 1
    with torch.no_grad():
        np.testing.assert_allclose(arrays["0.h"][1:], model.memory(x)[0], atol=1e-3)


def test_of_several_mappings_the_page_asks_to_paste_one() -> None:
    texts = {"mine": ALPHABET, "yours": ALPHABET[::-1]}
    held = {name: {letter: k for k, letter in enumerate(text)} for name, text in texts.items()}
    app = upload(saved({"state_dict": Writer().state_dict(), **held}), text="a cat")
    asked = "In the file, 'mine', 'yours' differ, and each could be the vocabulary. Paste the right"
    assert f"{asked} one. Or choose" in said(app)
    app.text_area(key="file vocabulary").set_value("".join(ALPHABET)).run()
    assert player_shown(app)
    assert "each could be the vocabulary" not in said(app)
    moods = {word: k for k, word in enumerate(WORDS[1:])}
    app = upload(saved({"state_dict": Writer(5).state_dict(), "moods": moods}))
    asked = "In the file, 'moods' could be the vocabulary or the names of the answers. Paste the"
    assert f"{asked} right one." in said(app)
    app.text_area(key="file vocabulary").set_value(str(moods)).run()
    assert player_shown(app)


@pytest.mark.parametrize("page", ["feed", "gradients"])
def test_a_link_does_not_name_an_earlier_file_while_a_question_is_open(page: str) -> None:
    app = upload(saved({"state_dict": Writer().state_dict(), "chars": ALPHABET}), text="a cat")
    if page == "gradients":
        on_gradients(app)
    assert "lstm-6-9-1-1" in app.query_params["file"]
    plain = saved(nn.RNN(1, 4).state_dict())
    app.file_uploader(key="model file").upload("rnn.pt", plain, "").run()
    assert not app.exception
    assert UNKNOWN_CELL in [one.value for one in app.sidebar.info]
    assert "file" not in app.query_params
    cell = next(one for one in app.selectbox if one.label.startswith("Nonlinearity"))
    cell.select("RNN, ReLU").run()
    assert "rnn_relu-1-4-1-1" in app.query_params["file"]


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
    app.selectbox(key="file meaning 1").select("{} numbers").run()
    assert app.selectbox(key="file meaning 1").options[2] == "3 numbers"
    shown, arrays = player(app)
    numbers = model.head(model.rnn(x)[0]).detach()
    assert (numbers < 0).any()  # no probabilities
    np.testing.assert_allclose(arrays["0.y"], numbers, atol=1e-3)
    assert shown["panels"][0]["answers"]["kind"] == "number"
    assert shown["panels"][0]["answers"]["names"] == ["number 0", "number 1", "number 2"]


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
        if name == "whole module":
            [code] = [one.value for one in app.code]
            assert code.startswith("model = torch.load('whole_module.pt'")
            assert code.endswith("\ntorch.save(model.state_dict(), 'weights.pt')")
    make, _ = FILES["NaN"]
    app.file_uploader(key="model file").upload("n.pt", make(tmp_path / "m"), "text/plain").run()
    nan = "'n.pt': 'weight_hh_l0': 64 of its 64 values are NaN"
    assert nan in said(app)  # before any question about a file that can't be used
    assert UNKNOWN_INPUT not in [one.value for one in app.info]
    app.selectbox(key="file input 1").select("numbers").run()
    assert "'n.pt': 'weight_hh_l0': 64 of its 64 values are NaN" in said(app)
    assert not player_shown(app)


def test_an_open_question_is_asked_on_the_page_and_no_other_model_stays_there() -> None:
    app = upload(saved({"state_dict": Writer().state_dict(), "vocab": ALPHABET}), text="a cat")
    assert player_shown(app)
    app.selectbox(key="file input 1").select("numbers").run()
    assert not app.error
    assert "made with another model" not in said(app)
    assert app.selectbox(key="src").value == "table"
    assert [one.value for one in app.main.info] == [
        "There is no input yet. Follow the instruction in the sidebar."
    ]
    app.file_uploader(key="model file").upload("n.pt", saved(nn.LSTM(9, 4).state_dict()), "").run()
    assert not app.exception
    assert UNKNOWN_INPUT in [one.value for one in app.sidebar.info]
    [told] = [one.value for one in app.main.info]
    assert told.startswith(UNKNOWN_INPUT)
    assert not player_shown(app)


def test_a_broken_file_leaves_the_earlier_model() -> None:
    app = upload(saved(nn.GRU(1, 4).state_dict()), src="wave")
    before = player(app)[0]["id"]
    app.file_uploader(key="model file").clear().run()
    assert player(app)[0]["id"] == before
    app.file_uploader(key="model file").upload("x.pt", b"nothing", "text/plain").run()
    assert "'x.pt' has an unknown format" in sentence(app)
    assert player(app)[0]["id"] == before


def on_gradients(app: AppTest, **query: str) -> AppTest:
    app.switch_page("../../pages/gradients.py")
    for name, text in {"grw": "your file", "grlen": "20", "grshow": "true", **query}.items():
        app.query_params[name] = text
    app.run()
    assert not app.exception
    return app


def by_inputs(model: Writer, text: str) -> list[float]:
    """‖∂L/∂x‖ at each step; L is the sum of the last h."""
    read = torch.tensor([ALPHABET.index(character) for character in text])
    x = model.letters(read).detach().requires_grad_()
    model.memory(x)[0][-1].sum().backward()
    assert x.grad is not None
    found: list[float] = x.grad.norm(dim=-1).tolist()
    return found


def curve(app: AppTest) -> list[float]:
    """The values of the first chart."""
    values = json.loads(app.get("plotly_chart")[0].proto.spec)["data"][0]["y"]
    return np.frombuffer(base64.b64decode(values["bdata"]), values["dtype"]).tolist()


def test_the_gradients_page_opens_on_a_text_that_the_model_reads() -> None:
    """On the text that it was fed, or else one in its letters: not on noise."""
    model, which = Writer(num_layers=1), {"grview": "which input matters"}
    data = saved({"state_dict": model.state_dict(), "vocab": ALPHABET})
    app = on_gradients(upload(data), **which)
    assert "It reads “to see a gate feed it a sequence”, repeated or cut so that" in said(app)
    assert app.selectbox(key="grin").value == "text"
    assert "'memory' of 'model.pt' is opened as LSTM" in said(app)
    assert curve(app) == pytest.approx(by_inputs(model, "to see a gate feed i"), rel=1e-4)
    app.selectbox(key="grin").select("random noise").run()
    assert "It reads" not in said(app)
    app.slider(key="grlen").set_value(21).run()
    assert app.selectbox(key="grin").value == "random noise"  # the reader's choice stays
    app = on_gradients(upload(data, text="the cat. "), **which)
    assert "It reads “the cat. ”, repeated or cut" in said(app)
    assert curve(app) == pytest.approx(by_inputs(model, "the cat. the cat. th"), rel=1e-4)
    app = on_gradients(upload(data), grtext="a dog. ", **which)  # a link, in a new session
    assert "It reads “a dog. ”, repeated or cut" in said(app)
    assert curve(app) == pytest.approx(by_inputs(model, "a dog. a dog. a dog."), rel=1e-4)


def test_the_gradients_page_shows_the_entries_that_are_read_not_the_typed_text() -> None:
    known = ["the", "cat", "sat", "mat", "on"]
    data = saved({"state_dict": Writer(len(known)).state_dict(), "vocab": known})
    app = on_gradients(upload(data, text="The purple cat never sat on the mat."))
    assert "It reads “the cat sat on the mat”, repeated or cut so that there are T steps. This" in (
        said(app)
    )
    assert "is your text in the words that it knows." in said(app)
    assert "purple" not in said(app)
    data = saved({"state_dict": Writer().state_dict(), "vocab": ALPHABET})
    app = on_gradients(upload(data, text="A Café, quick"))
    assert "It reads “a cafe quick”, repeated" in said(app)
    assert "is your text in the characters that it knows." in said(app)
    assert "in the characters that" not in said(on_gradients(upload(data, text="the cat.  ")))


def test_noise_of_fresh_weights_is_not_what_a_model_of_a_file_begins_with() -> None:
    app = upload(saved({"state_dict": Writer().state_dict(), "vocab": ALPHABET}))
    app = on_gradients(app, grw="fresh")
    assert app.selectbox(key="grin").value == "random noise"
    app.selectbox(key="grw").select("your file").run()
    assert app.selectbox(key="grin").value == "text"
    linked = upload(saved({"state_dict": Writer().state_dict(), "vocab": ALPHABET}))
    linked = on_gradients(linked, grin="random noise")
    assert linked.selectbox(key="grin").value == "random noise"
    unnamed = on_gradients(upload(saved(Writer().state_dict())))  # without a vocabulary
    assert unnamed.selectbox(key="grin").value == "random noise"


def test_opening_without_an_embedding_or_readout(tmp_path: Path) -> None:
    path = tmp_path / "m.pt"
    torch.save(Writer().state_dict(), path)
    opened = open_model(path, embedding=False, readout=False)
    assert opened.embedding is None
    assert opened.readout is None
    assert "Ignored" in opened.notes[-1]


def test_a_file_is_compared_with_the_link_that_was_followed_last() -> None:
    """And no longer once you chose other weights: the address then names no file."""
    data = saved({"state_dict": Writer().state_dict(), "vocab": ALPHABET})
    app = upload(data, text="a cat", file="gru-6-9-1-1")
    assert "made with another model: GRU, I=6, H=9. This file has LSTM, I=6, H=9." in said(app)
    app.run()
    assert "made with another model: GRU, I=6, H=9." in said(app)
    app.query_params["file"] = "lstm-6-8-1-1"
    app.run()
    assert "made with another model: LSTM, I=6, H=8." in said(app)
    app.selectbox(key="weights").select("recall").run()
    app.selectbox(key="weights").select("your file").run()
    assert player_shown(app)
    assert "made with another model" not in said(app)


def test_a_link_to_gradients_of_a_file_asks_for_the_file_and_shows_no_other_model() -> None:
    app = on_gradients(open_feed(), file="lstm-6-9-1-1", grguess="10")
    assert "was not used" not in said(app)
    assert app.selectbox(key="grw").value == "your file"
    [told] = [one.value for one in app.main.info]
    assert "a model from a file: LSTM, I=6, H=9." in told
    assert told.endswith("The upload is in the sidebar.")
    assert not app.get("plotly_chart")
    model = Writer(num_layers=1)
    two = saved({"state_dict": Writer(num_layers=2).state_dict(), "vocab": ALPHABET})
    app.file_uploader(key="model file").upload("two.pt", two, "").run()
    assert "You guessed 10 steps" in said(app) + " ".join(m.value for m in app.markdown)
    assert "made with another model: LSTM, I=6, H=9. This file has LSTM, I=6, H=9, 2" in said(app)
    data = saved({"state_dict": model.state_dict(), "vocab": ALPHABET})
    app.file_uploader(key="model file").upload("mine.pt", data, "").run()
    assert "made with another model" not in said(app)
    assert not app.exception
    assert app.selectbox(key="grin").value == "text"
    app.file_uploader(key="model file").upload("two.pt", two, "").run()
    assert "made with another model" not in said(app)  # the link's model has been there
    assert not app.main.info
    assert app.get("plotly_chart")


def test_what_a_readout_reads_of_both_directions_is_asked_and_kept_in_the_link() -> None:
    torch.manual_seed(5)
    model = Writer(bidirectional=True)
    model.decide = nn.Linear(18, 3)
    names = ["bad", "so-so", "good"]
    held = {"state_dict": model.state_dict(), "vocab": ALPHABET, "classes": names}
    data = saved(held)
    app = upload(data, text="the cat sat")
    asked = "doesn't show whether the readout reads both directions at each step"
    for pages in (app, on_gradients(upload(data, text="the cat sat"))):
        assert said(pages).count(asked) == 1
        assert "readout_input=" not in said(pages)  # which is for Python
    assert player(app)[0]["panels"][0]["answers"] is None  # no number that may be another's
    assert app.selectbox(key="file input 1").options[0] == "entries of letters"  # not cut off
    app.selectbox(key="file reads 1").select("once, the final states h_n").run()
    app.selectbox(key="file meaning 1").select_index(0).run()
    x = model.letters(torch.tensor([ALPHABET.index(c) for c in "the cat sat"]))
    output, (h, _) = model.memory(x)
    chances = model.decide(torch.cat([h[-2], h[-1]], -1)).softmax(-1).detach().numpy()
    assert player(app)[0]["panels"][0]["answers"] is None
    for name, chance in zip(names, chances, strict=True):
        assert f"{name}: {chance:.1%}".replace("%", " %") in said(app)
    assert {**app.query_params}["file_reads"] == "h_n"
    assert {**app.query_params}["file_meaning"] == "classes"
    app.selectbox(key="file reads 1").select_index(0).run()
    shown, arrays = player(app)
    each = model.decide(output).softmax(-1).detach()
    np.testing.assert_allclose(arrays["0.y"], each, atol=1e-4)
    question = shown["panels"][0]["answers"]["question"]
    assert question == "From this step, your readout gives these probabilities (softmax):"
    assert "A model that reads the final states h_n has another answer" in said(app)
    link = {"file_reads": "h_n", "file_meaning": "classes", "file": "lstm-6-9-1-2"}
    other = upload(data, text="the cat sat", **link)  # the link brings the choices
    assert other.selectbox(key="file reads 1").value == "once, the final states h_n"
    assert f"bad: {chances[0]:.1%}".replace("%", " %") in said(other)
    assert "was ignored" not in said(other)
    assert "was not used" not in said(other)
    again = {"state_dict": Writer(bidirectional=True).state_dict(), "vocab": ALPHABET}
    other.file_uploader(key="model file").upload("second.pt", saved(again), "").run()
    assert not {"file_reads", "file_meaning"} & {*other.query_params}  # made for the first file
    assert other.selectbox(key="file reads 2").value is None


def test_a_readout_of_one_direction_can_read_the_last_step_only() -> None:
    torch.manual_seed(6)
    model = Writer(num_layers=1)
    model.decide = nn.Linear(9, 3)
    data = saved({"state_dict": model.state_dict(), "vocab": ALPHABET, "classes": ["a", "b", "c"]})
    app = upload(data, text="the cat sat")
    app.selectbox(key="file meaning 1").select_index(0).run()
    shown, each = player(app)
    question = shown["panels"][0]["answers"]["question"]
    assert question == "Your readout gives these probabilities (softmax):"
    assert "reads the last step only" not in said(app)
    app.selectbox(key="file reads 1").select("the output of the last step only").run()
    shown, last = player(app)
    question = shown["panels"][0]["answers"]["question"]
    assert question == (
        "If the sequence ends here, your readout gives these probabilities (softmax):"
    )
    assert "is what the model answers if the sequence ends there" in said(app)
    np.testing.assert_array_equal(last["0.y"], each["0.y"])
    x = model.letters(torch.tensor([ALPHABET.index(c) for c in "the cat"]))
    shorter = model.decide(model.memory(x)[1][0][-1]).softmax(-1).detach()
    np.testing.assert_allclose(last["0.y"][6], shorter, atol=1e-4)
    assert {**app.query_params}["file_reads"] == "h_n"
    assert not app.exception
    app.selectbox(key="file reads 1").select_index(0).run()
    assert "file_reads" not in {**app.query_params}


def test_a_matrix_that_can_be_the_embedding_or_the_readout_is_asked() -> None:
    torch.manual_seed(7)
    rec, answer = nn.GRU(8, 8), nn.Linear(8, 3, bias=False)
    data = saved(nn.ModuleDict({"rec": rec, "answer": answer}).state_dict())
    app = upload(data, text="abcdefgh")
    assert UNKNOWN_INPUT in [one.value for one in app.info]
    app.selectbox(key="file input 1").select("one-hot entries of a vocabulary").run()
    app.text_area(key="file vocabulary").set_value("abcdefgh").run()
    app.selectbox(key="file meaning 1").select_index(0).run()
    _, arrays = player(app)
    expected = answer(rec(torch.eye(8))[0]).softmax(-1).detach()
    np.testing.assert_allclose(arrays["0.y"], expected, atol=1e-4)
    app.selectbox(key="file input 1").select("answer").run()  # then it isn't the readout, too
    app.text_area(key="file vocabulary").set_value("abc").run()
    assert "'answer' is the embedding: V=3, I=8." in said(app)
    assert "is the readout" not in said(app)


def test_hidden_units_between_two_layers_are_not_shown_as_answers() -> None:
    model = Writer(num_layers=1)
    model.decide = nn.Sequential(nn.Linear(9, 32), nn.ReLU(), nn.Linear(32, 3))
    app = upload(saved({"state_dict": model.state_dict(), "vocab": ALPHABET}), text="a cat")
    assert player(app)[0]["panels"][0]["answers"] is None
    told = "'decide.0' and 'decide.2' are two linear layers after the module. The file doesn't say"
    assert told in said(app)
    assert "so no answers are shown" in said(app)
    assert "readout=" not in said(app)  # the page has no such menu
    assert "file meaning 1" not in [one.key for one in app.selectbox]


def translator() -> nn.Module:
    """An encoder and a decoder of equal sizes, each with an embedding of its own."""
    torch.manual_seed(3)
    encoder = nn.ModuleDict({"emb": nn.Embedding(5, 4), "lstm": nn.LSTM(4, 3)})
    decoder = nn.ModuleDict({"emb": nn.Embedding(5, 4), "lstm": nn.LSTM(4, 3)})
    decoder["out"], decoder["tags"] = nn.Linear(3, 5), nn.Linear(3, 4)
    return nn.ModuleDict({"encoder": encoder, "decoder": decoder})


def of_decoder(app: AppTest, model: Any, data: bytes, path: Path) -> None:
    """The page shows the decoder with the matrices that open_model takes, and torch's numbers."""
    path.write_bytes(data)
    opened = open_model(path, part="decoder.lstm", readout="decoder.out")
    assert app.selectbox(key="file input 1").value == "decoder.emb"
    x = opened.features([0, 1, 2, 4])
    with torch.no_grad():
        assert torch.equal(x, model["decoder"]["emb"](torch.tensor([0, 1, 2, 4])))
        expected = model["decoder"]["lstm"](x)[0]
    np.testing.assert_allclose(player(app)[1]["0.h"][1:], expected, atol=1e-4)
    assert "'decoder.emb' is the embedding" in said(app)
    assert "'encoder.emb' is the embedding" not in said(app)


def test_another_part_begins_with_its_own_embedding_and_readout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = translator()
    data = saved({"model": model.state_dict(), "chars": "abcde"})
    app = upload(data, text="abce")
    app.selectbox(key="file input 1").select("encoder.emb").run()
    for part in (1, 0, 1):
        app.selectbox(key="file part 1").select_index(part).run()
    of_decoder(app, model, data, tmp_path / "m.pt")
    app.selectbox(key="file readout 1").select("decoder.tags").run()
    app.selectbox(key="file meaning 1").select_index(1).run()
    app.selectbox(key="file input 1").select("encoder.emb").run()  # whoever wants it can have it
    assert "'encoder.emb' is the embedding" in said(app)
    app.selectbox(key="file part 1").select_index(0).run()
    app.selectbox(key="file part 1").select_index(1).run()
    assert app.selectbox(key="file readout 1").value != "decoder.tags"
    assert not {"file_readout", "file_meaning", "file_input"} & {*app.query_params}
    of_decoder(app, model, data, tmp_path / "m.pt")
    label = app.selectbox(key="file part 1").value
    linked = upload(data, text="abce", file_part=label)
    of_decoder(linked, model, data, tmp_path / "m.pt")
    linked.selectbox(key="file part 1").select_index(0).run()
    monkeypatch.setattr("gatesviz.ui.file_choices.by_history", lambda: True)  # a link in the app
    linked.query_params["file_part"] = label
    linked.query_params["file_readout"] = "decoder.tags"
    linked.run()
    of_decoder(linked, model, data, tmp_path / "m.pt")
    assert linked.selectbox(key="file readout 1").value == "decoder.tags"


def test_the_browser_is_given_the_menus_of_another_part() -> None:
    """It keeps the value of a widget with the same key until it is given another one."""
    app = upload(saved({"model": translator().state_dict(), "chars": "abcde"}), text="abce")
    menu = app.selectbox(key="file input 1")
    menu.select("decoder.emb").run()
    app.selectbox(key="file part 1").select_index(1).run()
    app.selectbox(key="file input 1").select("encoder.emb").run()
    app.selectbox(key="file part 1").select_index(0).run()
    app.selectbox(key="file part 1").select_index(1).run()
    proto = app.selectbox(key="file input 1").proto
    assert (proto.set_value, proto.raw_value) == (True, "entries of decoder.emb")


def test_a_nonlinearity_in_the_file_is_the_menus_first_choice() -> None:
    torch.manual_seed(0)
    rnn = nn.RNN(1, 4, nonlinearity="relu")
    held = {"model": rnn.state_dict(), "args": {"nonlinearity": "relu"}}
    app = upload(saved(held), src="wave")
    assert app.selectbox(key="file cell 1").value == "RNN, ReLU"
    _, arrays = player(app)
    with torch.no_grad():
        expected = rnn(torch.tensor(arrays["0.x"], dtype=torch.float32))[0]
    np.testing.assert_allclose(arrays["0.h"][1:], expected, atol=1e-3)


@pytest.mark.parametrize(
    ("after", "answers", "kind"),
    [("softmax", 3, "choice"), ("sigmoid", 3, "set"), ("sigmoid", 1, "number")],
)
def test_the_activation_of_a_keras_readout_is_not_asked(
    after: str, answers: int, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.manual_seed(ord(after[1]) * answers)  # each file is another one for the page's cache
    rnn, head = nn.GRU(1, 4), nn.Linear(4, answers)
    with torch.no_grad():
        head.weight.mul_(4)
    real = open_model

    def described(*given: Any, **more: Any) -> Any:
        return replace(real(*given, **more), activation=after)

    monkeypatch.setattr("gatesviz.model_files.open_model", described)
    app = upload(saved(nn.ModuleDict({"rnn": rnn, "head": head}).state_dict()), src="wave")
    assert "file meaning 1" not in [one.key for one in app.selectbox]
    shown, arrays = player(app)
    assert shown["panels"][0]["answers"]["kind"] == kind
    with torch.no_grad():
        logits = head(rnn(torch.tensor(arrays["0.x"], dtype=torch.float32))[0])
    expected = logits.softmax(-1) if after == "softmax" else logits.sigmoid()
    np.testing.assert_allclose(arrays["0.y"], expected, atol=2e-3)


def test_the_gradients_page_says_at_which_step_the_gradient_of_a_file_overflows() -> None:
    """On zeros, k steps back the gradient is W^k times that of the last step: 1e4^78 > 1.8e308."""
    module = nn.RNN(1, 3)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.zero_()
        module.weight_hh_l0.copy_(1e4 * torch.eye(3))
    app = upload(saved(module.state_dict()))
    app = on_gradients(app, grlen="100", grin="zeros", grshow="true")
    app.selectbox(key="file cell 1").select("tanh").run()
    app.selectbox(key="file input 1").select("numbers").run()
    assert not app.exception
    told = "\n".join(one.value for one in app.markdown)
    assert "The gradient overflows **78 steps back**, at the state after step 22." in told
