"""Your own file on the page "What if?": its own gates, your input, and how far its answers move."""

import json
import os
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest
from torch import nn

import gatesviz as gv
from gatesviz import cli
from gatesviz.model_files import OpenedModel
from gatesviz.recordings.edit_text import edits_from_text
from gatesviz.sequences import wave
from gatesviz.ui.edit_scripts import script_of_file
from gatesviz.ui.file_answers import CLASSES, REALS, YES_OR_NO
from gatesviz.ui.file_model import FileModel
from gatesviz.ui.opened_file import VARIABLE, opened_file
from gatesviz.ui.shares import percent
from gatesviz.ui.what_if.file_play import HINT, NO_QUESTIONS, UNDECIDED
from gatesviz.ui.what_if.moves import describe_answers, state_left
from tests.ui.test_feed import open_feed, player, said
from tests.ui.test_model_upload import ALPHABET, Writer, saved
from tests.ui.test_what_if import open_page, words

TEXT = "the cat sat on"
NO_ACCURACY = "this page can't measure its accuracy over 500 sequences. Instead, it measures how"


def sharp(**options: Any) -> Writer:
    """A model whose answers differ from step to step, as those of a trained one do."""
    torch.manual_seed(4)
    model = Writer(**options)
    with torch.no_grad():
        for weight in model.parameters():
            weight.mul_(2.5)
    return model


def checkpoint(model: nn.Module) -> bytes:
    return saved({"state_dict": model.state_dict(), "chars": ALPHABET})


def upload(data: bytes, session: dict[str, Any] | None = None, **query: str) -> AppTest:
    app = open_page(session, wimodel="your file", **query)
    app.file_uploader(key="model file").upload("model.pt", data, "").run()
    assert not app.exception
    return app


def by_hand(model: Writer, text: str, erased: int | None) -> tuple[np.ndarray, np.ndarray]:
    """The answers (T, V) and c (T, H) of a loop over torch's own LSTMCell, in float64.

    ``erased``: the step after which c is 0, with h = o·tanh(0).
    """
    cell = nn.LSTMCell(6, 9).double()
    cell.load_state_dict({k.removesuffix("_l0"): v for k, v in model.memory.state_dict().items()})
    h, c, answers, memory = torch.zeros(1, 9).double(), torch.zeros(1, 9).double(), [], []
    with torch.no_grad():
        for step, character in enumerate(text):
            x = model.letters(torch.tensor([ALPHABET.index(character)])).double()
            h, c = cell(x, (h, c))
            if step == erased:
                h, c = torch.zeros_like(h), torch.zeros_like(c)
            decide = model.decide.weight.double() @ h[0] + model.decide.bias.double()
            answers.append(decide.softmax(0))
            memory.append(c[0])
    return torch.stack(answers).numpy(), torch.stack(memory).numpy()


def test_a_file_is_played_freely_on_your_own_input_and_no_task_is_claimed() -> None:
    model = sharp()
    app = upload(checkpoint(model), text=TEXT)
    assert not app.error
    shown, arrays = player(app)
    assert "".join(shown["labels"]) == TEXT.replace(" ", "␣")
    assert shown["select"]["step"] == len(TEXT) // 2
    expected, memory = by_hand(model, TEXT, None)
    np.testing.assert_allclose(arrays["0.c"][1:], memory, atol=1e-3)
    np.testing.assert_allclose(arrays["0.y"], expected, atol=1e-3)
    told = words(app)
    assert NO_ACCURACY in told
    assert NO_QUESTIONS in told
    assert HINT in told
    [view] = [one for one in app.segmented_control if one.key == "wiview"]
    assert view.options == ["free play"]
    assert not [one for one in app.button if "Measure" in one.label]
    assert not app.table
    assert "'memory' of 'model.pt' is opened as LSTM" in said(app)
    assert app.query_params["file"] == "lstm-6-9-1-1"
    assert [one.proto.label for one in app.get("download_button")] == [
        "Download the player (one HTML file)",
        "Download these edits as a script",
    ]


