"""The page "Train live", without a browser: every cell, every button, every mishap."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import gatesviz as gv
from gatesviz.engine import engine, stop_engine
from gatesviz.engine.slices import Slice
from gatesviz.training import History, open_run, probe, with_learning_rate
from gatesviz.ui.train import session, training_heatmap
from gatesviz.ui.train.chart import MOST_POINTS, binned, solved_after
from gatesviz.ui.train.downloads import run_file, script
from gatesviz.ui.train.parameters import CELLS_CHOICES, PARAMETERS
from gatesviz.ui.train.session import set_learning_rate
from gatesviz.ui.train.settings import Settings
from tests.serving import ROOT
from tests.ui.test_feed import player
from tests.ui.test_train_views import rows_of

SMALL = {"trtask": "Recall the first letter", "trlength": "6", "trhidden": "3", "trend": "10"}


@pytest.fixture(scope="module", autouse=True)
def _engine() -> Iterator[None]:
    yield
    stop_engine()


def open_train(**query: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "gatesviz" / "ui" / "main.py"), default_timeout=60)
    for name, value in (SMALL | query).items():
        app.query_params[name] = value
    return app.switch_page("../../pages/train.py").run()


def drawn(app: AppTest) -> dict[str, Any]:
    """What the charts and the table are sent."""
    sent = [json.loads(one.proto.json) for one in app.get("bidi_component") if one.proto.json]
    [told] = [data for data in sent if "charts" in data]
    return told["charts"][0] | {"scores": told["charts"][1], "rows": told["table"]["rows"]}


def click(app: AppTest, label: str) -> AppTest:
    [button] = [button for button in app.button if button.label == label]
    assert not button.disabled
    return button.click().run()


def wait(app: AppTest, *, made: int) -> dict[str, Any]:
    """Run the page again until every run rests after ``made`` updates."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        told = drawn(app.run())
        assert not app.exception
        if all(row[4] == str(made) and row[3] in ("paused", "finished") for row in told["rows"]):
            return told
        time.sleep(0.3)  # a run of the page takes processor time from the training
    pytest.fail(f"no {made} updates within a minute: {told['rows']}")


def fold(cell: str, updates: int, **changed: Any) -> History:
    """The same run without a page or an engine."""
    settings = {"task": "latch", "length": 6, "hidden_size": 3, "seed": 0} | changed
    spec = gv.TrainingSpec(cell=cell, forget_bias=1.0 if cell == "lstm" else None, **settings)
    return History(spec).add(gv.advance(gv.start(spec), updates)[1])


@pytest.mark.parametrize("choice", CELLS_CHOICES)
def test_every_cell_learns_what_the_fold_learns(choice: str) -> None:
    app = click(open_train(trcells=choice), "Train 10 updates")
    told = wait(app, made=10)
    assert [series["cell"] for series in told["series"]] == list(CELLS_CHOICES[choice])
    for series, score, row in zip(
        told["series"], told["scores"]["series"], told["rows"], strict=True
    ):
        history = fold(series["cell"], 10)
        assert series["xs"] == list(range(1, 11))
        np.testing.assert_allclose(series["ys"], history.losses, rtol=1e-4)
        assert score["xs"] == history.scored.tolist()
        np.testing.assert_allclose(score["ys"], history.scores, rtol=1e-4)
        assert row[7] == f"{history.losses[-1]:.4g}"
        assert row[2] == f"{history.spec.parameter_count:,}"


def test_the_click_on_start_shows_the_first_update(monkeypatch: pytest.MonkeyPatch) -> None:
    wait(click(open_train(trcells="all three"), "Train 1 update"), made=1)  # the workers are there
    monkeypatch.setattr(session, "AT_ONCE", 60.0)
    slow = {"trlength": "400", "trbatch": "256", "trhidden": "64"}  # a second for an update
    told = drawn(click(open_train(trcells="LSTM", **slow), "Train 1 update"))
    history = fold("lstm", 1, length=400, batch_size=256, hidden_size=64)
    assert told["series"][0]["xs"] == [1]
    np.testing.assert_allclose(told["series"][0]["ys"], history.losses, rtol=1e-4)


def test_the_lines_are_the_tasks_own_numbers() -> None:
    from gatesviz.training.samples import held_out

    spec = fold("lstm", 1).spec
    lines = {line["name"]: line["y"] for line in drawn(open_train())["scores"]["lines"]}
    assert lines == {
        "solved": spec.learned.solved_at,
        "best constant answer": spec.learned.baseline(held_out(spec)),
    }
    told = "\n".join(one.value for one in open_train().text)
    assert "A cell has solved the task when its held-out accuracy is at least 99 %." in told


