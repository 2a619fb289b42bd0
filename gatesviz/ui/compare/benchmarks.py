"""Benchmarks: claims that a measurement of a few seconds answers."""

from collections.abc import Hashable
from functools import partial

import streamlit as st

from gatesviz.engine.background import BackgroundCalls
from gatesviz.experiments.claims import Benchmark, Measurement
from gatesviz.experiments.claims.release import released_measurement
from gatesviz.experiments.scripts import benchmark_script
from gatesviz.training import OwnData
from gatesviz.ui.browser_session import owner
from gatesviz.ui.compare.claim_charts import ChartText, cached, draw_claim, show_answer
from gatesviz.ui.notices import sentence
from gatesviz.ui.persons import person
from gatesviz.ui.script_turns import step_aside
from gatesviz.ui.user_data import offer_own

REMEMBERED = 64  # measurements
EVERY = 0.5  # seconds
_OWNER, _WISH = "bench owner", "bench wish"
PRINCIPLE = (
    "**Principle.** How long a cell takes depends on the machine and the library as much as on the"
    " cell. So measure on the machine where the model will run."
)
SOURCES = (
    "In its matrix products, a GRU needs ¾ as many multiplications as an LSTM. On a CPU,"
    " PyTorch computes all steps of an LSTM in one call, but a GRU one step at a time."
)
NEEDS = (
    "**Principle.** You can count parameters on paper: they grow with the number of blocks. Memory"
    " for training is mostly the activations that the backward pass needs, so measure it."
)
NEEDS_SOURCES = (
    "Activations grow with steps, sequences and hidden units, and depend on what the library's"
    " kernel stores."
)
MARKS = (
    "One mark is one round, in which each cell is timed once. The bar is the median with its 95 %"
    " bootstrap interval."
)
BUSY = "Another measurement is running. Two at a time would slow each other, so wait for its end."
WAITING = "Another measurement goes first. Yours begins by itself."


def key_of(benchmark: Benchmark, task: str | OwnData) -> Hashable:
    """Return what identifies a measurement: the benchmark, and the data with its title."""
    return benchmark.key, task if isinstance(task, str) else (task.digest, task.title)


@st.cache_resource(show_spinner=False)
def measurements() -> BackgroundCalls[Measurement]:
    """Return this server's measurements."""
    return BackgroundCalls(REMEMBERED)


def principle(benchmark: Benchmark) -> tuple[str, str]:
    """Return the principle that a benchmark teaches, and the caption with its reasons."""
    memory = benchmark.counted or benchmark.key == "memory"
    return (NEEDS, NEEDS_SOURCES) if memory else (PRINCIPLE, SOURCES)


def show_benchmark(benchmark: Benchmark, task: str | OwnData, guess: str | None) -> None:
    """Draw the last result, the measurement that runs, and the button.

    Before anybody has measured on this server, the result is the one that ships.
    """
    if benchmark.counted:
        _draw(benchmark, benchmark.measure(task), task, guess)
    else:
        _follow(benchmark, task, guess)


def _follow(benchmark: Benchmark, task: str | OwnData, guess: str | None) -> None:
    busy = _waits(benchmark, task) or measurements().under_way() is not None

    @st.fragment(run_every=EVERY if busy else None)
    def body() -> None:
        waits = _waits(benchmark, task)
        turn, key = measurements().under_way(), key_of(benchmark, task)
        mine = turn is not None and turn.owner == owner(_OWNER)
        if (waits or turn is not None) != busy:
            st.rerun()  # the timer begins or ends
        found = measurements().found(key) or _shipped(benchmark, task)
        if found:
            _draw(benchmark, found, task, guess)
        elif turn is None and not waits:
            st.write("This isn't measured yet. Measure it to see an answer.")
        if mine or waits:
            st.button("Stop", on_click=_stop, key=f"halt {benchmark.key}")
        elif turn is None:
            again = "again on this server " if found else ""
            st.button(
                f"Measure {again}(a few seconds)", on_click=_wish,
                args=(key,), key=f"measure {benchmark.key}",
            )  # fmt: skip
        if waits:
            st.write(WAITING)
        elif turn is not None:
            st.write("Measuring, a few seconds…" if turn.key == key else BUSY)
        if problem := measurements().problem(key):
            st.error("The measurement failed.")
            st.text(sentence(problem))

    body()


def _shipped(benchmark: Benchmark, task: str | OwnData) -> Measurement | None:
    return released_measurement(benchmark, task) if isinstance(task, str) else None


def _waits(benchmark: Benchmark, task: str | OwnData) -> bool:
    """Begin the measurement that this reader asked for. Return whether it isn't its turn yet."""
    key = key_of(benchmark, task)
    if st.session_state.get(_WISH) != key:
        st.session_state.pop(_WISH, None)  # another card or other data asked for it
        return False
    if measurements().under_way() is None:
        step_aside()  # starting a process takes a moment
    call = partial(benchmark.begin, task)
    if not measurements().begin(key, call, owner(_OWNER), person()):
        return True
    st.session_state.pop(_WISH)
    return False


def _wish(key: Hashable) -> None:
    st.session_state[_WISH] = key


def _stop() -> None:
    st.session_state.pop(_WISH, None)
    measurements().stop(owner=owner(_OWNER))


def _draw(benchmark: Benchmark, found: Measurement, task: str | OwnData, guess: str | None) -> None:
    identity = (key_of(benchmark, task), "" if benchmark.counted else found.measured)
    findings = cached(("findings", *identity), found.findings)
    if not show_answer(findings, guess, partial=False):
        return
    words = ChartText(
        y_name=benchmark.y_name,
        data=found.spec.learned.title,
        setting=found.setting,
        marks="" if benchmark.counted else MARKS,
        unit="" if benchmark.counted else "round",
    )
    draw_claim(
        benchmark, findings, words, identity, script=lambda: benchmark_script(benchmark, task)
    )
    if isinstance(task, OwnData):
        offer_own(task)
    if not benchmark.counted:
        st.text(f"Setting: {found.setting}. Measured on {found.when} on {found.machine}.")
