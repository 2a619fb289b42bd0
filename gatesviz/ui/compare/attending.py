"""Where attention looks, in a model that has learnt: its own weights on held-out samples."""

import streamlit as st

from gatesviz.cells import CELLS
from gatesviz.experiments import Experiment
from gatesviz.sequences.characters import visible
from gatesviz.tasks import Task
from gatesviz.traces import Array
from gatesviz.training import TrainingSpec
from gatesviz.ui import charts
from gatesviz.ui.compare.parameters import CELLS as NAMES
from gatesviz.ui.compare.parameters import SAMPLES
from gatesviz.ui.progress import Found
from gatesviz.ui.taking import offer, table

Looks = dict[str, Array]


def show_attention(experiment: Experiment, found: Found, task: Task) -> None:
    """Draw the weights of the last answer in each cell, and of every answer in one of them."""
    st.header("Where attention looks")
    results = {t.spec.cell: found[t] for t in experiment.trials if t in found}
    if not results:
        st.write("The runs that are shown here are made together with the others.")
        return
    chosen_sample = st.segmented_control(
        "Held-out sample", SAMPLES, default=SAMPLES[0], key="coprobe", bind="query-params",
        required=True,
    )  # fmt: skip
    sample = SAMPLES.index(chosen_sample or SAMPLES[0])
    looks = {
        name: looked(results[cell].trial.spec, results[cell].updates, results[cell].weights)
        for name, cell in NAMES.items()
        if cell in results and len(results[cell].weights)
    }
    chosen = {name: weights[sample] for name, weights in looks.items()}
    if not chosen:
        st.write("Training of these runs broke off, so there are no weights to be shown.")
        return
    spec = next(iter(results.values())).trial.spec
    scores = "; ".join(f"{CELLS[c].name} {r.score:.3g}" for c, r in results.items())
    st.text(
        f"After {experiment.updates} updates with seed 0; {task.metric}: {scores}. Each curve is"
        " one model's own weights for its last answer: they add up to 1."
    )
    _draw(chosen, steps(spec, sample), letters=task.vocabulary is not None)


def _draw(chosen: Looks, steps: list[str], *, letters: bool) -> None:
    from gatesviz.figures import (
        attention_curves,
        attention_curves_alt,
        attention_heatmap,
        attention_heatmap_alt,
    )
    from gatesviz.figures.page import to_page

    theme, labels = charts.theme(), steps if letters else None
    last = {name: weights[-1] for name, weights in chosen.items()}
    curves, told = attention_curves(last, labels=labels, theme=theme), attention_curves_alt(last)
    charts.show(curves, told, key="attention last")
    offer(
        "attention", chart="attention last", csv=lambda: as_csv(chosen, steps),
        page=lambda: to_page(curves, title="Where attention looks", alt=told, theme=theme),
    )  # fmt: skip
    name = st.segmented_control(
        "Every answer of the", list(chosen), default=next(reversed(chosen)), required=True,
        key="colook", bind="query-params",
    )  # fmt: skip
    weights = chosen.get(name or "", next(reversed(chosen.values())))
    heatmap = attention_heatmap(weights, labels=labels, theme=theme)
    charts.show(heatmap, attention_heatmap_alt(weights), key="attention all")


@st.cache_data(max_entries=32, show_spinner=False)
def _looked(key: tuple[TrainingSpec, int], _weights: Array) -> Array:
    from gatesviz.training import Model, probe

    spec, updates = key
    return Model(spec, updates, _weights).attention(probe(spec).inputs)


def looked(spec: TrainingSpec, updates: int, weights: Array) -> Array:
    """Return how a model looks back at the four held-out samples, (4, T, T)."""
    return _looked((spec, updates), weights)


@st.cache_data(max_entries=32, show_spinner=False)
def steps(spec: TrainingSpec, sample: int) -> list[str]:
    """Return what stands at each step of a sample: letters, or numbers."""
    from gatesviz.training import probe

    inputs = probe(spec).inputs[:, sample].numpy()
    letters = spec.learned.vocabulary
    if letters is not None:
        return [visible(letters[k]) for k in inputs.argmax(-1)]
    return [" ".join(f"{value:.3g}" for value in step) for step in inputs.tolist()]


def as_csv(chosen: Looks, steps: list[str]) -> str:
    """Return every weight of every answer as a line of a table."""
    rows = [
        (name, answer, state, steps[state], float(weights[answer, state]))
        for name, weights in chosen.items()
        for answer in range(len(steps))
        for state in range(answer + 1)
    ]
    return table(("cell", "answer at step", "state of step", "input there", "weight"), rows)
