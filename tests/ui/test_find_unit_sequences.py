"""Several texts, and tables of sequences, on "Find the unit", against modules that read each."""

import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import gatesviz as gv
from gatesviz.figures import unit_bars_alt
from gatesviz.sequences import parse_table
from gatesviz.ui.find_unit.given_table import GivenTable, cells_of, labels_of
from gatesviz.ui.find_unit.long_text import MORE_NAMED
from gatesviz.ui.find_unit.parameters import ALL_ROWS, EACH_ROW, OWN_TEXT, TABLE, WHERE
from tests.hostile import MARKUP
from tests.ui.test_find_unit import alts, open_page, stretches, words
from tests.ui.test_find_unit_files import numeric, read, worded
from tests.ui.test_model_upload import ALPHABET, Writer, saved

TAGGED = """\
sentence,word,tag,depth,score
s1,the,DET,0,0.5
s1,class,NOUN,1,
s2,is,VERB,0,0.25
s1,of,ADP,1,0.75
s2,a,DET,2,0.5
s2,function,NOUN,2,1
s2,in,ADP,1,0
s3,and,-,0,1
s3,to,ADP,1,0
"""


def grouped(text: str) -> GivenTable:
    """Return the table of `TAGGED` with its words, as the page makes it."""
    table = parse_table(text, worded=True)
    order = {name: k for k, name in enumerate(dict.fromkeys(table.words["sentence"]))}
    return GivenTable(
        "Pasted table, word",
        np.array([order[name] for name in table.words["sentence"]]),
        tuple(order),
        True,
        cells=table.words["word"],
        columns=labels_of(table, ["word"]),
    )


def test_ids_that_float64_cannot_tell_apart_name_different_sequences() -> None:
    ids = [str(first + k) for first in (2**53, 10**18) for k in range(3)]
    table = parse_table("user,value\n" + "\n".join(f"{one},{k}" for k, one in enumerate(ids)))
    assert table.numeric == ("user", "value")
    assert cells_of(table, "user") == tuple(ids)
    table = parse_table("code,value\n007,0.1\nNA,0.25\n8,1000000", worded=True)
    assert cells_of(table, "code") == ("007", "", "8"), "a model of characters reads the zeros"
    table = parse_table("user,value\n1234567890123456,0.1\nNA,0.25\n8,3")
    assert cells_of(table, "user") == ("1234567890123456", "", "8")
    assert cells_of(table, "value") == ("0.1", "0.25", "3")


def test_a_table_of_words_is_read_by_sentence_with_the_labels_of_its_columns() -> None:
    model = worded()
    got = read(model, source=TABLE, table=grouped(TAGGED), about="Pasted table, word")
    texts = [["the", "class", "of"], ["is", "a", "function", "in"], ["and", "to"]]
    assert got.texts == texts
    assert got.named(1) == "Sequence 1 (“s2”)"
    assert got.about.startswith("3 sequences of 2 to 4 steps, from Pasted table, word")
    tags = [["DET", "VERB", None], ["NOUN", "DET", "ADP"], ["ADP", "NOUN", None]]
    assert got.columns["tag"].tolist() == [*tags, [None, "ADP", None]]
    nan = math.nan
    np.testing.assert_array_equal(
        got.columns["depth"], [[0, 0, 0], [1, 2, 1], [1, 2, nan], [nan, 1, nan]]
    )
    assert math.isnan(got.columns["score"][1, 0])  # an empty cell
    assert list(got.columns)[-1] == "word"
    alone = [model.module(model.opened.features(text))[0].detach().numpy() for text in texts]
    depths = [[0, 1, 1], [0, 2, 2, 1], [0, 1]]
    stacked, given = np.concatenate(alone), np.concatenate(depths)
    best = gv.rank(got.recording, got.columns["depth"])[0]
    found = np.abs([np.corrcoef(stacked[:, unit], given)[0, 1] for unit in range(4)])
    assert best.unit == found.argmax()
    assert best.measure == pytest.approx(found.max(), abs=1e-6)
    classes = gv.rank(got.recording, got.columns["tag"])[0]
    assert classes.name == "η²"
    assert classes.steps == 8  # "and" has no tag
    bits = []
    for text, states in zip(texts, alone, strict=True):
        logits = model.opened.readout(torch.from_numpy(states))[:-1]
        following = torch.tensor([model.vocabulary.index(word) for word in text[1:]])
        bits += nn.functional.cross_entropy(logits, following, reduction="none").tolist()
    [harm] = gv.ablate(got.probe, [0])
    assert harm.unchanged == pytest.approx(np.mean(bits) / math.log(2), rel=1e-6)


