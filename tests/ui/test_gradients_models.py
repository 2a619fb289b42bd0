"""The page "Vanishing gradients": what it keeps belongs to the weights that it speaks of."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from gatesviz.engine import Engine, engine, stop_engine
from gatesviz.figures import written
from gatesviz.training import History, TrainedModel, TrainingSpec, advance, start
from gatesviz.ui.gradients import measurements, runs
from gatesviz.ui.gradients.inputs import influences
from gatesviz.ui.gradients.measurements import measure_flow, measured
from gatesviz.ui.gradients.models import subjects
from gatesviz.ui.gradients.sentences import describe_depth, describe_paths
from gatesviz.ui.gradients.settings import ALONE, Settings
from tests.serving import ROOT
from tests.ui.test_gradients import open_gradients, words


def test_what_was_measured_before_a_run_is_not_shown_after_it() -> None:
    settings = Settings("half-trained", length=10, task="latch", updates=2)
    state = start(TrainingSpec(task="latch", cell="gru", hidden_size=4, length=10))

    def looked_at(model: TrainedModel) -> tuple[float, float]:
        [one] = measured(settings, (model,))
        return float(one.left["h"][0]), float(influences(settings, (model,), "GRU")[-1, 0])

    before = looked_at(state.model)
    after = looked_at(advance(state, 2)[0].model)
    assert before[0] != after[0]
    assert before[1] != after[1]
    assert looked_at(state.model) == before


def test_a_slow_gradient_holds_up_no_other_model(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, end, computed = Event(), Event(), []
    slow, quick = (measure_flow(one) for one in subjects(Settings(length=4, hidden_size=2))[:2])
    compute = measurements.gradient_flow

    def held(module: Any, inputs: Any, loss: Any) -> Any:
        computed.append(module)
        if module is slow.module:
            begun.set()
            assert end.wait(20)
        return compute(module, inputs, loss)

    monkeypatch.setattr(measurements, "gradient_flow", held)
    with ThreadPoolExecutor(3) as pool:
        waiting = [pool.submit(lambda: slow.left) for _ in range(2)]
        assert begun.wait(20)
        try:
            assert len(pool.submit(lambda: quick.left).result(10)["h"]) == 5
            assert not any(one.done() for one in waiting)
        finally:
            end.set()
        assert waiting[0].result() is waiting[1].result()
    assert computed.count(slow.module) == 1


def test_the_model_is_the_one_after_the_update_that_is_asked_for() -> None:
    spec = TrainingSpec(task="latch", cell="gru", hidden_size=4, length=10)
    state, snapshots = advance(start(spec), 8)
    handed = replace(state.model, history=History(spec).add(snapshots), key="a run")
    for update in (0, 3, 8):
        model = runs._at(handed, update)
        assert model.updates == update
        made = advance(start(spec), update)[0] if update else start(spec)
        np.testing.assert_array_equal(model.weights, made.weights)


def test_the_two_ways_are_told_where_they_arrive_at_the_first_state() -> None:
    for one in measured(Settings(length=20, hidden_size=8)):
        if one.name != "RNN":
            whole = np.linalg.norm(one.layer.gradients[one.carried][-1])
            lengths = {k: np.linalg.norm(v[0]) / whole for k, v in one.layer.paths.items()}
            carry, gates = (written(float(lengths[path])) for path in ("carry", "gates"))
            expected = f"{carry} came along {one.carried}, {gates} through W_hh."
            assert expected in describe_paths(one)


def test_a_model_is_described_by_the_last_score_up_to_its_update() -> None:
    spec = TrainingSpec(task="latch", cell="gru", hidden_size=4, length=10)
    state, snapshots = advance(start(spec), 9)
    history = History(spec).add(snapshots)
    assert history.scored.tolist() == [1, 2, 4, 8]
    history = replace(history, scores=np.array([0.1, 0.2, 0.3, 0.4]))
    scores = {0: "no score yet", 1: "accuracy 10 %", 3: "accuracy 20 %", 8: "accuracy 40 %"}
    for update, score in scores.items():
        told = TrainedModel(spec, update, state.weights, history).description
        assert told.endswith(f"On held-out sequences: {score}.")


def test_a_full_engine_says_so_and_leaves_no_half_of_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[str] = []
    submit = Engine.submit

    def second_refused(self: Engine, *about: object) -> str:
        if taken:
            raise ValueError("simultaneous runs in all: 121 is outside the allowed range 1 to 120")
        taken.append(submit(self, *about))  # type: ignore[arg-type]
        return taken[0]

    monkeypatch.setattr(Engine, "submit", second_refused)
    app = open_gradients(grw="half-trained")
    [train] = [button for button in app.button if button.label.startswith("Train RNN")]
    train.click().run()
    assert "121 is outside the allowed range 1 to 120." in words(app)
    assert any(button.label.startswith("Train RNN") for button in app.button)
    assert engine().run(taken[0]).status == "cancelled"
    stop_engine()


def test_a_run_that_rested_unseen_goes_on_when_it_is_looked_at() -> None:
    app = open_gradients(grw="half-trained", grupd="500")
    [train] = [button for button in app.button if button.label.startswith("Train RNN")]
    train.click().run()
    asked = engine().runs(app.session_state["gradient owner"])
    assert len(asked) == 3
    for run in asked:
        run.stop("nobody looked")
        assert run.status == "paused"
    app.run()
    assert {run.status for run in asked} <= {"waiting", "running"}
    stop_engine()


def test_what_is_looked_at_of_a_deep_model_is_said() -> None:
    spec = TrainingSpec(task="latch", cell="gru", hidden_size=4, length=10)
    for layers, both, text in ((1, False, ""), (2, False, "2 layers"), (1, True, "L sums both")):
        model = start(replace(spec, layers=layers, bidirectional=both)).model
        [one] = measured(Settings("yours", length=10, keys=(f"{layers} {both}",)), (model,))
        assert text in describe_depth(one)
        assert bool(describe_depth(one)) == bool(text)


@pytest.mark.parametrize("around", [{"convolution": 3}, {"attention": True}])
def test_a_model_with_more_than_a_cell_is_not_taken_and_the_page_says_why(around: Any) -> None:
    made = start(TrainingSpec(task="latch", hidden_size=4, length=10, **around)).model
    app = AppTest.from_file(str(ROOT / "gatesviz" / "ui" / "main.py"), default_timeout=60)
    app.session_state["handed models"] = (replace(made, key="more than a cell"),)
    app.query_params["grw"] = "yours"
    app = app.switch_page("../../pages/gradients.py").run()
    assert not app.exception
    assert ALONE in words(app)
    assert "Links don't carry weights" not in words(app)
    assert "yours" not in app.selectbox(key="grw").options
    app.segmented_control(key="grview").set_value("during training").run()
    assert not app.exception
    assert ALONE in words(app)