def test_a_goal_of_all_right_has_nothing_higher() -> None:
    app = open_train(trtask="Count letters: one b for each a")
    told = "\n".join(one.value for one in app.text)
    assert "A cell has solved the task when its held-out accuracy on whole texts is 100 %." in told


def test_updates_come_one_by_one_or_to_the_end_and_go_with_a_reset() -> None:
    app = open_train(trcells="RNN")
    wait(click(app, "Train 1 update"), made=1)
    wait(click(app, "Continue"), made=10)
    wait(click(app, "Train 10 more updates"), made=20)
    assert drawn(click(app, "Reset"))["rows"][0][3:5] == ["not started", "0"]
    wait(click(app, "Train 1 update"), made=1)


def test_a_run_cannot_be_started_twice_and_a_reset_under_way_forgets_it() -> None:
    app = open_train(trcells="RNN", trend="5000")
    app = click(app, "Start")
    assert [b.disabled for b in app.button if b.label in ("Continue", "Pause")] == [True, False]
    assert len(engine().runs(app.session_state["train owner"])) == 1
    assert drawn(click(app, "Reset"))["rows"][0][3:5] == ["not started", "0"]
    told = wait(click(app, "Train 1 update"), made=1)
    assert told["series"][0]["ys"] == pytest.approx(fold("rnn_tanh", 1).losses.tolist(), rel=1e-4)


def test_a_learning_rate_changed_under_way_is_used_from_the_next_update() -> None:
    app = open_train(trcells="RNN")
    wait(click(app, "Train 1 update"), made=1)
    [rate] = [one for one in app.number_input if one.label == "Learning rate from now on"]
    rate.set_value(0.5).run()
    told = wait(click(app, "Train 1 update"), made=2)
    state, first = gv.advance(gv.start(fold("rnn_tanh", 1).spec), 1)
    _, second = gv.advance(with_learning_rate(state, 0.5), 1)
    third = gv.advance(gv.advance(with_learning_rate(state, 0.5), 1)[0], 1)[1]
    np.testing.assert_allclose(told["series"][0]["ys"], [first[0].loss, second[0].loss], rtol=1e-4)
    told = wait(click(app, "Train 1 update"), made=3)
    assert told["series"][0]["ys"][2] == pytest.approx(third[0].loss, rel=1e-4)
    assert third[0].loss != pytest.approx(fold("rnn_tanh", 3).losses[2], rel=1e-3)


def test_a_learning_rate_that_is_emptied_or_off_the_page_stays_as_it_was() -> None:
    app = open_train(trcells="RNN")
    assert app.number_input(key="train rate").disabled
    wait(click(app, "Train 1 update"), made=1)
    app.number_input(key="train rate").set_value(0.5).run()
    app.number_input(key="train rate").set_value(None).run()
    assert app.number_input(key="train rate").value == 0.5
    [run] = engine().runs(app.session_state["train owner"])
    assert run.view().rates == ((1, 0.5),)
    set_learning_rate(None, "of a widget that is not there")  # type: ignore[arg-type]
    assert not app.exception


def test_settings_that_come_back_find_their_run() -> None:
    app = open_train(trcells="RNN")
    wait(click(app, "Train 10 updates"), made=10)
    [seed] = [one for one in app.number_input if one.label == "Seed"]
    assert drawn(seed.set_value(1).run())["rows"][0][3] == "not started"
    [seed] = [one for one in app.number_input if one.label == "Seed"]
    assert drawn(seed.set_value(0).run())["rows"][0][4] == "10"


def test_more_settings_than_runs_are_kept_let_the_oldest_go() -> None:
    app = open_train(trcells="all three", trequal="parameters")
    for value in range(4):
        [seed] = [one for one in app.number_input if one.label == "Seed"]
        wait(click(seed.set_value(value).run(), "Train 1 update"), made=1)
        assert not app.error


def test_a_run_that_cannot_go_on_says_why_and_keeps_its_curve() -> None:
    app = open_train(trcells="RNN")
    wait(click(app, "Train 10 updates"), made=10)
    [run] = engine().runs(app.session_state["train owner"])
    run.fail("update 11 came to a loss of nan")
    told = drawn(app.run())
    assert told["rows"][0][3:5] == ["stopped", "10"]
    assert len(told["series"][0]["ys"]) == 10
    assert "RNN: update 11 came to a loss of nan." in [text.value for text in app.text]
    assert drawn(click(app, "Train 1 update"))["rows"][0][3:5] == ["stopped", "10"]
    assert not app.exception
    wait(click(click(app, "Reset"), "Train 1 update"), made=1)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        *(("trhidden", text) for text in ("0", "-1", "65", "99999999", "abc")),
        *(("trrate", text) for text in ("0", "1e6", "nan", "-0.1")),
        *(("trlength", text) for text in ("1", "401", "x")),
        *(("trseed", text) for text in ("-1", "1e9")),
        *(("trcells", "lstmx"), ("trequal", "wishes"), ("trtask", "none"), ("trend", "1e7")),
    ],
)
def test_what_a_link_cannot_say(name: str, text: str) -> None:
    assert PARAMETERS[name].problem(text)
    app = open_train(**{name: text})
    assert not app.exception
    assert drawn(app)["rows"]


