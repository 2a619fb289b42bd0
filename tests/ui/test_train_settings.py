"""The page "Train live": its settings, own data, learning rates under way, traps."""

import re
from collections.abc import Iterator
from dataclasses import fields, replace

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

import gatesviz as gv
from gatesviz.cells import CELLS
from gatesviz.engine import engine, stop_engine
from gatesviz.fresh import fresh
from gatesviz.tasks import TASKS
from gatesviz.training import History, own_series, own_text, with_learning_rate
from gatesviz.ui.compare.parameters import PARAMETERS as COMPARE
from gatesviz.ui.gradients.parameters import PARAMETERS as GRADIENTS
from gatesviz.ui.gradients.settings import ALONE
from gatesviz.ui.links import reworded
from gatesviz.ui.train import rate_changes, session
from gatesviz.ui.train.chart import solved_after
from gatesviz.ui.train.parameters import CONVOLVED, NO_WIDGET, PARAMETERS, SETTINGS, TITLES
from gatesviz.ui.train.pitfalls import enough, parameter_sum
from gatesviz.ui.train.settings import Settings
from gatesviz.ui.user_data import own_file
from tests.ui.test_feed import player
from tests.ui.test_train import click, drawn, fold, open_train, wait

OWNER = "train owner"


@pytest.fixture(scope="module", autouse=True)
def _engine() -> Iterator[None]:
    yield
    stop_engine()


def said(app: AppTest) -> str:
    blocks = [*app.text, *app.markdown, *app.error, *app.info]
    return "\n".join(block.value for block in blocks)


def specs(app: AppTest) -> list[gv.TrainingSpec]:
    return [run.spec for run in engine().runs(app.session_state[OWNER])]


def trained(spec: gv.TrainingSpec, updates: int) -> tuple[gv.training.State, History]:
    state, snapshots = gv.advance(gv.start(spec), updates)
    return state, History(spec).add(snapshots)


EVERYTHING = {
    "trlayers": "2", "trdrop": "0.25", "trboth": "true", "trbatch": "5", "trdata": "7",
    "tropt": "rmsprop", "trclip": "true", "trnorm": "0.5", "trinit": "chrono", "trseed": "3",
    "trconv": "2", "trattn": "true",
}  # fmt: skip


def test_every_setting_of_a_link_is_trained_with() -> None:
    app = open_train(trcells="LSTM and RNN", trlayer="1", trdir="backward", t="0", **EVERYTHING)
    told = wait(click(app, "Train 10 updates"), made=10)
    lstm, rnn = specs(app)
    assert lstm == gv.TrainingSpec(
        task="latch", cell="lstm", hidden_size=3, length=6, layers=2, dropout=0.25,
        bidirectional=True, batch_size=5, data_size=7, optimiser="rmsprop", clip=0.5, chrono=True,
        seed=3, convolution=2, attention=True,
    )  # fmt: skip
    assert rnn == replace(lstm, cell="rnn_tanh", chrono=False)
    for spec, series in zip((lstm, rnn), told["series"], strict=True):
        history = trained(spec, 10)[1]
        np.testing.assert_allclose(series["ys"], history.losses, rtol=1e-4)
    model, arrays = player(app)
    titles = [panel["title"] for panel in model["panels"]]
    assert titles == [f"{name}, layer 1 backward, after update 10" for name in ("LSTM", "RNN")]
    state = trained(rnn, 10)[0]
    channels = state.model.features(gv.training.probe(rnn).inputs[:, :1])[:, 0]
    recording = gv.record(state.module(), channels)
    np.testing.assert_allclose(arrays["1.h"], recording.trace(0, "backward").states["h"], atol=1e-4)
    np.testing.assert_allclose(arrays["1.x"], channels, atol=1e-4)
    assert ALONE in said(app)
    assert "(3 inputs + 3 numbers of h + 2 biases)" in said(app)
    rest = rnn.weight_count - rnn.parameter_count
    assert f"The convolution and the readout have another {rest} parameters." in said(app)


def test_without_clipping_and_as_drawn() -> None:
    app = open_train(trcells="LSTM and GRU", trclip="false", trinit="PyTorch's default")
    wait(click(app, "Train 1 update"), made=1)
    assert [(spec.clip, spec.forget_bias, spec.chrono) for spec in specs(app)] == [
        (None, None, False)
    ] * 2
    assert reworded({"trinit": ["as drawn"]}, PARAMETERS) == {"trinit": "PyTorch's default"}


