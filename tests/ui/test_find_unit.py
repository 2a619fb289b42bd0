"""The page "Find the unit", without a browser: its numbers against the library's."""

import json
import re
import time
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest
from torch import nn

import gatesviz as gv
from gatesviz.detective import properties
from gatesviz.detective.labels import label_text
from gatesviz.detective.packed import pack
from gatesviz.experiments.statistics import interval
from gatesviz.experiments.what_if import fresh_sequences
from gatesviz.figures import unit_bars_alt, unit_harm_alt
from gatesviz.model_files import OpenedModel
from gatesviz.sequences import parse_table
from gatesviz.training import TrainedModel
from gatesviz.ui.file_model import FileModel
from gatesviz.ui.find_unit import switching
from gatesviz.ui.find_unit.given import BRACKETED
from gatesviz.ui.find_unit.harm_texts import TOO_FEW, answer, bars, result, rows, score_named
from gatesviz.ui.find_unit.models import Examined
from gatesviz.ui.find_unit.parameters import BETTER, SAME, WHERE, WORSE
from gatesviz.ui.find_unit.properties import letters_to_remember
from gatesviz.ui.find_unit.ranking import Ranking, how_closely
from gatesviz.ui.find_unit.readings import read_many
from tests.detective.made import latch
from tests.hostile import MARKUP
from tests.serving import ROOT
from tests.ui.test_model_upload import ALPHABET, Writer, saved

CHARACTERS = "LSTM: Predict the next character"


def open_page(session: dict[str, Any] | None = None, **query: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "gatesviz" / "ui" / "main.py"), default_timeout=60)
    for name, value in (session or {}).items():
        app.session_state[name] = value
    for name, value in query.items():
        app.query_params[name] = value
    app = app.switch_page("../../pages/find_unit.py").run()
    assert not app.exception
    return app


def words(app: AppTest) -> str:
    parts = [*app.header, *app.markdown, *app.text, *app.error, *app.info, *app.caption]
    return "\n".join(one.value for one in parts)


def stretches(app: AppTest) -> list[list[dict[str, Any]]]:
    sent = [json.loads(one.proto.json) for one in app.get("bidi_component") if one.proto.json]
    return [one["stretches"] for one in sent if "stretches" in one]


def alts(app: AppTest) -> list[str]:
    return [one.proto.alt for one in app.get("plotly_chart")]


def ended(app: AppTest, seconds: float = 60) -> AppTest:
    """Run the page again until no unit is being switched off."""
    end = time.monotonic() + seconds
    while any(one.key == "stop switching" for one in app.button):
        assert time.monotonic() < end
        time.sleep(0.4)  # a run of the page takes processor time from the measurement
        app.run()
        assert not app.exception
    return app


@pytest.fixture(scope="module")
def brackets() -> tuple[gv.Recording, np.ndarray]:
    model = gv.load_trained("brackets-lstm")
    inputs = fresh_sequences(model, 200).inputs
    texts = properties.spell(inputs, model.vocabulary)
    return gv.record(model.module, inputs), properties.for_texts(properties.bracket_depth, texts)


def test_the_first_screen_ranks_the_units_and_shows_no_result(brackets: Any) -> None:
    app = open_page()
    ranked = gv.rank(*brackets, letter="c")
    best = ranked[0]
    assert (
        f"Of 4 units, unit {best.unit} tracks the property “open brackets” best (correlation |r| ="
        f" {best.measure:.2f})." in words(app)
    )
    assert alts(app)[0] == unit_bars_alt(ranked)
    question = f"The cell state c of unit {best.unit} tracks the property “open brackets” best"
    assert (
        f"{question} (correlation |r| = {best.measure:.2f}). You will switch it off"
        in app.button_group(key="unguess").label
    )
    assert "Make a guess first. Then you can switch the unit off." in words(app)
    assert not [one for one in app.button if one.key == "switch off"]
    assert "Principle" not in words(app)


