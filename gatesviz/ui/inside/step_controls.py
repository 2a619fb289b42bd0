"""The controls of a step: sliders for the input and the old state, and buttons to walk on."""

import math
from dataclasses import replace

import streamlit as st

from gatesviz.limits import HAND_INPUT, HAND_STEPS
from gatesviz.traces import Trace
from gatesviz.ui.inside import session
from gatesviz.ui.inside.cell_controls import Setup
from gatesviz.ui.inside.moment import FARTHEST_C, Moment, Walk
from gatesviz.ui.inside.parameters import INPUT
from gatesviz.ui.inside.sentences import format_values
from gatesviz.ui.inside.step import recorded

FARTHEST_H, USUAL_C = 1.0, 5.0


def choose_step(setup: Setup) -> tuple[Moment, Trace]:
    """Draw the sliders of x and the old state and the buttons; return the step and its trace."""
    states = ("h", "c") if setup.label == "LSTM" else ("h",)
    places = st.columns(1 + len(states) * setup.units)
    with places[0]:
        x = INPUT.draw(on_change=session.forget_notices)
    moment = Moment(
        setup.cell,
        setup.units,
        setup.weights,
        session.walk(),
        x if abs(x) <= HAND_INPUT.high else INPUT.default,
    )
    trace = recorded(moment)
    slots = [(name, unit) for name in states for unit in range(setup.units)]
    for place, (name, unit) in zip(places[1:], slots, strict=True):
        with place:
            _draw_state(name, unit, float(trace.before(name)[-1, unit]), setup.units, slots)
    _draw_buttons(moment, trace)
    return moment, trace


def _draw_state(
    name: str, unit: int, value: float, units: int, slots: list[tuple[str, int]]
) -> None:
    reach = FARTHEST_H if name == "h" else max(USUAL_C, float(math.ceil(abs(value))))
    key = _key(name, unit)
    st.session_state[key] = min(max(value, -reach), reach)
    st.slider(
        f"Old {name}{f' of unit {unit}' if units > 1 else ''}",
        -reach,
        reach,
        step=0.05,
        key=key,
        on_change=_begin_here,
        args=(slots,),
    )


def _key(name: str, unit: int) -> str:
    return f"inside old {name}{unit}"


def _begin_here(slots: list[tuple[str, int]]) -> None:
    """Start a new walk from the moved state; undo returns to the walk before."""
    walk = session.walk()
    states = {"h": list(walk.h), "c": list(walk.c)}
    for name, unit in slots:
        value = round(float(st.session_state[_key(name, unit)]), 4)
        if abs(value) <= (FARTHEST_H if name == "h" else FARTHEST_C):
            states[name][unit] = value
    (h0, h1), (c0, c1) = states["h"], states["c"]
    new = Walk((h0, h1), (c0, c1))
    if walk.past:
        session.go(new, st.session_state["inx"])
        st.query_params["t"] = "0"
    else:
        session.stay(new)


def _draw_buttons(moment: Moment, trace: Trace) -> None:
    made = len(moment.walk.past)
    full = made >= HAND_STEPS.high
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Step",
            icon=":material/step_over:",
            shortcut="S",
            disabled=full,
            on_click=_step,
            args=(moment,),
            help="Go to the next step. The new state is used as its old state. At most"
            f" {HAND_STEPS.high} steps.",
        )
        st.button(
            "Undo",
            icon=":material/undo:",
            shortcut="Z",
            disabled=not session.can_go_back(),
            on_click=_undo,
        )
        st.button(
            "Start over",
            icon=":material/restart_alt:",
            disabled=not made,
            on_click=_start_over,
            args=(moment,),
        )
        st.write(_describe(trace, made))


def _describe(trace: Trace, made: int) -> str:
    states = ", ".join(
        f"**{name}′ = {format_values(trace.after(name)[-1])}**"
        for name in reversed(list(trace.states))
    )
    return f"Step {made}: {states}."


def _step(moment: Moment) -> None:
    session.go(replace(moment.walk, past=moment.inputs), moment.x)
    st.query_params["t"] = str(len(moment.inputs))


def _undo() -> None:
    st.session_state["inx"] = session.go_back()
    st.query_params["t"] = str(len(session.walk().past))


def _start_over(moment: Moment) -> None:
    session.go(replace(moment.walk, past=()), moment.x)
    st.query_params["t"] = "0"