def test_a_length_that_the_task_cannot_have_is_not_taken() -> None:
    app = open_train(trtask="Name the order of two marks", trlength="3")
    assert not app.exception
    assert drawn(app)["rows"]


@pytest.mark.parametrize(("losses", "stride"), [(0, 1), (1, 1), (7, 2), (8, 2), (9, 4)])
def test_a_long_curve_is_made_of_means(losses: int, stride: int) -> None:
    values = np.arange(losses, dtype=np.float32) ** 2
    ends, means = binned(values, stride)
    parts = [values[k : k + stride] for k in range(0, losses, stride)]
    assert list(ends) == [min(k + stride, losses) for k in range(0, losses, stride)]
    np.testing.assert_allclose(means, [part.mean() for part in parts])
    assert len(ends) <= MOST_POINTS


def test_solved_is_the_first_score_that_is() -> None:
    spec = gv.TrainingSpec(task="latch")
    scored = np.array([1, 2, 4, 8], np.int32)
    settings = Settings({"lstm": spec}, 600)
    assert solved_after(settings, History(spec)) is None
    scores = np.array([0.5, 0.98, 0.995, 0.6])
    assert solved_after(settings, History(spec, scored=scored, scores=scores)) == 4


def text(app: AppTest) -> str:
    return "\n".join(one.value for one in app.markdown)


def test_a_guess_is_answered_by_the_runs() -> None:
    app = open_train(trguess="RNN")
    assert "The result appears here when all runs have finished." in text(app)
    wait(click(app, "Train 10 updates"), made=10)
    solved = {
        name: solved_after(Settings({cell: fold(cell, 1).spec}, 600), fold(cell, 10))
        for name, cell in (("LSTM", "lstm"), ("RNN", "rnn_tanh"))
    }
    assert solved == {"LSTM": None, "RNN": None}
    assert "Not quite: the LSTM didn't solve it in 10 updates; the RNN didn't" in text(app)


def test_a_run_is_pausing_until_its_last_slice_is_back() -> None:
    app = open_train(trcells="GRU", trend="40")
    wait(click(app, "Train 10 updates"), made=10)
    [run] = [run for run in engine().runs(app.session_state["train owner"]) if run.view().updates]

    def buttons() -> dict[str, bool]:
        return {button.label: button.disabled for button in app.button}

    def files() -> int:
        return len(app.get("download_button"))

    assert (buttons()["Pause"], files()) == (True, 2)
    run._piece = Slice(run.view().state, None, 5)  # as if a slice were at a worker
    told = drawn(app.run())["rows"]
    assert told[0][3:5] == ["pausing", "10"]
    assert (buttons()["Pause"], buttons()["Continue"], files()) == (True, False, 0)
    run._piece = None
    assert drawn(app.run())["rows"][0][3:5] == ["paused", "10"]
    assert files() == 2


def test_cells_that_stop_at_different_updates_say_where() -> None:
    app = open_train(trcells="LSTM and RNN", trend="40")
    wait(click(app, "Train 10 updates"), made=10)
    told = "\n".join(one.value for one in app.text)
    assert "stopped at different updates" not in told
    assert "Weights are stored after 10 of 10 updates of each cell." in text(app)
    runs = {run.spec.cell: run for run in engine().runs(app.session_state["train owner"])}
    runs["lstm"].go(5)
    end = time.monotonic() + 60
    while runs["lstm"].view().busy and time.monotonic() < end:
        time.sleep(0.01)
    told = "\n".join(one.value for one in app.run().text)
    assert "The cells stopped at different updates: the LSTM at 15, the RNN at 10." in told
    assert "set the slider below to 10 or less" in told
    assert (
        "Weights are stored after 15 of 15 updates of the LSTM, 10 of 10 updates of the RNN."
    ) in text(app)


def test_one_cell_is_asked_about_with_yes_and_no() -> None:
    app = open_train(trcells="GRU", trguess="no")
    wait(click(app, "Train 10 updates"), made=10)
    assert "Right: the GRU didn't solve it in 10 updates" in text(app)


