"""The curves and the table of the runs, as data that the browser draws."""

import re
from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gatesviz.engine import View
from gatesviz.tasks import Task
from gatesviz.training import History
from gatesviz.ui.components import part
from gatesviz.ui.train.parameters import NAMES
from gatesviz.ui.train.settings import Settings

HEIGHT = 165
"""Pixels of a chart."""
DASHES = ("5 5", "2 6", "12 3 2 3", "1 4")
MOST_POINTS = 400
"""Points of a curve. A longer curve shows means over 2, 4, 8 … updates."""

_component = part("curves")


def draw_curves(data: Mapping[str, Any], *, key: str, on_unit_change: Callable[[], None]) -> None:
    """Draw charts, pictures and a table. The same key changes them in place.

    ``on_unit_change`` is called when a unit in a picture is clicked.
    """
    _component(data=dict(data), key=key, on_unit_change=on_unit_change)


def chart_data(settings: Settings, views: Mapping[str, View], *, log: bool) -> dict[str, Any]:
    """Return the loss chart, the score chart and the table of all cells."""
    histories = {cell: view.history for cell, view in views.items()}
    made = max((history.updates for history in histories.values()), default=0)
    charts = [
        _losses(histories, made, log=log),
        _scores(settings, histories, made),
    ]
    return {"charts": charts, "table": _table(settings, views)}


def _losses(histories: Mapping[str, History], made: int, *, log: bool) -> dict[str, Any]:
    stride = 1
    while made // stride > MOST_POINTS:
        stride *= 2
    mean = "" if stride == 1 else f", mean of {stride} updates"
    return {
        "title": f"Loss of each batch{mean}",
        "log": log,
        "made": made,
        "height": HEIGHT,
        "along": "update",
        "series": [_series(cell, *binned(h.losses, stride)) for cell, h in histories.items()],
        "lines": [],
    }


def binned(losses: NDArray[np.float32], stride: int) -> tuple[Any, Any]:
    """Return the last update and the mean of each ``stride`` losses, and of the rest."""
    starts = np.arange(0, len(losses), stride)
    ends = np.minimum(starts + stride, len(losses))
    if not len(losses):
        return ends, losses
    return ends, np.add.reduceat(losses.astype(np.float64), starts) / (ends - starts)


def _scores(settings: Settings, histories: Mapping[str, History], made: int) -> dict[str, Any]:
    task = settings.task
    marks = zip(DASHES, settings.baselines.items(), strict=False)
    lines = [
        {"name": name, "y": score, "dash": dash}
        for dash, (name, score) in [("10 5", ("solved", goal(settings))), *marks]
        if isfinite(score)
    ]
    series = [_series(cell, h.scored, h.scores) for cell, h in histories.items()]
    if settings.spec.data_size is not None:
        series += [_on_training_set(cell, history) for cell, history in histories.items()]
    share = "1 is 100 %, " if task.unit == "%" else ""
    return {
        "title": f"Held-out {task.metric} ({share}{task.better} is better)",
        "log": False,
        "made": made,
        "height": HEIGHT,
        "along": "update",
        "series": series,
        "lines": lines,
    }


def _on_training_set(cell: str, history: History) -> dict[str, Any]:
    one = _series(cell, history.scored, history.train_scores)
    return one | {"name": f"{NAMES[cell]}, training set", "faint": True}


def goal(settings: Settings) -> float:
    """Return the score at which a cell counts as solved: that of the task, or the best baseline's.

    A network that a forecast without a network beats has solved nothing.
    """
    pick = max if settings.task.better == "higher" else min
    return pick(settings.task.solved_at, *settings.baselines.values())


