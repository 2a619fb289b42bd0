"""The page "Feed a sequence", without a browser: every source, every cell, every mishap."""

import json
from dataclasses import asdict
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import load
from streamlit.testing.v1 import AppTest

import gatesviz as gv
from gatesviz.fresh import fresh
from gatesviz.player.payload import Selection
from gatesviz.sequences import parse_text, wave
from gatesviz.trained import load_trained
from gatesviz.ui.feed.models import Setup
from gatesviz.ui.feed.parameters import CELL_CHOICES, FIELDS, PARAMETERS, SOURCES, WEIGHTS
from gatesviz.ui.feed.recordings import edited_recordings
from gatesviz.ui.feed.sources import EXAMPLE
from tests.serving import ROOT


def open_feed(**query: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "gatesviz" / "ui" / "main.py"), default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    return app.switch_page("../../pages/feed.py").run()


def player(app: AppTest) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """The player's model and its arrays, read from what the page sends to the browser."""
    [component] = [one for one in app.get("bidi_component") if one.proto.bytes]
    data = component.proto.bytes
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + size])
    model = json.loads(header["__metadata__"]["player"])
    scales = {f"{k}.{n}": s for k, p in enumerate(model["panels"]) for n, s in p["arrays"].items()}
    return model, {name: array * scales[name] for name, array in load(data).items()}


def said(app: AppTest) -> str:
    return " ".join(block.value for block in app.text)


def test_the_first_screen_is_a_trained_lstm_that_plays() -> None:
    app = open_feed()
    assert not app.exception
    model, arrays = player(app)
    trained = load_trained("recall-lstm")
    assert [panel["cell"] for panel in model["panels"]] == ["lstm"]
    assert "".join(model["labels"]) == trained.example
    assert model["select"]["playing"]
    inputs = torch.from_numpy(parse_text(trained.example, trained.vocabulary).values)
    np.testing.assert_allclose(arrays["0.h"][1:], trained.module(inputs)[0].detach(), atol=1e-4)


@pytest.mark.parametrize(
    ("source", "cell"),
    [
        *(("text", cell) for cell in CELL_CHOICES),
        *((source, "several cells") for source in ("numbers", "wave", "drawing", "real series")),
    ],
)
def test_every_source_feeds_and_every_cell_reads(source: str, cell: str) -> None:
    app = open_feed(src=source, cell=cell)
    assert not app.exception
    assert not app.error
    model, _ = player(app)
    assert tuple(panel["cell"] for panel in model["panels"]) == CELL_CHOICES[cell]


@pytest.mark.parametrize("source", ["table", "microphone"])
def test_a_source_without_data_says_what_to_do_and_shows_no_error(source: str) -> None:
    app = open_feed(src=source)
    assert not app.exception
    assert not app.error
    main = [one.value for one in app.main.info]
    assert "There is no input yet. Follow the instruction in the sidebar." in main
    [instruction] = [one.value for one in app.sidebar.info]
    assert instruction.startswith({"table": "Upload or paste", "microphone": "Press the"}[source])


@pytest.mark.parametrize("weights", WEIGHTS[:2])
def test_side_by_side_runs_the_same_text_through_three_cells(weights: str) -> None:
    app = open_feed(cell="several cells", weights=weights)
    model, arrays = player(app)
    assert len({panel["hidden"] for panel in model["panels"]}) == 1
    np.testing.assert_array_equal(arrays["0.x"], arrays["1.x"])
    np.testing.assert_array_equal(arrays["1.x"], arrays["2.x"])


def test_fresh_weights_with_a_forget_bias_are_what_torch_computes() -> None:
    app = open_feed(
        src="wave", weights="fresh", hidden="5", layers="2", both="true", seed="7", fbias="2.5",
        layer="1", dir="backward", steps="30",
    )  # fmt: skip
    assert not app.exception
    model, arrays = player(app)
    module = fresh("lstm", 1, 5, layers=2, bidirectional=True, forget_bias=2.5, seed=7)
    first = torch.nn.LSTM(1, 5, bidirectional=True)
    first.load_state_dict({k: v for k, v in module.state_dict().items() if "_l0" in k})
    output = first(torch.from_numpy(wave("sine", 30).values))[0].detach().numpy()
    assert model["panels"][0]["direction"] == "backward"
    np.testing.assert_allclose(arrays["0.h"][:-1], output[:, 5:], atol=1e-4)
    biases = arrays["0.bias_ih"][5:10] + arrays["0.bias_hh"][5:10]
    np.testing.assert_allclose(biases, np.full(5, 2.5), atol=1e-4)


