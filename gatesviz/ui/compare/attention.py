"""Attention of trained models: the weights on held-out samples."""

from functools import partial

import streamlit as st

from gatesviz.cells import CELLS
from gatesviz.experiments import Experiment, Result
from gatesviz.experiments.scripts import attention_script
from gatesviz.traces import Array
from gatesviz.training import OwnData, TrainingSpec
from gatesviz.ui import charts
from gatesviz.ui.compare.claim_charts import draw_with_downloads
from gatesviz.ui.compare.parameters import ATTENDING, PROBE, SAMPLES
from gatesviz.ui.compare.parameters import CELLS as NAMES
from gatesviz.ui.downloads import table
from gatesviz.ui.progress import Found

Weights = dict[str, Array]


def show_attention(experiment: Experiment, found: Found, task: str | OwnData) -> None:
    """Draw the weights of the last answer for each cell, and of every answer for one cell."""
    st.header("See where attention looks")
    results = {
        name: found[trial]
        for name, cell in NAMES.items()
        for trial in experiment.trials
        if trial.spec.cell == cell and trial in found
    }
    if not results:
        st.write(
            "The runs above also train the models that this part shows. Start them. If they are"
            " running, wait until they finish."
        )
        return
    sample = SAMPLES.index(PROBE.draw())
    weights = {name: attention_weights(result)[sample] for name, result in results.items()}
    st.text(describe_models(results))
    _draw(weights, next(iter(results.values())).trial.spec, sample, task)


def describe_models(results: dict[str, Result]) -> str:
    """Return how well each model does after how many updates, and how to read the chart."""
    task = next(iter(results.values())).trial.spec.learned
    scores = "; ".join(
        f"{CELLS[result.trial.spec.cell].name} {result.score:.3g} after {result.updates:,} updates"
        for result in results.values()
    )
    return (
        f"These are extra models, trained with seed 0. Their {task.metric}: {scores}. Each curve"
        " shows the attention weights of one model's last answer, which add up to 1. Where a weight"
        " is large, attention reads the state of that step. If the weights are small where the"
        " needed input was and the answer is right, the cell itself carried the information."
    )


def _draw(all_weights: Weights, spec: TrainingSpec, sample: int, task: str | OwnData) -> None:
    from gatesviz.figures import (
        attention_curves,
        attention_curves_alt,
        attention_heatmap,
        attention_heatmap_alt,
    )

    theme, inputs = charts.theme(), step_labels(spec, sample)
    labels = inputs if spec.learned.vocabulary is not None else None
    last = {name: weights[-1] for name, weights in all_weights.items()}
    curves, alt = attention_curves(last, labels=labels, theme=theme), attention_curves_alt(last)
    show_chart = partial(
        draw_with_downloads,
        title="Where attention looks",
        csv=lambda: attention_csv(all_weights, inputs),
        script=lambda: attention_script(task),
    )
    show_chart(curves, alt, chart="attention last")
    names = list(all_weights)
    weights = all_weights.get(ATTENDING.draw(options=names), all_weights[names[-1]])
    heatmap = attention_heatmap(weights, labels=labels, theme=theme)
    show_chart(heatmap, attention_heatmap_alt(weights), chart="attention all")


@st.cache_data(max_entries=32, show_spinner=False)
def _attention_weights(key: str, _result: Result) -> Array:
    from gatesviz.training import TrainedModel, probe

    spec = _result.trial.spec
    return TrainedModel(spec, _result.updates, _result.weights).attention(probe(spec).inputs)


def attention_weights(result: Result) -> Array:
    """Return a model's attention to the four held-out samples, (4, T, T)."""
    return _attention_weights(f"{result.trial.key} {result.measured}", result)


@st.cache_data(max_entries=32, show_spinner=False)
def step_labels(spec: TrainingSpec, sample: int) -> list[str]:
    """Return the input at each step of a sample: letters or numbers."""
    from gatesviz.training import probe

    inputs = probe(spec).inputs[:, sample]
    letters = spec.learned.letters(inputs)
    if letters is not None:
        return list(letters)
    return [" ".join(f"{value:.3g}" for value in step) for step in inputs.tolist()]


def attention_csv(all_weights: Weights, inputs: list[str]) -> str:
    """Return every weight of every answer as a line of CSV."""
    rows = [
        (name, answer, state, inputs[state], float(weights[answer, state]))
        for name, weights in all_weights.items()
        for answer in range(len(inputs))
        for state in range(answer + 1)
    ]
    return table(("cell", "answer at step", "state of step", "input at that step", "weight"), rows)
