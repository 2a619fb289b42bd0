"""The frame around every page: the menu, the tab's title and its icon."""

import streamlit as st

from gatesviz.ui.compare.parameters import PARAMETERS as COMPARE
from gatesviz.ui.compare.parameters import WIDGETS as COMPARE_WIDGETS
from gatesviz.ui.components import HIDDEN, bring
from gatesviz.ui.feed.parameters import PARAMETERS as FEED
from gatesviz.ui.feed.parameters import WIDGETS as FEED_WIDGETS
from gatesviz.ui.folders import UI, app_folder
from gatesviz.ui.gradients.parameters import PARAMETERS as GRADIENTS
from gatesviz.ui.gradients.parameters import WIDGETS as GRADIENT_WIDGETS
from gatesviz.ui.guesses import RESERVED
from gatesviz.ui.inside.parameters import PARAMETERS as INSIDE
from gatesviz.ui.lessons.address import PARAMETERS as LESSONS
from gatesviz.ui.lessons.panel import draw_lesson
from gatesviz.ui.model_handoff import PARAMETERS as HANDOFF
from gatesviz.ui.notices import run_with_notices
from gatesviz.ui.player import PARAMETERS as PLAYER
from gatesviz.ui.train.parameters import PARAMETERS as TRAIN
from gatesviz.ui.train.parameters import WIDGETS as TRAIN_WIDGETS
from gatesviz.ui.what_if.parameters import PARAMETERS as WHAT_IF
from gatesviz.ui.what_if.parameters import WIDGETS as WHAT_IF_WIDGETS

PAGES = app_folder() / "pages"

page = st.navigation(
    [
        st.Page(
            PAGES / "feed.py",
            title="Feed a sequence",
            help="Feed a sequence to a cell and watch every gate, step by step.",
            default=True,
        ),
        st.Page(
            PAGES / "inside.py",
            title="Inside the cell",
            help="Change the inputs and weights of a small cell and follow its arithmetic.",
        ),
        st.Page(
            PAGES / "train.py",
            title="Train live",
            help="Train small models and see how their gates change.",
        ),
        st.Page(
            PAGES / "what_if.py",
            title="What if?",
            help="Change a gate or a memory of a trained model and measure what that does.",
        ),
        st.Page(
            PAGES / "gradients.py",
            title="Vanishing gradients",
            help="Measure how far back a loss reaches in an RNN, a GRU and an LSTM.",
        ),
        st.Page(
            PAGES / "compare.py",
            title="LSTM or GRU?",
            help="Compare both cells, and test known results.",
        ),
    ],
    position="top",
)
st.set_page_config(
    page_title=f"{page.title} · gatesviz",
    page_icon=UI / "icon.svg",  # Streamlit would load a named icon from Google
    layout="wide",
)
# The theme has no option for the page margins. The player needs the width on a projector.
wide = "[data-testid=stMainBlockContainer] { padding-inline: 1.5rem; }"
st.html(f"<style>{wide} {HIDDEN} {RESERVED}</style>")
bring()
draw_lesson()
bound = {
    "Feed a sequence": FEED_WIDGETS,
    "Train live": TRAIN_WIDGETS,
    "What if?": WHAT_IF_WIDGETS,
    "Vanishing gradients": GRADIENT_WIDGETS,
    "LSTM or GRU?": COMPARE_WIDGETS,
}.get(page.title, {})
known = {
    **FEED,
    **INSIDE,
    **TRAIN,
    **WHAT_IF,
    **GRADIENTS,
    **COMPARE,
    **HANDOFF,
    **PLAYER,
    **LESSONS,
}
run_with_notices(page.run, known, bound)