def test_the_gates_of_fresh_weights_are_described_by_their_means() -> None:
    """With a forget bias of 5, f is near 1: no sentence may say that gates are near one half."""
    app = open_feed(weights="fresh", hidden="16", fbias="5")
    trace = app.session_state["feed shows"].panels[0].trace
    [said] = [one.value for one in app.text if one.value.startswith("Mean of each gate")]
    found = dict(pair.split(" = ") for pair in said.rstrip(".").split(": ")[1].split(", "))
    assert found.keys() == trace.gates.keys()
    for gate, values in trace.gates.items():
        assert float(found[gate].replace("−", "-")) == pytest.approx(values.mean(), abs=0.006)
    assert float(found["f"]) > 0.98


def test_fresh_weights_read_the_text_in_its_own_alphabet() -> None:
    model, arrays = player(open_feed(weights="fresh"))
    assert "".join(model["labels"]) == EXAMPLE.replace(" ", "␣")
    assert arrays["0.x"].shape == (len(EXAMPLE), len(set(EXAMPLE)))


@pytest.mark.parametrize(
    ("num", "told"),
    [
        ("1, two, 3", "two"),
        ("   ", "o numbers"),
        ("5", "1 is outside"),
        ("nan 1", "finite"),
        ("1 1e400", "1e400"),
        (" ".join(["1"] * 10_000), "10,000 is outside"),
    ],
)
def test_unreadable_numbers_get_a_sentence_and_the_last_player_stays(num: str, told: str) -> None:
    app = open_feed(src="numbers")
    before = player(app)[0]["id"]
    app.text_area(key="num").set_value(num).run()
    assert not app.exception
    assert told in said(app)
    assert app.error
    assert app.text_area(key="num").value == num
    assert player(app)[0]["id"] == before


@pytest.mark.parametrize("separator", [" ", ",", ", ", "\n"])
def test_too_many_numbers_are_cut_only_if_the_reader_says_so(separator: str) -> None:
    app = open_feed(src="numbers")
    app.text_area(key="num").set_value(separator.join(["1"] * 1200)).run()
    assert app.error
    app.checkbox(key="cut").check().run()
    assert not app.error
    assert player(app)[0]["steps"] == 1000


def test_what_was_typed_is_there_again_after_another_source() -> None:
    app = open_feed()
    app.text_area(key="text").set_value("Bxx?").run()
    app.selectbox(key="src").select("wave").run()
    app.selectbox(key="src").select("text").run()
    assert app.text_area(key="text").value == "Bxx?"


def test_an_untouched_example_follows_the_model() -> None:
    app = open_feed()
    app.selectbox(key="weights").select("brackets").run()
    assert app.text_area(key="text").value == load_trained("brackets-lstm").example


def test_the_guess_is_answered_from_the_recording() -> None:
    app = open_feed()
    assert not any("Standard deviations, in" in block.value for block in app.markdown)
    app = open_feed(guess="g")
    model, arrays = player(app)
    gates = [gate["letter"] for gate in model["panels"][0]["gates"]]
    moves = {k: arrays[f"0.{k}"].std(axis=0).mean() for k in gates}
    moves = {k: v / (1.0 if k == "g" else 0.5) for k, v in moves.items()}
    most = max(moves, key=lambda letter: moves[letter])
    [told] = [block.value for block in app.markdown if "Standard deviations, in" in block.value]
    name = {"i": "input gate", "f": "forget gate", "g": "candidate", "o": "output gate"}[most]
    assert f"the {name} **{most}** varies most." in told
    assert f"**{most}** {100 * moves[most]:.0f} %" in told


def test_what_a_link_cannot_mean_is_said_and_the_default_is_used() -> None:
    app = open_feed(cell="lstmx", hidden="99999999", seed="1e9", colour="red", weights="fresh")
    assert not app.exception
    for part in ("cell=lstmx", "hidden=99999999", "seed=1e9", "“colour” was ignored"):
        assert part in said(app)
    assert player(app)[0]["panels"][0]["cell"] == "lstm"
    assert player(app)[0]["panels"][0]["hidden"] == 8
    app.button(key="seen").click().run()
    assert "cell=lstmx" not in said(app)


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ({"cell": "GRU", "weights": "characters"}, "weights=characters"),
        ({"src": "wave", "weights": "recall"}, "weights=recall"),
        ({"cell": "GRU", "guess": "f"}, "guess=f"),
        ({"weights": "fresh", "layers": "2", "layer": "3"}, "layer=3"),
        ({"seed": "4"}, "seed=4"),
    ],
)
def test_what_does_not_go_with_the_other_choices_is_said(query: dict[str, str], name: str) -> None:
    app = open_feed(**query)
    assert not app.exception
    assert f"{name} was not used" in said(app)


