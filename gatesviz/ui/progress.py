"""Experiments on a page: stored results are shown at once, and a button runs the rest."""

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from gatesviz.experiments import (
    Experiment,
    ExperimentRun,
    Progress,
    Result,
    Trial,
    begin,
    results_store,
)
from gatesviz.ui.notices import sentence
from gatesviz.ui.persons import address, person

EVERY = 1.0  # seconds
_RUNS = "experiment runs"
Found = Mapping[Trial, Result]


def known_results(experiments: Sequence[Experiment]) -> dict[Trial, Result]:
    """Return the stored results, of this session and of earlier ones."""
    return results_store().get_all(trial for each in experiments for trial in each.trials)


def follow(
    experiments: Sequence[Experiment],
    draw: Callable[[Found], None],
    *,
    lasts: str,
    unfinished: Callable[[], bool] = lambda: False,
    shipped: Found | None = None,
    report: bool = True,
) -> None:
    """Draw the results so far, update them while runs are measured, and draw the buttons.

    Args:
        experiments: their runs are what the buttons measure.
        draw: draws the results.
        lasts: how long the runs may take, such as "about a minute".
        unfinished: whether ``draw`` has more to show.
        shipped: results that come with the package, shown until they are measured here.
        report: whether to report a problem with saved results here; see `report_problem`.
    """
    mine: dict[Experiment, ExperimentRun] = st.session_state.setdefault(_RUNS, {})
    busy, growing = _running(_polled(experiments, mine)), unfinished()

    @st.fragment(run_every=EVERY if busy or growing else None)
    def body() -> None:
        polled = _polled(experiments, mine)  # a click in the fragment may have started them
        if _running(polled) != busy or unfinished() != growing:
            st.rerun()  # the timer starts or stops
        if busy:
            _show_messages(polled)
            _offer_stop(experiments, mine)
        own = known_results(experiments)
        if report:
            report_problem()
        results = {**(shipped or {}), **own}
        repeats = len(results) == _count(experiments) > len(own)
        if not busy and not repeats:
            _offer(experiments, mine, len(own), lasts)
        if not busy:
            _messages(polled)
        draw(results)
        _show_source(results)
        if not busy and repeats:
            _offer(experiments, mine, len(own), lasts, repeats=True)

    body()


def report_problem() -> None:
    """Say why results can't be read or saved now, if so. Call it once on a page."""
    if problem := results_store().problem:
        st.text(problem)


def _polled(
    experiments: Sequence[Experiment], mine: dict[Experiment, ExperimentRun]
) -> list[Progress]:
    return [mine[each].poll() for each in experiments if each in mine]


def _running(polled: Sequence[Progress]) -> bool:
    return any(now.running for now in polled)


def _count(experiments: Sequence[Experiment]) -> int:
    return sum(len(each.trials) for each in experiments)


def _offer(
    experiments: Sequence[Experiment],
    mine: dict[Experiment, ExperimentRun],
    known: int,
    lasts: str,
    *,
    repeats: bool = False,
) -> None:
    """Draw the button that starts the runs not ``known`` here, if there are any.

    ``repeats``: whether all of these have a shipped result.
    """
    missing = _count(experiments) - known
    if missing:
        verb = "Repeat" if repeats else "Start"
        st.button(
            f"{verb} {'the other ' if known else ''}{_runs(missing)} ({lasts})",
            key=f"begin {experiments[0].name}",
            on_click=lambda: mine.update(
                {each: begin(each, person=person(), address=address()) for each in experiments}
            ),
        )


def _offer_stop(experiments: Sequence[Experiment], mine: dict[Experiment, ExperimentRun]) -> None:
    def stop() -> None:
        for each in experiments:
            mine[each].stop()

    st.button("Stop", key=f"stop {experiments[0].name}", on_click=stop)


def _show_messages(polled: Sequence[Progress]) -> None:
    done, of = sum(now.done for now in polled), sum(now.of for now in polled)
    lefts = [now.seconds_left for now in polled]
    left = sum(each for each in lefts if each is not None)
    rest = "" if None in lefts else f", at most {left:,.0f} s left"
    st.progress(done / of, f"{done:,} of {of:,} training runs finished{rest}")
    _messages(polled)


def _messages(polled: Sequence[Progress]) -> None:
    reported = results_store().problem  # by `report_problem`
    for message in dict.fromkeys(message for now in polled for message in now.messages):
        if message != reported:
            st.text(sentence(message))


def _show_source(results: Found) -> None:
    """Write when and where the results were measured, a sentence for each machine."""
    machines = {str(r.machine): r for r in sorted(results.values(), key=lambda r: r.measured)}
    for machine, last in machines.items():
        number = sum(str(result.machine) == machine for result in results.values())
        st.text(f"Measured on {last.when} on {machine} ({_runs(number)}).")


def _runs(number: int) -> str:
    return f"{number:,} training run{'' if number == 1 else 's'}"
