"""LSTM or GRU? Count, compare and measure the cells."""

import streamlit as st

from gatesviz.ui.compare.parameters import VIEW
from gatesviz.ui.compare.views import SHOW

st.title("LSTM or GRU?")
SHOW[VIEW.draw()]()