@pytest.mark.parametrize(
    "query",
    [
        {"weights": "fresh", "hidden": "7.0", "seed": "+5", "both": "true", "dir": "backward"},
        {"src": "numbers", "num": "1," * 1199 + "1", "cut": "true"},
        {"text": "A" * 700 + "?"},
    ],
)
def test_nothing_is_said_of_a_link_that_is_used(query: dict[str, str]) -> None:
    app = open_feed(**query)
    assert not app.exception
    assert not app.error
    assert "was not used" not in said(app)
    assert "was ignored" not in said(app)


def test_a_link_opens_the_player_where_it_says() -> None:
    select = player(open_feed(t="9", u="3", g="f"))[0]["select"]
    assert select == asdict(Selection(step=9, unit=3, lane="f"))


def test_a_link_holds_edits_and_says_where_one_is_broken() -> None:
    app = open_feed(t="9", edits="f@12=0,c@10-19.u3=-1")
    assert player(app)[0]["select"]["edits"] == "f@12=0,c@10-19.u3=-1"
    assert "was ignored" not in said(app)
    app = open_feed(edits="f@12=<b>")
    assert player(app)[0]["select"]["edits"] == ""
    assert "edits=f@12=<b> was ignored: edit 'f@12=<b>': expected a letter" in said(app)


def test_every_source_and_weight_is_a_parameter() -> None:
    assert PARAMETERS["src"].problem(SOURCES[-1]) is None
    assert PARAMETERS["weights"].problem("nonsense") is not None


def test_trained_weights_come_back_after_a_cell_that_ships_none() -> None:
    app = open_feed()
    app.segmented_control(key="cell").set_value("RNN, ReLU").run()
    assert app.selectbox(key="weights").value == "fresh"
    assert any(
        "gatesviz has no trained “RNN, ReLU” for this input" in block.value
        for block in app.markdown
    )
    app.segmented_control(key="cell").set_value("several cells").run()
    assert app.selectbox(key="weights").value == "recall"
    assert player(app)[0]["panels"][1]["answers"] is not None


def test_fresh_weights_that_were_chosen_stay_chosen() -> None:
    app = open_feed()
    app.selectbox(key="weights").select("fresh").run()
    for cell in ("RNN, ReLU", "GRU"):
        app.segmented_control(key="cell").set_value(cell).run()
        assert app.selectbox(key="weights").value == "fresh"


def test_the_rnn_is_told_nothing_about_gates() -> None:
    app = open_feed(cell="RNN", weights="fresh")
    told = said(app) + " ".join(block.value for block in app.markdown)
    assert "every gate" not in told
    assert "A gate is a number" not in told


def test_notes_about_an_input_stand_beside_it() -> None:
    app = open_feed(text="a 7")
    assert any("Left out" in block.value for block in app.sidebar.text)


MESSY = """sep=;
id;year;month;sales;share;shop
1;2020;3;$1,200.50;12%;North
2;2020;2;?;9%;North
3;2020;1;($30.00);11%;South
Total;;;$1,170.50;;
"""


def test_a_messy_table_is_read_and_every_decision_is_said() -> None:
    app = open_feed(src="table", fill="true", scale="not scaled")
    app.text_area(key="pasted").set_value(MESSY).run()
    assert not app.exception
    assert app.selectbox(key="column").value == "sales"
    model, arrays = player(app)
    assert model["labels"] == ["2020-01", "2020-02", "2020-03"]
    np.testing.assert_allclose(arrays["0.x"][:, 0], [-30, -30, 1200.5], rtol=1e-3)
    told = said(app)
    for sentence in (
        "The first line says that semicolons separate the cells.",
        "Row 6, “Total”, is a total and was left out.",
        "The dates ran from the newest to the oldest, so the rows were reversed.",
        "Not columns of numbers: “shop” (row 3 holds “North”).",
        "Column “sales”: “?” means missing (1 cell). “$1,200.50” is read as 1200.5, “($30.00)” is",
    ):
        assert sentence in told


