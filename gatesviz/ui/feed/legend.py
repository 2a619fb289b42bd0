"""The gates of a cell: letter, name, equation and meaning, from `gatesviz.cells`."""

from functools import cache

import streamlit as st

from gatesviz.cells import CELLS, Cell


def in_short(cell: Cell) -> str:
    """Return one line of Markdown for each gate: letter, name and meaning."""
    lines = (
        f"**{gate.letter}** {gate.name}: {gate.meaning[0].lower()}{gate.meaning[1:]}"
        for gate in cell.gates
    )
    return "  \n".join(lines)


@cache
def _equations(cells: tuple[str, ...]) -> str:
    """Return the paragraphs in Markdown: one text, because each text is a message."""
    paragraphs = []
    for cell in cells:
        paragraphs.append(f"**{CELLS[cell].name}**")
        for gate in CELLS[cell].gates:
            bounds = f"between {gate.low:g} and {gate.high:g}".replace("-", "−")
            paragraphs.append(f"**{gate.letter}**, {gate.name}, {bounds}. {gate.meaning}")
            paragraphs.append(f"${gate.latex}$")
    return "\n\n".join(paragraphs)


def explain(cells: tuple[str, ...]) -> None:
    """Draw an expander with the equation of each gate. The player says each cell's convention."""
    with st.expander("The gates and their equations"):
        st.write(_equations(tuple(dict.fromkeys(cells))))
