"""The page "Train live": what it answers to a guess is what the runs have shown, and no more."""

from dataclasses import fields, replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from gatesviz.training import TrainedModel, TrainingSpec
from gatesviz.training.spec import spec_text
from gatesviz.ui.classroom.reports import PerStudent
from gatesviz.ui.gradients import training_reach
from gatesviz.ui.train import question
from gatesviz.ui.train.parameters import NO_WIDGET
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


def test_servers_agree_about_the_settings_of_a_guess(monkeypatch: pytest.MonkeyPatch) -> None:
    """A class may be spread over servers, whose `hash` of a text differs."""
    told: list[object] = []
    monkeypatch.setattr(question, "ask_guess", lambda *_, about, **__: told.append(about))
    monkeypatch.setattr(question.session, "views", lambda _: {})
    question.draw_guess.__wrapped__(SETTINGS)
    texts = [spec_text(spec) for spec in SETTINGS.specs.values()]
    shared = [spec_text(replace(spec, seed=0)) for spec in SETTINGS.specs.values()]
    assert told == [PerStudent(all=(*texts, 600, ()), shared=(*shared, 600, ()))]
    models = tuple(
        TrainedModel(spec, 0, np.zeros(0, np.float32)) for spec in SETTINGS.specs.values()
    )
    assert training_reach._about(models, None, 600) == (texts[0], 600, "c")
    assert training_reach._about(models, (models[1], "h"), 600) == (texts[1], 0, "h")


def test_each_setting_of_a_run_makes_another_question_or_does_not() -> None:
    """A new field of `TrainingSpec` needs a place in one of the lists."""
    names = [field.name for field in fields(TrainingSpec)]
    lists = (*question.DEPENDS_ON, *question.TRAINED_WITH, *NO_WIDGET)
    assert sorted(lists) == sorted(names)
