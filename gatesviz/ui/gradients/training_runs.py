"""Reach before training beside reach while a run learns: measured here, one run at a time."""

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
from gatesviz.ui.browser_session import owner
from gatesviz.ui.gradients import lines
from gatesviz.ui.notices import sentence

EVERY, PATIENCE = 0.5, 180.0  # seconds
_OWNER, _ALL = "course owner", "course all"
HEAD = ("Cell", "Seed", "Reach before training", "Largest", "After update", "Solved after", "ρ")
SETTING = (
    f"One run at {LENGTH} steps: its reach before training, and on the way until it is solved, or"
    f" for {UPDATES:,} updates. The reach is measured on the first batch of the run, after every"
    " fifth update, and after every single one while it is above 10⁻⁵. ρ is the spectral radius of"
    " W_hh, before training and at the end."
)


@st.cache_resource(show_spinner=False)
def _courses() -> BackgroundCalls[Course]:
    """Return the runs that this server has measured."""
    return BackgroundCalls(len(ROWS) * SEEDS)


def show_courses() -> None:
    """Let the reader choose a run and measure it; draw its course, and a table of all so far."""
    st.header("Reach before training, and while a run learns")
    st.write(SETTING)
    left, right = st.columns([3, 1])
    name = left.segmented_control(
        "Cell of the run", ROWS, default=ROWS[0], key="grrow", bind="query-params", required=True
    )
    seed = right.number_input("Seed of the run", 0, SEEDS - 1, 0, key="grrun", bind="query-params")
    spec = latch(name or ROWS[0], LENGTH, int(seed))
    busy = _follow()

    @st.fragment(run_every=EVERY if busy else None)
    def body() -> None:
        if _follow() != busy:
            st.rerun()  # the timer begins or ends
        _buttons(spec, busy)
        if problem := _courses().problem(spec):
            st.error("That could not be measured.")
            st.text(sentence(problem))
        if found := _courses().found(spec):
            alt = reach_course_alt(found)
            lines.show(reach_course(found, theme=lines.theme()), alt, key="gradient course")
            st.text(alt)
        _table()

    body()


def _follow() -> bool:
    """Return whether a run is being measured; begin the next one where all were asked for."""
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
        st.write(f"Training and measuring. {measured} of {len(_specs())} runs are measured.")
        st.button("Stop", key="stop course", on_click=_stop)
        return
    with st.container(horizontal=True):
        if _courses().found(spec) is None:
            st.button("Train and measure this run (some seconds)", on_click=_begin, args=(spec,))
        if any(not _known(one) for one in _specs()):
            label = f"Train and measure all {len(_specs())} runs (minutes)"
            st.button(label, on_click=lambda: st.session_state.update({_ALL: True}))


def _begin(spec: TrainingSpec) -> None:
    _courses().begin(spec, partial(run_in_process, PATIENCE, course, spec), owner(_OWNER))


def _stop() -> None:
    st.session_state[_ALL] = False
    _courses().stop(owner=owner(_OWNER))


def _table() -> None:
    found = [one for spec in _specs() if (one := _courses().found(spec)) is not None]
    found.sort(key=lambda one: ROWS.index(row(one)[0]))
    if found:
        st.text(summary(found))
        st.table([dict(zip(HEAD, row(one), strict=True)) for one in found], hide_index=True)
