"""What if?: change a gate or a state of a trained model, and measure what that does."""

import streamlit as st

from gatesviz.ui.what_if.models import choose_model
from gatesviz.ui.what_if.parameters import VIEW
from gatesviz.ui.what_if.views import SHOW

left, right = st.columns([2, 3], vertical_alignment="top")
left.title("What if?")
with left:
    view = VIEW.draw()
with st.sidebar:
    subject = choose_model()
SHOW[view](subject, right)
st.text(subject.about)