def test_a_guess_is_judged_by_the_ablation_and_the_verdict_is_confirms(brackets: Any) -> None:
    app = open_page(unguess=SAME)
    app.button(key="switch off").click().run()
    app = ended(app)
    ranked, model = gv.rank(*brackets, letter="c"), gv.load_trained("brackets-lstm")
    ablated = gv.ablate(model, sequences=200)
    by_unit = {one.unit: one for one in ablated}
    best = by_unit[ranked[0].unit]
    text = words(app)
    before, after = best.score_text(best.unchanged), best.score_text(best.score)
    assert f"Not quite, it gets worse: accuracy **{before} → {after}** without unit" in text
    assert gv.confirm(ranked, ablated).sentence in text
    table = app.table[0].value
    assert [int(unit) for unit in table["Unit"]] == [one.unit for one in ablated]
    assert [*table["accuracy without it"]] == [one.score_text(one.score) for one in ablated]
    order = [by_unit[each.unit] for each in ranked]
    assert alts(app)[-1] == unit_harm_alt(ranked, order)
    assert not [one for one in app.button if one.key == "switch off"]
    assert "Principle" in text


def test_where_correlation_and_ablation_disagree_the_page_says_so() -> None:
    """Units 0 and 2 hold the letter equally; only unit 2 is read out."""
    model = latch(holding=2)
    model = TrainedModel(model.spec, 0, model.weights, key="made latch")
    app = open_page(
        {"handed models": (model,)}, unmodel="yours: LSTM", unguess=SAME, run="trtask=latch"
    )
    assert not [one.value for one in app.warning]
    assert "unit 0 tracks the property “the letter to remember” best" in words(app)
    assert (
        "The c of unit 0 is higher where the property is “A”. Unit 2 tracks it equally well"
        " (2·|AUC − ½| = 1.00)." in words(app)
    )
    assert "= 1.00). Measured on 200 held-out sequences of “Recall the first" in words(app)
    app.button(key="switch off").click().run()
    text = words(ended(app))
    assert "Yes, no clear change: accuracy **100.0 % → 100.0 %** without unit 0" in text
    assert "The two measurements disagree: unit 0 tracks" in text
    assert "Unit 2, which tracks it equally well (2·|AUC − ½| = 1.00), matters more" in text


def test_a_model_with_a_convolution_and_attention_is_examined_with_both() -> None:
    spec = gv.TrainingSpec(task="recall", hidden_size=4, length=12, convolution=3, attention=True)
    model = replace(gv.start(spec).model, key="convolved")
    session = {"handed models": (model,)}
    app = open_page(session, unmodel="yours: LSTM", unguess=SAME, run="trconv=3")
    assert "The cell reads 4 channels of a convolution over the last 3 inputs" in words(app)
    app.button(key="switch off").click().run()
    text = words(ended(app))
    examined = Examined(model.key, model, ())
    batch = fresh_sequences(model, examined.sequences(12))
    plain = model.task.score_text(model.task.score(model.outputs(batch.inputs), batch))
    assert f"accuracy **{plain} → " in text
    states = model.module()(model.features(batch.inputs))[0].detach()
    shown = read_many(examined).recording.output
    np.testing.assert_allclose(shown, states, atol=1e-6)


@pytest.mark.parametrize("weight", [0, np.nan])
def test_where_no_unit_can_be_ranked_the_page_says_so(weight: float) -> None:
    model = latch(holding=2)
    weights = np.full_like(model.weights, weight)
    model = TrainedModel(model.spec, 0, weights, key=f"latch of {weight}")
    app = open_page({"handed models": (model,)}, unmodel="yours: LSTM", run="trtask=latch")
    text = words(app)
    assert "No unit of c can be ranked: each is constant, or has a value that isn't finite." in text
    assert "No unit can be ranked, so this page has none to switch off." in text
    assert "it doesn't know which answers" not in text
    app.session_state["unview"] = WHERE
    text = words(app.run())
    assert "no compared unit stays 0.3 or more from 0 through the stretch" in text
    assert ("because each has a value that isn't finite" in text) == np.isnan(weight)
    assert "below nan" not in text


def test_the_caption_says_how_many_units_are_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(switching, "MOST", 2)
    app = open_page(unmodel="LSTM: Recall the last capital letter", unguess=WORSE)
    app.button(key="switch off").click().run()
    app = ended(app)
    assert len(app.table[0].value) == 2
    assert "only the 2 units that track the property best are switched off, of 6." in words(app)
    app.button(key="switch all").click().run()
    app = ended(app)
    assert len(app.table[0].value) == 6
    assert "only the 2 units" not in words(app)
    assert not [one for one in app.button if one.key in ("switch off", "switch all")]


