"""What *Train live* tells the room of a class: the score of a finished run, and when it solved."""

import re
import time
from collections.abc import Mapping
from dataclasses import fields
from math import isfinite

import streamlit as st

from gatesviz.engine import View
from gatesviz.rooms import Question
from gatesviz.storage import PAUSE
from gatesviz.training import OwnData, TrainingSpec
from gatesviz.ui.classroom.membership import member
from gatesviz.ui.classroom.reports import report
from gatesviz.ui.classroom.stage import put_on_stage
from gatesviz.ui.train.chart import solved_after
from gatesviz.ui.train.parameters import NAMES
from gatesviz.ui.train.settings import Settings

_REPORTED, _AGAIN = "room runs", "room runs again"
_IN_TITLE = ("task", "cell", "hidden_size", "seed")


def report_runs(settings: Settings, views: Mapping[str, View]) -> None:
    """Tell the room each finished run once. Runs on your own data stay with you.

    A run that finished without a room isn't sent to one that you join later. If the database
    fails, the run is sent again after a pause.
    """
    if isinstance(settings.spec.task, OwnData):
        return
    state, now = st.session_state, time.monotonic()
    reported: set[tuple[str, int]] = state.setdefault(_REPORTED, set())
    for cell, view in views.items():
        run = view.run_id, view.updates
        if view.status != "finished" or run in reported:
            continue
        if member() is not None:
            if now < state.get(_AGAIN, now):
                return
            answers, seed = results(settings, cell, view), settings.specs[cell].seed
            if not all(report(question, value, seed=seed) for question, value in answers):
                state[_AGAIN] = time.monotonic() + PAUSE
                return
        reported.add(run)


def results(settings: Settings, cell: str, view: View) -> list[tuple[Question, float | None]]:
    """Return the questions about a run with their answers: score, and updates until solved.

    The questions are the same for every seed, so a class is one experiment over its seeds. A score
    that is not finite is left out.
    """
    score, when = run_questions(settings, cell, view.updates)
    found: list[tuple[Question, float | None]] = []
    scores = view.history.scores
    if len(scores) and isfinite(scores[-1]):
        found.append((score, float(scores[-1]) * (100 if score.unit == "%" else 1)))
    solved = solved_after(settings, view.history)
    return [*found, (when, None if solved is None else float(solved))]


def run_questions(settings: Settings, cell: str, updates: int) -> tuple[Question, Question]:
    """Return what a room asks of a run of so many updates: its score, and when it solved."""
    title, task = describe(settings, cell, updates), settings.task
    metric = re.split("[,:]", task.metric)[0]
    without = f"not solved in {updates:,} updates"
    return (
        Question("run", f"{title}: held-out {metric}", unit=task.unit),
        Question("run", f"{title}: solved after", unit="updates", without=without),
    )


def stage_runs(settings: Settings) -> None:
    """Tell the room which runs the teacher's page is about. They are shown with its question."""
    if isinstance(settings.spec.task, OwnData):
        return
    for cell in settings.specs:
        for question in run_questions(settings, cell, settings.updates):
            put_on_stage(question)


def describe(settings: Settings, cell: str, updates: int) -> str:
    """Return everything that defines a run but its seed, in words."""
    spec = settings.specs[cell]
    other = [
        f"{name.replace('_', ' ')} {value:g}" if isinstance(value, float) else f"{name} {value}"
        for name, value in _unusual(spec).items()
    ]
    if settings.rates:
        other.append(f"learning rates {settings.rates}")
    ends = f" ({', '.join(other)})" if other else ""
    units = spec.actual_hidden_size
    return f"{settings.task.title}: {NAMES[cell]}, {units} units, {updates:,} updates{ends}"


def _unusual(spec: TrainingSpec) -> dict[str, object]:
    """Return the settings that differ from the defaults of a `TrainingSpec`."""
    usual = TrainingSpec(task=spec.task, cell=spec.cell)
    return {
        field.name: getattr(spec, field.name)
        for field in fields(spec)
        if field.name not in _IN_TITLE and getattr(spec, field.name) != getattr(usual, field.name)
    }
