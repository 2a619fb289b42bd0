"""The page for teachers: its lessons, how to run a class, and how it is printed."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

import streamlit as st

from gatesviz.lessons import Lesson, lessons
from gatesviz.lessons.grading import counted
from gatesviz.ui.app_links import draw_link
from gatesviz.ui.components import part
from gatesviz.ui.lessons.address import Place
from gatesviz.ui.menu import START, address
from gatesviz.ui.presenter import PRESENT, PRESENT_TITLE
from gatesviz.ui.teachers.class_sizes import (
    Measured,
    describe,
    describe_machine,
    estimate,
    measurements,
)

COLUMNS = ("Lesson", "Minutes", "Needs", "Questions", "After the lesson, students can …")
BEFORE = """
1. In a terminal, start the app with `HOST=0.0.0.0 make run`. Other machines in your network can
   now open it.
2. Open the page *Class* and press *Open a room*. Project its code and its QR code.
3. Your students scan the QR code or type the code. They need no account and install nothing.
4. Open a lesson and press *Follow me*. Then all screens show your page. Press *Move
   their players* to share your time step, hidden unit and edits. Press *Eyes up* to cover the
   students' screens with a message.
5. Press *Hold results* before a question. Then the question shows no result. Show the guesses
   on the board, let students discuss and change theirs, and press *Show results*. Students can
   still find some results by editing in a player, or by entering the lesson's text on the same
   page opened from the menu.
6. At the end, download the answers as a table, and end the room. Then all its data is deleted.
"""
KEYS = (
    "**Keys.** PageDown and PageUp, or a clicker, go to the next and the previous step"
    " of a lesson. 1 to 9 choose an answer. On a page that plays a sequence, Space starts and stops"
    " it, ← → change the time step, and ↑ ↓ change the hidden unit. While you present, F shows the"
    " picture under the pointer in full screen."
)
SIZES = {
    5: "One laptop is enough. Talk about each guess before you look at the result. A room is useful"
    " if people sit at their own screens.",
    30: "Open a room. Let each student train one model on *Train live*. The app gives each student"
    " a different seed, so the class runs one experiment with many seeds. The board counts only"
    " the first run of each student. Ask people to open the app before you begin, so that not all"
    " of them load it at the same"
    " moment.",
    300: "Train models only on your own screen, and let students guess on their phones. Test"
    " first how fast your machine is:"
    " `python -m benchmarks.classroom --mode lesson --students 300`. Several"
    " servers can share the class: see `deploy/README.md`. If you can't run the app for so many,"
    " `gatesviz export DIR` writes pages into the folder `DIR` for any web server. Most steps of"
    " the lessons work there.",
}
"""People -> what to do with so many."""
_component = part("sheet")
_PRINTED, _SCREEN = "gatesviz-printed", "gatesviz-screen"


def draw_lessons() -> None:
    """Draw the lessons with what they need, as a table that can be printed."""
    every = lessons()
    minutes = sum(one.minutes for one in every)
    st.write(
        f"{len(every)} lessons take {minutes} minutes in all. Each step of a lesson opens a"
        " prepared page. For most questions, the app runs a model to find the right answer. Start"
        " with lesson 1."
    )
    rows: list[list[Any]] = [
        [
            {"href": Place(one, 0).href, "title": f"{number}. {one.title}"},
            str(one.minutes), needs(one), str(len(counted(one))), one.goal,
        ]
        for number, one in enumerate(every, start=1)
    ]  # fmt: skip
    data = {"columns": COLUMNS, "rows": rows, "numbers": ("Minutes", "Questions"), "prints": True}
    _component(data=data, key="lessons of teachers")


def needs(one: Lesson) -> str:
    """Return what a lesson needs: earlier lessons, and that students train models in it."""
    names = [each.name for each in lessons()]
    numbers = [str(names.index(name) + 1) for name in one.builds_on]
    parts = [f"lesson{'s' if len(numbers) > 1 else ''} {' and '.join(numbers)}"] if numbers else []
    if any(step.page == "train" for step in one.steps):
        parts.append("students train models")
    return "; ".join(parts) or "nothing"


def draw_class() -> None:
    """Draw how to run a class."""
    st.header("In class")
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown(BEFORE)
    with right:
        st.markdown(KEYS)
        st.markdown(
            "**Links.** The address of a page contains all its settings. To make a link, open"
            " *Share this page*. It is at the end of each page with settings. The link can also"
            " hide controls or lock values."
        )
        with _left_out("present"):
            draw_link(PRESENT_TITLE, address(START, {PRESENT: "1"}), key="present")


def draw_sizes() -> None:
    """Draw what to do with few or very many people, and the measurements."""
    st.header("For 5, 30 or 300 people")
    known = {one.students: one for one in measurements()}
    for column, (people, advice) in zip(st.columns(len(SIZES)), SIZES.items(), strict=True):
        with column:
            st.subheader(f"{people} people")
            st.markdown(advice)
            with _left_out(str(people)):
                st.markdown(said(people, known))
    with _left_out("machines"):
        for machine in dict.fromkeys(describe_machine(known[one]) for one in SIZES if one in known):
            st.caption(machine)


def said(people: int, known: Mapping[int, Measured]) -> str:
    """Return the result with so many people, and what it means for a class."""
    if people not in known:
        largest = max(known, default=0)
        return estimate(people, known[largest]) if largest else "This size isn't measured yet."
    one = known[people]
    if one.busy:
        return describe(one)
    enough = "is enough" if one.quick else "is too slow for a lesson in step"
    return f"{describe(one)} One machine with {one.cores} cores {enough}."


def printed(name: str) -> AbstractContextManager[Any]:
    """Return a container whose content is printed. The rest of the page isn't."""
    return st.container(key=f"{_PRINTED}-{name}")