@pytest.mark.parametrize(("cell", "blocks"), [("LSTM", 4), ("GRU", 3), ("RNN", 1)])
def test_the_parameters_are_explained_with_the_models_own_numbers(cell: str, blocks: int) -> None:
    app = open_train(trcells=cell)
    count = blocks * 3 * (6 + 3 + 2)
    rows = "1 row" if blocks == 1 else f"{blocks} rows"
    assert f"{cell}: {rows} · 3 units · (6 inputs + 3 numbers of h + 2 biases) = {count}." in text(
        app
    )
    assert drawn(app)["rows"][0][2] == str(count)
    assert "reads 6 steps, one after the other, with the same weights at each step" in text(app)


def test_a_run_goes_home_as_a_file_and_as_a_script(tmp_path: Path) -> None:
    app = open_train(trcells="RNN")
    wait(click(app, "Train 10 updates"), made=10)
    [run] = engine().runs(app.session_state["train owner"])
    path = tmp_path / "run.safetensors"
    path.write_bytes(run_file(run.view()))
    state, history = open_run(path)
    assert state.updates == 10
    np.testing.assert_array_equal(history.losses, fold("rnn_tanh", 10).losses)
    assert compile(script(run.view()), "run.py", "exec")
    assert len(app.get("download_button")) == 2


def test_the_gates_after_an_update_are_those_of_its_weights() -> None:
    app = open_train(trcells="LSTM", trat="5", trsample="2", t="0")
    wait(click(app, "Train 10 updates"), made=10)
    model, arrays = player(app)
    history = fold("lstm", 10)
    assert model["panels"][0]["title"] == "LSTM after update 5"
    probes = probe(history.spec).inputs
    trace = gv.record(history.model_at(5).module(), probes[:, 1]).trace()
    np.testing.assert_allclose(arrays["0.f"], trace.gates["f"], atol=1e-4)
    np.testing.assert_allclose(arrays["0.h"], trace.states["h"], atol=1e-4)


def test_the_slider_ends_at_what_is_made_and_stays_where_it_was_put() -> None:
    app = open_train(trcells="RNN", trend="600", t="0")
    wait(click(app, "Train 10 updates"), made=10)
    slider = app.slider(key="train trat")
    assert (slider.max, slider.value) == (10, 10)
    assert "trat" not in app.query_params
    slider.set_value(7).run()
    wait(click(app, "Train 10 updates"), made=20)
    slider = app.slider(key="train trat")
    assert (slider.max, slider.value) == (20, 7)
    assert app.query_params["trat"] == "7"
    assert player(app)[0]["panels"][0]["title"] == "RNN after update 7"
    assert "Weights are stored after 20 of 20 updates." in text(app)
    slider.set_value(20).run()
    wait(click(app, "Train 1 update"), made=21)
    assert app.slider(key="train trat").value == 21


def test_two_updates_of_one_cell_stand_side_by_side() -> None:
    app = open_train(trcells="GRU", trat="8", trtwo="true", trb="1", t="0")
    wait(click(app, "Train 10 updates"), made=10)
    model, arrays = player(app)
    titles = [panel["title"] for panel in model["panels"]]
    assert titles == ["GRU after update 8", "GRU after update 1"]
    history = fold("gru", 10)
    for place, update in enumerate((8, 1)):
        inputs = probe(history.spec).inputs[:, 0]
        trace = gv.record(history.model_at(update).module(), inputs).trace()
        np.testing.assert_allclose(arrays[f"{place}.z"], trace.gates["z"], atol=1e-4)


def test_the_picture_has_a_row_for_each_kept_update() -> None:
    app = open_train(trgate="c", trunit="2", trsample="3")
    wait(click(app, "Train 10 updates"), made=10)
    told = [json.loads(one.proto.json) for one in app.get("bidi_component") if one.proto.json]
    [picture] = next(data["pictures"] for data in told if {*data} == {"pictures"})
    history = fold("lstm", 10)
    assert picture["updates"] == list(history.checkpoints)
    for update, row in zip(picture["updates"], rows_of(picture), strict=True):
        inputs = probe(history.spec).inputs[:, 2]
        trace = gv.record(history.model_at(update).module(), inputs).trace()
        np.testing.assert_allclose(row, trace.states["c"][1:, 2], atol=2e-5)
    assert picture["low"] == -picture["high"]


def test_in_a_class_the_heatmap_waits_for_a_click(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training_heatmap, "MANY", 0)
    app = open_train()
    wait(click(app, "Train 10 updates"), made=10)
    assert any("Many people use this server" in one.value for one in app.text)
    app = click(app, "Draw the heatmap")
    told = [json.loads(one.proto.json) for one in app.get("bidi_component") if one.proto.json]
    assert [data["pictures"] for data in told if {*data} == {"pictures"}]
    assert not any("Many people use this server" in one.value for one in app.text)
