"""What the model of a file reads on this page: the widgets, and one long sequence behind them."""

import hashlib
from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from gatesviz.limits import STEPS
from gatesviz.sequences import SERIES, Sequence, series, series_length
from gatesviz.ui.feed.parameters import REAL_SERIES
from gatesviz.ui.feed.sources import typed_numbers
from gatesviz.ui.feed.tables import brought, chosen_columns
from gatesviz.ui.file_model import FileModel
from gatesviz.ui.find_unit.parameters import (
    ENGLISH,
    FORECASTS,
    OWN_TEXT,
    RANDOM,
    REAL,
    SOURCE,
    SOURCE_TEXT,
    TABLE,
    TYPED,
    WAVES,
)
from gatesviz.ui.widget_memory import remember, restore

Numbers = NDArray[np.float32]


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
    """

    source: str
    text: str = ""
    values: Numbers | None = None
    about: str = ""
    forecasts: bool = False
    problem: str = ""

    @property
    def key(self) -> str:
        """Differs for other content, for caches."""
        numbers = b"" if self.values is None else self.values.tobytes()
        # a name of a file or a column is on screen, so equal values aren't enough
        names = repr((self.text, self.about)).encode()
        content = hashlib.sha256(names + numbers)
        return f"{self.source} {self.forecasts} {self.problem} {content.hexdigest()}"


def sources(model: FileModel) -> tuple[str, ...]:
    """Return the sources that fit a model, the first choice first."""
    if model.spelled:
        return (ENGLISH, OWN_TEXT, RANDOM) if model.vocabulary is not None else (RANDOM,)
    return (WAVES, REAL, TYPED, TABLE, RANDOM) if model.size == 1 else (RANDOM, TABLE)


def choose_given(model: FileModel) -> Given:
    """Draw the menu of sources and its widgets; return what the model reads."""
    options = sources(model)
    if st.session_state.get(SOURCE.key) not in (None, *options):
        st.session_state[SOURCE.key] = options[0]  # of another model
    source = SOURCE.draw(options=options, index=0)
    try:
        given = _given(source, model)
    except ValueError as error:  # nothing yet, or unreadable
        return Given(source, problem=str(error))
    return given


def _given(source: str, model: FileModel) -> Given:
    if source == OWN_TEXT:
        restore(SOURCE_TEXT.key)
        text = SOURCE_TEXT.draw(value=model.example)
        remember(SOURCE_TEXT.key)
        return Given(source, text=text, about="your text")
    if source == REAL:
        title = REAL_SERIES.draw()
        return Given(source, values=whole_series(title), about=title, forecasts=_forecasts(model))
    if source in (TYPED, TABLE):
        found = typed_numbers() if source == TYPED else chosen_columns(brought(), model.size)
        for note in found.notes:
            st.text(note)
        about = found.title if source == TABLE else "your numbers"
        return Given(source, values=found.values, about=about, forecasts=_forecasts(model))
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
