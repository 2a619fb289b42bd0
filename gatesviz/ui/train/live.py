"""The view of the runs while they go on: a timer that rests with them."""

from collections.abc import Mapping

import streamlit as st

from gatesviz.engine import View
from gatesviz.ui.train import session
from gatesviz.ui.train.chart import chart_data, draw
from gatesviz.ui.train.parameters import NAMES
from gatesviz.ui.train.settings import Settings

BUSY, RESTING = 0.5, 60.0  # seconds
HURRIED = 1.5  # times too often


def live(settings: Settings, views: Mapping[str, View]) -> None:
    """Draw curves, table and sentences; again and again while a run goes on."""
    log = st.toggle("Logarithmic loss", key="trlog", bind="query-params")
    drawn, interval = versions(views), every(views)

    @st.fragment(run_every=interval)
    def body() -> None:
        now = session.views(settings)
        draw(chart_data(settings, now, log=log), key="curves")
        for cell, view in now.items():
            if view.message:
                st.text(f"{NAMES[cell]}: {view.message}.")
        if versions(now) != drawn and not any(view.busy for view in now.values()):
            st.rerun()  # the rest of the page is to show it too
        if interval and HURRIED * interval < (every(now) or 0):
            st.rerun()  # many have come meanwhile: begin to look less often

    body()


def every(views: Mapping[str, View]) -> float | None:
    """Return the seconds between two looks at the runs; None where there are none.

    Runs at rest are looked at only so that the engine knows that somebody is here.
    """
    if not views:
        return None
    busy = any(view.busy for view in views.values())
    return session.unhurried(BUSY) if busy else RESTING


def versions(views: Mapping[str, View]) -> dict[str, tuple[str, int]]:
    """Return what differs whenever a run has changed."""
    return {cell: (view.run_id, view.version) for cell, view in views.items()}
