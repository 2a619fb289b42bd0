"""What the cells are made of: gates, states, parameters and operations, counted."""

from collections import Counter
from fractions import Fraction
from functools import cache

import streamlit as st

from gatesviz.cells import CELLS
from gatesviz.fresh import unfilled
from gatesviz.limits import FEATURES, HIDDEN
from gatesviz.ui.compare.parameters import SHARES
from gatesviz.ui.guesses import ask_guess

COMPARED = ("rnn_tanh", "gru", "lstm")
FORMULA = (
    "A cell has K blocks of H rows, one for each gate and candidate: I weights for the input, H for"
    " the state, and two biases, as PyTorch keeps them. That is K·H·(I + H + 2) numbers. The"
    " operations are those of one step by the cell's equations, for all H units together."
)
PRINCIPLE = (
    "**Principle.** With equally many units, RNN, GRU and LSTM have parameters as 1 : 3 : 4, since"
    " that is how many blocks they have (Hochreiter & Schmidhuber 1997; Gers, Schmidhuber & Cummins"
    " 2000; Cho et al. 2014). A GRU has one gate less because z decides twice: what is kept is"
    " taken from what is written. An LSTM pays a third more for deciding the two apart,"
    " and for a memory that it need not show."
)


@cache
def counted(cell: str, inputs: int, hidden: int) -> int:
    """Return how many parameters ``torch.nn``'s own module has."""
    return sum(parameter.numel() for parameter in unfilled(cell, inputs, hidden).parameters())


@cache
def operations(cell: str, inputs: int, hidden: int) -> Counter[str]:
    """Return what one step costs, read from the cell's equations.

    "products" are the multiplications of the matrix products, "elementwise" those between gates
    and states, "curves" the values of sigmoid and tanh.
    """
    written = " ".join(equation.expression for equation in CELLS[cell].equations)
    return Counter(
        products=len(CELLS[cell].blocks) * hidden * (inputs + hidden),
        elementwise=hidden * written.count(" * "),
        curves=hidden * (written.count("sigmoid(") + written.count("tanh(")),
    )


def rows(inputs: int, hidden: int) -> list[dict[str, str]]:
    """Return the table, a row for each cell."""
    return [_row(cell, inputs, hidden) for cell in COMPARED]


def _row(cell: str, inputs: int, hidden: int) -> dict[str, str]:
    kind, costs = CELLS[cell], operations(cell, inputs, hidden)
    blocks, found = len(kind.blocks), counted(cell, inputs, hidden)
    return {
        "Cell": kind.name,
        "Gates and candidate": ", ".join(gate.letter for gate in kind.gates) or "none",
        "States": ", ".join(kind.states),
        "K·H·(I + H + 2)": f"{blocks}·{hidden}·({inputs} + {hidden} + 2)",
        "Parameters in torch.nn": f"{found:,}",
        "By the RNN's": str(Fraction(found, counted(COMPARED[0], inputs, hidden))),
        "Multiplications in W·x, W·h": f"{costs['products']:,}",
        "Between gates and states": f"{costs['elementwise']:,}",
        "Values of σ and tanh": f"{costs['curves']:,}",
    }


def choose_sizes() -> tuple[int, int]:
    """Let the reader choose I and H."""
    inputs = st.slider("Inputs I", FEATURES.low, FEATURES.high, 8, key="coin", bind="query-params")
    hidden = st.slider("Units H", HIDDEN.low, HIDDEN.high, 16, key="cohid", bind="query-params")
    return FEATURES.check(inputs), HIDDEN.check(hidden)


def draw_guess(inputs: int, hidden: int) -> None:
    """Ask for the GRU's share of the LSTM's parameters; answer with the count."""
    share = Fraction(counted("gru", inputs, hidden), counted("lstm", inputs, hidden))
    guess = ask_guess(
        "**A GRU and an LSTM have equally many units. How many of the LSTM's parameters does the"
        " GRU have?** Guess, then see.",
        SHARES,
        key="coshare",
        about=share,
    )
    if guess is not None:
        st.write(compare_guess(inputs, hidden, guess))


def compare_guess(inputs: int, hidden: int, guess: str) -> str:
    """Return how the guess compares with the count."""
    gru, lstm = (counted(cell, inputs, hidden) for cell in ("gru", "lstm"))
    said = Fraction(1) if guess == SHARES[-1] else Fraction(guess)
    verdict = "Yes" if said == Fraction(gru, lstm) else f"Not quite: you said {guess}"
    return f"{verdict}. Counted: {gru:,} of {lstm:,}, exactly **{Fraction(gru, lstm)}**."


def show_table(inputs: int, hidden: int) -> None:
    """Draw the table."""
    st.table(rows(inputs, hidden), hide_index=True)
    st.write(FORMULA)
