"""Glossary: every letter and term, with a link to where you can see it."""

import streamlit as st

from gatesviz.ui.app_links import draw_terms
from gatesviz.ui.glossary.terms import sections

st.title("Glossary")
st.write(
    "The symbols, such as i, f and h, are those of PyTorch. Each link shows the symbol or term in a"
    " real model."
)
for heading, terms in sections().items():
    st.header(heading)
    draw_terms(terms, key=heading)
