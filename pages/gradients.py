"""How far back a loss reaches, measured on the models on screen."""

import streamlit as st

from gatesviz.ui.gradients.parameters import REACH, VIEWS
from gatesviz.ui.gradients.settings import draw_settings
from gatesviz.ui.gradients.views import SHOW

st.title("Vanishing gradients")
view = st.segmented_control(
    "Show", VIEWS, default=REACH, key="grview", bind="query-params", required=True,
    label_visibility="collapsed",
)  # fmt: skip
with st.sidebar:
    settings = draw_settings(view or REACH)
SHOW[view or REACH](settings, *st.columns([2, 3]))
