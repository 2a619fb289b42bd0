"""Exploding: the cliff in the loss of one unit, and a training with and without clipping."""

from collections.abc import Mapping

import streamlit as st

from gatesviz.experiments import (
    WINDOWS,
    Descent,
    Result,
    Surface,
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
from gatesviz.ui.gradients import lines
from gatesviz.ui.gradients.guessing import answered
from gatesviz.ui.gradients.parameters import FATES, PHIS
from gatesviz.ui.gradients.progress import follow
from gatesviz.ui.guesses import ask_guess

UPDATES = 200
PLAIN, CLIPPED = "plain descent", "clipped descent"
PRINCIPLE = (
    "**Principle.** Where gradients grow going back, the loss has walls: on one, the gradient is"
    " so long that a single update jumps far away. Shortening it to a largest norm keeps its"
    " direction and takes a small step instead (Pascanu, Mikolov & Bengio 2013). It mends exploding"
    " gradients; vanishing ones it cannot bring back."
)


@st.cache_data(max_entries=8, show_spinner="Computing the cliff…")
def _cliff(phi: str) -> tuple[Surface, dict[str, Descent]]:
    unit, window = Unit(phi), WINDOWS[phi]  # type: ignore[arg-type, index]  # a Choice: PHIS
    paths = {
        name: descend(unit, window.start, window.rate, UPDATES, clip)
        for name, clip in ((PLAIN, None), (CLIPPED, window.clip))
    }
    return surface(unit, window.w, window.b), paths


def choose_cliff() -> str:
    """Let the reader choose the unit's φ."""
    phi = st.segmented_control(
        "h′ = φ(w·h + b), with φ",
        PHIS,
        default=PHIS[0],
        key="grphi",
        bind="query-params",
        required=True,
    )
    return phi or PHIS[0]


def draw_guess(phi: str) -> bool:
    """Ask what becomes of plain descent at the wall; answer with the two ways.

    Returns whether they may be shown.
    """
    guess = ask_guess(
        "**Gradient descent without clipping runs into the wall below. What becomes of it?**"
        " Guess, then see.",
        FATES,
        key="grfate",
        about=phi,
    )
    if guess is not None:
        st.write(compare_guess(_cliff(phi)[1], guess))
    return answered(guess is not None)


def compare_guess(paths: Mapping[str, Descent], guess: str) -> str:
    """Return what the two descents did, in numbers."""
    plain, clipped = paths[PLAIN], paths[CLIPPED]
    verdict = "Yes" if guess == fate(plain) else "Not quite"
    steepest = written(float(plain.gradient_norms.max()))
    return (
        f"{verdict}: it {fate(plain)}. Its steepest gradient is {steepest}, and one update moves"
        f" the weights by up to **{written(plain.longest_jump)}**; with clipping at"
        f" {clipped.clip:g} by up to {written(clipped.longest_jump)}. The loss ends at"
        f" {written(float(plain.losses[-1]))} after {len(plain.losses) - 1} updates without, and at"
        f" {written(float(clipped.losses[-1]))} after {len(clipped.losses) - 1} with clipping."
    )


def fate(descent: Descent) -> str:
    """Return what became of a descent, as measured: one of `FATES`."""
    if descent.losses[-1] < descent.losses[0] / 10:
        return FATES[0]
    return FATES[1] if descent.longest_jump > 1 else FATES[2]


def show_exploding(phi: str, *, whole: bool) -> None:
    """Draw the cliff, if it is to be ``whole`` with the descents on it, then the two trainings."""
    left, right = st.columns([3, 1])
    ways = "with two descents from the same place." if whole else "before anything descends on it."
    left.write(
        f"The loss (h − 0.7)² of one unit after 50 steps of h′ = {phi}(w·h + b), from h = 0.5, over"
        f" its two weights, {ways}"
    )
    solid = right.toggle("As a landscape", key="grsolid", bind="query-params")
    ground, paths = _cliff(phi)
    paths = paths if whole else {}
    draw = cliff_surface if solid else cliff_contours
    figure = draw(ground, paths, theme=lines.theme())
    lines.show(figure, cliff_alt(ground, paths), key="gradient cliff")
    st.header("A training with clipping and without")
    st.write(
        "A tanh RNN with recurrent weights 3 times PyTorch's own learns to add two marked numbers"
        " among 50, by plain gradient descent. Only the clipping differs."
    )
    follow(clipping_experiment(), _draw_norms, lasts="some seconds")


def _draw_norms(results: Mapping[TrainingSpec, Result]) -> None:
    if not results:
        return
    named = {_name(spec): result for spec, result in results.items()}
    norms = {name: result.gradient_norms for name, result in named.items()}
    clip = max((spec.clip or 0.0) for spec in results) or None
    figure = norm_curves(norms, clip=clip, theme=lines.theme())
    lines.show(figure, norm_curves_alt(norms), key="gradient norms")
    for name, result in named.items():
        least, last = float(result.losses.min()), float(result.losses[-1])
        stopped = f" Then {result.stopped}." if result.stopped else ""
        told = f"{name[:1].upper()}{name[1:]}: the loss ends at {written(last)}"
        st.text(f"{told}, its least was {written(least)}.{stopped}")


def _name(spec: TrainingSpec) -> str:
    return "without clipping" if spec.clip is None else f"clipped at {spec.clip:g}"
