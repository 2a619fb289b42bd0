"""The questions of a lesson, the wrong answers that people give, and what refutes them."""

import streamlit as st

from gatesviz.lessons import Lesson, lessons
from gatesviz.lessons.answers import AnsweredQuestion, answered_questions
from gatesviz.ui.classroom.held_results import held_since, is_teacher
from gatesviz.ui.lessons.address import Place
from gatesviz.ui.script_turns import step_aside

_CHOSEN, _SHOWN = "mistakes of lesson", "mistakes shown"
INTRODUCTION = (
    "Each wrong answer in a lesson is a typical mistake. Where an answer says “Measured”, this"
    " server measured it."
)
SHOW = "Show the answers"
HELD = "The teacher of your room holds results back, so this page doesn't show the answers now."


def draw() -> None:
    """Let the reader choose a lesson, and draw its questions with all answers.

    A student in a room whose results are held back can't see them.
    """
    if held_since() is not None and not is_teacher():
        st.write(HELD)
        return
    st.write(INTRODUCTION)
    if not st.toggle(SHOW, key=_SHOWN):  # the page may be projected
        return
    titles = {f"{number}. {one.title}": one for number, one in enumerate(lessons(), start=1)}
    _draw_lesson(titles)


@st.fragment
def _draw_lesson(titles: dict[str, Lesson]) -> None:
    chosen = titles[st.selectbox("Lesson", list(titles), key=_CHOSEN)]
    step_aside()  # a measure takes up to a second the first time
    for index, step in enumerate(chosen.steps):
        for one in answered_questions(step):
            st.markdown(described(one, Place(chosen, index)))


def described(one: AnsweredQuestion, place: Place) -> str:
    """Return a question with its answers in Markdown. All texts are the app's own."""
    lines = [f"**Step {place.index + 1} of the lesson. {one.question}**", f"- ✓ {one.right}."]
    if one.measured:
        lines[1] += f" Measured: {one.measured}"
    lines += [f"- ✗ “{wrong.quoted}”: {wrong.refutation}" for wrong in one.wrong]
    return "\n".join(lines)
