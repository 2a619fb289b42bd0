"""The questions of a lesson, the wrong answers that people give, and what refutes them."""

import streamlit as st

from gatesviz.lessons import Lesson, lessons
from gatesviz.lessons.answers import AnsweredQuestion, answered_questions
from gatesviz.ui.lessons.address import Place
from gatesviz.ui.script_turns import step_aside

_CHOSEN = "mistakes of lesson"
INTRODUCTION = (
    "Each wrong answer in a lesson is a typical mistake. The measurements were made on this server."
)


def draw() -> None:
    """Let the reader choose a lesson, and draw its questions with all answers."""
    st.write(INTRODUCTION)
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
