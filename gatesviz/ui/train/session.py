"""Your runs in the engine. This process trains nothing."""

from collections.abc import Callable, Mapping

import streamlit as st

from gatesviz.engine import View, change_together, engine
from gatesviz.engine.run import Run
from gatesviz.limits import RUNS_EACH
from gatesviz.training import History, State, TrainingSpec
from gatesviz.ui.browser_session import owner
from gatesviz.ui.notices import sentence
from gatesviz.ui.train.parameters import NAMES, RATE_CHANGES, UPDATES
from gatesviz.ui.train.rate_changes import write_rate_changes
from gatesviz.ui.train.settings import Settings, alike

CROWD = 8
"""So many sessions are drawn without a delay."""
_OWNER, _PROBLEM, _PLANNED = "train owner", "train problem", "train planned"


def views(settings: Settings) -> dict[str, View]:
    """Return cell -> the view of its run, and tell the engine that the page is open."""
    engine().seen(owner(_OWNER))
    _pause_others(settings)
    return {cell: run.view() for cell, run in _runs(settings).items()}


def rest() -> None:
    """Pause every run, because the page shows none."""
    for run in _current_runs():
        run.pause()


def unhurried(seconds: float) -> float:
    """Return the seconds between two looks at a run: more with many sessions.

    One process draws for all of them, and above about 80 % of a core Streamlit stops delivering.
    """
    return seconds * max(1.0, engine().present() / CROWD)


def _pause_others(settings: Settings) -> None:
    """Pause the runs of other settings. They stay while there is room."""
    for run in _others(settings):
        if run.status in ("waiting", "running"):
            run.pause()


def go(settings: Settings, updates: int | None) -> None:
    """Train every cell for ``updates`` more; None: to the end, or as far again beyond it."""

    def more() -> None:
        runs = _runs(settings)
        for cell in settings.specs:
            if not runs:
                st.session_state[_PLANNED] = st.session_state.get(RATE_CHANGES.key)
            run = runs.get(cell) or _begin(settings, cell)
            if run.status == "finished" and updates is None:
                run.go(settings.updates)
            elif run.status != "failed":
                run.go(updates)

    _try(more)


def pause(settings: Settings) -> None:
    """Pause every run."""
    for run in _runs(settings).values():
        run.pause()


def reset(settings: Settings) -> None:
    """Go back to before the first update, and undo changes of the learning rate."""
    for run in _runs(settings).values():
        run.cancel()
    st.session_state[RATE_CHANGES.key] = st.session_state.get(_PLANNED) or ""


def set_learning_rate(settings: Settings, key: str) -> None:
    """Use the rate of widget ``key`` from the same update on in every run, and put it in the link.

    A widget that is empty, or no longer on the page, changes nothing.
    """
    rate = st.session_state.get(key)
    if rate is None:
        return
    runs = [run for run in _runs(settings).values() if run.status != "failed"]

    def change() -> None:
        change_together(runs, float(rate))
        st.session_state[RATE_CHANGES.key] = write_rate_changes(runs[0].view().rates)

    if runs:
        _try(change)


def problem() -> str:
    """Return, once, why the last click failed; "" if it worked."""
    problem: str = st.session_state.pop(_PROBLEM, "")
    return problem


def earlier(settings: Settings) -> list[View]:
    """Return the last runs of other settings that made an update, all of one comparison."""
    found = [view for run in _others(settings) if (view := run.view()).updates]
    if not found:
        return []
    group = {found[-1].spec.cell: found[-1]}
    for view in found[-2::-1]:
        if view.spec.cell not in group and alike([*(v.spec for v in group.values()), view.spec]):
            group[view.spec.cell] = view
    return [group[cell] for cell in NAMES if cell in group]


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
    """Take up a saved run, paused. If there are too many, the oldest makes room.

    It ends after the updates of a run on this page: a file doesn't say how long it was to be.

    Raises:
        ValueError: if all sessions together have too many.
    """
    updates = max(state.updates, int(st.session_state.get(UPDATES.key, UPDATES.default)))
    _submit(state.spec, updates, _current_runs()).take_up(state, history)


def _submit(spec: TrainingSpec, updates: int, others: list[Run]) -> Run:
    """Submit a run. If there are too many, the first of ``others`` makes room."""
    for run in others[: max(0, len(_current_runs()) + 1 - RUNS_EACH.high)]:
        run.cancel()
    return engine().run(engine().submit(spec, owner(_OWNER), updates, go=False))


def _current_runs() -> list[Run]:
    return [run for run in engine().runs(owner(_OWNER)) if run.status != "cancelled"]


def _runs(settings: Settings) -> Mapping[str, Run]:
    specs = set(settings.specs.values())
    alive = {
        run.spec: run for run in _current_runs() if run.spec in specs and run.follow(settings.rates)
    }
    return {cell: alive[spec] for cell, spec in settings.specs.items() if spec in alive}


def _others(settings: Settings) -> list[Run]:
    mine = {run.run_id for run in _runs(settings).values()}
    return [run for run in _current_runs() if run.run_id not in mine]
