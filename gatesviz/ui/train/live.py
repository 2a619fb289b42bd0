"""The buttons of the runs, and their curves, which are drawn again while a run continues."""

from collections.abc import Mapping

import streamlit as st

from gatesviz.engine import View
from gatesviz.limits import LEARNING_RATE
from gatesviz.training import OwnData
from gatesviz.ui.train import session
from gatesviz.ui.train.chart import chart_data, describe_goal, draw
from gatesviz.ui.train.parameters import LENGTH, LOG, NAMES, SETTINGS, TASK
from gatesviz.ui.train.rate_changes import describe_rates
from gatesviz.ui.train.settings import Settings, widgets
from gatesviz.ui.user_data import bring_back

BUSY, IDLE = 0.5, 60.0  # seconds
HURRIED = 1.5  # times too often
LOOKS_AHEAD = (
    "A bidirectional model has already read the next step, so this score isn't a forecast."
)
_RATE = "train rate"


def controls(settings: Settings, views: Mapping[str, View]) -> None:
    """Draw the buttons. A click takes effect before the page is drawn again."""
    going = any(view.going for view in views.values())
    with st.container(horizontal=True, vertical_alignment="bottom"):
        label = "Start" if not views else "Continue"
        if views and all(view.status == "finished" for view in views.values()):
            label = f"Train {settings.updates:,} more updates"
        _button(label, session.go, settings, None, disabled=going)
        _button("Pause", session.pause, settings, disabled=not going)
        _button("Train 1 update", session.go, settings, 1, disabled=going)
        _button("Train 10 updates", session.go, settings, 10, disabled=going)
        _button("Reset", session.reset, settings, disabled=not views)
        _rate(settings, views)
    if settings.rates:
        st.text(describe_rates(settings.spec.learning_rate, settings.rates))
    if problem := session.problem():
        st.error("That didn't work.")
        st.text(problem)
    if not views:
        _offer_earlier(settings)


def _button(label: str, act: object, *args: object, disabled: bool) -> None:
    st.button(
        label,
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
        on_change=session.set_learning_rate,
        args=(settings, _RATE),
        disabled=not rates,
        width=220,
        help="All cells switch to this rate at the same update. The page's link stores the update"
        " and the rate.",
    )


def _offer_earlier(settings: Settings) -> None:
    """Say which setting hides an earlier run, and offer a button that sets it back."""
    views = session.earlier(settings)
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
    if not changed:
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
    if isinstance(value, bool):
        return f"“{field.label}” {'on' if value else 'off'}"
    if isinstance(value, int) and label.endswith("s"):
        return f"{value:,} {label if value != 1 else label[:-1]}"
    return f"{label} {value:g}" if isinstance(value, int | float) else f"{label}: {value or '–'}"


def _set_back(changed: Mapping[str, object], data: OwnData | None) -> None:
    if data is not None:
        bring_back(data)
    st.session_state.update(changed)


def live(settings: Settings, views: Mapping[str, View]) -> None:
    """Draw curves, table and messages, again and again while a run continues."""
    log = LOG.draw()
    drawn, interval = versions(views), every(views)

    @st.fragment(run_every=interval)
    def body() -> None:
        now = session.views(settings)
        draw(chart_data(settings, now, log=log), key="curves")
        st.text(describe_goal(settings))
        if settings.spec.bidirectional and settings.task.reads_answers:
            st.text(LOOKS_AHEAD)
        if apart := _apart(now):
            st.text(apart)
        for cell, view in now.items():
            if view.message:
                st.text(f"{NAMES[cell]}: {view.message}.")
        if versions(now) != drawn and not any(view.busy for view in now.values()):
            st.rerun()  # the rest of the page shows it too
        if interval and HURRIED * interval < (every(now) or 0):
            st.rerun()  # many sessions have come, so look less often

    body()


def _apart(views: Mapping[str, View]) -> str:
    """Return at which update each run stopped, if they are paused at different ones; else ""."""
    made = {view.updates for view in views.values()}
    paused = any(view.status == "paused" for view in views.values())
    if len(made) < 2 or not paused or any(view.busy for view in views.values()):
        return ""
    listed = ", ".join(f"the {NAMES[cell]} at {view.updates:,}" for cell, view in views.items())
    return (
        f"The cells stopped at different updates: {listed}. To compare their gates after the same"
        f" update, set the slider below to {min(made):,} or less."
    )


def every(views: Mapping[str, View]) -> float | None:
    """Return the seconds between two looks at the runs; None where there are none.

    The page looks at paused runs only to tell the engine that it is open.
    """
    if not views:
        return None
    busy = any(view.busy for view in views.values())
    return session.unhurried(BUSY) if busy else IDLE


def versions(views: Mapping[str, View]) -> dict[str, tuple[str, int]]:
    """Return a value that differs whenever a run has changed."""
    return {cell: (view.run_id, view.version) for cell, view in views.items()}
