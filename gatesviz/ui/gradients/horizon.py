"""The memory-horizon map: what a fresh gradient reaches, and what training then learns."""

import time
from collections.abc import Mapping

import streamlit as st

from gatesviz.experiments import HorizonMap, Result, horizon_experiment, horizon_map
from gatesviz.experiments.horizon import LENGTHS, ROWS
from gatesviz.figures import horizon_squares, horizon_squares_alt, success, written
from gatesviz.training import TrainingSpec
from gatesviz.ui.gradients import lines
from gatesviz.ui.gradients.parameters import LEARNS
from gatesviz.ui.gradients.progress import follow, kept
from gatesviz.ui.guesses import ask_guess

ROW, LENGTH = "LSTM, b = 1", 50
PATIENCE = 0.3  # seconds of measuring before the page is drawn
_KNOWN = "gradient horizon rows"
LASTS = "one to some minutes on two cores"
SETTING = (
    "Each square is a cell of 16 units that must tell, after so many steps of noise, which of two"
    " letters came first (the latch problem of Bengio, Simard & Frasconi 1994): how much of the"
    " loss's gradient reaches the first input before training (the median of five fresh models),"
    " what the forget bias alone predicts, σ(b)ᵀ⁻¹, and whether a run of up to 1,000"
    " updates learns it."
)
PRINCIPLE = (
    "**Principle.** A run learns from an early input only while the gradient arrives there. The"
    " first weights set where that begins: an LSTM with a large forget bias has the reach from the"
    " first update on. But training moves the reach. A run can lose what it had, and a run that"
    " began without any can find it, with some seeds and not with others."
)
"""What a teacher could say of the map and of the runs below it."""
SOURCES = (
    "Forget bias: Gers, Schmidhuber & Cummins 2000; Jozefowicz, Zaremba & Sutskever 2015. One bias"
    " for each time scale (chrono): Tallec & Ollivier 2018."
)


@st.cache_data(max_entries=32, show_spinner=False)
def _map(
    _results: Mapping[TrainingSpec, Result], finished: int, rows: tuple[str, ...], *lengths: int
) -> HorizonMap:
    """Return a part of the map; ``finished`` tells which results are there."""
    return horizon_map(_results, rows, lengths)


def _known_rows() -> tuple[str, ...]:
    """Return the rows whose reach is measured; another one or more each time it is asked.

    All of them at once take seconds, in which nobody's page would move.
    """
    known, rows = st.session_state.get(_KNOWN, 0), tuple(ROWS)
    end = time.monotonic() + PATIENCE
    while known < len(rows) and time.monotonic() < end:
        _map({}, 0, (rows[known],), *LENGTHS)
        known += 1
    st.session_state[_KNOWN] = known
    return rows[:known]


def draw_guess() -> None:
    """Ask whether the usual forget bias is enough; answer with the measured square."""
    guess = ask_guess(
        "**Can an LSTM with forget bias 1 learn to remember one letter through"
        f" {LENGTH} steps of noise, in at most 1,000 updates?** Guess, then see.",
        LEARNS,
        key="grhor",
        about=(ROW, LENGTH),
    )
    if guess is not None:
        results = kept(horizon_experiment())
        st.write(compare_guess(_map(results, hash(frozenset(results)), (ROW,), LENGTH), guess))


def compare_guess(known: HorizonMap, guess: str) -> str:
    """Return how the guess compares with what was measured."""
    r, k = known.rows.index(ROW), known.lengths.index(LENGTH)
    reach, said = written(float(known.reach[r, k])), written(float(known.predicted[r, k]))
    before = (
        f"before training **{reach}** of the gradient at the last input reaches the first one"
        f" (σ(b)⁴⁹: {said})"
    )
    if (lost := int(known.overflow[r, k])) >= 0:
        before = f"before training the gradient **overflows** {lost} steps back"
    if not known.tried[r, k]:
        return f"Measured so far: {before}. Whether it then learns, the runs below will tell."
    learnt = LEARNS[0] if known.solved[r, k] else LEARNS[1]
    verdict = "Yes" if guess == learnt else "Not quite"
    right = f"you said {guess}, it was **{success(known, r, k)}**"
    return f"{verdict}: {right}; {before}. One run proves little: another seed may differ."


def show_horizon() -> None:
    """Draw the map as far as it is known."""

    def draw(results: Mapping[TrainingSpec, Result]) -> None:
        rows = _known_rows()
        if len(rows) < len(ROWS):
            st.write(f"Measuring the reach before training: {len(rows)} of {len(ROWS)} cells.")
        known = _map(results, hash(frozenset(results)), rows, *LENGTHS)
        figure = horizon_squares(known, theme=lines.theme())
        lines.show(figure, horizon_squares_alt(known), key="gradient horizon")
        with st.expander("The map in words, for a narrow screen"):
            st.text(horizon_squares_alt(known).replace(". ", ".\n"))

    def unfinished() -> bool:
        return int(st.session_state.get(_KNOWN, 0)) < len(ROWS)

    follow(horizon_experiment(), draw, lasts=LASTS, unfinished=unfinished)
