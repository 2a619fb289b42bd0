"""Vanishing gradients: measure how far back the gradient reaches in an RNN, a GRU and an LSTM."""

import streamlit as st

from gatesviz.ui.gradients.parameters import VIEW_FIELD
from gatesviz.ui.gradients.settings import draw_settings
from gatesviz.ui.gradients.views import draw_view

st.title("Vanishing gradients")
view = VIEW_FIELD.draw()
with st.sidebar:
    settings = draw_settings(view)
draw_view(view, settings)
