"""What if?: change a gate or a state of a trained model, and measure what that does."""

import streamlit as st

from gatesviz.ui.what_if.models import FileSubject, choose_model
from gatesviz.ui.what_if.views import SHOW, choose_view, free_play_of_file

left, right = st.columns([2, 3], vertical_alignment="top")
left.title("What if?")
with st.sidebar:
    subject = choose_model()
with left:
    view = choose_view(subject)
if isinstance(subject, FileSubject):
    free_play_of_file(subject, right)
else:
    SHOW[view](subject, right)
    st.text(subject.about)