def test_a_fixed_training_set_shows_both_scores() -> None:
    told = wait(click(open_train(trcells="GRU", trdata="4"), "Train 10 updates"), made=10)
    history = fold("gru", 10, data_size=4)
    held_out, by_heart = told["scores"]["series"]
    np.testing.assert_allclose(held_out["ys"], history.scores, rtol=1e-4)
    np.testing.assert_allclose(by_heart["ys"], history.train_scores, rtol=1e-4)
    assert (by_heart["name"], by_heart["faint"]) == ("GRU, training set", True)
    assert told["rows"][0][9] == history.spec.learned.score_text(history.train_scores[-1])


@pytest.mark.parametrize("text", ["200: 0.001, 400: 0.0001", "0:1;5:2e-3", ""])
def test_changes_are_read_back_as_they_were_written(text: str) -> None:
    found = rate_changes.parse_rate_changes(text)
    assert rate_changes.parse_rate_changes(rate_changes.write_rate_changes(found)) == found
    assert len(found) == len([part for part in text.replace(";", ",").split(",") if part])


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("soon: less", "“soon: less” is not a change of the learning rate"),
        ("5: 0", "Learning rate: 0 is outside"),
        ("5: 1.2.3", "“5: 1.2.3” is not a change"),
        ("999999: 0.1", "Updates of a run: 999,999 is outside"),
        (
            ",".join(f"{k}:0.1" for k in range(101)),
            "Learning rate: expected at most 100 changes, got 101",
        ),
    ],
)
def test_changes_that_cannot_be_read_get_a_sentence_and_the_runs_stay(
    text: str, sentence: str
) -> None:
    app = open_train(trcells="RNN")
    app.text_input(key="trrates").set_value(text).run()
    assert sentence in said(app)
    assert "The page still shows the last settings that work." in said(app)
    assert drawn(app)["rows"][0][0] == "RNN"


def test_changes_that_a_link_mistypes_are_ignored_and_named() -> None:
    told = PARAMETERS["trrates"].problem("nonsense")
    assert told is not None
    assert told.startswith("“nonsense” is not a change of the learning rate")
    app = open_train(trrates="nonsense", trcells="RNN")
    assert drawn(app)["rows"][0][3] == "not started"
    wait(click(app, "Train 1 update"), made=1)
    assert app.text_input(key="trrates").value == ""


def test_a_link_reproduces_rates_that_changed_under_way() -> None:
    first = open_train(trcells="LSTM and RNN")
    wait(click(first, "Train 10 updates"), made=10)
    first.number_input(key="train rate").set_value(0.5).run()
    told = wait(click(first, "Train 10 more updates"), made=20)
    link = first.text_input(key="trrates").value
    assert link == "10: 0.5"
    assert "0.01 at the start, 0.5 after update 10" in said(first)
    second = open_train(trcells="LSTM and RNN", trrates=link)
    wait(click(second, "Start"), made=10)
    again = wait(click(second, "Train 10 more updates"), made=20)
    assert [series["ys"] for series in again["series"]] == [s["ys"] for s in told["series"]]
    state, _ = gv.advance(with_learning_rate(trained(specs(first)[1], 10)[0], 0.5), 10)
    [_, rnn] = engine().runs(second.session_state[OWNER])
    assert rnn.view().history.model_at(20).weights.tobytes() == state.weights.tobytes()
    click(first, "Reset")
    assert not first.text_input(key="trrates").value
    click(second, "Reset")
    assert second.text_input(key="trrates").value == "10: 0.5"  # it came with the settings


def own_column(app: AppTest, rows: list[str]) -> AppTest:
    return app.text_area(key="own pasted").set_value("\n".join(["day,level", *rows])).run()