def test_each_line_of_a_text_is_read_from_its_own_beginning_and_may_be_a_thousand() -> None:
    model = worded()
    lines = [
        "the class of",
        "zebra",
        "is a function in",
        "",
        "and to the",
        "a a a",
        "of in",
        "to a",
    ]
    got = read(model, source=OWN_TEXT, text="\n".join(lines), lines=True)
    texts = [["the", "class", "of"], ["is", "a", "function", "in"], ["and", "to", "the"]]
    assert got.texts[:3] == texts  # a line with one known word is no sequence
    assert len(got.texts) == 6
    assert got.about.endswith("in your model's words, without 1 line with fewer than 2 known words")
    last = model.module(model.opened.features(texts[2]))[0].detach()
    np.testing.assert_allclose(got.recording.trace().states["h"][1:4, 2], last, atol=1e-6)
    assert got.probe.score.stretch == 0  # six sequences are enough for an interval of their own
    [harm] = gv.ablate(got.probe, [1])
    assert (harm.harm.n, harm.harm.unit) == (6, "sequence")
    rows = GivenTable("t", np.array([0, 0, 1, 1]), ("a", "b"), True, cells=("a", "the", "of", "is"))
    assert read(model, source=TABLE, table=rows, about="t").more == MORE_NAMED
    few = read(model, source=OWN_TEXT, text="the class of\nis a function in", lines=True)
    assert few.begins == "Each line is a sequence of its own."
    assert few.probe.score.stretch > 0
    many = read(model, source=OWN_TEXT, text="the a\n" * 1_200, lines=True)
    assert len(many.labels) == 1_000
    assert "from the first 2,000 of 2,400 words of your text, one for each line" in many.about
    assert gv.ablate(many.probe, [0])[0].harm.n == 1_000


def test_sequences_of_numbers_are_those_of_a_column_and_their_forecasts_count_alike() -> None:
    model = numeric(2, 2)
    dice = np.random.default_rng(2)
    values = dice.normal(size=(40, 2)).astype(np.float32)
    names = np.array([*[0, 1] * 6, *[0] * 20, *[2] * 7, 3])
    labels = dice.normal(size=40)
    table = GivenTable("t", names, ("a", "b", "c", "d"), True, values, columns={"y": labels})
    got = read(model, source=TABLE, table=table, about="t", forecasts=True)
    assert got.about == "3 sequences of 6 to 26 steps, from t"  # "d" has one row
    assert got.names == ("a", "b", "c")
    errors, states, given = [], [], []
    for k in range(3):
        rows = torch.from_numpy(values[names == k])
        output, _ = model.module(rows)
        errors.append((model.opened.readout(output)[:-1] - rows[1:]).abs().detach())
        states.append(output.detach().numpy())
        given.append(labels[names == k])
    [harm] = gv.ablate(got.probe, [0])
    assert harm.unchanged == pytest.approx(torch.cat(errors).mean().item(), rel=1e-5)
    every, column = np.concatenate(states), np.concatenate(given)
    r = np.abs([np.corrcoef(every[:, unit], column)[0, 1] for unit in range(5)])
    assert gv.rank(got.recording, got.columns["y"])[0].measure == pytest.approx(r.max(), abs=1e-6)
    whole = GivenTable("t", np.zeros(40, np.int64), (), False, values, columns={"y": labels})
    cut = read(model, source=TABLE, table=whole, about="t")
    np.testing.assert_array_equal(cut.columns["y"].T.ravel(), labels)
    lonely = GivenTable("t", np.arange(40), tuple("abcd" * 10), True, values)
    with pytest.raises(ValueError, match="one row only"):
        read(model, source=TABLE, table=lonely, about="t")


def upload(weights: object, **query: str) -> Any:
    app = open_page(unmodel="your file", **query)
    app.file_uploader(key="model file").upload("m.pt", saved(weights), "").run()
    assert not app.exception
    return app


