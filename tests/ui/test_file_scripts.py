"""The script for the model of a file prints the answers that the page shows, and torch.nn's."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import gatesviz as gv
from gatesviz.model_files import OpenedModel
from gatesviz.recordings.edit_text import edits_from_text
from gatesviz.ui.edit_scripts import script_of_file
from gatesviz.ui.file_answers import CLASSES, REALS, YES_OR_NO
from gatesviz.ui.file_model import FileModel, _sequence
from tests.hostile import COMMANDS, MARKUP, TITLES
from tests.ui.downloading import made_by_server, offered
from tests.ui.test_feed import said
from tests.ui.test_feed_script import made_by
from tests.ui.test_model_upload import Writer, saved, upload

LETTERS = tuple("abcdef")
TEXT = "abfed"


def net(answers: int, **options: Any) -> Writer:
    torch.manual_seed(2)
    made = Writer(6, **options)
    made.decide = nn.Linear(made.decide.in_features, answers)
    with torch.no_grad():
        for weight in made.parameters():
            weight.mul_(2)
    return made


def by_torch(model: Writer, *, final: bool) -> torch.Tensor:
    """The readout's numbers for `TEXT`: (O,) of the final states, or of the last step's output."""
    with torch.no_grad():
        x = model.letters(torch.tensor([LETTERS.index(letter) for letter in TEXT]))
        output, (h, _) = model.memory(x)
        return model.decide(torch.cat([h[-2], h[-1]], -1) if final else output[-1])


def printed(script: str, path: Path, patch: pytest.MonkeyPatch, out: Any) -> dict[str, str]:
    """What the script prints for the file, "without" and "with" edits."""
    assert all(len(line) <= 100 for line in script.splitlines())
    patch.setattr("sys.argv", ["script.py", str(path)])
    out.readouterr()
    made_by(script)
    found = re.findall(r"^(without|with) edits, (.*)", out.readouterr().out, re.MULTILINE)
    assert [name for name, _ in found] == ["without", "with"]
    return dict(found)


def numbers(told: str) -> dict[str, float]:
    return {name: float(value) for name, value in re.findall(r"'?(\w[\w ]*?)'?: ([-\d.e]+)", told)}


def test_the_script_of_a_page_prints_the_answer_of_the_final_states(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    model = net(3, bidirectional=True)
    data = saved({"model": model.state_dict(), "itos": [*LETTERS], "classes": ["no", "so", "yes"]})
    (tmp_path / "m.pt").write_bytes(data)
    link = {"file_reads": "h_n", "file_meaning": "classes", "text": TEXT, "edits": "h@1=0"}
    with offered() as files:
        app = upload(data, **link)
    [shown] = re.findall(
        r"It gives these probabilities \(softmax\): (.*?)\.(?: |$)", said(app), re.MULTILINE
    )
    page = {name: float(v) for name, v in re.findall(r"(\w+): ([\d.]+) %", shown)}
    script = str(made_by_server(files["gatesviz-lstm-edits.py"]))
    told = printed(script, tmp_path / "m.pt", monkeypatch, capsys)
    assert told["without"].startswith("probabilities: ")
    found = numbers(told["without"])
    wanted = by_torch(model, final=True).softmax(-1)
    assert found == pytest.approx(
        dict(zip(("no", "so", "yes"), wanted.tolist(), strict=True)), 1e-4
    )
    assert list(found) == list(page)  # the likeliest first
    assert {name: 100 * value for name, value in found.items()} == pytest.approx(page, abs=0.06)
    assert numbers(told["with"]) != found


def test_an_answer_is_never_rounded_to_a_false_0_or_100() -> None:
    trained = net(2, bidirectional=True)
    with torch.no_grad():
        trained.decide.weight.zero_()
        trained.decide.bias.copy_(torch.tensor([0.0, 8.0]))
    opened = OpenedModel(
        trained.memory, "", trained.letters, None, LETTERS, (), answer_names=("no", "yes")
    )
    model = FileModel("m", opened, True, CLASSES, once=trained.decide)
    recording = gv.record(model.module, model.inputs(model.read_text(TEXT)))
    odds = np.exp(8)
    likely, rest = f"{100 * odds / (1 + odds):.2f} %", f"{100 / (1 + odds):.2f} %"
    told = model.about_answers(recording)
    assert f" It gives these probabilities (softmax): yes: {likely}, no: {rest}." in told
    with torch.no_grad():
        for logit in (12, 200):  # the softmax of 200 is 1 and 0 in float32
            trained.decide.bias[1] = logit
            told = model.about_answers(recording)
            assert "(softmax): yes: over 99.99 %, no: under 0.01 %." in told


@pytest.mark.parametrize(
    ("answers", "means", "reads", "what"),
    [
        (3, CLASSES, "h_n", "probabilities: "),
        (3, YES_OR_NO, "h_n", "probabilities: "),
        (3, REALS, "h_n", "the readout gives: "),
        (1, "", "h_n", "the readout gives: "),
        (3, CLASSES, "output", "probabilities at the last step: "),
        (3, YES_OR_NO, None, "probabilities at the last step: "),
        (2, REALS, None, "the readout gives at the last step: "),
        (1, "", None, "the readout gives at the last step: "),
        (6, "", None, "probabilities at the last step: "),
    ],
)
def test_the_script_prints_what_the_answers_mean(
    answers: int, means: str, reads: Any, what: str,
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """``reads``: what was chosen of both directions; None of a model that reads onward."""
    trained = net(answers, bidirectional=reads is not None)
    path = tmp_path / "m.pt"
    path.write_bytes(saved({"model": trained.state_dict(), "itos": [*LETTERS]}))
    opened = gv.open_model(path)
    once = opened.readout if reads == "h_n" else None
    kept = opened if once is None else replace(opened, readout=None)
    model = FileModel("m", kept, True, means, once=once)
    sequence, edits = model.read_text(TEXT), edits_from_text("h@1=0.5")
    script = script_of_file(model, sequence, edits, page="What if?")
    told = printed(script, path, monkeypatch, capsys)
    assert told["without"].startswith(what)
    found = numbers(told["without"].removeprefix(what))
    logits = by_torch(trained, final=reads == "h_n")
    choice = means == CLASSES or answers == 6
    wanted = logits.softmax(-1) if choice else logits.sigmoid() if means == YES_OR_NO else logits
    known = {model.answer_name(k): value for k, value in enumerate(wanted.tolist())}
    order = sorted(known, key=lambda name: -known[name]) if "probab" in what else [*known]
    assert list(found) == order[:5]
    assert found == pytest.approx({name: known[name] for name in order[:5]}, rel=1e-4)
    output = gv.record(model.module, model.inputs(sequence), edits=edits).output
    final = np.concatenate([output[-1, :9], output[0, 9:]])  # as torch.nn's h_n is defined
    with torch.no_grad():
        after = trained.decide(torch.from_numpy(output[-1] if once is None else final))
    after = after.softmax(-1) if choice else after.sigmoid() if means == YES_OR_NO else after
    shown = numbers(told["with"].removeprefix(what))
    assert sorted(shown.values()) == pytest.approx(sorted(after.tolist())[-5:], rel=1e-4)
    assert told["with"] != told["without"]


def test_a_script_prints_no_answer_that_the_page_does_not_show(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    both, path = net(3, bidirectional=True), tmp_path / "m.pt"
    path.write_bytes(saved({"model": both.state_dict(), "itos": [*LETTERS]}))
    opened = gv.open_model(path)
    model = FileModel("m", replace(opened, readout=None), True, unsure=True)
    sequence, edits = model.read_text(TEXT), edits_from_text("h@1=0.5")
    script = script_of_file(model, sequence, edits, page="What if?")
    assert '# To print opened.answers(recording), add readout_input="output" or "h_n"' in script
    told = printed(script, path, monkeypatch, capsys)
    output = gv.record(model.module, model.inputs(sequence)).output[-1]
    heading, _, values = told["without"].partition("[")
    assert heading == "output h at the last step: "
    shown = [float(value) for value in values.rstrip("]").split()]
    np.testing.assert_allclose(shown, output[: len(shown)], atol=1e-3)
    assert len(shown) > 5
    ahead = net(3)  # what its answers mean isn't chosen
    path.write_bytes(saved({"model": ahead.state_dict(), "itos": [*LETTERS]}))
    model = FileModel("m", gv.open_model(path), True)
    told = printed(script_of_file(model, sequence, edits, page="x"), path, monkeypatch, capsys)
    heading, _, values = told["without"].partition("[")
    assert heading == "the readout's numbers at the last step: "
    shown = [float(value) for value in values.rstrip("]").split()]
    np.testing.assert_allclose(shown, by_torch(ahead, final=False), rtol=1e-4)


def test_the_script_of_a_file_with_two_parts_opens_what_the_page_chose(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its name is such that it could end a text in the script, and its vocabulary was pasted."""
    torch.manual_seed(5)
    name, letters = "a'''\"\\\n#" + "é" * 90, [*"abcd", " ", "'"]
    parts: dict[str, nn.Module] = {"first": nn.LSTM(4, 3), name: nn.LSTM(4, 3)}
    parts |= {"one emb": nn.Embedding(6, 4), "two emb": nn.Embedding(6, 4)}
    parts |= {"one out": nn.Linear(3, 6), "two out": nn.Linear(3, 6)}
    data = saved({f"{k}.{key}": v for k, p in parts.items() for key, v in p.state_dict().items()})
    (tmp_path / "m.pt").write_bytes(data)
    with offered() as files:
        app = upload(data, edits="h@1=0")
        app.selectbox(key="file part 1").select_index(1).run()
        app.selectbox(key="file input 1").select("two emb").run()
        app.selectbox(key="file readout 1").select("one out").run()
        app.text_area(key="file vocabulary").set_value(str(letters)).run()
        app.text_area(key="text").set_value("a b'").run()
        assert not app.error
    script = str(made_by_server(files["gatesviz-lstm-edits.py"]))
    told = printed(script, tmp_path / "m.pt", monkeypatch, capsys)
    with torch.no_grad():
        x = parts["two emb"](torch.tensor([0, 4, 1, 5]))
        likely = parts["one out"](parts[name](x)[0][-1]).softmax(-1)
    first = [f"{letters[k]!r}: {likely[k]:.5g}" for k in likely.argsort(descending=True)[:5]]
    assert told["without"] == f"probabilities at the last step: {', '.join(first)}"


