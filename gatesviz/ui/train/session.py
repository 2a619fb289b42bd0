"""Your runs: the buttons, and what a click does in the engine. This process trains nothing."""

from collections.abc import Callable, Mapping
from typing import Literal

import streamlit as st

from gatesviz.engine import View, change_together, engine
from gatesviz.engine.run import Run
from gatesviz.limits import LEARNING_RATE, RUNS_EACH
from gatesviz.training import History, OwnData, State, TrainingSpec
from gatesviz.ui.browser_session import name_of, watch
from gatesviz.ui.locks import is_locked
from gatesviz.ui.notices import sentence
from gatesviz.ui.script_turns import aside, step_aside
from gatesviz.ui.train.parameters import (
    CONVOLVED,
    LENGTH,
    LOG,
    NAMES,
    RATE,
    RATE_CHANGES,
    SETTINGS,
    TASK,
    UPDATES,
)
from gatesviz.ui.train.rate_changes import describe_rates, write_rate_changes
from gatesviz.ui.train.settings import Settings, alike, widgets
from gatesviz.ui.user_data import bring_back

MORE = "More controls"
"""The label of what the first screen folds away."""
CROWD = 8
"""So many sessions are drawn without a delay."""
TASK_KEY, BUTTONS_KEY = "train-task", "train-buttons"
"""Keys of the text that says what the task is, and of the buttons next to it."""
_AROUND = "[data-testid=stLayoutWrapper]:has(> .st-key-{})"
STYLE = (
    f"{_AROUND.format(TASK_KEY)} {{ flex: 1 1 22rem; min-width: 0; }}"
    f" {_AROUND.format(BUTTONS_KEY)} {{ min-width: min(100%, 23.5rem); }}"
    f" .st-key-{TASK_KEY} [data-testid=stText] {{ font-size: 0.9375rem; line-height: 1.4; }}"
)
"""The style of this row. The text takes what the buttons leave free. They have room for "Continue",
so a click on "Start" moves no line of the text, and so not the picture below it."""
_OWNER, _PROBLEM, _PLANNED = "train owner", "train problem", "train planned"
_OUTDATED = "train page outdated"
_RATE = "train rate"
_STARTED = "train started"
AT_ONCE, BESIDE = 2.0, 0.05
"""Seconds for which a click on Start waits for the first update: of the first cell, and then of
each other one. So the click itself shows it, and the page need not be drawn again for that."""


def controls(settings: Settings, views: Mapping[str, View]) -> bool:
    """Draw the task and, next to it, the buttons.

    A click takes effect before the page is drawn again.

    Returns:
        Whether the loss has a logarithmic axis.
    """
    going = any(view.going for view in views.values())
    row = st.container(horizontal=True, vertical_alignment="center")
    row.container(key=TASK_KEY).text(f"{settings.task.title}. {settings.task.explanation}")
    with row.container(horizontal=True, width="content", key=BUTTONS_KEY):
        label = "Start" if not views else "Continue"
        if views and all(view.status == "finished" for view in views.values()):
            label = f"Train {settings.updates:,} more updates"
        _button(label, go, settings, None, disabled=going, look="primary")
        _button("Pause", pause, settings, disabled=not going)
        _button("Reset", reset, settings, disabled=not views)
        with st.popover(MORE):
            with st.container(horizontal=True):
                _button("Train 1 update", go, settings, 1, disabled=going)
                _button("Train 10 updates", go, settings, 10, disabled=going)
            _rate(settings, views)
            log: bool = LOG.draw()
    if settings.rates:
        st.text(describe_rates(settings.spec.learning_rate, settings.rates))
    if problem := st.session_state.pop(_PROBLEM, ""):
        st.error("That didn't work.")
        st.text(problem)
    if not views:
        _offer_earlier(settings)
    return log


def _button(
    label: str,
    act: object,
    *args: object,
    disabled: bool,
    look: Literal["primary", "secondary"] = "secondary",
) -> None:
    st.button(
        label,
        type=look,
        key=f"train {getattr(act, '__name__', '')} {args[1:]}",
        on_click=act,  # type: ignore[arg-type]
        args=args,
        disabled=disabled,
    )


def _rate(settings: Settings, views: Mapping[str, View]) -> None:
    """Draw the widget that changes the learning rate of the runs.

    It has no default, so an emptied widget is None and not the lowest rate.
    """
    rates = [view.learning_rate for view in views.values()]
    st.session_state[_RATE] = rates[0] if rates else settings.spec.learning_rate
    st.number_input(
        "Learning rate from now on",
        LEARNING_RATE.low,
        float(LEARNING_RATE.high),
        None,
        step=0.001,
        format="%g",
        key=_RATE,
        on_change=set_learning_rate,
        args=(settings, _RATE),
        disabled=not rates or is_locked(RATE.key) or is_locked(RATE_CHANGES.key),
        width=220,
        help="The new rate starts at the first update that no cell has begun yet, for all cells"
        " together."
        " The link in the address bar remembers the rate and the update.",
    )


