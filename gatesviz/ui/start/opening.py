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
    " it still know that letter?"
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
        return f"The model answers “{answers.names[best]}” ({share:.0f} % sure)."

    return (
        Caption("This trained LSTM names the last capital letter at each “?”.", -1, -1, "x"),
        Caption(
            "An “A” comes in, for one step only. The LSTM can't look back, so it needs a memory.",
            -1, FIRST, "xc",
        ),
        Caption(
            f"The input gate i opens: {value('i', FIRST)}. It writes the letter into the memory,"
            f" the cell state: c is {value('c', FIRST)}.", FIRST, FIRST, "xci", "i",
        ),
        Caption(
            f"Noise comes in. The input gate shuts: {unit.most('i', noise):.3f} or less. Nothing"
            " overwrites the letter.", FIRST, FIRST_ASKED - 1, "xci", "i",
        ),
        Caption(
            "The forget gate f (orange, left of each step) multiplies c. In noise, it is open, at"
            f" {unit.least('f', noise):.3f} or more: c is still {value('c', FIRST_ASKED - 1)}.",
            FIRST, FIRST_ASKED - 1, "xcif", "f",
        ),
        Caption(
            f"At “?”, the output gate o opens to {value('o', FIRST_ASKED)} and reads the memory"
            f" out. {answer(FIRST_ASKED)}", FIRST_ASKED - 1, FIRST_ASKED, "xcifoy", "o",
        ),
        Caption(
            f"A “C” comes in. The forget gate closes to {value('f', SECOND)} and wipes most of the"
            f" “A”. The input gate writes the “C”: c is {value('c', SECOND)}.",
            FIRST_ASKED, SECOND, "xcifoy", "f",
        ),
        Caption(
            f"More noise, then “?”. {answer(SECOND_ASKED)}", SECOND, SECOND_ASKED, "xcifoy",
        ),
        Caption(
            "Now break it: press a step of the thick band, and watch the answers in the bottom row."
            f" Your press closes the forget gate there, in all {unit.of} units.",
            SECOND_ASKED, SECOND_ASKED, "xcifoy", "f",
        ),
    )  # fmt: skip


def legend(panel: Panel) -> str:
    """Return what the picture shows, and how to read its colours and gates."""
    unit = chosen_unit(panel)
    return (
        f"The picture shows one of {unit.of} hidden units, unit {unit.index}. Red: above 0. Blue:"
        " below 0. A full bar is a shut gate. A gap is open: there, you see what passes."
    )


@st.cache_data(show_spinner="Loading the trained model…")
def opening() -> dict[str, Any]:
    """Return what the browser needs: the recording with its weights, and the captions."""
    panel = recorded()
    return {
        "payload": base64.b64encode(payload([panel])).decode("ascii"),
        "unit": chosen_unit(panel).index,
        "questions": [FIRST_ASKED, SECOND_ASKED],
        "poster": POSTER,
        "legend": legend(panel),
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