def test_the_sentences_say_how_far_the_answers_move_as_a_loop_by_hand_finds_it() -> None:
    model, step = sharp(), 5
    app = upload(checkpoint(model), text=TEXT, edits=f"c@{step}=0")
    (before, c), (after, erased) = by_hand(model, TEXT, None), by_hand(model, TEXT, step)
    moved, changed = abs(after - before).sum(1) / 2, before.argmax(1) != after.argmax(1)
    places = np.flatnonzero(changed)
    assert len(places) > 1
    assert places[0] == step
    told = said(app)
    assert (
        f"The most likely answer changes at {len(places)} of {len(TEXT)} steps: first at step"
        f" {step}, last at step {places[-1]}."
    ) in told
    at = int(moved.argmax())
    assert (
        f"On average over all steps, {percent(moved.mean())} of the probability moves to other"
        f" answers. The share that moves is largest at step {at}: {percent(moved[at])}. At the last"
        f" step, it is {percent(moved[-1])}."
    ) in told
    assert changed[at]
    names = [ALPHABET[answers[at].argmax()].replace(" ", "␣") for answers in (before, after)]
    assert (
        f"At step {at}, it changes from “{names[0]}” ({percent(before[at].max())}) to “{names[1]}”"
        f" ({percent(after[at].max())})."
    ) in told
    left = (c[-1] * erased[-1]).sum() / (c[-1] * c[-1]).sum()
    assert (
        "Right after the last edited step, c is at 0.0 % of its length without your edits. It is"
        " measured along the direction that it has without them. At the last step,"
        f" it is at {percent(left)} of its length."
    ) in told
    assert HINT not in words(app)


def test_edits_that_do_not_fit_or_do_nothing_are_explained() -> None:
    data = checkpoint(sharp())
    told = "These edits can't be measured with this model. "
    assert f"{told}The LSTM has no z, only i, f, g, o, c, h, x. Remove" in said(
        upload(data, edits="z@3=0")
    )
    deep = checkpoint(sharp(num_layers=2))
    assert f"{told}This model has no layer 3, only layers 1 to 2. Remove these edits" in said(
        upload(deep, edits="c.l2@3=0")
    )
    assert "These edits can't" in said(upload(data, text="abc", edits="f@3=0"))
    app = upload(data, text="abc", edits="f@0=0.5")  # c is still 0, so there is nothing to forget
    assert "Your edits don't move its answers." in said(app)
    app = upload(data, text="abc", edits="f@1=3")
    assert "outside" in said(app)


def test_the_last_of_several_edits_counts_for_the_memory() -> None:
    app = upload(checkpoint(sharp()), text=TEXT, edits="c@6=0,o@2=0")
    assert "Right after the last edited step, c is at 0.0 % of its length" in said(app)


def test_edits_of_a_model_with_a_task_are_not_taken_over() -> None:
    app = open_page(wiview="free play", t="5", edits="f@3=0")
    assert player(app)[0]["select"]["edits"] == "f@3=0"
    app.selectbox(key="wimodel").select("your file").run()
    app.file_uploader(key="model file").upload("model.pt", checkpoint(sharp()), "").run()
    assert not app.exception
    assert player(app)[0]["select"]["edits"] == ""
    assert HINT in words(app)


SCRIPTS: dict[str, tuple[nn.Module, str]] = {
    "an embedding": (sharp(), "c@2-4.u1=0.5,f=0"),
    "one-hot": (nn.ModuleDict({"rnn": nn.GRU(len(ALPHABET), 3)}), "h@1=-1"),
    "numbers": (nn.ModuleDict({"rnn": nn.RNN(1, 3), "fc": nn.Linear(3, 2)}).double(), "h@1=2"),
}