def test_a_column_of_ones_own_is_learnt() -> None:
    values = np.round(np.sin(np.arange(60) / 3), 4)
    app = open_train(trtask="Forecast a column of your own table", trcells="RNN")
    assert "Upload or paste a table" in said(app)
    assert not drawn_at_all(app)
    own_column(app, [f"{k},{value}" for k, value in enumerate(values)])
    assert app.selectbox(key="own column").value == "level"
    app.number_input(key="trlength").set_value(6).run()
    told = wait(click(app, "Train 10 updates"), made=10)
    [spec] = specs(app)
    assert spec.task == own_series(values, "level")
    assert own_series(np.loadtxt(own_file(spec.task).decode().split()), "level") == spec.task
    assert own_file(own_text("né" * 100)) == ("né" * 100).encode()
    np.testing.assert_allclose(told["series"][0]["ys"], trained(spec, 10)[1].losses, rtol=1e-4)
    own_column(app, ["1,2", "2,x"])
    assert "row 3 holds “x”" in said(app) or "too few" in said(app) or "given" in said(app)
    assert drawn(app)["rows"][0][4] == "10"  # the run stays on the page
    assert not app.exception


@pytest.mark.parametrize(
    "title", ["Forecast a column of your own table", "Predict the next character of your text"]
)
def test_without_data_there_is_nothing_to_start_and_other_runs_rest(title: str) -> None:
    app = click(open_train(trcells="RNN", trend="5000"), "Start")
    app.selectbox(key="trtask").set_value(title).run()
    assert "There is nothing to train yet." in said(app)
    assert "\nUpload " in said(app)
    assert not drawn_at_all(app)
    assert not [button for button in app.button if button.label in ("Start", "Continue")]
    assert not any(run.view().going for run in engine().runs(app.session_state[OWNER]))
    if title.startswith("A text"):
        app.text_area(key="own text").set_value("short").run()
        assert "Characters in a training text: 5 is outside" in said(app)
        assert not drawn_at_all(app)
    app.selectbox(key="trtask").set_value("Recall the first letter").run()
    assert drawn(app)["rows"][0][0] == "RNN"


def drawn_at_all(app: AppTest) -> bool:
    return any(one.proto.json and "charts" in one.proto.json for one in app.get("bidi_component"))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("short", "Characters in a training text: 5 is outside the allowed range 200 to 2,000,000"),
        ("a" * 300, "expected 2 to 256 distinct characters, got 1"),
        (
            "1.5\n2.5\n" * 50,
            "looks like numbers. To forecast them, choose “Forecast a column of your own table”.",
        ),
        (
            "abc " * 50_001,
            "The text has 200,004 characters, but at most 200,000 can be pasted: upload it",
        ),
        ("<script>alert(1)</script> " * 20, "Your text has 520 characters. It begins “<script>"),
    ],
)
def test_a_text_of_ones_own_is_read_or_refused(text: str, sentence: str) -> None:
    app = open_train(trtask="Predict the next character of your text")
    app.text_area(key="own text").set_value(text).run()
    assert sentence in said(app)
    assert not app.exception


@pytest.mark.parametrize(
    ("key", "task"),
    [
        ("own table", "Forecast a column of your own table"),
        ("own text file", "Predict the next character of your text"),
    ],
)
def test_a_workbook_is_told_whatever_its_name(key: str, task: str) -> None:
    app = open_train(trtask=task, trcells="RNN")
    app.file_uploader(key=key).upload("data.txt", b"PK\x03\x04 xl/workbook", "text/plain").run()
    assert "The file is an Excel workbook, whatever its name: open it in a spreadsheet" in said(app)
    assert not app.exception


def test_a_text_of_a_million_characters_and_what_was_read_of_a_column() -> None:
    app = open_train(trtask="Predict the next character of your text", trcells="RNN")
    text = ("to be or not to be, that is the question " * 27_000)[:1_100_000]
    app.file_uploader(key="own text file").upload("bard.txt", text.encode(), "text/plain").run()
    assert "Your text has 1,100,000 characters." in said(app)
    wait(click(app, "Train 1 update"), made=1)
    app.selectbox(key="trtask").set_value("Forecast a column of your own table").run()
    own_column(app, [f"a,${k % 7}.50" for k in range(60)])
    assert "Column “level”: “$0.50” is read as 0.5." in said(app)
    assert "Not columns of numbers: “day” (row 2 holds “a”)." in said(app)


def test_reading_ahead_is_no_forecast() -> None:
    told = "A bidirectional model has already read the next step, so this score isn't a forecast."
    assert told in said(open_train(trtask="Continue a wave", trboth="true", trlength="20"))
    assert told not in said(open_train(trboth="true"))


