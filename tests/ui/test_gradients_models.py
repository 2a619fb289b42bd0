"""The page "Vanishing gradients": what it keeps belongs to the weights that it speaks of."""

from dataclasses import replace

import numpy as np

from gatesviz.figures import written
from gatesviz.training import History, Model, TrainingSpec, advance, start
from gatesviz.ui.gradients import runs
from gatesviz.ui.gradients.inputs import influences
from gatesviz.ui.gradients.measuring import measured
from gatesviz.ui.gradients.sentences import leaking
from gatesviz.ui.gradients.settings import Settings
from gatesviz.ui.handing import Handed


def test_what_was_measured_before_a_run_is_not_shown_after_it() -> None:
    settings = Settings("half-trained", length=10, task="latch", updates=2)
    state = start(TrainingSpec(task="latch", cell="gru", hidden_size=4, length=10))

    def looked_at(model: Model) -> tuple[float, float]:
        [one] = measured(settings, (model,))
        return float(one.left["h"][0]), float(influences(settings, (model,))["GRU"][-1, 0])

    before = looked_at(state.model)
    after = looked_at(advance(state, 2)[0].model)
    assert before[0] != after[0]
    assert before[1] != after[1]
    assert looked_at(state.model) == before


def test_the_model_is_the_one_after_the_update_that_is_asked_for() -> None:
    spec = TrainingSpec(task="latch", cell="gru", hidden_size=4, length=10)
    state, snapshots = advance(start(spec), 8)
    handed = Handed(state.model, History(spec).add(snapshots), "a run")
    for update in (0, 3, 8):
        model = runs._at(handed, update)
        assert model.updates == update
        made = advance(start(spec), update)[0] if update else start(spec)
        np.testing.assert_array_equal(model.weights, made.weights)


def test_the_two_ways_are_told_where_they_arrive_at_the_first_state() -> None:
    for one in measured(Settings(length=20, hidden_size=8)):
        if one.name != "RNN":
            whole = np.linalg.norm(one.layer.gradients[one.carried][-1])
            for path in ("carry", "gates"):
                share = written(float(np.linalg.norm(one.layer.paths[path][0]) / whole))
                assert f"{share} came along" in leaking(one) or f"{share} through" in leaking(one)


def test_a_model_is_described_by_the_last_score_up_to_its_update() -> None:
    spec = TrainingSpec(task="latch", cell="gru", hidden_size=4, length=10)
    state, snapshots = advance(start(spec), 9)
    history = History(spec).add(snapshots)
    assert history.scored.tolist() == [1, 2, 4, 8]
    history = replace(history, scores=np.array([0.1, 0.2, 0.3, 0.4]))
    for update, score in ((0, "not taken yet"), (1, "0.1"), (3, "0.2"), (8, "0.4"), (9, "0.4")):
        told = Handed(Model(spec, update, state.weights), history, "a run").description
        assert f"held-out sequences: {score})" in told
