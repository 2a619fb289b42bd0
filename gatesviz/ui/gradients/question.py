"""How far back: the question, the guess or the drawn curve, and the comparison with the result."""

from collections.abc import Hashable, Iterable
from functools import partial

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from gatesviz.cells import LSTM
from gatesviz.figures import written
from gatesviz.rooms.curves import Curve
from gatesviz.traces import Array
from gatesviz.ui.classroom.held_results import hides, note_hidden
from gatesviz.ui.classroom.reports import asked_curve, report_curve
from gatesviz.ui.classroom.stage import put_on_stage
from gatesviz.ui.components import part
from gatesviz.ui.feed.sketch import PLACES, keep_line, line_in_link, to_text
from gatesviz.ui.gradients.measurements import Measured
from gatesviz.ui.gradients.parameters import DRAW_FIELD, GUESS_FIELD, GUESSES, SHOW_FIELD
from gatesviz.ui.gradients.sentences import describe_overflow, judge_guess, share_left, step_count
from gatesviz.ui.guesses import (
    ask_guess,
    details,
    is_held,
    may_show,
    settings_text,
    with_verdict,
)

SHARE = 0.01
NEVER = GUESSES[-1]
PRINCIPLE = (
    "**Principle.** Each step back multiplies the gradient by one more factor. Over many steps,"
    " the product vanishes or explodes unless the factors stay close to 1. Along the LSTM's cell"
    " state, they stay close to 1 while the forget gate is open (f close to 1)."
)
SOURCES = (
    "Sources: Hochreiter 1991; Bengio, Simard & Frasconi 1994; Pascanu, Mikolov & Bengio 2013."
    " Cell state: Hochreiter & Schmidhuber 1997; Gers, Schmidhuber & Cummins 2000."
)
DECADES = 6.0  # one height of the pad: from 1 at its top down to 10⁻¹² at its bottom
LOWEST = 10 ** (-2 * DECADES)
"""The share at the bottom of the pad."""
FLAT = [1.0] * PLACES
LINES_CACHED = 40
_PAD, _DRAWN, _OPENED = "gradient pad", "gradient drawn", "gradient opened"
_STROKE = "gradient stroke"
_LINES, _ABOUT, _OPENINGS = "gradient lines", "gradient line about", "gradient openings"
_component = part("expected")


def draw_guess(
    measured: list[Measured],
    drawn: Array | None,
    *,
    asked: DeltaGenerator,
    compared: DeltaGenerator,
    anyway: DeltaGenerator,
) -> bool:
    """Ask how far the LSTM's gradient reaches, and compare the guess and the ``drawn`` curve.

    Returns whether the page may show the result.

    Args:
        measured: the gradients of all cells.
        drawn: the curve that the reader drew, or None.
        asked, compared, anyway: where the question, the comparison, and the switch that shows the
            result without a guess are drawn.
    """
    one = hidden_model(measured)
    with asked:
        guess = ask_guess(
            f"**The loss uses only h after the last of {one.steps} steps. How many steps back does"
            f" {one.owned(f'‖∂L/∂{one.carried}‖')} fall below 1 % of its value at the last step?"
            " Choose the nearest number.**",
            offered(one.steps),
            key=GUESS_FIELD.key,
            about=answer_key(one),
            right=lambda: right_guess(one),
        )
    with compared:
        if guess is not None:
            with details("guess"):
                st.write(compare_guess(one, guess))
        if drawn is not None:
            if st.session_state.pop(_STROKE, False):  # a curve of a link is not the reader's
                _tell_room(one)
            if not is_held() or not hides(asked_curve(*_asked(one)), answer_key(one)):
                st.write(compare_curve(one, drawn))
                return True
            note_hidden()
    with anyway:
        return may_show(guess, SHOW_FIELD)


def draw_curve(measured: list[Measured]) -> Array | None:
    """Let the reader draw the curve they expect; return it, or None if there is none."""
    one = hidden_model(measured)
    if not DRAW_FIELD.draw():
        return None
    put_on_stage(asked_curve(*_asked(one)))
    return pad(one.steps, answer_key(one))


def hidden_model(measured: list[Measured]) -> Measured:
    """Return the model that the question is about: the LSTM, or the last one without it."""
    return next((one for one in measured if one.kind is LSTM), measured[-1])


def answer_key(one: Measured) -> tuple[str, bytes]:
    """Return the numbers that decide the right answer."""
    return one.name, one.left[one.carried].tobytes()


def offered(steps: int) -> list[str]:
    """Return those of `GUESSES` that fit into so many steps."""
    return [word for word in GUESSES if word == NEVER or int(word) <= steps]


def right_guess(one: Measured) -> str | None:
    """Return which of `GUESSES` is nearest; None if two are as near or the gradient overflows."""
    if one.lost is not None:
        return None
    faded = one.faded(SHARE)
    if faded is None:
        return NEVER
    off = {word: abs(int(word) - faded) for word in offered(one.steps) if word != NEVER}
    nearest = [word for word, steps in off.items() if steps == min(off.values())]
    return nearest[0] if len(nearest) == 1 else None