@pytest.mark.parametrize(("layers", "both"), [(1, False), (1, True), (3, False), (2, True)])
def test_the_sum_of_the_parameters_comes_out(layers: int, both: bool) -> None:
    spec = fold("gru", 1, layers=layers, bidirectional=both).spec
    told = parameter_sum(spec)
    product, total = told.removeprefix("GRU: ").split(". ")[0].split(" = ")
    assert (
        eval(re.sub("[a-z]", "", product).replace("·", "*")) == int(total) == spec.parameter_count
    )
    assert sum(p.numel() for p in gv.start(spec).module().parameters()) == int(total)


def test_one_bias_is_enough_where_the_sum_of_both_gives_the_same_states() -> None:
    def needing_both(cell: str) -> list[str]:
        letters = []
        for block, letter in enumerate(CELLS[cell].blocks):
            module, rows = fresh(cell, 2, 3, seed=1), slice(3 * block, 3 * block + 3)
            x = torch.linspace(-1, 1, 8).view(4, 1, 2)
            with torch.no_grad():
                before = module(x)[0].clone()
                module.bias_ih_l0[rows] += module.bias_hh_l0[rows]
                module.bias_hh_l0[rows] = 0
                if not torch.allclose(module(x)[0], before, atol=1e-6):
                    letters.append(letter)
        return letters

    cells = ["lstm", "gru", "rnn_tanh"]
    assert [needing_both(cell) for cell in cells] == [[], ["n"], []]
    assert enough(["lstm", "rnn_tanh"]) == "One would be enough."
    assert enough(cells) == (
        "One would be enough, except for n of the GRU, where r multiplies only b_hn."
    )


def test_a_column_that_only_counts_is_not_the_first_choice() -> None:
    app = open_train(trtask="Forecast a column of your own table", trcells="RNN")
    rows = "\n".join(["t,level", *(f"{k},{k % 7}" for k in range(60))])
    app.text_area(key="own pasted").set_value(rows).run()
    assert app.selectbox(key="own column").options == ["t", "level"]
    assert app.selectbox(key="own column").value == "level"
    both = "\n".join(["t,u", *(f"{k},{2 * k}" for k in range(60))])
    app.text_area(key="own pasted").set_value(both).run()
    assert app.selectbox(key="own column").value == "t"  # there is none but counting ones


def test_a_counter_is_not_forecast_in_place_of_a_refused_column() -> None:
    app = open_train(trtask="Forecast a column of your own table", trcells="RNN")
    rows = "\n".join(["t,level", *(f"{k},{k % 7 if k else 'x'}" for k in range(60))])
    app.text_area(key="own pasted").set_value(rows).run()
    assert app.selectbox(key="own column").value is None
    assert "No column is worth forecasting: “t” only labels or counts the rows" in said(app)
    assert "“level” (row 2 holds “x”). Choose a column to forecast it all the same" in said(app)
    app.selectbox(key="own column").set_value("t").run()
    assert not app.exception
    assert "Forecast t. The model reads t, scaled" in said(app)


def test_a_forecast_is_held_against_saying_the_last_value_again() -> None:
    from gatesviz.training.samples import held_out

    app = open_train(trtask="Forecast a column of your own table", trcells="RNN", trlength="6")
    own_column(app, [f"{k},{k % 7}" for k in range(60)])
    spec = gv.TrainingSpec(task=own_series(np.arange(60) % 7, "level"), cell="rnn_tanh", length=6)
    lines = {line["name"]: line["y"] for line in drawn(app)["scores"]["lines"]}
    told = spec.learned.references(held_out(spec))
    assert [*told] == [
        "the mean of the held-out values", "repeating the last value",
        "linear forecast from up to 8 values",
    ]  # fmt: skip
    assert lines == {"solved": min(told.values()), **told}
    linear = told["linear forecast from up to 8 values"]
    assert linear == min(told.values()) < spec.learned.solved_at  # a sawtooth of 7 steps is linear
    settings = Settings({"rnn_tanh": spec}, 600)
    between = (linear + spec.learned.solved_at) / 2
    scores = np.array([between, linear, linear * 0.99])
    history = History(spec, scored=np.array([1, 2, 4], np.int32), scores=scores)
    assert spec.learned.solved(between)  # the task's own mark alone would say so
    assert solved_after(settings, history) == 4
    numbers = "; ".join(f"{name} {score:.3g}" for name, score in told.items())
    assert (
        "Baselines need no network. Their held-out RMSE in standard deviations (lower"
        f" is better): {numbers}. A cell has solved the task when it beats this baseline: linear"
        " forecast from up to 8 values."
    ) in said(app)


