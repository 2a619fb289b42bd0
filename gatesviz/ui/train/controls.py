"""The buttons, and the learning rate under way."""

from collections.abc import Mapping

import streamlit as st

from gatesviz.engine import View
from gatesviz.limits import LEARNING_RATE
from gatesviz.ui.train import session
from gatesviz.ui.train.rate_changes import describe
from gatesviz.ui.train.settings import Settings

_RATE = "train rate"


def controls(settings: Settings, views: Mapping[str, View]) -> None:
    """Draw them; a click is followed before the page is drawn again."""
    going = any(view.going for view in views.values())
    with st.container(horizontal=True, vertical_alignment="bottom"):
        label = "Start" if not views else "Go on"
        if views and all(view.status == "finished" for view in views.values()):
            label = f"{settings.updates:,} more"
        _button(label, session.go, settings, None, disabled=going, width=116)
        _button("Pause", session.pause, settings, disabled=not going)
        _button("1 update", session.go, settings, 1, disabled=going)
        _button("10 updates", session.go, settings, 10, disabled=going)
        _button("Reset", session.reset, settings, disabled=not views)
        _rate(settings, views)
    if settings.rates:
        st.text(describe(settings.spec.learning_rate, settings.rates))
    if problem := session.problem():
        st.error("That was not done.")
        st.text(problem)


def _button(
    label: str, act: object, *args: object, disabled: bool, width: int | None = None
) -> None:
    st.button(
        label,
        key=f"train {getattr(act, '__name__', '')} {args[1:]}",
        on_click=act,  # type: ignore[arg-type]
        args=args,
        disabled=disabled,
        width=width or "content",
    )


def _rate(settings: Settings, views: Mapping[str, View]) -> None:
    """Let the reader change the learning rate of the runs as they go on.

    Without a default of its own the widget is None when it is emptied, not the lowest rate.
    """
    rates = [view.learning_rate for view in views.values()]
    st.session_state[_RATE] = rates[0] if rates else settings.spec.learning_rate
    st.number_input(
        "Learning rate from here on",
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
        help="From the next update that no cell has begun. The link says when and to what.",
    )