def _offer_earlier(settings: Settings) -> None:
    """Say which setting hides an earlier run, and offer a button that sets it back."""
    views = _earlier(settings)
    if not views:
        return
    specs = [view.spec for view in views]
    held = widgets(specs, views[0].rates)
    if specs[0].length == specs[0].learned.length:
        held[LENGTH.key] = None
    changed = {
        field.key: held[field.key]
        for field in SETTINGS
        if field.key in held and held[field.key] != st.session_state.get(field.key, field.default)
    }
    if not changed or any(map(is_locked, changed)):
        return
    which = " and ".join([_named(key, value) for key, value in changed.items()][:2])
    state = "paused" if views[0].status in ("paused", "pausing") else "still here"
    back = "Set the value back" if len(changed) == 1 else "Set the values back"
    st.text(f"Your run with {which} is {state}. {back} to see it.")
    st.button(
        f"Back to {which}",
        key="train back",
        on_click=_set_back,
        args=(changed, specs[0].task if isinstance(specs[0].task, OwnData) else None),
    )


def _named(key: str, value: object) -> str:
    """Return a setting and its value in words, as in "8 hidden units" or "seed 3"."""
    field = next(field for field in SETTINGS if field.key == key)
    label = field.label[0].lower() + field.label[1:]
    if field.key == TASK.key:
        return f"the task “{value}”"
    if field.key == CONVOLVED.key:
        return f"convolution over {value} steps" if value else "no convolution"
    if isinstance(value, bool):
        return f"“{field.label}” {'on' if value else 'off'}"
    if isinstance(value, int) and label.endswith("s"):
        return f"{value:,} {label if value != 1 else label[:-1]}"
    return f"{label} {value:g}" if isinstance(value, int | float) else f"{label}: {value or '–'}"


def _set_back(changed: Mapping[str, object], data: OwnData | None) -> None:
    if data is not None:
        bring_back(data)
    st.session_state.update(changed)
    st.session_state[_OUTDATED] = True


def views(settings: Settings) -> dict[str, View]:
    """Return cell -> the view of its run, and tell the engine that the page is open."""
    name, runs = watch(_OWNER), _runs(settings)
    if len(runs) < len(settings.specs):
        _resume(name, settings)
        runs = _runs(settings)
    _pause_others(settings)
    return {cell: run.view() for cell, run in runs.items()}


def _resume(name: str, settings: Settings) -> None:
    """Bring back the runs that this person had: before a reload, or before a restart."""
    engine().adopt(name, settings.specs.values())
    if found := engine().find_stored(name, settings.specs.values()):
        step_aside()
        engine().restore(name, found)


def describe_stored(settings: Settings) -> list[str]:
    """Return a sentence for each run that was lost, and for a problem with storing runs."""
    lost, cells = engine().lost(name_of(_OWNER)), settings.specs.items()
    sentences = [_lost(cell, lost[spec]) for cell, spec in cells if spec in lost]
    if sentences and isinstance(settings.spec.task, OwnData):
        sentences.append("The server stores no runs on your own data.")
    return [*sentences, *filter(None, [engine().problem])]


def _lost(cell: str, updates: int) -> str:
    made = f"{updates:,} update{'' if updates == 1 else 's'}"
    name = NAMES[cell]
    return f"{name}: an earlier run of {made} is lost, because the server has no snapshot of it."


def rest() -> None:
    """Pause every run, because the page shows none."""
    for run in _current_runs():
        run.pause()


def unhurried(seconds: float, crowd: int = CROWD) -> float:
    """Return the seconds between two looks at a run: more with more than ``crowd`` sessions.

    One process draws for all of them, and above about 80 % of a core Streamlit stops delivering.
    """
    return seconds * max(1.0, engine().present() / crowd)


def page_is_drawn() -> None:
    """Note that the whole page is being drawn."""
    st.session_state.pop(_OUTDATED, None)


def page_is_outdated() -> bool:
    """Return whether a click changed more than the buttons and the curves."""
    return bool(st.session_state.pop(_OUTDATED, False))


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
        st.session_state[_STARTED] = True

    _try(more)


def await_first_update(settings: Settings) -> None:
    """Wait briefly after a click on Start. Other pages are drawn meanwhile."""
    if st.session_state.pop(_STARTED, False):
        with aside():
            for cell, run in enumerate(_runs(settings).values()):
                run.await_update(BESIDE if cell else AT_ONCE)


def pause(settings: Settings) -> None:
    """Pause every run."""
    for run in _runs(settings).values():
        run.pause()


def reset(settings: Settings) -> None:
    """Go back to before the first update, and undo changes of the learning rate."""
    for run in _runs(settings).values():
        run.cancel()
    engine().forget(name_of(_OWNER), settings.specs.values())
    st.session_state[RATE_CHANGES.key] = st.session_state.get(_PLANNED) or ""
    st.session_state[_OUTDATED] = True


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
        st.session_state[_OUTDATED] = True

    if runs:
        _try(change)


def _earlier(settings: Settings) -> list[View]:
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
    run_id = engine().submit(spec, name_of(_OWNER), updates, go=False, resumable=True)
    return engine().run(run_id)


def _current_runs() -> list[Run]:
    return [run for run in engine().runs(name_of(_OWNER)) if run.status != "cancelled"]


def _runs(settings: Settings) -> Mapping[str, Run]:
    specs = set(settings.specs.values())
    alive = {
        run.spec: run for run in _current_runs() if run.spec in specs and run.follow(settings.rates)
    }
    return {cell: alive[spec] for cell, spec in settings.specs.items() if spec in alive}


def _others(settings: Settings) -> list[Run]:
    mine = {run.run_id for run in _runs(settings).values()}
    return [run for run in _current_runs() if run.run_id not in mine]