def compare_guess(one: Measured, guess: str) -> str:
    """Return how far the guess is from the result, in numbers."""
    if one.lost is not None:
        return with_verdict(f"You guessed {guess}.", describe_overflow(one))
    faded, share = one.faded(SHARE), one.left[one.carried]
    result = (
        f"**{step_count(faded)} back**, ‖∂L/∂{one.carried}‖ falls below 1 %{_nearest(one, faded)}."
        if faded is not None
        else f"‖∂L/∂{one.carried}‖ never falls below 1 % in {step_count(one.steps)}."
    )
    if guess == NEVER:
        start = f"Before the first step, {share_left(float(share[0]))}."
        return with_verdict(judge_guess(guess, faded is None), f"{result} {start}")
    steps = int(guess)
    there = f"{step_count(steps)} back, {share_left(float(share[-1 - steps]))}."
    if faded is None or faded == steps:
        verdict = judge_guess(step_count(steps), faded == steps)
        return with_verdict(verdict, f"{result} {there}")
    nearest = right_guess(one)
    verdict = judge_guess(step_count(steps), guess == nearest)
    verdict = verdict if nearest else f"You guessed {step_count(steps)}."
    return with_verdict(verdict, f"{result} {there}")


def _nearest(one: Measured, faded: int) -> str:
    """Return which choice is nearest to ``faded``, as the end of a sentence; "" if it is one."""
    nearest = right_guess(one)
    if nearest is None or nearest in (NEVER, str(faded)):
        return ""
    return f", so the nearest choice is {step_count(int(nearest))}"


def _tell_room(one: Measured) -> None:
    """Tell the room of a class the curve that a student drew, with the measured one."""
    curve = Curve(hundredths(st.session_state[_DRAWN]), measured_curve(one))
    report_curve(*_asked(one), curve, answer_key(one), settings_text())


def _asked(one: Measured) -> tuple[str, tuple[str, ...]]:
    """Return the question of the pad and the labels of its axes, as a class sees them."""
    return (
        f"Draw how much of the gradient is left in the {one.called}, backward, step by step.",
        ("all", "10⁻⁶", "10⁻¹²", "0 steps back", f"{one.steps} steps back"),
    )


def hundredths(heights: Iterable[float]) -> tuple[int, ...]:
    """Return heights of the pad as whole hundredths."""
    return tuple(round(100 * height) for height in heights)


def measured_curve(one: Measured) -> tuple[int, ...]:
    """Return the result as hundredths of the pad's heights, or () if it isn't finite.

    A value beyond the edge of the pad is drawn at its edge.
    """
    share = one.left[one.carried]
    if one.lost is not None or not np.isfinite(share).all():
        return ()
    decades = np.log10(np.clip(share, LOWEST, 1))[::-1]
    back = np.linspace(0, one.steps, PLACES)
    return hundredths((1 + np.interp(back, np.arange(one.steps + 1), decades) / DECADES).tolist())


def compare_curve(one: Measured, drawn: Array) -> str:
    """Return the mean factor between the drawn curve and the result, and the largest one.

    A result beyond the edge of the pad counts as the edge.
    """
    if one.lost is not None:
        return f"Your curve can't be compared. {describe_overflow(one)}"
    share = one.left[one.carried]
    if not np.isfinite(share).all():
        return "Your curve can't be compared: the gradient is 0 after the last step."
    decades = np.abs(np.log10(drawn) - np.log10(np.clip(share, LOWEST, 1)))
    lag = int(decades[::-1].argmax())
    off = bool((share < LOWEST).any() or (share > 1).any())
    clipped = " Values beyond the pad count as its edge." if off else ""
    return (
        f"Your curve is off by a factor of {written(float(10 ** decades.mean()))} on average (the"
        f" geometric mean over all steps). The largest difference is {step_count(lag)} back: you"
        f" drew {written(float(drawn[-1 - lag]))}, the result is"
        f" {written(float(share[-1 - lag]))}.{clipped}"
    )


def pad(steps: int, about: Hashable) -> Array | None:
    """Draw the pad; return the expected shares (T + 1,), or None before the first stroke.

    The line goes into the link. Like a guess, it belongs to ``about``, the numbers that it is
    compared with. When they change, the pad is flat again; when they come back, so does the line.
    """
    lines: dict[Hashable, list[float]] = st.session_state.setdefault(_LINES, {})
    before = st.session_state.get(_ABOUT, about)
    linked = line_in_link("grline") if before == about else None
    key = f"{_PAD} {st.session_state.get(_OPENINGS, 0)}"
    if before != about or key not in st.session_state or _OPENED not in st.session_state:
        st.session_state[_OPENED] = linked or lines.get(about, FLAT)
        st.session_state[_DRAWN] = st.session_state[_OPENED]
    if before != about:  # a new pad: the old one would keep its line
        st.session_state[_OPENINGS] = st.session_state.get(_OPENINGS, 0) + 1
        key = f"{_PAD} {st.session_state[_OPENINGS]}"
        st.query_params.pop("grline", None)
        if st.session_state[_OPENED] != FLAT:
            st.query_params["grline"] = to_text(st.session_state[_OPENED])
    st.session_state[_ABOUT] = about
    drawn: list[float] = st.session_state[_DRAWN]
    data = {"line": st.session_state[_OPENED], "drawn": drawn, "steps": steps, "decades": DECADES}
    _component(data=data, key=key, on_line_change=partial(_keep, key))
    lines[about] = drawn
    while len(lines) > LINES_CACHED:
        del lines[next(iter(lines))]
    return None if drawn == FLAT else shares(drawn, steps)


def _keep(key: str) -> None:
    keep_line(key, _DRAWN, "grline")
    st.session_state[_STROKE] = True


def shares(line: list[float], steps: int) -> Array:
    """Return the shares (T + 1,), last step last, of heights that start at the last step."""
    positions = np.linspace(0, PLACES - 1, steps + 1)
    heights = np.interp(positions, np.arange(PLACES), line)
    values: Array = 10.0 ** (DECADES * (heights[::-1] - 1))
    return values
