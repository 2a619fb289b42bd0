"""Where attention looks, in a model that has learnt: its own weights on held-out samples."""

from functools import partial

import streamlit as st

from gatesviz.cells import CELLS
from gatesviz.experiments import Experiment, Result
from gatesviz.experiments.scripts import attention_script
from gatesviz.sequences.characters import visible
from gatesviz.traces import Array
from gatesviz.training import OwnData, TrainingSpec
from gatesviz.ui import charts
from gatesviz.ui.compare.claim_charts import show
from gatesviz.ui.compare.parameters import CELLS as NAMES
from gatesviz.ui.compare.parameters import SAMPLES
from gatesviz.ui.downloads import table
from gatesviz.ui.progress import Found

Looks = dict[str, Array]


def show_attention(experiment: Experiment, found: Found, task: str | OwnData) -> None:
    """Draw the weights of the last answer in each cell, and of every answer in one of them."""
    st.header("Where attention looks")
    results = {
        name: found[trial]
        for name, cell in NAMES.items()
        for trial in experiment.trials
        if trial.spec.cell == cell and trial in found
    }
    if not results:
        st.write("The runs that are shown here are made together with the others.")
        return
    picked = st.segmented_control(
        "Held-out sample", SAMPLES, default=SAMPLES[0], key="coprobe", bind="query-params",
        required=True,
    )  # fmt: skip
    sample = SAMPLES.index(picked or SAMPLES[0])
    looks = {name: looked(result)[sample] for name, result in results.items()}
    st.text(describe(results))
    _draw(looks, next(iter(results.values())).trial.spec, sample, task)


def describe(results: dict[str, Result]) -> str:
    """Return whose attention it is: after how many updates, and how well each model does."""
    task = next(iter(results.values())).trial.spec.learned
    scores = "; ".join(
        f"{CELLS[result.trial.spec.cell].name} after {result.updates:,} updates {result.score:.3g}"
        for result in results.values()
    )
    return (
        f"Models of their own, with seed 0; {task.metric}: {scores}. Each curve is one model's own"
        " weights for its last answer: they add up to 1. Where they lie on what is to be told,"
        " attention has fetched it; where they do not and the answer is right, the cell has carried"
        " it along."
    )


def _draw(looks: Looks, spec: TrainingSpec, sample: int, task: str | OwnData) -> None:
    from gatesviz.figures import (
        attention_curves,
        attention_curves_alt,
        attention_heatmap,
        attention_heatmap_alt,
    )

    theme, there = charts.theme(), steps(spec, sample)
    labels = there if spec.learned.vocabulary is not None else None
    last = {name: weights[-1] for name, weights in looks.items()}
    curves, alt = attention_curves(last, labels=labels, theme=theme), attention_curves_alt(last)
    take = partial(
        show,
        title="Where attention looks",
        csv=lambda: as_csv(looks, there),
        script=lambda: attention_script(task),
    )
    take(curves, alt, chart="attention last")
    name = st.segmented_control(
        "Every answer of the", list(looks), default=next(reversed(looks)), required=True,
        key="colook", bind="query-params",
    )  # fmt: skip
    weights = looks.get(name or "", next(reversed(looks.values())))
    heatmap = attention_heatmap(weights, labels=labels, theme=theme)
    take(heatmap, attention_heatmap_alt(weights), chart="attention all")


@st.cache_data(max_entries=32, show_spinner=False)
def _looked(key: str, _result: Result) -> Array:
    from gatesviz.training import TrainedModel, probe

    spec = _result.trial.spec
    return TrainedModel(spec, _result.updates, _result.weights).attention(probe(spec).inputs)


def looked(result: Result) -> Array:
    """Return how a model looks back at the four held-out samples, (4, T, T)."""
    return _looked(f"{result.trial.key} {result.measured}", result)


@st.cache_data(max_entries=32, show_spinner=False)
def steps(spec: TrainingSpec, sample: int) -> list[str]:
    """Return what stands at each step of a sample: letters, or numbers."""
    from gatesviz.training import probe

    inputs = probe(spec).inputs[:, sample].numpy()
    letters = spec.learned.vocabulary
    if letters is not None:
        return [visible(letters[k]) for k in inputs.argmax(-1)]
    return [" ".join(f"{value:.3g}" for value in step) for step in inputs.tolist()]


def as_csv(looks: Looks, there: list[str]) -> str:
    """Return every weight of every answer as a line of a table."""
    rows = [
        (name, answer, state, there[state], float(weights[answer, state]))
        for name, weights in looks.items()
        for answer in range(len(there))
        for state in range(answer + 1)
    ]
    return table(("cell", "answer at step", "state of step", "input there", "weight"), rows)
