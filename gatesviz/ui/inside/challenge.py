"""Challenges on this page: the task, a try on unseen test sequences, and what went wrong.

The tiny cell's weights are graded. A sequence that fails is loaded into the player.
"""

from collections.abc import Hashable
from dataclasses import replace

import streamlit as st

from gatesviz.cells import CELLS
from gatesviz.challenges import (
    Challenge,
    Failure,
    Grade,
    challenge,
    grade,
)
from gatesviz.challenges.challenge import ON, Smallest
from gatesviz.challenges.grading import given_weights
from gatesviz.challenges.sequences import COUNT
from gatesviz.presets import OWN
from gatesviz.traces import Trace
from gatesviz.ui.app_links import draw_next_challenge
from gatesviz.ui.challenges import (
    ALL_SOLVED,
    describe_code,
    next_challenge,
    report_try,
    solve,
)
from gatesviz.ui.components import part
from gatesviz.ui.controls_sheet import page_above_sheet, sheet_style
from gatesviz.ui.guesses import reserved_answer
from gatesviz.ui.inside import session
from gatesviz.ui.inside.cell_controls import Setup
from gatesviz.ui.inside.moment import Moment, Walk
from gatesviz.ui.inside.parameters import (
    CELL,
    CELL_KEYS,
    CHALLENGE,
    GATE,
    INPUT,
    NO_CHALLENGE,
    PRESET,
    UNIT_COUNT,
)
from gatesviz.ui.inside.sentences import signed
from gatesviz.ui.lessons.address import by_history
from gatesviz.ui.locks import SETS
from gatesviz.ui.sharing.hiding import hides_sidebar

SHOWN = 4
"""Steps of a failed sequence in the table; the player has all of them."""
_TRY, _FAILED, _ASKED = "inside challenge try", "inside challenge failed", "inside try"
_BEGUN, _GIVEN = "inside challenge begun", "inside challenge gives weights"
_SETS_CELL = frozenset((CELL.key, UNIT_COUNT.key, PRESET.key, "inw"))
WAITING = "Set the weights in the sidebar, then press “Try it”."
SHOW_WEIGHTS = "Show the weights"
"""The button that opens the sidebar where it is closed, as on a phone."""
_SHOW_KEY = "gatesviz-show-weights"
_CLOSED = "[data-testid=stApp]:has([data-testid=stSidebar][data-collapsed=true])"
_SHOW_STYLE = (
    f".st-key-{_SHOW_KEY} {{ display: none; }} {_CLOSED} .st-key-{_SHOW_KEY} {{ display: block; }}"
)
_show_weights = part("showcontrols")


def choose_challenge() -> str:
    """Draw the menu of challenges once one is chosen, and return the choice."""
    return str(CHALLENGE.draw()) if session.has_challenge() else NO_CHALLENGE


def begin_challenge(name: str) -> None:
    """Begin a challenge that is chosen at step 0, with the weights that it gives.

    A link keeps its own step and weights.

    Call this after the menu, and `load_given` before the widgets of the cell.
    """
    before = st.session_state.get(_BEGUN)
    if name == before:
        return
    st.session_state[_BEGUN] = name
    by_link = before is None or by_history()
    if name != NO_CHALLENGE and not by_link:
        session.start_over()
    if name == NO_CHALLENGE or (smallest := challenge(name).smallest) is None:
        return
    if not (by_link and _SETS_CELL.intersection(st.query_params)):
        st.session_state[_GIVEN] = smallest
        st.rerun()  # the widgets of the cell are on the page already


def load_given() -> None:
    """Load the weights of a challenge that was just chosen."""
    if (smallest := st.session_state.pop(_GIVEN, None)) is not None:
        _set_given(smallest)


def draw_challenge(name: str, setup: Setup) -> None:
    """Draw the task of the challenge ``name``, its buttons and the result of the last try."""
    task = challenge(name)
    st.write(f"**Challenge: {task.title}.** {task.text}")
    st.caption(rules(task))
    with st.container(horizontal=True):
        st.button("Try it", icon=":material/play_arrow:", key=_ASKED)
        if task.smallest is not None:
            st.button(
                "Load the given weights", key=f"{SETS} given", on_click=_set_given,
                args=(task.smallest,),
            )  # fmt: skip
        with st.popover("Hint"):
            st.write(task.hint)
        st.html(f"<style>{_SHOW_STYLE} {sheet_style()} {page_above_sheet()}</style>")
        if not hides_sidebar():
            _show_weights(data={"text": SHOW_WEIGHTS}, key=_SHOW_KEY)
    result = _last_try(task, setup)
    with reserved_answer("tall-challenge"):
        if result is None:
            st.write(WAITING)
        else:
            _draw_result(task, result)


def draw_failure(name: str, moment: Moment, trace: Trace) -> None:
    """Draw the end of the sequence that failed while the page shows it, with the present h.

    So you see at once what a moved weight does to it.
    """
    known, failure = st.session_state.get(_FAILED, ("", None))
    if known == name and moment.walk == _walk(failure) and moment.x == failure.inputs[-1]:
        h = trace.after("h")[:, 0]
        st.caption("The end of the sequence that failed")
        st.write(failure_table(replace(failure, h=tuple(map(float, h)))))


def _last_try(task: Challenge, setup: Setup) -> Grade | None:
    """Return the result of the last try, or None if the challenge or a weight is another one."""
    about, result = st.session_state.get(_TRY, (None, None))
    return result if about == _about(task, setup) else None


