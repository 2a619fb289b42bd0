"""The frame around every page: the menu, the tab's title and its icon."""

import streamlit as st

from gatesviz.ui.app_links import draw_way_on
from gatesviz.ui.charts import REVEALED
from gatesviz.ui.classroom.frame import draw_room, end_room_page
from gatesviz.ui.classroom.membership import PARAMETERS as ROOM
from gatesviz.ui.classroom.membership import member
from gatesviz.ui.classroom.pace import OWN_SEED
from gatesviz.ui.compare.parameters import WIDGETS as COMPARE_WIDGETS
from gatesviz.ui.components import HIDDEN, bring
from gatesviz.ui.feed.parameters import WIDGETS as FEED_WIDGETS
from gatesviz.ui.find_unit.parameters import WIDGETS as FIND_UNIT_WIDGETS
from gatesviz.ui.folders import UI
from gatesviz.ui.gradients.parameters import WIDGETS as GRADIENT_WIDGETS
from gatesviz.ui.guesses import QUESTIONS, RESERVED
from gatesviz.ui.lessons.address import PARAMETERS as LESSONS
from gatesviz.ui.lessons.panel import draw_lesson
from gatesviz.ui.locks import begin_drawing
from gatesviz.ui.menu import MENU, START, menu_pages
from gatesviz.ui.model_handoff import PARAMETERS as HANDOFF
from gatesviz.ui.model_upload import PARAMETERS as UPLOAD
from gatesviz.ui.notices import run_with_notices
from gatesviz.ui.old_links import elsewhere
from gatesviz.ui.page_parts import begin_parts
from gatesviz.ui.page_settings import EVERY_SETTING, SETTINGS, pages_of_others, settings_of
from gatesviz.ui.player import PARAMETERS as PLAYER
from gatesviz.ui.presenter import PARAMETERS as PRESENTER
from gatesviz.ui.presenter import draw_presenter, presenting
from gatesviz.ui.reconnecting import ask_after_reconnecting
from gatesviz.ui.sharing.hiding import PARAMETERS as SHARING
from gatesviz.ui.sharing.hiding import draw_hiding
from gatesviz.ui.sharing.link import draw_sharing
from gatesviz.ui.train.parameters import WIDGETS as TRAIN_WIDGETS
from gatesviz.ui.what_if.parameters import WIDGETS as WHAT_IF_WIDGETS

PAGES = menu_pages()
page = st.navigation(list(PAGES.values()), position="top")
name = next(one.name for one in MENU if one.title == page.title)
if name == START and (meant := elsewhere(st.query_params.to_dict())):
    st.switch_page(PAGES[meant[0]], query_params=meant[1])
presented = presenting()
st.set_page_config(
    page_title=f"{page.title} · gatesviz",
    page_icon=UI / "icon.svg",  # Streamlit would load a named icon from Google
    layout="wide",
    initial_sidebar_state="collapsed" if presented else "auto",
)
# The theme has no option for the page margins. The player needs the width on a projector.
wide = "[data-testid=stMainBlockContainer] { padding-inline: 1.5rem; }"
# A scroll bar that appears during an edit would move the steps under the pointer.
wide += " [data-testid=stMain] { scrollbar-gutter: stable; }"
# Parts that stay in view, and the focus, keep clear of the menu and of a teacher's bar, which lie
# over the page.
wide += " [data-testid=stMain] { --gv-top: calc(3.75rem + var(--gv-room, 0px));"
wide += " scroll-padding-top: var(--gv-top); }"
# On a phone, Streamlit cuts the last options of a wide choice off.
wide += " [data-testid=stButtonGroup] [role=radiogroup] { flex-wrap: wrap; }"
# Streamlit hides the borders of the choice's neighbours, which may stand in another line
wide += " [role=radiogroup] > button[aria-checked=true] { z-index: 1; }"
wide += (
    " [role=radiogroup] > button[aria-checked=false]:not(:hover, :focus-visible, :disabled)"
    " { border-color: color-mix(in srgb, currentColor 20%, transparent) !important; }"
)
# Streamlit says “Press Ctrl+Enter to apply” also where there is no such key.
wide += (
    " @media (hover: none), (max-width: 699px) {"
    " .stTextArea [data-testid=InputInstructions] { font-size: 0; }"
    " .stTextArea [data-testid=InputInstructions]::after { font-size: 0.8rem;"
    " content: 'Tap outside to apply'; } }"
)
# Streamlit writes white on the primary colour. On the dark theme's sky blue that is too pale.
ink = f"light-dark(#FFFFFF, {st.get_option('theme.dark.backgroundColor')})"
wide += f" [data-testid=stBaseButton-primary]:enabled {{ color: {ink}; }}"
wide += f" [data-testid=stMultiSelect] span[title] {{ color: {ink}; }}"
st.html(f"<style>{wide} {HIDDEN} {QUESTIONS} {RESERVED} {REVEALED}</style>")
bring()
if name != "glossary":  # which has no settings that another server has to learn
    ask_after_reconnecting()
begin_drawing()
begin_parts()
draw_room(name)
in_lesson = draw_lesson(name)
if not in_lesson:
    draw_hiding(name)
if presented:
    draw_presenter(name, in_lesson=in_lesson)
bound = {
    "feed": FEED_WIDGETS,
    "train": TRAIN_WIDGETS,
    "what_if": WHAT_IF_WIDGETS,
    "find_unit": FIND_UNIT_WIDGETS,
    "gradients": GRADIENT_WIDGETS,
    "compare": COMPARE_WIDGETS,
}.get(name, {})
known = {**HANDOFF, **UPLOAD, **PLAYER, **LESSONS, **ROOM, **PRESENTER, **SHARING}
if member() is not None:  # a screen that follows a class may bring its seed to any page
    known[OWN_SEED] = EVERY_SETTING[OWN_SEED]
run_with_notices(page.run, {**settings_of(name), **known}, bound, pages_of_others(name))
if not in_lesson:  # a lesson has its own way on
    draw_way_on(name)
if name in SETTINGS and not presented:
    draw_sharing(name)
end_room_page(name)
# The whole address once more. An earlier run may have written it before it knew of a choice that
# the browser had just put there. The browser ignores an address that it has.
st.query_params.update()
