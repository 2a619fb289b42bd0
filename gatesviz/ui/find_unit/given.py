"""What a model reads on this page: the widgets, and the texts or the numbers behind them."""

import functools
import hashlib
from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from gatesviz.limits import STEPS, TYPED_CHARACTERS
from gatesviz.sequences import SERIES, Sequence, series, series_length
from gatesviz.sequences.characters import shown
from gatesviz.sequences.encodings import decoded
from gatesviz.tasks.characters import CHARACTERS
from gatesviz.tasks.characters import text as english_text
from gatesviz.tasks.texts import held_out_from
from gatesviz.ui.feed.parameters import REAL_SERIES
from gatesviz.ui.feed.readers import fed_text
from gatesviz.ui.feed.sources import typed_numbers
from gatesviz.ui.feed.tables import has_table
from gatesviz.ui.file_model import FileModel
from gatesviz.ui.find_unit.given_table import GivenTable, choose_rows
from gatesviz.ui.find_unit.parameters import (
    ENGLISH,
    FORECASTS,
    LINES,
    OWN_TEXT,
    RANDOM,
    REAL,
    SOURCE,
    SOURCE_TEXT,
    TABLE,
    TASK,
    TYPED,
    WAVES,
)
from gatesviz.ui.notices import sentence
from gatesviz.ui.text_box import draw_text
from gatesviz.ui.uploads import content, outcome_of
from gatesviz.ui.user_data import MEGABYTES

Numbers = NDArray[np.float32]
BRACKETED = "the cat (a small one) sat on the mat (an old one) and saw the dog (a big one in a box)"
PAIRS = (("(", ")"), ("[", "]"), ("{", "}"))
_OF, _FIRST = "find-unit model of the source", "find-unit first source"
_FILE, _DROPPED = "find-unit text file in use", "find-unit text files dropped"


@dataclass(frozen=True, eq=False)
class Given:
    """What a model reads.

    Attributes:
        source: one of `gatesviz.ui.find_unit.parameters.SOURCES`.
        text: the reader's own text.
        values: (N, I), a long sequence of numbers; None for other sources.
        about: what it is, as the end of a sentence.
        forecasts: whether the model's answer is the next value.
        problem: why there is nothing to read, as a sentence; "" if there is.
        lines: whether each line of the text is a sequence.
        table: the rows of the reader's own table; None for other sources.
    """

    source: str
    text: str = ""
    values: Numbers | None = None
    about: str = ""
    forecasts: bool = False
    problem: str = ""
    lines: bool = False
    table: GivenTable | None = None

    @property
    def key(self) -> str:
        """Differs for other content, for caches."""
        numbers = b"" if self.values is None else self.values.tobytes()
        # a name of a file or a column is on screen, so equal values aren't enough
        table = "" if self.table is None else self.table.key
        names = repr((self.text, self.lines, self.about, table)).encode()
        content = hashlib.sha256(names + numbers)
        return f"{self.source} {self.forecasts} {self.problem} {content.hexdigest()}"


def first_text(model: FileModel) -> str:
    """Return a text to begin with: brackets open and close in it, where the vocabulary has them.

    It is long enough for the intervals of a score.
    """
    opened, closed = next(
        (pair for pair in PAIRS if set(pair) <= set(model.vocabulary or ())), (" ", " ")
    )
    text = BRACKETED.replace("(", opened).replace(")", closed)
    text = text if model.by_characters else f" {opened} ".join(text.split(opened))
    text = text if model.by_characters else f" {closed} ".join(text.split(closed))
    if model.knows(text, 1):
        return text
    plain = [entry for entry in model.vocabulary or () if entry.isalnum()][:7]
    if len(plain) < 2 or opened == " ":
        return model.example
    parts = [*plain, opened, *plain[:3], closed] * 10  # at least 60 entries
    return ("" if model.by_characters else " ").join(parts)


def sources(model: FileModel) -> tuple[str, ...]:
    """Return the sources that fit a model, the first choice first."""
    if model.spelled and model.vocabulary is None:
        return (RANDOM,)
    if model.spelled:
        known = model.knows(_english(), 0.6)
        first = (ENGLISH, OWN_TEXT) if known else (OWN_TEXT, ENGLISH)
        return (*first, TABLE, RANDOM)
    return (WAVES, REAL, TYPED, TABLE, RANDOM) if model.size == 1 else (RANDOM, TABLE)


@functools.cache
def _english() -> str:
    """Return a part of the English text that is read on this page."""
    letters = english_text()
    begin = held_out_from(len(letters))
    return "".join(CHARACTERS[k] for k in letters[begin : begin + 2_000].tolist())


def first_of(model: FileModel, options: tuple[str, ...]) -> str:
    """Return the source to begin with: the text or the table of this session, where there is one.

    That is what *Feed a sequence* reads, or what ``gatesviz open`` was given.
    """
    if OWN_TEXT in options and fed_text(model):
        return OWN_TEXT
    return TABLE if TABLE in options and not model.spelled and has_table() else options[0]


