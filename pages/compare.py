"""What people say of LSTM and GRU, counted and measured."""

import streamlit as st

from gatesviz.ui.compare.parameters import STRUCTURE, VIEWS
from gatesviz.ui.compare.views import SHOW

st.title("LSTM or GRU?")
view = st.segmented_control(
    "Show", VIEWS, default=STRUCTURE, key="coview", bind="query-params", required=True,
    label_visibility="collapsed",
)  # fmt: skip
SHOW[view or STRUCTURE]()
