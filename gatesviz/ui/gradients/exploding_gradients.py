"""Exploding: a cliff in the loss of one unit, and training with and without clipping."""

from collections.abc import Mapping

import streamlit as st

from gatesviz.experiments import (
    WINDOWS,
    Descent,
    Result,
    Surface,
    Trial,
    Unit,
    clipping_experiment,
    descend,
    surface,
)
from gatesviz.figures import (
    cliff_alt,
    cliff_contours,
    cliff_surface,
    norm_curves,
    norm_curves_alt,
    written,
)
from gatesviz.training import TrainingSpec
from gatesviz.ui import charts, progress
from gatesviz.ui.gradients.parameters import (
    FATE_FIELD,
    FATES,
    PHI_FIELD,
    SHOW_FIELD,
    SOLID_FIELD,
)
from gatesviz.ui.gradients.sentences import judge_guess
from gatesviz.ui.guesses import ask_guess, may_show, with_verdict

UPDATES = 200
LOW = 460
"""Height in px of the cliff next to a lesson, on a screen of 720 px."""
PLAIN, CLIPPED = "without clipping", "with clipping"
PRINCIPLE = (
    "**Principle.** Where gradients grow on the way back, the loss has cliffs. There, one update"
    " can jump far away. Clipping shortens the update and keeps its direction. It can't repair"
    " vanishing gradients."
)
TRAINING = (
    "A tanh RNN reads 50 numbers and learns to add the two that are marked. It is trained twice:"
    " with clipping and without. Both runs use gradient descent without momentum. Their recurrent"
    " weights start 3 times as large as PyTorch's default."
)
SOURCES = "Source: Pascanu, Mikolov & Bengio 2013."


@st.cache_data(max_entries=8, show_spinner="Computing the cliff…")
def _cliff(phi: str) -> tuple[Surface, dict[str, Descent]]:
    return cliff(phi)


def cliff(phi: str) -> tuple[Surface, dict[str, Descent]]:
    """Return the loss of the unit with nonlinearity ``phi``, and its two descents by name."""
    unit, window = Unit(phi), WINDOWS[phi]  # type: ignore[arg-type, index]  # one of PHIS
    paths = {
        name: descend(unit, window.start, window.rate, UPDATES, clip)
        for name, clip in ((PLAIN, None), (CLIPPED, window.clip))
    }
    return surface(unit, window.w, window.b), paths


def choose_cliff() -> str:
    """Let the reader choose the unit's φ."""
    phi: str = PHI_FIELD.draw()
    return phi


def draw_guess(phi: str) -> bool:
    """Ask what happens to plain gradient descent at the cliff, and compare the guess.

    Returns whether the page may show the result.
    """
    guess = ask_guess(
        "**Gradient descent with no limit on the gradient (no clipping) reaches the steep part of"
        " this loss. What does the point (w, b) do at the next update?**",
        FATES,
        key=FATE_FIELD.key,
        about=phi,
        right=lambda: fate(_cliff(phi)[1][PLAIN]),
    )
    if guess is not None:
        st.write(compare_guess(_cliff(phi)[1], guess))
    return may_show(guess, SHOW_FIELD)


def compare_guess(paths: Mapping[str, Descent], guess: str) -> str:
    """Return what the two descents did, in numbers."""
    plain, clipped = paths[PLAIN], paths[CLIPPED]
    steepest = written(float(plain.gradient_norms.max()))
    return with_verdict(
        judge_guess(f"“{guess}”", guess == fate(plain)),
        "Gradient descent without clipping"
        f" {fate(plain)}. Its largest gradient norm is {steepest}. With learning rate"
        f" {plain.rate:g}, one update moves w and b by up to **{written(plain.longest_jump)}**. The"
        f" loss is {written(float(plain.losses[-1]))} after {len(plain.losses) - 1} updates. With"
        f" the norm clipped at {clipped.clip:g}, one update moves w and b by"
        f" {written(clipped.longest_jump)} at most. The loss is then"
        f" {written(float(clipped.losses[-1]))} after {len(clipped.losses) - 1} updates.",
    )


def fate(descent: Descent) -> str:
    """Return what happened in a descent: one of `FATES`."""
    if descent.losses[-1] < descent.losses[0] / 10:
        return FATES[0]
    return FATES[1] if descent.longest_jump > 1 else FATES[2]


def describe_cliff(phi: str, *, descents: bool) -> str:
    """Return what the chart shows, with the two descents on it if ``descents``."""
    return (
        f"At each of 50 steps, one unit computes its new state h′ = {phi}(w·h + b). It starts"
        " from h = 0.5. The chart shows"
        " the loss (h − 0.7)² after the last step, for every w and b."
        + (
            " Gradient descent runs twice from the same point: with clipping and without."
            if descents
            else ""
        )
    )


def show_cliff(phi: str, *, descents: bool, low: bool) -> None:
    """Draw the cliff.

    Args:
        phi: the unit's φ.
        descents: whether the two descents are on it.
        low: whether it is so low that all of it fits next to a lesson.
    """
    solid = SOLID_FIELD.draw()
    ground, paths = _cliff(phi)
    paths = paths if descents else {}
    draw = cliff_surface if solid else cliff_contours
    size = {"height": LOW} if low else {}
    figure = draw(ground, paths, theme=charts.theme(), **size)
    charts.show(figure, cliff_alt(ground, paths), key="gradient cliff")


def show_training() -> None:
    """Draw the gradient norms of a training with clipping and of one without."""
    st.header("Train with and without clipping")
    st.write(TRAINING)
    progress.follow([clipping_experiment()], _draw_norms, lasts="a few seconds")


def _draw_norms(results: Mapping[Trial, Result]) -> None:
    if not results:
        return
    named = {run_name(trial.spec): result for trial, result in results.items()}
    norms = {name: result.gradient_norms for name, result in named.items()}
    clip = max((trial.spec.clip or 0.0) for trial in results) or None
    figure = norm_curves(norms, clip=clip, theme=charts.theme())
    charts.show(figure, norm_curves_alt(norms), key="gradient norms")
    for name, result in named.items():
        least, last = float(result.losses.min()), float(result.losses[-1])
        stopped = f" The run ended early: {result.stopped}." if result.stopped else ""
        text = f"{name[:1].upper()}{name[1:]}: last loss {written(last)}"
        st.text(f"{text}, lowest loss {written(least)}.{stopped}")


def run_name(spec: TrainingSpec) -> str:
    """Return the name of a run in the chart of gradient norms."""
    return "without clipping" if spec.clip is None else f"clipped at {spec.clip:g}"
