"""During training: how far the task's loss reaches at every kept update of a run."""

import streamlit as st

from gatesviz.experiments import Unfolding, unfold
from gatesviz.figures import flow_heatmap, flow_heatmap_alt, written
from gatesviz.gradients import overflow
from gatesviz.training import History, TrainedModel
from gatesviz.ui.folders import app_folder
from gatesviz.ui.gradients import lines
from gatesviz.ui.gradients.models import NAMES
from gatesviz.ui.gradients.parameters import COURSES, HALF
from gatesviz.ui.gradients.sentences import step_count
from gatesviz.ui.guesses import ask_guess

FACTOR = 2  # less than this up or down counts as staying
PRINCIPLE = (
    "**Principle.** The reach of a gradient is no constant of the cell: training moves weights and"
    " gates, and with them how far back the loss is heard. A memory that is held firmly can make"
    " its gradient small again, because small changes of the past no longer change it: keeping"
    " something safely and letting its gradient through pull against each other (Bengio, Simard &"
    " Frasconi 1994)."
)


@st.cache_data(max_entries=16, ttl=1800, show_spinner="Going back through every kept update…")
def _unfolding(key: str, updates: int, _history: History) -> Unfolding:
    return unfold(_history)


def choose_run(known: tuple[TrainedModel, ...]) -> tuple[TrainedModel, str] | None:
    """Let the reader choose a run and a state; None where there is no run yet."""
    runs = {NAMES.get(one.cell, one.name): one for one in known if one.history.updates}
    if not runs:
        st.write(
            f"There is no run yet. Train the cells below, choose the weights “{HALF}” for another"
            " task, or make a run on *Train live*: it is here when it rests."
        )
        st.page_link(app_folder() / "pages" / "train.py", label="Train live")
        return None
    names = [name for name in ("LSTM", "GRU", "RNN") if name in runs]
    name = st.segmented_control(
        "Cell", names, default=names[0], key="grcell", bind="query-params", required=True
    )
    states = ["c", "h"] if name == "LSTM" else ["h"]
    state = st.segmented_control(
        "Gradient by", states, default=states[0], key="grstate", bind="query-params", required=True
    )
    return runs[name or names[0]], state if state in states else states[0]


def draw_guess(
    known: tuple[TrainedModel, ...], chosen: tuple[TrainedModel, str] | None, updates: int
) -> None:
    """Ask how the gradient at the first state changes; answer with the measured course.

    Args:
        known: models of runs, also of those that are still to be made.
        chosen: one of them and a state; None where there is no run yet.
        updates: how many a run that is still to be made will have.
    """
    guess = ask_guess(
        "**While a cell learns to keep something, what does the gradient at its first state do, as"
        " a share of the largest on the way?** Guess, then see.",
        COURSES,
        key="grcourse",
        about=_about(known, chosen, updates),
    )
    if guess is not None and chosen is not None:
        st.write(compare_guess(_of(chosen[0]), chosen[1], guess))
    elif guess is not None:
        st.write("The answer comes when there is a run.")


def _about(
    known: tuple[TrainedModel, ...], chosen: tuple[TrainedModel, str] | None, updates: int
) -> tuple[int, int, str]:
    """Return which run and state the answer is about: the same before the run as after it."""
    if chosen is not None:
        one, state = chosen
        return hash(one.spec), one.history.updates, state
    first = next((one for one in known if one.cell == "lstm"), known[0])
    return hash(first.spec), updates, "c" if first.cell == "lstm" else "h"


def compare_guess(known: Unfolding, state: str, guess: str) -> str:
    """Return how the share of the gradient that reaches the first state changed, in numbers."""
    rows = known.norms[state]
    lost = overflow(rows.T)
    if (lost >= 0).any():
        k = int((lost >= 0).argmax())
        return (
            f"You said it {guess}. After {known.updates[k]:,} updates the gradient overflows"
            f" **{step_count(int(lost[k]))} back**: from there on ‖∂L/∂{state}‖ is not a finite"
            " number, so no shares can be compared. This is not a gradient that vanishes."
        )
    shares = [float(row[0] / row.max()) if row.max() > 0 else 0.0 for row in rows]
    first, last = shares[0], shares[-1]
    grown = last / first if first else float("inf") if last else 1.0
    course = COURSES[0] if grown > FACTOR else COURSES[1] if grown < 1 / FACTOR else COURSES[2]
    verdict = "Yes" if guess == course else "Not quite"
    most = max(range(len(shares)), key=shares.__getitem__)
    return (
        f"{verdict}: it **{course}**, from {written(first)} before the first update to"
        f" {written(last)} after {known.updates[-1]:,}, a factor of {written(grown)}. On the way it"
        f" was at most {written(shares[most])}, after {known.updates[most]:,} updates. A factor"
        " between ½ and 2 is called staying."
    )


def show_during(one: TrainedModel, state: str) -> None:
    """Draw the gradient flow over the run: a row for each kept update."""
    st.text(one.description)
    found = _of(one)
    figure = flow_heatmap(found, state=state, theme=lines.theme())
    lines.show(figure, flow_heatmap_alt(found, state), key="gradient during")


def _of(one: TrainedModel) -> Unfolding:
    return _unfolding(one.key, one.history.updates, one.history)
