"""What the model of a file reads on "Find the unit", and its score, against torch itself."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

import gatesviz as gv
from gatesviz.detective.properties import bracket_depth, for_texts, position
from gatesviz.detective.scores import SameAnswer
from gatesviz.experiments.statistics import FEWEST
from gatesviz.model_files import OpenedModel
from gatesviz.sequences import SERIES
from gatesviz.tasks.characters import CHARACTERS, text
from gatesviz.tasks.texts import held_out_from
from gatesviz.trained import load_trained
from gatesviz.ui.file_answers import CLASSES, REALS
from gatesviz.ui.file_model import FileModel
from gatesviz.ui.find_unit.amounts import cut_rows
from gatesviz.ui.find_unit.file_readings import read_file
from gatesviz.ui.find_unit.file_scores import why_no_score
from gatesviz.ui.find_unit.given import Given, first_text, sources, whole_series
from gatesviz.ui.find_unit.given_table import GivenTable
from gatesviz.ui.find_unit.harm_texts import answer, score_named
from gatesviz.ui.find_unit.long_text import CUT
from gatesviz.ui.find_unit.models import Examined
from gatesviz.ui.find_unit.parameters import ENGLISH, OWN_TEXT, RANDOM, REAL, TABLE, WAVES
from gatesviz.ui.find_unit.ranking import Ranking
from gatesviz.ui.find_unit.reading import Reading
from gatesviz.ui.find_unit.readings import read_many

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
    assert sources(model) == (
        OWN_TEXT,
        ENGLISH,
        TABLE,
        RANDOM,
    )  # it knows too little of the English one
    assert sources(worded(tuple(dict.fromkeys(CHARACTERS)))) == (ENGLISH, OWN_TEXT, TABLE, RANDOM)
    typed = "The class is (A) function. Zebra " * 20
    got = read(model, source=OWN_TEXT, text=typed, about="your text")
    one = [1, 5, 2, 3, 6, 0]
    expected = np.array(one * 20)[:, None]
    assert got.texts == [[WORDS[k] for k in one * 20]]
    assert got.about == "1 sequence of 120 steps, from your text, in your model's words"
    assert got.begins == ""
    embedded = model.opened.embedding(torch.from_numpy(expected))
    output, _ = model.module(embedded)
    np.testing.assert_allclose(got.recording.output, output.detach(), atol=1e-6)
    logits = model.opened.readout(output)
    loss = nn.functional.cross_entropy(logits[20:40, 0], torch.from_numpy(expected[21:41, 0]))
    [harm] = gv.ablate(got.probe, [2])
    assert got.metric == "bits per word"
    assert got.probe.score(logits)[1] == pytest.approx(loss.item() / math.log(2), rel=1e-5)
    whole = nn.functional.cross_entropy(logits[:-1, 0], torch.from_numpy(expected[1:, 0]))
    assert harm.unchanged == pytest.approx(whole.item() / math.log(2), rel=1e-6)
    with pytest.raises(ValueError, match="too few words of the English text"):
        read(worded(("zebra", "the")), source=ENGLISH)
    with pytest.raises(ValueError, match="fewer than two words of your text"):
        read(worded(("zebra", "the")), source=OWN_TEXT, text="the end")


def bracketed(known: tuple[str, ...] = ("\n", "(", ")", '"', "a", "b")) -> FileModel:
    torch.manual_seed(3)
    parts = nn.LSTM(6, 8), "", None, nn.Linear(8, 6)
    return FileModel("brackets", OpenedModel(*parts, known, ()), True)


def lines(count: int, line: str) -> str:
    return "".join(f"{line}\n" for _ in range(count))


def depths(text: str) -> list[int]:
    """Count the open brackets of a text whose brackets match, from its beginning."""
    return [text[: t + 1].count("(") - text[: t + 1].count(")") for t in range(len(text))]


def ranked_by(model: FileModel, typed: str, wanted: list[int]) -> gv.detective.Tracked:
    """Return the best unit on a text that the module itself reads in one go."""
    once = gv.record(model.module, model.opened.features(model.entries_of(typed)[0])[:, None])
    return gv.detective.rank(once, wanted, letter="c")[0]


def test_a_text_is_read_in_one_go_so_brackets_are_counted_from_its_beginning() -> None:
    model = bracketed()
    typed = "".join(lines(1, "a(b((a)b)a" + ")b" * (k % 2)) for k in range(100))
    got = read(model, source=OWN_TEXT, text=typed)
    assert got.about.startswith(f"1 sequence of {len(typed):,} steps")
    labels = for_texts(bracket_depth, got.texts)
    wanted = depths(typed)
    assert labels[:, 0].tolist() == wanted
    assert max(wanted) > 3  # brackets stay open over many lines
    best = gv.detective.rank(got.recording, labels, letter="c")[0]
    assert best == ranked_by(model, typed, wanted)


def test_a_longer_text_is_cut_after_a_line_break_where_nothing_is_open() -> None:
    model = bracketed()
    typed = lines(230, 'a(b"a"\n(b)a)b')  # each second break is in brackets
    got = read(model, source=OWN_TEXT, text=typed)
    texts = ["".join(text) for text in got.texts]
    assert "".join(texts) == typed
    assert [len(text) for text in texts] == [1_988, 1_232]
    assert all(text.endswith(")b\n") for text in texts)
    assert got.about.startswith("2 sequences of 1,232 to 1,988 steps")
    assert "no bracket and no quotation is open" in got.begins
    labels = for_texts(bracket_depth, got.texts)
    assert [*labels[:1_988, 0], *labels[:1_232, 1]] == bracket_depth(typed).tolist()
    alone = gv.record(model.module, model.opened.features(list(texts[1]))[:, None])
    states = got.recording.trace().states["c"][:1_233, 1]
    np.testing.assert_allclose(states, alone.trace().states["c"][:, 0], atol=1e-6)
    [harm] = gv.ablate(got.probe, [0])
    assert harm.harm.n == len(texts[0]) // 60 + len(texts[1]) // 60 + 2
    nested = read(model, source=OWN_TEXT, text="(a" * 1_500)
    assert "1 of its 1 cuts are inside brackets" in nested.begins
    assert nested.about.startswith("2 sequences of 1,000 to 2,000 steps")


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
    ("known", "begins"),
    [
        (tuple("abcdeghilmnostwx []"), "the cat [a small one] sat"),
        (tuple("xyz{}"), "xyz{xyz}xyz{"),
        (("<unk>", "alpha", "beta", "(", ")"), "alpha beta ( alpha beta ) alpha"),
        (tuple("tosea gf,dqunc"), "to see a gate, feed"),
    ],
)
def test_the_first_text_of_a_model_opens_brackets_where_it_knows_some(
    known: tuple[str, ...], begins: str
) -> None:
    model = worded(tuple(dict.fromkeys(known)))
    first = first_text(model)
    assert first.startswith(begins)
    assert model.entries_of(first)[1] == 0
    if {*known} & {*"([{"}:
        got = read(model, source=OWN_TEXT, text=first)
        depth = for_texts(bracket_depth, got.texts)
        assert len(np.unique(depth)) > 1
        [harm] = gv.ablate(got.probe, [0])
        assert harm.harm.n >= FEWEST  # stretches of the text


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
    cut = cut_rows(np.arange(values)[:, None], 50)
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
    assert got.about == "6 sequences of 25 steps, cut from rows"
    answers = model.opened.readout(torch.from_numpy(got.recording.output)).detach()
    inputs = got.recording.trace().inputs
    errors = [abs(a[1] - b[1]) for a, b in zip(answers[:-1].numpy(), inputs[1:], strict=True)]
    assert got.metric == "mean error of the forecast"
    assert got.probe.score(answers)[1] == pytest.approx(np.mean(errors), rel=1e-5)
    assert read(model, source=WAVES).metric == "RMSE from the unchanged answers"
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


def test_a_text_that_is_too_long_for_a_large_vocabulary_is_cut() -> None:
    known = tuple(f"w{k}" for k in range(8000))
    model = worded(known)
    typed = " ".join(known[k] for k in np.random.default_rng(0).integers(8000, size=1300))
    got = read(model, source=OWN_TEXT, text=typed, about="your text")
    width = Examined("", model, ()).width
    most = 10_000_000 // width
    assert 1000 < most < 1300
    assert got.texts == [typed.split()[:most]]
    assert got.about == (
        f"1 sequence of {most:,} steps, from the first {most:,} of 1,300 words of your text, in"
        " your model's words"
    )


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
    halves = SameAnswer(np.array([[0], [0], [1], [1]]), np.array([[1], [1], [1], [0]], bool), 2)
    now = torch.tensor([[[1.0, 0.0]], [[0.0, 1.0]], [[0.0, 1.0]], [[1.0, 0.0]]])
    assert halves(now).tolist() == [0.5, 1.0]  # the last step is beyond the end
    several = SameAnswer.reading(torch.tensor([[[1.0, -1.0]], [[2.0, 1.0]]]), several=True)
    assert several(torch.tensor([[[5.0, -9.0]], [[2.0, -1.0]]])).tolist() == [0.5]
    with pytest.raises(ValueError, match="expected shape"):
        several(torch.zeros(3, 1, 2))


def of_final_states(answers: int, means: str) -> FileModel:
    """A bidirectional model with one answer for each sequence."""
    torch.manual_seed(5)
    module, readout = nn.GRU(6, 5, bidirectional=True), nn.Linear(10, answers, bias=False)
    for weight in module.parameters():
        weight.data *= 4  # so that the answers differ
    known = ("<pad>", "good", "bad", "film", "not", "very")
    opened = OpenedModel(module, "", None, None, known, (), "h_n")
    return FileModel("once", opened, True, means, readout)


def loop_of_final_states(model: FileModel, line: str, unit: int | None) -> torch.Tensor:
    """Return the answers for one line; h of ``unit`` is 0 in the forward direction."""
    x = model.opened.features(line.split()).float()
    cell = nn.GRUCell(6, 5)
    cell.load_state_dict({
        name.removesuffix("_l0"): value
        for name, value in model.module.state_dict().items()
        if name.endswith("_l0")
    })  # fmt: skip
    h = torch.zeros(1, 5)
    for step in x:
        h = cell(step[None], h)
        if unit is not None:
            h = h.clone()
            h[:, unit] = 0
    _, whole = model.module(x[:, None])
    return model.once(torch.cat([h, whole[1]], -1))[0].detach()


LINES = (
    "good film", "bad film not good", "very good", "bad bad", "not very good film", "film",
    "very bad", "good good not bad",
)  # fmt: skip


def test_a_readout_of_the_final_states_is_compared_once_a_line_with_an_own_loop() -> None:
    model = of_final_states(3, CLASSES)
    got = read(model, source=OWN_TEXT, text="\n".join([*LINES, "", "zebra"]))
    assert got.texts == [line.split() for line in LINES]
    assert got.about.startswith("8 sequences of 1 to 4 steps, from your text, one for each line")
    assert "Each line is a sequence of its own" in got.begins
    assert (got.metric, got.unit) == ("unchanged answers", "%")
    found = {one.unit: one for one in gv.ablate(got.probe)}
    scores = []
    for unit in range(5):
        same = [
            (
                loop_of_final_states(model, line, unit).argmax()
                == loop_of_final_states(model, line, None).argmax()
            ).item()
            for line in LINES
        ]
        assert found[unit].score == pytest.approx(np.mean(same))
        assert (found[unit].harm.n, found[unit].harm.unit) == (len(LINES), "sequence")
        scores.append(np.mean(same))
    assert min(scores) < 1  # the comparison isn't empty
    drawn = read(model, source=RANDOM)
    assert len(gv.ablate(drawn.probe, [0])[0].harm.values) == len(drawn.labels)
    assert read(of_final_states(3, ""), source=RANDOM).probe is None
    with pytest.raises(ValueError, match=r"One of your sequences has 2,001 words"):
        read(model, source=OWN_TEXT, text="good\n" + "bad " * 2_001)


def test_numbers_without_right_answers_are_compared_by_rmse() -> None:
    once = of_final_states(1, "")
    got = read(once, source=OWN_TEXT, text="\n".join(LINES))
    assert got.metric == "RMSE from the unchanged answers"
    found = {one.unit: one for one in gv.ablate(got.probe)}
    moved = [
        (loop_of_final_states(once, line, 2) - loop_of_final_states(once, line, None)).item()
        for line in LINES
    ]
    assert found[2].score == pytest.approx(np.sqrt(np.mean(np.square(moved))), rel=1e-4)
    assert found[2].unchanged == pytest.approx(0, abs=1e-6)
    model = numeric(3, 2, REALS)
    values = np.random.default_rng(0).normal(size=(150, 3)).astype(np.float32)
    got = read(model, source=TABLE, values=values, about="rows")
    [harm] = gv.ablate(got.probe, [4])
    inputs = torch.from_numpy(got.recording.trace().inputs)
    cell = nn.GRUCell(3, 5)
    names = {name.removesuffix("_l0"): value for name, value in model.module.state_dict().items()}
    cell.load_state_dict(names)
    h, after = torch.zeros(inputs.shape[1], 5), []
    for step in inputs:
        h = cell(step, h) * torch.tensor([1.0, 1, 1, 1, 0])
        after.append(h)
    readout = model.opened.readout
    moved = readout(torch.stack(after)) - readout(model.module(inputs)[0])
    assert harm.score == pytest.approx(moved.square().mean().sqrt().item(), rel=1e-4)
    assert harm.harm.low > 0


def test_the_score_is_explained_before_the_guess_and_a_short_text_says_what_to_do() -> None:
    def asked(model: FileModel, **given: object) -> tuple[str, Reading]:
        got = read(model, **given)
        ranked = gv.rank(got.recording, for_texts(position, got.labels))
        examined = Examined("", model, ())
        return score_named(Ranking(examined, "position", got, got, None, ranked, 0)), got

    named, short = asked(bracketed(), source=OWN_TEXT, text="a(b)ab" * 9 + "a" * 5)
    assert named == (
        "bits per character (−log₂ of the next character's probability, after a softmax; lower is"
        " better)"
    )
    [few] = gv.ablate(short.probe, [0])
    assert few.harm.unit == "stretch"
    assert few.harm.n == 6
    assert "at least 60 characters" in short.more
    _, shorter = asked(bracketed(), source=OWN_TEXT, text="a(b)" * 5)
    [few] = gv.ablate(shorter.probe, [0])
    said = answer(few, "", shorter.more)
    assert said.startswith(
        f"2 stretches are too few to tell: at least 6 are needed. {shorter.more}"
    )
    ranked = gv.rank(shorter.recording, np.arange(20.0)[:, None], letter="c")
    confirmed = gv.confirm(ranked, gv.ablate(shorter.probe))
    assert "but 2 stretches are too few to say" in confirmed.sentence
    named, once = asked(of_final_states(3, CLASSES), source=OWN_TEXT, text="good film\nbad film")
    assert named == (
        "unchanged answers (the share of sequences with the same answer as before; higher is"
        " better)"
    )
    assert "Type at least 6 lines" in once.more
    named, _ = asked(numeric(3, 2, REALS), source=RANDOM)
    assert named == (
        "RMSE from the unchanged answers (how far the readout's numbers move; lower is better)"
    )


def test_a_page_without_a_score_says_which_menu_to_use() -> None:
    assert "“The readout gives”" in why_no_score(numeric(3, 4))
    unsure = replace(numeric(), opened=replace(numeric().opened, readout=None), unsure=True)
    assert "“The readout reads”" in why_no_score(unsure)
    without = replace(numeric(), opened=replace(numeric().opened, readout=None))
    assert "no readout" in why_no_score(without)
    assert "gatesviz.ablate" in why_no_score(without)
    assert "501 answers" in why_no_score(numeric(1, 501))


def test_a_model_without_a_vocabulary_reads_random_entries() -> None:
    module, embedding = nn.LSTM(3, 4), nn.Embedding(9, 3)
    model = FileModel("e", OpenedModel(module, "", embedding, None, None, ()), True)
    assert sources(model) == (RANDOM,)
    got = read(model, source=RANDOM)
    assert got.texts is None
    assert {label for sample in got.labels for label in sample} == set(map(str, range(9)))
    assert got.labels[0] != got.labels[1]


def test_a_reading_says_where_its_sequences_begin_in_the_middle_of_a_text() -> None:
    def begins(name: str) -> str:
        return read_many(Examined(name, load_trained(name), ())).begins

    assert begins("characters-lstm") == CUT
    assert begins("brackets-lstm") == ""
    english = read(worded(tuple(dict.fromkeys(CHARACTERS))), source=ENGLISH)
    assert english.begins == CUT
    values = np.zeros((296, 1), np.float32)
    rows = GivenTable("rows", np.zeros(296, np.int64), (), False, values)
    told = read(numeric(), source=TABLE, table=rows, about="rows").about
    assert told == "6 sequences of 49 steps, cut from rows, without the last 2 of 296 rows"
    assert "counted anew" in read(numeric(), source=TABLE, values=values, about="rows").begins
