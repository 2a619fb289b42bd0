"""Answers of a file's readout with an activation, and of one that names its answers."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

import gatesviz as gv
from gatesviz.detective.scores import NextEntry, NextValue, SameNumbers
from gatesviz.model_files import OpenedModel
from gatesviz.model_files.answers import READS_LAST
from gatesviz.recordings.activated import ActivatedLinear
from gatesviz.ui.file_answers import CLASSES, REALS, YES_OR_NO
from gatesviz.ui.file_model import FileModel
from gatesviz.ui.find_unit.file_scores import score_of
from gatesviz.ui.find_unit.given import Given
from gatesviz.ui.find_unit.parameters import OWN_TEXT, RANDOM, TABLE
from gatesviz.ui.model_menus import with_meaning
from gatesviz.ui.what_if.moves import describe_answers
from tests.model_files.making_keras import activated, dense, lstm, written
from tests.ui.test_feed import open_feed, player, said

INPUTS = torch.randn(12, 1, generator=torch.Generator().manual_seed(3))


def forecaster(activation: str = "relu", answers: int = 1, bias: float = 0.0) -> FileModel:
    """A GRU of one number with an activated readout, as a Keras file opens.

    The sums of each answer have the mean ``bias``.
    """
    torch.manual_seed(2)
    module, readout = nn.GRU(1, 4), ActivatedLinear(4, answers)
    with torch.no_grad():
        readout.weight.mul_(9)
        sums = nn.functional.linear(module(INPUTS)[0], readout.weight, readout.bias)
        readout.bias.add_(bias - sums.mean(0))
    readout.activation = activation
    opened = OpenedModel(module, "", None, readout, None, (), activation=activation)
    return with_meaning(FileModel("m", opened, False))


def recorded(model: FileModel, **options: object) -> gv.Recording:
    return gv.record(model.module, INPUTS, **options)


def by_hand(model: FileModel, output: np.ndarray) -> np.ndarray:
    readout = model.opened.readout
    weight, bias = (one.detach().double().numpy() for one in (readout.weight, readout.bias))
    sums = output.astype(float) @ weight.T + bias
    return np.maximum(sums, 0) if model.opened.activation == "relu" else np.tanh(sums)


@pytest.mark.parametrize("answers", [1, 3])
@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_the_answers_are_those_after_the_activation(activation: str, answers: int) -> None:
    model = forecaster(activation, answers)
    recording = recorded(model)
    expected = by_hand(model, recording.output)
    found = model.answers(recording.output)
    assert found is not None
    assert (found.kind, model.undecided, model.kind) == ("number", 0, "number")
    assert found.names == (("value",) if answers == 1 else ("number 0", "number 1", "number 2"))
    what = "the number" if answers == 1 else "these numbers"
    assert found.question == f"Your readout gives {what} ({activation}):"
    np.testing.assert_allclose(found.values, expected, atol=1e-6)
    assert found.readout is not None
    assert found.readout.kind == activation  # the browser computes the same
    sums = recording.output @ found.readout.weight.T + found.readout.bias
    assert abs(sums - expected).max() > 0.05
    once = replace(model, once=model.opened.readout, opened=replace(model.opened, readout=None))
    last = by_hand(model, recording.output[-1:])[0]
    assert f"{once.answer_name(0)}: {last[0]:.4g}" in once.answer_once(recording)


def test_an_edit_that_a_relu_hides_moves_no_answer() -> None:
    model = forecaster(bias=-9)
    before = recorded(model).output
    after = recorded(model, edits=[gv.Edit("h", 0.9, steps=4)]).output
    assert abs(after - before).max() > 0.1
    assert describe_answers(model, before, after) == ["Your edits don't move its answers."]
    shown = forecaster(bias=0)
    moved = abs(by_hand(shown, after) - by_hand(shown, before))
    assert f"the answer moves by {moved.mean():.3g}" in " ".join(
        describe_answers(shown, before, after)
    )


def test_a_score_measures_the_answers_after_the_activation() -> None:
    model = forecaster("relu")
    recording = recorded(model)
    x = torch.from_numpy(recording.trace().inputs)[:, None]
    answers = by_hand(model, recording.output)
    got = score_of(model, Given(TABLE, forecasts=True), x, values=x.numpy())
    assert isinstance(got["probe"].score, NextValue)
    [first, *_] = gv.ablate(got["probe"])
    wanted = abs(answers[:-1] - x[1:, 0].numpy()).mean()
    assert first.unchanged == pytest.approx(wanted, rel=1e-5)
    got = score_of(model, Given(TABLE), x, values=x.numpy())
    assert isinstance(got["probe"].score, SameNumbers)
    edited = gv.record(model.module, x, edits=[gv.Edit("h", 0.0, units=2)]).output[:, 0]
    harm = next(one for one in gv.ablate(got["probe"]) if one.unit == 2)
    moved = np.sqrt(((by_hand(model, edited) - answers) ** 2).mean())
    assert harm.score == pytest.approx(moved, rel=1e-4)


def of_entries(**more: object) -> FileModel:
    """A model of four letters with four answers."""
    torch.manual_seed(1)
    module, table, readout = nn.LSTM(3, 5), nn.Embedding(4, 3), nn.Linear(5, 4)
    opened = OpenedModel(module, "", table, readout, tuple("ACGT"), (), **more)
    return FileModel("m", opened, True)


CLASS_NAMES = ("promoter", "enhancer", "silencer", "none")


@pytest.mark.parametrize("more", [{}, {"answer_names": tuple("ACGT")}, {"activation": "softmax"}])
def test_answers_for_each_entry_are_the_next_one(more: dict[str, object]) -> None:
    model = with_meaning(of_entries(**more))
    assert model.predicts
    assert model.writes
    assert (model.kind, model.undecided) == ("choice", 0)
    assert len(str(model.continue_text("A", 5))) == 6


@pytest.mark.parametrize(
    ("more", "why", "asked"),
    [
        ({"answer_names": CLASS_NAMES}, "The file's names of the answers aren't the entries", True),
        ({"activation": "sigmoid"}, "The readout's activation is 'sigmoid', not a softmax", False),
    ],
)
def test_classes_of_a_text_are_not_taken_for_its_next_entry(
    more: dict[str, object], why: str, asked: bool
) -> None:
    model = of_entries(**more)
    assert not model.predicts
    assert not model.writes
    assert model.undecided == (4 if asked else 0)
    assert model.kind is None
    with pytest.raises(ValueError, match=why):
        model.opened.continue_text("A")
    entries = np.tile(np.arange(40) % 4, (1, 1)).T
    read = model.opened.features(entries.ravel().tolist())[:, None]
    assert score_of(model, Given(OWN_TEXT), read, entries) == {}  # until the reader says what it is
    for means, metric in ((CLASSES, "unchanged answers"), (REALS, "RMSE from the unchanged")):
        got = score_of(replace(model, means=means), Given(RANDOM), read, entries)
        assert got["metric"].startswith(metric)
        assert not isinstance(got["probe"].score, NextEntry)
    known = replace(model, means=CLASSES if asked else YES_OR_NO)
    output = gv.record(model.module, read[:, 0]).output
    shown = known.answers(output)
    assert shown is not None
    assert shown.names == (CLASS_NAMES if asked else tuple("ACGT"))
    logits = model.opened.readout(torch.from_numpy(output)).detach()
    expected = logits.softmax(-1) if asked else logits.sigmoid()
    np.testing.assert_allclose(shown.values, expected, atol=1e-6)


def test_a_readout_of_the_last_step_says_so_beside_a_pasted_vocabulary(tmp_path: Path) -> None:
    pytest.importorskip("h5py", reason="reading Keras files needs h5py")
    layers = lstm("lstm", 4, 5, return_sequences=False), dense("d", 5, 3, "softmax")
    file = written(tmp_path / "m.h5", *layers)
    app = open_feed(weights="your file", src="text", text="abcd")
    app.file_uploader(key="model file").upload("m.h5", file.read_bytes(), "").run()
    app.selectbox(key="file input 1").select("one-hot entries of a vocabulary").run()
    app.text_area(key="file vocabulary").set_value("abcd").run()
    assert not app.exception
    notes = gv.open_model(file).notes
    assert READS_LAST in notes
    assert all(note in said(app) for note in notes)
    question = player(app)[0]["panels"][0]["answers"]["question"]
    assert question.startswith("If the sequence ends here, your readout gives these")


@pytest.mark.parametrize(
    ("activation", "kind"), [("relu", "number"), ("tanh", "number"), ("gelu", None)]
)
def test_the_page_shows_the_answers_of_a_keras_file_after_its_activation(
    activation: str, kind: str | None, tmp_path: Path
) -> None:
    pytest.importorskip("h5py", reason="reading Keras files needs h5py")
    file = written(tmp_path / "m.h5", lstm("lstm", 1, 4), dense("d", 4, 2, activation))
    app = open_feed(weights="your file", src="wave")
    app.file_uploader(key="model file").upload("m.h5", file.read_bytes(), "").run()
    assert not app.exception
    assert "file meaning 1" not in [one.key for one in app.selectbox]
    shown, arrays = player(app)
    given = shown["panels"][0]["answers"]
    if kind is None:
        assert given is None
        assert "gatesviz doesn't compute its activation 'gelu'. So no answers" in said(app)
        return
    assert given["kind"] == kind
    assert shown["panels"][0]["engine"]["readout"] == activation
    opened = gv.open_model(file)
    x = torch.tensor(arrays["0.x"], dtype=torch.float32)
    linear = nn.functional.linear(
        opened.module(x)[0], opened.readout.weight, opened.readout.bias
    ).detach()
    np.testing.assert_allclose(arrays["0.y"], activated(activation, linear.numpy()), atol=1e-3)
    assert abs(arrays["0.y"] - linear.numpy()).max() > 0.01
