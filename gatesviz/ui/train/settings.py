"""The settings of the runs: widgets in the sidebar, the specs made of them, and the way back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import streamlit as st

from gatesviz.cells import CELLS
from gatesviz.engine.rates import Changes, Rates
from gatesviz.limits import TRAINING_STEPS
from gatesviz.tasks import TASKS, Task
from gatesviz.training import OwnData, TrainingSpec
from gatesviz.training.spec import MEASURE
from gatesviz.ui.cell_names import explain_name
from gatesviz.ui.fields import from_spec
from gatesviz.ui.folds import fold
from gatesviz.ui.notices import sentence
from gatesviz.ui.train.parameters import (
    BATCH_SIZE,
    BIAS,
    BIASES,
    BOTH,
    CELL_MENU,
    CELLS_CHOICES,
    CLIPPED,
    DROPPED,
    FIRST_BIASES,
    FOLDED,
    HIDDEN_UNITS,
    LAYER_COUNT,
    LENGTH,
    NORM,
    OPTIMISER,
    RATE,
    RATE_CHANGES,
    RUN,
    RUN_SEED,
    SETTINGS,
    SIZE_AS,
    TASK,
    TITLES,
    TRAINING_SET,
    UPDATES,
)
from gatesviz.ui.train.rate_changes import parse_rate_changes, write_rate_changes
from gatesviz.ui.user_data import WANTED, choose_own, title_of

_LAST, _READ, _MISTYPED = "train last settings", "train link read", "train mistyped"


@dataclass(frozen=True)
class Settings:
    """The settings of one comparison.

    Attributes:
        specs: cell -> its training spec, one to three, left to right.
        updates: the length of a run.
        rates: changes of the learning rate during the run, the same for all cells.
    """

    specs: Mapping[str, TrainingSpec]
    updates: int
    rates: Changes = ()

    @property
    def spec(self) -> TrainingSpec:
        """The spec of the first cell."""
        return next(iter(self.specs.values()))

    @property
    def task(self) -> Task:
        """The task of all cells."""
        return self.spec.learned

    @property
    def task_key(self) -> str:
        """A text that is the same for the same data only."""
        return f"{self.task.key} {hash(self.spec.task)}"

    @cached_property
    def baselines(self) -> Mapping[str, float]:
        """The held-out scores of answers without a network, by name."""
        return _baselines(self.task, self.task_key, self.spec.length)


@st.cache_data(show_spinner=False, max_entries=64)
def _baselines(_task: Task, key: str, length: int) -> dict[str, float]:
    from gatesviz.training.samples import generator
    from gatesviz.training.spec import HELD_OUT, SCORED_SAMPLES

    return _task.references(_task.batch(generator(HELD_OUT), SCORED_SAMPLES, length, held_out=True))


def last_settings() -> Settings | None:
    """Return the last settings that work, or None."""
    found: Settings | None = st.session_state.get(_LAST)
    return found


def draw_settings() -> tuple[Settings | None, str]:
    """Draw the widgets. Return the settings, and a sentence if they don't work.

    The last settings that work stay while their task is still chosen.
    """
    try:
        settings = _chosen()
        problem = "" if settings else f"{WANTED[st.session_state[TASK.key]]}."
    except ValueError as error:
        settings, problem = None, sentence(error)
        st.error("These settings don't work.")
        st.text(problem)
    if settings is not None:
        st.session_state[_LAST] = settings
        return settings, ""
    last = last_settings()
    if last is None or title(last.spec.task) != st.session_state[TASK.key]:
        return None, problem
    if problem:
        st.write("The page still shows the last settings that work.")
    return last, problem


def title(task: str | OwnData) -> str:
    """Return the menu's option for ``task``."""
    if isinstance(task, OwnData):
        return title_of(task)
    return next(name for name, key in TITLES.items() if key == task)


def _chosen() -> Settings | None:
    """Draw the widgets. Return None while your own data is missing.

    Raises:
        ValueError: if a value is not allowed, or the task needs a library that is missing.
    """
    option = TASK.draw()
    data = TITLES[option] if option in TITLES else choose_own(option)
    cells = CELLS_CHOICES[CELL_MENU.draw()]
    if len(cells) == 1:
        explain_name(cells[0])
    plain = {field.setting: field.draw() for field in (HIDDEN_UNITS, RUN_SEED)}
    updates = int(UPDATES.draw())
    if data is None:
        return None
    task = TASKS[data] if isinstance(data, str) else data.task
    more, biases = _more(task, cells)
    if task.missing:
        raise ValueError(task.missing)
    plain |= {"task": data, **more}
    specs = {cell: TrainingSpec(cell=cell, **plain, **of_cell(cell, biases)) for cell in cells}
    changes = parse_rate_changes(planned())
    rates = Rates(float(plain["learning_rate"])).changed(changes)
    return Settings(specs, RUN.check(updates), rates.changes)


