"""The controls of a step: sliders for the input and the old state, and buttons to walk on."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from gatesviz.cells import CELLS
from gatesviz.challenges import challenges
from gatesviz.lessons.finding import listed
from gatesviz.limits import HAND_INPUT, HAND_STEPS
from gatesviz.traces import Trace
from gatesviz.ui.challenges import next_challenge
from gatesviz.ui.inside import session
from gatesviz.ui.inside.cell_controls import Setup
from gatesviz.ui.inside.moment import FARTHEST_C, Moment, Walk, shortest
from gatesviz.ui.inside.parameters import CHALLENGE, INPUT, STEP_VIEW, VIEW
from gatesviz.ui.inside.sliders import FARTHEST_H, INPUT_SLIDER, Slot, state_slots
from gatesviz.ui.inside.step import recorded
from gatesviz.ui.lessons.address import LESSON
from gatesviz.ui.locks import ALL, SETS, is_locked
from gatesviz.ui.widget_memory import current_key, slider_key

STEPPING = "gatesviz-stepping"
"""The key of the buttons that take a further step."""


def choose_step(setup: Setup) -> tuple[Moment, Trace]:
    """Draw the sliders of x and the old state and the buttons; return the step and its trace."""
    states = CELLS[setup.cell].states
    with st.container(key=f"{SETS} step"):  # the link has x and the steps before
        places = st.columns(1 + len(states) * setup.units)
        with places[0]:
            x = _draw_input()
        moment = Moment(setup.cell, setup.units, setup.weights, session.walk(), x)
        trace = recorded(moment)
        slots = state_slots(trace)
        for place, slot in zip(places[1:], slots, strict=True):
            with place:
                _draw_state(slot, setup.units, slots)
        _draw_buttons(moment)
    return moment, trace


def _draw_input() -> float:
    """Draw the slider of x and return x, which the session holds under the name in the link.

    Undo sets x, so the slider's own key has a number: see `slider_key`.
    """
    INPUT.begin()
    held = float(st.session_state[INPUT.key])
    x = held if abs(held) <= HAND_INPUT.high else float(INPUT.default)
    key = slider_key(INPUT_SLIDER, x)
    st.session_state[INPUT.key] = x
    INPUT.draw(bind=None, key=key, on_change=_move_input, args=(key,))
    return x


def _move_input(key: str) -> None:
    if key == current_key(INPUT_SLIDER):  # else the browser did not know yet of an undo
        st.session_state[INPUT.key] = float(st.session_state[key])
        session.forget_notices()


def _held_input() -> float:
    """Return what the slider of x holds now, not when it was drawn, and keep it."""
    x = float(st.session_state.get(current_key(INPUT_SLIDER), st.session_state[INPUT.key]))
    st.session_state[INPUT.key] = x
    return x


def _draw_state(slot: Slot, units: int, slots: list[Slot]) -> None:
    key = slider_key(slot.key, min(max(slot.value, -slot.reach), slot.reach))
    st.slider(
        f"Old {slot.name}{f' of unit {slot.unit}' if units > 1 else ''}",
        -slot.reach,
        slot.reach,
        step=0.05,
        key=key,
        on_change=_begin_here,
        args=(slots, slot, key),
        disabled=is_locked(ALL),  # the old state has no name of its own in links
    )


def _begin_here(slots: list[Slot], moved: Slot, key: str) -> None:
    """Start a new walk from the moved state; undo returns to the walk before."""
    if key != current_key(moved.key):
        return  # the browser did not know yet that the page had set it
    walk = session.walk()
    states = {"h": list(walk.h), "c": list(walk.c)}
    for slot in slots:
        value = shortest(float(st.session_state[current_key(slot.key)]))
        if abs(value) <= (FARTHEST_H if slot.name == "h" else FARTHEST_C):
            states[slot.name][slot.unit] = value
    (h0, h1), (c0, c1) = states["h"], states["c"]
    new = Walk((h0, h1), (c0, c1))
    if walk.past:
        session.go(new, _held_input())
        st.query_params["t"] = "0"
    else:
        session.stay(new)


def _draw_buttons(moment: Moment) -> None:
    made = len(moment.walk.past)
    full = made >= HAND_STEPS.high
    with st.container(horizontal=True, vertical_alignment="center", key=STEPPING):
        st.button(
            "Step",
            icon=":material/step_over:",
            shortcut="S",
            disabled=full,
            on_click=_step,  # help would lie over the sliders above and catch the next drag
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
        )
        done = f"Step {made} of at most {HAND_STEPS.high}."
        st.write(f"{done} {passed_on(CELLS[moment.cell].states)}")
        if not session.has_challenge() and LESSON not in st.query_params:
            st.button(
                "Challenges",
                icon=":material/flag:",
                on_click=_begin_challenges,
                help="Set the weights so that the cell solves a task. PyTorch tests your weights.",
            )


def passed_on(states: Sequence[str]) -> str:
    """Return what a step does to the states, as a sentence: h′ becomes the old h."""
    new, old = (listed(f"{letter}{mark}" for letter in states) for mark in ("′", ""))
    become = "become" if len(states) > 1 else "becomes"
    return f"After each step, {new} {become} the old {old}."


def _begin_challenges() -> None:
    """Choose the first challenge that isn't solved, or the first one."""
    following = next_challenge()
    if following is None or following.machine is None:
        following = challenges()[0]
    st.session_state[VIEW.key] = STEP_VIEW
    st.session_state[CHALLENGE.key] = following.name


def _step() -> None:
    """Go to the next step with the input that the slider holds now."""
    walk, x = session.walk(), _held_input()
    session.go(replace(walk, past=(*walk.past, x)), x)
    st.query_params["t"] = str(len(walk.past) + 1)


def _undo() -> None:
    x = session.go_back()
    st.session_state[INPUT.key] = x
    slider_key(INPUT_SLIDER, x)  # at once: a move that arrives in this moment is an old one
    st.query_params["t"] = str(len(session.walk().past))


def _start_over() -> None:
    session.go(replace(session.walk(), past=()), _held_input())
    st.query_params["t"] = "0"
