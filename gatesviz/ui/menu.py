"""The pages: their titles, one sentence about each, and where each of them leads on.

The menu, the first page and the end of every page read this table.
"""

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import urlencode

import streamlit as st

from gatesviz.ui.folders import app_folder

START = "start"
"""The name of the first page."""
CLASS = "classroom"
"""The name of the page *Class*."""
PRIVATE = frozenset({CLASS, "teachers"})
"""Pages to which a class doesn't follow its teacher. *For teachers* shows right answers."""


@dataclass(frozen=True)
class WayOn:
    """A link at the end of a page.

    Attributes:
        sentence: what the next page answers, without the arrow.
        page: the name of that page.
        query: its settings.
    """

    sentence: str
    page: str
    query: Mapping[str, str] = field(default_factory=dict)

    @property
    def href(self) -> str:
        """The address, relative to any page."""
        return address(self.page, self.query)


@dataclass(frozen=True)
class Entry:
    """A page.

    Attributes:
        name: its file in ``pages/`` and its place in the address.
        title: in the menu and above the page.
        about: what you can do there, in one sentence.
        leads: the link at its end.
        listed: whether the menu names it. It doesn't name a page with answers for the teacher.
    """

    name: str
    title: str
    about: str
    leads: WayOn
    listed: bool = True


def address(page: str, query: Mapping[str, str]) -> str:
    """Return the address of a page with settings, relative to any page of the app."""
    place = "./" if page == START else page
    return f"{place}?{urlencode(query)}" if query else place


MENU = (
    Entry(
        START,
        "Start",
        "See in about a minute how a network remembers, then follow the lessons.",
        WayOn("Feed your own text to a trained LSTM", "feed"),
    ),
    Entry(
        "feed",
        "Feed a sequence",
        "Feed a sequence to a cell and watch every gate, step by step.",
        WayOn("How does a cell compute one step?", "inside"),
    ),
    Entry(
        "inside",
        "Inside the cell",
        "Change the inputs and weights of a small cell and follow its arithmetic.",
        WayOn("Here you set the weights. How does training find them?", "train"),
    ),
    Entry(
        "train",
        "Train live",
        "Train small models and see how their gates change.",
        WayOn(
            "Which gates does a trained model need?", "what_if", {"wiview": "one gate at all steps"}
        ),
    ),
    Entry(
        "what_if",
        "What if?",
        "Change a gate or a state of a trained model and measure what that does.",
        WayOn("Which unit of a model tracks the number of open brackets?", "find_unit"),
    ),
    Entry(
        "find_unit",
        "Find the unit",
        "Find which unit tracks a property of the input, switch that unit off and measure what"
        " breaks.",
        WayOn("How can a gradient reach a letter that was read 50 steps ago?", "gradients"),
    ),
    Entry(
        "gradients",
        "Vanishing gradients",
        "Measure how far back the gradient reaches in an RNN, a GRU and an LSTM.",
        WayOn(
            "Do the LSTM and the GRU differ in practice?", "compare", {"coview": "what people say"}
        ),
    ),
    Entry(
        "compare",
        "LSTM or GRU?",
        "Compare the LSTM and the GRU, and reproduce published results.",
        WayOn("Now look at the gates on your own data", "feed", {"src": "table"}),
    ),
    Entry(
        "glossary",
        "Glossary",
        "Look up a symbol or a term, and see it in a model.",
        WayOn("See these symbols in a model that reads a text", "feed"),
    ),
    Entry(
        "classroom",
        "Class",
        "Open a room for a class, and see all guesses, answers and runs on one board.",
        WayOn(
            "Guess together on the page “Feed a sequence”: which part of an LSTM varies most?",
            "feed",
        ),
    ),
    Entry(
        "teachers",
        "For teachers",
        "Plan a class: the lessons, typical mistakes, and how many people one machine can serve.",
        WayOn("Open a room for your class", "classroom"),
        listed=False,
    ),
)
"""All pages, in teaching order."""


def entry(name: str) -> Entry:
    """Return the page ``name``."""
    return next(one for one in MENU if one.name == name)


def menu_pages() -> dict[str, st.Page]:
    """Return name -> the page as Streamlit's navigation takes it. Call this in a run of a page."""
    return {name: copy(page) for name, page in _pages().items()}


@cache
def _pages() -> dict[str, st.Page]:
    """Return the pages, made once, because Streamlit looks for the file of each."""
    return {
        one.name: st.Page(
            app_folder() / "pages" / f"{one.name}.py",
            title=one.title,
            help=one.about,
            default=one.name == START,
            visibility="visible" if one.listed else "hidden",
        )
        for one in MENU
    }