def _more(task: Task, cells: tuple[str, ...]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Draw the settings in folds. Return what every cell is trained with, and the choice of biases.

    The latter has "bias", one of `BIASES`, and "forget_bias", a number or None.
    """
    if _READ not in st.session_state:  # the first run reads the link
        st.session_state[_READ] = True
        st.session_state[_MISTYPED] = bool(RATE_CHANGES.takes.problem(planned()))
    elif st.session_state.pop(_MISTYPED, False):  # a first run cannot take it out of its widget
        st.session_state[RATE_CHANGES.key] = ""
    learning, size, data, biases, around = FOLDED
    with fold(learning, FOLDED[learning]):
        found = _learning()
    with fold(size, FOLDED[size]):
        found |= _size(cells)
    with fold(data, FOLDED[data]):
        found |= _data(task)
    chosen = {"bias": BIASES[1], "forget_bias": None}
    if any(CELLS[cell].gates for cell in cells):
        with fold(biases, FOLDED[biases]):
            chosen = _biases(cells)
    with fold(around, FOLDED[around]):
        found |= {field.setting: field.draw() for field in FOLDED[around]}
    return found, chosen


def planned() -> str:
    """Return the planned changes of the learning rate; "" where a link mistyped them."""
    text = st.session_state.get(RATE_CHANGES.key, st.query_params.get(RATE_CHANGES.key))
    return "" if st.session_state.get(_MISTYPED) else str(text or "")


def _size(cells: tuple[str, ...]) -> dict[str, Any]:
    equal = SIZE_AS.default if cells == (MEASURE,) else SIZE_AS.draw()
    layers = LAYER_COUNT.draw()
    dropout = float(DROPPED.draw()) if layers > 1 else 0.0
    return {"equal": equal, "layers": layers, "dropout": dropout, BOTH.setting: BOTH.draw()}


def _data(task: Task) -> dict[str, Any]:
    most = min(task.longest, TRAINING_STEPS.high)
    usual = f"{task.length}, the task's usual length"
    length = LENGTH.draw(min_value=task.shortest, max_value=most, placeholder=usual)
    return {LENGTH.setting: length} | {f.setting: f.draw() for f in (BATCH_SIZE, TRAINING_SET)}


def _learning() -> dict[str, Any]:
    rate, optimiser = RATE.draw(), OPTIMISER.draw()
    clip = float(NORM.draw()) if CLIPPED.draw() else None
    RATE_CHANGES.draw()
    return {RATE.setting: rate, "optimiser": optimiser, "clip": clip}


def _biases(cells: tuple[str, ...]) -> dict[str, Any]:
    bias, forget_bias = FIRST_BIASES.draw(), None
    if bias == BIASES[0] and any(CELLS[cell].biases.forget for cell in cells):
        forget_bias = BIAS.draw()
    return {"bias": bias, "forget_bias": forget_bias}


def of_cell(cell: str, biases: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of the biases of ``cell``, as `TrainingSpec` names them."""
    known, bias = CELLS[cell].biases, biases["bias"]
    forget = biases["forget_bias"] if known.forget and bias == BIASES[0] else None
    return {"chrono": bias == BIASES[2] and bool(known.chrono), "forget_bias": forget}


# The way back: from specs to widgets.


def widgets(specs: Sequence[TrainingSpec], rates: Changes) -> dict[str, Any]:
    """Return key -> the widget value for ``specs``, which differ only in the cell."""
    spec, biases = specs[0], biases_of(specs)
    cells = {other.cell for other in specs}
    held = from_spec(SETTINGS, spec) | {
        TASK.key: title(spec.task),
        CELL_MENU.key: next(n for n, each in CELLS_CHOICES.items() if set(each) == cells),
        CLIPPED.key: spec.clip is not None,
        FIRST_BIASES.key: biases["bias"],
        BIAS.key: BIAS.held(biases["forget_bias"]),
        RATE_CHANGES.key: write_rate_changes(rates),
    }
    hidden = [NORM.key] * (spec.clip is None) + [DROPPED.key] * (spec.layers == 1)
    hidden += [BIAS.key] * (biases["forget_bias"] is None)
    return {key: value for key, value in held.items() if key not in hidden}


def biases_of(specs: Sequence[TrainingSpec]) -> dict[str, Any]:
    """Return the choice of biases that gives every one of ``specs`` its own."""
    settable = [spec.forget_bias for spec in specs if CELLS[spec.cell].biases.forget]
    forget_bias = next(iter(settable), None)
    if any(spec.chrono for spec in specs):
        return {"bias": BIASES[2], "forget_bias": None}
    drawn = forget_bias is None and bool(settable)
    return {"bias": BIASES[1 if drawn else 0], "forget_bias": forget_bias}


def alike(specs: Sequence[TrainingSpec]) -> bool:
    """Return whether one choice of settings gives all ``specs``, differing in the cell."""
    biases, last, cells = biases_of(specs), specs[-1], {spec.cell for spec in specs}
    if not any(cells <= set(choice) for choice in CELLS_CHOICES.values()):
        return False
    return all(replace(s, cell=last.cell, **of_cell(last.cell, biases)) == last for s in specs)
