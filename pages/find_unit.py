"""Find the unit that does it: rank units by a property, switch them off, see where they are on."""

import streamlit as st

from gatesviz.ui.find_unit.models import choose_model
from gatesviz.ui.find_unit.parameters import VIEW
from gatesviz.ui.find_unit.ranking import choose_ranking
from gatesviz.ui.find_unit.views import SHOW

left, right = st.columns([2, 3], vertical_alignment="top")
left.title("Find the unit")
with left:
    view = VIEW.draw()
with st.sidebar:
    examined = choose_model()
    ranking = None if examined is None else choose_ranking(examined)
if examined is None:
    st.info("Upload a model file in the sidebar, or choose another model.")
elif ranking is None:
    st.info("There is no ranking yet. Follow the sentence in the sidebar.")
else:
    SHOW[view](ranking, right)
for sentence in examined.about if examined else ():
    st.text(sentence)
