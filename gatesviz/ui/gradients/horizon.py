"""The memory-horizon map: how far a fresh gradient reaches, and what training then learns."""

import time
from collections.abc import Mapping

import streamlit as st

from gatesviz.experiments import HorizonMap, Result, Trial, horizon_experiment, horizon_map
from gatesviz.experiments.horizon import LENGTHS, ROWS
from gatesviz.experiments.known.release import released
from gatesviz.figures import describe_success, horizon_squares, horizon_squares_alt, written
from gatesviz.training import TrainingSpec
from gatesviz.ui import charts, progress
from gatesviz.ui.gradients.parameters import LEARNS, LEARNS_FIELD, SHOW_FIELD
from gatesviz.ui.gradients.sentences import step_count
from gatesviz.ui.guesses import ask_guess, details, may_show, with_verdict

ROW, LENGTH = "LSTM, b = 1", 50
PATIENCE = 0.3  # seconds of measuring before the page is drawn
_KNOWN = "gradient horizon rows"
LASTS = "about a minute"
LEGEND = (
    "Each square stands for one cell, trained on sequences of one length. The first line"
    " in a square is the result. ✓ 32 means that the model learnt the task after 32 updates. ✗"
    " means that it didn't learn it in 1,000 updates. … means that it isn't trained yet. The second"
    " line is the reach before training, the median of five untrained models. The reach is ‖∂L/∂x‖"
    " at the first step, divided by ‖∂L/∂x‖ at the last step. An LSTM's square has a third line:"
    " the reach that its forget bias b alone predicts, σ(b)ᵀ⁻¹."
)
SETTING = (
    "The memory horizon of a cell is the largest number of steps over which it can learn to"
    " remember."
    " A cell with 16 hidden units reads the letter A or B, then noise. At the end, it must name the"
    " letter. A run trains one cell for at most 1,000 updates. All its sequences have the same"
    " number of steps."
)
PRINCIPLE = (
    "**Principle.** A run learns from an early input only if, at some time in training, the"
    " gradient reaches it. A large forget bias gives an LSTM this reach from the start. But the"
    " reach before training doesn't decide alone what is learnt: training can increase or reduce"
    " it."
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
        with details("horizon"):
            st.write(compare_guess(_asked(), guess))
    return may_show(guess, SHOW_FIELD)


def _asked() -> HorizonMap:
    """Return the square of the question, as far as it is known."""
    results = _by_spec({**_shipped(), **progress.known_results([horizon_experiment()])})
    return _map(results, hash(frozenset(results)), (ROW,), LENGTH)


@st.cache_data(show_spinner=False)
def _shipped() -> dict[Trial, Result]:
    """Return the results that come with the package: all rows but that of b = 2."""
    return released(horizon_experiment().trials)


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
        "The reach is ‖∂L/∂x‖ at the first step, divided by ‖∂L/∂x‖ at the last step. Before"
        f" training, the median reach of such LSTMs over {LENGTH} steps is **{reach}**. The forget"
        f" bias b = 1 alone predicts σ(b)⁴⁹ = {written(float(known.predicted[r, k]))}. This"
        " prediction ignores the path through W_hh. It also ignores that f depends on x and h."
    )
    if (lost := int(known.overflow[r, k])) >= 0:
        before = f"Before training, the gradient **overflows** {step_count(lost)} back."
    if not known.tried[r, k]:
        return with_verdict(
            f"You guessed {guess}.",
            f"{before} Start the training runs below to see whether this LSTM learns.",
        )
    right = right_word(known)
    verdict = f"You guessed {guess}: {'right' if guess == right else f'the answer is {right}'}."
    success = describe_success(known, r, k).replace("not learnt", "did not learn")
    result = f"In our run, the LSTM **{success}**."
    return with_verdict(verdict, f"{result} {before} With another seed, the result may differ.")


def show_horizon() -> None:
    """Draw the map as far as it is known."""

    def draw(found: Mapping[Trial, Result]) -> None:
        rows, results = _known_rows(), _by_spec(found)
        if len(rows) < len(ROWS):
            st.write(f"Computing the map, row by row: {len(rows)} of {len(ROWS)} rows.")
        known = _map(results, hash(frozenset(results)), rows, *LENGTHS)
        figure = horizon_squares(known, theme=charts.theme())
        charts.show(figure, horizon_squares_alt(known), key="gradient horizon")
        st.caption(LEGEND)
        with st.expander("Read the map as text"):
            st.text(horizon_squares_alt(known).replace(". ", ".\n"))

    def unfinished() -> bool:
        return int(st.session_state.get(_KNOWN, 0)) < len(ROWS)

    progress.follow(
        [horizon_experiment()], draw, lasts=LASTS, unfinished=unfinished, shipped=_shipped()
    )
