"""The opening: one letter on its way through a trained LSTM, in captions with its own numbers."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from gatesviz.lessons import lessons
from gatesviz.player.payload import Panel, payload
from gatesviz.sequences import parse_text
from gatesviz.traces import Array
from gatesviz.trained import load_trained
from gatesviz.ui.components import part
from gatesviz.ui.feed.models import Setup
from gatesviz.ui.feed.recordings import panels, readings
from gatesviz.ui.inside.sentences import signed
from gatesviz.ui.lessons.address import Place

MODEL, TEXT = "recall-lstm", "Ax.zy.x?Cy.x?"
FIRST, FIRST_ASKED, SECOND, SECOND_ASKED = 0, 7, 8, 12
"""The steps of TEXT at which a letter comes in and is asked for."""
POSTER = (
    "A network reads one letter at a time. At each “?”, it names the last capital letter. How can"
    " it still know it?"
)
_component = part("opening")


@dataclass(frozen=True)
class Caption:
    """One sentence or two of the opening.

    Attributes:
        text: what is read.
        start, step: the steps that it shows, one after the other.
        rows: what is drawn by then: x, i, c, f, o, y.
        lit: the gate that it speaks of, or "".
    """

    text: str
    start: int
    step: int
    rows: str
    lit: str = ""


@dataclass(frozen=True)
class Unit:
    """One hidden unit of the recording, whose numbers the captions name."""

    index: int
    of: int
    gates: dict[str, Array]
    memory: Array

    def value(self, letter: str, step: int) -> str:
        """Return a gate, or the memory after the step, with two decimals."""
        row = self.memory[step + 1] if letter == "c" else self.gates[letter][step]
        return signed(float(row[self.index]), ".2f")

    def most(self, letter: str, steps: Sequence[int]) -> float:
        """Return the largest value of a gate at these steps."""
        return float(self.gates[letter][list(steps), self.index].max())

    def least(self, letter: str, steps: Sequence[int]) -> float:
        """Return the smallest value of a gate at these steps."""
        return float(self.gates[letter][list(steps), self.index].min())


def recorded() -> Panel:
    """Return the recording of TEXT by MODEL, with its answers."""
    sequence = parse_text(TEXT, load_trained(MODEL).vocabulary)
    setup = Setup(("lstm",), "recall")
    [panel] = panels(sequence, setup, readings(sequence, setup))
    return panel


def chosen_unit(panel: Panel) -> Unit:
    """Return the unit whose memory changes most when the second letter replaces the first."""
    trace = panel.trace
    memory = trace.states["c"]
    change = abs(memory[SECOND + 1] - memory[SECOND])
    return Unit(int(change.argmax()), trace.hidden_size, dict(trace.gates), memory)


def captions(panel: Panel) -> tuple[Caption, ...]:
    """Return the captions in order. Every number in them is the recording's."""
    unit, answers = chosen_unit(panel), panel.answers
    assert answers is not None
    value = unit.value
    noise = range(FIRST + 1, FIRST_ASKED)

    def answer(step: int) -> str:
        best = int(answers.values[step].argmax())
        share = 100 * answers.values[step, best]
        return f"The model answers “{answers.names[best]}” and is {share:.0f} % sure."

    return (
        Caption(
            "This LSTM has learnt one task: at each “?”, name the last capital letter. It can't"
            " look back.", -1, -1, "x",
        ),
        Caption("An “A” comes in. At the next step it is gone. So the network needs a memory.",
                -1, FIRST, "xc"),
        Caption(
            f"The input gate i opens: {value('i', FIRST)}. It writes the letter into the cell"
            f" state c, its memory: one number in each of {unit.of} units. In unit {unit.index},"
            f" drawn here, i times the new content {value('g', FIRST)} is {value('c', FIRST)}. Red"
            " means above 0, blue means below 0.",
            FIRST, FIRST, "xci", "i",
        ),
        Caption(
            f"Now comes noise. The input gate stays shut, at {unit.most('i', noise):.3f} or less."
            " A full bar means shut, a gap open. Nothing is written over the letter.",
            FIRST, FIRST_ASKED - 1, "xci", "i",
        ),
        Caption(
            "The forget gate f decides what stays: each step multiplies c by f. After the “A”,"
            f" its two posts stand apart. It is open, at {unit.least('f', noise):.3f} or more, so"
            f" c is still {value('c', FIRST_ASKED - 1)}.", FIRST, FIRST_ASKED - 1, "xcif", "f",
        ),
        Caption(
            f"At “?”, the network must answer. The output gate o opens: {value('o', FIRST_ASKED)}."
            f" Only now can the model turn its memory into an answer. {answer(FIRST_ASKED)}",
            FIRST_ASKED - 1, FIRST_ASKED, "xcifoy", "o",
        ),
        Caption(
            f"A “C” comes in. The forget gate closes to {value('f', SECOND)} and wipes most of the"
            " old letter. The input gate writes the new one: c is now"
            f" {value('c', SECOND)}.",
            FIRST_ASKED, SECOND, "xcifoy", "f",
        ),
        Caption(
            f"Noise again, then “?”. {answer(SECOND_ASKED)}", SECOND, SECOND_ASKED, "xcifoy",
        ),
        Caption(
            "Now you control the forget gate. Press a step of the thick band. There, the"
            f" gate closes in all {unit.of} units. What will the model answer?",
            SECOND_ASKED, SECOND_ASKED, "xcifoy", "f",
        ),
    )  # fmt: skip


@st.cache_data(show_spinner="Loading the trained model…")
def opening() -> dict[str, Any]:
    """Return what the browser needs: the recording with its weights, and the captions."""
    panel = recorded()
    return {
        "payload": base64.b64encode(payload([panel])).decode("ascii"),
        "unit": chosen_unit(panel).index,
        "questions": [FIRST_ASKED, SECOND_ASKED],
        "poster": POSTER,
        "lesson": Place(lessons()[0], 0).href,
        "captions": [
            {"text": one.text, "from": one.start, "step": one.step, "rows": list(one.rows),
             "lit": one.lit}
            for one in captions(panel)
        ],
    }  # fmt: skip


def draw_opening() -> None:
    """Draw the opening. It starts when the reader presses its button."""
    _component(data=opening(), key="opening")