@pytest.mark.parametrize("kind", SCRIPTS)
def test_the_script_makes_the_same_edits_on_the_file(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    module, text = SCRIPTS[kind]
    (tmp_path / "m.pt").write_bytes(saved(module.state_dict()))
    numeric = kind == "numbers"
    opened = gv.open_model(
        tmp_path / "m.pt",
        cell="rnn_tanh" if numeric else None,
        vocabulary=None if numeric else ALPHABET,
    )
    model = FileModel("m", opened, not numeric)
    sequence = wave("sine", 7) if numeric else model.read_text("the mat")
    script = script_of_file(model, sequence, edits_from_text(text), page="What if?")
    assert all(len(line) <= 100 for line in script.splitlines())
    monkeypatch.setattr("sys.argv", ["script.py"])
    with pytest.raises(SystemExit, match=r"Usage: python script\.py MODEL_FILE"):
        exec(compile(script, "script", "exec"), {})
    monkeypatch.setattr("sys.argv", ["script.py", str(tmp_path / "m.pt")])
    names: dict[str, Any] = {}
    exec(compile(script, "script", "exec"), names)
    ours = gv.record(model.module, model.inputs(sequence), edits=edits_from_text(text))
    np.testing.assert_array_equal(names["edited"].output, ours.output)
    printed = capsys.readouterr().out
    what = {"an embedding": "probabilities", "one-hot": "output h"}.get(
        kind, "the readout's numbers"
    )
    assert f"with edits, {what} at the last step:" in printed
    none = script_of_file(model, sequence, (), page="What if?")
    exec(compile(none, "script", "exec"), names)
    np.testing.assert_array_equal(names["edited"].output, names["plain"].output)


def test_a_model_that_is_too_large_for_the_player_is_edited_on_the_page() -> None:
    torch.manual_seed(0)
    model = nn.ModuleDict({"rnn": nn.LSTM(28, 220, 2), "fc": nn.Linear(220, 28)})
    app = upload(checkpoint(model), text="abcab")
    assert "has 388,960 weights, and the player can edit up to 200,000." in words(app)
    assert HINT not in words(app)
    assert len(player(app)[0]["panels"]) == 1
    app.selectbox(key="large letter").select("h")
    app.number_input(key="large value").set_value(0.5)
    app.number_input(key="large first").set_value(2)
    app.number_input(key="large last").set_value(1)
    [button] = [one for one in app.button if one.label == "Set"]
    button.click().run()
    assert not app.exception
    assert app.query_params["edits"] == "h.l1@1-2=0.5"
    assert player(app)[0]["select"]["step"] == 1
    assert "h = 0.5 at steps 1 to 2, layer 2" in said(app)
    assert "of the probability moves to other answers." in said(app)
    shown, arrays = player(app)
    assert [panel["title"] for panel in shown["panels"]] == [
        "LSTM, layer 2 of 2, without edits",
        "LSTM, layer 2 of 2, with your edits",
    ]
    x = nn.functional.one_hot(torch.tensor([0, 1, 2, 0, 1]), 28).float()
    output = model["rnn"](x)[0].detach()
    np.testing.assert_allclose(arrays["0.h"][1:], output, atol=1e-3)
    np.testing.assert_allclose(arrays["1.h"][1], output[0], atol=1e-3)
    np.testing.assert_allclose(arrays["1.h"][2:4], 0.5, atol=1e-3)
    assert abs(arrays["1.h"][4] - arrays["0.h"][4]).max() > 0.01
    app.number_input(key="large unit").set_value(3)
    [button] = [one for one in app.button if one.label == "Set"]
    button.click().run()
    assert app.query_params["edits"] == "h.l1@1-2=0.5,h.l1@1-2.u3=0.5"
    [undo] = [one for one in app.button if one.label == "Undo"]
    undo.click().run()
    assert app.query_params["edits"] == "h.l1@1-2=0.5"
    [reset] = [one for one in app.button if one.label == "Reset"]
    reset.click().run()
    assert not app.exception
    assert "edits" not in app.query_params
    assert len(player(app)[0]["panels"]) == 1
    linked = upload(checkpoint(model), text="abcab", edits="c.l1@1=0")
    assert len(player(linked)[0]["panels"]) == 2


def test_the_field_for_a_unit_ends_at_the_last_unit_of_the_chosen_letter() -> None:
    torch.manual_seed(0)
    parts = {"rnn": nn.LSTM(28, 700, 2, proj_size=50), "fc": nn.Linear(50, 28)}
    app = upload(checkpoint(nn.ModuleDict(parts)), text="abcab", layer="1")
    most = {}
    for layer in (1, 2):
        app.slider(key="layer").set_value(layer).run()
        for letter in ("f", "c", "h", "x"):
            app.selectbox(key="large letter").select(letter).run()
            assert not app.exception
            most[letter, layer] = app.number_input(key="large unit").max
    assert most == {
        **{(letter, layer): 699 for letter in "fc" for layer in (1, 2)},
        **dict.fromkeys((("h", 1), ("h", 2), ("x", 2)), 49),
        ("x", 1): 27,
    }


def test_a_large_model_reads_with_edits_once_and_steps_aside(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read: list[str] = []

    def counted(*about: Any, **edits: Any) -> Any:
        read.append("read")
        return gv.record(*about, **edits)

    monkeypatch.setattr("gatesviz.ui.what_if.edited_reading.record", counted)
    monkeypatch.setattr(
        "gatesviz.ui.what_if.edited_reading.step_aside", lambda: read.append("aside")
    )
    torch.manual_seed(9)
    model = nn.ModuleDict({"rnn": nn.LSTM(28, 230), "fc": nn.Linear(230, 28)})
    app = upload(checkpoint(model), text="abcab", edits="c@1=0")
    assert len(player(app)[0]["panels"]) == 2
    assert "Right after the last edited step, c is at 0.0 % of" in said(app)
    app.run()
    app.selectbox(key="large letter").select("h").run()
    assert read == ["aside", "read"]


def test_what_is_measured_is_said_once_there_is_a_model() -> None:
    app = open_page(wimodel="your file")
    assert "this page can't measure its accuracy over 500 sequences." in words(app)
    assert "Instead, it measures" not in words(app)


def test_layers_and_directions_are_chosen_and_edited() -> None:
    model = sharp(num_layers=2)
    app = upload(checkpoint(model), text="abc", edits="h.l1@1=0")
    assert "Right after the last edited step, c of layer 2 is at 100.0 %" in said(app)
    app.slider(key="layer").set_value(1).run()
    x = model.letters(torch.tensor([0, 1, 2]))
    first = nn.LSTM(6, 9)
    first.load_state_dict({k: v for k, v in model.memory.state_dict().items() if "_l0" in k})
    np.testing.assert_allclose(player(app)[1]["0.h"][1:], first(x)[0].detach(), atol=1e-3)
    both = upload(checkpoint(sharp(bidirectional=True)), text="abc", edits="c@1=0")
    assert "Right after the last edited step" not in said(both)
    assert "the output h moves by" in said(both)  # what its readout reads isn't known yet


def test_a_link_says_which_file_is_missing_and_other_models_need_none() -> None:
    app = open_page(wimodel="your file", file="gru-7-8-2-1", wiview="one step")
    [told] = [one.value for one in app.main.info]
    assert told.startswith("This link refers to a model from a file: GRU, I=7, H=8, 2 layers.")
    assert "Upload the file" in told
    assert not [one for one in app.get("bidi_component") if one.proto.bytes]
    assert "wiview=one step was not used" in said(app)
    app.selectbox(key="wimodel").select_index(0).run()
    assert not app.exception
    assert "file" not in app.query_params
    assert "one step" in app.segmented_control(key="wiview").options


def test_the_text_and_the_choices_come_along_from_page_to_page() -> None:
    known = list(ALPHABET)
    torch.manual_seed(0)
    app = open_feed(weights="your file", text="a cat")
    app.file_uploader(key="model file").upload("m.pt", saved(Writer().state_dict()), "").run()
    app.text_area(key="file vocabulary").set_value(str(known)).run()
    for page, menu in (("what_if", "wimodel"), ("find_unit", "unmodel"), ("what_if", "wimodel")):
        app.query_params.clear()
        app.query_params[menu] = "your file"
        app.switch_page(f"../../pages/{page}.py").run()
        assert not app.exception
        assert app.text_area(key="file vocabulary").value == str(known)
        if page == "what_if":
            assert "".join(player(app)[0]["labels"]) == "a␣cat"


def open_in(app: AppTest) -> dict[str, str]:
    """Return the title of each page in the row "Open in…" -> its address."""
    sent = [json.loads(one.proto.json) for one in app.get("bidi_component") if one.proto.json]
    rows = [one["links"] for one in sent if one.get("look") == "row"]
    return {link["title"]: link["href"] for row in rows for link in row}


def test_feed_leads_to_every_page_that_takes_the_file() -> None:
    app = open_feed(weights="your file", text="a cat")
    app.file_uploader(key="model file").upload("m.pt", checkpoint(sharp()), "").run()
    assert open_in(app) == {
        "What if?": "what_if?wimodel=your+file&text=a+cat&file=lstm-6-9-1-1",
        "Find the unit": "find_unit?unmodel=your+file&file=lstm-6-9-1-1",
        "Vanishing gradients": "gradients?grw=your+file&grtext=a+cat&file=lstm-6-9-1-1",
    }
    app.selectbox(key="src").select("numbers").run()
    expected = "what_if?wimodel=your+file&src=numbers&file=lstm-6-9-1-1"
    assert open_in(app)["What if?"] == expected
    assert not open_in(open_feed())


def test_numbers_a_table_and_a_bare_module_are_read_too() -> None:
    torch.manual_seed(0)
    model = nn.ModuleDict({"rnn": nn.GRU(1, 4), "head": nn.Linear(4, 1)})
    app = upload(saved(model.state_dict()), edits="h@9=1")
    assert app.selectbox(key="src").value == "wave"
    x = torch.from_numpy(player(app)[1]["0.x"]).float()
    with torch.no_grad():
        output, _ = model["rnn"](x)
        h = output.clone()
        h[9] = 1
        h[10:] = model["rnn"](x[10:], h[9:10])[0]
        before, after = (model["head"](one)[:, 0].numpy() for one in (output, h))
    moved = abs(after - before)
    found = re.search(
        r"the answer moves by (\S+)\. This move is largest at step (\d+): (\S+)\. At the last"
        r" step, it is (\S+)\. Without edits, its standard deviation over your input is (\S+)\."
        r" Right",
        said(app),
    )
    assert found is not None
    mean, at, most, last, spread = map(float, found.groups())
    assert (mean, most) == (pytest.approx(moved.mean(), 1e-2), pytest.approx(moved[9], 1e-2))
    assert (at, spread) == (moved.argmax(), pytest.approx(before.std(), 1e-2))
    assert last == pytest.approx(moved[-1], abs=1e-4)
    bare = upload(saved(nn.GRU(1, 4).state_dict()), edits="h@9=1", src="numbers")
    assert "how far your edits move its output h over your input" in words(bare)
    assert "the output h moves by" in said(bare)
    three = upload(saved(nn.GRU(1, 4).state_dict()))
    three.file_uploader(key="model file").upload("3.pt", saved(nn.GRU(3, 4).state_dict())).run()
    [told] = [one.value for one in three.main.info]
    assert told.startswith("Choose what the model reads at each step.")
    assert "GRU, I=3" not in words(three)
    three.selectbox(key="file input 2").select("numbers").run()
    assert three.selectbox(key="src").value == "table"  # a wave is no input of this model
    three.text_area(key="pasted").set_value("a,b,c\n" + "1,2,3\n2,3,5\n" * 4).run()
    assert len(player(three)[0]["labels"]) == 8


def test_a_cell_that_torch_lacks_is_played_too() -> None:
    torch.manual_seed(0)
    app = upload(saved(nn.GRU(1, 4).state_dict()), edits="r@9=0")
    app.selectbox(key="file cell 1").select("GRU, r first").run()
    assert not app.exception
    assert player(app)[0]["panels"][0]["cell"] == "gru_reset_before"
    assert "the output h moves by" in said(app)


def test_the_meaning_of_the_answers_is_asked() -> None:
    torch.manual_seed(0)
    model = nn.ModuleDict({"rnn": nn.GRU(1, 4), "head": nn.Linear(4, 3)})
    app = upload(saved(model.state_dict()), edits="h@9=1")
    assert UNDECIDED in words(app)
    assert "the output h moves by" in said(app)
    app.selectbox(key="file meaning 1").select_index(1).run()
    assert UNDECIDED not in words(app)
    assert "the probability that moves most changes by" in said(app)


def test_names_from_a_file_are_never_markdown() -> None:
    names = ["**a**", "$x$", ":red[b]", "<b>", "`d`"]
    torch.manual_seed(1)
    model = Writer(len(names))
    data = saved({"state_dict": model.state_dict(), "vocab": names})
    app = upload(data, text=" ".join(names), edits="h=3")
    assert "At step " in said(app)
    assert not [one for one in app.markdown for name in names if name in one.value]


def many(answers: int, means: str = "") -> FileModel:
    torch.manual_seed(0)
    module, readout = nn.GRU(2, 3), nn.Linear(3, answers)
    return FileModel("many", OpenedModel(module, "", None, readout, None, ()), True, means)


def test_a_long_vocabulary_is_measured_part_by_part(monkeypatch: pytest.MonkeyPatch) -> None:
    embedding, readout = nn.Embedding(300, 2), nn.Linear(3, 300)
    known = tuple(f"w{k}" for k in range(300))
    model = FileModel("long", OpenedModel(nn.GRU(2, 3), "", embedding, readout, known, ()), True)
    assert model.kind is None  # too many for the player
    before, after = np.random.default_rng(0).standard_normal((2, 7, 3)).astype(np.float32)
    whole = describe_answers(model, before, after)
    monkeypatch.setattr("gatesviz.ui.what_if.moves.AT_ONCE", 600)
    assert describe_answers(model, before, after) == whole
    assert "of the probability moves" in whole[-1]
    assert "“w" in whole[1]


def test_what_cannot_be_compared_is_said() -> None:
    before = np.ones((4, 3), np.float32)
    after = before.copy()
    after[2, 0] = np.inf
    [told] = describe_answers(many(4, CLASSES), before, after)
    assert told.startswith("At step 2, the edited run has a number that is infinite")
    [told] = describe_answers(many(3), 0 * before, before)
    assert told.startswith("Without edits, the output h is 0 at every step")
    [told] = describe_answers(many(4, CLASSES), before, before + 1e-8)
    assert told == "Your edits don't move its answers."


@pytest.mark.parametrize("means", [CLASSES, REALS])
def test_answers_that_overflow_are_said_and_no_output_of_0_is_claimed(means: str) -> None:
    """ReLU keeps finite outputs that grow threefold a step; the readout's sum is beyond float32."""
    module, readout = nn.RNN(1, 2, nonlinearity="relu"), nn.Linear(2, 2)
    with torch.no_grad():
        for weight in (*module.parameters(), *readout.parameters()):
            weight.zero_()
        module.weight_hh_l0.copy_(3 * torch.eye(2))
        module.weight_ih_l0.fill_(1)
        readout.weight.fill_(30)
        inputs = torch.tensor([[1.0]] + [[0.0]] * 79)
        expected = torch.stack([module(inputs)[0][k] for k in range(80)])
        first = int((~torch.isfinite(readout(expected)).all(1)).nonzero()[0])
    assert torch.isfinite(expected).all()
    model = FileModel("m", OpenedModel(module, "", None, readout, None, ()), False, means)
    before, zero = (gv.record(module, x).output for x in (inputs, 0 * inputs))
    for pair, where in (
        ((before, zero), "without"),
        ((zero, before), "with"),
        ((before, before), "with and without"),
    ):
        assert describe_answers(model, *pair) == [
            f"At step {first}, an answer is infinite or not a number {where} your edits. So the"
            " answers can't be compared."
        ]
    wrong = before.copy()
    wrong[7, 1] = np.nan
    [told] = describe_answers(model, wrong, before)
    assert told.startswith("At step 7, the run without edits has a number that is infinite or not")


def test_the_file_of_the_command_is_there_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streamlit.App.run", lambda app, *, config: None)
    monkeypatch.setattr("sys.argv", ["gatesviz"])
    monkeypatch.setenv(VARIABLE, "")
    opened_file.cache_clear()
    (tmp_path / "m.pt").write_bytes(checkpoint(sharp()))
    try:
        cli.main(["open", str(tmp_path / "m.pt"), "--text", "a mat"])
        assert os.environ[VARIABLE]
        app = open_page()
        assert app.selectbox(key="wimodel").value == "your file"
        assert "".join(player(app)[0]["labels"]) == "a␣mat"
        assert "In use: m.pt" in said(app)
        linked = open_page(wiview="one step")
        assert linked.selectbox(key="wimodel").value != "your file"
    finally:
        opened_file.cache_clear()


def told_about(state: str, edits: str, module: nn.Module, **query: str) -> str:
    """The sentences about a state, of a model without a vocabulary that reads a wave."""
    told = said(upload(saved(module.state_dict()), edits=edits, **query))
    start = told.index("Right after the last edited step")
    assert state in told[start:]
    return told[start : told.index("'rnn' of")]


def test_where_nothing_moves_the_memory_is_whole() -> None:
    for text in ("f@0=0", "c@0=0,h@0=0"):
        app = upload(checkpoint(sharp()), text="the cat sat on" * 5, edits=text)
        told = said(app)
        assert "c is at 99.9 %" not in told
        assert "At the last step, it is at 100.0 % of its length" in told
    assert "Right after the last edited step, c is at 100.0 % of its length" in said(
        upload(checkpoint(sharp()), text=TEXT, edits="f@0=0")
    )


def test_a_memory_of_zero_and_a_huge_one_have_sentences_of_their_own() -> None:
    torch.manual_seed(0)
    silent = nn.ModuleDict({"rnn": nn.GRU(1, 4, bias=False)})
    told = told_about("h", "h@0=1", silent)  # the wave begins with 0
    assert told.startswith(
        "Right after the last edited step, h is 0 without your edits, so no share of it can be"
        " left."
    )
    assert "–" not in told
    large = upload(checkpoint(sharp()), text=TEXT, edits="c@5=1e38")
    assert "c is at more than 1,000 times its length without your edits. It is" in said(large)
    assert "0" * 9 not in said(large)
    some = upload(checkpoint(sharp()), text=TEXT, edits="c@5=300")
    _, c = by_hand(sharp(), TEXT, None)
    times = 300 * c[5].sum() / (c[5] * c[5]).sum()
    written = f"{times:.0f} times".replace("-", "−")
    assert f"c is at {written} its length without your edits. It is" in said(some)
    before, after = np.ones(3, np.float32), np.full(3, 1e38, np.float32)
    assert "more than 1,000 times" in state_left("Then", "h", before, after)
    assert "infinite or not a number" in state_left("Then", "h", before, np.inf * after)
    assert "Then, h is 0 with and without your edits." in state_left(
        "Then", "h", 0 * before, 0 * after
    )
    assert "nan" not in state_left("Then", "h", np.full(3, 1e-200), np.ones(3))


def test_the_sentences_about_h_leave_the_other_words_alone() -> None:
    """h of a GRU is all that it remembers, and "the" has an h, too."""
    torch.manual_seed(0)
    told = told_about("h", "h@3=0", nn.ModuleDict({"rnn": nn.GRU(1, 4)}))
    assert "Right after the last edited step, h is at 0.0 % of its length" in told
    assert re.search(r" At the last step, it is at \S+ % of its length\.", told)


def test_the_amount_has_a_unit_and_a_subject() -> None:
    before = np.ones((4, 3), np.float32)
    after = before + np.float32([[0], [0], [2], [0]])
    [*_, told] = describe_answers(many(4, YES_OR_NO), before, after)
    found = re.search(
        r"by (\S+) percentage points\. This change is largest at step 2: (\S+) percentage points\."
        r" At the last step, it is 0\.0 percentage points\.",
        told,
    )
    assert found is not None
    readout = many(4).opened.readout
    assert readout is not None
    with torch.no_grad():
        p, q = (readout(torch.full((3,), x)).sigmoid() for x in (1.0, 3.0))
    assert float(found[2]) == pytest.approx(100 * float((q - p).abs().max()), abs=0.06)
    [told] = describe_answers(many(3), before, before * np.float32([[1], [1], [31], [1]]))
    assert (
        "moves by 750.0 % of its mean length. This move is largest at step 2: 30 times it." in told
    )


def test_the_table_of_the_session_comes_along_from_page_to_page() -> None:
    torch.manual_seed(0)
    app = open_feed(weights="your file", src="table")
    app.file_uploader(key="model file").upload("n.pt", saved(nn.GRU(3, 4).state_dict()), "").run()
    app.selectbox(key="file input 1").select("numbers").run()
    rows = "\n".join(f"{k / 9},{k % 7},{k % 3}" for k in range(20))
    table = f"a,b,c\n{rows}\n".encode()
    app.file_uploader(key="table").upload("t.csv", table, "text/csv").run()
    assert not app.exception
    before = player(app)
    app.query_params.clear()
    app.query_params["wimodel"] = "your file"
    app.switch_page("../../pages/what_if.py").run()
    assert not app.exception
    assert "Table in use: t.csv." in said(app)
    shown = player(app)
    assert shown[0]["labels"] == before[0]["labels"]
    assert len(shown[0]["labels"]) == 20
    for name, values in before[1].items():
        np.testing.assert_array_equal(shown[1][name], values)


def test_a_readout_of_the_final_states_answers_once_without_and_with_edits() -> None:
    torch.manual_seed(5)
    model = Writer(bidirectional=True)
    model.decide = nn.Linear(18, 3)
    with torch.no_grad():
        model.decide.weight.mul_(5)
    text, names = "the cat", ["bad", "so-so", "good"]
    data = saved({"state_dict": model.state_dict(), "vocab": ALPHABET, "classes": names})
    link = {"file_reads": "h_n", "file_meaning": "classes", "text": text}
    told = said(upload(data, edits="h@5=0.9", **link))
    cell = nn.LSTMCell(6, 9)
    names_of = {k.removesuffix("_l0"): v for k, v in model.memory.state_dict().items()}
    cell.load_state_dict({k: v for k, v in names_of.items() if not k.endswith("reverse")})
    with torch.no_grad():
        x = model.letters(torch.tensor([ALPHABET.index(c) for c in text]))
        _, (final, _) = model.memory(x)
        h, c = torch.zeros(1, 9), torch.zeros(1, 9)
        for step, one in enumerate(x):
            h, c = cell(one[None], (h, c))
            h = torch.full_like(h, 0.9) if step == 5 else h
        plain, edited = (
            model.decide(torch.cat([forward, final[1]])).softmax(-1) for forward in (final[0], h[0])
        )
    assert abs(plain - edited).max() > 0.01
    for name, before, after in zip(names, plain, edited, strict=True):
        one, other = (f"{name}: {100 * float(share):.1f} %" for share in (before, after))
        assert re.search(f"Without your edits: .*{one}.*With them: .*{other}", told)
    told = said(upload(data, edits="f@0=0", **link))  # c was 0, so nothing changes
    assert "From the final states, the readout gives these probabilities (softmax): " in told


def test_a_text_of_feed_is_in_the_link_of_find_the_unit() -> None:
    """Without it, the same link would rank the units on another text."""
    app = open_feed(weights="your file", text="a cat a cat")
    app.file_uploader(key="model file").upload("m.pt", checkpoint(sharp()), "").run()
    app.switch_page("../../pages/find_unit.py")
    app.query_params["unmodel"] = "your file"
    app.run()
    app.selectbox(key="unread").select("your own text").run()
    assert not app.exception
    box = app.text_area(key="unown")
    assert box.value == "a cat a cat"
    assert box.proto.default != box.value  # the address has what differs from the default
