"""Class: a room, and one board of all guesses, answers and runs."""

import streamlit as st

from gatesviz.ui.classroom import page
from gatesviz.ui.classroom.membership import member

st.title("Work as a class")
page.style()
who = member()
if who is None:
    page.draw_entrance()
else:
    if who.teacher:
        page.draw_lead(who)
    else:
        page.draw_student(who)
    page.draw_board(who)
