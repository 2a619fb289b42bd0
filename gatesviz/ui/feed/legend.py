"""The gates of a cell: letter, name, equation and meaning, from `gatesviz.cells`."""

import streamlit as st

from gatesviz.cells import CELLS, Cell


def in_short(cell: Cell) -> str:
    """Return one line of Markdown for each gate: letter, name and meaning."""
    lines = (
        f"**{gate.letter}** {gate.name}: {gate.meaning[0].lower()}{gate.meaning[1:]}"
        for gate in cell.gates
    )
    return "  \n".join(lines)


def explain(cells: tuple[str, ...]) -> None:
    """Draw an expander with the convention of each cell and the equation of each gate."""
    with st.expander("The gates and their equations"):
        for cell in dict.fromkeys(cells):
            st.write(f"**{CELLS[cell].name}.** {CELLS[cell].convention}")
            for gate in CELLS[cell].gates:
                bounds = f"between {gate.low:g} and {gate.high:g}"
                st.write(f"**{gate.letter}**, {gate.name}, {bounds}. {gate.meaning}")
                st.write(f"${gate.latex}$")
