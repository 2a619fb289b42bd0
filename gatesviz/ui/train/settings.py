"""What is trained: the reader's choice of task, cells and numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import streamlit as st

from gatesviz.limits import BATCH, FORGET_BIAS, HIDDEN, LEARNING_RATE, SEED
from gatesviz.tasks import TASKS, Task
from gatesviz.training import TrainingSpec
from gatesviz.training.spec import Equal
from gatesviz.ui.train.parameters import CELLS_CHOICES, EQUAL, FIRST_TASK, RUN, TITLES


@dataclass(frozen=True)
class Settings:
    """One comparison.

    Attributes:
        specs: cell -> what is trained, one to three, left to right.
        updates: how many make a run.
    """

    specs: Mapping[str, TrainingSpec]
    updates: int

    @property
    def task(self) -> Task:
        """What all of them learn."""
        return next(iter(self.specs.values())).learned


def choose() -> Settings | None:
    """Draw the widgets; None, and a sentence beside them, where these cannot be trained."""
    try:
        return _chosen()
    except ValueError as error:
        st.error("These settings cannot be trained.")
        st.text(f"{error}.")
        return None


def _chosen() -> Settings:
    """Draw the widgets.

    Raises:
        ValueError: if a value is not allowed, or the task needs a library that is not there.
    """
    task = _task()
    cells = CELLS_CHOICES[
        st.selectbox("Cells", list(CELLS_CHOICES), index=3, key="trcells", bind="query-params")
    ]
    numbers = _size(task) | _learning()
    bias = _forget_bias() if "lstm" in cells else None
    updates = _whole("Updates of a run", RUN.low, RUN.high, 600, "trend")
    if task.missing:
        raise ValueError(task.missing)
    specs = {
        cell: TrainingSpec(
            task=task.key,
            cell=cell,
            forget_bias=bias if cell == "lstm" else None,
            **numbers,  # type: ignore[arg-type]
        )
        for cell in cells
    }
    return Settings(specs, RUN.check(updates))


def _task() -> Task:
    titles = list(TITLES)
    first = titles.index(TASKS[FIRST_TASK].title)
    title = st.selectbox("Task", titles, index=first, key="trtask", bind="query-params")
    task = TASKS[TITLES[title]]
    st.text(f"In: {task.asks}\nOut: {task.answer}")
    return task


def _size(task: Task) -> dict[str, object]:
    hidden = st.slider(
        "Hidden units", HIDDEN.low, HIDDEN.high, 8, key="trhidden", bind="query-params"
    )
    equal = st.segmented_control(
        "Equal", EQUAL, default=EQUAL[0], key="trequal", bind="query-params", required=True,
        help="Units: every cell has as many. Parameters: the GRU and the RNN get more units, so"
        " that they are as large as the LSTM.",
    )  # fmt: skip
    length = st.number_input(
        "Length in steps", task.shortest, min(task.longest, 400), None, key="trlength",
        bind="query-params", placeholder=f"{task.length}, as the task says",
    )  # fmt: skip
    return {
        "hidden_size": hidden,
        "equal": cast(Equal, equal or EQUAL[0]),
        "length": length,
    }


def _learning() -> dict[str, object]:
    rate = st.number_input(
        "Learning rate at the start", LEARNING_RATE.low, float(LEARNING_RATE.high), 0.01,
        step=0.001, format="%g", key="trrate", bind="query-params",
    )  # fmt: skip
    return {
        "learning_rate": float(rate),
        "batch_size": _whole("Sequences in a batch", BATCH.low, BATCH.high, 32, "trbatch"),
        "seed": _whole("Seed", SEED.low, SEED.high, 0, "trseed"),
    }


def _forget_bias() -> float | None:
    return st.number_input(
        "Forget bias of the LSTM", float(FORGET_BIAS.low), float(FORGET_BIAS.high), 1.0, step=0.5,
        key="trbias", bind="query-params",
        help="The sum of the forget gate's two biases before training. Above 0 it keeps.",
    )  # fmt: skip


def _whole(label: str, low: int, high: int, own: int, key: str) -> int:
    return int(st.number_input(label, low, high, own, key=key, bind="query-params"))
