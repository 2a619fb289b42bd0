"""The page "Vanishing gradients": what it keeps belongs to the weights that it speaks of."""

from gatesviz.training import Model, TrainingSpec, advance, start
from gatesviz.ui.gradients.inputs import influences
from gatesviz.ui.gradients.measuring import measured
from gatesviz.ui.gradients.settings import Settings


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
