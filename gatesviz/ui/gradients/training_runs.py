"""The reach before training and during training, measured one run at a time."""

from functools import partial

import streamlit as st

from gatesviz.engine.background import BackgroundCalls, run_in_process
from gatesviz.experiments.horizon import latch
from gatesviz.experiments.training_reach import (
    LENGTH,
    ROWS,
    SEEDS,
    UPDATES,
    Course,
    course,
    row,
    summary,
)
from gatesviz.figures import reach_course, reach_course_alt
from gatesviz.training import TrainingSpec
from gatesviz.ui import charts
from gatesviz.ui.browser_session import owner
from gatesviz.ui.gradients.parameters import ROW_FIELD, RUN_FIELD
from gatesviz.ui.notices import sentence
from gatesviz.ui.persons import person
from gatesviz.ui.script_turns import step_aside

EVERY, PATIENCE = 0.5, 180.0  # seconds
_OWNER, _WISH = "course owner", "course wish"
HEAD = (
    "Cell", "Seed", "Reach before training", "Largest reach", "At update", "Solved at",
    "Spectral radius ρ",
)  # fmt: skip
SETTING = (
    f"Train one model on sequences of {LENGTH} steps. Training stops when the model solves the"
    f" task, or after {UPDATES:,} updates. The app measures the reach at least every fifth"
    " update, each time with the same batch, the first one. The table shows the spectral radius ρ"
    " before and after training. W_hh has one block of H × H weights for each gate and the"
    " candidate; ρ is the largest absolute eigenvalue of all blocks."
)


@st.cache_resource(show_spinner=False)
def _courses() -> BackgroundCalls[Course]:
    """Return the runs that this server has measured so far."""
    return BackgroundCalls(len(ROWS) * SEEDS)


def show_courses() -> None:
    """Let the reader measure a run; draw its reach, and a table of all runs so far."""
    st.header("Does the reach before training decide whether a run learns?")
    st.write(SETTING)
    left, right = st.columns([3, 1])
    with left:
        name = ROW_FIELD.draw()
    with right:
        seed = RUN_FIELD.draw()
    spec = latch(name, LENGTH, int(seed))
    busy = _follow()

    @st.fragment(run_every=EVERY if busy else None)
    def body() -> None:
        if _follow() != busy:
            st.rerun()  # the timer begins or ends
        _buttons(spec, busy)
        if problem := _courses().problem(spec):
            st.error("That didn't work.")
            st.text(sentence(problem))
        if one := _courses().found(spec):
            alt = reach_course_alt(one)
            charts.show(reach_course(one, theme=charts.theme()), alt, key="gradient course")
            st.text(alt)
        _table()

    body()


def _follow() -> bool:
    """Return whether this reader waits for a run; start it when it is its turn."""
    turn = _courses().under_way()
    wished: list[TrainingSpec] = st.session_state.get(_WISH, [])
    missing = next((spec for spec in wished if not _known(spec)), None)
    if missing is None:
        st.session_state[_WISH] = []
        return False
    if turn is None:
        step_aside()  # starting a process takes a moment
    call = partial(run_in_process, PATIENCE, course, missing)
    _courses().begin(missing, call, owner(_OWNER), person())
    return True


def _known(spec: TrainingSpec) -> bool:
    return _courses().found(spec) is not None or bool(_courses().problem(spec))


def _specs() -> list[TrainingSpec]:
    return [latch(name, LENGTH, seed) for seed in range(SEEDS) for name in ROWS]


def _buttons(spec: TrainingSpec, busy: bool) -> None:
    if busy:
        measured, turn = sum(_courses().found(one) is not None for one in _specs()), "Training."
        if (now := _courses().under_way()) is not None and now.owner != owner(_OWNER):
            turn = "Another measurement goes first. Yours begins by itself."
        st.write(f"{turn} {measured} of {len(_specs())} runs are done.")
        st.button("Stop", key="stop course", on_click=_stop)
        return
    with st.container(horizontal=True):
        if _courses().found(spec) is None:
            st.button("Train this model (a few seconds)", on_click=_wish, args=([spec],))
        if any(not _known(one) for one in _specs()):
            runs = f"{len(ROWS)} cells with {SEEDS} seeds each: {len(_specs())} runs"
            label = f"Train all {runs} (a few minutes)"
            st.button(label, on_click=_wish, args=(_specs(),))


def _wish(specs: list[TrainingSpec]) -> None:
    if len(specs) == 1:
        _courses().forgive(specs[0])
    st.session_state[_WISH] = specs


def _stop() -> None:
    st.session_state[_WISH] = []
    _courses().stop(owner=owner(_OWNER))


def _table() -> None:
    courses = [one for spec in _specs() if (one := _courses().found(spec)) is not None]
    courses.sort(key=lambda one: ROWS.index(row(one)[0]))
    if courses:
        st.text(summary(courses))
        st.table([dict(zip(HEAD, row(one), strict=True)) for one in courses], hide_index=True)
