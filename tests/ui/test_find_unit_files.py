"""What the model of a file reads on "Find the unit", and its score, against torch itself."""

import math

import numpy as np
import pytest
import torch
from torch import nn

import gatesviz as gv
from gatesviz.detective.scores import SameAnswer
from gatesviz.model_files import OpenedModel
from gatesviz.sequences import SERIES
from gatesviz.tasks.characters import CHARACTERS, text
from gatesviz.tasks.texts import held_out_from
from gatesviz.ui.file_model import CLASSES, FileModel
from gatesviz.ui.find_unit.file_readings import _cut, read_file
from gatesviz.ui.find_unit.given import Given, sources, whole_series
from gatesviz.ui.find_unit.models import Examined
from gatesviz.ui.find_unit.parameters import ENGLISH, OWN_TEXT, RANDOM, REAL, TABLE, WAVES
from gatesviz.ui.find_unit.reading import Reading

WORDS = ("<unk>", "the", "is", "a", "of", "class", "function", "to", "in", "and")


def worded(known: tuple[str, ...] = WORDS) -> FileModel:
    torch.manual_seed(0)
    module, embedding = nn.LSTM(3, 4), nn.Embedding(len(known), 3)
    readout = nn.Linear(4, len(known))
    return FileModel("words", OpenedModel(module, "", embedding, readout, known, ()), True)


def numeric(size: int = 1, answers: int = 1, means: str = "") -> FileModel:
    torch.manual_seed(1)
    parts = nn.GRU(size, 5), "", None, nn.Linear(5, answers)
    return FileModel(f"numbers {size}", OpenedModel(*parts, None, ()), False, means)


def read(model: FileModel, **given: object) -> Reading:
    return read_file(Examined("", model, (), given=Given(**given)), model)


def test_a_text_is_read_in_the_words_that_the_model_knows_and_scored_by_the_next_word() -> None:
    model = worded()
    assert sources(model) == (ENGLISH, OWN_TEXT, RANDOM)
    typed = "The class is (A) function. Zebra " * 20
    got = read(model, source=OWN_TEXT, text=typed, about="your text")
    one = [1, 5, 2, 3, 6, 0]
    expected = np.array(one * 20).reshape(6, 20).T
    assert got.texts == [[WORDS[k] for k in column] for column in expected.T]
    assert got.about == "6 sequences of 20 steps, from your text, in your model's words"
    embedded = model.opened.embedding(torch.from_numpy(expected))
    output, _ = model.module(embedded)
    np.testing.assert_allclose(got.recording.output, output.detach(), atol=1e-6)
    logits = model.opened.readout(output)
    loss = nn.functional.cross_entropy(logits[:-1, 1], torch.from_numpy(expected[1:, 1]))
    [harm] = gv.ablate(got.probe, [2])
    assert got.metric == "bits per word"
    assert got.probe.score(logits)[1] == pytest.approx(loss.item() / math.log(2), rel=1e-5)
    assert harm.unchanged == pytest.approx(float(got.probe.score(logits).mean()))
    with pytest.raises(ValueError, match="too few words of the English text"):
        read(worded(("zebra", "the")), source=ENGLISH)
    with pytest.raises(ValueError, match="fewer than two words of your text"):
        read(worded(("zebra", "the")), source=OWN_TEXT, text="the end")


def test_an_english_text_is_read_in_words_where_enough_are_known() -> None:
    letters = text()
    held_out = "".join(CHARACTERS[k] for k in letters[held_out_from(len(letters)) :].tolist())
    frequent = sorted(set(held_out.split()), key=lambda word: -held_out.count(f" {word} "))[:400]
    model = worded(tuple(frequent))
    got = read(model, source=ENGLISH)
    assert got.about.endswith("from an English text about Python, in your model's words")
    words = [word for sample in got.texts for word in sample]
    assert set(words) <= set(frequent)
    as_they_are = [word for word in held_out.split() if word in frequent]
    assert [word for word in words if word in as_they_are[:5]][:1] == as_they_are[:1]
    assert len(got.texts[0]) == 60


