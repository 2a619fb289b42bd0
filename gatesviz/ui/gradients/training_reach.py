"""During training: how far the loss of the task reaches, at every checkpoint of a run."""

import streamlit as st

from gatesviz.cells import LSTM, find_cell
from gatesviz.experiments import Unfolding, unfold
from gatesviz.figures import flow_heatmap, flow_heatmap_alt, written
from gatesviz.gradients import overflow
from gatesviz.training import History, TrainedModel
from gatesviz.training.spec import spec_text
from gatesviz.ui import charts
from gatesviz.ui.folders import app_folder
from gatesviz.ui.gradients.parameters import (
    CELL_FIELD,
    COURSE_FIELD,
    COURSES,
    HALF,
    MENU,
    SHOW_FIELD,
    STATE_FIELD,
)
from gatesviz.ui.gradients.sentences import judge_guess, step_count
from gatesviz.ui.guesses import ask_guess, may_show, with_verdict

FACTOR = 2  # a smaller change, up or down, counts as "stays the same"
PRINCIPLE = (
    "**Principle.** Training changes how far the gradient reaches. A trained cell can hold"
    " a memory with saturated gates, very near 0 or 1. Then small changes of early inputs hardly"
    " change the memory, so the gradient at these inputs is small."
)
SOURCES = "Source: Bengio, Simard & Frasconi 1994."


@st.cache_data(max_entries=16, ttl=1800, show_spinner="Computing gradients at every checkpoint…")
def _unfolding(key: str, updates: int, _history: History) -> Unfolding:
    return unfold(_history)


def choose_run(known: tuple[TrainedModel, ...]) -> tuple[TrainedModel, str] | None:
    """Let the reader choose a run and a state; None if there is no run yet."""
    runs = {find_cell(one.cell).short: one for one in known if one.history.updates}
    if not runs:
        st.write(
            "There is no training run to show yet. Train the models below, choose"
            f" “{HALF}” in the sidebar, or train a model on the page *Train live*."
        )
        st.page_link(app_folder() / "pages" / "train.py", label="Train live")
        return None
    one = runs[CELL_FIELD.draw(options=[name for name in MENU if name in runs])]
    states = find_cell(one.cell).states[::-1]
    state = STATE_FIELD.draw(options=states)
    return one, state if state in states else states[0]


def draw_guess(
    known: tuple[TrainedModel, ...], chosen: tuple[TrainedModel, str] | None, updates: int
) -> bool:
    """Ask how the gradient at the first state changes, and compare the guess.

    Args:
        known: models of runs, also of those that haven't started.
        chosen: one of them and a state; None if there is no run yet.
        updates: the length of a run that hasn't started.

    Returns whether the page may show the result.
    """
    about = _about(known, chosen, updates)
    state = about[2]
    guess = ask_guess(
        f"**‖∂L/∂{state}‖ is the norm of a gradient of the loss L. Divide ‖∂L/∂{state}‖ at the"
        f" initial state by the largest ‖∂L/∂{state}‖ at any step. Does this share grow or"
        " shrink while the cell learns to remember?**",
        COURSES,
        key=COURSE_FIELD.key,
        about=about,
        right=lambda: None if chosen is None else right_course(_of(chosen[0]), chosen[1]),
    )
    if guess is not None and chosen is not None:
        st.write(compare_guess(_of(chosen[0]), chosen[1], guess))
    elif guess is not None:
        st.write("Train the models to see the result.")
    return may_show(guess, SHOW_FIELD)


def _about(
    known: tuple[TrainedModel, ...], chosen: tuple[TrainedModel, str] | None, updates: int
) -> tuple[str, int, str]:
    """Return the run and the state of the question: the same before the run and after it."""
    if chosen is not None:
        one, state = chosen
        return spec_text(one.spec), one.history.updates, state
    first = next((one for one in known if one.cell == LSTM.key), known[0])
    return spec_text(first.spec), updates, find_cell(first.cell).kept_state


def compare_guess(known: Unfolding, state: str, guess: str) -> str:
    """Return how the share of the gradient that reaches the first state changed, in numbers."""
    rows = known.norms[state]
    lost = overflow(rows.T)
    if (lost >= 0).any():
        k = int((lost >= 0).argmax())
        return with_verdict(
            f"You guessed “{guess}”.",
            f"After {known.updates[k]:,} updates, the gradient overflows"
            f" **{step_count(int(lost[k]))} back**. From there on, ‖∂L/∂{state}‖ is not a finite"
            " number. It explodes; it doesn't vanish.",
        )
    shares = _shares(known, state)
    first, last, growth = shares[0], shares[-1], _growth(shares)
    course = right_course(known, state)
    most = max(range(len(shares)), key=shares.__getitem__)
    return with_verdict(
        judge_guess(f"“{guess}”", guess == course),
        f"The share **{course}**, from {written(first)}"
        f" before the first update to {written(last)} after {known.updates[-1]:,} updates. That is"
        f" {written(growth)} times as large. The largest value is {written(shares[most])}, after"
        f" {known.updates[most]:,} updates. A factor between ½ and 2 counts as “{COURSES[2]}”.",
    )


def right_course(known: Unfolding, state: str) -> str | None:
    """Return which of `COURSES` the share took, or None if the gradient overflows."""
    if (overflow(known.norms[state].T) >= 0).any():
        return None
    growth = _growth(_shares(known, state))
    return COURSES[0] if growth > FACTOR else COURSES[1] if growth < 1 / FACTOR else COURSES[2]


def _shares(known: Unfolding, state: str) -> list[float]:
    """Return the gradient at the first state as a share of the largest one, at each checkpoint."""
    rows = known.norms[state]
    return [float(row[0] / row.max()) if row.max() > 0 else 0.0 for row in rows]


def _growth(shares: list[float]) -> float:
    first, last = shares[0], shares[-1]
    return last / first if first else float("inf") if last else 1.0


def show_during(one: TrainedModel, state: str) -> None:
    """Draw the gradient flow over the run: a row for each checkpoint."""
    st.text(one.description)
    flow = _of(one)
    figure = flow_heatmap(flow, state=state, theme=charts.theme())
    charts.show(figure, flow_heatmap_alt(flow, state), key="gradient during")


def _of(one: TrainedModel) -> Unfolding:
    return _unfolding(one.key, one.history.updates, one.history)
