"""For teachers: the lessons, a plan, class sizes, typical mistakes, and one page to print."""

import streamlit as st

from gatesviz.ui.teachers import mistakes, page, plan

st.title("For teachers")
page.style_print()
with page.printed("lessons"):
    page.draw_lessons()
with page.printed("class"):
    page.draw_class()
with page.printed("plan"):
    plan.draw_plan()
with page.printed("sizes"):
    page.draw_sizes()
st.header("Typical mistakes")
mistakes.draw()
