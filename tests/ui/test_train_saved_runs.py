"""The page "Train live": runs that were saved and come back, models that go on to other pages."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

import gatesviz as gv
from gatesviz.engine import engine, stop_engine
from gatesviz.training import own_series, own_text, probe, save_run
from gatesviz.ui.train.saved_runs import opened
from tests.serving import ROOT
from tests.training.test_run_files import changed
from tests.ui.test_feed import open_feed, player
from tests.ui.test_train import click, drawn, fold, open_train, wait
from tests.ui.test_train_settings import OWNER, said, specs, trained
from tests.ui.test_what_if_files import open_in


@pytest.fixture(scope="module", autouse=True)
def _engine() -> Iterator[None]:
    yield
    stop_engine()


def saved(spec: gv.TrainingSpec, updates: int, path: Path) -> bytes:
    save_run(path, *trained(spec, updates))
    return path.read_bytes()


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn_tanh", "gru_reset_before"])
def test_a_saved_run_opens_with_its_settings_and_goes_on(cell: str, tmp_path: Path) -> None:
    spec = fold(cell, 1, data_size=9, layers=2, clip=None, learning_rate=0.02, seed=8).spec
    app = open_train(trcells="RNN", trseed="1", trend="600")
    state, history = opened(saved(spec, 12, tmp_path / "run"), "mine.safetensors")
    upload(app, tmp_path / "run")
    told = wait(app, made=12)
    assert app.number_input(key="trend").value == 600  # a file doesn't say how long it was to be
    assert told["rows"][0][3:5] == ["paused", "12"]
    np.testing.assert_allclose(told["series"][0]["ys"], history.losses, rtol=1e-4)
    told = wait(click(app, "Train 1 update"), made=13)
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
        with pytest.raises(ValueError, match=r"“mine”|bytes in a saved run: 0 is outside") as found:
            opened(data, "mine")
        assert str(tmp_path) not in str(found.value)
        assert "/tmp" not in str(found.value)
    with pytest.raises(ValueError, match=r"“mine” is a zip archive, not a saved run: choose a"):
        opened(b"PK\x03\x04" + bytes(99), "mine")
    for start in (b"\x80\x04", b"II*\x00", b"ID3", b"PAR1"):  # a header of so many bytes
        with pytest.raises(ValueError, match="“mine” is not a run, or damaged"):
            opened(start.ljust(8, b"\0") + good[8:], "mine")
    relu = saved(gv.TrainingSpec(task="latch", cell="rnn_relu", length=6), 1, path)
    with pytest.raises(
        ValueError, match=r"this run's cell is rnn_relu\. This page can show lstm, gru"
    ):
        opened(relu, "mine")
    for other in ({"gain": 3}, {"gate_bias": 1.0}):
        told = saved(gv.TrainingSpec(task="latch", cell="lstm", length=6, **other), 1, path)
        ((name, value),) = other.items()
        with pytest.raises(
            ValueError, match=f"this run has {name}={value}, and this page has no such setting"
        ):
            opened(told, "mine")
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
    saved(fold("gru_reset_before", 1, seed=9).spec, 5, tmp_path / "run")
    upload(app, tmp_path / "run")  # no comparison has this cell
    assert [series["cell"] for series in wait(app, made=5)["series"]] == ["gru_reset_before"]


def test_a_run_of_own_data_brings_its_data(tmp_path: Path) -> None:
    task = own_series(np.arange(60) % 7, "<b>level</b>")
    spec = gv.TrainingSpec(task=task, cell="gru", hidden_size=3, length=6)
    saved(spec, 4, tmp_path / "run")
    app = open_train()
    upload(app, tmp_path / "run")
    wait(app, made=4)
    assert specs(app)[-1] == spec
    assert "Data in use: 60 rows, column “<b>level</b>”." in said(app)
    assert "<b>level</b>, scaled to mean 0" in said(app)
    assert app.selectbox(key="own column").options == ["<b>level</b>"]


def test_an_opened_run_is_shown_although_there_is_another_table(tmp_path: Path) -> None:
    table = np.column_stack([np.arange(60) % 7, np.arange(60) % 5, np.sin(np.arange(60))])
    lines = ["level,rain,wind", *(",".join(map(repr, row)) for row in table.tolist())]
    for pasted, used in (("\n".join(lines), False), ("\n".join(lines[:50]), True)):
        spec = gv.TrainingSpec(
            task=own_series(table[:, [2, 0]], "wind", ["level"]), cell="gru", hidden_size=3,
            length=6,
        )  # fmt: skip
        saved(spec, 4, tmp_path / "run")
        app = open_train(trtask="Forecast a column of your own table", trlength="6")
        app.text_area(key="own pasted").set_value(pasted).run()
        assert app.selectbox(key="own column").value == "level"
        upload(app, tmp_path / "run")
        wait(app, made=4)
        assert specs(app)[-1] == spec
        assert app.selectbox(key="own column").value == "wind"
        assert app.multiselect(key="own inputs").value == ["level"]
        assert ("Data in use: 60 rows, columns “wind”, “level”." in said(app)) == used
        assert ("Change the table above to use it instead." in said(app)) == used
        others = ["level"] if used else ["level", "rain"]
        assert app.multiselect(key="own inputs").options == others
        app.multiselect(key="own inputs").set_value([]).run()  # the columns stay there to choose
        assert app.multiselect(key="own inputs").options == others
        app.text_area(key="own pasted").set_value("\n".join(lines[:40])).run()
        assert "Data in use" not in said(app)
        assert not app.exception


def test_an_opened_text_run_is_shown_although_there_is_another_text(tmp_path: Path) -> None:
    spec = gv.TrainingSpec(task=own_text("abcd efgh " * 40), cell="gru", hidden_size=3, length=6)
    saved(spec, 4, tmp_path / "run")
    app = open_train(trtask="Predict the next character of your text", trlength="6")
    app.text_area(key="own text").set_value("to be or not to be, " * 20).run()
    upload(app, tmp_path / "run")
    wait(app, made=4)
    assert specs(app)[-1] == spec
    assert "Text in use: 400 characters. It begins “abcd efgh" in said(app)
    app.text_area(key="own text").set_value("to be or not to be: " * 20).run()
    assert "Text in use" not in said(app)
    assert "It begins “to be" in said(app)


def test_the_run_that_another_pages_address_names_is_this_pages_own_settings() -> None:
    run = "trtask=Recall+the+first+letter&trlength=6&trhidden=5&trrate=0.5&trclip=false&trend=20"
    app = AppTest.from_file(str(ROOT / "gatesviz" / "ui" / "main.py"), default_timeout=60).run()
    app.query_params["run"] = f"{run}&trseed=-3&evil=1"
    app.switch_page("../../pages/train.py").run()
    assert not app.exception
    wait(click(app, "Train 1 update"), made=1)
    [_, rnn] = specs(app)
    assert rnn == gv.TrainingSpec(
        task="latch", cell="rnn_tanh", hidden_size=5, length=6, learning_rate=0.5, clip=None
    )
    assert app.number_input(key="trend").value == 20
    assert "run" not in app.query_params


def hand_on(app: AppTest, **query: str) -> AppTest:
    """Follow "Open in…" as its link does."""
    for name in list(app.query_params):
        del app.query_params[name]
    for name, value in ({"src": "held-out sample", "weights": "yours"} | query).items():
        app.query_params[name] = value
    return app.switch_page("../../pages/feed.py").run()


def convolved(model: gv.TrainedModel, inputs: torch.Tensor) -> torch.Tensor:
    """Return what the cell reads at ``inputs`` (T, B, I), by a loop over the steps."""
    width = model.spec.convolution
    if width is None:
        return inputs
    (weight, bias) = [p.detach() for p in model._parts().convolution.parameters()]  # type: ignore[union-attr]
    padded = torch.cat([torch.zeros(width - 1, *inputs.shape[1:]), inputs])
    steps = [
        sum((padded[t + k] @ weight[:, :, k].T for k in range(width)), bias)
        for t in range(len(inputs))
    ]
    return torch.stack(steps).relu()


@pytest.mark.parametrize(
    "settings",
    [
        {"trtask": "Add two marked numbers", "trlength": "10"},  # reads two numbers a step
        {"trlayers": "2", "trboth": "true"},
        {"trhidden": "64", "trequal": "parameters"},  # an RNN of 131 units
        {"trconv": "3", "trattn": "true"},
    ],
)
def test_a_trained_model_reads_on_the_page_feed(settings: dict[str, str]) -> None:
    app = open_train(trcells="RNN", trat="2", **settings)
    wait(click(app, "Train 10 updates"), made=10)
    app = hand_on(app, cell="RNN", sample="3")
    assert not app.exception
    [run] = engine().runs(app.session_state[OWNER])
    view = run.view()
    [panel], arrays = player(app)[0]["panels"], player(app)[1]
    model = view.history.model_at(2)
    inputs = probe(view.spec).inputs[:, [2]]
    layer = gv.record(model.module(), convolved(model, inputs)[:, 0]).trace(-1, "forward")
    np.testing.assert_allclose(arrays["0.h"], layer.states["h"], atol=1e-4)
    np.testing.assert_allclose(arrays["0.x"], layer.inputs, atol=1e-4)
    assert panel["hidden"] == view.spec.actual_hidden_size
    assert (panel["engine"]["readout"] is None) == view.spec.attention
    said_by = view.spec.learned.answers(model.outputs(inputs))[:, 0].numpy()
    np.testing.assert_allclose(arrays["0.y"], said_by, atol=2e-4)
    assert f"after 2 updates. Task: {view.spec.learned.title}." in said(app)


def test_a_model_that_reads_text_reads_the_readers_text() -> None:
    app = open_train(trcells="LSTM")
    wait(click(app, "Train 10 updates"), made=10)
    opens = open_in(app)
    assert opens["Feed a sequence"].startswith("feed?src=held-out+sample&weights=yours&run=tr")
    assert opens["What if?"].startswith("what_if?wimodel=yours%3A+LSTM&run=tr")
    assert opens["Vanishing gradients"].startswith("gradients?grw=yours&run=tr")
    app = hand_on(app, src="text", text="xyA", cell="LSTM")
    assert "The model knows these characters:" in said(app)
    [run] = engine().runs(app.session_state[OWNER])
    assert player(app)[0]["panels"][0]["answers"]["names"] == list(run.spec.learned.answer_names)
    app.segmented_control(key="cell").set_value("GRU").run()
    assert app.selectbox(key="weights").value != "yours"
    app.segmented_control(key="cell").set_value("LSTM").run()
    assert app.selectbox(key="weights").value == "yours"


def test_a_model_of_characters_writes_on() -> None:
    app = open_train(trtask="Predict the next character", trcells="LSTM")
    wait(click(app, "Train 10 updates"), made=10)
    app = hand_on(app, src="text", cell="LSTM")
    app.text_area(key="text").set_value("A list, 7!").run()
    assert app.selectbox(key="weights").value == "yours"
    app.button(key="write on").click().run()
    assert not app.exception
    [run] = engine().runs(app.session_state[OWNER])
    view = run.view()
    found = view.history.model_at(10).continue_text("a list, ", 200)
    assert "".join(player(app)[0]["labels"]).replace("␣", " ") == str(found)


def test_a_link_to_a_model_that_is_not_here_says_how_it_can_be_had() -> None:
    app = open_feed(src="held-out sample", weights="yours", run="trseed=3&evil=1")
    assert "Links don't carry weights" in said(app)
    [link] = [one for one in app.get("page_link") if one.proto.label == "Train it again"]
    assert link.proto.query_string == "trseed=3"
    assert not app.exception


def test_a_run_whose_last_scores_are_not_finite_opens_and_is_drawn(tmp_path: Path) -> None:
    """After its last good update a run may answer with anything: JSON has no such number."""
    spec = fold("gru", 1, seed=8).spec
    state, history = trained(spec, 30)
    scores = np.where(np.arange(len(history.scores)) < 3, history.scores, [np.nan, np.inf] * 3)
    save_run(tmp_path / "run", state, replace(history, scores=scores))
    app = open_train()
    upload(app, tmp_path / "run")
    told = wait(app, made=30)
    json.dumps(told, allow_nan=False)
    curve = told["scores"]["series"][0]["ys"]
    assert curve[:3] == pytest.approx(history.scores[:3].tolist(), rel=1e-4)
    assert curve[3:] == [None] * 3
    assert "not finite (update 25)" in str(told["rows"])


def test_a_message_in_a_file_is_not_shown(tmp_path: Path) -> None:
    path = tmp_path / "run"
    saved(fold("gru", 1).spec, 3, path)
    changed(path, {"stopped": "Your session is over: log in at http://evil.example. " * 20_000})
    app = open_train()
    upload(app, path)
    assert "That could not be read." in said(app)
    assert "expected null, 'loss' or 'gradient'" in said(app)
    assert len(said(app)) < 20_000