def rules(task: Challenge) -> str:
    """Return how the challenge is graded."""
    assert task.machine is not None
    steps = task.machine.steps
    return (
        f"On means: h{' of unit 0' if task.smallest is None else ''} is above {ON:g}."
        f" torch.nn runs your weights on {COUNT} test sequences of {steps} steps, which you don't"
        " see. Each starts from a state of zeros."
    )


def _about(task: Challenge, setup: Setup) -> Hashable:
    return task.name, setup.cell, setup.units, setup.weights


def try_if_asked(name: str, setup: Setup) -> None:
    """Grade the weights if “Try it” was pressed. Call this before the step is drawn.

    A sequence that fails is loaded, with the wrong step as the current one.
    """
    if not st.session_state.get(_ASKED):
        return
    task = challenge(name)
    result = grade(task, setup.cell, setup.units, setup.weights)
    st.session_state[_TRY] = _about(task, setup), result
    if result.solved:
        solve(task, setup.cell, setup.units)
    else:
        report_try(task)
    failure = result.failure
    if failure is None:
        st.session_state.pop(_FAILED, None)
    else:
        st.session_state[_FAILED] = task.name, failure
        session.go(_walk(failure), float(st.session_state[INPUT.key]))
        st.session_state[INPUT.key] = failure.inputs[-1]
        st.query_params["t"] = str(len(failure.inputs) - 1)


def _walk(failure: Failure) -> Walk:
    return Walk((0.0, 0.0), (0.0, 0.0), failure.inputs[:-1])


def _set_given(smallest: Smallest) -> None:
    """Load the given weights; the bias that you found stays."""
    own = session.own_weights(smallest.cell, 1)
    session.keep_own(smallest.cell, 1, given_weights(smallest, own))
    shown = {key: name for name, key in CELL_KEYS.items()}
    st.session_state[CELL.key] = shown[smallest.cell]
    st.session_state[UNIT_COUNT.key] = 1
    st.session_state[PRESET.key] = OWN
    st.session_state[GATE.key] = smallest.gate


def _draw_result(task: Challenge, result: Grade) -> None:
    if result.solved:
        _draw_success(task, result)
        return
    if result.smaller is not None:
        st.info(describe(task, result), icon=":material/arrow_downward:")
        return
    st.error(describe(task, result), icon=":material/close:")


def _draw_success(task: Challenge, result: Grade) -> None:
    st.success(describe(task, result), icon=":material/check:")
    st.write(describe_code(task))
    following = next_challenge()
    if following is None:
        st.write(ALL_SOLVED)
    elif following.machine is None:
        draw_next_challenge(following)
    else:
        label = f"Next challenge: {following.title}"
        st.button(label, key=f"{SETS} next", on_click=_choose, args=(following.name,))


def _choose(name: str) -> None:
    st.session_state[CHALLENGE.key] = name


def describe(task: Challenge, result: Grade) -> str:
    """Return the result of a try in one to three sentences."""
    if result.changed:
        return _describe_changed(task, result)
    if result.failure is not None:
        return _describe_failure(result, result.failure)
    if result.smaller is not None:
        assert task.smallest is not None
        return (
            f"This bias works: all {result.tried} test sequences are right. But it isn't the"
            f" smallest one yet: b_{task.smallest.gate} = {signed(result.smaller, 'g')} works, too."
        )
    return f"Solved. Every step of all {result.tried} test sequences is right."


def _describe_changed(task: Challenge, result: Grade) -> str:
    assert task.smallest is not None
    (name, value), *_ = result.changed
    which = (
        f"{name} must be {signed(value, 'g')}"
        if name
        else f"the cell must be an {CELLS[task.smallest.cell].short} with one unit"
    )
    return (
        f"Change only b_{task.smallest.gate}: {which}. “Load the given weights” loads the others."
    )


def _describe_failure(result: Grade, failure: Failure) -> str:
    step, expected = len(failure.inputs) - 1, _word(failure.on[-1])
    return (
        f"Not yet: {result.wrong} of {result.tried} test sequences have a wrong step. In one"
        f" of them, at step {step}, the unit must be {expected}, but h is {_h(failure.h[-1])}. This"
        " sequence is now in the player."
    )


def _word(on: bool) -> str:
    return "on" if on else "off"


def _h(value: float) -> str:
    """Format h with three decimals, or with six where it would read as `ON` itself."""
    return signed(value, ".6f" if abs(value - ON) < 5e-4 else ".3f")


def failure_table(failure: Failure) -> str:
    """Return the last steps of a failed sequence as a Markdown table: x, expected and h.

    A wrong h has a cross.
    """
    count = len(failure.inputs)
    last = range(max(0, count - SHOWN), count)
    wrong = [(h > ON) != on for h, on in zip(failure.h, failure.on, strict=True)]
    rows = (
        ("step", [str(step) for step in last]),
        ("x", [signed(failure.inputs[step], "g") for step in last]),
        ("expected", [_word(failure.on[step]) for step in last]),
        ("h", [_h(failure.h[step]) + (" ✗" if wrong[step] else "") for step in last]),
    )
    lines = [f"| {name} | {' | '.join(cells)} |" for name, cells in rows]
    return "\n".join([lines[0], "|---" * (len(last) + 1) + "|", *lines[1:]])
