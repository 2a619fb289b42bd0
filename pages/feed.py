"""Feed a cell a sequence and watch every gate."""

import streamlit as st

from gatesviz.cells import CELLS
from gatesviz.ui.feed import models, open_in, player, question, sources, writing
from gatesviz.ui.feed.downloads import offer_files
from gatesviz.ui.feed.legend import explain, in_short
from gatesviz.ui.feed.waiting import show_waiting
from gatesviz.ui.page_parts import parts_of_page
from gatesviz.ui.principle import draw_principle

left, right = st.columns([2, 3], vertical_alignment="bottom")
left.title("Feed a sequence")

with st.sidebar:
    setup, sequence = sources.draw_settings()

if sequence is None:
    show_waiting(setup)
else:
    sequence, written = writing.draw(setup, sequence)
    if cell := question.questioned(setup):
        left.caption(in_short(CELLS[cell]))
    with parts_of_page(question.PART, player.PART, moved_by=models.MOVE_PARTS):
        with right:
            question.draw_guess(setup, sequence)
        player.draw_player(setup, sequence, written)
    open_in.offer_pages(setup)
    explain(setup.cells)
    offer_files(setup.cells, title=sequence.title)
    draw_principle(question.principle(setup))
