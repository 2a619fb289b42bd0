"""The curves of the runs, which are drawn again while a run continues."""

from collections.abc import Mapping

import streamlit as st

from gatesviz.engine import View
from gatesviz.ui.train import session
from gatesviz.ui.train.chart import chart_data, describe_goal, draw_curves
from gatesviz.ui.train.parameters import LOG, NAMES
from gatesviz.ui.train.settings import Settings

BUSY, IDLE = 0.5, 60.0  # seconds
HURRIED = 1.5  # times too often
LOOKS_AHEAD = (
    "A bidirectional model has already read the next step, so this score isn't a forecast."
)


def live(settings: Settings, views: Mapping[str, View]) -> None:
    """Draw curves, table and messages, again and again while a run continues."""
    log = LOG.draw()
    drawn, interval = versions(views), every(views)

    @st.fragment(run_every=interval)
    def body() -> None:
        now = session.views(settings)
        draw_curves(chart_data(settings, now, log=log), key="curves")
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
