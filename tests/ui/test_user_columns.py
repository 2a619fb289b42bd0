"""Several columns of one's own, on the pages that train on them."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

import gatesviz as gv
from gatesviz.engine import engine, stop_engine
from gatesviz.experiments.search import PILOTS
from gatesviz.training import open_run, own_series, probe, save_run, to_script
from gatesviz.training.samples import held_out
from gatesviz.ui.user_data import own_file
from tests.ui.test_compare import open_compare
from tests.ui.test_compare_search import KNOWN, LINK, gone_through
from tests.ui.test_feed import player
from tests.ui.test_gradients import charts, words
from tests.ui.test_train import click, drawn, open_train, wait
from tests.ui.test_train_saved_runs import hand_on, upload
from tests.ui.test_train_settings import OWNER, said, specs, trained

ROWS = 60
TABLE = np.round(
    np.column_stack(
        [np.sin(np.arange(ROWS) / 3), np.arange(ROWS) % 5, np.cos(np.arange(ROWS)) * 1e3]
    ),
    4,
)
HOSTILE = "<b>$wind$</b> **x**"
LINES = [f"2020-01-{k % 28 + 1:02},{a},{b},{c},1.5" for k, (a, b, c) in enumerate(TABLE.tolist())]
HEADER = f"day,level,rain,{HOSTILE},still"
DATA = own_series(TABLE, "level", ["rain", HOSTILE])


@pytest.fixture(scope="module", autouse=True)
def _engine() -> Iterator[None]:
    yield
    stop_engine()


def bring(app: AppTest, lines: list[str] = LINES) -> AppTest:
    app.text_area(key="own pasted").set_value("\n".join([HEADER, *lines])).run()
    app.selectbox(key="own column").set_value("level").run()
    assert not app.exception
    return app


def training(**more: str) -> AppTest:
    link = {"trtask": "Forecast a column of your own table", "trcells": "RNN"} | more
    app = bring(open_train(**link))
    app.multiselect(key="own inputs").set_value(["rain", HOSTILE]).run()
    app.number_input(key="trlength").set_value(6).run()
    assert not app.exception
    return app


def test_no_further_column_is_read_unless_it_is_chosen() -> None:
    app = bring(open_train(trtask="Forecast a column of your own table", trcells="RNN"))
    assert app.multiselect(key="own inputs").options == ["rain", HOSTILE, "still"]
    assert app.multiselect(key="own inputs").value == []
    assert "Not columns of numbers: “day” (row 2 holds “2020-01-01”)." in said(app)
    assert (
        "The model reads level, scaled to mean 0 and standard deviation 1."
        " The model's task: at each step, forecast" in said(app)
    )


def test_the_chosen_columns_are_learnt_from_and_shown() -> None:
    app = training(t="0")
    assert f"level (the one to forecast), rain, {HOSTILE}." in said(app)
    assert "The model's task: at each step, forecast the next value of level." in said(app)
    told = wait(click(app, "Train 10 updates"), made=10)
    [spec] = specs(app)
    assert spec.task == DATA
    np.testing.assert_allclose(told["series"][0]["ys"], trained(spec, 10)[1].losses, rtol=1e-4)
    lines = {line["name"]: line["y"] for line in drawn(app)["scores"]["lines"]}
    expected = spec.learned.references(held_out(spec))
    assert next(iter(expected)) == "the mean of the held-out values"
    assert expected.keys() < lines.keys()
    assert {name: lines[name] for name in expected} == expected
    [panel], arrays = player(app)[0]["panels"], player(app)[1]
    assert panel["features"] == ["level", "rain", HOSTILE]
    np.testing.assert_allclose(arrays["0.x"], probe(spec).inputs[:, 0], atol=1e-4)


def test_a_column_that_rests_is_left_out_with_a_sentence() -> None:
    app = training()
    app.multiselect(key="own inputs").set_value(["still", "rain"]).run()
    assert "“still” isn't read: it is 1.5 in all of the first 48 rows" in said(app)
    assert "Each step has 2 standardised numbers: level (the one to forecast), rain" in said(app)


def test_a_column_that_becomes_the_forecast_is_no_further_one() -> None:
    app = training()
    app.selectbox(key="own column").set_value("rain").run()
    assert app.multiselect(key="own inputs").value == [HOSTILE]
    assert not app.exception
    assert f"rain (the one to forecast), {HOSTILE}." in said(app)


def test_gaps_are_filled_in_every_column() -> None:
    lines = [*LINES]
    lines[9] = lines[9].replace(f",{TABLE[9, 1]}", ",", 1)
    app = bring(open_train(trtask="Forecast a column of your own table", trcells="RNN"), lines)
    app.multiselect(key="own inputs").set_value(["rain"]).run()
    assert "“rain” has no value in row 11" in said(app)
    app.checkbox(key="own fill").set_value(True).run()
    assert "rain" in said(app)
    assert "has no value" not in said(app)


AHEAD = "A bidirectional model has already read the next step, so this score isn't a forecast."


def test_a_bidirectional_model_has_read_the_answer_of_several_columns_too() -> None:
    assert AHEAD not in said(training())
    assert AHEAD in said(training(trboth="true"))


def test_the_file_for_the_script_holds_a_row_a_line() -> None:
    text = own_file(DATA).decode()
    assert text.splitlines()[0] == " ".join(map(repr, TABLE[0].tolist()))
    rows = np.loadtxt(text.splitlines())
    assert own_series(rows, "level", ["rain", HOSTILE]) == DATA
    spec = gv.TrainingSpec(task=DATA, length=6)
    assert f"{('rain', HOSTILE)!r}" in to_script(spec)


def test_a_saved_run_brings_its_columns_back(tmp_path: Path) -> None:
    spec = gv.TrainingSpec(task=DATA, cell="rnn_tanh", hidden_size=3, length=6)
    save_run(tmp_path / "run", *trained(spec, 4))
    assert open_run(tmp_path / "run")[0].spec == spec
    app = open_train(trcells="RNN")
    upload(app, tmp_path / "run")
    wait(app, made=4)
    assert specs(app)[-1] == spec
    assert f"Data in use: 60 rows, columns “level”, “rain”, “{HOSTILE}”." in said(app)
    assert app.multiselect(key="own inputs").value == ["rain", HOSTILE]
    assert f"level (the one to forecast), rain, {HOSTILE}." in said(app)


def test_a_search_reads_the_chosen_columns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATESVIZ_RESULTS", str(tmp_path))
    PILOTS.keep(DATA.digest, KNOWN)
    gone_through(DATA)
    app = bring(open_compare(**LINK))
    assert "Take the" not in words(app)
    app.multiselect(key="own inputs").set_value(["rain", HOSTILE]).run()
    app.segmented_control(key="cobest").set_value("GRU").run()
    assert not app.exception
    assert f"level (the one to forecast), rain, {HOSTILE}." in words(app)
    assert "You guessed right. Measured: **GRU**." in words(app)


def test_a_trained_model_reads_its_columns_on_the_page_feed() -> None:
    app = training(trat="2")
    wait(click(app, "Train 10 updates"), made=10)
    [run] = engine().runs(app.session_state[OWNER])
    module, readout = run.view().history.model_at(2).modules()
    app = hand_on(app, cell="RNN", sample="2")
    assert not app.exception
    assert player(app)[0]["panels"][0]["features"] == ["level", "rain", HOSTILE]
    app.selectbox(key="src").set_value("table").run()
    other = [f"{c},{a},{b}" for a, b, c in (TABLE[:20] + 0.5).tolist()]
    app.text_area(key="pasted").set_value("\n".join([f"{HOSTILE},level,rain", *other])).run()
    assert not app.exception
    inputs = torch.from_numpy(DATA.standardised(TABLE[:20] + 0.5))
    [panel], arrays = player(app)[0]["panels"], player(app)[1]
    assert panel["features"] == ["level", "rain", HOSTILE]
    np.testing.assert_allclose(arrays["0.x"], inputs, atol=1e-3)
    said_by = readout(module(inputs)[0]).detach()
    np.testing.assert_allclose(arrays["0.y"], said_by, atol=2e-3)
    assert "Out: " not in said(app)
    assert (
        "Each column is scaled by its mean and standard deviation in your training rows."
        in said(app)
    )
    app.text_area(key="pasted").set_value("level,snow\n1,2\n3,4\n5,6").run()
    assert f"no column of numbers “rain”, “{HOSTILE}”. Your model reads" in said(app)
    app.selectbox(key="weights").set_value("fresh").run()
    assert app.selectbox(key="column").options == ["level", "snow"]
    app.selectbox(key="src").set_value("numbers").run()
    assert "yours" not in app.selectbox(key="weights").options
    assert not app.exception


def test_a_trained_model_goes_on_to_the_page_gradients() -> None:
    app = training(trat="2")
    wait(click(app, "Train 10 updates"), made=10)
    for name in list(app.query_params):
        del app.query_params[name]
    app.query_params["grw"] = "yours"
    app.query_params["grview"] = "which input matters"
    app.query_params["grwhich"] = "the last"
    app = app.switch_page("../../pages/gradients.py").run()
    assert not app.exception
    assert "after 2 updates" in said(app)
    assert len(charts(app)) == 2