@pytest.mark.parametrize("letters", [20, 20_000])
def test_a_pasted_vocabulary_is_in_the_script_unless_it_is_very_long(letters: int) -> None:
    module, known = nn.LSTM(letters, 2), tuple(f"w {k}" for k in range(letters))
    opened = OpenedModel(module, "rnn", None, nn.Linear(2, letters), known, ())
    model = FileModel("m", opened, True, pasted=True)
    sequence = _sequence([0, 1], ("a", "b"), "x", ())
    script = script_of_file(model, sequence, [], page="What if?")
    place: dict[str, Any] = {}
    _, _, rest = script.partition("vocabulary = [")
    if letters > 1_000:
        assert not rest
        assert len(script) < 5_000
        return
    exec("vocabulary = [" + rest.partition("]\n")[0] + "]", place)
    assert tuple(place["vocabulary"]) == known
    assert "vocabulary=vocabulary," in script
    assert (
        "vocabulary"
        not in script_of_file(
            replace(model, pasted=False), sequence, [], page="What if?"
        ).partition("names")[0]
    )


@pytest.mark.parametrize("text", [*TITLES, *COMMANDS, MARKUP])
def test_no_name_in_a_file_runs_in_its_script(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Names of the part, of its layers and of the entries of a vocabulary that was pasted."""
    monkeypatch.chdir(tmp_path)
    entry = text[:60]
    parts = {text: nn.LSTM(3, 2), f"{text} in": nn.Embedding(3, 3), f"{text} out": nn.Linear(2, 3)}
    state = {f"{k}.{key}": v for k, part in parts.items() for key, v in part.state_dict().items()}
    torch.save(state, "m.pt")
    known = ("a", entry, f"{entry}.")
    opened = gv.open_model(
        "m.pt", part=text, embedding=f"{text} in", readout=f"{text} out", vocabulary=known
    )
    model = FileModel("m.pt", opened, True, pasted=True)
    made_for = _sequence([0, 1, 2], known, "x", ())
    script = script_of_file(model, made_for, edits_from_text("h@1=0"), page="What if?")
    monkeypatch.setattr("sys.argv", ["script.py", "m.pt"])
    capsys.readouterr()
    variables = made_by(script)
    assert tuple(variables["vocabulary"]) == known
    assert repr(entry) in capsys.readouterr().out
    np.testing.assert_allclose(
        variables["plain"].output,
        parts[text](parts[f"{text} in"](torch.arange(3)))[0].detach(),
        atol=1e-6,
    )
    assert [each.name for each in tmp_path.iterdir()] == ["m.pt"]
