"""What is trained: the reader's choice of task, cells and numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from gatesviz.engine.rates import Changes, Rates
from gatesviz.limits import HIDDEN, LEARNING_RATE, SEED
from gatesviz.tasks import TASKS, Task
from gatesviz.training import OwnData, TrainingSpec
from gatesviz.ui.notices import sentence
from gatesviz.ui.train.advanced import LOOKS_AHEAD, choose_more, of_cell, planned
from gatesviz.ui.train.parameters import CELLS_CHOICES, FIRST_TASK, RUN, TITLES
from gatesviz.ui.train.rate_changes import read
from gatesviz.ui.user_data import SERIES, TEXT, WANTED, choose_own, title_of

_LAST = "train last settings"


@dataclass(frozen=True)
class Settings:
    """One comparison.

    Attributes:
        specs: cell -> what is trained, one to three, left to right.
        updates: how many make a run.
        rates: changes of the learning rate under way, the same for all.
    """

    specs: Mapping[str, TrainingSpec]
    updates: int
    rates: Changes = ()

    @property
    def spec(self) -> TrainingSpec:
        """The first of them."""
        return next(iter(self.specs.values()))

    @property
    def task(self) -> Task:
        """What all of them learn."""
        return self.spec.learned

    @property
    def task_key(self) -> str:
        """Text that is the same for the same data only."""
        return f"{self.task.key} {hash(self.spec.task)}"


def last_settings() -> Settings | None:
    """Return the last that could be trained, None where there were none yet."""
    found: Settings | None = st.session_state.get(_LAST)
    return found


def draw_settings() -> tuple[Settings | None, str]:
    """Draw the widgets; return the settings, and a sentence where they cannot be trained.

    The last settings that could be trained stay while they are of the same task; a page of
    another task's runs would not be what the reader asks for.
    """
    try:
        settings = _chosen()
        told = "" if settings else f"{WANTED[st.session_state['trtask']]}."
    except ValueError as error:
        settings, told = None, sentence(error)
        st.error("These settings cannot be trained.")
        st.text(told)
    if settings is not None:
        st.session_state[_LAST] = settings
        return settings, ""
    last = last_settings()
    if last is None or title(last.spec.task) != st.session_state["trtask"]:
        return None, told
    if told:
        st.write("The page still shows the last settings that could be trained.")
    return last, told


def title(task: str | OwnData) -> str:
    """Return what the menu calls ``task``."""
    if isinstance(task, OwnData):
        return title_of(task)
    return next(title for title, key in TITLES.items() if key == task)


def _chosen() -> Settings | None:
    """Draw the widgets; None where the reader's own data is still to come.

    Raises:
        ValueError: if a value is not allowed, or the task needs a library that is not there.
    """
    data = _task()
    cells = CELLS_CHOICES[
        st.selectbox("Cells", list(CELLS_CHOICES), index=3, key="trcells", bind="query-params")
    ]
    hidden = st.slider(
        "Hidden units", HIDDEN.low, HIDDEN.high, 8, key="trhidden", bind="query-params"
    )
    rate = st.number_input(
        "Learning rate at the start", LEARNING_RATE.low, float(LEARNING_RATE.high), 0.01,
        step=0.001, format="%g", key="trrate", bind="query-params",
    )  # fmt: skip
    seed = _whole("Seed", SEED.low, SEED.high, 0, "trseed")
    updates = _whole("Updates of a run", RUN.low, RUN.high, 600, "trend")
    if data is None:
        return None
    task = TASKS[data] if isinstance(data, str) else data.task
    more, biases = choose_more(task, cells)
    if task.missing:
        raise ValueError(task.missing)
    if more["bidirectional"] and task.reads_answers:
        st.text(LOOKS_AHEAD)
    plain: dict[str, Any] = {
        "task": data,
        "hidden_size": hidden,
        "learning_rate": float(rate),
        "seed": seed,
    }
    specs = {
        cell: TrainingSpec(cell=cell, **plain, **more, **of_cell(cell, biases)) for cell in cells
    }
    changes = read(planned())
    return Settings(specs, RUN.check(updates), Rates(float(rate)).changed(changes).changes)


def _task() -> str | OwnData | None:
    titles = [*TITLES, SERIES, TEXT]
    first = list(TITLES.values()).index(FIRST_TASK)
    chosen = st.selectbox("Task", titles, index=first, key="trtask", bind="query-params")
    return TITLES[chosen] if chosen in TITLES else choose_own(chosen)


def _whole(label: str, low: int, high: int, own: int, key: str) -> int:
    return int(st.number_input(label, low, high, own, key=key, bind="query-params"))
