"""Find the unit that does it: rank units by a property, switch them off, see where they are on."""

import streamlit as st

from gatesviz.ui.file_model import FileModel
from gatesviz.ui.find_unit.models import choose_model
from gatesviz.ui.find_unit.parameters import VIEW
from gatesviz.ui.find_unit.ranking import choose_ranking
from gatesviz.ui.find_unit.views import SHOW
from gatesviz.ui.left_out import warn_of_left_out
from gatesviz.ui.model_upload import upload_first

left, right = st.columns([2, 3], vertical_alignment="top")
left.title("Find the unit")
with left:
    view = VIEW.draw()
with st.sidebar:
    examined = choose_model()
    ranking = None if examined is None else choose_ranking(examined)  # a text: why there is none
if examined is None:
    st.info(upload_first())
elif isinstance(ranking, str):
    st.info("There is no ranking yet.")
    st.text(ranking)
elif ranking:
    if isinstance(examined.model, FileModel):
        warn_of_left_out(examined.model, "states", "scores")
    SHOW[view](ranking, right)
for sentence in examined.about if examined else ():
    st.text(sentence)