def test_a_stopped_measurement_goes_on_later_and_a_unit_held_at_its_mean_is_another_one() -> None:
    query = {"unmodel": "GRU: Continue a wave", "unguess": WORSE}
    app = open_page(**query)
    app.button(key="switch off").click().run()
    app.button(key="stop switching").click().run()
    assert not [one for one in app.button if one.key == "stop switching"]
    assert app.button(key="switch off").label.startswith("Switch off")
    app = open_page(**query, unoff="its mean")
    app.button(key="switch off").click().run()
    app = ended(app)
    ablated = gv.ablate(gv.load_trained("wave-gru"), off="mean", sequences=200)
    shown = [one for one in ablated if one.unit == 7 or one in ablated[:10]]  # 7 tracks best
    assert [int(unit) for unit in app.table[0].value["Unit"]] == [one.unit for one in shown]
    other = open_page(**query)
    assert other.button(key="switch off").label == (
        "Switch off the 12 units one at a time, unit 7 first"
    )


def test_another_property_uses_the_measured_units_and_measures_its_own_best_unit(
    brackets: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(switching, "PART", 1)
    monkeypatch.setattr(switching, "MOST", 1)
    packed: list[object] = []
    monkeypatch.setattr(switching, "pack", lambda model: packed.append(model) or pack(model))
    app = open_page(unguess=WORSE, unoff="its mean")
    assert not packed  # the model is sent, and forgotten, when a part begins
    app.button(key="switch off").click().run()
    app = ended(app)
    [first] = {int(unit) for unit in app.table[0].value["Unit"]}
    monkeypatch.setattr(switching, "MOST", 64)
    ranked = gv.rank(brackets[0], np.arange(40.0), letter="c")
    best = ranked[0].unit
    assert first != best
    app = open_page(unguess=WORSE, unoff="its mean", unprop="position")
    assert app.button(key="switch off").label == (
        f"Switch off the 3 units one at a time, unit {best} first"
    )
    assert not app.table
    app.button(key="switch off").click().run()
    app = ended(app)
    ablated = gv.ablate(gv.load_trained("brackets-lstm"), off="mean", sequences=200)
    assert gv.confirm(ranked, ablated).sentence in words(app)
    app = open_page(unguess=WORSE, unoff="its mean")
    assert not [one for one in app.button if one.key == "switch off"]
    assert len(app.table[0].value) == len(packed) == 4  # each unit is measured once


def test_a_verdict_waits_until_all_units_are_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    model = latch(holding=2)
    model = TrainedModel(model.spec, 0, model.weights, key="latch for a verdict")
    ablated = [one for one in gv.ablate(model, sequences=10) if one.unit == 0]
    monkeypatch.setattr(switching.Plan, "found", ablated)
    session = {"handed models": (model,)}
    app = open_page(session, unmodel="yours: LSTM", unguess=SAME, run="trtask=latch")
    assert "1 of 2 units are measured so far. Is one of the others needed more?" in words(app)
    assert "measurements agree" not in words(app)
    assert "measurements disagree" not in words(app)


def test_a_file_begins_with_a_text_that_changes_the_property_and_a_constant_one_is_explained() -> (
    None
):
    torch.manual_seed(0)
    known = ALPHABET + "()"
    data = saved({"state_dict": Writer(len(known)).state_dict(), "chars": known})
    app = open_page(unmodel="your file")
    app.file_uploader(key="model file").upload("m.pt", data, "").run()
    app.selectbox(key="unread").select("your own text").run()
    assert app.text_area(key="unown").value == BRACKETED
    assert "tracks the property “open brackets” best" in words(app)
    app.text_area(key="unown").set_value("the cat sat on the mat").run()
    told = [one.value for one in app.main.text]
    assert "There is no ranking yet." in [one.value for one in app.main.info]
    assert (
        "The property “open brackets” is “0” at every step of what the model reads, so no unit can"
        " track it. Type a text with brackets under “Text to read”, or choose another property."
    ) in told


def test_a_file_begins_with_the_text_or_the_table_of_the_session_and_labels_are_for_that_text() -> (
    None
):
    torch.manual_seed(0)
    known = ALPHABET + "()"
    state = Writer(len(known)).state_dict()
    app = open_page({"text": "my own (fed) text"}, unmodel="your file")
    app.file_uploader(key="model file").upload("m.pt", saved(state), "").run()
    assert app.selectbox(key="unread").options == ["random inputs"]
    app.text_area(key="file vocabulary").set_value(known).run()
    assert not app.exception
    assert app.selectbox(key="unread").value == "your own text"
    assert app.text_area(key="unown").value == "my own (fed) text"
    assert app.selectbox(key="unprop").value == "open brackets"
    app.selectbox(key="unprop").select("your own labels").run()
    assert [one.label for one in app.text_area if one.key.startswith("un")] == [
        "Text to read",
        "One label for each step",
    ]
    assert "Write 17 labels, one for each step of: m y" in words(app)
    app.text_area(key="unlabels").set_value("0" * 8 + "1" * 9).run()
    assert "tracks the property “your own labels”" in words(app)
    app.selectbox(key="unread").select("random inputs").run()
    app.text_area(key="file vocabulary").set_value(known[::-1]).run()
    assert app.selectbox(key="unread").value == "random inputs"  # the reader's choice
    table = parse_table("a,b,c\n" + "\n".join(f"{k},{k % 7},{k % 3}" for k in range(60)))
    app = open_page({"table of this session": table}, unmodel="your file")
    numbers = saved(torch.nn.GRU(3, 3).state_dict())
    app.file_uploader(key="model file").upload("n.pt", numbers, "").run()
    app.selectbox(key="file input 1").select("numbers").run()
    assert not app.exception
    assert app.selectbox(key="unread").value == "your own table"
    assert "6 sequences of 10 steps, cut from" in words(app)


def test_a_unit_that_hardly_tracks_is_called_weak() -> None:
    one = gv.rank(gv.record(torch.nn.GRU(1, 1), torch.zeros(4, 1)), [0.0, 1, 0, 1])[0]
    for name, measure, weak in (("|r|", 0.1, True), ("|r|", 0.31, False), ("η²", 0.2, False)):
        said = how_closely(replace(one, name=name, measure=measure))
        word = "correlation " if name == "|r|" else ""
        assert said == (
            f"best, but only weakly ({word}{name} = {measure:.2f}, where 1 is perfect)"
            if weak
            else f"best ({word}{name} = {measure:.2f})"
        )


def test_the_menu_lists_the_properties_that_fit_and_a_link_restores_one(brackets: Any) -> None:
    fits = {
        "LSTM: Recall the last capital letter": [
            "the letter to remember",
            "the expected answer",
            "position",
            "your own labels",
        ],
        CHARACTERS: [
            "open brackets",
            "inside quotes",
            "the expected answer",
            "position",
            "your own labels",
        ],
        "GRU: Continue a wave": ["the expected answer", "position", "your own labels"],
    }
    for model, names in fits.items():
        app = open_page(unmodel=model)
        assert app.selectbox(key="unprop").options == names
    quotes = open_page(unmodel=CHARACTERS, unprop="inside quotes")
    found = re.search(r"It never changes here, but it does in sequence (\d+)", words(quotes))
    assert found is not None
    quotes.number_input(key="unseq").set_value(int(found[1])).run()
    assert "It never changes here" not in words(quotes)
    assert alts(quotes)[1].endswith("Below it, inside quotes: no, yes.")
    app = open_page(unprop="position", unseq="7", unmodel="LSTM: Count brackets")
    assert app.selectbox(key="unprop").value == "position"
    steps = np.arange(40.0)
    assert alts(app)[0] == unit_bars_alt(gv.rank(brackets[0], steps, letter="c"))
    app.selectbox(key="unmodel").select("RNN: Continue a wave").run()
    assert not app.exception
    app = open_page(unprop="inside quotes")
    assert app.selectbox(key="unprop").value == "open brackets"
    assert "unprop=inside quotes was not used" in words(app)


def test_your_own_labels_on_your_own_text_and_on_numbers() -> None:
    app = open_page(unprop="your own labels", untext="((a))!")
    assert "Write 5 labels, one for each step of: ( ( a ) )." in words(app)
    app.text_area(key="unlabels").set_value("1 2 2 1").run()
    assert "Labels: expected 5, one for each step, got 4." in words(app)
    app.text_area(key="unlabels").set_value("1 2 2 1 0").run()
    assert not app.exception
    model = gv.load_trained("brackets-lstm")
    inputs = torch.eye(5)[[model.vocabulary.index(k) for k in "((a))"]]
    ranked = gv.rank(gv.record(model.module, inputs), [1.0, 2, 2, 1, 0], letter="c")
    assert alts(app)[0] == unit_bars_alt(ranked)
    app = open_page(unprop="your own labels", untext="((", unlabels="11")
    assert "All your labels are the same. Write at least two different ones." in words(app)
    row = " ".join(f"{k % 3}" for k in range(60))
    app = open_page(
        unmodel="LSTM: Continue a wave", unprop="your own labels", unseq="3", unlabels=row
    )
    model = gv.load_trained("wave-lstm")
    inputs = fresh_sequences(model, 200).inputs[:, 3]
    ranked = gv.rank(gv.record(model.module, inputs), np.arange(60.0) % 3, letter="c")
    assert f"unit {ranked[0].unit} tracks" in words(app)
    assert f"|r| = {ranked[0].measure:.2f}" in words(app)


def test_markup_in_labels_stays_text() -> None:
    app = open_page(
        unprop="your own labels",
        untext="(a)a",
        unlabels=f"{MARKUP.replace(' ', '')[:60]} <b> $x$ $x$",
    )
    assert not app.exception
    [figure] = [one for one in app.get("plotly_chart") if "c of unit" in one.proto.alt]
    assert "<script" not in figure.proto.spec
    assert "&lt;" in figure.proto.spec


@pytest.mark.parametrize("end", ["11", "3"])
def test_similar_stretches_are_those_of_find(brackets: Any, end: str) -> None:
    app = open_page(unview=WHERE, unfrom="8", unto=end, unseq="2")
    if end == "3":
        assert "The segment ends at step 3, before it begins." in words(app)
        return
    found = gv.find(brackets[0], (8, 12, 2), letter="c", most=8)
    [[chosen, *similar]] = stretches(app)
    assert chosen["title"] == "Sequence 2: The chosen segment"
    assert (chosen["start"], chosen["stop"]) == (4, 8)
    assert len(similar) == len(found) == 8
    for match, one in zip(found, similar, strict=True):
        at, inside = match.stretch, slice(one["start"], one["stop"])
        (_, steps), (_, symbols), (name, depths) = one["rows"]
        assert steps[inside] == [str(t) for t in range(at.start, at.stop)]
        expected = brackets[1][at.start : at.stop, at.sample]
        assert depths[inside] == [f"{depth:g}" for depth in expected]
        assert (name, len(symbols)) == ("open brackets", len(steps))
        rose = np.diff(brackets[1][:, at.sample], prepend=0)[at.start : at.stop]
        assert ["(" if r > 0 else ")" for r in rose if r] == [
            x for x in symbols[inside] if x in "()"
        ]
        shared = ", ".join(map(str, match.shared))
        title = f"Sequence {at.sample}: similarity {match.similarity:.2f}, shared units {shared}"
        assert one["title"] == title


def test_the_address_follows_the_fields_if_the_browser_sends_an_older_one() -> None:
    app = open_page(unview=WHERE, unfrom="20", unto="26")
    begin, end = (
        next(one for one in app.number_input if one.label == f"{name} step")
        for name in ("From", "To")
    )
    begin.set_value(8)
    end.set_value(12)
    app.run()  # AppTest sends the address of before, as the player can
    assert "unfrom" not in app.query_params, "8 is the default"
    assert app.query_params["unto"] == "12"


def test_a_stretch_beyond_the_sequence_ends_with_it() -> None:
    app = open_page(unview=WHERE, unfrom="30", unto="500")
    ends = [one.value for one in app.number_input if one.label.endswith(" step")]
    assert ends == [30, 39]
    assert "unto" in words(app)
    assert app.query_params["unto"] == "39"


def test_a_stretch_without_an_active_unit_says_what_to_change() -> None:
    app = open_page(unview=WHERE, unlevel="50")
    assert "no compared unit stays 50 or more from 0" in words(app)


def test_only_the_units_that_the_reader_names_are_compared(brackets: Any) -> None:
    app = open_page(unview=WHERE, ununits="0; 2")
    c = brackets[0].trace().states["c"][1:]
    ends = f"{c.min():.3g} to {c.max():.3g}".replace("-", "−")
    assert "A unit is active if its |c| is at least the threshold below." in words(app)
    assert f"In these sequences, c ranges from {ends}." in words(app)
    found = gv.find(brackets[0], (8, 12), [0, 2], letter="c", most=8)
    [[_, *similar]] = stretches(app)
    shared = [", ".join(map(str, match.shared)) for match in found]
    assert [one["title"].split("shared units ")[1] for one in similar] == shared
    for wrong, sentence in {
        "0, x": "“x” isn't the number of a unit.",
        "9": "Unit 9 does not exist",
    }.items():
        app.text_input(key="ununits").set_value(wrong).run()
        assert not app.exception
        assert sentence in words(app)


def test_the_model_of_a_file_is_ranked_and_measured_by_its_next_character() -> None:
    torch.manual_seed(0)
    model = Writer()
    app = open_page(unmodel="your file", unguess=WORSE)
    assert "Upload a model file." in words(app)
    checkpoint = saved({"state_dict": model.state_dict(), "chars": ALPHABET})
    app.file_uploader(key="model file").upload("m.pt", checkpoint, "").run()
    assert not app.exception
    assert app.selectbox(key="unprop").options == ["position", "your own labels"]
    assert "from an English text about Python, in your model's characters" in words(app)
    app.button(key="switch off").click().run()
    text = words(ended(app))
    assert "bits per character **" in text
    app.selectbox(key="unprop").select("your own labels").run()
    assert "Write 32 labels" in words(app)


@pytest.mark.parametrize("both", [False, True])
def test_a_sentence_names_the_layer_and_where_a_unit_tracks_better(both: bool) -> None:
    """The best unit of all layers and directions is found by brute force."""
    torch.manual_seed(5 if both else 2)  # the best unit isn't in the last layer
    module = nn.LSTM(1, 3, num_layers=2, bidirectional=both)
    parts = nn.ModuleDict({"lstm": module} | ({} if both else {"out": nn.Linear(3, 1)}))
    app = open_page(unmodel="your file", unread="your own numbers", unnext="true")
    app.file_uploader(key="model file").upload("m.pt", saved(parts.state_dict()), "").run()
    app.selectbox(key="file input 1").select("numbers").run()
    assert not app.exception
    app.text_area(key="num").set_value(" ".join(str(k % 7) for k in range(60))).run()
    app.selectbox(key="unprop").select("position").run()
    assert not app.exception
    values = torch.tensor([k % 7 for k in range(60)]).float()
    inputs = values.reshape(6, 10).T[..., None]
    recording = gv.record(module, inputs)
    position = np.tile(np.arange(10)[:, None], 6)
    found = {place: gv.rank(recording, position, "c", *place)[0] for place in recording.traces}
    best = found[1, "forward"]
    direction = ", forward direction" if both else ""
    text = words(app)
    assert (
        f"Of the 3 units of layer 2{direction}, unit {best.unit} tracks the property “position”"
        f" best (correlation |r| = {best.measure:.2f})" in text
    )
    if not both:  # one with a score
        question = f"Of all units of layer 2, the cell state c of unit {best.unit} tracks"
        assert question in app.button_group(key="unguess").label
    (layer, way), other = max(found.items(), key=lambda each: each[1].measure)
    place = f"layer {layer + 1}" + f", {way} direction" * both
    assert f"Unit {other.unit} of {place} tracks it better (|r| = {other.measure:.2f})" in text
    app.slider(key="unlayer").set_value(layer + 1).run()
    if both:
        app.session_state["undir"] = way
        app.run()
    text = words(app)
    assert f"Of the 3 units of {place}, unit {other.unit} tracks" in text
    what = "layer or direction" if both else "layer"
    assert f"No unit of another {what} tracks it clearly better." in text


def test_a_file_with_a_huge_alphabet_is_refused_before_its_one_hot_vectors_are_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    size, features = 90_000, OpenedModel.features
    alphabet = "".join(chr(k) for k in range(32, size + 4_000) if not 0xD7FF < k < 0xE000)[:size]

    def watched(model: OpenedModel, text: list[int]) -> torch.Tensor:
        values = len(text) * model.module.input_size
        assert values < 10_000_000, f"{values:,} values"
        return features(model, text)

    monkeypatch.setattr(OpenedModel, "features", watched)
    app = open_page(unmodel="your file")
    checkpoint = saved({"state_dict": torch.nn.LSTM(size, 2).state_dict(), "chars": alphabet})
    app.file_uploader(key="model file").upload("m.pt", checkpoint, "").run()
    assert not app.exception
    assert app.selectbox(key="unprop").options == ["your own labels"]
    app.text_area(key="untext").set_value("ab" * 400).run()
    assert "800 steps of this model have 72,009,600 values" in words(app)
    app.text_area(key="untext").set_value("aba").run()
    app.text_area(key="unlabels").set_value("121").run()
    assert not app.exception
    assert "tracks the property “your own labels” best" in words(app)
    module = torch.nn.LSTM(size, 2)
    wide = FileModel("wide", OpenedModel(module, "", None, None, tuple(alphabet), ()), True)
    with pytest.raises(ValueError, match="90,000 inputs, states or answers"):
        read_many(Examined("wide", wide, ()))
    parts = torch.nn.LSTM(6, 9), "", torch.nn.Embedding(size, 6), torch.nn.Linear(9, size)
    writer = FileModel("writer", OpenedModel(*parts, tuple(alphabet), ()), True)
    with pytest.raises(ValueError, match="90,000 inputs, states or answers"):
        read_many(Examined("writer", writer, ()))


def test_the_model_of_a_file_without_known_answers_is_ranked_alone() -> None:
    app = open_page(unmodel="your file")
    app.file_uploader(key="model file").upload("m.pt", saved(torch.nn.GRU(1, 3).state_dict()), "")
    app.run()
    assert not app.exception
    assert "This page can't measure what breaks without a unit" in words(app)
    assert "of 60 steps, from the task “Continue a wave”" in words(app)
    app.file_uploader(key="model file").upload("n.pt", saved(torch.nn.GRU(5, 3).state_dict()), "")
    app.run()
    app.selectbox(key="file input 2").select("numbers").run()
    assert not app.exception
    assert "sequences of 60 steps, from numbers drawn at random" in words(app)
    app.selectbox(key="unread").select("your own table").run()
    assert "Upload or paste a table" in words(app)
    rows = [f"{k},{k % 7},{k % 3},{-k},{k % 5}" for k in range(130)]
    app.text_area(key="pasted").set_value("\n".join(["a,b,c,d,e", *rows])).run()
    assert not app.exception
    assert "6 sequences of 21 steps, cut from" in words(app)
    assert "unit" in app.get("plotly_chart")[0].proto.alt


def test_what_decides_the_result_and_how_labels_are_written() -> None:
    model = gv.load_trained("recall-lstm")
    assert letters_to_remember(Examined("", model, ())) == ("A", "B", "C", "D")
    assert letters_to_remember(Examined("", gv.load_trained("characters"), ())) == ()
    [one] = gv.ablate(model, [0], sequences=40)
    harms = {WORSE: (0.1, 0.3), BETTER: (-0.3, -0.1), SAME: (-0.1, 0.3)}
    for expected, (low, high) in harms.items():
        assert result(replace(one, harm=replace(one.harm, low=low, high=high))) == expected
    assert "no bar" not in bars([one])
    for few, sequences in (((0.5,), "1 sequence)"), ((0.5, 0.25), "2 sequences)")):
        short = replace(one, harm=interval(few, "sequence"))
        assert result(short) is None
        assert "too few to tell: at least 6 are needed." in answer(short, SAME)
        assert "needed. Read more. Measured" in answer(short, SAME, "Read more.")
        assert f"{one.score_text(one.score)}** without unit 0" in answer(short, SAME)
        assert answer(short, SAME).endswith(f"no interval; {sequences}.")
        assert "so no bar is drawn" in bars([short])
    ranked = gv.rank(gv.record(model.module, torch.eye(9)), range(9))
    ranking = Ranking(Examined("", model, ()), "position", None, None, None, ranked, 0)
    assert [row["result"] for row in rows(ranking, [short])] == [TOO_FEW]
    assert score_named(ranking) == "accuracy (higher is better)"
    labels = [None, np.nan, np.True_, False, 2.0, np.float64(0.5), "A", "a\u202eb", "x" * 40]
    texts = ["–", "–", "yes", "no", "2", "0.5", "A", "aU+202Eb", f"{'x' * 24}…"]
    assert [label_text(label) for label in labels] == texts