def test_every_field_of_a_spec_has_a_widget_or_is_named_once_as_having_none() -> None:
    drawn_fields = {field.setting for field in SETTINGS if field.setting}
    assert not drawn_fields & set(NO_WIDGET)
    assert {field.name for field in fields(gv.TrainingSpec)} == {*drawn_fields, *NO_WIDGET}


REBER = "Predict strings made by fixed rules (Reber grammar)"


@pytest.mark.parametrize(
    ("name", "key", "title"),
    [
        ("Foretell the temperature", "temperature", "Forecast the temperature"),
        ("Foretell a stock's price", "stock", "Forecast a stock price"),
        (
            "Foretell a stream of strings",
            "reber",
            REBER,
        ),
        (
            "Predict the letters of a Reber grammar",
            "reber",
            REBER,
        ),
        ("Guess the next character", "characters", "Predict the next character"),
        ("As many b as a", "anbn", "Count letters: one b for each a"),
        ("Count letters: as many b as a", "anbn", "Count letters: one b for each a"),
        ("Even or odd", "parity", "Even or odd number of ones"),
        ("Read a digit row by row", "digits", "Classify a digit row by row"),
        ("Tell the order of two marks", "temporal_order", "Name the order of two marks"),
        ("Remember a letter", "recall", "Recall the last capital letter"),
    ],
)
def test_a_link_with_an_older_title_means_the_same_task(name: str, key: str, title: str) -> None:
    assert PARAMETERS["trtask"].problem(name) is None
    assert PARAMETERS["trtask"].means(name, title)
    assert reworded({"trtask": [name]}, PARAMETERS) == ({"trtask": title} if name != title else {})
    assert TITLES[title] == key
    assert TASKS[key].title == title


def test_an_older_title_of_a_task_works_in_the_links_of_every_page() -> None:
    for settings, key in ((GRADIENTS, "grtask"), (COMPARE, "cotask")):
        assert settings[key].problem("Remember a letter") is None
        assert settings[key].means("Remember a letter", "Recall the last capital letter")
    assert COMPARE["codata"].problem("Even or odd") is None


def test_a_changed_setting_says_where_the_run_is_and_leads_back_to_it() -> None:
    app = open_train(trcells="LSTM and RNN")
    told = wait(click(app, "Train 10 updates"), made=10)
    app.slider(key="trhidden").set_value(5).run()
    assert drawn(app)["rows"][0][3] == "not started"
    assert "Your run with 3 hidden units is still here. Set the value back to see it." in said(app)
    app.number_input(key="trseed").set_value(4).run()
    assert "Your run with 3 hidden units and seed 0 is still here." in said(app)
    click(app, "Back to 3 hidden units and seed 0")
    assert app.slider(key="trhidden").value == 3
    assert drawn(app)["series"] == told["series"]
    assert "Your run with" not in said(app)


@pytest.mark.parametrize(
    ("value", "name"), [(3, "convolution over 3 steps"), (None, "no convolution")]
)
def test_a_convolution_has_a_short_name(value: int | None, name: str) -> None:
    assert session._named(CONVOLVED.key, value) == name


def test_a_run_that_a_setting_hides_is_paused_and_the_page_says_so() -> None:
    slow = {"trlength": "100", "trhidden": "64", "trend": "5000"}
    app = click(open_train(trcells="RNN", **slow), "Start")
    [run] = engine().runs(app.session_state[OWNER])
    while not run.view().updates:
        app.run()
    app.number_input(key="trrate").set_value(0.02).run()
    sentence = "Your run with initial learning rate 0.01 is paused. Set the value back to see"
    assert sentence in said(app)
    assert not run.view().going


def test_settings_without_an_effect_are_not_shown() -> None:
    def keys(app: AppTest) -> set[str]:
        widgets = [*app.number_input, *app.slider, *app.toggle, *app.get("button_group")]
        return {widget.key for widget in widgets}

    assert "trdrop" not in keys(open_train())
    assert "trdrop" in keys(open_train(trlayers="2"))
    assert "trequal" not in keys(open_train(trcells="LSTM"))
    assert "trequal" in keys(open_train(trcells="GRU"))
    assert "trnorm" not in keys(open_train(trclip="false"))
    assert {"trinit", "trbias"} & keys(open_train(trcells="RNN")) == set()
