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
from gatesviz.ui.script_turns import step_aside

EVERY, PATIENCE = 0.5, 180.0  # seconds
_OWNER, _ALL = "course owner", "course all"
HEAD = (
    "Cell", "Seed", "Reach before training", "Largest reach", "At update", "Solved at",
    "Spectral radius ρ",
)  # fmt: skip
SETTING = (
    f"Train one model on sequences of {LENGTH} steps. Training stops when the model solves the"
    f" task, or after {UPDATES:,} updates. The reach is measured on the first batch, at least after"
    " every fifth update. ρ is the largest absolute eigenvalue of W_hh, before and after training."
)


@st.cache_resource(show_spinner=False)
def _courses() -> BackgroundCalls[Course]:
    """Return the runs that this server has measured so far."""
    return BackgroundCalls(len(ROWS) * SEEDS)


def show_courses() -> None:
    """Let the reader measure a run; draw its reach, and a table of all runs so far."""
    st.header("Does the reach before training decide what a run learns?")
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
    """Return whether a run is being measured; start the next one if the reader wants all."""
    turn, me = _courses().under_way(), owner(_OWNER)
    missing = next((spec for spec in _specs() if not _known(spec)), None)
    if missing is None:
        st.session_state[_ALL] = False
    elif turn is None and st.session_state.get(_ALL):
        _begin(missing)
        turn = _courses().under_way()
    return turn is not None and turn.owner == me


def _known(spec: TrainingSpec) -> bool:
    return _courses().found(spec) is not None or bool(_courses().problem(spec))


def _specs() -> list[TrainingSpec]:
    return [latch(name, LENGTH, seed) for seed in range(SEEDS) for name in ROWS]


def _buttons(spec: TrainingSpec, busy: bool) -> None:
    if busy:
        measured = sum(_courses().found(one) is not None for one in _specs())
        st.write(f"Training. {measured} of {len(_specs())} runs are done.")
        st.button("Stop", key="stop course", on_click=_stop)
        return
    with st.container(horizontal=True):
        if _courses().found(spec) is None:
            st.button("Train this model (a few seconds)", on_click=_begin, args=(spec,))
        if any(not _known(one) for one in _specs()):
            label = f"Train all cells with all seeds: {len(_specs())} runs (a few minutes)"
            st.button(label, on_click=lambda: st.session_state.update({_ALL: True}))


def _begin(spec: TrainingSpec) -> None:
    step_aside()  # starting a process takes a moment
    _courses().begin(spec, partial(run_in_process, PATIENCE, course, spec), owner(_OWNER))


def _stop() -> None:
    st.session_state[_ALL] = False
    _courses().stop(owner=owner(_OWNER))


def _table() -> None:
    courses = [one for spec in _specs() if (one := _courses().found(spec)) is not None]
    courses.sort(key=lambda one: ROWS.index(row(one)[0]))
    if courses:
        st.text(summary(courses))
        st.table([dict(zip(HEAD, row(one), strict=True)) for one in courses], hide_index=True)
