"""The memory-horizon map: how far a fresh gradient reaches, and what training then learns."""

import time
from collections.abc import Mapping

import streamlit as st

from gatesviz.experiments import HorizonMap, Result, Trial, horizon_experiment, horizon_map
from gatesviz.experiments.horizon import LENGTHS, ROWS
from gatesviz.figures import describe_success, horizon_squares, horizon_squares_alt, written
from gatesviz.training import TrainingSpec
from gatesviz.ui import charts, progress
from gatesviz.ui.gradients.parameters import LEARNS, LEARNS_FIELD, SHOW_FIELD
from gatesviz.ui.gradients.sentences import judge_guess, step_count
from gatesviz.ui.guesses import ask_guess, with_verdict

ROW, LENGTH = "LSTM, b = 1", 50
PATIENCE = 0.3  # seconds of measuring before the page is drawn
_KNOWN = "gradient horizon rows"
LASTS = "about a minute"
LEGEND = (
    "The first line in a square is the result. ✓ 32 means that the model learned the task after 32"
    " updates. ✗ means that it didn't learn it in 1,000 updates. The second line is the reach. An"
    " LSTM's square has a third line: the reach that its forget bias b alone predicts, σ(b)ᵀ⁻¹."
)
SETTING = (
    "Each square of the map stands for one model: a cell with 16 hidden units, trained on sequences"
    " of one length. The model reads the letter A or B, then noise, and must name the letter at the"
    " end. Before training, each square shows the reach: ‖∂L/∂x‖ at the first step divided by"
    " ‖∂L/∂x‖ at the last step. It is the median of five fresh models. After training, the map"
    " shows whether one run learned the task in at most 1,000 updates."
)
PRINCIPLE = (
    "**Principle.** A run can learn from an early input only while the gradient reaches it. A large"
    " forget bias gives an LSTM this reach from the start. Training can also increase or reduce the"
    " reach."
)
"""A sentence for a teacher to read aloud, about the map and the runs below it."""
SOURCES = (
    "Sources: Task: the latch problem of Bengio, Simard & Frasconi 1994. Forget bias: Gers,"
    " Schmidhuber & Cummins 2000; Jozefowicz, Zaremba & Sutskever 2015. Chrono: Tallec & Ollivier"
    " 2018."
)


@st.cache_data(max_entries=32, show_spinner=False)
def _map(
    _results: Mapping[TrainingSpec, Result], finished: int, rows: tuple[str, ...], *lengths: int
) -> HorizonMap:
    """Return a part of the map; ``finished`` identifies the results that exist."""
    return horizon_map(_results, rows, lengths)


def _known_rows() -> tuple[str, ...]:
    """Return the rows whose reach is known; each call measures at least one more.

    All rows at once would block the page for seconds.
    """
    known, rows = st.session_state.get(_KNOWN, 0), tuple(ROWS)
    end = time.monotonic() + PATIENCE
    while known < len(rows) and time.monotonic() < end:
        _map({}, 0, (rows[known],), *LENGTHS)
        known += 1
    st.session_state[_KNOWN] = known
    return rows[:known]


def draw_guess() -> bool:
    """Ask whether the usual forget bias is enough, and compare the guess.

    Returns whether the page may show the result.
    """
    guess = ask_guess(
        "**Can an LSTM with forget bias 1 learn to remember one letter through"
        f" {LENGTH} steps of noise, in at most 1,000 updates?**",
        LEARNS,
        key=LEARNS_FIELD.key,
        about=(ROW, LENGTH),
        right=lambda: right_word(_asked()),
    )
    if guess is not None:
        st.write(compare_guess(_asked(), guess))
    return guess is not None or SHOW_FIELD.draw()


def _asked() -> HorizonMap:
    """Return the square of the question, as far as it is known."""
    results = _by_spec(progress.known_results([horizon_experiment()]))
    return _map(results, hash(frozenset(results)), (ROW,), LENGTH)


def right_word(known: HorizonMap) -> str | None:
    """Return whether the run of the question learned it, as a word of `LEARNS`; None before it."""
    r, k = known.rows.index(ROW), known.lengths.index(LENGTH)
    if not known.tried[r, k]:
        return None
    return LEARNS[0 if known.solved[r, k] else 1]


def _by_spec(results: Mapping[Trial, Result]) -> dict[TrainingSpec, Result]:
    return {trial.spec: result for trial, result in results.items()}


def compare_guess(known: HorizonMap, guess: str) -> str:
    """Return how the guess compares with the result."""
    r, k = known.rows.index(ROW), known.lengths.index(LENGTH)
    reach = written(float(known.reach[r, k]))
    before = (
        f"Before training, **{reach}** of the gradient at the last input reaches the first one. The"
        f" forget bias alone predicts σ(b)⁴⁹ = {written(float(known.predicted[r, k]))}. This leaves"
        " out that f also depends on x and h, and the path through W_hh."
    )
    if (lost := int(known.overflow[r, k])) >= 0:
        before = f"Before training, the gradient **overflows** {step_count(lost)} back."
    if not known.tried[r, k]:
        return with_verdict(
            f"You guessed {guess}.",
            f"{before} Start the training runs below to see whether it learns.",
        )
    right = guess == right_word(known)
    result = f"One run: **{describe_success(known, r, k)}**."
    return with_verdict(judge_guess(guess, right), f"{result} {before} Another seed may differ.")


def show_horizon() -> None:
    """Draw the map as far as it is known."""

    def draw(found: Mapping[Trial, Result]) -> None:
        rows, results = _known_rows(), _by_spec(found)
        if len(rows) < len(ROWS):
            st.write(f"Computing the reach before training: {len(rows)} of {len(ROWS)} rows.")
        known = _map(results, hash(frozenset(results)), rows, *LENGTHS)
        figure = horizon_squares(known, theme=charts.theme())
        charts.show(figure, horizon_squares_alt(known), key="gradient horizon")
        st.caption(LEGEND)
        with st.expander("Read the map as text"):
            st.text(horizon_squares_alt(known).replace(". ", ".\n"))

    def unfinished() -> bool:
        return int(st.session_state.get(_KNOWN, 0)) < len(ROWS)

    progress.follow([horizon_experiment()], draw, lasts=LASTS, unfinished=unfinished)
