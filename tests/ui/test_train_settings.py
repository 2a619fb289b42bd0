"""The page "Train live": its settings, own data, rates under way, saved runs, models handed on."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import gatesviz as gv
from gatesviz.engine import engine, stop_engine
from gatesviz.training import History, own_series, probe, save_run, with_learning_rate
from gatesviz.ui.train import changes
from gatesviz.ui.train.opening import opened
from tests.ui.test_feed import open_feed, player
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
}  # fmt: skip


def test_every_setting_of_a_link_is_trained_with() -> None:
    app = open_train(trcells="LSTM and RNN", **EVERYTHING)
    told = wait(click(app, "10 updates"), made=10)
    lstm, rnn = specs(app)
    assert lstm == gv.TrainingSpec(
        task="latch", cell="lstm", hidden_size=3, length=6, layers=2, dropout=0.25,
        bidirectional=True, batch_size=5, data_size=7, optimiser="rmsprop", clip=0.5, chrono=True,
        seed=3,
    )  # fmt: skip
    assert rnn == replace(lstm, cell="rnn_tanh", chrono=False)
    for spec, series in zip((lstm, rnn), told["series"], strict=True):
        history = trained(spec, 10)[1]
        np.testing.assert_allclose(series["ys"], history.losses, rtol=1e-4)
    assert len(player(app)[0]["panels"]) == 2


def test_without_clipping_and_as_drawn() -> None:
    app = open_train(trcells="LSTM and GRU", trclip="false", trinit="as drawn")
    wait(click(app, "1 update"), made=1)
    assert [(spec.clip, spec.forget_bias, spec.chrono) for spec in specs(app)] == [
        (None, None, False)
    ] * 2


def test_a_fixed_training_set_shows_both_scores() -> None:
    told = wait(click(open_train(trcells="GRU", trdata="4"), "10 updates"), made=10)
    history = fold("gru", 10, data_size=4)
    held_out, by_heart = told["scores"]["series"]
    np.testing.assert_allclose(held_out["ys"], history.scores, rtol=1e-4)
    np.testing.assert_allclose(by_heart["ys"], history.train_scores, rtol=1e-4)
    assert (by_heart["name"], by_heart["faint"]) == ("GRU, training set", True)
    assert told["rows"][0][9] == f"{history.train_scores[-1]:.4g}"


@pytest.mark.parametrize("text", ["200: 0.001, 400: 0.0001", "0:1;5:2e-3", ""])
def test_changes_are_read_back_as_they_were_written(text: str) -> None:
    found = changes.read(text)
    assert changes.read(changes.written(found)) == found
    assert len(found) == len([part for part in text.replace(";", ",").split(",") if part])


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("soon: less", "“soon: less” is no change of the learning rate"),
        ("5: 0", "learning rate: 0 given"),
        ("5: 1.2.3", "“5: 1.2.3” is no change"),
        ("999999: 0.1", "updates of a run: 999,999 given"),
        (",".join(f"{k}:0.1" for k in range(101)), "101 changes of the learning rate given"),
    ],
)
def test_changes_that_cannot_be_read_get_a_sentence_and_the_runs_stay(
    text: str, sentence: str
) -> None:
    app = open_train(trcells="RNN")
    app.text_input(key="trrates").set_value(text).run()
    assert sentence in said(app)
    assert "still shows the last settings" in said(app)
    assert drawn(app)["rows"][0][0] == "RNN"


def test_a_link_reproduces_rates_that_changed_under_way() -> None:
    first = open_train(trcells="LSTM and RNN")
    wait(click(first, "10 updates"), made=10)
    first.number_input(key="train rate").set_value(0.5).run()
    told = wait(click(first, "10 more"), made=20)
    link = first.text_input(key="trrates").value
    assert link == "10: 0.5"
    assert "0.01 at the start, 0.5 after update 10" in said(first)
    second = open_train(trcells="LSTM and RNN", trrates=link)
    wait(click(second, "Start"), made=10)
    again = wait(click(second, "10 more"), made=20)
    assert [series["ys"] for series in again["series"]] == [s["ys"] for s in told["series"]]
    state, _ = gv.advance(with_learning_rate(trained(specs(first)[1], 10)[0], 0.5), 10)
    [_, rnn] = engine().runs(second.session_state[OWNER])
    assert rnn.view().history.model_at(20).weights.tobytes() == state.weights.tobytes()
    click(first, "Reset")
    assert not first.text_input(key="trrates").value
    click(second, "Reset")
    assert second.text_input(key="trrates").value == "10: 0.5"  # it came with the settings


def own_column(app: AppTest, rows: list[str]) -> AppTest:
    return app.text_area(key="train pasted").set_value("\n".join(["day,level", *rows])).run()


def test_a_column_of_ones_own_is_learnt() -> None:
    values = np.round(np.sin(np.arange(60) / 3), 4)
    app = open_train(trtask="A column of your own", trcells="RNN")
    assert "Bring a table" in said(app)
    assert not drawn_at_all(app)
    own_column(app, [f"{k},{value}" for k, value in enumerate(values)])
    app.selectbox(key="train column").set_value("level").run()
    app.number_input(key="trlength").set_value(6).run()
    told = wait(click(app, "10 updates"), made=10)
    [spec] = specs(app)
    assert spec.task == own_series(values, "level")
    np.testing.assert_allclose(told["series"][0]["ys"], trained(spec, 10)[1].losses, rtol=1e-4)
    own_column(app, ["1,2", "2,x"])
    assert "row 3 holds “x”" in said(app) or "too few" in said(app) or "given" in said(app)
    assert drawn(app)["rows"][0][4] == "10"  # the run stays on the page
    assert not app.exception


def drawn_at_all(app: AppTest) -> bool:
    return any(one.proto.json and "charts" in one.proto.json for one in app.get("bidi_component"))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("short", "characters in a text to learn from: 5 given, 200 to 200,000 allowed"),
        ("a" * 300, "1 distinct characters given, 2 to 256 allowed"),
        ("<script>alert(1)</script> " * 20, "Own text, 520 characters, beginning with “<script>"),
    ],
)
def test_a_text_of_ones_own_is_read_or_refused(text: str, sentence: str) -> None:
    app = open_train(trtask="A text of your own")
    app.text_area(key="train text").set_value(text).run()
    assert sentence in said(app)
    assert not app.exception


def test_reading_ahead_is_no_forecast() -> None:
    told = "the score is no forecast"
    assert told in said(open_train(trtask="Continue a wave", trboth="true", trlength="20"))
    assert told not in said(open_train(trboth="true"))


def saved(spec: gv.TrainingSpec, updates: int, path: Path) -> bytes:
    save_run(path, *trained(spec, updates))
    return path.read_bytes()


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn_tanh"])
def test_a_saved_run_opens_with_its_settings_and_goes_on(cell: str, tmp_path: Path) -> None:
    spec = fold(cell, 1, data_size=9, layers=2, clip=None, learning_rate=0.02, seed=8).spec
    app = open_train(trcells="RNN", trseed="1")
    state, history = opened(saved(spec, 12, tmp_path / "run"), "mine.safetensors")
    upload(app, tmp_path / "run")
    told = wait(app, made=12)
    np.testing.assert_allclose(told["series"][0]["ys"], history.losses, rtol=1e-4)
    told = wait(click(app, "1 update"), made=13)
    _, [next_one] = gv.advance(state, 1)
    assert told["series"][0]["ys"][-1] == pytest.approx(next_one.loss, rel=1e-4)


def upload(app: AppTest, path: Path) -> None:
    app.file_uploader(key="train saved run").upload(
        "mine.safetensors", path.read_bytes(), "application/octet-stream"
    ).run()


def test_files_that_are_no_runs_get_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "run"
    good = saved(fold("rnn_tanh", 1).spec, 3, path)
    for data in (b"", b"\x80\x04pickle", good[:-9], good[:40]):
        with pytest.raises(ValueError, match=r"“mine”|bytes in a saved run: 0 given") as found:
            opened(data, "mine")
        assert str(tmp_path) not in str(found.value)
        assert "/tmp" not in str(found.value)
    relu = saved(gv.TrainingSpec(task="latch", cell="rnn_relu", length=6), 1, path)
    with pytest.raises(ValueError, match="this run's cell is rnn_relu, this page shows lstm, gru"):
        opened(relu, "mine")
    app = open_train(trcells="RNN")
    path.write_bytes(b"nonsense")
    upload(app, path)
    assert "That could not be read." in said(app)
    assert drawn(app)["rows"][0][3] == "not started"


def test_runs_that_differ_in_the_cell_alone_are_opened_side_by_side(tmp_path: Path) -> None:
    app = open_train(trcells="GRU", trseed="1")
    for cell in ("rnn_tanh", "lstm"):
        saved(fold(cell, 1, seed=8).spec, 12, tmp_path / "run")
        upload(app, tmp_path / "run")
    told = wait(app, made=12)
    assert [series["cell"] for series in told["series"]] == ["lstm", "rnn_tanh"]
    saved(fold("gru", 1, seed=9).spec, 4, tmp_path / "run")
    upload(app, tmp_path / "run")
    assert [series["cell"] for series in wait(app, made=4)["series"]] == ["gru"]


def test_a_run_of_own_data_brings_its_data(tmp_path: Path) -> None:
    task = own_series(np.arange(60) % 7, "<b>level</b>")
    spec = gv.TrainingSpec(task=task, cell="gru", hidden_size=3, length=6)
    saved(spec, 4, tmp_path / "run")
    app = open_train()
    upload(app, tmp_path / "run")
    wait(app, made=4)
    assert specs(app)[-1] == spec
    assert "What you brought last is still used." in said(app)
    assert "<b>level</b>, standardised" in said(app)


def hand_on(app: AppTest, **query: str) -> AppTest:
    """Follow "Open in…" as its link does."""
    for name in list(app.query_params):
        del app.query_params[name]
    for name, value in ({"src": "held-out sample", "weights": "yours"} | query).items():
        app.query_params[name] = value
    return app.switch_page("../../pages/feed.py").run()


@pytest.mark.parametrize(
    "settings",
    [
        {"trtask": "Add two marked numbers", "trlength": "10"},  # reads two numbers a step
        {"trlayers": "2", "trboth": "true"},
        {"trhidden": "64", "trequal": "parameters"},  # an RNN of 131 units
    ],
)
def test_a_trained_model_reads_on_the_page_feed(settings: dict[str, str]) -> None:
    app = open_train(trcells="RNN", trat="2", **settings)
    wait(click(app, "10 updates"), made=10)
    app = hand_on(app, cell="RNN", sample="3")
    assert not app.exception
    [run] = engine().runs(app.session_state[OWNER])
    view = run.view()
    [panel], arrays = player(app)[0]["panels"], player(app)[1]
    module, readout = view.history.model_at(2).modules()
    inputs = probe(view.spec).inputs[:, 2]
    output = module(inputs)[0].detach()
    layer = gv.record(module, inputs).trace(-1, "forward")
    np.testing.assert_allclose(arrays["0.h"], layer.states["h"], atol=1e-4)
    assert panel["hidden"] == view.spec.actual_hidden_size
    said_by = view.spec.learned.answers(readout(output)).detach().numpy()
    np.testing.assert_allclose(arrays["0.y"], said_by, atol=2e-4)
    assert "after 2 updates, trained to do this" in said(app)


def test_a_model_that_reads_text_reads_the_readers_text() -> None:
    app = open_train(trcells="LSTM")
    wait(click(app, "10 updates"), made=10)
    app = hand_on(app, src="text", text="xyA", cell="LSTM")
    assert "It reads:" in said(app)
    [run] = engine().runs(app.session_state[OWNER])
    assert player(app)[0]["panels"][0]["answers"]["names"] == list(run.spec.learned.answer_names)
    app.segmented_control(key="cell").set_value("GRU").run()
    assert app.selectbox(key="weights").value != "yours"
    app.segmented_control(key="cell").set_value("LSTM").run()
    assert app.selectbox(key="weights").value == "yours"


def test_a_link_to_a_model_that_is_not_here_says_how_it_can_be_had() -> None:
    app = open_feed(src="held-out sample", weights="yours", run="trseed=3&evil=1")
    assert "Weights do not travel in a link" in said(app)
    [link] = [one for one in app.get("page_link") if one.proto.label == "Train it again"]
    assert link.proto.query_string == "trseed=3"
    assert not app.exception
