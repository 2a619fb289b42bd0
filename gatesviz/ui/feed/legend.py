"""What each gate is: letter, name, equation and meaning, as `gatesviz.cells` tells them."""

import streamlit as st

from gatesviz.cells import CELLS


def explain(cells: tuple[str, ...]) -> None:
    """Draw, for who opens it, a paragraph for each gate of the cells."""
    with st.expander("What each gate is"):
        for cell in dict.fromkeys(cells):
            st.write(f"**{CELLS[cell].name}.** {CELLS[cell].convention}")
            for gate in CELLS[cell].gates:
                bounds = f"between {gate.low:g} and {gate.high:g}"
                st.write(f"**{gate.letter}**, {gate.name}, {bounds}: {gate.meaning}")
                st.write(f"${gate.latex}$")
