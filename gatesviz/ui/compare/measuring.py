"""Claims that are measured here and now: a button, some seconds, and the answer."""

import streamlit as st

from gatesviz.experiments.claims import Here, Measured
from gatesviz.experiments.scripts import here_script
from gatesviz.tasks import TASKS
from gatesviz.training import OwnData
from gatesviz.ui.compare.bench import bench, key_of
from gatesviz.ui.compare.drawing import draw_points, judge
from gatesviz.ui.notices import sentence
from gatesviz.ui.own import offer_own
from gatesviz.ui.presence import owner

EVERY = 0.5  # seconds
_OWNER, _BUSY = "bench owner", "bench busy"
PRINCIPLE = (
    "**Principle.** How long a cell takes belongs to a machine and a library as much as to the"
    " cell. A GRU has three quarters of an LSTM's multiplications; whether that shows depends on"
    " who wrote the kernel: on a processor PyTorch makes an LSTM's whole sequence one fused"
    " operation, and a GRU's one step after the other. So measure where the model will run."
)
MARKS = "One mark is one round, in which every cell has its turn. The bar is the median."
BUSY = "Something else is being measured just now, and two at a time would slow each other."


def show_here(here: Here, task: str | OwnData, guess: str | None) -> None:
    """Draw the button, the measurement under way, and what was measured last."""
    st.text(here.measures)
    if here.counted:
        _draw(here, here.measure(task), task, guess)
        return
    _follow(here, task, guess)


def _follow(here: Here, task: str | OwnData, guess: str | None) -> None:
    busy = bench().poll() is not None

    @st.fragment(run_every=EVERY if busy else None)
    def body() -> None:
        turn, key, me = bench().poll(), key_of(here, task), owner(_OWNER)
        if (turn is not None) != busy:
            st.rerun()  # the timer begins or ends
        if turn is None:
            again = " again" if bench().found(key) else ""
            st.button(
                f"Measure{again} (some seconds)", on_click=_begin, args=(here, task, me),
                key=f"measure {here.key}",
            )  # fmt: skip
        else:
            st.write("Measuring: some seconds." if turn.key == key else BUSY)
            if turn.owner == me:
                st.button("Stop", on_click=bench().stop, args=(me,), key=f"halt {here.key}")
        if st.session_state.pop(_BUSY, False):
            st.write(BUSY)
        if problem := bench().problem(key):
            st.error("That could not be measured.")
            st.text(sentence(problem))
        if found := bench().found(key):
            _draw(here, found, task, guess)

    body()


def _begin(here: Here, task: str | OwnData, me: str) -> None:
    if not bench().begin(here, task, me):
        st.session_state[_BUSY] = True


def _draw(here: Here, found: Measured, task: str | OwnData, guess: str | None) -> None:
    said = found.said()
    judge(said, guess, partial=False)
    learned = task.task if isinstance(task, OwnData) else TASKS[task]
    marks = "" if here.counted else MARKS
    draw_points(
        here,
        said,
        y_name=here.y_name,
        on=learned.title,
        marks=marks,
        shares=False,
        script=lambda: here_script(here, task),
    )
    if isinstance(task, OwnData):
        offer_own(task)
    if not here.counted:
        st.text(f"{found.setting}. Measured {found.when} on {found.machine}.")
