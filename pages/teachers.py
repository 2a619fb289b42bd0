"""For teachers: the lessons, typical mistakes, class sizes, and one page to print."""

import streamlit as st

from gatesviz.ui.teachers import mistakes, page

st.title("For teachers")
page.style_print()
with page.printed("lessons"):
    page.draw_lessons()
with page.printed("class"):
    page.draw_class()
st.header("Typical mistakes")
mistakes.draw()
