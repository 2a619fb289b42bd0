"""Feed a cell a sequence and watch every gate."""

import streamlit as st

from gatesviz.cells import CELLS
from gatesviz.ui.feed import models, player, question, sources, writing
from gatesviz.ui.feed.downloads import offer_files
from gatesviz.ui.feed.legend import explain, in_short
from gatesviz.ui.page_parts import parts_of_page

left, right = st.columns([2, 3], vertical_alignment="bottom")
left.title("Feed a sequence")

with st.sidebar:
    setup, sequence = sources.draw_settings()

if sequence is None:
    st.info(sources.waiting(setup))
else:
    sequence, written = writing.draw(setup, sequence)
    if cell := question.questioned(setup):
        left.caption(in_short(CELLS[cell]))
    with parts_of_page(question.PART, player.PART, moved_by=models.MOVE_PARTS):
        with right:
            question.draw_guess(setup, sequence)
        player.draw_player(setup, sequence, written)
    explain(setup.cells)
    offer_files(setup.cells, title=sequence.title)
    st.write(question.principle(setup))