def choose_given(model: FileModel) -> Given:
    """Draw the menu of sources and its widgets; return what the model reads."""
    options = sources(model)
    first, held = first_of(model, options), st.session_state.get(SOURCE.key)
    new = st.session_state.get(_OF) != model.key
    usual = held in (None, ENGLISH, st.session_state.get(_FIRST))  # the page chose it
    if held not in (None, *options) or (new and usual and SOURCE.key not in st.query_params):
        st.session_state[SOURCE.key] = first  # of another model, or of one that is known better
    st.session_state.update({_OF: model.key, _FIRST: first})
    source = SOURCE.draw(options=options, index=0)
    try:
        given = _given(source, model)
    except ValueError as error:  # nothing yet, or unreadable
        return Given(source, problem=sentence(error))
    return given


def choose_text_of_task(example: str) -> Given | None:
    """Draw the menu of sources for a trained model; return your text, or None for its task's."""
    if st.session_state.get(SOURCE.key) not in (None, TASK, OWN_TEXT):  # of another model
        st.session_state[SOURCE.key] = TASK
    source = SOURCE.draw(options=(TASK, OWN_TEXT), index=0)
    if source == TASK:
        return None
    try:
        return own_text(example, by_lines=False)
    except ValueError as error:  # of the file
        return Given(source, problem=str(error))


def own_text(example: str, *, begin: str = "", by_lines: bool) -> Given:
    """Draw the text, the file with a text, and whether each line is a sequence.

    Args:
        example: the first text.
        begin: a text of the reader to begin with instead, or "".
        by_lines: whether the model reads each line as a sequence in any case.

    Raises:
        ValueError: if the file isn't a text.
    """
    typed = draw_text(SOURCE_TEXT, example, begin)
    key = f"find-unit text file {st.session_state.get(_DROPPED, 0)}"
    file = st.file_uploader("Or upload a text file", max_upload_size=MEGABYTES, key=key)
    if file is not None:
        st.session_state[_FILE] = (file.name, outcome_of(decoded, content(file))[0])
    name, text = st.session_state.get(_FILE, ("", typed))
    if name:
        _say_in_use(name, text)
        text = text[: TYPED_CHARACTERS.high]
    lines = by_lines or bool(LINES.draw())
    if not lines and "\n" in text.strip():
        st.text(
            "All lines are read as one sequence. To begin anew at each line, switch on"
            f" “{LINES.label}”."
        )
    return Given(OWN_TEXT, text=text, lines=lines, about="your text")


def _say_in_use(name: str, text: str) -> None:
    """Draw which file is read, and a button to read the typed text again."""
    most = TYPED_CHARACTERS.high
    cut = f" Its first {most:,} of {len(text):,} characters are read." if len(text) > most else ""
    st.text(f"Text in use: {shown(name, 60)}.{cut}")
    st.button("Read the typed text instead", key="find-unit typed", on_click=_forget_file)


def _forget_file() -> None:
    """Forget the file. Only a new widget is without it."""
    st.session_state.pop(_FILE, None)
    st.session_state[_DROPPED] = st.session_state.get(_DROPPED, 0) + 1


def _given(source: str, model: FileModel) -> Given:
    if source == OWN_TEXT:
        by_lines = model.once is not None
        return own_text(first_text(model), begin=fed_text(model), by_lines=by_lines)
    if source == TABLE:
        table = choose_rows(model)
        forecasts = not model.spelled and _forecasts(model)
        return Given(source, table=table, about=table.about, forecasts=forecasts)
    if source == REAL:
        title = REAL_SERIES.draw()
        return Given(source, values=whole_series(title), about=title, forecasts=_forecasts(model))
    if source == TYPED:
        found = typed_numbers()
        for note in found.notes:
            st.text(note)
        forecasts = _forecasts(model)
        return Given(source, values=found.values, about="your numbers", forecasts=forecasts)
    return Given(source, forecasts=source == WAVES and _forecasts(model))


def _forecasts(model: FileModel) -> bool:
    """Ask whether the answers are the next values, where there are as many as inputs."""
    readout, module = model.opened.readout, model.module
    fits = readout is not None and readout.out_features == model.size and not module.bidirectional
    return bool(fits and FORECASTS.draw())


@st.cache_data(max_entries=8, ttl=1800, show_spinner=False)
def whole_series(title: str) -> Numbers:
    """Return all values of a real series (N, 1), with mean 0 and standard deviation 1."""
    key = next(key for key, known in SERIES.items() if known.title == title)
    length = series_length(key)
    parts: list[Sequence] = []
    for start in range(0, length - STEPS.low + 1, STEPS.high):
        parts.append(series(key, start, min(STEPS.high, length - start)))
    values = np.concatenate([part.values for part in parts])
    scaled: Numbers = (values - values.mean()) / (values.std() or 1)
    return scaled
