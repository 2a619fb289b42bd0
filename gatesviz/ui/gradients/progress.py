"""An experiment on a page: what is kept is shown at once, the rest is asked for with a button."""

from collections.abc import Callable, Mapping

import streamlit as st

from gatesviz.experiments import Asking, Experiment, Progress, Result, begin, results_store
from gatesviz.training import TrainingSpec

EVERY = 1.0  # seconds
_ASKING = "gradient experiments"


def kept(experiment: Experiment) -> dict[TrainingSpec, Result]:
    """Return the results that are known, of this visit or another one."""
    known = results_store().known(experiment.trials)
    return {trial.spec: result for trial, result in known.items()}


def follow(
    experiment: Experiment,
    draw: Callable[[Mapping[TrainingSpec, Result]], None],
    *,
    lasts: str,
    unfinished: Callable[[], bool] = lambda: False,
) -> None:
    """Draw what is known, again and again while more is measured, and the buttons.

    ``lasts`` says how long the runs may take; ``unfinished`` whether ``draw`` has more to show
    when it is called again.
    """
    mine: dict[Experiment, Asking] = st.session_state.setdefault(_ASKING, {})
    busy, growing = _running(mine.get(experiment)), unfinished()

    @st.fragment(run_every=EVERY if busy or growing else None)
    def body() -> None:
        asking = mine.get(experiment)  # a click in here may have made it
        now = asking.poll() if asking else None
        running = now is not None and now.running
        if running != busy or unfinished() != growing:
            st.rerun()  # the timer begins or ends
        if asking and now and running:
            _told(now)
            st.button("Stop", key=f"stop {experiment.name}", on_click=_stop, args=(asking,))
        results = kept(experiment)
        if not busy:
            _offer(experiment, mine, len(results), lasts)
        if now and not now.running:
            _messages(now)
        draw(results)
        if results:
            st.text(_source(results))

    body()


def _offer(experiment: Experiment, mine: dict[Experiment, Asking], known: int, lasts: str) -> None:
    """Draw the button that asks for the runs beyond the ``known`` ones, if there are any."""
    missing = len(experiment.trials) - known
    if missing:
        st.button(
            f"Measure {'the other ' if known else ''}{_runs(missing)} ({lasts})",
            key=f"begin {experiment.name}",
            on_click=lambda: mine.update({experiment: begin(experiment)}),
        )


def _running(asking: Asking | None) -> bool:
    return asking is not None and asking.poll().running


def _stop(asking: Asking) -> None:
    asking.stop()


def _told(now: Progress) -> None:
    left = "" if now.seconds_left is None else f", {now.seconds_left:,.0f} s left at most"
    st.progress(now.done / now.of, f"{now.done:,} of {now.of:,} runs are finished{left}")
    _messages(now)


def _messages(now: Progress) -> None:
    for message in now.messages:
        st.text(f"{message[:1].upper()}{message[1:]}.")


def _source(results: Mapping[TrainingSpec, Result]) -> str:
    last = max(results.values(), key=lambda result: result.measured)
    return f"{_runs(len(results))}, the last one measured {last.when} on {last.machine}; kept."


def _runs(number: int) -> str:
    return f"{number:,} {'run' if number == 1 else 'runs'}"