def test_commas_of_two_meanings_are_asked_about() -> None:
    app = open_feed(src="numbers", num="1.234,56 2.345,67 3.456,78")
    assert not app.exception
    assert "“1.234,56”, can be read in 2 ways" in said(app)
    assert app.selectbox(key="commas").options == ["separate numbers", "are decimal signs"]
    app.selectbox(key="commas").set_value("are decimal signs").run()
    assert not app.error
    _, arrays = player(app)
    np.testing.assert_allclose(arrays["0.x"][:, 0], [1234.56, 2345.67, 3456.78], rtol=1e-3)
    assert "“1.234,56” is read as 1234.56." in said(app)
    again = open_feed(src="numbers", num="1,5 2,5", commas="separate numbers")
    np.testing.assert_allclose(player(again)[1]["0.x"][:, 0], [1, 5, 2, 5], rtol=1e-3)


SEATTLE = "“Seattle, daily maximum temperature”"
BAD = "Its answers may be bad, because it has never seen such numbers."


@pytest.mark.parametrize(
    ("query", "note"),
    [
        ({"src": "real series", "scale": "not scaled"}, f"Here it reads {SEATTLE}. {BAD}"),
        (
            {"src": "real series"},
            f"Here it reads {SEATTLE}. After scaling, 1 means one standard deviation. {BAD}",
        ),
        ({"src": "numbers"}, f"Here it reads the numbers in the box. {BAD}"),
        (
            {"src": "wave", "shape": "square"},
            f"Here it reads another wave. {BAD}",
        ),
        ({"src": "wave"}, None),
        ({"src": "real series", "weights": "fresh"}, None),
        ({}, None),
    ],
)
def test_a_model_that_reads_what_it_was_not_trained_on_says_so(
    query: dict[str, str], note: str | None
) -> None:
    app = open_feed(**query)
    assert not app.exception
    found = [text for one in app.sidebar.text if "was trained on" in (text := one.value)]
    assert found == ([f"This model was trained on sine waves. {note}"] if note else [])


def test_the_letters_of_the_gates_are_explained_before_the_guess() -> None:
    [caption] = [one.value for one in open_feed().caption if "forget gate" in one.value]
    assert "**f** forget gate: how much of the old cell state is kept" in caption
    app = open_feed(cell="RNN")
    assert not any("gate:" in one.value for one in app.caption)


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ({"layers": "2", "both": "true", "dir": "backward"}, "LSTM, layer 2 of 2, backward"),
        ({"layers": "3", "layer": "1"}, "LSTM, layer 1 of 3"),
        ({"both": "true"}, "LSTM, forward"),
        ({}, "LSTM"),
    ],
)
def test_the_title_of_the_player_says_which_layer_and_direction(
    query: dict[str, str], title: str
) -> None:
    model, _ = player(open_feed(weights="fresh", **query))
    assert [panel["title"] for panel in model["panels"]] == [title]


@pytest.mark.parametrize("shape", ["random walk", "pulse", "jump", "sine"])
def test_a_wave_without_a_period_has_no_slider_for_it(shape: str) -> None:
    app = open_feed(src="wave", shape=shape)
    assert ("period" in [one.key for one in app.slider]) == (shape == "sine")


def test_every_setting_of_the_page_is_written_once() -> None:
    keys = [field.key for field in FIELDS]
    assert len(set(keys)) == len(keys)
    assert set(PARAMETERS) == {*keys, "columns", "guess", "line", "write"}


def test_downloads_hold_the_edits_of_the_player() -> None:
    """An edit that a cell can't take is left out for this cell alone."""
    sequence = parse_text("Ax..?", "ABCDxyz.?")
    lstm, gru = edited_recordings(sequence, Setup(("lstm", "gru"), "recall"))
    text = "f@2=0,x@1.u3=0.5"
    inputs = torch.from_numpy(sequence.values.copy())
    edits = gv.Edit("f", 0.0, steps=2), gv.Edit("x", 0.5, steps=1, units=[3])
    for found, name, made in ((lstm, "lstm", edits), (gru, "gru", edits[1:])):
        trace = gv.record(gv.load_trained(f"recall-{name}").module, inputs, edits=made).trace()
        np.testing.assert_array_equal(found(text).trace().states["h"], trace.states["h"])
        assert len(found(text).edits) == len(made)
        assert not found("").edits
