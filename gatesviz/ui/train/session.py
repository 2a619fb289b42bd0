"""The reader's runs in the engine. Nothing is trained in this process."""

from collections.abc import Callable, Mapping

import streamlit as st

from gatesviz.engine import View, change_together, engine
from gatesviz.engine.run import Run
from gatesviz.limits import RUNS_EACH
from gatesviz.training import History, State, TrainingSpec
from gatesviz.ui.browser_session import owner
from gatesviz.ui.notices import sentence
from gatesviz.ui.train.rate_changes import written
from gatesviz.ui.train.settings import Settings

CROWD = 8
"""People whose pages are drawn without a delay."""
_OWNER, _PROBLEM, _PLANNED = "train owner", "train problem", "train planned"


def views(settings: Settings) -> dict[str, View]:
    """Return cell -> how its run stands, of those that have one; a sign of life to the engine."""
    engine().seen(owner(_OWNER))
    _rest_others(settings)
    return {cell: run.view() for cell, run in _runs(settings).items()}


def rest() -> None:
    """Pause every run: the page shows none."""
    for run in _current_runs():
        run.pause()


def unhurried(seconds: float) -> float:
    """Return the time between two looks at a run: longer in a crowd, as one process draws for all.

    Beyond some 80 % of a core Streamlit delivers nothing any more, to nobody.
    """
    return seconds * max(1.0, engine().present() / CROWD)


def _rest_others(settings: Settings) -> None:
    """Pause the runs of other settings; they are kept as long as there is room."""
    for run in _others(settings):
        if run.status in ("waiting", "running"):
            run.pause()


def go(settings: Settings, updates: int | None) -> None:
    """Make ``updates`` more in every cell, or go on to the end; beyond it, as many again."""

    def more() -> None:
        runs = _runs(settings)
        for cell in settings.specs:
            if not runs:
                st.session_state[_PLANNED] = st.session_state.get("trrates")
            run = runs.get(cell) or _begin(settings, cell)
            if run.status == "finished" and updates is None:
                run.go(settings.updates)
            elif run.status != "failed":
                run.go(updates)

    _try(more)


def pause(settings: Settings) -> None:
    """Let every run rest."""
    for run in _runs(settings).values():
        run.pause()


def reset(settings: Settings) -> None:
    """Go back to before the first update: changes of learning rate made under way go, too."""
    for run in _runs(settings).values():
        run.cancel()
    st.session_state["trrates"] = st.session_state.get(_PLANNED) or ""


def set_learning_rate(settings: Settings, key: str) -> None:
    """Use what the widget ``key`` says from the same update on in every run; the link says so.

    An emptied widget, or one that has left the page meanwhile, changes nothing.
    """
    rate = st.session_state.get(key)
    if rate is None:
        return
    runs = [run for run in _runs(settings).values() if run.status != "failed"]

    def change() -> None:
        change_together(runs, float(rate))
        st.session_state["trrates"] = written(runs[0].view().rates)

    if runs:
        _try(change)


def problem() -> str:
    """Return, once, the sentence that tells why the last click could not be followed."""
    told: str = st.session_state.pop(_PROBLEM, "")
    return told


def _try(act: Callable[[], object]) -> None:
    try:
        act()
    except ValueError as error:
        st.session_state[_PROBLEM] = sentence(error)


def _begin(settings: Settings, cell: str) -> Run:
    run = _submit(settings.specs[cell], settings.updates, _others(settings))
    run.follow(settings.rates)
    return run


def take_up(state: State, history: History) -> None:
    """Have a saved run again, resting; of too many, the oldest makes room.

    Raises:
        ValueError: if everybody together has too many.
    """
    _submit(state.spec, state.updates, _current_runs()).take_up(state, history)


def _submit(spec: TrainingSpec, updates: int, others: list[Run]) -> Run:
    """Hand a run in; of too many, the first of ``others`` makes room."""
    for run in others[: max(0, len(_current_runs()) + 1 - RUNS_EACH.high)]:
        run.cancel()
    return engine().run(engine().submit(spec, owner(_OWNER), updates, go=False))


def _current_runs() -> list[Run]:
    return [run for run in engine().runs(owner(_OWNER)) if run.status != "cancelled"]


def _runs(settings: Settings) -> Mapping[str, Run]:
    wanted = set(settings.specs.values())
    alive = {
        run.spec: run
        for run in _current_runs()
        if run.spec in wanted and run.follow(settings.rates)
    }
    return {cell: alive[spec] for cell, spec in settings.specs.items() if spec in alive}


def _others(settings: Settings) -> list[Run]:
    mine = {run.run_id for run in _runs(settings).values()}
    return [run for run in _current_runs() if run.run_id not in mine]
