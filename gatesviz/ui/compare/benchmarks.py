"""Claims that are measured here and now: a button, some seconds, and the answer."""

from collections.abc import Hashable
from functools import partial

import streamlit as st

from gatesviz.engine.background import BackgroundCalls
from gatesviz.experiments.claims import Benchmark, Measurement
from gatesviz.experiments.scripts import benchmark_script
from gatesviz.training import OwnData
from gatesviz.ui.browser_session import owner
from gatesviz.ui.compare.claim_charts import Drawn, draw, judge, once
from gatesviz.ui.notices import sentence
from gatesviz.ui.user_data import offer_own

KEPT = 64


def key_of(here: Benchmark, task: str | OwnData) -> Hashable:
    """Return what tells a measurement from others: a title is part of what is said about it."""
    return here.key, task if isinstance(task, str) else (task.digest, task.title)


@st.cache_resource(show_spinner=False)
def bench() -> BackgroundCalls[Measurement]:
    """Return this server's measurements."""
    return BackgroundCalls(KEPT)


EVERY = 0.5  # seconds
_OWNER, _BUSY = "bench owner", "bench busy"
PRINCIPLE = (
    "**Principle.** How long a cell takes belongs to a machine and a library as much as to the"
    " cell. The matrix products of a GRU need three quarters of the multiplications of those of an"
    " LSTM. Whether that shows depends on who wrote the kernel: on a processor PyTorch makes an"
    " LSTM's whole sequence one fused operation, and a GRU's one step after the other. So measure"
    " where the model will run."
)
NEEDS = (
    "**Principle.** Parameters can be counted on paper: a cell has as many as it has blocks. Memory"
    " for training is mostly something else, namely what has to be kept of the forward pass for the"
    " way back; it grows with steps, sequences and units, and it depends on what the library's"
    " kernel keeps."
)
MARKS = (
    "One mark is one round, in which every cell has its turn. The bar is the median, with the"
    " interval where it may lie (95 %)."
)
BUSY = "Something else is being measured just now, and two at a time would slow each other."


def principle(here: Benchmark) -> str:
    """Return what the claim teaches: of time, or of what is needed."""
    return NEEDS if here.counted or here.key == "memory" else PRINCIPLE


def show_here(here: Benchmark, task: str | OwnData, guess: str | None) -> None:
    """Draw the button, the measurement under way, and what was measured last."""
    st.text(here.measures)
    if here.counted:
        _draw(here, here.measure(task), task, guess)
    else:
        _follow(here, task, guess)


def _follow(here: Benchmark, task: str | OwnData, guess: str | None) -> None:
    busy = bench().under_way() is not None

    @st.fragment(run_every=EVERY if busy else None)
    def body() -> None:
        turn, key, me = bench().under_way(), key_of(here, task), owner(_OWNER)
        if (turn is not None) != busy:
            st.rerun()  # the timer begins or ends
        found, late = bench().found(key), st.session_state.pop(_BUSY, False)
        if turn is None:
            st.button(
                f"Measure{' again' if found else ''} (some seconds)", on_click=_begin,
                args=(here, task, me), key=f"measure {here.key}",
            )  # fmt: skip
        elif turn.owner == me:
            st.button(
                "Stop", on_click=partial(bench().stop, owner=me), key=f"halt {here.key}"
            )  # fmt: skip
        if turn is not None or late:
            mine = turn is not None and turn.key == key
            st.write("Measuring: some seconds." if mine else BUSY)
        if problem := bench().problem(key):
            st.error("That could not be measured.")
            st.text(sentence(problem))
        if found:
            _draw(here, found, task, guess)

    body()


def _begin(here: Benchmark, task: str | OwnData, me: str) -> None:
    if not bench().begin(key_of(here, task), partial(here.begin, task), me):
        st.session_state[_BUSY] = True


def _draw(here: Benchmark, found: Measurement, task: str | OwnData, guess: str | None) -> None:
    identity = (key_of(here, task), "" if here.counted else found.measured)
    said = once(("said", *identity), found.findings)
    if not judge(said, guess, partial=False):
        return
    drawn = Drawn(
        y_name=here.y_name,
        on=found.specs["lstm"].learned.title,
        setting=found.setting,
        marks="" if here.counted else MARKS,
        unit="" if here.counted else "round",
    )
    draw(here, said, drawn, identity, script=lambda: benchmark_script(here, task))
    if isinstance(task, OwnData):
        offer_own(task)
    if not here.counted:
        st.text(f"{found.setting}. Measured {found.when} on {found.machine}.")