def test_a_column_of_a_table_is_the_property_and_another_one_names_the_sequences() -> None:
    torch.manual_seed(0)
    module = nn.GRU(2, 3)
    app = upload(module.state_dict(), unread=TABLE)
    app.selectbox(key="file input 1").select("numbers").run()
    dice = np.random.default_rng(0)
    x, group = dice.normal(size=(60, 2)).round(3), np.repeat(list("qpr"), [20, 25, 15])
    flag = (x[:, 0] > 0).astype(int)
    rows = [
        f"{g},{a},{b},{f},{MARKUP[:9] if f else 'no'}"
        for g, (a, b), f in zip(group, x.tolist(), flag.tolist(), strict=True)
    ]
    app.text_area(key="pasted").set_value("\n".join(["name,x,y,<b>$flag,word", *rows])).run()
    assert not app.exception
    app.selectbox(key="ungroup").select("name").run()
    assert app.selectbox(key="unprop").value == "a column of your table"
    assert app.selectbox(key="uncolumn").options == ["<b>$flag", "word", "name", "x", "y"]
    app.selectbox(key="uncolumn").select("<b>$flag").run()
    assert not app.exception
    inputs = torch.from_numpy(x.astype(np.float32))
    packed = nn.utils.rnn.pack_sequence(inputs.split([20, 25, 15]), enforce_sorted=False)
    labels = np.full((25, 3), np.nan)
    for k, (start, count) in enumerate(((0, 20), (20, 25), (45, 15))):
        labels[:count, k] = flag[start : start + count]
    ranked = gv.rank(gv.record(module, packed), labels)
    assert ranked[0].name == "2·|AUC − ½|"
    assert alts(app)[0] == unit_bars_alt(ranked)
    text = words(app)
    assert f"unit {ranked[0].unit} tracks the property “<b>$flag” best" in text
    assert "Measured on 3 sequences of 15 to 25 steps, from 2 columns of Pasted table (60" in text
    assert "<b>" not in "\n".join(one.value for one in [*app.markdown, *app.caption])
    assert "Shown: Sequence 0 (“q”)." in text
    [lane] = [one for one in app.get("plotly_chart") if "h of unit" in one.proto.alt]
    assert "<b>" not in lane.proto.spec
    app.session_state["unview"] = WHERE
    app.run()
    assert stretches(app)[0][0]["title"].startswith("Sequence 0 (“q”): ")


def test_gaps_are_filled_within_a_sequence_and_rows_without_a_name_are_left_out() -> None:
    torch.manual_seed(0)
    module = nn.GRU(1, 3)
    app = upload(module.state_dict(), unread=TABLE)
    app.selectbox(key="file input 1").select("numbers").run()
    rows = ["a,1", "b,-1", "a,", "b,", "a,5", ",100", ",7", "b,2", "b,4"]
    app.text_area(key="pasted").set_value("\n".join(["name,v", *rows])).run()
    app.selectbox(key="column").select("v").run()
    app.selectbox(key="ungroup").select("name").run()
    assert "“v” has no value in row 4 (2 missing in all). Fill gaps with the last" in words(app)
    app.checkbox(key="fill").check().run()
    assert not app.exception
    values = [torch.tensor(each)[:, None] for each in ([1.0, 1, 5], [-1.0, -1, 2, 4])]
    packed = nn.utils.rnn.pack_sequence(values, enforce_sorted=False)
    labels = np.array([[0, 1]] * 3 + [[math.nan, 1]])
    assert alts(app)[0] == unit_bars_alt(gv.rank(gv.record(module, packed), labels))
    text = words(app)
    assert "Gaps filled with the last value of the same sequence: 2." in text
    assert "Left out: 2 rows have no name in the column “name”, first in row 7." in text
    assert "Measured on 2 sequences of 3 to 4 steps" in text
    app.text_area(key="pasted").set_value("name,v\na,1\na,2\nb,\nb,2\nb,4").run()
    assert not app.exception
    begins = "“v” has no value in row 4. Sequence “b” has no value before it to repeat. Remove"
    assert begins in words(app)


def test_the_index_of_a_vocabulary_is_made_once_for_all_cells() -> None:
    made = 0

    class Counted(tuple[str, ...]):
        def __iter__(self) -> Any:
            nonlocal made
            made += 1
            return super().__iter__()

    model = worded(Counted(("the", "class", "of", "is")))
    cells = ["the class", "of", "zebra is"] * 100
    assert [model.entries_of(cell) for cell in cells[:3]] == [([0, 1], 0), ([2], 0), ([3], 1)]
    before = made
    table = GivenTable("t", np.arange(300), (), True, cells=tuple(cells))
    assert len(read(model, source=TABLE, table=table, about="t").texts) == 100
    assert made - before < 20


def test_a_link_holds_the_columns_of_a_table_and_waits_for_the_files() -> None:
    rows = "\n".join(f"q{k // 9},{k},{k * k % 7},{k % 5},{k % 2}" for k in range(36))
    query = {"unread": TABLE, "columns": '["b", "a"]', "ungroup": "run", "uncolumn": "flag"}
    app = open_page(unmodel="your file", file_input="numbers", unseq="4", **query)
    assert "Upload a model file" in words(app)
    assert "ignored" not in words(app)
    torch.manual_seed(0)
    module = nn.GRU(2, 3)
    app.file_uploader(key="model file").upload("m.pt", saved(module.state_dict()), "").run()
    assert not app.exception
    assert "ignored" not in words(app)
    app.text_area(key="pasted").set_value(f"run,t,a,b,flag\n{rows}").run()
    assert not app.exception
    assert app.multiselect(key="file columns").value == ["b", "a"]
    assert app.selectbox(key="uncolumn").options == ["flag", "t", "run", "b", "a"]
    assert app.selectbox(key="ungroup").value == "run"
    assert app.selectbox(key="uncolumn").value == "flag"
    text = words(app)
    assert text.count("was not used") == 1  # there are four sequences
    assert "unseq=4 was not used" in text
    x = torch.tensor([[k % 5, k * k % 7] for k in range(36)]).float().split(9)
    labels = np.arange(36).reshape(4, 9).T % 2
    ranked = gv.rank(gv.record(module, torch.stack(x, 1)), labels)
    assert alts(app)[0] == unit_bars_alt(ranked)
    assert app.query_params["columns"] == '["b", "a"]'
    app.multiselect(key="file columns").set_value(["a", "b"]).run()
    assert "columns" not in app.query_params  # the page's own choice: t only counts
    app.multiselect(key="file columns").set_value(["a", "t"]).run()
    assert app.query_params["columns"] == '["a", "t"]'
    assert not app.exception
    app.file_uploader(key="table").upload("empty.csv", b"", "text/csv").run()
    assert "The file is empty. Choose a file with content." in words(app)


