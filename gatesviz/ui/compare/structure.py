"""Gates, states, parameters and operations of each cell, counted."""

from collections import Counter
from fractions import Fraction
from functools import cache

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from gatesviz.cells import CELLS, GRU, LSTM, RNN_TANH, compared, further
from gatesviz.fresh import unfilled
from gatesviz.limits import FEATURES, HIDDEN
from gatesviz.ui.compare.parameters import INPUTS, SHARE_GUESS, SHARES, UNITS
from gatesviz.ui.guesses import ask_first, ask_guess, is_held, with_verdict

FORMULA = (
    "A cell has K blocks of weights with H rows each. Each gate has one block, and so does the"
    " candidate. A plain RNN has one block. Each row has I weights"
    " for the input, H weights for the state, and two biases, as in PyTorch. That makes"
    " K·H·(I + H + 2) parameters. The operations of one step are counted for all H units together."
)
SIZES = "More choices"
COUNTS_SHOWN = "compare counts shown"
"""Key of the switch that shows the counts without a guess."""
PRINCIPLE = (
    "**Principle.** At the same size, a GRU has 3 times as many parameters as an RNN, and an LSTM 4"
    " times as many. The reason: an RNN has 1 block of weights, a GRU has 3, and an LSTM has 4. A"
    " GRU has 2 gates, an LSTM 3. The GRU's gate z decides both what to keep and what"
    " to write."
)
SOURCES = (
    "An LSTM has a third more parameters than a GRU. In return, it can choose separately what to"
    " keep and what to write. Its output gate o can also hide the memory c from the hidden state"
    " h. Sources: Hochreiter & Schmidhuber 1997; Gers, Schmidhuber & Cummins 2000; Cho et al. 2014."
)


@cache
def counted(cell: str, inputs: int, hidden: int) -> int:
    """Return the number of parameters of the ``torch.nn`` module."""
    return sum(parameter.numel() for parameter in unfilled(cell, inputs, hidden).parameters())


@cache
def operations(cell: str, inputs: int, hidden: int) -> Counter[str]:
    """Return the operations of one step, counted in the cell's equations.

    "products" are the multiplications of the matrix products, "elementwise" those between gates
    and states, and "curves" the values of sigmoid and tanh.
    """
    written = " ".join(equation.expression for equation in CELLS[cell].equations)
    return Counter(
        products=len(CELLS[cell].blocks) * hidden * (inputs + hidden),
        elementwise=hidden * written.count(" * "),
        curves=hidden * (written.count("sigmoid(") + written.count("tanh(")),
    )


def size_rows(inputs: int, hidden: int) -> list[dict[str, str]]:
    """Return the table, a row for each cell."""
    return [_row(cell.key, inputs, hidden) for cell in compared()]


def _row(cell: str, inputs: int, hidden: int) -> dict[str, str]:
    kind, costs = CELLS[cell], operations(cell, inputs, hidden)
    blocks, count = len(kind.blocks), counted(cell, inputs, hidden)
    return {
        "Cell": kind.name,
        "Gates and candidate": ", ".join(gate.letter for gate in kind.gates) or "none",
        "States": ", ".join(kind.states),
        "K·H·(I + H + 2)": f"{blocks}·{hidden}·({inputs} + {hidden} + 2)",
        "Parameters in torch.nn": f"{count:,}",
        "Parameters divided by the RNN's": str(
            Fraction(count, counted(RNN_TANH.key, inputs, hidden))
        ),
        "Multiplications in W·x and W·h": f"{costs['products']:,}",
        "Multiplications between gates and states": f"{costs['elementwise']:,}",
        "How many times σ or tanh is computed": f"{costs['curves']:,}",
    }


def choose_sizes() -> tuple[int, int]:
    """Let the reader choose the inputs I and the hidden units H, and return both."""
    return FEATURES.check(INPUTS.draw()), HIDDEN.check(UNITS.draw())


def draw_guess(inputs: int, hidden: int, asked: DeltaGenerator, anyway: DeltaGenerator) -> bool:
    """Ask for the GRU's share of the LSTM's parameters; return whether to show the counts.

    Args:
        inputs, hidden: the sizes I and H.
        asked, anyway: where the question, and the switch that skips it, are drawn.
    """
    share = Fraction(counted(GRU.key, inputs, hidden), counted(LSTM.key, inputs, hidden))
    with asked:
        guess = ask_guess(
            SHARE_GUESS.label, SHARES, key=SHARE_GUESS.key, about=share, right=lambda: str(share)
        )
        if guess is not None:
            st.write(compare_guess(inputs, hidden, guess))
            return True
        st.write(ask_first("Make a guess to see the parameter counts."))
    with anyway:
        return not is_held() and st.toggle("Show the result without a guess", key=COUNTS_SHOWN)


def compare_guess(inputs: int, hidden: int, guess: str) -> str:
    """Return how the guess compares with the count."""
    gru, lstm = (counted(cell.key, inputs, hidden) for cell in (GRU, LSTM))
    guessed = Fraction(1) if guess == SHARES[-1] else Fraction(guess)
    verdict = "Yes" if guessed == Fraction(gru, lstm) else f"Not quite: you guessed {guess}"
    counts = (
        f"The GRU has {gru:,} parameters and the LSTM {lstm:,}. So the GRU has"
        f" exactly **{Fraction(gru, lstm)}** of the LSTM's parameters."
    )
    return with_verdict(f"{verdict}.", counts)


def show_table(inputs: int, hidden: int) -> None:
    """Draw the table and explain its formula."""
    st.table(
        size_rows(inputs, hidden),
        hide_index=True,
        alt="Gates, states, parameters and operations of each cell.",
    )
    st.write(FORMULA)
    for cell in further():
        st.write(describe_further(cell.key, inputs, hidden))


def describe_further(cell: str, inputs: int, hidden: int) -> str:
    """Return the counts of a cell that menus offer and the table leaves out, as a sentence."""
    kind, products = CELLS[cell], operations(cell, inputs, hidden)["products"]
    return (
        f"Other pages also offer the {kind.in_sentences} (in menus: “{kind.short}”). At this size,"
        f" it has {counted(cell, inputs, hidden):,} parameters and computes {products:,}"
        " multiplications in W·x and W·h."
    )
