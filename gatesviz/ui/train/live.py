"""The curves and the pictures of the runs, which are drawn again while a run continues."""

import time
from collections.abc import Mapping
from functools import partial
from typing import Any

import streamlit as st

from gatesviz.cells import CELLS
from gatesviz.engine import View
from gatesviz.ui.script_turns import hurry
from gatesviz.ui.train import session
from gatesviz.ui.train.chart import chart_data, describe_goal, draw_curves
from gatesviz.ui.train.class_results import report_runs
from gatesviz.ui.train.parameters import GATE, NAMES, PICTURE, UNIT
from gatesviz.ui.train.pictures import pictures
from gatesviz.ui.train.settings import Settings
from gatesviz.ui.train.stored_weights import describe_stored
from gatesviz.ui.train.update_slider import Place, draw_followed

CURVES = "curves"
"""Key of the component."""
_CHOSEN, _LAST = "train unit chosen", "train pictures"
BUSY, IDLE = 0.5, 60.0  # seconds
PICTURED = 6
"""With more sessions than this, a continuing run's pictures are made less often than its curves."""
FIRST, MANY = 0.4, 30
"""Seconds between two looks at runs without an update, and how many sessions may look so often."""
HURRIED = 1.5  # times too often
LOOKS_AHEAD = (
    "A bidirectional model has already read the next step, so this score isn't a forecast."
)


def live(settings: Settings, views: Mapping[str, View], place: Place) -> None:
    """Draw buttons, curves, pictures, table and messages. A click on a button draws only these."""
    session.page_is_drawn()

    @st.fragment
    def panel() -> None:
        if session.page_is_outdated():
            st.rerun()
        now = session.views(settings)
        log = session.controls(settings, now)
        session.await_first_update(settings)
        _body(settings, now, views, place, log=log)

    panel()


def _body(
    settings: Settings,
    views: Mapping[str, View],
    on_page: Mapping[str, View],
    place: Place,
    *,
    log: bool,
) -> None:
    """Draw the curves and the pictures again and again while a run continues.

    ``on_page`` are the runs as the rest of the page shows them.
    """
    interval, shown = every(views), False

    @st.fragment(run_every=interval)
    def body() -> None:
        nonlocal shown
        now = session.views(settings)
        report_runs(settings, now)
        hurry(_awaits_first(now))
        hurried = interval is not None and HURRIED * interval < (every(now) or 0)  # many came
        if shown and (_begun(on_page, now) or hurried):
            st.rerun()  # the rest of the page shows it too, and the timers change
        drawn = _pictures(settings, now, place, later=_begun(on_page, now))
        data = chart_data(settings, now, log=log) | {"pictures": drawn}
        draw_curves(data, key=CURVES, on_unit_change=partial(_choose_unit, settings))
        if place.followed:
            draw_followed(now)
        chosen = st.session_state.pop(_CHOSEN, False)
        _notes(settings, now, place)
        if chosen or _at_rest(on_page, now):
            st.rerun()
        shown = _trains(now)  # the curves first, and the rest at the next look

    body()


def _pictures(
    settings: Settings, views: Mapping[str, View], place: Place, *, later: bool = False
) -> list[dict[str, Any]]:
    """Return the pictures; before the first update and in a class those of a moment ago.

    With ``later``, those of a moment ago are enough: the page is drawn again at the next look.

    Each of them is a recording, and one process makes them for all sessions.
    """
    untrained, trains = not any(view.state for view in views.values()), _trains(views)
    about, stage = (dict(settings.specs), place), (trains, untrained)
    before, now = st.session_state.get(_LAST), time.monotonic()
    if before and before[0] == about:
        same = before[1] == stage and (untrained or (trains and now < before[2]))
        if same or later:
            return list(before[3])
    made = pictures(settings, views, place)
    until = now + session.unhurried(BUSY, PICTURED) - BUSY
    st.session_state[_LAST] = (about, stage, until, made)
    return made


def _notes(settings: Settings, views: Mapping[str, View], place: Place) -> None:
    """Write what the pictures and the numbers leave open."""
    if told := describe_stored(place, views):
        st.write(told)
    st.text(describe_goal(settings))
    if settings.spec.bidirectional and settings.task.reads_answers:
        st.text(LOOKS_AHEAD)
    if apart := _apart(views):
        st.text(apart)
    for cell, view in views.items():
        if view.message:
            st.text(f"{NAMES[cell]}: {view.message}.")
    for told in session.describe_stored(settings):
        st.text(told)


def _choose_unit(settings: Settings) -> None:
    """Follow a click in a picture: the heatmap below shows that gate of that unit.

    What the browser sends is checked, since it may belong to other settings.
    """
    clicked = (st.session_state.get(CURVES) or {}).get("unit")
    if not isinstance(clicked, Mapping):
        return
    letter, unit = clicked.get("letter"), clicked.get("unit")
    known = {letter for cell in settings.specs for letter in CELLS[cell].letters}
    most = max(spec.actual_hidden_size for spec in settings.specs.values())
    if isinstance(letter, str) and letter in known and type(unit) is int and 0 <= unit < most:
        st.session_state.update({GATE.key: letter, UNIT.key: unit, PICTURE.key: True})
        st.session_state[_CHOSEN] = True


def _at_rest(on_page: Mapping[str, View], now: Mapping[str, View]) -> bool:
    """Return whether the runs have come to rest, but the page shows them otherwise."""
    return not _busy(now) and versions(now) != versions(on_page)


def _begun(on_page: Mapping[str, View], now: Mapping[str, View]) -> bool:
    """Return whether the runs continue and have weights, but the page shows them otherwise."""
    return _trains(now) and not _trains(on_page)


def _trains(views: Mapping[str, View]) -> bool:
    return _busy(views) and any(view.state for view in views.values())


def _busy(views: Mapping[str, View]) -> bool:
    return any(view.busy for view in views.values())


def _awaits_first(views: Mapping[str, View]) -> bool:
    return _busy(views) and not any(view.updates for view in views.values())


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
    if not _busy(views):
        return IDLE
    if _awaits_first(views):
        return session.unhurried(FIRST, MANY)
    return session.unhurried(BUSY)


def versions(views: Mapping[str, View]) -> dict[str, tuple[str, int]]:
    """Return a value that differs whenever a run has changed."""
    return {cell: (view.run_id, view.version) for cell, view in views.items()}