def test_texts_of_a_table_are_read_row_by_row_and_their_labels_hold_for_all_their_steps() -> None:
    torch.manual_seed(0)
    model = Writer()
    app = upload({"state_dict": model.state_dict(), "chars": ALPHABET}, unread=TABLE)
    rows = ["feed it a gate,1", "to see,0", "a sequence,1", "see it,0", "it,1", "a gate,0"]
    app.text_area(key="pasted").set_value("\n".join(["text,liked", *rows])).run()
    assert not app.exception
    assert app.selectbox(key="unwords").value == "text"
    assert app.selectbox(key="ungroup").options[:2] == [EACH_ROW, ALL_ROWS]
    assert app.selectbox(key="ungroup").value == EACH_ROW
    text = words(app)
    assert "6 sequences of 2 to 14 steps" in text
    texts = [row.split(",")[0] for row in rows]
    inputs = [model.letters(torch.tensor([*map(ALPHABET.index, each)])).detach() for each in texts]
    labels = np.full((14, 6), np.nan)
    for k, each in enumerate(texts):
        labels[: len(each), k] = k % 2 == 0
    packed = nn.utils.rnn.pack_sequence(inputs, enforce_sorted=False)
    ranked = gv.rank(gv.record(model.memory, packed), labels, letter="c")
    assert f"unit {ranked[0].unit} tracks the property “liked”" in text
    assert alts(app)[0] == unit_bars_alt(ranked)


def test_labels_of_all_lines_and_a_text_file_for_a_file_and_a_trained_model() -> None:
    query = {"unread": OWN_TEXT, "unlines": "true", "unown": "((a))\n(a)\na()a"}
    app = open_page(**query, unprop="your own labels")
    asked = "Write 5 labels, one for each step of sequence 0: ( ( a ) ). Or write 3 lines"
    assert asked in words(app)
    app.text_area(key="unlabels").set_value("12210\n110\n0100").run()
    assert not app.exception
    model = gv.load_trained("brackets-lstm")
    texts, rows = ["((a))", "(a)", "a()a"], ["12210", "110", "0100"]
    ones = [torch.eye(5)[[model.vocabulary.index(k) for k in text]] for text in texts]
    packed = nn.utils.rnn.pack_sequence(ones, enforce_sorted=False)
    labels = np.full((5, 3), np.nan)
    for k, row in enumerate(rows):
        labels[: len(row), k] = [int(one) for one in row]
    ranked = gv.rank(gv.record(model.module, packed), labels, letter="c")
    assert alts(app)[0] == unit_bars_alt(ranked)
    assert "Measured on 3 sequences of 3 to 5 steps, from your text, one for each" in words(app)
    assert "Make a guess first" in words(app)
    app.text_area(key="unlabels").set_value("12210\n11\n0100").run()
    assert "one for each step of sequence 1, got 2" in words(app)
    app.text_area(key="unlabels").set_value("12210").run()
    assert not app.exception  # the labels of the sequence that is shown
    together = "All lines are read as one sequence. To begin anew at each line, switch on"
    assert together not in words(app)
    assert together in words(open_page(**{**query, "unlines": "false"}))
    app.selectbox(key="unprop").select("open brackets").run()
    app.session_state["unview"] = WHERE
    app.session_state["unto"] = 2
    app.session_state["unfrom"] = 1
    app.run()
    assert not app.exception
    assert "We searched 203 sequences." in words(app)
    assert stretches(app)[0][0]["title"] == "Your sequence 0: The chosen segment"
    app.session_state["unview"] = "which unit tracks a property?"
    app.file_uploader[0].upload("t.txt", "((\nä(a))a\n(\n".encode(), "").run()
    assert not app.exception
    assert "Text in use: t.txt." in words(app)
    assert "2 sequences of 2 to 6 steps" in words(app)
    app.button(key="find-unit typed").click().run()
    assert "3 sequences of 3 to 5 steps" in words(app)