def describe_goal(settings: Settings) -> str:
    """Return the score of each baseline, and from which score on a cell counts as solved."""
    task, scores, at = settings.task, settings.baselines, goal(settings)
    name = re.split("[,:]", task.metric)[0] + (f" in {task.unit}" if task.unit not in "%" else "")
    name += task.scored and f" {task.scored}"
    if len(scores) == 1:
        [(baseline, reached)] = scores.items()
        be = "are" if name.startswith("bits") else "is"
        constant = baseline == "best constant answer"
        does = f"always gives {task.constant_answer}" if constant else "needs no network"
        text = f"The baseline “{baseline}” {does}. Its held-out {name} {be}"
        text += f" {task.score_text(reached)}."
    else:
        listed = "; ".join(f"{one} {task.score_text(score)}" for one, score in scores.items())
        text = "Baselines need no network. Their held-out"
        text += f" {name} ({task.better} is better): {listed}."
    if at == task.solved_at:
        best_share = task.unit == "%" and task.better == "higher" and at == 1
        least = "" if best_share else "at least " if task.better == "higher" else "at most "
        be = "are" if name.startswith("bits") else "is"
        score = f"{be} {least}{task.score_text(at)}"
        return f"{text} A cell has solved the task when its held-out {name} {score}."
    best = next(name for name, score in scores.items() if score == at)
    return f"{text} A cell has solved the task when it beats this baseline: {best}."


def _series(cell: str, xs: Any, ys: Any) -> dict[str, Any]:
    return {
        "cell": cell,
        "name": NAMES[cell],
        "xs": [int(x) for x in xs],
        "ys": [float(f"{y:.5g}") if isfinite(y) else None for y in ys],  # None leaves a gap
    }


def _table(settings: Settings, views: Mapping[str, View]) -> dict[str, Any]:
    task = settings.task
    head = ["cell", "hidden units", "parameters", "status", "updates", "updates/s", "time left"]
    head += ["last loss", re.split("[,:]", task.metric)[0], "solved after (updates)"]
    if settings.spec.data_size is not None:
        head.insert(-1, "training set")
    rows = []
    for cell, spec in settings.specs.items():
        size = [NAMES[cell], f"{spec.actual_hidden_size}", f"{spec.parameter_count:,}"]
        row = [*size, *_row(settings, views.get(cell))]
        if settings.spec.data_size is not None:
            row.insert(-1, _score(task, views[cell].history.train_scores) if cell in views else "–")
        rows.append(row)
    return {"head": head, "rows": rows}


def _row(settings: Settings, view: View | None) -> list[str]:
    if view is None:
        return ["not started", "0", "–", "–", "–", "–", "–"]
    history, speed, left = view.history, view.updates_per_second, view.seconds_left
    solved = solved_after(settings, history)
    return [
        state(view),
        f"{view.updates:,}",
        "–" if speed is None else f"{speed:.0f}",
        "–" if left is None else duration(left),
        _last(history.losses),
        scored(settings.task, history),
        "not yet" if solved is None else f"{solved:,} updates",
    ]


def _last(values: NDArray[Any]) -> str:
    if not len(values):
        return "–"
    return f"{values[-1]:.4g}" if isfinite(values[-1]) else "not finite"


def scored(task: Task, history: History) -> str:
    """Return the last score and its update, as in "98.3 % (update 600)"."""
    if not len(history.scores):
        return "–"
    return f"{_score(task, history.scores)} (update {history.scored[-1]:,})"


def _score(task: Task, scores: NDArray[np.float64]) -> str:
    return task.score_text(float(scores[-1])) if len(scores) else "–"


def duration(seconds: float) -> str:
    """Return a duration, as in "40 s", "12 min", "1.5 h"."""
    if seconds < 99.5:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 99.5 * 60 else f"{seconds / 3600:.1f} h"


def state(view: View) -> str:
    """Return the status of a run in words."""
    if view.status == "waiting":
        return f"waiting, {view.before} ahead" if view.before else "waiting"
    return {"failed": "stopped", "cancelled": "ended"}.get(view.status, view.status)


def solved_after(settings: Settings, history: History) -> int | None:
    """Return the first scored update that solves the task and beats every baseline, or None."""
    scores = settings.baselines
    for update, score in zip(history.scored, history.scores, strict=True):
        if settings.task.solved_beside(float(score), scores):
            return int(update)
    return None