def _left_out(name: str) -> AbstractContextManager[Any]:
    """Return a container in a printed part that isn't printed."""
    return st.container(key=f"{_SCREEN}-{name}")


def style_print() -> None:
    """Style the page so that its printed parts fill one sheet of A4."""
    st.html(f"<style>{_STYLE}</style>")


_KEPT = f"[class*=st-key-{_PRINTED}]"
_STYLE = (
    "@media print {"
    " @page { size: A4; margin: 11mm; }"
    f" [data-testid=stMainBlockContainer] *:not(:has({_KEPT})):not({_KEPT}):not({_KEPT} *)"
    ":not(:has(> [data-testid=stHeading] h1)):not([data-testid=stHeading]:has(h1)"
    "):not([data-testid=stHeading]:has(h1) *) { display: none !important; }"
    " [data-testid=stMainBlockContainer] { padding: 0 !important; }"
    f" {_KEPT} :is(:has(> [class*=st-key-{_SCREEN}]), [class*=st-key-{_SCREEN}]) {{"
    " display: none !important; }"
    # Browsers print what Streamlit lays out with gaps as blocks with margins.
    f" {_KEPT}, {_KEPT} :is([data-testid=stElementContainer], [data-testid=stLayoutWrapper]),"
    f" [data-testid=stLayoutWrapper]:has(> {_KEPT}) {{ margin-bottom: 4px !important; }}"
    " [data-testid=stHeader], [data-testid=stSidebar] { display: none !important; }"
    f" {_KEPT} :is(p, li, code) {{ font-size: 10px !important; line-height: 1.25 !important;"
    " margin-block: 0 2px !important; }"
    f" {_KEPT} [data-testid=stMarkdownContainer] {{ margin: 0 !important; }}"
    f" {_KEPT} [data-testid=stVerticalBlock] {{ gap: 2px !important; }}"
    f" {_KEPT} [data-testid=stHeading] * {{ margin-bottom: 0 !important; }}"
    f" {_KEPT} :is(h2, h3) {{ font-size: 13px !important; padding: 2px 0 0 !important; }}"
    " h1 { font-size: 18px !important; padding: 0 !important; }"
    " }"
)