@pytest.mark.parametrize(
    ("values", "sequences", "steps"),
    [
        (7, 1, 7),
        (59, 1, 59),
        (60, 6, 10),  # as many as an interval needs
        (359, 6, 59),
        (361, 7, 51),
        (479, 8, 59),  # 7 of 60 steps would leave out 59 values
        (3_000, 50, 60),
        (9_000, 50, 60),
    ],
)
def test_a_long_sequence_is_cut_so_that_few_values_are_left(
    values: int, sequences: int, steps: int
) -> None:
    cut = _cut(np.arange(values)[:, None], 50)
    expected = np.arange(sequences * steps).reshape(sequences, steps).T[..., None]
    np.testing.assert_array_equal(cut, expected)


def test_equal_values_with_another_name_are_other_content() -> None:
    values = np.ones((3, 1), np.float32)
    keys = {
        Given(TABLE, text, values, about).key
        for text, about in (("", "a"), ("", "b"), ("a", ""), ("", "a\ud800"))
    }
    assert len(keys) == 4
    assert Given(TABLE, values=values.copy(), about="a").key in keys


def test_numbers_come_from_waves_a_series_a_table_or_chance() -> None:
    model = numeric()
    assert sources(model)[0] == WAVES
    assert sources(numeric(3)) == (RANDOM, TABLE)
    values = np.sin(np.arange(150, dtype=np.float32))[:, None]
    got = read(model, source=TABLE, values=values, about="rows", forecasts=True)
    np.testing.assert_array_equal(
        got.recording.trace().inputs[..., 0], values[:, 0].reshape(6, 25).T
    )
    assert got.about == "6 sequences of 25 steps, from rows"
    answers = model.opened.readout(torch.from_numpy(got.recording.output)).detach()
    inputs = got.recording.trace().inputs
    errors = [abs(a[1] - b[1]) for a, b in zip(answers[:-1].numpy(), inputs[1:], strict=True)]
    assert got.metric == "mean error of the forecast"
    assert got.probe.score(answers)[1] == pytest.approx(np.mean(errors), rel=1e-5)
    assert read(model, source=WAVES).probe is None
    title = next(iter(SERIES.values())).title
    series = whole_series(title)
    assert (series.mean(), series.std()) == (pytest.approx(0, abs=1e-4), pytest.approx(1, abs=1e-4))
    drawn = read(numeric(3), source=RANDOM).recording.trace().inputs
    assert drawn.shape[0::2] == (60, 3)
    assert (drawn.mean(), drawn.std()) == (pytest.approx(0, abs=0.02), pytest.approx(1, abs=0.02))
    assert REAL in sources(model)
    short = read(model, source=TABLE, values=values[:7], about="rows")
    assert short.about == "1 sequence of 7 steps, from rows"
    with pytest.raises(ValueError, match="Nothing yet"):
        read(model, source=TABLE, problem="Nothing yet")


def test_without_right_answers_the_share_of_unchanged_answers_is_the_score() -> None:
    model = numeric(2, 4, CLASSES)
    got = read(model, source=RANDOM)
    assert (got.metric, got.unit) == ("unchanged answers", "%")
    found = {one.unit: one for one in gv.ablate(got.probe)}
    inputs = got.recording.trace().inputs
    edited = gv.record(model.module, torch.from_numpy(inputs), edits=[gv.Edit("h", 0.0, units=3)])
    readout = model.opened.readout
    before, after = (
        readout(torch.from_numpy(one.output)).argmax(-1) for one in (got.recording, edited)
    )
    assert found[3].score == pytest.approx((before == after).double().mean().item())
    assert found[3].unchanged == 1
    several = SameAnswer.reading(torch.tensor([[[1.0, -1.0]], [[2.0, 1.0]]]), several=True)
    assert several(torch.tensor([[[5.0, -9.0]], [[2.0, -1.0]]])).tolist() == [0.5]
    with pytest.raises(ValueError, match="expected shape"):
        several(torch.zeros(3, 1, 2))


def test_a_model_without_a_vocabulary_reads_random_entries() -> None:
    module, embedding = nn.LSTM(3, 4), nn.Embedding(9, 3)
    model = FileModel("e", OpenedModel(module, "", embedding, None, None, ()), True)
    assert sources(model) == (RANDOM,)
    got = read(model, source=RANDOM)
    assert got.texts is None
    assert {label for sample in got.labels for label in sample} == set(map(str, range(9)))
    assert got.labels[0] != got.labels[1]
