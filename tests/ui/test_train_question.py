"""The page "Train live": what it answers to a guess is what the runs have shown, and no more."""

from types import SimpleNamespace
from typing import Any

import pytest

from gatesviz.training import TrainingSpec
from gatesviz.ui.train.question import answer, right_option
from gatesviz.ui.train.settings import Settings

CELLS = ("lstm", "gru")
SETTINGS = Settings({cell: TrainingSpec(task="latch", cell=cell) for cell in CELLS}, 600)


def view(updates: int, solved: int | None, *, ended: bool = False) -> Any:
    score = SETTINGS.task.solved_at
    history = SimpleNamespace(scored=[1, solved or 2], scores=[0.0, score if solved else 0.0])
    return SimpleNamespace(busy=False, ended=ended, updates=updates, history=history)


@pytest.mark.parametrize(
    ("lstm", "gru", "right"),
    [
        (view(600, 300), view(600, None), "LSTM"),
        (view(300, 300), view(300, None), "LSTM"),  # the other can only come later
        (view(300, 300), view(250, None), None),  # the other may have come first
        (view(300, 300), view(250, None, ended=True), "LSTM"),
        (view(600, None), view(599, None), None),
        (view(600, None), view(600, None), "none of them"),
        (view(1_200, 800), view(1_200, None), "none of them"),  # within 600 was asked
    ],
)
def test_a_guess_is_right_only_where_the_runs_decide(
    lstm: Any, gru: Any, right: str | None
) -> None:
    for guess in ("LSTM", "GRU", "none of them"):
        said = answer(SETTINGS, {"lstm": lstm, "gru": gru}, guess).partition(":")[0]
        wanted = "Right" if guess == right else "Not quite"
        assert said == (wanted if right else "Not decided yet")
    assert right_option(SETTINGS, {"lstm": lstm, "gru": gru}) == right
