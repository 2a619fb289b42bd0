"""Feed a cell a sequence and watch every gate."""

import streamlit as st

from gatesviz.cells import CELLS
from gatesviz.player.payload import Selection, payload
from gatesviz.ui.feed import models, question, sources, writing
from gatesviz.ui.feed.downloads import offer_files
from gatesviz.ui.feed.legend import explain, in_short
from gatesviz.ui.feed.recordings import edited_recordings, panels, readings
from gatesviz.ui.player import opening, stage

left, right = st.columns([2, 3], vertical_alignment="bottom")
left.title("Feed a sequence")

with st.sidebar:
    setup, sequence = sources.draw_settings()

if sequence is None:
    st.info(f"There is no {sources.lacking(setup)} yet. Follow the instruction in the sidebar.")
else:
    sequence, written = writing.draw(setup, sequence)
    recorded = readings(sequence, setup)
    if cell := question.questioned(setup):
        left.caption(in_short(CELLS[cell]))
    with right:
        question.draw_guess(setup, sequence, recorded)
    shown = panels(sequence, setup, recorded, written)
    stage(payload(shown, select=opening("feed", Selection(playing=True))), key="feed")

    for sentence in models.described(setup):
        st.text(sentence)
    explain(setup.cells)
    offer_files(shown, edited_recordings(sequence, setup), title=sequence.title)
    st.write(question.principle(setup))
